//! The dialog that asks again who is there, before something dangerous goes on. It knows no action: whatever was refused for
//! want of a fresh proof waits behind it.

use contract::session::ProofRequest;
use leptos::prelude::*;

use crate::api::session as api;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::state::step_up::{StepUp, use_step_up};
use crate::state::submit::Submit;

/// The dialog; once in the page.
#[component]
pub fn StepUpDialog() -> impl IntoView {
    let step_up = use_step_up();
    view! {
        <Dialog open=step_up.open title="Confirm that it is you".to_owned() testid="step-up">
            <ProofForm step_up/>
        </Dialog>
    }
}

#[component]
fn ProofForm(step_up: StepUp) -> impl IntoView {
    let by_code = RwSignal::new(false);
    let proof = FieldState::new("");
    let submit = Submit::new();
    let rule = Signal::derive(move || proof.value.with(String::is_empty).then(|| "Fill this in.".to_owned()));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        proof.touched.set(true);
        if rule.get_untracked().is_some() {
            return;
        }
        let typed = Some(proof.value.get_untracked());
        let request = if by_code.get_untracked() {
            ProofRequest { password: None, code: typed.map(|code| code.trim().to_owned()) }
        } else {
            ProofRequest { password: typed, code: None }
        };
        submit.run(async move { api::prove(&request).await }, move |()| step_up.answer(true));
    };
    let other = move |_| {
        by_code.update(|code| *code = !*code);
        proof.value.set(String::new());
        proof.touched.set(false);
        submit.failure.set(None);
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <p class="muted">"This changes who may do what. Confirm who you are; it then goes on by itself."</p>
                <FormFailure submit/>
                {move || if by_code.get() {
                    view! {
                        <TextField
                            id="proof-code" label="Code of your authenticator app".to_owned() state=proof rule
                            autocomplete="one-time-code" testid="proof-code"
                        />
                    }
                } else {
                    view! {
                        <TextField
                            id="proof-password" label="Your password".to_owned() state=proof rule kind="password"
                            autocomplete="current-password" testid="proof-password"
                        />
                    }
                }}
                <button class="link-btn" type="button" data-testid="proof-other" on:click=other>
                    {move || if by_code.get() { "Use the password instead" } else { "Use a code instead" }}
                </button>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| step_up.answer(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="proof-send" busy=submit.busy>"Confirm"</Button>
            </footer>
        </form>
    }
}
