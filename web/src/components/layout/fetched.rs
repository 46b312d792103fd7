//! What is in a dialog that few people open on a day: its code is a file of its own (see `pages::chunks`), fetched when it is
//! opened. Not the dialog itself.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

/// What a file holds, once it is there.
#[derive(Debug)]
pub struct Fetched<T: Send + Sync + 'static>(RwSignal<Option<Option<T>>>);

impl<T: Copy + Send + Sync + 'static> Fetched<T> {
    /// Fetches it when `open` becomes true for the first time, and again where that failed.
    pub fn when<F, E>(open: RwSignal<bool>, load: fn() -> F) -> Self
    where
        F: Future<Output = Result<T, E>> + 'static,
    {
        let inside = RwSignal::new(None);
        Effect::new(move |_| {
            if open.get() && !inside.with_untracked(|inside| matches!(inside, Some(Some(_)))) {
                spawn_local(async move {
                    inside.set(Some(load().await.ok()));
                });
            }
        });
        Self(inside)
    }

    /// Shows it; nothing while it is fetched, and what to do where it can't be had.
    pub fn show(&self, show: impl FnOnce(T) -> AnyView) -> Option<AnyView> {
        match self.0.get()? {
            Some(inside) => Some(show(inside)),
            None => {
                let words = "This could not be fetched. Check the connection, load the page again and try once more.";
                Some(view! { <p class="dialog-body">{words}</p> }.into_any())
            }
        }
    }
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}
