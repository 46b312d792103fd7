//! Short messages that pass by: what was started, what failed. Not the place for what must be read or decided.

use std::time::Duration;

use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::ui::badge::Tone;

const STAY: Duration = Duration::from_secs(7);

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Tells it from the others.
    pub id: u64,
    /// Its meaning.
    pub tone: Tone,
    /// The message.
    pub text: String,
    /// Where to read on: text and address.
    pub link: Option<(String, String)>,
}

/// The messages on screen.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    /// Oldest first.
    pub list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    /// No messages.
    pub fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// Shows a message for some seconds; errors stay until they are closed.
    pub fn show(self, tone: Tone, text: impl Into<String>, link: Option<(String, String)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            // A fourth would cover what the reader works on.
            if list.len() >= 3 {
                list.remove(0);
            }
            list.push(Toast { id, tone, text: text.into(), link });
        });
        if tone != Tone::Danger {
            set_timeout(move || self.close(id), STAY);
        }
    }

    /// Shows that something went well.
    pub fn done(self, text: impl Into<String>) {
        self.show(Tone::Success, text, None);
    }

    /// Shows why something failed.
    pub fn failed(self, what: &str, error: &ApiError) {
        self.show(Tone::Danger, format!("{what}: {}", error.detail()), None);
    }

    /// Takes a message away.
    pub fn close(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// The messages from the context.
pub fn use_toasts() -> Toasts {
    expect_context()
}
