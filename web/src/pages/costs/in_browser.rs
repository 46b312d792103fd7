//! The comparison of estimate and bill in a browser: lines that add up, reasons that lead to the WorkSpaces that they count, and
//! accounts in sums that lead to their lines.
#![cfg(target_arch = "wasm32")]

use contract::costs::{
    ComparedLineView, CurrencyReconciliationView, LineReasonView, MoneyView, ReconciledAccountView,
    ReconciledAccountsView, ReconciledSumView, ReconciliationView, WorkspaceCostView,
};
use contract::page::Page;
use contract::paths;
use domain::access::Permission;
use domain::ids::AccountId;
use domain::usage::Month;
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::reconciliation::Comparison;
use super::state::{Compared, CostUrl};
use super::workspaces::WorkspaceCosts;
use crate::stage::{Api, SignedIn, Stage, settle, sign_in, stage, until};
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(42));
const OTHER: AccountId = AccountId(Uuid::from_u128(43));
const LINES: &str = "[data-testid=reconciliation-lines] tbody tr";

fn month() -> Month {
    "2026-10".parse().unwrap()
}

fn usd(amount: &str) -> MoneyView {
    MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() }
}

/// A line that was billed at another price than the list's, for more months than were reckoned.
fn differs() -> ComparedLineView {
    let reason = |reason: &str, amount: &str| LineReasonView { reason: reason.to_owned(), amount: usd(amount) };
    ComparedLineView {
        region: "eu-west-1".to_owned(),
        usage_type: "EU-AW-HW-2".to_owned(),
        billed: Some(usd("378")),
        estimated: Some(usd("350")),
        difference: usd("28"),
        unit: Some("month".to_owned()),
        billed_quantity: Some("12".to_owned()),
        estimated_quantity: Some("10".to_owned()),
        billed_price: Some(usd("31.5")),
        list_price: Some(usd("35")),
        reasons: vec![reason("came_or_went", "70"), reason("price_differs", "-42")],
    }
}

/// That one, and so many on which both sides agree at a dollar.
fn compared(more: usize) -> ReconciliationView {
    let agrees = |at: usize| ComparedLineView {
        usage_type: format!("AW-HW-{at}"),
        billed: Some(usd("1")),
        estimated: Some(usd("1")),
        difference: usd("0"),
        reasons: Vec::new(),
        ..differs()
    };
    let lines = std::iter::once(differs()).chain((0..more).map(agrees)).collect();
    let (billed, estimated) = (usd(&(378 + more).to_string()), usd(&(350 + more).to_string()));
    let of = CurrencyReconciliationView { billed, estimated, difference: usd("28"), parts: Vec::new(), lines };
    ReconciliationView {
        account_id: ACCOUNT,
        account: "Main".to_owned(),
        month: month(),
        through: Some(month().last_day()),
        currencies: vec![of],
        reckoned: 11,
        no_price: 0,
        other_mode: 0,
        hours_unknown: 0,
        uncertain: 3,
    }
}

async fn comparison(api: &Api, view: &ReconciliationView, permissions: &[Permission]) -> Stage {
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Live::start());
        let of = Memo::new(|_| Some((Compared::One(ACCOUNT), month())));
        let url = Memo::new(|_| CostUrl { by: Some("region".to_owned()), ..CostUrl::default() });
        let (accounts, on_change) = (Memo::new(|_| Vec::new()), Callback::new(|_: CostUrl| ()));
        let part = move || session.signed_in().then(|| view! { <Comparison key=of accounts url on_change/> });
        view! { <Router>{part}</Router><SignedIn/> }
    });
    sign_in(&page, api, permissions).await;
    api.asked("GET", paths::COSTS_RECONCILIATION).await.answer(200, view);
    until("the lines", || page.find(LINES).is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn a_line_tells_both_sides_and_why_they_differ() {
    let api = Api::new();
    let page = comparison(&api, &compared(1), &[Permission::UsageRead]).await;
    let rows = page.each_words(LINES);
    assert_eq!(rows.len(), 3, "two lines and their sums");
    for words in ["EU-AW-HW-2", "eu-west-1", "378.00 USD", "12 months at 31.5 USD", "10 months at 35 USD", "−42.00 USD"]
    {
        assert!(rows[0].contains(words), "{words} in {}", rows[0]);
    }
    assert!(rows[1].contains("They agree"), "{}", rows[1]);
    assert_eq!(rows[2], "2 lines379.00 USD351.00 USD28.00 USD");
    assert!(page.words(".card-lead").starts_with("Main as a whole, days up to Sat 31 Oct 2026 (UTC)."));
    assert!(page.find("[data-testid=reconciliation-all]").is_none());
    let those = format!("/costs?account={ACCOUNT}&by=region&month=2026-10&reckoned=uncertain#each-title");
    assert_eq!(page.attribute("[data-testid=counted-uncertain]", "href"), Some(those.clone()));
    assert_eq!(page.words("[data-testid=counted-uncertain]"), "3 WorkSpaces");
    // What is about prices counts no WorkSpaces.
    let links: Vec<_> = page.all(&format!("{LINES} a")).iter().map(|link| link.get_attribute("href")).collect();
    assert_eq!(links, [Some(those)]);
}

#[wasm_bindgen_test]
async fn who_may_not_see_usage_is_told_how_many_there_are() {
    let api = Api::new();
    let page = comparison(&api, &compared(1), &[Permission::CostRead]).await;
    assert!(page.find("[data-testid=counted-uncertain]").is_none() && page.find(&format!("{LINES} a")).is_none());
    assert!(page.words(".card-lead").contains("3 WorkSpaces that came"), "{}", page.words(".card-lead"));
}

#[wasm_bindgen_test]
async fn lines_that_are_not_shown_are_in_a_sum() {
    let api = Api::new();
    let page = comparison(&api, &compared(30), &[Permission::UsageRead]).await;
    assert_eq!(page.all(LINES).len(), 27, "25 lines, the rest, and the sums");
    assert_eq!(
        page.words("[data-testid=reconciliation-rest]"),
        "6 more lines, which differ less6.00 USD6.00 USD0.00 USD"
    );
    page.click("[data-testid=reconciliation-all]").await;
    assert_eq!(page.all(LINES).len(), 32);
    assert!(page.find("[data-testid=reconciliation-rest]").is_none());
    page.click("[data-testid=reconciliation-all]").await;
    assert_eq!(page.all(LINES).len(), 27);
}

#[wasm_bindgen_test]
async fn workspaces_that_are_counted_are_asked_for_and_all_can_be_shown() {
    let (api, search) = (Api::new(), format!("?account={ACCOUNT}&by=region&reckoned=hours_unknown"));
    let (url, left_out) = CostUrl::parse(&search);
    assert!(left_out.is_empty());
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Live::start());
        let url = Memo::new(move |_| url.clone());
        let of = Memo::new(move |_| Some((url.get(), month())));
        view! { <Router><WorkspaceCosts key=of url/></Router> }
    });
    let call = api.asked("GET", paths::COSTS_WORKSPACES).await;
    for asked in ["month=2026-10", "reckoned=hours_unknown", &format!("account={ACCOUNT}")] {
        assert!(call.query.contains(asked), "{asked} in {}", call.query);
    }
    call.answer(200, &Page::<WorkspaceCostView> { items: Vec::new(), next_cursor: None, total: 0 });
    until("the answer", || page.find(".card-none").is_some()).await;
    settle().await;
    let only = "[data-testid=workspace-costs-only]";
    assert!(page.words(only).contains("Only those whose hours are not all known"), "{}", page.words(only));
    let all = format!("/costs?account={ACCOUNT}&by=region");
    assert_eq!(page.attribute(&format!("{only} a"), "href"), Some(all));
}

/// Two accounts, the first billed in two currencies, the second without a settled day, and what they come to.
fn sums() -> ReconciledAccountsView {
    let cny = |amount: &str| MoneyView { currency: "CNY".to_owned(), ..usd(amount) };
    let sums = vec![
        ReconciledSumView { billed: usd("379"), estimated: usd("351"), difference: usd("28") },
        ReconciledSumView { billed: cny("7"), estimated: cny("8"), difference: cny("-1") },
    ];
    let account = |account_id, account: &str, through, sums, not_reckoned| ReconciledAccountView {
        account_id,
        account: account.to_owned(),
        through,
        sums,
        reckoned: 11,
        not_reckoned,
    };
    let main = account(ACCOUNT, "Main", Some(month().last_day()), sums.clone(), 2);
    let accounts = vec![main, account(OTHER, "Other", None, Vec::new(), 0)];
    ReconciledAccountsView { month: month(), accounts, totals: sums }
}

#[wasm_bindgen_test]
async fn accounts_are_compared_in_sums_and_one_can_be_chosen() {
    const ACCOUNTS: &str = "[data-testid=reconciliation-accounts] tbody tr";
    const CHOICE: &str = "[data-testid=compared-account]";
    let api = Api::new();
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Live::start());
        let at = RwSignal::new(CostUrl { by: Some("region".to_owned()), ..CostUrl::default() });
        let url = Memo::new(move |_| at.get());
        let of = Memo::new(move |_| at.with(|url| url.comparison(&[ACCOUNT, OTHER])).map(|of| (of, month())));
        let named = |id: AccountId, name: &str| (id.to_string(), name.to_owned());
        let accounts = Memo::new(move |_| vec![named(ACCOUNT, "Main"), named(OTHER, "Other")]);
        let on_change = Callback::new(move |to: CostUrl| at.set(to));
        let part = move || session.signed_in().then(|| view! { <Comparison key=of accounts url on_change/> });
        let led = move |_| at.update(|url| url.compared = Some(ACCOUNT));
        view! { <Router>{part}</Router><SignedIn/><button id="led" on:click=led>"As a row leads"</button> }
    });
    sign_in(&page, &api, &[Permission::CostRead]).await;
    let call = api.asked("GET", paths::COSTS_RECONCILIATION_ACCOUNTS).await;
    assert_eq!(call.query, "month=2026-10");
    call.answer(200, &sums());
    until("the sums", || page.find(ACCOUNTS).is_some()).await;
    assert_eq!(
        page.each_words(ACCOUNTS),
        [
            "MainSat 31 Oct 2026379.00 USD351.00 USD2 not reckoned28.00 USD",
            "MainSat 31 Oct 20267.00 CNY8.00 CNY−1.00 CNY",
            "OtherNot settled yet–––",
            "All accounts379.00 USD351.00 USD28.00 USD",
            "All accounts7.00 CNY8.00 CNY−1.00 CNY",
        ]
    );
    let href = page.attribute(&format!("{ACCOUNTS} a"), "href");
    assert_eq!(href, Some(format!("/costs?by=region&compared={ACCOUNT}#comparison-title")));
    let file = || page.attribute("[data-testid=export-csv]", "href");
    assert_eq!(file(), Some(format!("{}?month=2026-10&format=csv", paths::EXPORT_RECONCILIATION_ACCOUNTS)));

    page.choose(CHOICE, &ACCOUNT.to_string()).await;
    let call = api.asked("GET", paths::COSTS_RECONCILIATION).await;
    assert_eq!(call.query, format!("account={ACCOUNT}&month=2026-10"));
    call.answer(200, &compared(1));
    until("the lines", || page.find(LINES).is_some()).await;
    assert!(page.find(ACCOUNTS).is_none());
    assert_eq!(file(), Some(format!("{}?account={ACCOUNT}&month=2026-10&format=csv", paths::EXPORT_RECONCILIATION)));

    page.choose(CHOICE, "").await;
    api.asked("GET", paths::COSTS_RECONCILIATION_ACCOUNTS).await.answer(200, &sums());
    until("the sums again", || page.find(ACCOUNTS).is_some()).await;
    assert!(page.find(LINES).is_none());
    // The choice says what is shown, however one came there.
    page.click("#led").await;
    api.asked("GET", paths::COSTS_RECONCILIATION).await.answer(200, &compared(1));
    until("the lines again", || page.find(LINES).is_some()).await;
    assert_eq!(page.typed(CHOICE), ACCOUNT.to_string());
}
