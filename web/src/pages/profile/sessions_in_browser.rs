//! Where one is signed in, in a browser: one session is ended, or all but this one.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::page::Page;
use contract::paths;
use contract::session::{EndedSessionsView, SessionItemView};
use domain::ids::SessionId;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::sessions::SessionsPart;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, Stage, problem, stage, until};
use crate::state::clock::Now;
use crate::state::toasts::Toasts;

const LINE: &str = "[data-testid=session-line]";
const END: &str = "[data-testid=session-end]";
const END_OTHERS: &str = "[data-testid=sessions-end-others]";

/// The session of that number; the first one is this one.
fn item(number: u128) -> SessionItemView {
    SessionItemView {
        id: SessionId(Uuid::from_u128(number)),
        current: number == 1,
        method: "second_factor".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        last_seen_at: DateTime::UNIX_EPOCH,
        expires_at: DateTime::UNIX_EPOCH,
        ip_address: (number == 1).then(|| "192.0.2.7".to_owned()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140) Firefox/140.0".to_owned()),
    }
}

/// Answers the page that asks where one is signed in, and waits until it shows so many.
async fn read(page: &Stage, api: &Api, numbers: &[u128]) {
    let items: Vec<_> = numbers.iter().map(|&number| item(number)).collect();
    let total = items.len() as u64;
    api.asked("GET", paths::PROFILE_SESSIONS).await.answer(200, &Page { items, next_cursor: None, total });
    until("the sessions", || page.all(LINE).len() == numbers.len()).await;
}

async fn sessions(api: &Api, numbers: &[u128]) -> Stage {
    let page = stage(|| {
        provide_context(Toasts::new());
        provide_context(Now::start());
        view! { <SessionsPart/><ToastRegion/> }
    });
    read(&page, api, numbers).await;
    page
}

#[wasm_bindgen_test]
async fn another_session_is_ended_and_this_one_is_not_offered() {
    let api = Api::new();
    let page = sessions(&api, &[1, 2]).await;
    assert_eq!(page.each_words(".line-name"), ["Firefox on LinuxThis one", "Firefox on Linux"]);
    let places = page.each_words(&format!("{LINE} .cell-sub"));
    assert!(places[0].starts_with("192.0.2.7 · signed in by password and code "), "{}", places[0]);
    assert!(places[1].starts_with("address not known"), "{}", places[1]);
    assert_eq!((page.all(END).len(), page.all(&format!("{LINE}:nth-child(2) {END}")).len()), (1, 1));

    let path = paths::with_id(paths::PROFILE_SESSION, item(2).id);
    page.click(END).await;
    api.asked("DELETE", &path).await.answer(500, &problem(500, "internal", "Something broke."));
    until("why not", || page.each_words(".toast-text") == ["It could not be ended: Something broke."]).await;
    read(&page, &api, &[1, 2]).await;
    page.click(END).await;
    api.asked("DELETE", &path).await.answer(200, &());
    read(&page, &api, &[1]).await;
    assert_eq!(page.each_words(".toast-text")[1], "That session is ended");
    assert!(page.find(END).is_none() && page.find(END_OTHERS).is_none(), "there is no other");
}

#[wasm_bindgen_test]
async fn all_others_are_ended_at_once() {
    let api = Api::new();
    let page = sessions(&api, &[1, 2, 3]).await;
    page.click(END_OTHERS).await;
    api.asked("DELETE", paths::PROFILE_SESSIONS).await.answer(200, &EndedSessionsView { ended: 2 });
    read(&page, &api, &[1]).await;
    assert_eq!(page.each_words(".toast-text"), ["All other sessions are ended"]);
    assert!(page.words(".line-name").contains("This one"));
    assert!(page.find(END_OTHERS).is_none());
}
