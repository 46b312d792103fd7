//! The question "is it still you?": whatever the server refuses until there is a fresh proof waits here while the dialog asks
//! (`components::layout::step_up`), and is sent again by the client. Not the dialog itself.

use futures::channel::oneshot;
use leptos::prelude::*;

use crate::api::client;

/// The question.
#[derive(Debug, Clone, Copy)]
pub struct StepUp {
    /// Whether it is being asked.
    pub open: RwSignal<bool>,
    waiting: StoredValue<Vec<oneshot::Sender<bool>>, LocalStorage>,
}

impl StepUp {
    /// Answers the client's requests for a proof from now on.
    pub fn start() -> Self {
        let step_up = Self { open: RwSignal::new(false), waiting: StoredValue::new_local(Vec::new()) };
        client::on_step_up(move || {
            let (tell, told) = oneshot::channel();
            step_up.waiting.update_value(|waiting| waiting.push(tell));
            step_up.open.set(true);
            Box::pin(async move { told.await.unwrap_or(false) })
        });
        // Closing the dialog in whatever way is an answer, too.
        Effect::new(move |_| {
            if !step_up.open.get() {
                step_up.answer(false);
            }
        });
        step_up
    }

    /// Tells all who wait.
    pub fn answer(self, proved: bool) {
        let mut waiting = Vec::new();
        self.waiting.update_value(|w| std::mem::swap(w, &mut waiting));
        for tell in waiting {
            // Who no longer waits needs no answer.
            let _ = tell.send(proved);
        }
        if self.open.get_untracked() {
            self.open.set(false);
        }
    }
}

/// The question from the context.
pub fn use_step_up() -> StepUp {
    expect_context()
}
