//! Reading again what a page shows when the live stream tells that such things were changed. Not how the stream is kept open
//! (`live`), and not pages that follow single jobs or desktops: those listen themselves. What kinds there are: `docs/api.md`.

use contract::events::Event;

use super::live::{LiveEvent, use_live};
use super::timing::Debounce;

/// Many changes in a row are one reading.
const SETTLE_MS: u64 = 700;

/// Calls `again` soon after things of one of these kinds were changed, or something was missed, until the component ends.
pub fn read_again_on(kinds: &'static [&'static str], again: impl Fn() + Copy + 'static) {
    follow(move |event| matches!(event, Event::Changed { what, .. } if kinds.contains(&what.as_str())), again);
}

/// As [`read_again_on`], after any change that the audit log tells.
pub fn read_again_on_any(again: impl Fn() + Copy + 'static) {
    follow(|event| matches!(event, Event::Changed { .. }), again);
}

/// As [`read_again_on`], after a sync changed something of the fleet.
pub fn read_again_on_syncs(again: impl Fn() + Copy + 'static) {
    follow(|event| matches!(event, Event::FleetChanged { .. }), again);
}

fn follow(matters: impl Fn(&Event) -> bool + 'static, again: impl Fn() + Copy + 'static) {
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(event) => matters(event),
            LiveEvent::ReadAgain => true,
        };
        if matters {
            settle.soon(SETTLE_MS, again);
        }
    });
}
