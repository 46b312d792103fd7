//! The menu of views in a browser: what is shown of a change before the server has it and once it refuses it, and what takes back
//! what was done to a view.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use contract::page::Page;
use contract::paths;
use contract::views::SavedView;
use domain::access::Permission;
use domain::ids::ViewId;
use domain::views::ViewPage;
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::menu::ViewsMenu;
use super::undo::Told;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, SignedIn, Stage, problem, settle, sign_in, stage, until};
use crate::state::{session::Session, toasts::Toasts};

const ID: ViewId = ViewId(Uuid::from_u128(5));
const UNDO: &str = "[data-testid=toast-undo]";

fn view(name: &str, shared: bool, own: bool, version: i64) -> SavedView {
    SavedView {
        id: ID,
        page: ViewPage::Workspaces,
        name: name.to_owned(),
        query: "state=STOPPED".to_owned(),
        shared,
        own,
        created_at: chrono::DateTime::UNIX_EPOCH,
        updated_at: chrono::DateTime::UNIX_EPOCH,
        version,
    }
}

/// A page that tells what was done, and how often the views were read again.
async fn page(api: &Api, may: &[Permission]) -> (Stage, Told, RwSignal<u32>) {
    let read = RwSignal::new(0);
    let told = Rc::new(Cell::new(None));
    let kept = told.clone();
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Session::load());
        kept.set(Some(Told::here(Callback::new(move |()| read.update(|times| *times += 1)))));
        view! { <ToastRegion/><SignedIn/> }
    });
    sign_in(&page, api, may).await;
    let told = told.take().unwrap();
    (page, told, read)
}

#[wasm_bindgen_test]
async fn a_view_that_was_removed_is_made_again() {
    let api = Api::new();
    let (page, told, read) = page(&api, &[]).await;
    told.removed(view("Off", false, true, 3));
    until("what takes it back", || page.find(UNDO).is_some()).await;
    page.click(UNDO).await;
    let call = api.asked("POST", paths::VIEWS).await;
    assert_eq!(call.body, json!({ "page": "workspaces", "name": "Off", "query": "state=STOPPED", "shared": false }));
    call.answer(201, &view("Off", false, true, 1));
    until("it is said", || page.each_words(".toast-text") == ["The view Off is back"]).await;
    assert_eq!(read.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn a_view_that_was_changed_is_as_it_was_unless_somebody_was_faster() {
    let api = Api::new();
    let (page, told, _) = page(&api, &[Permission::ViewShare]).await;
    told.changed(view("Off", true, true, 3), &view("On", false, true, 4));
    until("what takes it back", || page.find(UNDO).is_some()).await;
    page.click(UNDO).await;
    let call = api.asked("PATCH", &paths::with_id(paths::VIEW, ID)).await;
    assert_eq!(call.body, json!({ "name": "Off", "query": "state=STOPPED", "shared": true }));
    assert_eq!(call.version.as_deref(), Some("\"4\""));
    call.answer(412, &problem(412, "precondition_failed", "Somebody changed it meanwhile."));
    let why = "It could not be undone: Somebody changed it meanwhile.";
    until("it is said why not", || page.each_words(".toast-text") == [why]).await;
}

#[wasm_bindgen_test]
async fn what_would_not_be_as_it_was_is_not_offered() {
    let api = Api::new();
    let (page, told, _) = page(&api, &[]).await;
    for (gone, why) in [
        (view("Another's", true, false, 1), "it would be mine"),
        (view("Shared", true, true, 1), "it would be mine alone"),
    ] {
        told.removed(gone);
        settle().await;
        assert!(page.find(UNDO).is_none(), "{why}");
    }
    assert_eq!(page.all(".toast-text").len(), 2);
}

const NOW: &str = "[data-testid=views-current]";

/// The menu on a page with this query, whose only view is `Off`, which is one's own and what the query asks for.
async fn menu(api: &Api, query: RwSignal<String>) -> Stage {
    menu_with(api, query, view("Off", false, true, 3), &[]).await
}

/// The same with that view, for somebody who may do this.
async fn menu_with(api: &Api, query: RwSignal<String>, off: SavedView, may: &[Permission]) -> Stage {
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { <ViewsMenu page=ViewPage::Workspaces query/><ToastRegion/><SignedIn/> }
    });
    sign_in(&page, api, may).await;
    api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[off]));
    until("the view", || page.words(NOW) == "Off").await;
    page
}

fn listed(views: &[SavedView]) -> Page<SavedView> {
    Page { items: views.to_vec(), next_cursor: None, total: views.len() as u64 }
}

#[wasm_bindgen_test]
async fn a_view_is_gone_before_the_server_says_so_and_is_there_again_where_it_refuses() {
    let api = Api::new();
    let page = menu(&api, RwSignal::new("state=STOPPED".to_owned())).await;
    for refused in [true, false] {
        page.click("[data-testid=views]").await;
        page.click("[data-testid=view-delete]").await;
        page.click("[data-testid=confirm-do]").await;
        let call = api.asked("DELETE", &paths::with_id(paths::VIEW, ID)).await;
        let asked = page.find("[data-testid=confirm-do]").is_some();
        assert_eq!((page.words(NOW).as_str(), asked), ("Views", false), "before there is an answer");
        if refused {
            assert_eq!(call.version.as_deref(), Some("\"3\""));
            call.answer(412, &problem(412, "precondition_failed", "Somebody changed it meanwhile."));
            until("it is there again", || page.words(NOW) == "Off").await;
            let why = "The view Off could not be deleted: Somebody changed it meanwhile.";
            until("it is said why", || page.each_words(".toast-text") == [why]).await;
            assert!(page.find(UNDO).is_none(), "there is nothing to take back");
            // The one that somebody made of it is what the next try is about.
            api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[view("Off", false, true, 4)]));
            settle().await;
        } else {
            assert_eq!(call.version.as_deref(), Some("\"4\""));
            call.answer(200, &());
            until("what takes it back", || page.find(UNDO).is_some()).await;
            api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[]));
            settle().await;
            assert_eq!(page.words(NOW), "Views");
        }
    }
}

#[wasm_bindgen_test]
async fn a_view_that_nobody_could_make_again_goes_when_the_server_says_so() {
    let api = Api::new();
    let query = RwSignal::new("state=STOPPED".to_owned());
    let page = menu_with(&api, query, view("Off", true, false, 3), &[Permission::ViewManage]).await;
    page.click("[data-testid=views]").await;
    page.click("[data-testid=view-delete]").await;
    page.click("[data-testid=confirm-do]").await;
    let path = paths::with_id(paths::VIEW, ID);
    let call = api.asked("DELETE", &path).await;
    assert_eq!(page.attribute("[data-testid=confirm-do]", "aria-busy").as_deref(), Some("true"));
    assert_eq!(page.words(NOW), "Off", "before there is an answer");
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("it is said why not", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.words(NOW), "Off");

    page.click("[data-testid=confirm-do]").await;
    api.asked("DELETE", &path).await.answer(200, &());
    until("it is said", || page.each_words(".toast-text") == ["The view Off is deleted"]).await;
    assert!(page.find("[data-testid=confirm-do]").is_none() && page.find(UNDO).is_none(), "nothing takes it back");
    api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[]));
    until("it is gone", || page.words(NOW) == "Views").await;
}

#[wasm_bindgen_test]
async fn nothing_more_is_asked_while_a_view_goes() {
    let api = Api::new();
    let query = RwSignal::new("state=STOPPED".to_owned());
    let page = menu_with(&api, query, view("Off", true, false, 3), &[Permission::ViewManage]).await;
    page.click("[data-testid=views]").await;
    page.click("[data-testid=view-delete]").await;
    page.click("[data-testid=confirm-do]").await;
    let call = api.asked("DELETE", &paths::with_id(paths::VIEW, ID)).await;
    page.click("[data-testid=confirm] .dialog-foot button").await;
    until("nothing is asked", || page.find("[data-testid=confirm-do]").is_none()).await;
    page.click("[data-testid=views]").await;
    page.click("[data-testid=view-delete]").await;
    assert!(page.find("[data-testid=confirm-do]").is_none(), "the answer would be about another question");
    call.answer(500, &problem(500, "internal", "Something broke."));
    let busy = || page.attribute("[data-testid=view-delete]", "aria-busy").is_some();
    until("it can be deleted again", || page.find("[data-testid=view-delete]").is_some() && !busy()).await;
    page.click("[data-testid=view-delete]").await;
    until("it is asked", || page.find("[data-testid=confirm-do]").is_some()).await;
}

#[wasm_bindgen_test]
async fn a_view_is_not_deleted_while_it_is_being_replaced() {
    let api = Api::new();
    let query = RwSignal::new("state=STOPPED".to_owned());
    let page = menu(&api, query).await;
    query.set("state=STOPPED&q=ana".to_owned());
    until("it is another", || page.words(NOW) == "Off (changed)").await;
    page.click("[data-testid=views]").await;
    page.click("[data-testid=view-update]").await;
    let call = api.asked("PATCH", &paths::with_id(paths::VIEW, ID)).await;
    page.click("[data-testid=views]").await;
    page.click("[data-testid=view-delete]").await;
    assert!(page.find("[data-testid=confirm-do]").is_none(), "of two changes under way nobody knows what comes");
    let now = SavedView { query: "state=STOPPED&q=ana".to_owned(), ..view("Off", false, true, 4) };
    call.answer(200, &now);
    api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[now]));
    let busy = || page.attribute("[data-testid=view-delete]", "aria-busy").is_some();
    until("it can be deleted again", || page.find("[data-testid=view-delete]").is_some() && !busy()).await;
    page.click("[data-testid=view-delete]").await;
    until("it is asked", || page.find("[data-testid=confirm-do]").is_some()).await;
}

#[wasm_bindgen_test]
async fn what_a_view_shows_is_replaced_at_once_and_is_as_it_was_where_that_is_refused() {
    let api = Api::new();
    let query = RwSignal::new("state=STOPPED".to_owned());
    let page = menu(&api, query).await;
    query.set("state=STOPPED&q=ana".to_owned());
    until("it is another", || page.words(NOW) == "Off (changed)").await;
    for refused in [true, false] {
        page.click("[data-testid=views]").await;
        page.click("[data-testid=view-update]").await;
        let call = api.asked("PATCH", &paths::with_id(paths::VIEW, ID)).await;
        assert_eq!(call.body, json!({ "query": "state=STOPPED&q=ana" }));
        assert_eq!(page.words(NOW), "Off", "before there is an answer");
        if refused {
            call.answer(500, &problem(500, "internal", "Something broke."));
            until("it is as it was", || page.words(NOW) == "Off (changed)").await;
            let why = "The view was not changed: Something broke.";
            until("it is said why", || page.each_words(".toast-text") == [why]).await;
            api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[view("Off", false, true, 3)]));
            settle().await;
        } else {
            let now = SavedView { query: "state=STOPPED&q=ana".to_owned(), ..view("Off", false, true, 4) };
            call.answer(200, &now);
            until("what takes it back", || page.find(UNDO).is_some()).await;
            api.asked("GET", paths::VIEWS).await.answer(200, &listed(&[now]));
            settle().await;
            assert_eq!(page.words(NOW), "Off");
        }
    }
}
