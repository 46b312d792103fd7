//! Buttons. A button that can't be used now stays reachable and says why (`reason`), instead of going dead without a word.

use leptos::prelude::*;

use super::icon::{Icon, IconView};

/// What a button is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// One of several things to do.
    #[default]
    Secondary,
    /// Something that takes away.
    Danger,
}

/// How large a button is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonSize {
    /// In rows and bars.
    Small,
    /// Everywhere else.
    #[default]
    Medium,
}

fn classes(kind: ButtonKind, size: ButtonSize) -> &'static str {
    match (kind, size) {
        (ButtonKind::Primary, ButtonSize::Medium) => "btn btn-primary",
        (ButtonKind::Primary, ButtonSize::Small) => "btn btn-primary btn-small",
        (ButtonKind::Secondary, ButtonSize::Medium) => "btn btn-secondary",
        (ButtonKind::Secondary, ButtonSize::Small) => "btn btn-secondary btn-small",
        (ButtonKind::Danger, ButtonSize::Medium) => "btn btn-danger",
        (ButtonKind::Danger, ButtonSize::Small) => "btn btn-danger btn-small",
    }
}

/// A button with words. Without `on_click` it submits its form.
#[component]
pub fn Button(
    /// What it is for.
    #[prop(optional)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Icon>,
    /// Why it can't be used now; `None` when it can.
    #[prop(into, optional)]
    reason: Signal<Option<String>>,
    /// Whether what it began still goes on.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// What it does.
    #[prop(optional, into)]
    on_click: Option<Callback<()>>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let blocked = Memo::new(move |_| busy.get() || reason.with(Option::is_some));
    view! {
        <button
            class=classes(kind, size)
            type=if on_click.is_some() { "button" } else { "submit" }
            data-testid=testid
            title=move || reason.get()
            aria-disabled=move || blocked.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            on:click=move |event| {
                if blocked.get_untracked() {
                    event.prevent_default();
                } else if let Some(on_click) = on_click {
                    on_click.run(());
                }
            }
        >
            {move || {
                if busy.get() {
                    Some(view! { <span class="spinner" aria-hidden="true"></span> }.into_any())
                } else {
                    icon.map(|icon| view! { <IconView icon/> }.into_any())
                }
            }}
            <span class="btn-label">{children()}</span>
        </button>
    }
}

/// A button that is only an icon; `label` says what it does.
#[component]
pub fn IconButton(
    /// The icon.
    icon: Icon,
    /// What it does, in words.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is on, where it switches something.
    #[prop(optional)]
    pressed: Option<Signal<bool>>,
    /// Whether what it began still goes on.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// What it does.
    #[prop(into)]
    on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            class="icon-btn"
            type="button"
            data-testid=testid
            aria-label=move || label.get()
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            aria-disabled=move || busy.get().then_some("true")
            aria-busy=move || busy.get().then_some("true")
            title=move || label.get()
            on:click=move |_| {
                if !busy.get_untracked() {
                    on_click.run(());
                }
            }
        >
            <IconView icon/>
        </button>
    }
}
