//! What the fleet costs in a month by our own reckoning, told apart by what no bill tells apart. Each group leads to its WorkSpaces.

use contract::costs::{EstimateGroupView, MoneyView};
use domain::usage::Month;
use leptos::prelude::*;

use super::state::CostUrl;
use crate::api::costs as api;
use crate::format::{aws_words, money, sentence, thousands};
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
        let lead = lead(month.get(), &by);
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
    let open = (row.hours_unknown > 0).then(|| sub("as far as hours are known".to_owned()));
    view! {
        <tr>
            <td class="cell-main">{name}{id}</td>
            <td data-label="WorkSpaces" class="cell-number">{thousands(row.workspaces)}{lacking}</td>
            <td data-label="Active users" class="cell-number">{thousands(row.active_users)}</td>
            <td data-label="Estimate" class="cell-number">{sums(&row.estimates)}{open}</td>
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
        }
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
