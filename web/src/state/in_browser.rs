//! The reader's clock in a browser, whose zone the step that runs this sets; and in which order answers are shown.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::clock::{Now, date_of, day, first_moment, full, number, time_of_day, zone};
use super::loader::Loader;
use crate::api::client;
use crate::components::ui::states::Loaded;
use crate::components::ui::time::RelativeTime;
use crate::stage::{Api, Stage, problem, settle, stage, until};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[wasm_bindgen_test]
fn times_are_those_of_the_readers_zone_in_each_season() {
    assert_eq!(zone().as_deref(), Some("Australia/Adelaide"));
    let (summer, winter) = (at("2026-01-15T20:00:05Z"), at("2026-07-15T20:00:05Z"));
    assert_eq!((day(summer), day(winter)), ("Jan 16, 2026".to_owned(), "Jul 16, 2026".to_owned()));
    // Between the time and what follows it stands a space that does not break.
    assert!(time_of_day(summer).starts_with("6:30:05"), "{}", time_of_day(summer));
    assert!(time_of_day(winter).starts_with("5:30:05"), "{}", time_of_day(winter));
    let words = full(summer);
    assert!(words.starts_with("Jan 16, 2026, 6:30:05") && words.ends_with("GMT+10:30"), "{words}");
    assert!(full(winter).ends_with("GMT+9:30"), "{}", full(winter));
}

#[wasm_bindgen_test]
fn days_begin_at_the_readers_midnight_in_each_season() {
    let days = [("2026-01-16", "2026-01-15T13:30:00Z"), ("2026-07-16", "2026-07-15T14:30:00Z")];
    for (date, begin) in days {
        let (date, begin): (NaiveDate, _) = (date.parse().unwrap(), at(begin));
        assert_eq!(first_moment(date), Some(begin));
        assert_eq!(date_of(begin), Some(date));
        assert_eq!(date_of(begin - TimeDelta::seconds(1)), date.pred_opt());
    }
    // A field gives such years while one is being typed.
    let early: NaiveDate = "0020-11-21".parse().unwrap();
    assert_eq!(first_moment(early).and_then(date_of), Some(early));
}

#[wasm_bindgen_test]
fn numbers_are_those_of_the_readers_language() {
    assert_eq!([number(1_234_567.8), number(-0.5)], ["1,234,567.8", "-0.5"]);
}

#[wasm_bindgen_test]
fn a_moment_is_told_from_now_and_in_full() {
    let past = at("2020-02-29T23:59:59Z");
    let page = stage(move || {
        provide_context(Now::start());
        view! { <RelativeTime at=past/> }
    });
    assert!(page.words("time").ends_with(" years ago"), "{}", page.words("time"));
    assert_eq!(page.attribute("time", "datetime").as_deref(), Some("2020-02-29T23:59:59+00:00"));
    assert_eq!(page.attribute("time", "title"), Some(full(past)));
}

/// What reads the number of `key`, and the page that shows it.
fn reader(key: RwSignal<Option<u32>>) -> (Loader<String>, Stage) {
    let kept = StoredValue::new(None);
    let page = stage(move || {
        let loader = Loader::keyed(Memo::new(move |_| key.get()), |n: u32| async move {
            client::get::<String>(&format!("/api/v1/number/{n}")).await
        });
        kept.set_value(Some(loader));
        view! { <Loaded loader show=Callback::new(|text: String| view! { <p class="shown">{text}</p> }.into_any())/> }
    });
    (kept.get_value().unwrap(), page)
}

const NUMBER: &str = "/api/v1/number/1";

#[wasm_bindgen_test]
async fn a_late_answer_to_an_older_question_is_dropped() {
    let (api, key) = (Api::new(), RwSignal::new(Some(1)));
    let (_, page) = reader(key);
    let first = api.asked("GET", NUMBER).await;
    key.set(Some(2));
    let second = api.asked("GET", "/api/v1/number/2").await;
    first.answer(200, &"first");
    settle().await;
    assert!(page.find(".shown").is_none(), "it is about something else");
    second.answer(200, &"second");
    until("the second answer", || page.find(".shown").is_some()).await;
    assert_eq!(page.words(".shown"), "second");
}

#[wasm_bindgen_test]
async fn changes_that_come_faster_than_answers_keep_none_away() {
    let api = Api::new();
    let (loader, page) = reader(RwSignal::new(Some(1)));
    let first = api.asked("GET", NUMBER).await;
    loader.refresh();
    let second = api.asked("GET", NUMBER).await;
    loader.refresh();
    let third = api.asked("GET", NUMBER).await;
    assert!(loader.loading.get_untracked());
    first.answer(200, &"first");
    until("the first answer", || page.find(".shown").is_some()).await;
    assert!(!loader.loading.get_untracked(), "the reader has what they waited for");
    third.answer(200, &"third");
    until("the third answer", || page.words(".shown") == "third").await;
    second.answer(200, &"second");
    settle().await;
    assert_eq!(page.words(".shown"), "third", "the second was overtaken");
}

#[wasm_bindgen_test]
async fn what_was_asked_before_the_reader_did_something_is_dropped() {
    let api = Api::new();
    let (loader, page) = reader(RwSignal::new(Some(1)));
    api.asked("GET", NUMBER).await.answer(200, &"first");
    until("the first answer", || page.find(".shown").is_some()).await;
    loader.refresh();
    let before = api.asked("GET", NUMBER).await;
    assert!(!loader.loading.get_untracked(), "nobody waits for it");
    loader.reload();
    let after = api.asked("GET", NUMBER).await;
    before.answer(200, &"before");
    settle().await;
    assert_eq!((page.words(".shown"), loader.loading.get_untracked()), ("first".to_owned(), true));
    after.answer(200, &"after");
    until("what it is after that", || page.words(".shown") == "after").await;
    assert!(!loader.loading.get_untracked());
}

#[wasm_bindgen_test]
async fn a_page_that_goes_before_its_question_is_put_asks_nothing() {
    let asked = Rc::new(Cell::new(false));
    let seen = Rc::clone(&asked);
    let _page = stage(move || {
        let part = Owner::new();
        part.with(|| {
            let number = RwSignal::new(7_u32);
            Loader::once(move || {
                seen.set(true);
                std::future::ready(Ok(number.get_untracked()))
            })
        });
        part.cleanup();
    });
    settle().await;
    assert!(!asked.get());
}

#[wasm_bindgen_test]
async fn who_is_refused_misses_nothing() {
    let api = Api::new();
    let (loader, _page) = reader(RwSignal::new(Some(1)));
    for (status, refused, missed) in [(403, true, false), (500, false, true), (200, false, false)] {
        let call = api.asked("GET", NUMBER).await;
        if status == 200 {
            call.answer(status, &"first");
        } else {
            call.answer(status, &problem(status, "some", "Some words."));
        }
        until("the answer", || untrack(|| (loader.refused(), loader.missed())) == (refused, missed)).await;
        loader.reload();
    }
}
