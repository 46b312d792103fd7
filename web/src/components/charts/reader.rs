//! Reading a chart place by place: which place is pointed at, by pointer or by keys, and which stretch is chosen. To whoever
//! can't see the chart it is a slider that says what is at its place.

use leptos::prelude::*;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Go there.
    To(usize),
    /// Go there and choose what lies between.
    Choose(usize),
    /// Take the choice.
    Take,
    /// Nothing is pointed at any more.
    Leave,
}

/// What a key means where `count` places lie in rows of `row`; `None` where it means nothing here.
pub fn step(key: &str, shift: bool, at: Option<usize>, count: usize, row: usize) -> Option<Step> {
    let last = count.checked_sub(1)?;
    let to = |by: isize| {
        let from = at.map_or(if by < 0 { count } else { usize::MAX }, |at| at);
        // The first step of all goes to the first or the last place.
        if from == usize::MAX { 0 } else { from.saturating_add_signed(by).min(last) }
    };
    let row = isize::try_from(row).unwrap_or(1);
    let place = match key {
        "ArrowRight" => to(1),
        "ArrowLeft" => to(-1),
        "ArrowDown" => to(row),
        "ArrowUp" => to(-row),
        "PageUp" => to(-7 * row),
        "PageDown" => to(7 * row),
        "Home" => 0,
        "End" => last,
        "Enter" => return Some(Step::Take),
        "Escape" => return at.map(|_| Step::Leave),
        _ => return None,
    };
    Some(if shift { Step::Choose(place) } else { Step::To(place) })
}

/// Where the reader is.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The place pointed at.
    pub at: RwSignal<Option<usize>>,
    /// Where the chosen stretch began; it reaches to `at`.
    pub from: RwSignal<Option<usize>>,
}

impl Reader {
    /// Nowhere.
    pub fn new() -> Self {
        Self { at: RwSignal::new(None), from: RwSignal::new(None) }
    }

    /// The chosen stretch, first and last place; `None` when it is no longer than one.
    pub fn stretch(self) -> Option<(usize, usize)> {
        let (from, at) = self.from.get().zip(self.at.get())?;
        (from != at).then_some((from.min(at), from.max(at)))
    }

    /// Nothing is chosen and nothing pointed at.
    pub fn leave(self) {
        self.from.set(None);
        self.at.set(None);
    }

    /// The pointer left. A finger that is lifted leaves what it pointed at to be read.
    pub fn left(self, event: &leptos::ev::PointerEvent) {
        if event.pointer_type() != "touch" {
            self.leave();
        }
    }

    /// Goes where a key leads; true when the key was one of ours. `take` is called with the chosen stretch.
    pub fn key(
        self,
        event: &leptos::ev::KeyboardEvent,
        count: usize,
        row: usize,
        take: impl FnOnce((usize, usize)),
    ) -> bool {
        let at = self.at.get_untracked();
        match step(&event.key(), event.shift_key(), at, count, row) {
            Some(Step::To(place)) => {
                self.from.set(None);
                self.at.set(Some(place));
            }
            Some(Step::Choose(place)) => {
                if self.from.with_untracked(Option::is_none) {
                    self.from.set(at.or(Some(place)));
                }
                self.at.set(Some(place));
            }
            Some(Step::Take) => match untrack(|| self.stretch()) {
                Some(stretch) => {
                    self.leave();
                    take(stretch);
                }
                None => return false,
            },
            Some(Step::Leave) => self.leave(),
            None => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_within_the_places() {
        let to = |key, at| step(key, false, at, 10, 1);
        assert_eq!(to("ArrowRight", None), Some(Step::To(0)));
        assert_eq!(to("ArrowLeft", None), Some(Step::To(9)));
        assert_eq!(to("ArrowLeft", Some(0)), Some(Step::To(0)));
        assert_eq!(to("ArrowRight", Some(9)), Some(Step::To(9)));
        assert_eq!(to("PageDown", Some(1)), Some(Step::To(8)));
        assert_eq!(to("End", None), Some(Step::To(9)));
        assert_eq!(to("Tab", Some(1)), None);
        assert_eq!(to("Escape", None), None);
        assert_eq!(to("Escape", Some(3)), Some(Step::Leave));
        assert_eq!(step("ArrowDown", false, Some(3), 168, 24), Some(Step::To(27)));
        assert_eq!(step("ArrowRight", true, Some(3), 10, 1), Some(Step::Choose(4)));
        assert_eq!(step("ArrowRight", false, None, 0, 1), None);
    }
}
