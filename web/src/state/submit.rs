//! Sending something once: busy while it goes on, the error if it failed. Not reading: that is `loader`.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::components::ui::field::FieldState;

/// What is being sent.
#[derive(Debug, Clone, Copy)]
pub struct Submit {
    /// Whether it still goes on.
    pub busy: RwSignal<bool>,
    /// Why the last try failed.
    pub failure: RwSignal<Option<ApiError>>,
}

impl Submit {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), failure: RwSignal::new(None) }
    }

    /// Sends, unless something is being sent; `done` gets a good answer.
    pub fn run<T: 'static>(
        self,
        call: impl Future<Output = Result<T, ApiError>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = call.await;
            self.busy.try_set(false);
            match answer {
                Ok(answer) => done(answer),
                Err(error) => {
                    self.failure.try_set(Some(error));
                }
            }
        });
    }

    /// Closes the dialog of the form that was sent, unless the reader did: another form may stand in it by then.
    pub fn close(self, open: RwSignal<bool>) {
        if self.busy.try_get_untracked().is_some() {
            open.set(false);
        }
    }

    /// Puts what the server says about a field of the request onto its field on screen.
    pub fn shows(self, field: &'static str, state: FieldState) {
        Effect::new(move |_| {
            self.failure.with(|failure| {
                let said = failure.iter().flat_map(ApiError::fields).find(|(name, _)| name == field);
                if let Some((_, words)) = said {
                    state.refused.set(Some(words));
                }
            });
        });
    }
}
