//! The palette in a browser: a few letters, keys, and where they lead.
#![cfg(target_arch = "wasm32")]

use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::components::Router;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Face, inside};
use crate::stage::{Api, SignedIn, Stage, key, settle, sign_in, stage, until, workspace};
use crate::state::{session::Session, theme::Theme, toasts::Toasts};

const FIELD: &str = "[data-testid=palette-field]";
const MAY: [Permission; 2] = [Permission::AuditRead, Permission::WorkspaceRead];

async fn palette(api: &Api, open: RwSignal<bool>, may: &[Permission]) -> Stage {
    let page = stage(move || {
        provide_context(Session::load());
        provide_context(Theme::load());
        provide_context(Toasts::new());
        view! { <SignedIn/><Router><Show when=move || open.get()>{inside(open, Face::Commands)}</Show></Router> }
    });
    sign_in(&page, api, may).await;
    page
}

fn chosen(page: &Stage) -> String {
    page.words("[aria-selected=true] .palette-label")
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
    assert_eq!(page.each_words(".palette-label"), ["Audit", "Audit log"]);
    assert_eq!(chosen(&page), "Audit");
    page.focus(FIELD).await;
    for (name, line) in [("ArrowDown", "Audit log"), ("ArrowDown", "Audit"), ("ArrowUp", "Audit log")] {
        key(name).await;
        assert_eq!(chosen(&page), line, "{name}");
    }
    let active = page.attribute(FIELD, "aria-activedescendant").unwrap();
    assert_eq!(page.words(&format!("#{active} .palette-label")), "Audit log");
    key("Enter").await;
    until("it goes there", || window().location().pathname().unwrap() == "/audit/log").await;
    assert!(!open.get_untracked() && page.find(FIELD).is_none());
    window().history().unwrap().replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/")).unwrap();
}

#[wasm_bindgen_test]
async fn people_are_found_by_their_newest_letters_only() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = palette(&api, open, &MAY).await;
    let found = |names: &[&str]| {
        let items = names
            .iter()
            .zip(1..)
            .map(|(name, n)| WorkspaceView { user_name: (*name).to_owned(), ..workspace(n) })
            .collect();
        Page { items, next_cursor: None, total: 2 }
    };
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
