//! A turn in a browser: its thumbs before and after the server has said something, and what is said of a copy. And what is said
//! of tokens where one asks.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::assistant::{QuotaView, Thumb, TurnState, TurnView};
use contract::paths;
use domain::assistant::Level;
use domain::ids::{ConversationId, TurnId};
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::chat::Chat;
use super::composer::Composer;
use super::state::Shown;
use super::turn::Turn;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, Clipboard, Stage, problem, stage, until};
use crate::state::{clock::Now, toasts::Toasts};

const UP: &str = "[data-testid=thumb-up]";
const DOWN: &str = "[data-testid=thumb-down]";
const COPY: &str = "[data-testid=answer-copy]";
const QUOTA: &str = "[data-testid=quota]";

fn answered(thumb: Option<Thumb>) -> TurnView {
    TurnView {
        id: TurnId(uuid::Uuid::nil()),
        question: "How many are stopped?".into(),
        state: TurnState::Answered,
        answer: vec!["Two are stopped.".into()],
        level: Some(Level::Template),
        passed_over: Vec::new(),
        sources: Vec::new(),
        thumb,
        created_at: DateTime::UNIX_EPOCH,
        answered_at: Some(DateTime::UNIX_EPOCH),
    }
}

async fn turn() -> Stage {
    stage(|| {
        provide_context(Now::start());
        provide_context(Toasts::new());
        let (turn, chat) = (answered(None), Chat::new());
        let (id, shown) = (turn.id, ArcRwSignal::new(Shown::kept(turn)));
        chat.turns.set(vec![(id, shown.clone())]);
        view! { <Turn id turn=shown chat/><ToastRegion/> }
    })
}

#[wasm_bindgen_test]
async fn a_copy_is_said_to_be_one_only_where_it_is() {
    let clipboard = Clipboard::takes();
    let page = turn().await;
    page.click(COPY).await;
    until("it is said", || page.find(".toast-text").is_some()).await;
    assert_eq!(page.each_words(".toast-text"), ["The answer is copied, with its sources"]);
    assert!(clipboard.written().unwrap().contains("Two are stopped."));
    drop((page, clipboard));
    for clipboard in [Clipboard::refuses, Clipboard::none] {
        let _clipboard = clipboard();
        let page = turn().await;
        page.click(COPY).await;
        until("it is said", || page.find(".toast-text").is_some()).await;
        let told = "The browser did not copy the answer. Mark it and copy it by hand.";
        assert_eq!(page.each_words(".toast-text"), [told]);
        assert_eq!(page.words("[data-testid=answer]").trim(), "Two are stopped.", "it stays, to be marked");
    }
}

fn thumbs(page: &Stage) -> (bool, bool) {
    let pressed = |css| page.attribute(css, "aria-pressed").as_deref() == Some("true");
    (pressed(UP), pressed(DOWN))
}

fn at_rest(page: &Stage) -> bool {
    [UP, DOWN].iter().all(|css| page.attribute(css, "aria-busy").is_none())
}

#[wasm_bindgen_test]
async fn thumbs_are_shown_at_once_one_at_a_time_and_taken_back_where_they_are_refused() {
    let api = Api::new();
    let page = turn().await;
    let path = paths::with_id(paths::TURN, uuid::Uuid::nil());
    page.click(UP).await;
    let up = api.asked("PATCH", &path).await;
    assert_eq!((up.body.clone(), thumbs(&page)), (json!({"thumb": "up"}), (true, false)));
    page.click(DOWN).await;
    assert_eq!((api.waiting(), thumbs(&page)), (0, (true, false)), "the first is still on its way");
    up.answer(200, &answered(Some(Thumb::Up)));
    until("it is kept", || at_rest(&page)).await;
    assert_eq!(thumbs(&page), (true, false));

    page.click(DOWN).await;
    let down = api.asked("PATCH", &path).await;
    assert_eq!((down.body.clone(), thumbs(&page)), (json!({"thumb": "down"}), (false, true)));
    down.answer(500, &problem(500, "internal", "Something broke."));
    until("it is taken back", || at_rest(&page)).await;
    assert_eq!(thumbs(&page), (true, false));
    assert_eq!(page.words(".toast-text"), "Your thumb could not be kept: Something broke.");

    page.click(UP).await;
    assert_eq!(api.asked("PATCH", &path).await.body, json!({"thumb": null}));
}

#[wasm_bindgen_test]
async fn tokens_are_spoken_of_where_one_asks_from_the_warning_on() {
    let quota = |whose: &str, used, warning| QuotaView { whose: whose.into(), used, limit: Some(10_000), warning };
    let quotas = ArcRwSignal::new(vec![quota("you", 7_999, false), quota("Design", 1, false)]);
    let given = quotas.clone();
    let page = stage(move || {
        provide_context(Toasts::new());
        let (chat, quotas) = (Chat::new(), Signal::derive(move || given.get()));
        view! { <Composer chat quotas on_sent=Callback::new(|_: ConversationId| ())/> }
    });
    assert!(page.find("[data-testid=question]").is_some() && page.find(QUOTA).is_none());

    quotas.set(vec![quota("you", 8_000, true), quota("Design", 10_000, true)]);
    until("both are told", || page.all(QUOTA).len() == 2).await;
    let used_up = "Design’s tokens of this month are used up. Until the month ends, answers are written sentences over the same \
                   facts.";
    assert_eq!(page.each_words(QUOTA), ["Your tokens of this month: 8,000 of 10,000 used.", used_up]);
    assert_eq!(page.each_words(".notice-warning"), [used_up], "what is left of one's own is no warning yet");
    assert!(page.find("[data-testid=question]").is_some(), "one can ask all the same");

    quotas.set(vec![quota("you", 0, false)]);
    until("a new month has begun", || page.find(QUOTA).is_none()).await;
}
