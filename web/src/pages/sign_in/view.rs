//! The sign-in form. What is wrong with a sign-in is told as one message, never which of the two fields it was.

use contract::session::SignInRequest;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::api::{ApiError, session as api};
use crate::components::layout::gate::Gate;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::state::loader::Loader;
use crate::state::session::{safe_next, use_session};
use crate::state::use_title;

/// Sign-in.
#[component]
pub fn SignInPage() -> impl IntoView {
    use_title(|| Some("Sign in".to_owned()));
    let email = FieldState::new("");
    let password = FieldState::new("");
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let session = use_session();
    let query = use_query_map();
    let next = move || safe_next(query.with_untracked(|q| q.get("next")).as_deref());
    let navigate = use_navigate();
    let setup = Loader::once(api::setup);
    let go = StoredValue::new_local(move || {
        navigate(&next(), NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    Effect::new(move |_| {
        if session.signed_in() {
            go.with_value(|go| go());
        }
    });
    let missing = |state: FieldState| {
        Signal::derive(move || state.value.with(|v| v.trim().is_empty()).then(|| "Fill this in.".to_owned()))
    };
    let (no_email, no_password) = (missing(email), missing(password));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        email.touched.set(true);
        password.touched.set(true);
        if no_email.get_untracked().is_some() || no_password.get_untracked().is_some() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let request = SignInRequest { email: untrack(|| email.trimmed()), password: password.value.get_untracked() };
        spawn_local(async move {
            let answer = match api::sign_in(&request).await {
                Ok(()) => session.read().await,
                Err(error) => Err(error),
            };
            busy.try_set(false);
            if let Err(error) = answer {
                failure.try_set(Some(error));
            }
        });
    };
    let needs_owner = move || setup.data.with(|s| s.as_ref().is_some_and(|s| s.needs_owner));
    view! {
        <Gate title="Sign in" lead="Welcome back to your fleet.">
            <form class="form" novalidate on:submit=submit>
                {move || needs_owner().then(|| view! {
                    <div class="notice notice-info" role="status">
                        <IconView icon=Icon::Info/>
                        <p>"This installation has no owner yet. Open the one-time link that was printed when it started."</p>
                    </div>
                })}
                {move || failure.get().map(|error| view! {
                    <div class="notice notice-danger" role="alert">
                        <IconView icon=Icon::Alert/>
                        <p>{error.detail()}</p>
                    </div>
                })}
                <TextField
                    id="email" label="E-mail address" state=email rule=no_email kind="email" autocomplete="username"
                    testid="signin-email"
                />
                <TextField
                    id="password" label="Password" state=password rule=no_password kind="password"
                    autocomplete="current-password" testid="signin-password"
                />
                <Button kind=ButtonKind::Primary testid="signin-submit" busy=busy>"Sign in"</Button>
            </form>
        </Gate>
    }
}
