//! Short messages that pass by: what was started, what failed, what was done and can be taken back. Not the place for what must be
//! read or decided.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::components::ui::badge::Tone;

/// How long a message stays, and stays on after somebody was at it.
const STAY: Duration = Duration::from_secs(7);
/// How many messages there are at most while one of them goes by itself: a fourth would cover what the reader works on.
const MOST: usize = 3;
/// How many there are at most where none goes by itself, or somebody is at them.
const MOST_THAT_STAY: usize = 5;

/// Takes something back, and says what came of that.
type Undo = Arc<dyn Fn() + Send + Sync>;

/// One message.
#[derive(Clone)]
pub struct Toast {
    /// Tells it from the others.
    pub id: u64,
    /// Its meaning.
    pub tone: Tone,
    /// The message.
    pub text: String,
    /// Where to read on: text and address.
    pub link: Option<(String, String)>,
    /// Takes back what it tells.
    pub undo: Option<Undo>,
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

    /// Shows a message for some seconds; errors stay until they are closed, or until there are too many of them.
    pub fn show(self, tone: Tone, text: impl Into<String>, link: Option<(String, String)>) {
        self.put(tone, text.into(), link, None);
    }

    fn put(self, tone: Tone, text: String, link: Option<(String, String)>, undo: Option<Undo>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            if let Some(place) = in_the_way(list, held(), at(".toast:first-child:focus-within")) {
                list.remove(place);
            }
            list.push(Toast { id, tone, text, link, undo });
        });
        if passes(tone) {
            self.close_later(id);
        }
    }

    /// Takes a message away after some time, but not from under the pointer or the focus.
    fn close_later(self, id: u64) {
        let pass = move || if held() { self.close_later(id) } else { self.close(id) };
        set_timeout(pass, STAY);
    }

    /// Shows that something went well.
    pub fn done(self, text: impl Into<String>) {
        self.show(Tone::Success, text, None);
    }

    /// Shows that something went well, with a button that takes it back: `undo` asks for that, and `undone` is said when it was
    /// done. Only for what is then as it was before; the page may be gone by the time.
    pub fn undoable<F>(
        self,
        text: impl Into<String>,
        undone: impl Into<String>,
        undo: impl Fn() -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<(), ApiError>> + 'static,
    {
        let undone = undone.into();
        let undo = move || {
            let (call, undone) = (undo(), undone.clone());
            spawn_local(async move {
                match call.await {
                    Ok(()) => self.done(undone),
                    Err(error) => self.failed("It could not be undone", &error),
                }
            });
        };
        self.put(Tone::Success, text.into(), None, Some(Arc::new(undo)));
    }

    /// Shows why something failed: what is said about fields, too, for no field of the reader's may be on screen.
    pub fn failed(self, what: &str, error: &ApiError) {
        self.show(Tone::Danger, format!("{what}: {}", error.words()), None);
    }

    /// Takes back what that message tells, or the newest one that can; whether there was one. The message goes, so that it is done
    /// once.
    pub fn undo(self, id: Option<u64>) -> bool {
        let wanted = |toast: &&Toast| toast.undo.is_some() && id.is_none_or(|id| toast.id == id);
        let Some(toast) = self.list.with_untracked(|list| list.iter().rfind(wanted).cloned()) else { return false };
        self.close(toast.id);
        if let Some(undo) = toast.undo {
            undo();
        }
        true
    }

    /// Takes away what can be taken back: who signs in next has not done it.
    pub fn forget(self) {
        self.list.update(|list| list.retain(|toast| toast.undo.is_none()));
    }

    /// Takes a message away.
    pub fn close(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Whether a message goes by itself.
fn passes(tone: Tone) -> bool {
    tone != Tone::Danger
}

/// The place of the message that makes room for a new one: of the oldest that goes by itself, as what stays is to be read, and not
/// from under the pointer or the focus. Where there is none, there are more, up to a limit, at which the oldest of all goes, or the next
/// one where that has the focus.
fn in_the_way(list: &[Toast], held: bool, oldest_held: bool) -> Option<usize> {
    let passing = list.iter().position(|toast| passes(toast.tone));
    if list.len() >= MOST_THAT_STAY {
        passing.or(Some(usize::from(oldest_held)))
    } else if list.len() >= MOST && !held {
        passing
    } else {
        None
    }
}

/// Whether somebody is at the messages.
fn held() -> bool {
    at(".toasts:is(:hover,:focus-within)")
}

/// Whether there is such an element.
fn at(css: &str) -> bool {
    matches!(document().query_selector(css), Ok(Some(_)))
}

/// The messages from the context.
pub fn use_toasts() -> Toasts {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the message that makes room, in a list of such tones.
    fn room(tones: &[Tone], held: bool) -> Option<usize> {
        room_beside(tones, held, false)
    }

    /// The same where the oldest has the focus, or has not.
    fn room_beside(tones: &[Tone], held: bool, oldest_held: bool) -> Option<usize> {
        let toast = |&tone: &Tone| Toast { id: 0, tone, text: String::new(), link: None, undo: None };
        in_the_way(&tones.iter().map(toast).collect::<Vec<_>>(), held, oldest_held)
    }

    #[test]
    fn the_oldest_that_goes_by_itself_makes_room_and_an_error_only_at_the_limit() {
        use Tone::{Danger, Success, Warning};
        assert_eq!(room(&[Success; MOST - 1], false), None, "there is room");
        assert_eq!(room(&[Success, Danger, Warning], false), Some(0));
        assert_eq!(room(&[Danger, Warning, Success], false), Some(1), "the error stays");
        assert_eq!(room(&[Danger, Danger, Danger, Success], false), Some(3));
        assert_eq!(room(&[Danger; MOST], false), None, "there are more of them");
        assert_eq!(room(&[Danger; MOST_THAT_STAY - 1], false), None);
        assert_eq!(room(&[Danger; MOST_THAT_STAY], false), Some(0), "the oldest at the limit");
    }

    #[test]
    fn none_goes_from_under_the_pointer_below_the_limit() {
        use Tone::{Danger, Success};
        assert_eq!(room(&[Success; MOST], true), None);
        assert_eq!(room(&[Danger, Danger, Danger, Danger, Success], true), Some(4));
        assert_eq!(room_beside(&[Danger; MOST_THAT_STAY], true, true), Some(1), "not the one that has the focus");
    }
}
