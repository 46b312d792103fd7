//! How wide a part of the page is, so that a chart is drawn for that width and its letters keep their size. Measured when the
//! part is there and when the window changes.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// The width in pixels; 0 until it is known.
pub fn use_width(node: NodeRef<html::Div>) -> ReadSignal<f64> {
    let (width, set_width) = signal(0.0);
    let measure = move || {
        if let Some(node) = node.get_untracked() {
            let now = f64::from(node.client_width());
            if now > 0.0 && (now - width.get_untracked()).abs() >= 1.0 {
                set_width.set(now);
            }
        }
    };
    Effect::new(move |_| {
        node.track();
        measure();
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    width
}
