//! The form of the first run.

use contract::problem::code;
use contract::session::CreateOwnerRequest;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::state::{problem_of, problems, token};
use crate::api::{ApiError, session as api};
use crate::components::layout::gate::Gate;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::new_password::Strength;
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::state::session::use_session;
use crate::state::use_title;

/// First run.
#[component]
pub fn SetupPage() -> impl IntoView {
    use_title(|| Some("First run".to_owned()));
    let location = use_location();
    let token = token(&location.search.get_untracked(), &location.hash.get_untracked());
    match token {
        Some(token) => view! {
            <Gate title="Create the owner" lead="This account may do everything. Others can be invited later.">
                <OwnerForm token/>
            </Gate>
        }
        .into_any(),
        None => view! {
            <Gate title="The link is not whole" lead="It has no token. Open the whole link that was printed when Wheelhouse started.">
                <p class="gate-actions"><a class="btn btn-secondary" href="/sign-in">"To the sign-in"</a></p>
            </Gate>
        }
        .into_any(),
    }
}

#[component]
fn OwnerForm(token: String) -> impl IntoView {
    let email = FieldState::new("");
    let password = FieldState::new("");
    let again = FieldState::new("");
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let session = use_session();
    let navigate = use_navigate();
    let token = StoredValue::new(token);
    let request =
        move || CreateOwnerRequest { token: token.get_value(), email: email.trimmed(), password: password.value.get() };
    let found = Memo::new(move |_| problems(&request()));
    let rule = move |field: &'static str| Signal::derive(move || found.with(|f| problem_of(f, field)));
    let differs = Signal::derive(move || {
        (password.value.get() != again.value.get()).then(|| "The two passwords differ.".to_owned())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        for field in [email, password, again] {
            field.touched.set(true);
        }
        let wrong = !found.with_untracked(Vec::is_empty) || differs.get_untracked().is_some();
        if wrong || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let request = untrack(request);
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = match api::create_owner(&request).await {
                Ok(()) => session.read().await,
                Err(error) => Err(error),
            };
            busy.set(false);
            match answer {
                Ok(()) => navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() }),
                Err(error) => {
                    for (field, words) in error.fields() {
                        match field.as_str() {
                            "email" => email.refused.set(Some(words)),
                            "password" => password.refused.set(Some(words)),
                            _ => {}
                        }
                    }
                    failure.set(Some(error));
                }
            }
        });
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            {move || failure.get().map(|error| view! { <Failure error/> })}
            <TextField
                id="email" label="E-mail address" state=email rule=rule("email") kind="email" autocomplete="username"
                testid="setup-email"
            />
            <TextField
                id="password" label="Password" state=password rule=rule("password") kind="password"
                autocomplete="new-password" testid="setup-password"
                hint="8 to 128 characters. A few unrelated words are easy to remember and hard to guess.".to_owned()
            />
            <Strength password=password.value/>
            <TextField
                id="password2" label="Password again" state=again rule=differs kind="password"
                autocomplete="new-password" testid="setup-password2"
            />
            <Button kind=ButtonKind::Primary testid="setup-submit" busy=busy>"Create owner and sign in"</Button>
        </form>
    }
}

#[component]
fn Failure(error: ApiError) -> impl IntoView {
    let spent = error.is(code::LINK_SPENT);
    view! {
        <div class="notice notice-danger" role="alert">
            <IconView icon=Icon::Alert/>
            <p>
                {error.detail()}
                {spent.then(|| view! { " " <a href="/sign-in">"To the sign-in"</a> })}
            </p>
        </div>
    }
}
