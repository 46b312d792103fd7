//! The live indicator, and the banner that says when the portal is cut off.

use leptos::ev;
use leptos::prelude::*;

use crate::components::ui::{Icon, IconView};
use crate::state::live::{LiveStatus, use_live};

/// Whether what is on screen follows the fleet.
#[component]
pub fn LiveIndicator() -> impl IntoView {
    let live = use_live();
    let look = move || match live.status() {
        LiveStatus::Live => ("live live-on", "Live", "live"),
        LiveStatus::Connecting => ("live", "Connecting", "connecting"),
        LiveStatus::Reconnecting => ("live live-off", "Reconnecting", "reconnecting"),
    };
    view! {
        <span class=move || look().0 role="status" data-testid="live-indicator" data-status=move || look().2>
            <span class="live-dot" aria-hidden="true"></span>
            {move || look().1}
        </span>
    }
}

/// Shown while the browser has no network, or the live stream is cut.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let online = RwSignal::new(window().navigator().on_line());
    let up = window_event_listener(ev::online, move |_| online.set(true));
    let down = window_event_listener(ev::offline, move |_| online.set(false));
    on_cleanup(move || {
        up.remove();
        down.remove();
    });
    let live = use_live();
    let words = move || {
        if !online.get() {
            Some("This browser is offline. What you see may be out of date.")
        } else if live.status() == LiveStatus::Reconnecting {
            Some("The connection to the server was lost; trying again. What you see may be out of date.")
        } else {
            None
        }
    };
    view! {
        <div role="status" aria-live="polite">
            {move || {
                words().map(|words| view! { <div class="banner"><IconView icon=Icon::Offline/><p>{words}</p></div> })
            }}
        </div>
    }
}
