//! Reading again what a page shows when the live stream tells that such things were changed. Not how the stream is kept open
//! (`live`), and not pages that follow single jobs or desktops: those listen themselves. What kinds there are: `docs/api.md`.

use contract::events::Event;

use super::live::{LiveEvent, use_live};
use super::timing::Debounce;

/// Many changes in a row are one reading.
const SETTLE_MS: u64 = 700;

/// Calls `again` soon after things of one of these kinds were changed, or something was missed, until the component ends.
pub fn read_again_on(kinds: &'static [&'static str], again: impl Fn() + Copy + 'static) {
    follow(move |what| kinds.contains(&what), again);
}

/// As [`read_again_on`], after any change that the audit log tells.
pub fn read_again_on_any(again: impl Fn() + Copy + 'static) {
    follow(|_| true, again);
}

fn follow(matters: impl Fn(&str) -> bool + 'static, again: impl Fn() + Copy + 'static) {
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::Changed { what, .. }) => matters(what),
            LiveEvent::Happened(_) => false,
            LiveEvent::ReadAgain => true,
        };
        if matters {
            settle.soon(SETTLE_MS, again);
        }
    });
}
