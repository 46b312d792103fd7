//! Costs by group, a page at a time: what was billed, or what the month's estimate tells apart (`estimates`).

use contract::costs::{CostGroupView, ESTIMATE_GROUPS, GROUPS, TEAM_TAG};
use contract::paths;
use domain::access::Permission;
use domain::usage::Month;
use leptos::prelude::*;

use super::estimates::{Estimates, estimate_words};
use super::state::{CostUrl, ESTIMATE};
use super::words::{by_words, group_words};
use crate::api::{costs as api, exports};
use crate::components::ui::export_menu::ExportMenu;
use crate::format::{money, sentence, thousands};
use crate::pages::usage::words::tag_groups;
use crate::pages::usage::{More, MoreRows, Part};
use crate::state::follow::read_again_on;
use crate::state::session::use_session;

/// The list of groups.
#[component]
pub fn Groups(
    /// Where the reader is; for reading.
    here: Memo<Option<CostUrl>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// The month of the estimates.
    month: Memo<Month>,
    /// The keys of the tags by which costs are read.
    tag_keys: Memo<Vec<String>>,
    /// Goes there.
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let billed = Memo::new(move |_| here.get().filter(|u| u.estimate.is_none()).map(|u| CostUrl { month: None, ..u }));
    let estimated = Memo::new(move |_| {
        let of = here.get().filter(|u| u.estimate.is_some())?;
        Some((CostUrl { account: of.account, estimate: of.estimate, ..CostUrl::default() }, month.get()))
    });
    let list: More<CostGroupView> = More::keyed(billed, |url: CostUrl, cursor| async move {
        let page = api::groups(&url.groups(cursor)).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["cost"], move || list.refresh());
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
    let title = move || {
        url.with(|u| match &u.estimate {
            Some(by) => format!("By {}, estimate of {}", estimate_words(by), month.get()),
            None => format!("By {}", by_words(u.by()).to_lowercase()),
        })
    };
    let href = Signal::derive(move || {
        url.with(|u| match &u.estimate {
            Some(_) => exports::href(paths::EXPORT_COST_ESTIMATES, &u.estimates(month.get(), None)),
            None => exports::href(paths::EXPORT_COST_GROUPS, &u.groups(None)),
        })
    });
    view! {
        <section class="card card-flush" aria-labelledby="groups-title">
            <header class="card-head">
                <h2 id="groups-title">{title}</h2>
                <GroupBy url tag_keys on_change/>
                <ExportMenu label="Export groups" href/>
            </header>
            <Show
                when=move || url.with(|u| u.estimate.is_none())
                fallback=move || view! { <Estimates key=estimated url month/> }
            >
                <MoreRows list testid="groups-more" show/>
            </Show>
        </section>
    }
}

#[component]
fn GroupBy(url: Memo<CostUrl>, tag_keys: Memo<Vec<String>>, on_change: Callback<CostUrl>) -> impl IntoView {
    let session = use_session();
    let (usage, people) = untrack(|| (session.may(Permission::UsageRead), session.may(Permission::UserRead)));
    let choose = move |event| on_change.run(url.get_untracked().choosing(&event_target_value(&event)));
    let option = move |choice: String, words: String| {
        let value = choice.clone();
        view! { <option value=value selected=move || url.with(|u| u.choice() == choice)>{words}</option> }
    };
    let billed = GROUPS.iter().map(|by| option((*by).to_owned(), by_words(by))).collect_view();
    let tags = Memo::new(move |_| tag_keys.with(|keys| tags_beside_team(keys, url.with(|u| u.by.clone()))));
    let tags = move || tags.get().into_iter().map(|by| option(by.clone(), by_words(&by))).collect_view();
    let estimates = usage.then(|| {
        let offered = ESTIMATE_GROUPS.iter().filter(|by| people || **by != "team");
        let options = offered.map(|by| option(format!("{ESTIMATE}{by}"), sentence(&estimate_words(by)))).collect_view();
        view! { <optgroup label="Estimate of the month">{options}</optgroup> }
    });
    view! {
        <select class="input select kind" aria-label="Tell apart by" data-testid="costs-by" on:change=choose>
            <optgroup label="Billed by AWS">{billed}{tags}</optgroup>
            {estimates}
        </select>
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
