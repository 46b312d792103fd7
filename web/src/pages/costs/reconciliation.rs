//! Our estimate of a month against AWS's bill, and why they differ: of one account, or the sums of all of them (`all_accounts`).

use contract::costs::{
    CurrencyReconciliationView, DifferenceView, ReconciledAccountsQuery, ReconciliationQuery, ReconciliationView,
};
use contract::paths;
use domain::access::Permission;
use domain::ids::AccountId;
use domain::usage::Month;
use leptos::prelude::*;

use super::all_accounts::AllAccounts;
use super::led;
use super::lines::{Leads, Lines};
use super::state::{Compared, CostUrl};
use super::words::{counted_by, counted_words, reason_words};
use crate::api::{costs as api, exports};
use crate::components::charts::scale::day_words;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::Followed;
use crate::format::{counted, money};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::session::use_session;

/// The comparison of a month.
#[component]
pub fn Comparison(
    /// What is compared, and the month; `None` while there is no account.
    key: Memo<Option<(Compared, Month)>>,
    /// The accounts that there are: id and name.
    accounts: Memo<Vec<(String, String)>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// Goes there.
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let title = led::title("#comparison-title");
    let one = Memo::new(move |_| match key.get() {
        Some((Compared::One(account), month)) => Some((account, month)),
        _ => None,
    });
    let all = Memo::new(move |_| match key.get() {
        Some((Compared::All, month)) => Some(month),
        _ => None,
    });
    let sums = Memo::new(move |_| all.with(Option::is_some));
    let file = |(of, month): (Compared, Month)| match of {
        Compared::One(account) => {
            let query = ReconciliationQuery { account, month: Some(month) };
            exports::href(paths::EXPORT_RECONCILIATION, &query)
        }
        Compared::All => {
            let query = ReconciledAccountsQuery { month: Some(month) };
            exports::href(paths::EXPORT_RECONCILIATION_ACCOUNTS, &query)
        }
    };
    view! {
        <section class="card card-flush" aria-labelledby="comparison-title" data-testid="reconciliation">
            <header class="card-head">
                <h2 id="comparison-title" tabindex="-1" node_ref=title>"Estimate and bill"</h2>
                <AccountChoice accounts url on_change/>
                {move || key.get().map(|of| view! { <ExportMenu label="Export comparison" href=Signal::stored(file(of))/> })}
            </header>
            {move || if sums.get() {
                view! { <AllAccounts key=all url/> }.into_any()
            } else {
                view! { <OneAccount key=one url/> }.into_any()
            }}
        </section>
    }
}

/// Which account is compared; nothing to choose where there is one, or the page is of one.
#[component]
fn AccountChoice(
    accounts: Memo<Vec<(String, String)>>,
    url: Memo<CostUrl>,
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let choose = move |event| {
        let compared = event_target_value(&event).parse().ok();
        on_change.run(CostUrl { compared, ..url.get_untracked() });
    };
    let open = Memo::new(move |_| url.with(|u| u.account.is_none()));
    move || {
        let all = accounts.get();
        (all.len() > 1 && open.get()).then(|| {
            let options = all
                .into_iter()
                .map(|(id, name)| {
                    let value = id.clone();
                    let chosen = move || url.with(|u| u.compared.map(|one| one.to_string()).as_ref() == Some(&id));
                    // A row leads to an account too: what was chosen by hand before does not stay chosen.
                    view! { <option value=value prop:selected=chosen>{name}</option> }
                })
                .collect_view();
            view! {
                <select class="input select kind" aria-label="Compare" data-testid="compared-account" on:change=choose>
                    <option value="" prop:selected=move || url.with(|u| u.compared.is_none())>"All accounts"</option>
                    {options}
                </select>
            }
        })
    }
}

/// One account, line by line.
#[component]
fn OneAccount(
    /// The account and the month; `None` while there is no account.
    key: Memo<Option<(AccountId, Month)>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
) -> impl IntoView {
    let session = use_session();
    // Who may not see desktops one by one is told how many there are.
    let people = untrack(|| session.may(Permission::UsageRead));
    let loader: Loader<ReconciliationView> = Loader::keyed(key, |(account, month)| async move {
        api::reconciliation(&ReconciliationQuery { account, month: Some(month) }).await
    });
    read_again_on(&["cost", "usage"], move || loader.refresh());
    let show = Callback::new(move |view: ReconciliationView| {
        let Some(through) = view.through else {
            return view! {
                <p class="card-none">
                    {format!("No day of {} is settled yet for {}: there is nothing to compare.", view.month, view.account)}
                </p>
            }
            .into_any();
        };
        let lead = format!("{} as a whole, days up to {} (UTC). ", view.account, day_words(through));
        let counts = counts(&view);
        let (account, month) = (view.account_id, view.month);
        let known: Vec<_> = counts.iter().filter_map(|(how, _)| *how).collect();
        let led = Callback::new(move |how: &'static str| {
            let to = move || url.with(|u| counted_href(u, account, month, how));
            (people && known.contains(&how)).then(|| Signal::derive(to))
        });
        let leads: Leads = Callback::new(move |reason: String| counted_by(&reason).and_then(|how| led.run(how)));
        let counts = counts
            .into_iter()
            .map(|(how, number)| {
                let (words, testid) =
                    (counted(number, "WorkSpace", "WorkSpaces"), how.map(|how| format!("counted-{how}")));
                let number = match how.and_then(|how| led.run(how)) {
                    Some(href) => view! { <a href=move || href.get() data-testid=testid>{words}</a> }.into_any(),
                    None => words.into_any(),
                };
                view! { {number}" "{how.map_or("reckoned at list prices", counted_words)}". " }
            })
            .collect_view();
        let sums = view
            .currencies
            .into_iter()
            .map(|of| view! { <Currency of=of.clone() leads/><Lines of leads/> })
            .collect_view();
        view! { <p class="card-lead">{lead}{counts}</p>{sums} }.into_any()
    });
    view! { <Followed loader lines=5 show/> }
}

/// How many WorkSpaces were reckoned how, as `reckoned` names it; first those with a price, which it does not name.
fn counts(view: &ReconciliationView) -> Vec<(Option<&'static str>, u64)> {
    [
        (None, view.reckoned),
        (Some("no_price"), view.no_price),
        (Some("other_mode"), view.other_mode),
        (Some("hours_unknown"), view.hours_unknown),
        (Some("uncertain"), view.uncertain),
    ]
    .into_iter()
    .filter(|(_, number)| *number > 0)
    .collect()
}

/// The address of the WorkSpaces that the comparison of an account's month counts so: of the whole account, as the comparison is.
fn counted_href(url: &CostUrl, account: AccountId, month: Month, how: &str) -> String {
    let (account, month, reckoned) = (Some(account), Some(month), Some(how.to_owned()));
    let url = CostUrl { account, region: None, month, reckoned, compared: None, ..url.clone() };
    format!("{}#each-title", url.path())
}

#[component]
fn Currency(of: CurrencyReconciliationView, leads: Leads) -> impl IntoView {
    let parts = of.parts.into_iter().map(|part| view! { <Reason part leads/> }).collect_view();
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
fn Reason(part: DifferenceView, leads: Leads) -> impl IntoView {
    let (name, about) = reason_words(&part.reason);
    let those = leads.run(part.reason.clone()).map(|href| view! { " "<a href=move || href.get()>"The WorkSpaces"</a> });
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
                    <p class="muted">{about}{those}</p>
                    <ul class="reason-lines">{lines}</ul>
                </details>
            </td>
            <td class="cell-number">{money(&part.amount)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_leads_to_the_whole_account() {
        let account: AccountId = uuid::Uuid::nil().into();
        let (url, _) = CostUrl::parse(&format!("?region=eu-central-1&by=team&compared={account}"));
        let href = counted_href(&url, account, "2026-10".parse().unwrap(), "uncertain");
        assert_eq!(href, format!("/costs?account={account}&by=team&month=2026-10&reckoned=uncertain#each-title"));
    }
}
