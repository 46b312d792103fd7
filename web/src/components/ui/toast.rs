//! Where toasts are shown and read out.

use leptos::prelude::*;

use super::badge::Tone;
use super::button::{Button, ButtonSize, IconButton};
use super::icon::{Icon, IconView};
use crate::state::toasts::{Toast, use_toasts};

/// The region of all toasts; once in the page. It is always there, so that screen readers hear what is put into it.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="Messages">
            <For each=move || toasts.list.get() key=|toast| toast.id children=|toast| view! { <ToastView toast/> }/>
        </div>
    }
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let toasts = use_toasts();
    let icon = match toast.tone {
        Tone::Success => Icon::Check,
        Tone::Danger | Tone::Warning => Icon::Alert,
        Tone::Info | Tone::Neutral | Tone::Accent => Icon::Info,
    };
    let id = toast.id;
    view! {
        <div class=format!("toast toast-{}", toast.tone.as_str()) data-testid="toast">
            <span class="toast-icon"><IconView icon/></span>
            <p class="toast-text">
                {toast.text}
                {toast.link.map(|(text, href)| view! { " " <a href=href>{text}</a> })}
            </p>
            {toast.undo.map(|_| view! {
                <Button size=ButtonSize::Small testid="toast-undo" on_click=move |()| { toasts.undo(Some(id)); }>"Undo"</Button>
            })}
            <IconButton icon=Icon::Close label="Close message" on_click=move |()| toasts.close(id)/>
        </div>
    }
}
