//! What the fleet costs in a month by our own reckoning, told apart by what no bill tells apart, and beside it what it was in the month
//! before. Each group leads to its WorkSpaces.

use chrono::NaiveDate;
use contract::costs::{EstimateBeforeView, EstimateGroupView, MoneyView};
use domain::usage::Month;
use leptos::prelude::*;

use super::state::CostUrl;
use crate::api::costs as api;
use crate::components::charts::scale::day_words;
use crate::format::{aws_words, compared, money, sentence, thousands};
use crate::pages::usage::{More, MoreRows, Part};
use crate::state::follow::read_again_on;

/// A way to tell estimates apart, in words within a sentence. A team that is billed is a tag's value, this one is ours.
pub fn estimate_words(by: &str) -> String {
    match by {
        "team" => "team in Wheelhouse".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The list of groups.
#[component]
pub fn Estimates(
    /// Which account, told apart by what, and the month; for reading.
    key: Memo<Option<(CostUrl, Month)>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// The month.
    month: Memo<Month>,
) -> impl IntoView {
    let list: More<EstimateGroupView> = More::keyed(key, |(url, month): (CostUrl, Month), cursor| async move {
        let page = api::estimates(&url.estimates(month, cursor)).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["cost", "usage"], move || list.refresh());
    let show = Callback::new(move |(rows, total): (Vec<EstimateGroupView>, u64)| {
        let (place, by) = url.with(|u| (u.place(), u.estimate.clone().unwrap_or_default()));
        if rows.is_empty() {
            let none = format!("No WorkSpaces were there in {}, in accounts whose costs you may see.", month.get());
            return view! { <p class="card-none">{none}</p> }.into_any();
        }
        let head = sentence(&estimate_words(&by));
        // Of the month that is shown: while another is read, that is the one of before.
        let shown = through(&rows).map_or_else(|| month.get(), |day| Month::of_day(day).next());
        let lead = format!("{}{}", lead(shown, &by), before_words(&rows));
        let rows = rows.into_iter().map(|row| view! { <Row by=by.clone() row place=place.clone()/> }).collect_view();
        view! {
            <p class="card-lead">{lead}</p>
            <table class="table table-plain table-cards" data-testid="cost-estimates">
                <caption class="visually-hidden">{format!("Estimates by group, {} in all", thousands(total))}</caption>
                <thead>
                    <tr>
                        <th scope="col">{head}</th>
                        <th scope="col" class="cell-number">"WorkSpaces"</th>
                        <th scope="col" class="cell-number">"Active users"</th>
                        <th scope="col" class="cell-number">"Estimate"</th>
                        <th scope="col" class="cell-number">"Month before"</th>
                        <th scope="col" class="cell-number">"Difference"</th>
                        <th scope="col" class="cell-number">"Per active user"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    view! { <MoreRows list testid="cost-estimates-more" show/> }
}

#[component]
fn Row(by: String, row: EstimateGroupView, place: CostUrl) -> impl IntoView {
    let words = group_words(&by, &row);
    let name = match &row.filter {
        Some(filter) => view! { <a href=href(&filter.parameter, &filter.value, &place)>{words}</a> }.into_any(),
        None => words.into_any(),
    };
    let sub = |text: String| view! { <span class="cell-sub">{text}</span> };
    let id = (["bundle", "directory"].contains(&by.as_str()) && row.key != row.label).then(|| sub(row.key.clone()));
    let lacking = (row.not_reckoned > 0).then(|| sub(format!("{} not reckoned", thousands(row.not_reckoned))));
    let open = |unknown: u64| (unknown > 0).then(|| sub("as far as hours are known".to_owned()));
    let (was, was_open) = match &row.before {
        Some(before) => (sums(&before.estimates), open(before.hours_unknown)),
        None => (sums(&[]), None),
    };
    let (difference, share) = difference(&row);
    view! {
        <tr>
            <td class="cell-main">{name}{id}</td>
            <td data-label="WorkSpaces" class="cell-number">{thousands(row.workspaces)}{lacking}</td>
            <td data-label="Active users" class="cell-number">{thousands(row.active_users)}</td>
            <td data-label="Estimate" class="cell-number">{sums(&row.estimates)}{open(row.hours_unknown)}</td>
            <td data-label="Month before" class="cell-number">{was}{was_open}</td>
            <td data-label="Difference" class="cell-number">{difference}{share.map(sub)}</td>
            <td data-label="Per active user" class="cell-number">{sums(&row.per_active_user)}</td>
        </tr>
    }
}

/// What is shown, and of which month.
fn lead(month: Month, by: &str) -> String {
    let teams = if by == "team" { " Who is in several teams counts in each." } else { "" };
    format!(
        "Our estimate of {month} (UTC) at list prices, not what AWS billed. The month is chosen below, at Month by month.{teams}"
    )
}

/// The last day of the month before that is beside it.
fn through(rows: &[EstimateGroupView]) -> Option<NaiveDate> {
    rows.iter().find_map(|row| row.before.as_ref()).map(|before| before.through)
}

/// Which days of the month before are beside it, and where nothing is compared.
fn before_words(rows: &[EstimateGroupView]) -> String {
    let Some(through) = through(rows) else { return String::new() };
    let before = Month::of_day(through);
    let days = if through == before.last_day() {
        format!("all of {before}")
    } else {
        format!("as many days of {before}, to {}", day_words(through))
    };
    let open = |row: &EstimateGroupView, before: &EstimateBeforeView| row.hours_unknown + before.hours_unknown > 0;
    let some_open = rows.iter().any(|row| row.before.as_ref().is_some_and(|before| open(row, before)));
    let apart = if some_open { " Where hours of either are not known there is no difference." } else { "" };
    format!(" Beside it stands the month before: {days}, at the same prices and in the groups of today.{apart}")
}

/// By how much a group is more than before, and the share of it in words; a dash where that is not told.
fn difference(group: &EstimateGroupView) -> (String, Option<String>) {
    let Some(before) = &group.before else { return (sums(&[]), None) };
    match before.differences.as_slice() {
        [] => (sums(&[]), None),
        [one] => {
            let of = |amounts: &[MoneyView]| amounts.iter().find(|amount| amount.currency == one.currency).cloned();
            let nothing = || MoneyView { amount: "0".to_owned(), currency: one.currency.clone() };
            let now = of(&group.estimates).unwrap_or_else(nothing);
            let share = of(&before.estimates).and_then(|was| compared(&now, &was, "than before", "as much as before"));
            (money(one), share)
        }
        some => (some.iter().map(money).collect::<Vec<_>>().join(", "), None),
    }
}

/// What a group is called.
fn group_words(by: &str, group: &EstimateGroupView) -> String {
    match by {
        "team" if group.label.is_empty() => "No team".to_owned(),
        _ if group.label.is_empty() => "Without a value".to_owned(),
        "running_mode" => aws_words(&group.label),
        _ => group.label.clone(),
    }
}

/// Amounts of several currencies; a dash where there is none.
fn sums(amounts: &[MoneyView]) -> String {
    match amounts {
        [] => "–".to_owned(),
        some => some.iter().map(money).collect::<Vec<_>>().join(" + "),
    }
}

/// The address of a group's WorkSpaces, of the account and the region that are looked at.
pub fn href(parameter: &str, value: &str, place: &CostUrl) -> String {
    let account = place.account.map(|id| ("account", id.to_string()));
    let region = place.region.as_ref().map(|region| ("region", region.to_string()));
    let mut pairs = vec![(parameter, value.to_owned())];
    pairs.extend(account.into_iter().chain(region).filter(|(name, _)| *name != parameter));
    format!("/workspaces?{}", serde_urlencoded::to_string(&pairs).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;

    use super::*;

    fn group(key: &str, label: &str) -> EstimateGroupView {
        EstimateGroupView {
            key: key.to_owned(),
            label: label.to_owned(),
            workspaces: 1,
            not_reckoned: 0,
            hours_unknown: 0,
            active_users: 0,
            estimates: Vec::new(),
            per_active_user: Vec::new(),
            filter: None,
            before: None,
        }
    }

    fn usd(amount: &str) -> MoneyView {
        MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() }
    }

    /// The group, and what it was before.
    fn beside(now: &str, was: &[&str], difference: &str) -> EstimateGroupView {
        let before = EstimateBeforeView {
            through: "2026-09-30".parse().unwrap(),
            workspaces: 1,
            hours_unknown: 0,
            estimates: was.iter().map(|was| usd(was)).collect(),
            differences: vec![usd(difference)],
        };
        EstimateGroupView { estimates: vec![usd(now)], before: Some(before), ..group("wsb-1", "Standard") }
    }

    #[test]
    fn a_difference_is_told_with_its_share_of_what_was() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(difference(&beside("12", &["10"], "2")), ("2.00 USD".to_owned(), some("20 % more than before")));
        assert_eq!(difference(&beside("5", &["10"], "-5")), ("−5.00 USD".to_owned(), some("50 % less than before")));
        assert_eq!(difference(&beside("10", &["10"], "0")), ("0.00 USD".to_owned(), some("as much as before")));
        assert_eq!(difference(&beside("7", &[], "7")), ("7.00 USD".to_owned(), None), "there was nothing before");
        let gone = EstimateGroupView { estimates: Vec::new(), ..beside("0", &["10"], "-10") };
        assert_eq!(difference(&gone).1, some("100 % less than before"));
        let mut open = beside("12", &["10"], "2");
        open.before.as_mut().unwrap().differences.clear();
        assert_eq!(difference(&open), ("–".to_owned(), None));
        assert_eq!(difference(&group("", "")), ("–".to_owned(), None), "an older server knows no month before");
    }

    #[test]
    fn the_days_that_are_beside_a_month_are_named() {
        let mut row = beside("12", &["10"], "2");
        let said = before_words(std::slice::from_ref(&row));
        assert!(said.contains("all of 2026-09") && !said.contains("not known"), "{said}");
        row.hours_unknown = 1;
        row.before.as_mut().unwrap().through = "2026-09-11".parse().unwrap();
        let said = before_words(&[row]);
        assert!(said.contains("as many days of 2026-09, to Fri 11 Sep 2026") && said.contains("not known"), "{said}");
        assert_eq!(before_words(&[group("", "")]), "");
    }

    #[test]
    fn groups_have_names() {
        assert_eq!(group_words("bundle", &group("wsb-1", "Standard")), "Standard");
        assert_eq!(group_words("running_mode", &group("AUTO_STOP", "AUTO_STOP")), "AutoStop");
        assert_eq!(group_words("team", &group("", "")), "No team");
        assert_eq!(group_words("person", &group("", "")), "Without a value");
        assert_eq!(estimate_words("running_mode"), "running mode");
        assert_ne!(estimate_words("team"), "team", "which is what is billed by the tag");
    }

    #[test]
    fn currencies_are_not_added_up() {
        let amount =
            |amount: &str, currency: &str| MoneyView { amount: amount.to_owned(), currency: currency.to_owned() };
        assert_eq!(sums(&[amount("1234.5", "USD"), amount("2", "CNY")]), "1,234.50 USD + 2.00 CNY");
        assert_eq!(sums(&[]), "–");
    }

    #[test]
    fn a_group_leads_to_its_workspaces_of_the_account() {
        let account: AccountId = uuid::Uuid::nil().into();
        let of = CostUrl { account: Some(account), ..CostUrl::default() };
        assert_eq!(href("q", "ana & co", &CostUrl::default()), "/workspaces?q=ana+%26+co");
        let bundle = format!("/workspaces?bundle=wsb-1&account={account}");
        assert_eq!(href("bundle", "wsb-1", &of), bundle);
        assert_eq!(href("account", "7", &of), "/workspaces?account=7");
        let here = CostUrl { region: Some("eu-west-1".parse().unwrap()), ..of };
        assert_eq!(href("bundle", "wsb-1", &here), format!("{bundle}&region=eu-west-1"));
        assert_eq!(href("region", "us-east-1", &here), format!("/workspaces?region=us-east-1&account={account}"));
    }
}
