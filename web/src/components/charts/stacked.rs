//! One bar cut into parts, with its legend below.

use leptos::prelude::*;

use super::{Slice, share, share_words};
use crate::format::thousands;

/// A stacked bar. The legend's entries are the links; the bar itself is a picture of them.
#[component]
pub fn StackedBar(
    /// What is parted, in words.
    #[prop(into)]
    label: String,
    /// The parts, in the order to show.
    slices: Vec<Slice>,
) -> impl IntoView {
    let total: u64 = slices.iter().map(|s| s.count).sum();
    let mut x = 0;
    let rects: Vec<_> = slices
        .iter()
        .filter(|s| s.count > 0)
        .map(|slice| {
            // The smallest part is still seen: half a percent.
            let width = share(slice.count, total).max(5);
            let rect = (x, width, slice.tone, format!("{}: {}", slice.label, thousands(slice.count)));
            x += width;
            rect
        })
        .collect();
    let view_box = format!("0 0 {} 20", x.max(1));
    let rects = rects
        .into_iter()
        .enumerate()
        .map(|(i, (x, width, tone, title))| {
            let class = format!("slice slice-{} slice-step-{}", tone.as_str(), i % 2);
            view! {
                <rect class=class x=x.to_string() y="0" width=width.to_string() height="20">
                    <title>{title}</title>
                </rect>
            }
        })
        .collect_view();
    let legend = slices
        .into_iter()
        .enumerate()
        .map(|(i, slice)| {
            view! {
                <li>
                    <a class="legend-item" href=slice.href>
                        <svg class="legend-key" viewBox="0 0 10 10" aria-hidden="true">
                            <rect class=format!("slice slice-{} slice-step-{}", slice.tone.as_str(), i % 2) width="10" height="10" rx="3"></rect>
                        </svg>
                        <span class="legend-label">{slice.label}</span>
                        <span class="legend-count">{thousands(slice.count)}</span>
                        <span class="legend-share">{share_words(slice.count, total)}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="stacked">
            <svg class="stacked-bar" viewBox=view_box preserveAspectRatio="none" role="img" aria-label=label>
                {rects}
            </svg>
            <ul class="legend">{legend}</ul>
        </div>
    }
}
