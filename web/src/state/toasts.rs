//! Short messages that pass by: what was started, what failed, what was done and can be taken back. Not the place for what must be
//! read or decided.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Element;

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
            if let Some(place) = in_the_way(list, held(), focused()) {
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
/// from under the pointer or the focus. Where there is none, there are more, up to a limit, at which the oldest of all goes. That with
/// the id `focused` has the focus, and never goes.
fn in_the_way(list: &[Toast], held: bool, focused: Option<u64>) -> Option<usize> {
    let free = |toast: &Toast| Some(toast.id) != focused;
    let passing = list.iter().position(|toast| free(toast) && passes(toast.tone));
    if list.len() >= MOST_THAT_STAY {
        passing.or_else(|| list.iter().position(free))
    } else if list.len() >= MOST && !held {
        passing
    } else {
        None
    }
}

/// Whether somebody is at the messages.
fn held() -> bool {
    at(".toasts:is(:hover,:focus-within)").is_some()
}

/// The id of the message that has the focus. Not its place on screen, where what came just now is not yet.
fn focused() -> Option<u64> {
    at(".toast:focus-within")?.get_attribute("data-toast")?.parse().ok()
}

/// The first such element.
fn at(css: &str) -> Option<Element> {
    document().query_selector(css).ok().flatten()
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
        room_beside(tones, held, None)
    }

    /// The same where the one with that id has the focus. Ids begin at 10.
    fn room_beside(tones: &[Tone], held: bool, focused: Option<u64>) -> Option<usize> {
        let toast = |(id, &tone)| Toast { id, tone, text: String::new(), link: None, undo: None };
        in_the_way(&(10..).zip(tones).map(toast).collect::<Vec<_>>(), held, focused)
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
    }

    #[test]
    fn what_has_the_focus_never_goes() {
        use Tone::{Danger, Success};
        assert_eq!(room_beside(&[Danger; MOST_THAT_STAY], true, Some(10)), Some(1));
        assert_eq!(room_beside(&[Danger; MOST_THAT_STAY], true, Some(11)), Some(0));
        let one = [Danger, Success, Danger, Danger, Danger];
        assert_eq!((room_beside(&one, true, None), room_beside(&one, true, Some(11))), (Some(1), Some(0)));
        let two = [Danger, Success, Danger, Success, Danger];
        assert_eq!(room_beside(&two, true, Some(11)), Some(3), "another that goes by itself");
    }
}
