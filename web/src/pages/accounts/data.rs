//! What is read from an account: each data set with its status and the permission it lacks. Folded while all is well.

use contract::data_sets::DataSetView;
use domain::ids::AccountId;
use leptos::prelude::*;

use crate::components::ui::badge::{Badge, Glyph, Tone};
use crate::components::ui::{Icon, IconView};
use crate::format::counted;
use crate::pages::jobs::data_sets::{DataSetTable, Verdict, verdict};
use crate::state::clock::use_now;

/// How an account's data sets stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sum {
    fresh: u64,
    wanting: u64,
    never: u64,
    denied: u64,
}

fn sum(sets: &[DataSetView], now_ms: i64) -> Sum {
    let mut sum = Sum::default();
    for set in sets {
        let verdict = verdict(set, now_ms);
        sum.fresh += u64::from(verdict == Verdict::Fresh);
        sum.wanting += u64::from(verdict.wants_a_look());
        sum.never += u64::from(verdict == Verdict::Never);
        sum.denied += u64::from(set.missing_permission.is_some());
    }
    sum
}

/// The data sets of an account.
#[component]
pub fn AccountData(
    /// The account.
    id: AccountId,
    /// The data sets of all accounts.
    #[prop(into)]
    sets: Signal<Vec<DataSetView>>,
) -> impl IntoView {
    let now = use_now();
    let mine = Signal::derive(move || {
        sets.with(|sets| sets.iter().filter(|set| set.account_id == id).cloned().collect::<Vec<_>>())
    });
    let sum = move || mine.with(|mine| sum(mine, now.ms()));
    // It unfolds when something begins to want a look; what the reader folds or unfolds stays.
    let wanting = Memo::new(move |_| sum().wanting > 0);
    let some = Memo::new(move |_| mine.with(|mine| !mine.is_empty()));
    view! {
        <Show when=move || some.get()>
            <details class="card card-flush account-data" data-testid="account-data" open=move || wanting.get()>
                <summary class="card-head">
                    <span class="account-data-title">"What is read"</span>
                    <span class="badges">{move || badges(&sum())}</span>
                    <IconView icon=Icon::Down/>
                </summary>
                <DataSetTable sets=mine accounts=false/>
                <p class="card-foot"><a href=format!("/jobs/data-sets?account={id}")>"On a page of its own"</a></p>
            </details>
        </Show>
    }
}

fn badges(sum: &Sum) -> impl IntoView + use<> {
    let parts = [
        (
            sum.denied,
            Tone::Danger,
            Glyph::Cross,
            counted(sum.denied, "permission is missing", "permissions are missing"),
        ),
        (sum.wanting, Tone::Warning, Glyph::Triangle, counted(sum.wanting, "wants a look", "want a look")),
        (sum.never, Tone::Neutral, Glyph::Ring, format!("{} not read yet", sum.never)),
        (sum.fresh, Tone::Success, Glyph::Tick, format!("{} up to date", sum.fresh)),
    ];
    parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(_, tone, glyph, text)| view! { <Badge tone glyph text/> })
        .collect_view()
}
