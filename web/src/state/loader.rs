//! What a page reads from the API: data that stays on screen while it is read again, the error if that failed, and whether
//! it is being read. A late answer to an older question is dropped.
//! Not a cache: it lives and ends with the page.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// Reads `T` and keeps it.
pub struct Loader<T: Send + Sync + 'static> {
    /// The newest answer.
    pub data: RwSignal<Option<T>>,
    /// Why the newest question brought none.
    pub error: RwSignal<Option<ApiError>>,
    /// Whether a question is open.
    pub loading: RwSignal<bool>,
    generation: StoredValue<u64>,
    ask: StoredValue<Rc<dyn Fn() -> Answer<T>>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Send + Sync + 'static> Loader<T> {
    /// Reads once now, and again on [`Self::reload`].
    pub fn once<F>(fetch: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let loader = Self::idle(move || Box::pin(fetch()));
        loader.reload();
        loader
    }

    /// Reads now and whenever `key` changes; `None` reads nothing.
    pub fn keyed<K, F>(key: Memo<Option<K>>, fetch: impl Fn(K) -> F + 'static) -> Self
    where
        K: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let loader = Self::idle(move || match key.get_untracked() {
            Some(key) => Box::pin(fetch(key)),
            None => Box::pin(std::future::pending()),
        });
        Effect::new(move |_| {
            if key.get().is_some() {
                loader.reload();
            }
        });
        loader
    }

    fn idle(ask: impl Fn() -> Answer<T> + 'static) -> Self {
        Self {
            data: RwSignal::new(None),
            error: RwSignal::new(None),
            loading: RwSignal::new(true),
            generation: StoredValue::new(0),
            ask: StoredValue::new_local(Rc::new(ask)),
        }
    }

    /// Asks again; what is on screen stays until the answer is there.
    pub fn reload(self) {
        let Some(ask) = self.ask.try_get_value() else { return };
        let generation = self.generation.try_get_value().unwrap_or(0) + 1;
        self.generation.try_set_value(generation);
        self.loading.set(true);
        spawn_local(async move {
            let answer = ask().await;
            if self.generation.try_get_value() != Some(generation) {
                return;
            }
            match answer {
                Ok(data) => {
                    self.error.try_set(None);
                    self.data.try_set(Some(data));
                }
                Err(error) => {
                    self.error.try_set(Some(error));
                }
            }
            self.loading.try_set(false);
        });
    }

    /// Whether there is nothing to show yet.
    pub fn blank(self) -> bool {
        self.data.with(Option::is_none)
    }
}
