//! Times: relative on screen, in full (the reader's zone) on hover and for machines.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::format::relative;
use crate::state::clock::{full, use_now};

/// A moment, as "5 min ago".
#[component]
pub fn RelativeTime(at: DateTime<Utc>) -> impl IntoView {
    let now = use_now();
    let then = at.timestamp_millis();
    // The ticking clock lags by up to its tick; what happened since would otherwise seem to lie ahead.
    let text = move || {
        let now = now.ms();
        relative(if (then - 15_000..then).contains(&now) { then } else { now }, then)
    };
    view! { <time datetime=at.to_rfc3339() title=full(at)>{text}</time> }
}

/// A moment that may not be known; `otherwise` stands for it then.
#[component]
pub fn MaybeTime(at: Option<DateTime<Utc>>, #[prop(default = "never")] otherwise: &'static str) -> impl IntoView {
    match at {
        Some(at) => view! { <RelativeTime at/> }.into_any(),
        None => view! { <span class="muted">{otherwise}</span> }.into_any(),
    }
}
