//! Our estimate of a month against AWS's bill, and why they differ.

use contract::costs::{CurrencyReconciliationView, DifferenceView, ReconciliationQuery, ReconciliationView};
use contract::paths;
use domain::ids::AccountId;
use domain::usage::Month;
use leptos::prelude::*;

use super::words::reason_words;
use crate::api::{costs as api, exports};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::Followed;
use crate::format::{counted, money};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;

/// The comparison of one account's month.
#[component]
pub fn Comparison(
    /// The account and the month; `None` while there is no account.
    key: Memo<Option<(AccountId, Month)>>,
) -> impl IntoView {
    let loader: Loader<ReconciliationView> = Loader::keyed(key, |(account, month)| async move {
        api::reconciliation(&ReconciliationQuery { account, month: Some(month) }).await
    });
    read_again_on(&["cost", "usage"], move || loader.refresh());
    let show = Callback::new(|view: ReconciliationView| {
        let Some(through) = view.through else {
            return view! {
                <p class="card-none">
                    {format!("No day of {} is settled yet for {}: there is nothing to compare.", view.month, view.account)}
                </p>
            }
            .into_any();
        };
        let lead = format!("{}, days up to {through} (UTC). {}", view.account, counts(&view).join(" "));
        let sums = view.currencies.into_iter().map(|of| view! { <Currency of/> }).collect_view();
        view! { <p class="card-lead">{lead}</p>{sums} }.into_any()
    });
    view! {
        <section class="card card-flush" aria-labelledby="comparison-title" data-testid="reconciliation">
            <header class="card-head">
                <h2 id="comparison-title">"Estimate and bill"</h2>
                {move || key.get().map(|(account, month)| {
                    let query = ReconciliationQuery { account, month: Some(month) };
                    let href = Signal::stored(exports::href(paths::EXPORT_RECONCILIATION, &query));
                    view! { <ExportMenu label="Export comparison" href/> }
                })}
            </header>
            <Followed loader lines=5 show/>
        </section>
    }
}

/// How the WorkSpaces were reckoned, in sentences.
fn counts(view: &ReconciliationView) -> Vec<String> {
    let some = |number: u64, words: &str| {
        (number > 0).then(|| format!("{} {words}.", counted(number, "WorkSpace", "WorkSpaces")))
    };
    [
        some(view.reckoned, "reckoned at list prices"),
        some(view.no_price, "without a list price"),
        some(view.other_mode, "not billed by list prices"),
        some(view.hours_unknown, "whose hours are not all known"),
        some(view.uncertain, "that came, went or changed at a time that is not known exactly"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[component]
fn Currency(of: CurrencyReconciliationView) -> impl IntoView {
    let parts = of.parts.into_iter().map(|part| view! { <Reason part/> }).collect_view();
    view! {
        <table class="table table-plain" data-testid="reconciliation-sums">
            <caption class="visually-hidden">"Estimate, bill and why they differ"</caption>
            <thead><tr><th scope="col">"What"</th><th scope="col" class="cell-number">"Amount"</th></tr></thead>
            <tbody>
                <tr><th scope="row">"Billed by AWS"</th><td class="cell-number">{money(&of.billed)}</td></tr>
                <tr><th scope="row">"Our estimate"</th><td class="cell-number">{money(&of.estimated)}</td></tr>
                {parts}
                <tr class="row-total">
                    <th scope="row">"Difference"</th><td class="cell-number">{money(&of.difference)}</td>
                </tr>
            </tbody>
        </table>
    }
}

#[component]
fn Reason(part: DifferenceView) -> impl IntoView {
    let (name, about) = reason_words(&part.reason);
    let lines = part
        .lines
        .into_iter()
        .map(|line| {
            let what = [line.usage_type, line.region].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
            view! { <li><span>{what.join(" · ")}</span><span class="cell-number">{money(&line.amount)}</span></li> }
        })
        .collect_view();
    view! {
        <tr data-testid=format!("reason-{}", part.reason)>
            <td>
                <details class="reason">
                    <summary>{name}</summary>
                    <p class="muted">{about}</p>
                    <ul class="reason-lines">{lines}</ul>
                </details>
            </td>
            <td class="cell-number">{money(&part.amount)}</td>
        </tr>
    }
}
