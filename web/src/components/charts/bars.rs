//! Bars below each other, each as long as its share of the whole.

use leptos::prelude::*;

use super::{Slice, share, share_words};
use crate::format::thousands;

/// A list of bars.
#[component]
pub fn BarList(slices: Vec<Slice>) -> impl IntoView {
    let total: u64 = slices.iter().map(|s| s.count).sum();
    let rows = slices
        .into_iter()
        .map(|slice| {
            let width = share(slice.count, total).max(u64::from(slice.count > 0) * 8);
            view! {
                <li>
                    <a class="bar-row" href=slice.href>
                        <span class="bar-label">{slice.label}</span>
                        <span class="bar-count">{thousands(slice.count)}</span>
                        <span class="bar-share">{share_words(slice.count, total)}</span>
                        <svg class="bar-track" viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true">
                            <rect class=format!("slice slice-{}", slice.tone.as_str()) width=width.to_string() height="6"></rect>
                        </svg>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="bars">{rows}</ul> }
}
