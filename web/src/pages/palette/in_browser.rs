//! The palette in a browser: a few letters, keys, and where they lead.
#![cfg(target_arch = "wasm32")]

use contract::accounts::AccountView;
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::components::Router;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Face, inside};
use crate::stage::{Api, SignedIn, Stage, key, problem, search, set_address, settle, sign_in, stage, until, workspace};
use crate::state::{session::Session, theme::Theme, toasts::Toasts};

const FIELD: &str = "[data-testid=palette-field]";
const MAY: [Permission; 2] = [Permission::AuditRead, Permission::WorkspaceRead];
/// What "aud" finds: pages by their names before those by other words.
const FOUND: [&str; 3] = ["Audit", "Audit log", "Everything that happened"];

async fn palette(api: &Api, open: RwSignal<bool>, may: &[Permission]) -> Stage {
    let page = stage(move || {
        provide_context(Session::load());
        provide_context(Theme::load());
        provide_context(Toasts::new());
        let face = RwSignal::new(Face::Commands);
        view! { <SignedIn/><Router><Show when=move || open.get()>{inside(open, face)}</Show></Router> }
    });
    sign_in(&page, api, may).await;
    page
}

fn chosen(page: &Stage) -> String {
    page.words("[aria-selected=true] .palette-label")
}

fn found(names: &[&str]) -> Page<WorkspaceView> {
    let items = names
        .iter()
        .zip(1..)
        .map(|(name, n)| WorkspaceView { user_name: (*name).to_owned(), ..workspace(n) })
        .collect();
    Page { items, next_cursor: None, total: names.len() as u64 }
}

/// Longer than typing has to rest before anybody is asked.
async fn typing_rests() {
    gloo_timers::future::TimeoutFuture::new(400).await;
}

#[wasm_bindgen_test]
async fn a_few_letters_find_and_keys_choose() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &MAY).await;
    until("what one may see", || page.each_words(".palette-label").contains(&"Audit log".to_owned())).await;
    assert!(!page.each_words(".palette-label").contains(&"Costs".to_owned()), "and nothing else");
    page.write(FIELD, "aud").await;
    assert_eq!(page.each_words(".palette-label"), FOUND);
    assert_eq!(chosen(&page), "Audit");
    page.focus(FIELD).await;
    for (name, line) in [
        ("ArrowDown", "Audit log"),
        ("ArrowDown", "Everything that happened"),
        ("ArrowDown", "Audit"),
        ("ArrowUp", "Everything that happened"),
        ("ArrowUp", "Audit log"),
    ] {
        key(name).await;
        assert_eq!(chosen(&page), line, "{name}");
    }
    let active = page.attribute(FIELD, "aria-activedescendant").unwrap();
    assert_eq!(page.words(&format!("#{active} .palette-label")), "Audit log");
    key("Enter").await;
    until("it goes there", || window().location().pathname().unwrap() == "/audit/log").await;
    assert!(!open.get_untracked() && page.find(FIELD).is_none());
    set_address("/");
}

#[wasm_bindgen_test]
async fn people_are_found_by_their_newest_letters_only() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &MAY).await;
    page.write(FIELD, "zo").await;
    let older = api.asked("GET", paths::WORKSPACES).await;
    assert_eq!(older.query, "q=zo&limit=6");
    page.write(FIELD, "zoe").await;
    let newer = api.asked("GET", paths::WORKSPACES).await;
    newer.answer(200, &found(&["zoe.a", "zoe.b"]));
    until("who they are", || page.each_words(".palette-label") == ["zoe.a", "zoe.b"]).await;
    older.answer(200, &found(&["zora"]));
    settle().await;
    assert_eq!(page.each_words(".palette-label"), ["zoe.a", "zoe.b"]);
    assert_eq!(page.words(".palette-note"), "Stopped · ws-1");
    page.write(FIELD, "z").await;
    assert!(page.find(".palette-line").is_none() && page.words("[role=status]").starts_with("Nothing is called that."));
    typing_rests().await;
    assert_eq!(api.waiting(), 0, "one letter asks nobody");
}

#[wasm_bindgen_test]
async fn who_may_see_no_desktops_asks_for_none() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &[]).await;
    page.write(FIELD, "prof").await;
    assert_eq!(page.each_words(".palette-label")[0], "Profile");
    typing_rests().await;
    assert_eq!(api.waiting(), 0);
}

#[wasm_bindgen_test]
async fn what_is_made_is_offered_to_who_may_make_it() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &[Permission::ReportRead, Permission::ReportManage, Permission::TeamWrite]).await;
    page.write(FIELD, "new").await;
    let offered = page.each_words(".palette-label");
    assert_eq!(offered[0], "New report", "{offered:?}");
    assert!(!offered.contains(&"New team".to_owned()), "the page of teams is closed to them: {offered:?}");
    page.focus(FIELD).await;
    key("Enter").await;
    until("its form has an address", || search() == "?report=new").await;
    assert_eq!(window().location().pathname().unwrap(), "/reports");
    set_address("/");
}

#[wasm_bindgen_test]
async fn what_can_be_done_with_a_desktop_leads_to_its_preview() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let may = [Permission::WorkspaceRead, Permission::WorkspaceStart, Permission::WorkspaceStop];
    let page = palette(&api, open, &may).await;
    // The sample is stopped: it can't be stopped again, and restarting it is not theirs to do.
    for (typed, lines) in
        [("zoe", vec!["zoe", "Start zoe"]), ("stop zoe", vec!["zoe"]), ("start zoe", vec!["Start zoe"])]
    {
        page.write(FIELD, typed).await;
        let call = api.asked("GET", paths::WORKSPACES).await;
        assert_eq!(call.query, "q=zoe&limit=6", "{typed}");
        call.answer(200, &found(&["zoe"]));
        until(typed, || page.each_words(".palette-label") == lines).await;
    }
    page.focus(FIELD).await;
    key("Enter").await;
    until("the preview has an address", || search() == "?do=start").await;
    assert_eq!(window().location().pathname().unwrap(), format!("/workspaces/{}", workspace(1).id));
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_search_that_failed_says_so() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &MAY).await;
    page.write(FIELD, "audit").await;
    api.asked("GET", paths::WORKSPACES).await.answer(500, &problem(500, "internal", "It broke."));
    until("it is said", || page.words("[role=status]").contains("It broke.")).await;
    assert!(page.words("[role=status]").starts_with("WorkSpaces could not be looked for."));
    assert_eq!(page.each_words(".palette-label"), FOUND, "pages are found without them");
    page.write(FIELD, "a").await;
    assert_eq!(page.words("[role=status]"), "", "what is typed now was not looked for");
}

#[wasm_bindgen_test]
async fn a_sync_begins_and_keys_take_the_place_of_what_was_found() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &[Permission::AccountRead, Permission::SyncRun]).await;
    page.write(FIELD, "keyboard").await;
    assert_eq!(page.each_words(".palette-label"), ["Keys and what they do"]);
    page.click(".palette-line").await;
    until("the keys", || page.find("[data-testid=keys]").is_some()).await;
    assert!(open.get_untracked() && page.find(FIELD).is_none());
    drop(page);
    open.set(true);
    let page = palette(&api, open, &[Permission::AccountRead, Permission::SyncRun]).await;
    page.write(FIELD, "sync now").await;
    page.click(".palette-line").await;
    let none = Page::<AccountView> { items: Vec::new(), next_cursor: None, total: 0 };
    api.asked("GET", paths::ACCOUNTS).await.answer(200, &none);
    assert!(!open.get_untracked());
}
