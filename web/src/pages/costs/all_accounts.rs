//! Our estimates of a month against AWS's bills in sums: a row for each account, which leads to its lines, and what all come to.

use contract::costs::{ReconciledAccountView, ReconciledAccountsQuery, ReconciledAccountsView, ReconciledSumView};
use domain::ids::AccountId;
use domain::usage::Month;
use leptos::prelude::*;

use super::state::CostUrl;
use crate::api::costs as api;
use crate::components::charts::scale::day_words;
use crate::components::ui::states::Followed;
use crate::format::{money, thousands};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;

/// The sums.
#[component]
pub fn AllAccounts(
    /// The month; `None` reads nothing.
    key: Memo<Option<Month>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
) -> impl IntoView {
    let loader: Loader<ReconciledAccountsView> = Loader::keyed(key, |month| async move {
        api::reconciled_accounts(&ReconciledAccountsQuery { month: Some(month) }).await
    });
    read_again_on(&["cost", "usage"], move || loader.refresh());
    let show = Callback::new(move |view: ReconciledAccountsView| {
        let lead = lead(&view);
        if view.accounts.iter().all(|one| one.through.is_none()) {
            return view! { <p class="card-none">{lead}</p> }.into_any();
        }
        let rows = view.accounts.into_iter().map(|one| view! { <Account one url/> }).collect_view();
        let totals = view.totals.into_iter().map(|sum| view! { <Total sum/> }).collect_view();
        view! {
            <p class="card-lead">{lead}</p>
            <table class="table table-plain table-cards" data-testid="reconciliation-accounts">
                <caption class="visually-hidden">"Bill and estimate, account by account"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Account"</th>
                        <th scope="col">"Days up to"</th>
                        <th scope="col" class="cell-number">"Billed"</th>
                        <th scope="col" class="cell-number">"Estimate"</th>
                        <th scope="col" class="cell-number">"Difference"</th>
                    </tr>
                </thead>
                <tbody>{rows}{totals}</tbody>
            </table>
        }
        .into_any()
    });
    view! { <Followed loader lines=5 show/> }
}

/// An account, once for each of its currencies; what could not be reckoned of it is said at the first.
#[component]
fn Account(one: ReconciledAccountView, url: Memo<CostUrl>) -> impl IntoView {
    let ReconciledAccountView { account_id, account, through, sums, not_reckoned, .. } = one;
    let mut sums: Vec<_> = sums.into_iter().map(Some).collect();
    if sums.is_empty() {
        sums.push(None);
    }
    let row = |(at, sum): (usize, Option<ReconciledSumView>)| {
        let href = move || url.with(|u| lines_href(u, account_id));
        let through = through.map_or_else(|| "Not settled yet".to_owned(), day_words);
        let lacking = (at == 0 && not_reckoned > 0)
            .then(|| view! { <span class="cell-sub">{format!("{} not reckoned", thousands(not_reckoned))}</span> });
        let [billed, estimated, difference] = sides(sum.as_ref());
        view! {
            <tr>
                <td class="cell-main"><a href=href>{account.clone()}</a></td>
                <td data-label="Days up to">{through}</td>
                <td data-label="Billed" class="cell-number">{billed}</td>
                <td data-label="Estimate" class="cell-number">{estimated}{lacking}</td>
                <td data-label="Difference" class="cell-number">{difference}</td>
            </tr>
        }
    };
    sums.into_iter().enumerate().map(row).collect_view()
}

/// What all accounts come to in one currency.
#[component]
fn Total(sum: ReconciledSumView) -> impl IntoView {
    let [billed, estimated, difference] = sides(Some(&sum));
    view! {
        <tr class="row-total">
            <td class="cell-main">"All accounts"</td>
            <td></td>
            <td data-label="Billed" class="cell-number">{billed}</td>
            <td data-label="Estimate" class="cell-number">{estimated}</td>
            <td data-label="Difference" class="cell-number">{difference}</td>
        </tr>
    }
}

/// Both sides and the difference in words; dashes where nothing was billed or reckoned.
fn sides(sum: Option<&ReconciledSumView>) -> [String; 3] {
    let none = || ["–"; 3].map(str::to_owned);
    sum.map_or_else(none, |sum| [&sum.billed, &sum.estimated, &sum.difference].map(money))
}

/// What is compared, and what is not added up.
fn lead(view: &ReconciledAccountsView) -> String {
    let month = view.month;
    if view.accounts.iter().all(|one| one.through.is_none()) {
        return format!("No day of {month} is settled yet in any account: there is nothing to compare.");
    }
    let apart = match view.totals.as_slice() {
        [_, _, ..] => " Currencies are not added up: each has a sum of its own.",
        _ => "",
    };
    format!(
        "Each account as a whole, up to its last settled day of {month} (UTC). An account leads to its lines.{apart}"
    )
}

/// The address of an account's lines.
fn lines_href(url: &CostUrl, account: AccountId) -> String {
    format!("{}#comparison-title", CostUrl { compared: Some(account), ..url.clone() }.path())
}

#[cfg(test)]
mod tests {
    use contract::costs::MoneyView;

    use super::*;

    fn sum(currency: &str) -> ReconciledSumView {
        let of = |amount: &str| MoneyView { amount: amount.to_owned(), currency: currency.to_owned() };
        ReconciledSumView { billed: of("3"), estimated: of("4.5"), difference: of("-1.5") }
    }

    fn compared(through: Option<&str>, totals: Vec<ReconciledSumView>) -> ReconciledAccountsView {
        let account = ReconciledAccountView {
            account_id: uuid::Uuid::nil().into(),
            account: "Main".to_owned(),
            through: through.map(|day| day.parse().unwrap()),
            sums: totals.clone(),
            reckoned: 3,
            not_reckoned: 0,
        };
        ReconciledAccountsView { month: "2026-10".parse().unwrap(), accounts: vec![account], totals }
    }

    #[test]
    fn several_currencies_are_said_not_to_be_added() {
        let said = |view: &ReconciledAccountsView| lead(view).contains("Currencies are not added up");
        assert!(!said(&compared(Some("2026-10-31"), vec![sum("USD")])));
        assert!(said(&compared(Some("2026-10-31"), vec![sum("CNY"), sum("USD")])));
        assert!(lead(&compared(None, Vec::new())).contains("nothing to compare"));
    }

    #[test]
    fn sides_are_written_as_people_write_money() {
        assert_eq!(sides(Some(&sum("USD"))), ["3.00 USD", "4.50 USD", "−1.50 USD"]);
        assert_eq!(sides(None), ["–", "–", "–"]);
    }

    #[test]
    fn an_account_leads_to_its_lines_on_the_same_page() {
        let account: AccountId = uuid::Uuid::nil().into();
        let href = lines_href(&CostUrl::parse("?by=region&month=2026-10").0, account);
        assert_eq!(href, format!("/costs?by=region&month=2026-10&compared={account}#comparison-title"));
    }
}
