//! Costs by group, a page at a time.

use contract::costs::{CostGroupView, GROUPS, TAG_GROUP};
use leptos::prelude::*;

use super::state::{CostUrl, DEFAULT_BY};
use super::words::{by_words, group_words};
use crate::api::costs as api;
use crate::format::{money, thousands};
use crate::pages::usage::{More, MoreRows, Part};

/// The list of groups.
#[component]
pub fn Groups(
    /// Where the reader is; for reading.
    key: Memo<Option<CostUrl>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// Goes there.
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let list: More<CostGroupView> = More::keyed(key, |url: CostUrl, cursor| async move {
        let page = api::groups(&url.groups(cursor)).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    let show = Callback::new(move |(rows, total): (Vec<CostGroupView>, u64)| {
        if rows.is_empty() {
            return view! { <p class="card-none">"Nothing was billed, or nothing is known by that."</p> }.into_any();
        }
        let by = url.with(|u| u.by().to_owned());
        let head = by_words(&by);
        let rows = rows
            .into_iter()
            .map(|row| {
                let open = row.estimated.then(|| view! { <span class="cell-sub">"may still change"</span> });
                view! {
                    <tr>
                        <td class="cell-main">{group_words(&by, &row.key)}</td>
                        <td data-label="Cost" class="cell-number">{money(&row.amount)}{open}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <table class="table table-plain table-cards" data-testid="costs-groups">
                <caption class="visually-hidden">{format!("Costs by group, {} in all", thousands(total))}</caption>
                <thead><tr><th scope="col">{head}</th><th scope="col" class="cell-number">"Cost"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    let choose = move |event| {
        let by = event_target_value(&event);
        on_change.run(CostUrl { by: Some(by).filter(|by| by != DEFAULT_BY), ..url.get_untracked() });
    };
    let options = GROUPS
        .iter()
        .map(|&by| view! { <option value=by selected=move || url.with(|u| u.by() == by)>{by_words(by)}</option> })
        .collect_view();
    let tag = move || {
        let by = url.with(|u| u.by().to_owned());
        by.starts_with(TAG_GROUP).then(|| {
            let words = by_words(&by);
            view! { <option value=by selected=true>{words}</option> }
        })
    };
    view! {
        <section class="card card-flush" aria-labelledby="groups-title">
            <header class="card-head">
                <h2 id="groups-title">{move || url.with(|u| format!("By {}", by_words(u.by()).to_lowercase()))}</h2>
                <select class="input select kind" aria-label="Tell apart by" data-testid="costs-by" on:change=choose>
                    {options}
                    {tag}
                </select>
            </header>
            <MoreRows list testid="groups-more" show/>
        </section>
    }
}
