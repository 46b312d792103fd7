//! A forgotten password: asking for the link, and the page that the link leads to.

use contract::profile::{ConfirmPasswordResetRequest, MailRequest};
use domain::access::EMAIL_MAX;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::api::session as api;
use crate::components::layout::gate::Gate;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::new_password::{NewPassword, NewPasswordFields};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::pages::setup::token;
use crate::state::submit::Submit;
use crate::state::use_title;

/// Asks for the link.
#[component]
pub fn ForgotPage() -> impl IntoView {
    use_title(|| Some("Forgotten password".to_owned()));
    let email = FieldState::new("");
    let rule = rules::text(email, 1..=EMAIL_MAX);
    let sent = RwSignal::new(None::<String>);
    let submit = Submit::new();
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(email) = rules::take(email, rule) {
            let request = MailRequest { email };
            submit.run(async move { api::forgot(&request).await }, move |answer| sent.set(Some(answer.detail)));
        }
    };
    view! {
        <Gate title="Forgotten password" lead="A link to a new one comes by mail.">
            <form class="form" novalidate on:submit=send>
                {move || sent.get().map(|words| view! {
                    <div class="notice notice-info" role="status" data-testid="forgot-sent"><IconView icon=Icon::Info/><p>{words}</p></div>
                })}
                <FormFailure submit/>
                <TextField
                    id="email" label="E-mail address" state=email rule kind="email" autocomplete="username"
                    testid="forgot-email"
                />
                <Button kind=ButtonKind::Primary testid="forgot-submit" busy=submit.busy>"Send the link"</Button>
                <p class="gate-links"><a href="/sign-in">"Back to the sign-in"</a></p>
            </form>
        </Gate>
    }
}

/// Where the link leads.
#[component]
pub fn ResetPage() -> impl IntoView {
    use_title(|| Some("New password".to_owned()));
    let location = use_location();
    match token(&location.search.get_untracked(), &location.hash.get_untracked()) {
        Some(token) => view! {
            <Gate title="A new password" lead="All your sessions end; sign in with the new one afterwards."><ResetForm token/></Gate>
        },
        None => view! {
            <Gate title="The link is not whole" lead="It has no token. Open the whole link of the mail.">
                <p class="gate-actions"><a class="btn btn-secondary" href="/forgot-password">"Ask for another"</a></p>
            </Gate>
        },
    }
}

#[component]
fn ResetForm(token: String) -> impl IntoView {
    let state = NewPassword::new();
    let done = RwSignal::new(false);
    let submit = Submit::new();
    submit.shows("password", state.password);
    let token = StoredValue::new(token);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(password) = state.take() {
            let request = ConfirmPasswordResetRequest { token: token.get_value(), password };
            submit.run(async move { api::reset(&request).await }, move |()| done.set(true));
        }
    };
    move || {
        if done.get() {
            return view! {
                <div class="notice notice-info" role="status" data-testid="reset-done">
                    <IconView icon=Icon::Check/><p>"The new password is set."</p>
                </div>
                <p class="gate-actions"><a class="btn btn-primary" href="/sign-in">"Sign in"</a></p>
            }
            .into_any();
        }
        view! {
            <form class="form" novalidate on:submit=send>
                <FormFailure submit/>
                <NewPasswordFields state/>
                <Button kind=ButtonKind::Primary testid="reset-submit" busy=submit.busy>"Set the password"</Button>
            </form>
        }
        .into_any()
    }
}
