//! One's own API keys.

use leptos::prelude::*;

use crate::pages::keys::KeyTable;
use crate::state::session::{SessionState, use_session};

/// The keys.
#[component]
pub fn KeysPart() -> impl IntoView {
    let session = use_session();
    let me = Memo::new(move |_| match session.get() {
        SessionState::SignedIn(view) => Some(view.user_id),
        _ => None,
    });
    move || me.get().map(|me| view! { <KeyTable path="/profile/keys" owner=Some(me)/> })
}
