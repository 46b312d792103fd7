//! The sign-in, step by step. What is wrong with a sign-in is told as one message, never which of the fields it was.

use contract::session::{PASSWORD_MAX, SignInRequest};
use domain::access::EMAIL_MAX;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::codes::{CodeForm, MailedCodeForm};
use super::sso::{SingleSignOn, SingleSignOnFailure};
use crate::api::{ApiError, session as api};
use crate::components::layout::gate::Gate;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::state::loader::Loader;
use crate::state::session::{Session, safe_next, use_session};
use crate::state::sso::failed_path;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;
use crate::state::use_title;

/// Where in the sign-in the reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// E-mail address and password.
    Password,
    /// A code of the second factor, for this challenge.
    Factor(String),
    /// A code by mail.
    Mailed,
}

/// What comes of a good answer, even where the reader has left the page by then.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    step: RwSignal<Step>,
    session: Session,
}

impl Done {
    /// Goes on to the code that is wanted, or reads who is signed in now. What fails there is the reader's to know, too: they would
    /// wait in vain.
    ///
    /// # Errors
    /// Those of the sign-in, and of reading who that is.
    pub async fn after(self, sign_in: impl Future<Output = Result<api::SignIn, ApiError>>) -> Result<(), ApiError> {
        match sign_in.await? {
            api::SignIn::Code(wanted) => {
                self.step.try_set(Step::Factor(wanted.challenge));
                Ok(())
            }
            api::SignIn::Done => self.session.read().await,
        }
    }
}

/// Sign-in.
#[component]
pub fn SignInPage() -> impl IntoView {
    use_title(|| Some("Sign in".to_owned()));
    use_toasts().forget();
    let session = use_session();
    let query = use_query_map();
    let next = move || safe_next(query.with_untracked(|q| q.get("next")).as_deref());
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |path: &str| {
        navigate(path, NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    Effect::new(move |_| {
        if session.signed_in() {
            // Whoever went to join a person of the provider and failed comes back here: the profile tells.
            match query.with_untracked(|q| q.get("error")) {
                Some(code) => go.with_value(|go| go(&failed_path("/profile", &code))),
                None => go.with_value(|go| go(&next())),
            }
        }
    });
    let step = RwSignal::new(Step::Password);
    let email = FieldState::new("");
    let done = Done { step, session };
    move || match step.get() {
        Step::Password => view! {
            <Gate title="Sign in" lead="Welcome back to your fleet."><PasswordForm email step done/></Gate>
        },
        Step::Factor(challenge) => view! {
            <Gate title="One more step" lead="The code of your authenticator app, or a recovery code.">
                <CodeForm challenge step done/>
            </Gate>
        },
        Step::Mailed => view! {
            <Gate title="Sign in by mail" lead="A code that works once, sent to your address.">
                <MailedCodeForm email step done/>
            </Gate>
        },
    }
}

#[component]
fn PasswordForm(email: FieldState, step: RwSignal<Step>, done: Done) -> impl IntoView {
    let password = FieldState::new("");
    let (named, secret) = (rules::text(email, 1..=EMAIL_MAX), rules::text(password, 1..=PASSWORD_MAX));
    let submit = Submit::new();
    let setup = Loader::once(api::setup);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = (rules::take(email, named), rules::take(password, secret));
        if let (Some(email), Some(_)) = given {
            let request = SignInRequest { email, password: password.value.get_untracked() };
            submit.run(async move { done.after(api::sign_in(&request)).await }, |()| ());
        }
    };
    let mail = move || setup.data.with(|s| s.as_ref().is_some_and(|s| s.mail));
    let needs_owner = move || setup.data.with(|s| s.as_ref().is_some_and(|s| s.needs_owner));
    view! {
        <form class="form" novalidate on:submit=send>
            {move || needs_owner().then(|| view! {
                <div class="notice notice-info" role="status">
                    <IconView icon=Icon::Info/>
                    <p>"This installation has no owner yet. Open the one-time link that was printed when it started."</p>
                </div>
            })}
            <SingleSignOnFailure/>
            <FormFailure submit/>
            <TextField
                id="email" label="E-mail address" state=email rule=named kind="email" autocomplete="username"
                testid="signin-email"
            />
            <TextField
                id="password" label="Password" state=password rule=secret kind="password"
                autocomplete="current-password" testid="signin-password"
            />
            <Button kind=ButtonKind::Primary testid="signin-submit" busy=submit.busy>"Sign in"</Button>
            <SingleSignOn/>
            <Show when=mail>
                <p class="gate-links">
                    <a href="/forgot-password" data-testid="signin-forgot">"Forgot the password?"</a>
                    <button class="link-btn" type="button" data-testid="signin-by-mail" on:click=move |_| step.set(Step::Mailed)>
                        "Sign in by a mailed code"
                    </button>
                </p>
            </Show>
        </form>
    }
}
