//! What matters first.

use contract::workspaces::{StateChangeView, WorkspaceDetailView};
use domain::workspace::ConnectionState;
use leptos::prelude::*;

use super::parts::{Fact, Facts, named, or_dash};
use crate::components::ui::badge::{Badge, connection_look};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Icon, IconView, StateBadge};
use crate::format::{aws_words, counted};

/// What matters first.
#[component]
pub fn OverviewTab(detail: WorkspaceDetailView) -> impl IntoView {
    let w = detail.workspace;
    let connection = w.connection.unwrap_or(ConnectionState::Unknown);
    let (tone, glyph) = connection_look(&connection);
    let trouble = detail.error_message.or(detail.error_code.clone()).map(|words| {
        view! {
            <div class="notice notice-danger">
                <IconView icon=Icon::Alert/>
                <p><b>"AWS reports: "</b>{words} {detail.error_code.map(|code| view! { " " <code>{code}</code> })}</p>
            </div>
        }
    });
    let mode = w.running_mode.as_ref().map_or_else(|| "–".to_owned(), |m| aws_words(m.as_str()));
    let timeout =
        detail.auto_stop_timeout_minutes.map(|minutes| format!(", stops after {} idle", minutes_words(minutes)));
    let recent: Vec<_> = detail.history.into_iter().take(4).collect();
    view! {
        {trouble}
        <div class="grid">
            <Facts title="Now">
                <Fact label="State"><StateBadge state=w.state/></Fact>
                <Fact label="Since"><RelativeTime at=w.state_since/></Fact>
                <Fact label="Connection"><Badge tone glyph text=aws_words(connection.as_str())/></Fact>
                <Fact label="Last connected"><MaybeTime at=w.last_connected_at/></Fact>
                <Fact label="Running mode">{mode}{timeout}</Fact>
            </Facts>
            <Facts title="Where">
                <Fact label="Account">{w.account_name}</Fact>
                <Fact label="Region">{w.region.to_string()}</Fact>
                <Fact label="Directory">{named(w.directory_name, w.directory_id)}</Fact>
                <Fact label="Computer">{or_dash(w.computer_name)}</Fact>
                <Fact label="Address">{or_dash(w.ip_address)}</Fact>
            </Facts>
            <section class="card">
                <h2 class="card-title">"Recently"</h2>
                {if recent.is_empty() {
                    view! { <p class="muted">"No change of state was seen yet."</p> }.into_any()
                } else {
                    view! { <States changes=recent/> }.into_any()
                }}
            </section>
        </div>
    }
}

fn minutes_words(minutes: i32) -> String {
    let minutes = u64::try_from(minutes).unwrap_or(0);
    if minutes > 0 && minutes.is_multiple_of(60) {
        counted(minutes / 60, "hour", "hours")
    } else {
        counted(minutes, "minute", "minutes")
    }
}

/// The newest states.
#[component]
fn States(changes: Vec<StateChangeView>) -> impl IntoView {
    let items = changes
        .into_iter()
        .map(|change| {
            view! {
                <li class="timeline-item">
                    <StateBadge state=change.after/>
                    {change.before.map(|before| view! { <span class="muted">"was " {aws_words(before.as_str())}</span> })}
                    <span class="timeline-time"><RelativeTime at=change.at/></span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{items}</ol> }
}
