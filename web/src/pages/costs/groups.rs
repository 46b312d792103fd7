//! Costs by group, a page at a time: what was billed, or what the month's estimate tells apart (`estimates`). A group leads to the page
//! of its costs alone, or to its WorkSpaces.

use chrono::NaiveDate;
use contract::costs::{CostGroupView, ESTIMATE_GROUPS, GROUPS, TAG_GROUP, TEAM_TAG};
use contract::paths;
use domain::access::Permission;
use domain::usage::Month;
use leptos::prelude::*;

use super::estimates::{Estimates, estimate_words, href as of_workspaces};
use super::state::{CostUrl, ESTIMATE};
use super::words::{by_words, group_words};
use crate::api::{costs as api, exports};
use crate::components::ui::export_menu::ExportMenu;
use crate::format::{money, sentence, thousands};
use crate::pages::usage::words::tag_groups;
use crate::pages::usage::{More, MoreRows, Part, Period};
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
    /// The accounts: id and name.
    accounts: Memo<Vec<(String, String)>>,
    /// Today (UTC).
    today: NaiveDate,
    /// Goes there.
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let billed = Memo::new(move |_| {
        here.get().filter(|u| u.estimate.is_none()).map(|u| CostUrl {
            month: None,
            reckoned: None,
            compared: None,
            ..u
        })
    });
    let estimated = Memo::new(move |_| {
        let of = here.get().filter(|u| u.estimate.is_some())?;
        Some((CostUrl { estimate: of.estimate.clone(), ..of.place() }, month.get()))
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
        let here = url.get();
        let by = here.by().to_owned();
        let head = by_words(&by);
        let accounts = accounts.get();
        let whole = (!here.narrows())
            .then(|| view! { <p class="card-lead">"Tags are of whole accounts: the region that is chosen does not narrow them."</p> });
        let rows = rows
            .into_iter()
            .map(|row| {
                let open = row.estimated.then(|| view! { <span class="cell-sub">"may still change"</span> });
                let name = group_words(&by, &row.key);
                let name = match href(&here, &row.key, &accounts, today) {
                    Some(href) => view! { <a href=href>{name}</a> }.into_any(),
                    None => name.into_any(),
                };
                view! {
                    <tr>
                        <td class="cell-main">{name}</td>
                        <td data-label="Cost" class="cell-number">{money(&row.amount)}{open}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            {whole}
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
        view! { <option value=value prop:selected=move || url.with(|u| u.choice() == choice)>{words}</option> }
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

/// Where a group that was billed leads: to the page of its costs alone, which add up to it, or to its WorkSpaces; `None` for what neither
/// can be narrowed to. `accounts` are id and name.
fn href(url: &CostUrl, key: &str, accounts: &[(String, String)], today: NaiveDate) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    let plain = CostUrl { by: None, ..url.clone() };
    let alone = match url.by() {
        "account" => {
            let mut named = accounts.iter().filter(|(_, name)| name == key);
            let id = named.next()?.0.parse().ok()?;
            // Two of one name are one group.
            named.next().is_none().then_some(CostUrl { account: Some(id), reckoned: None, compared: None, ..plain })?
        }
        "region" => CostUrl { region: Some(key.parse().ok()?), ..plain },
        "month" => {
            let (month, days): (Month, Period) =
                (key.parse().ok()?, url.period.unwrap_or_else(|| Period::usual(today)));
            let (from, to) = (days.from.max(month.first_day()), days.to.min(month.next().first_day()));
            CostUrl { period: Some(Period { from, to }).filter(|days| days.from < days.to), ..plain }
        }
        by @ ("running_mode" | "compute_type") => return Some(of_workspaces(by, key, url)),
        by => {
            let tag = if by == "team" { TEAM_TAG } else { by.strip_prefix(TAG_GROUP)? };
            return Some(of_workspaces("tag", &format!("{tag}={key}"), &CostUrl { region: None, ..url.clone() }));
        }
    };
    Some(alone.path())
}

/// The ways to tell apart by tags. The team is a way of its own, and the same as by its tag.
fn tags_beside_team(keys: &[String], named: Option<String>) -> Vec<String> {
    tag_groups(keys.iter().map(String::as_str).filter(|key| *key != TEAM_TAG), named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_leads_to_what_it_is_made_of() {
        let id = "00000000-0000-0000-0000-000000000007";
        let accounts = [(id.to_owned(), "Main".to_owned())];
        let href =
            |search: &str, key: &str| href(&CostUrl::parse(search).0, key, &accounts, "2026-11-21".parse().unwrap());
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(href("?by=region", "eu-west-1"), some("/costs?region=eu-west-1"));
        assert_eq!(href("?by=region", "NoRegion"), None);
        assert_eq!(href("?by=account&month=2026-09", "Main"), some(&format!("/costs?account={id}&month=2026-09")));
        assert_eq!(href(&format!("?by=account&compared={id}"), "Main"), some(&format!("/costs?account={id}")));
        assert_eq!(href("?by=account", "Other"), None);
        // A month is of the days that are looked at.
        assert_eq!(href("?by=month", "2026-10"), some("/costs?from=2026-10-23&to=2026-11-01"));
        assert_eq!(
            href("?by=month&from=2026-09-01&to=2026-12-01", "2026-10"),
            some("/costs?from=2026-10-01&to=2026-11-01")
        );
        assert_eq!(
            href("?by=running_mode&region=eu-west-1", "AUTO_STOP"),
            some("/workspaces?running_mode=AUTO_STOP&region=eu-west-1")
        );
        assert_eq!(href("?by=team&region=eu-west-1", "R&D"), some("/workspaces?tag=Team%3DR%26D"));
        assert_eq!(href("?by=tag%3AStage", "live"), some("/workspaces?tag=Stage%3Dlive"));
        assert_eq!((href("", "AW-HW-2"), href("?by=team", "")), (None, None));
    }

    #[test]
    fn the_team_is_offered_once_unless_the_address_names_its_tag() {
        let keys = [TEAM_TAG.to_owned(), "Stage".to_owned()];
        assert_eq!(tags_beside_team(&keys, None), ["tag:Stage"]);
        assert_eq!(tags_beside_team(&keys, Some("tag:Team".to_owned())), ["tag:Stage", "tag:Team"]);
        assert!(GROUPS.contains(&"team"));
    }
}
