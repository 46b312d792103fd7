//! The estimate of a month by group in a browser: each group beside what it was before.
#![cfg(target_arch = "wasm32")]

use contract::costs::{EstimateBeforeView, EstimateGroupView, MoneyView};
use contract::page::Page;
use contract::paths;
use domain::access::Permission;
use domain::usage::Month;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::estimates::Estimates;
use super::state::CostUrl;
use crate::stage::{Api, SignedIn, sign_in, stage, until};
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ROWS: &str = "[data-testid=cost-estimates] tbody tr";

fn usd(amount: &str) -> MoneyView {
    MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() }
}

/// A bundle that comes to so much, and what it was up to the eleventh of the month before.
fn group(key: &str, now: &[&str], (was, difference): (&str, &[&str])) -> EstimateGroupView {
    let all = |amounts: &[&str]| amounts.iter().map(|amount| usd(amount)).collect::<Vec<_>>();
    EstimateGroupView {
        key: key.to_owned(),
        label: key.to_owned(),
        workspaces: now.len() as u64,
        not_reckoned: 0,
        hours_unknown: 0,
        active_users: 0,
        estimates: all(now),
        per_active_user: Vec::new(),
        filter: None,
        before: Some(EstimateBeforeView {
            through: "2026-09-11".parse().unwrap(),
            workspaces: 1,
            hours_unknown: u64::from(difference.is_empty()),
            estimates: vec![usd(was)],
            differences: all(difference),
        }),
    }
}

#[wasm_bindgen_test]
async fn each_group_is_beside_what_it_was_before() {
    let api = Api::new();
    let chosen = RwSignal::new("2026-10".parse::<Month>().unwrap());
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Toasts::new());
        provide_context(Live::start());
        let here = CostUrl { estimate: Some("bundle".to_owned()), ..CostUrl::default() };
        let (of, url) = (here.clone(), Memo::new(move |_| here.clone()));
        let key = Memo::new(move |_| Some((of.clone(), chosen.get())));
        let month = Memo::new(move |_| chosen.get());
        let part = move || session.signed_in().then(|| view! { <Estimates key url month/> });
        view! { {part}<SignedIn/> }
    });
    sign_in(&page, &api, &[Permission::CostRead, Permission::UsageRead]).await;
    let items = vec![
        group("wsb-more", &["12"], ("10", &["2"])),
        group("wsb-open", &["9"], ("3", &[])),
        group("wsb-gone", &[], ("4", &["-4"])),
    ];
    let call = api.asked("GET", paths::COSTS_ESTIMATES).await;
    call.answer(200, &Page { items, next_cursor: None, total: 3 });
    until("the groups", || page.all(ROWS).len() == 3).await;
    let rows = page.each_words(ROWS);
    for (row, words) in [
        (0, ["12.00 USD", "10.00 USD", "2.00 USD", "20 % more than before"]),
        (1, ["9.00 USD", "3.00 USD", "as far as hours are known", "–"]),
        (2, ["0", "4.00 USD", "−4.00 USD", "100 % less than before"]),
    ] {
        assert!(words.iter().all(|word| rows[row].contains(*word)), "{}", rows[row]);
    }
    assert!(!rows[1].contains("before") && !rows[1].contains("6.00"), "{}", rows[1]);
    let lead = page.words(".card-lead");
    assert!(lead.contains("as many days of 2026-09, to Fri 11 Sep 2026") && lead.contains("not known"), "{lead}");

    // While another month is read, that of before is there, and what is said is of it.
    chosen.set("2026-07".parse().unwrap());
    let call = api.asked("GET", paths::COSTS_ESTIMATES).await;
    assert!(call.query.contains("2026-07"), "{}", call.query);
    let lead = page.words(".card-lead");
    assert!(lead.contains("Our estimate of 2026-10") && lead.contains("as many days of 2026-09"), "{lead}");
}
