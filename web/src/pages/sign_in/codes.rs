//! The steps of the sign-in that ask for a code.

use contract::profile::MailRequest;
use contract::session::{CODE_MAX, EmailCodeRequest, SecondFactorRequest};
use domain::access::EMAIL_MAX;
use leptos::prelude::*;

use super::view::{Done, Step};
use crate::api::session as api;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::state::submit::Submit;

/// The code of an app, or a recovery code.
#[component]
pub fn CodeForm(challenge: String, step: RwSignal<Step>, done: Done) -> impl IntoView {
    let code = FieldState::new("");
    let rule = rules::text(code, 1..=CODE_MAX);
    let submit = Submit::new();
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(typed) = rules::take(code, rule) {
            let request = SecondFactorRequest { challenge: challenge.clone(), code: typed };
            let call = async move { api::second_factor(&request).await.map(|()| api::SignIn::Done) };
            submit.run(done.after(call), |()| ());
        }
    };
    view! {
        <form class="form" novalidate on:submit=send>
            <FormFailure submit/>
            <TextField
                id="code" label="Code" state=code rule autocomplete="one-time-code" testid="signin-code"
                hint="Six digits. Without your phone: one of the recovery codes you kept.".to_owned()
            />
            <Button kind=ButtonKind::Primary testid="signin-code-submit" busy=submit.busy>"Go on"</Button>
            <p class="gate-links">
                <button class="link-btn" type="button" on:click=move |_| step.set(Step::Password)>"Start again"</button>
            </p>
        </form>
    }
}

/// A mailed code: first where to, then the code.
#[component]
pub fn MailedCodeForm(email: FieldState, step: RwSignal<Step>, done: Done) -> impl IntoView {
    let code = FieldState::new("");
    let (named, digits) = (rules::text(email, 1..=EMAIL_MAX), rules::text(code, 1..=CODE_MAX));
    // Where to, and what was said of it. Another address has none yet.
    let sent = RwSignal::new(None::<(String, String)>);
    let said = Memo::new(move |_| {
        let sent = sent.get().filter(|(to, _)| email.value.with(|typed| typed.trim() == to));
        sent.map(|(_, words)| words)
    });
    let submit = Submit::new();
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(address) = rules::take(email, named) else { return };
        if said.with_untracked(Option::is_none) {
            let request = MailRequest { email: address.clone() };
            submit.run(async move { api::send_code(&request).await }, move |answer| {
                sent.try_set(Some((address, answer.detail)));
            });
        } else if let Some(typed) = rules::take(code, digits) {
            let request = EmailCodeRequest { email: address, code: typed };
            submit.run(async move { done.after(api::verify_code(&request)).await }, |()| ());
        }
    };
    view! {
        <form class="form" novalidate on:submit=send>
            {move || said.get().map(|words| view! {
                <div class="notice notice-info" role="status"><IconView icon=Icon::Info/><p>{words}</p></div>
            })}
            <FormFailure submit/>
            <TextField
                id="email" label="E-mail address" state=email rule=named kind="email" autocomplete="username"
                testid="mailed-email"
            />
            <Show when=move || said.with(Option::is_some)>
                <TextField
                    id="code" label="Code of the mail" state=code rule=digits autocomplete="one-time-code"
                    testid="mailed-code"
                />
            </Show>
            <Button kind=ButtonKind::Primary testid="mailed-submit" busy=submit.busy>
                {move || if said.with(Option::is_some) { "Sign in" } else { "Send the code" }}
            </Button>
            <p class="gate-links">
                <button class="link-btn" type="button" on:click=move |_| step.set(Step::Password)>"Use the password instead"</button>
            </p>
        </form>
    }
}
