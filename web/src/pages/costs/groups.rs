//! Costs by group, a page at a time.

use contract::costs::{CostGroupView, GROUPS, TEAM_TAG};
use leptos::prelude::*;

use super::state::{CostUrl, DEFAULT_BY};
use super::words::{by_words, group_words};
use crate::api::costs as api;
use crate::format::{money, thousands};
use crate::pages::usage::words::tag_groups;
use crate::pages::usage::{More, MoreRows, Part};

/// The list of groups.
#[component]
pub fn Groups(
    /// Where the reader is; for reading.
    key: Memo<Option<CostUrl>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// The keys of the tags by which costs are read.
    tag_keys: Memo<Vec<String>>,
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
    let tags = Memo::new(move |_| tag_keys.with(|keys| tags_beside_team(keys, url.with(|u| u.by.clone()))));
    let tags = move || {
        let option = |by: String| {
            let (value, words) = (by.clone(), by_words(&by));
            view! { <option value=value selected=move || url.with(|u| u.by() == by)>{words}</option> }
        };
        tags.get().into_iter().map(option).collect_view()
    };
    view! {
        <section class="card card-flush" aria-labelledby="groups-title">
            <header class="card-head">
                <h2 id="groups-title">{move || url.with(|u| format!("By {}", by_words(u.by()).to_lowercase()))}</h2>
                <select class="input select kind" aria-label="Tell apart by" data-testid="costs-by" on:change=choose>
                    {options}
                    {tags}
                </select>
            </header>
            <MoreRows list testid="groups-more" show/>
        </section>
    }
}

/// The ways to tell apart by tags. The team is a way of its own, and the same as by its tag.
fn tags_beside_team(keys: &[String], named: Option<String>) -> Vec<String> {
    tag_groups(keys.iter().map(String::as_str).filter(|key| *key != TEAM_TAG), named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_team_is_offered_once_unless_the_address_names_its_tag() {
        let keys = [TEAM_TAG.to_owned(), "Stage".to_owned()];
        assert_eq!(tags_beside_team(&keys, None), ["tag:Stage"]);
        assert_eq!(tags_beside_team(&keys, Some("tag:Team".to_owned())), ["tag:Stage", "tag:Team"]);
        assert!(GROUPS.contains(&"team"));
    }
}
