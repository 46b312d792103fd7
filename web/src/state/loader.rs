//! What a page reads from the API: data that stays on screen while it is read again, the error if that failed, and whether
//! it is being read. Answers are shown in the order of their questions; what a later one overtook is dropped.
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
    /// Whether the reader waits for an answer.
    pub loading: RwSignal<bool>,
    /// The number of the newest question.
    asked: StoredValue<u64>,
    /// The oldest question whose answer is still wanted.
    wanted: StoredValue<u64>,
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
            asked: StoredValue::new(0),
            wanted: StoredValue::new(0),
            ask: StoredValue::new_local(Rc::new(ask)),
        }
    }

    /// Asks again for the reader, who sees that it is being read; what is on screen stays until the answer is there. What was
    /// asked before is no longer wanted: it may be about something else, or older than what the reader did.
    pub fn reload(self) {
        let Some(asked) = self.asked.try_get_value() else { return };
        self.wanted.try_set_value(asked + 1);
        self.loading.try_set(true);
        self.refresh();
    }

    /// Asks again without a sign of it, for what the reader did not ask for. What was asked before is still wanted until this is
    /// answered: changes that come faster than answers must not keep every answer away.
    pub fn refresh(self) {
        let (Some(ask), Some(asked)) = (self.ask.try_get_value(), self.asked.try_get_value()) else { return };
        let question = asked + 1;
        self.asked.try_set_value(question);
        spawn_local(async move {
            // This comes a moment later: the page may be gone by then, with what the question is made of.
            if self.asked.try_get_value().is_none() {
                return;
            }
            let answer = ask().await;
            if self.wanted.try_get_value().is_none_or(|wanted| question < wanted) {
                return;
            }
            self.wanted.try_set_value(question + 1);
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

    /// Whether the newest question was refused.
    pub fn refused(self) -> bool {
        self.error.with(|error| error.as_ref().is_some_and(|error| error.status() == Some(403)))
    }

    /// Whether the newest question brought no answer to who may have one: who is refused misses nothing.
    pub fn missed(self) -> bool {
        self.error.with(Option::is_some) && !self.refused()
    }

    /// Whether there is nothing to show yet.
    pub fn blank(self) -> bool {
        self.data.with(Option::is_none)
    }
}
