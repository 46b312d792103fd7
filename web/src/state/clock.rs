//! The reader's clock: one ticking "now" for every relative time on screen, and full times in the reader's zone. With them goes how
//! the reader's language writes a number.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

const TICK: Duration = Duration::from_secs(10);

/// The present moment, milliseconds since the epoch, moving every ten seconds.
#[derive(Debug, Clone, Copy)]
pub struct Now(RwSignal<i64>);

impl Now {
    /// Starts the clock.
    pub fn start() -> Self {
        let now = RwSignal::new(read());
        set_interval(move || now.set(read()), TICK);
        Self(now)
    }

    /// Now; whoever reads it in a view is told when it moves. Never before what was just read, so that fresh rows say "just now".
    pub fn ms(self) -> i64 {
        self.0.get()
    }
}

/// The clock from the context.
pub fn use_now() -> Now {
    expect_context()
}

fn read() -> i64 {
    whole(js_sys::Date::now())
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since the epoch are whole and far below 2^53")]
fn whole(ms: f64) -> i64 {
    ms as i64
}

/// A moment in full, in the reader's language and time zone.
pub fn full(at: DateTime<Utc>) -> String {
    thread_local! {
        // Making one takes the browser longer than using it a hundred times, and lists have a time or two in each row.
        static FULL: js_sys::Function = {
            let options = options(&[("dateStyle", "medium"), ("timeStyle", "long")]);
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::of1(&language().into()), options.unchecked_ref()).format()
        };
    }
    let text = FULL.with(|full| full.call1(&JsValue::NULL, &js_date(at)));
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Only the time of day, to the second, in the reader's language and time zone.
pub fn time_of_day(at: DateTime<Utc>) -> String {
    js_date(at).to_locale_string(&language(), &options(&[("timeStyle", "medium")])).into()
}

/// Only the day, in the reader's language and time zone.
pub fn day(at: DateTime<Utc>) -> String {
    js_date(at).to_locale_string(&language(), &options(&[("dateStyle", "medium")])).into()
}

/// The first moment of a day in the reader's time zone; `None` for a day that the browser can't tell.
pub fn first_moment(day: NaiveDate) -> Option<DateTime<Utc>> {
    // A date and a time without a zone are the reader's.
    let ms = js_sys::Date::new(&JsValue::from_str(&format!("{day}T00:00:00"))).get_time();
    if ms.is_finite() { DateTime::from_timestamp_millis(whole(ms)) } else { None }
}

/// The day of a moment in the reader's time zone.
pub fn date_of(at: DateTime<Utc>) -> Option<NaiveDate> {
    let date = js_date(at);
    NaiveDate::from_ymd_opt(i32::try_from(date.get_full_year()).ok()?, date.get_month() + 1, date.get_date())
}

/// The reader's time zone, such as `Europe/Berlin`; `None` when the browser does not tell.
pub fn zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

/// A number as the browser writes it in the reader's language.
pub fn number(value: f64) -> String {
    let languages = js_sys::Array::of1(&language().into());
    let text = js_sys::Intl::NumberFormat::new(&languages, &js_sys::Object::new())
        .format()
        .call1(&JsValue::NULL, &JsValue::from_f64(value));
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch are far below 2^53")]
fn js_date(at: DateTime<Utc>) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64))
}

/// The reader's language. A browser under a POSIX locale says `en-US@posix`, which no formatter takes.
fn language() -> String {
    let told = window().navigator().language().unwrap_or_default();
    told.split('@').next().filter(|language| !language.is_empty()).unwrap_or("en").to_owned()
}

fn options(pairs: &[(&str, &str)]) -> JsValue {
    let object = js_sys::Object::new();
    for (key, value) in pairs {
        // Setting a property of a fresh plain object does not fail.
        let _ = js_sys::Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    object.into()
}

/// The present moment, read now. For marking what just happened on screen; stored times are the server's.
pub fn right_now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(read()).unwrap_or_default()
}
