//! The page of usage in a browser: what somebody is told who may not see what its address asks for, and the way on from there.
#![cfg(target_arch = "wasm32")]

use chrono::NaiveDate;
use contract::page::Page;
use contract::paths;
use contract::usage::{UsageKnownView, UsagePeriodView, UsagePreviousView, UsageSummaryView, UsageTotalsView};
use contract::views::SavedView;
use contract::workspaces::WorkspaceFacetsView;
use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::components::Router;
use wasm_bindgen_test::wasm_bindgen_test;

use super::view::UsagePage;
use crate::stage::{Api, Stage, answer, problem, search, session, set_address, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::session::{Session, use_session};
use crate::state::toasts::Toasts;

const TITLES: &str = ".state-title";

#[component]
fn Shown() -> impl IntoView {
    let session = use_session();
    move || session.signed_in().then(|| view! { <UsagePage/> })
}

/// The page of a team, for somebody who may do this and is refused whatever is asked for of teams.
fn of_team(api: &Api, may: &[Permission]) -> Stage {
    let who = session(may);
    api.answers(move |call| (call.path == paths::SESSION).then(|| answer(200, &who)));
    api.answers(|call| {
        let none = Page::<SavedView> { items: Vec::new(), next_cursor: None, total: 0 };
        (call.path == paths::VIEWS).then(|| answer(200, &none))
    });
    api.answers(|call| (call.path == paths::WORKSPACE_FACETS).then(|| answer(200, &WorkspaceFacetsView::default())));
    api.answers(|call| {
        let refused = problem(403, "forbidden", "You may not do this.");
        call.query.contains("team=").then(|| answer(403, &refused))
    });
    set_address("/usage?compare=year&team=00000000-0000-0000-0000-000000000007&region=eu-west-1");
    stage(|| {
        provide_context(Now::start());
        provide_context(Live::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { <Router><Shown/></Router> }
    })
}

fn summary() -> UsageSummaryView {
    let day: NaiveDate = "2026-03-15".parse().unwrap();
    let totals = UsageTotalsView { days: 1, sessions: 7, ..UsageTotalsView::default() };
    let known = UsageKnownView { workspaces: 1, ..UsageKnownView::default() };
    UsageSummaryView {
        period: UsagePeriodView { from: day, to: day.succ_opt().unwrap(), zone: "UTC".to_owned(), known },
        totals,
        people: 1,
        unused: 0,
        previous: UsagePreviousView { from: day, to: day, known: false, totals: UsageTotalsView::default(), people: 0 },
    }
}

#[wasm_bindgen_test]
async fn of_who_may_not_see_people_the_filter_by_team_is_refused_and_not_the_page() {
    const WITHOUT: &str = "[data-testid=usage-figures] .state-actions button";
    let api = Api::new();
    let page = of_team(&api, &[Permission::UsageRead]);
    until("what is refused", || page.each_words(TITLES) == ["You may not filter by team"]).await;
    assert!(page.find("[data-testid=usage-search]").is_some(), "the filters stay");
    assert_eq!(page.all(".chip-value").len(), 2);

    assert_eq!(page.words(WITHOUT), "Remove the team filter");
    page.click(WITHOUT).await;
    until("an address without the team", || search() == "?compare=year&region=eu-west-1").await;
    let call = api.asked("GET", paths::USAGE_SUMMARY).await;
    assert!(!call.query.contains("team=") && call.query.contains("region=eu-west-1"), "{}", call.query);
    call.answer(200, &summary());
    until("the numbers", || page.find("[data-testid=usage-sessions]").is_some()).await;
    assert_eq!(page.words("[data-testid=usage-sessions]"), "7");
    set_address("/");
}

#[wasm_bindgen_test]
async fn who_may_not_see_usage_is_refused_the_page() {
    let api = Api::new();
    let page = of_team(&api, &[Permission::WorkspaceRead]);
    until("what is refused", || page.each_words(TITLES) == ["You may not see this"]).await;
    assert!(page.find("[data-testid=usage-search]").is_none(), "there is nothing to filter");
    set_address("/");
}
