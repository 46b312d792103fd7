//! The lists beside that of the WorkSpaces, in a browser: what narrows and sorts them is in the address, and rows lead on.
#![cfg(target_arch = "wasm32")]

use contract::page::Page;
use contract::paths;
use contract::places::{DirectoryView, QuotaView};
use contract::problem::{FieldError, Problem};
use contract::workspaces::{FacetValue, WorkspaceFacetsView};
use domain::ids::{AccountId, DirectoryId, QuotaId};
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::directories::DIRECTORIES;
use super::page::{Kind, PlacePage};
use super::quotas::QUOTAS;
use crate::stage::{Api, Stage, answer, problem, search, set_address, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
const SHARE: &str = "[data-testid=place-share]";
const REGION: &str = "[data-testid=place-region]";
const SORT: &str = "[data-testid=place-sort]";

fn quota(code: &str, used: Option<u64>) -> QuotaView {
    QuotaView {
        id: QuotaId(Uuid::from_u128(if used.is_some() { 1 } else { 2 })),
        code: code.to_owned(),
        account_id: ACCOUNT,
        account_name: "Production".to_owned(),
        region: "eu-west-1".parse().unwrap(),
        name: "WorkSpaces".to_owned(),
        limit: Some(20),
        used,
        left: used.map(|used| 20 - used),
        used_percent: used.map(|used| used * 5),
        adjustable: used.is_some(),
        global: used.is_none(),
    }
}

fn directory(number: u128) -> DirectoryView {
    DirectoryView {
        id: DirectoryId(Uuid::from_u128(number)),
        aws_id: format!("d-{number}"),
        account_id: ACCOUNT,
        account_name: "Production".to_owned(),
        region: "eu-west-1".parse().unwrap(),
        name: "corp.example.com".to_owned(),
        alias: None,
        kind: "AD_CONNECTOR".to_owned(),
        state: "REGISTERED".to_owned(),
        stage: None,
        registration_code: None,
        workspaces: 1_234,
    }
}

/// The page of that kind at an address, where there are WorkSpaces in Frankfurt.
fn page(api: &Api, kind: Kind, address: &str) -> Stage {
    let label = "eu-central-1".to_owned();
    let region = vec![FacetValue { value: label.clone(), label, count: 3, directory_id: None }];
    let facets = WorkspaceFacetsView { region, ..WorkspaceFacetsView::default() };
    api.answers(move |call| (call.path == paths::WORKSPACE_FACETS).then(|| answer(200, &facets)));
    set_address(address);
    stage(move || {
        provide_context(Live::start());
        provide_context(Now::start());
        view! { <Router><PlacePage kind/></Router> }
    })
}

#[wasm_bindgen_test]
async fn quotas_are_narrowed_by_share_and_region_and_sorted_all_in_the_address() {
    let api = Api::new();
    let page = page(&api, QUOTAS, "/workspaces/quotas?used_from=95&region=eu-west-1");
    let call = api.asked("GET", paths::QUOTAS).await;
    assert_eq!(call.query, "region=eu-west-1&used_from=95");
    call.answer(200, &Page { items: vec![quota("L-1", Some(19)), quota("L-2", None)], next_cursor: None, total: 2 });
    until("the quotas", || page.all("[data-testid=quota-row]").len() == 2).await;
    assert_eq!(page.each_words("[data-label=Share]"), ["95 %", "–"]);
    assert_eq!(page.each_words("[data-label=Left]"), ["1", "–"]);
    assert_eq!(
        page.each_words("[data-label=Limit]"),
        ["20AWS raises it on request", "20FixedFor all regions together"]
    );
    let shares = ["Any share", "80 % or more", "100 % or more", "95 % or more"];
    assert_eq!(page.each_words(&format!("{SHARE} option")), shares);
    assert_eq!(page.typed(SHARE), "95");
    until("where there are WorkSpaces", || page.all(&format!("{REGION} option")).len() == 3).await;
    assert_eq!(page.each_words(&format!("{REGION} option")), ["Every region", "eu-central-1", "eu-west-1"]);
    assert_eq!(page.typed(REGION), "eu-west-1", "what is asked for is shown, though nothing there has it");

    page.choose(SHARE, "").await;
    let call = api.asked("GET", paths::QUOTAS).await;
    assert_eq!((call.query.as_str(), search().as_str()), ("region=eu-west-1", "?region=eu-west-1"));
    call.answer(200, &Page { items: vec![quota("L-1", Some(19))], next_cursor: None, total: 1 });
    page.choose(SORT, "-used").await;
    let call = api.asked("GET", paths::QUOTAS).await;
    assert_eq!(call.query, "region=eu-west-1&sort=-used");
    let file = page.attribute("[data-testid=export-csv]", "href").unwrap_or_default();
    assert_eq!(file, format!("{}?region=eu-west-1&sort=-used&format=csv", paths::EXPORT_QUOTAS));
    call.answer(200, &Page { items: vec![quota("L-1", Some(19))], next_cursor: None, total: 1 });
    page.write("[data-testid=place-search]", " volume ").await;
    let call = api.asked("GET", paths::QUOTAS).await;
    assert_eq!(call.query, "q=volume&region=eu-west-1&sort=-used");
    call.answer(200, &Page::<QuotaView> { items: Vec::new(), next_cursor: None, total: 0 });
    until("that there is none", || page.find(".state-title").is_some()).await;
    assert_eq!(page.words(".state-title"), "No quotas");
    set_address("/");
}

#[wasm_bindgen_test]
async fn directories_are_turned_page_by_page_and_lead_to_their_own_workspaces() {
    let api = Api::new();
    let page = page(&api, DIRECTORIES, "/workspaces/directories?region=eu-west-1&used_from=80");
    assert!(page.find(SHARE).is_none(), "no share of a directory is used");
    let said = FieldError { field: "used_from".into(), code: "unknown".into(), message: "there is none".into() };
    let refused = Problem { errors: vec![said], ..problem(400, "invalid_query", "Look at the query.") };
    api.asked("GET", paths::DIRECTORIES).await.answer(400, &refused);
    let call = api.asked("GET", paths::DIRECTORIES).await;
    assert_eq!(call.query, "region=eu-west-1");
    call.answer(200, &Page { items: vec![directory(1)], next_cursor: Some("two".to_owned()), total: 2 });
    until("the directory", || page.find("[data-testid=directory-row]").is_some()).await;
    assert!(page.words("[data-testid=left-out]").contains("used_from=80"), "it is told what is not here");
    assert_eq!(["State", "Type"].map(|at| page.words(&format!("[data-label={at}]"))), ["Registered", "AD Connector"]);
    assert_eq!(page.words("[data-testid=place-workspaces]"), "1,234");
    let href = page.attribute("[data-testid=place-workspaces]", "href").unwrap_or_default();
    // Another account may see a directory of the same id.
    for part in ["/workspaces?", "directory=d-1", &format!("account={ACCOUNT}"), "region=eu-west-1"] {
        assert!(href.contains(part), "{part} in {href}");
    }
    assert_eq!(page.words(".pagination-range"), "1–1 of 2");

    page.click("[data-testid=page-next]").await;
    let call = api.asked("GET", paths::DIRECTORIES).await;
    assert_eq!(call.query, "region=eu-west-1&cursor=two");
    call.answer(200, &Page { items: vec![directory(2)], next_cursor: None, total: 2 });
    until("the other directory", || page.find("[data-id=d-2]").is_some()).await;
    assert_eq!(page.all("[data-testid=directory-row]").len(), 1);
    page.click("[data-testid=page-next]").await;
    assert_eq!(api.waiting(), 0, "this is the last page");
    page.click("[data-testid=page-previous]").await;
    let call = api.asked("GET", paths::DIRECTORIES).await;
    assert_eq!((call.query.as_str(), search().as_str()), ("region=eu-west-1", "?region=eu-west-1"));
    set_address("/");
}
