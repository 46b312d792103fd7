//! Signing in at the OpenID provider, where one is set up: the way there, and what went wrong when the browser comes back.

use contract::paths;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::session as api;
use crate::components::ui::{Icon, IconView};
use crate::state::loader::Loader;
use crate::state::session::safe_next;
use crate::state::sso::words;

/// Why the browser was sent back, if it was.
#[component]
pub fn SingleSignOnFailure() -> impl IntoView {
    let query = use_query_map();
    let code = move || query.with(|query| query.get("error"));
    move || {
        code().map(|code| {
            view! {
                <div class="notice notice-danger" role="alert" data-testid="sso-failure">
                    <IconView icon=Icon::Alert/><p>{words(&code)}</p>
                </div>
            }
        })
    }
}

/// The way to the provider; nothing where there is none.
#[component]
pub fn SingleSignOn() -> impl IntoView {
    let provider = Loader::once(api::single_sign_on);
    let query = use_query_map();
    let address = move || {
        let next = safe_next(query.with(|query| query.get("next")).as_deref());
        format!("{}?return_to={}", paths::OIDC_START, js_sys::encode_uri_component(&next))
    };
    move || {
        let name = provider.data.with(|view| view.as_ref().and_then(|view| view.name.clone()));
        name.map(|name| {
            view! {
                <p class="gate-actions">
                    // Not a page of ours: the browser itself goes there.
                    <a class="btn btn-secondary" rel="external" href=address data-testid="signin-sso">
                        "Sign in with " {name}
                    </a>
                </p>
            }
        })
    }
}
