//! A question before something that can't be taken back.

use leptos::prelude::*;

use super::button::{Button, ButtonKind};
use super::dialog::Dialog;
use super::field::FieldState;
use super::states::FormFailure;
use super::typed::{TypedField, untyped};
use crate::state::submit::Submit;

/// The question. `submit` shows how what it leads to fares; closing the dialog after a good end is the caller's.
#[component]
pub fn Confirm(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen.
    #[prop(into)]
    text: Signal<String>,
    /// The word on the button.
    action: &'static str,
    /// What must be typed before; nothing for what can be mended.
    #[prop(into, optional)]
    typed: Signal<Option<String>>,
    /// What is being sent.
    submit: Submit,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let field = FieldState::new("");
    let reason = untyped(typed, field);
    Effect::new(move |_| {
        if open.get() {
            field.clear();
            submit.failure.set(None);
        }
    });
    view! {
        <Dialog open title testid="confirm">
            <div class="dialog-body">
                <p>{move || text.get()}</p>
                <TypedField word=typed typed=field/>
                <FormFailure submit/>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Danger testid="confirm-do" reason busy=submit.busy on_click=on_confirm>{action}</Button>
            </footer>
        </Dialog>
    }
}
