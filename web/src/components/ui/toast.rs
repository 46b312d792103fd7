//! Where toasts are shown and read out, and where the focus goes after one of their buttons.

use leptos::ev::FocusEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::badge::Tone;
use super::button::{Button, ButtonSize, IconButton};
use super::focus;
use super::icon::{Icon, IconView};
use crate::state::toasts::{Toast, use_toasts};

/// What had the focus before a message had it.
type Before = StoredValue<Option<HtmlElement>, LocalStorage>;

/// The region of all toasts; once in the page. It is always there, so that screen readers hear what is put into it.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let before: Before = StoredValue::new_local(None);
    let remember = move |event: FocusEvent| {
        let left = event.related_target().and_then(|left| left.dyn_into::<HtmlElement>().ok());
        // From one message to the next, it is still what was before the first.
        if left.as_ref().is_none_or(|left| matches!(left.closest(".toasts"), Ok(None))) {
            before.set_value(left);
        }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="Messages" on:focusin=remember>
            <For each=move || toasts.list.get() key=|toast| toast.id children=move |toast| view! { <ToastView toast before/> }/>
        </div>
    }
}

/// Gives the focus back before a message goes with it: to what had it, or to the page where that is gone.
fn give_back(before: Before) {
    match before.try_update_value(Option::take).flatten().filter(|element| element.is_connected()) {
        Some(element) => focus::to(Some(element)),
        None => focus::to_main(),
    }
}

#[component]
fn ToastView(toast: Toast, before: Before) -> impl IntoView {
    let toasts = use_toasts();
    let icon = match toast.tone {
        Tone::Success => Icon::Check,
        Tone::Danger | Tone::Warning => Icon::Alert,
        Tone::Info | Tone::Neutral | Tone::Accent => Icon::Info,
    };
    let id = toast.id;
    view! {
        <div class=format!("toast toast-{}", toast.tone.as_str()) data-testid="toast" data-toast=id.to_string()>
            <span class="toast-icon"><IconView icon/></span>
            <p class="toast-text">
                {toast.text}
                {toast.link.map(|(text, href)| view! { " " <a href=href>{text}</a> })}
            </p>
            {toast.undo.map(|_| view! {
                <Button size=ButtonSize::Small testid="toast-undo" on_click=move |()| {
                    give_back(before);
                    toasts.undo(Some(id));
                }>"Undo"</Button>
            })}
            <IconButton icon=Icon::Close label="Close message" on_click=move |()| {
                give_back(before);
                toasts.close(id);
            }/>
        </div>
    }
}
