//! What the whole portal shares: who is signed in, the live stream, the clock, theme, toasts, the question for a fresh
//! proof, and what pages read (`loader`) and send (`submit`, `optimistic`) through. Each is a small `Copy` handle in the context. Not state of one page: that is `pages/<feature>/state.rs`.

pub mod clipboard;
pub mod clock;
pub mod fleet_list;
pub mod follow;
#[cfg(test)]
mod in_browser;
pub mod live;
mod live_event;
pub mod loader;
pub mod optimistic;
pub mod own_param;
pub mod rows;
pub mod session;
pub mod sso;
pub mod step_up;
pub mod submit;
pub mod theme;
pub mod timing;
pub mod toasts;
pub mod trail;
pub mod url_drawer;
pub mod url_list;

use leptos::prelude::*;

/// Puts everything into the context. Called once, inside the router.
pub fn provide() {
    crate::format::write_as(&clock::number(1_234_567.8));
    provide_context(clock::Now::start());
    provide_context(toasts::Toasts::new());
    provide_context(theme::Theme::load());
    provide_context(live::Live::start());
    provide_context(fleet_list::FleetList::new());
    provide_context(step_up::StepUp::start());
    provide_context(session::Session::load());
}

/// Sets the document's title; `None` while it is not known yet.
pub fn use_title(title: impl Fn() -> Option<String> + 'static) {
    Effect::new(move |_| {
        if let Some(title) = title() {
            document().set_title(&format!("{title} · Wheelhouse"));
        }
    });
}
