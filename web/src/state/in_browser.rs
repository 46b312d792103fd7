//! The reader's clock in a browser, whose zone the step that runs this sets.
#![cfg(target_arch = "wasm32")]

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::clock::{Now, date_of, day, first_moment, full, number, time_of_day, zone};
use crate::components::ui::time::RelativeTime;
use crate::stage::stage;

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
