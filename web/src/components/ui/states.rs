//! What a page shows when there is nothing to show: empty, failed, loading, not allowed.

use leptos::prelude::*;

use super::button::Button;
use super::icon::{Icon, IconView};
use crate::api::ApiError;
use crate::state::loader::Loader;
use crate::state::submit::Submit;

/// Nothing is there, and why, and what to do about it (children).
#[component]
pub fn EmptyState(
    /// The icon.
    icon: Icon,
    /// What is not there.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(into)]
    text: String,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <span class="state-icon"><IconView icon/></span>
            <h2 class="state-title">{title}</h2>
            <p class="state-text">{text}</p>
            {children.map(|children| view! { <div class="state-actions">{children()}</div> })}
        </div>
    }
}

/// Reading failed: what is wrong, the request's id, and another try. A refusal says so and offers none.
#[component]
pub fn ErrorState(
    /// What went wrong.
    error: ApiError,
    /// Tries again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let refused = error.status() == Some(403);
    let (icon, class) = match (&error, refused) {
        (_, true) => (Icon::Lock, "state"),
        (ApiError::Unreachable, _) => (Icon::Offline, "state"),
        _ => (Icon::Alert, "state state-error"),
    };
    view! {
        <div class=class role="alert">
            <span class="state-icon"><IconView icon/></span>
            <h2 class="state-title">{if refused { "You may not see this".to_owned() } else { error.title() }}</h2>
            <p class="state-text">{error.detail()}</p>
            {error.request_id().map(|id| view! { <p class="state-id">"Request " <code>{id}</code></p> })}
            <div class="state-actions">
                {(!refused).then(|| view! { <Button icon=Icon::Reboot on_click=on_retry>"Try again"</Button> })}
            </div>
        </div>
    }
}

/// A line above older data: reading it again failed.
#[component]
pub fn StaleNotice(error: ApiError, #[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="notice notice-warning" role="status">
            <IconView icon=Icon::Alert/>
            <p>{format!("Could not be refreshed; what you see is older. {}", error.detail())}</p>
            <Button size=super::ButtonSize::Small on_click=on_retry>"Try again"</Button>
        </div>
    }
}

/// A line where a smaller part of a page would be that could not be read, or that is older for it. Nothing while all is well; a
/// refusal is not tried again.
#[component]
pub fn PartNotice<T: Send + Sync + 'static>(
    /// Reads the part.
    loader: Loader<T>,
    /// What the part is, in words that begin a sentence: "The menus' values".
    what: &'static str,
) -> impl IntoView {
    move || {
        loader.error.get().map(|error| {
            let refused = error.status() == Some(403);
            let happened = if loader.blank() { "could not be read." } else { "could not be refreshed." };
            view! {
                <div class="notice notice-warning" role="status">
                    <IconView icon=Icon::Alert/>
                    <p>{format!("{what} {happened} {}", error.detail())}</p>
                    {(!refused).then(|| view! {
                        <Button size=super::ButtonSize::Small on_click=move |()| loader.reload()>"Try again"</Button>
                    })}
                </div>
            }
        })
    }
}

/// Grey bars where content will be.
#[component]
pub fn Skeleton(#[prop(default = 3)] lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view()}
        </div>
        <span class="visually-hidden" role="status">"Loading"</span>
    }
}

/// Why a form could not be sent, above its fields. What belongs to a field stands there, too.
#[component]
pub fn FormFailure(submit: Submit) -> impl IntoView {
    move || {
        submit.failure.get().map(|error| {
            view! {
                <div class="notice notice-danger" role="alert">
                    <IconView icon=Icon::Alert/>
                    <p>
                        {error.words()}
                        {error.request_id().map(|id| view! { <span class="notice-id">"Request " <code>{id}</code></span> })}
                    </p>
                </div>
            }
        })
    }
}

/// What was read, or why there is none yet: a skeleton, an error with another try, older data with a word about it.
#[component]
pub fn Loaded<T: Clone + Send + Sync + 'static>(
    /// Reads it.
    loader: Loader<T>,
    /// Grey bars while it is read.
    #[prop(default = 5)]
    lines: usize,
    /// Shows it.
    show: Callback<T, AnyView>,
) -> impl IntoView {
    view! {
        {move || before(loader, lines)}
        {move || loader.data.get().map(|data| show.run(data))}
    }
}

/// [`Loaded`] for what is read again by itself: what comes back the same is not drawn again, and the reader keeps their place in it.
#[component]
pub fn Followed<T: Clone + PartialEq + Send + Sync + 'static>(
    /// Reads it.
    loader: Loader<T>,
    /// Grey bars while it is read.
    #[prop(default = 5)]
    lines: usize,
    /// Shows it.
    show: Callback<T, AnyView>,
) -> impl IntoView {
    let data = Memo::new(move |_| loader.data.get());
    view! {
        {move || before(loader, lines)}
        {move || data.get().map(|data| show.run(data))}
    }
}

/// What stands before what was read.
fn before<T: Send + Sync + 'static>(loader: Loader<T>, lines: usize) -> Option<AnyView> {
    match (loader.error.get(), loader.blank()) {
        (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| loader.reload()/> }.into_any()),
        (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| loader.reload()/> }.into_any()),
        (None, true) => Some(view! { <div class="card"><Skeleton lines/></div> }.into_any()),
        (None, false) => None,
    }
}
