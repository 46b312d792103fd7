//! A list of what happened, newest first. What is written down elsewhere in full leads there: a call of AWS to its event, what was asked
//! for here to its entry in the audit log. The API tells both only to those who may read them.

use contract::timeline::TimelineItemView;
use domain::timeline::TimelineKind;
use leptos::prelude::*;

use super::words::{item_words, outcome_look};
use crate::components::ui::StateBadge;
use crate::components::ui::badge::Badge;
use crate::components::ui::time::RelativeTime;
use crate::format::{aws_words, sentence};
use crate::state::clock::full;

/// The list.
#[component]
pub fn Events(items: Vec<TimelineItemView>) -> impl IntoView {
    let rows = items.into_iter().map(event).collect_view();
    view! { <ol class="timeline events">{rows}</ol> }
}

fn event(item: TimelineItemView) -> AnyView {
    let said = match (item.kind, &item.after) {
        (TimelineKind::State, Some(after)) => {
            let before = item.before.as_deref().map(|before| format!("was {}", aws_words(before)));
            let words = before.unwrap_or_else(|| "first seen".to_owned());
            let state = after.as_str().into();
            view! { <StateBadge state/><span class="muted">{words}</span> }.into_any()
        }
        _ => {
            let (title, more) = item_words(&item);
            let title = if item.kind == TimelineKind::Aws {
                view! { <code>{title}</code> }.into_any()
            } else {
                view! { <b>{title}</b> }.into_any()
            };
            let name = match record(&item) {
                Some(href) => {
                    view! { <a class="event-name" href=href data-testid="event-record">{title}</a> }.into_any()
                }
                None => view! { <span class="event-name">{title}</span> }.into_any(),
            };
            view! { {name}<span class="muted event-more">{more}</span> }.into_any()
        }
    };
    let outcome = item.outcome.map(|outcome| {
        let (tone, glyph, words) = outcome_look(outcome);
        view! { <Badge tone glyph text=words/> }
    });
    let job = item.job_id.map(|id| view! { <a href=format!("/jobs/{id}")>"Job"</a> });
    let reason = item.reason.map(|reason| view! { <span class="event-reason">{sentence(&reason)}</span> });
    view! {
        <li class="timeline-item" data-testid="event" data-kind=item.kind.as_str() data-id=item.id>
            {said}{outcome}{job}
            <span class="timeline-time"><RelativeTime at=item.at/><span class="timeline-full">{full(item.at)}</span></span>
            {reason}
        </li>
    }
    .into_any()
}

/// Where it is written down in full.
fn record(item: &TimelineItemView) -> Option<String> {
    let event = item.trail_event_id.map(|id| format!("/audit?event={id}"));
    event.or_else(|| item.audit_seq.map(|seq| format!("/audit/log?entry={seq}")))
}
