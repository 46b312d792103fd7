//! Usage in numbers: what there was, each beside earlier days, and how far that is known.

use contract::usage::UsageSummaryView;
use leptos::prelude::*;

use super::compared::{change, compared_words};
use super::words::{float, hours, hours_words, missing};
use crate::components::ui::number::Number;
use crate::components::ui::{Icon, IconView};
use crate::format::thousands;
use crate::state::clock::right_now;

/// The numbers.
#[component]
pub fn Numbers(
    /// What there was.
    summary: UsageSummaryView,
    /// Whether the reader asked for the days that it is compared with.
    compared: bool,
) -> impl IntoView {
    let UsageSummaryView { period, totals, people, unused, previous } = summary;
    let before = &previous.totals;
    let beside = compared_words(&period, previous.from);
    let compare = |now: f64, then: f64| change(now, then, previous.known, beside);
    let known = period.known.workspaces;
    let share = (known > 0).then(|| format!("of {} there now", thousands(known)));
    let words = missing(&period, compared.then_some(previous.from), right_now()).join(" ");
    view! {
        <section class="card numbers" aria-label="Usage in numbers">
            <Number
                testid="usage-hours" value=hours_words(totals.connected_minutes) label="connected"
                note=compare(hours(totals.connected_minutes), hours(before.connected_minutes))
            />
            <Number testid="usage-people" value=thousands(people) label="people" note=compare(float(people), float(previous.people))/>
            <Number
                testid="usage-workspaces" value=thousands(totals.workspaces) label="WorkSpaces used"
                note=compare(float(totals.workspaces), float(before.workspaces)).or(share)
            />
            <Number
                testid="usage-sessions" value=thousands(totals.sessions) label="sessions"
                note=compare(float(totals.sessions), float(before.sessions))
            />
            <a class="number number-link" href="#unused" rel="external">
                <span class="number-value" data-testid="usage-unused">{thousands(unused)}</span>
                <span class="number-label">"not used at all"</span>
                <span class="number-note">"as far as is known"</span>
            </a>
        </section>
        {(!words.is_empty()).then(|| view! {
            <div class="notice notice-info usage-known" data-testid="usage-known">
                <IconView icon=Icon::Info/>
                <p>{words}</p>
                <a href="/jobs/data-sets">"Data sets"</a>
            </div>
        })}
    }
}
