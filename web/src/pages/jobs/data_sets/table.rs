//! The table of data sets.

use chrono::{DateTime, Utc};
use contract::data_sets::DataSetView;
use domain::ids::{AccountId, Region};
use domain::sync::SyncKind;
use leptos::prelude::*;

use super::state::judge;
use crate::components::charts::coverage::CoverageBar;
use crate::components::ui::badge::{Badge, Glyph, Tone};
use crate::components::ui::freshness::is_late;
use crate::components::ui::table::SkeletonRows;
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::format::{counted, every, sentence};
use crate::pages::jobs::schedules::about;
use crate::state::clock::{day, right_now, use_now};
use crate::state::rows::{Rows, merge};

type Key = (AccountId, Region, SyncKind);

/// The table.
#[component]
pub fn DataSetTable(
    /// The data sets, in order.
    #[prop(into)]
    sets: Signal<Vec<DataSetView>>,
    /// Whether there is nothing to show yet.
    #[prop(into, optional)]
    blank: Signal<bool>,
    /// Whether the account is named.
    #[prop(default = true)]
    accounts: bool,
) -> impl IntoView {
    let rows: Rows<Key, DataSetView> = RwSignal::new(Vec::new());
    Effect::new(move |_| sets.with(|sets| merge(rows, sets, |set| (set.account_id, set.region.clone(), set.kind))));
    let class = if accounts { "table table-cards data-sets" } else { "table table-plain table-cards data-sets" };
    view! {
        <table class=class aria-busy=move || blank.get().then_some("true")>
            <caption class="visually-hidden">"Data sets"</caption>
            <thead>
                <tr>
                    <th scope="col">"Data"</th>
                    <th scope="col">{if accounts { "Account and region" } else { "Region" }}</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"As of"</th>
                    <th scope="col" class="cell-coverage">"Covers"</th>
                    <th scope="col">"Next"</th>
                </tr>
            </thead>
            <tbody>
                <Show when=move || blank.get()><SkeletonRows columns=6/></Show>
                <For each=move || rows.get() key=|(key, _)| key.clone() children=move |(_, set)| {
                    view! { <SetRow set accounts/> }
                }/>
            </tbody>
        </table>
    }
}

#[component]
fn SetRow(set: ArcRwSignal<DataSetView>, accounts: bool) -> impl IntoView {
    let set = RwSignal::from(set);
    let now = use_now();
    let late = Memo::new(move |_| set.with(|set| is_late(set, now.ms())));
    view! {
        <tr class="row" data-testid="data-set-row" data-kind=move || set.with(|s| s.kind.as_str())>
            {move || set.with(|set| {
                let (brings, source) = about(set.kind.as_str());
                let (tone, glyph, words) = judge(set, late.get()).look();
                view! {
                    <td class="cell-main">
                        <a class="cell-link" href=format!("/jobs?kind={}", set.kind)>{brings}</a>
                        <span class="cell-sub">{source}</span>
                    </td>
                    <td data-label="Place">{place(set, accounts)}</td>
                    <td data-label="Status">
                        <span data-testid="data-set-status" data-status=set.status.clone()><Badge tone glyph text=words/></span>
                        {trouble(set)}
                    </td>
                    <td data-label="As of"><MaybeTime at=set.fresh_at/><span class="cell-sub">{every(set.period_secs)}</span></td>
                    <td data-label="Covers" class="cell-coverage">{covers(set)}</td>
                    <td data-label="Next">{next(set)}</td>
                }
            })}
        </tr>
    }
}

fn place(set: &DataSetView, accounts: bool) -> AnyView {
    let region = if set.kind == SyncKind::Billing { "whole account".to_owned() } else { set.region.to_string() };
    if accounts {
        let account = set.account.clone();
        view! { <span>{account}</span><span class="cell-sub">{region}</span> }.into_any()
    } else {
        region.into_any()
    }
}

fn trouble(set: &DataSetView) -> Option<AnyView> {
    let grant = set.missing_permission.clone().map(|grant| {
        view! { <span class="cell-sub">"Grant "<code class="permission" data-testid="missing-permission">{grant}</code></span> }
    });
    let error = set.error.clone().map(|error| view! { <span class="cell-sub cell-clip">{sentence(&error)}</span> });
    (grant.is_some() || error.is_some()).then(|| view! { {error}{grant} }.into_any())
}

fn covers(set: &DataSetView) -> AnyView {
    let (Some(from), Some(to)) = (set.covered_from, set.covered_to) else {
        return view! { <span class="muted">{if set.fresh_at.is_some() { "the present" } else { "–" }}</span> }
            .into_any();
    };
    let now = right_now();
    let words = span_words(from, to, set.gaps.len() as u64);
    let gaps: Vec<_> = set.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
    let list = set
        .gaps
        .iter()
        .map(|gap| view! { <li>{format!("{} – {}: {}", day(gap.from), day(gap.to), gap.reason)}</li> })
        .collect_view();
    let any = !set.gaps.is_empty();
    view! {
        <CoverageBar from to gaps now label=words.clone()/>
        <span class="cell-sub">{words}</span>
        {any.then(|| view! {
            <details class="gaps"><summary>"Which gaps"</summary><ul class="problem-list">{list}</ul></details>
        })}
    }
    .into_any()
}

fn span_words(from: DateTime<Utc>, to: DateTime<Utc>, gaps: u64) -> String {
    let span = format!("{} – {}", day(from), day(to));
    if gaps == 0 { span } else { format!("{span}, {}", counted(gaps, "gap", "gaps")) }
}

fn next(set: &DataSetView) -> AnyView {
    match (set.paused, set.next_due_at) {
        (true, _) => view! { <Badge tone=Tone::Warning glyph=Glyph::Bars text="Paused"/> }.into_any(),
        (false, Some(at)) => view! { <RelativeTime at/> }.into_any(),
        (false, None) => view! { <span class="muted">"when asked"</span> }.into_any(),
    }
}
