//! Which rows of a long list are in sight, which of them are drawn, and where a key leads. Pure: pixels in, numbers of rows out.
//! Rows are numbered from 0. Not what is in them: that is `blocks.rs`.

use std::ops::Range;

/// The most rows that are drawn at once.
pub const MOST_DRAWN: u64 = 80;
/// Rows drawn above and below what is in sight, so that a turn of the wheel finds them there.
const AROUND: u64 = 12;
/// Rows come and go by so many at once.
const STEP: u64 = 4;

/// Where the window is over the list, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ground {
    /// From the first row's upper edge to the upper edge of what is seen; negative while the list begins further down.
    pub above: f64,
    /// How high what is seen is.
    pub height: f64,
    /// From one row to the next.
    pub stride: f64,
}

/// The rows in sight. A row counts as the first when more than half of it is seen, so that a list scrolled to a row begins with it.
pub fn in_sight(ground: Ground, total: u64) -> Range<u64> {
    let stride = ground.stride.max(1.0);
    let first = whole(ground.above / stride + 0.5).min(total.saturating_sub(1));
    let end = whole(((ground.above + ground.height) / stride).ceil());
    first..end.clamp(first, total).min(first + MOST_DRAWN)
}

/// The rows that are drawn.
pub fn drawn(sight: &Range<u64>, total: u64) -> Range<u64> {
    let first = sight.start.saturating_sub(AROUND) / STEP * STEP;
    let end = (sight.end + AROUND).div_ceil(STEP) * STEP;
    first..end.min(total).min(first + MOST_DRAWN).max(first)
}

/// How high so many rows are.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^52")]
pub fn pixels(rows: u64, stride: f64) -> f64 {
    rows as f64 * stride
}

/// The row that a key leads to from one of a list; `page` rows are in sight. `None` for a key that leads nowhere.
pub fn after_key(key: &str, at: u64, page: u64, total: u64) -> Option<u64> {
    let last = total.checked_sub(1)?;
    let page = page.saturating_sub(1).max(1);
    let to = match key {
        "ArrowDown" => at + 1,
        "ArrowUp" => at.saturating_sub(1),
        "PageDown" => at + page,
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// The whole number below; 0 for what is negative or none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float stays within the type")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground(above: f64, height: f64) -> Ground {
        Ground { above, height, stride: 60.0 }
    }

    #[test]
    fn what_is_in_sight_begins_with_the_row_it_was_scrolled_to() {
        assert_eq!(in_sight(ground(-200.0, 500.0), 50_000), 0..5, "the list begins below the filters");
        assert_eq!(in_sight(ground(-700.0, 500.0), 50_000), 0..0, "and is not in sight yet");
        for row in [0, 1, 7, 24_999, 49_990] {
            for off in [-1.0, 0.0, 1.0] {
                let sight = in_sight(ground(pixels(row, 60.0) + off, 600.0), 50_000);
                assert_eq!(sight.start, row);
                assert!((10..=11).contains(&(sight.end - sight.start)), "{sight:?}");
            }
        }
        assert_eq!(in_sight(ground(3_000_000.0, 600.0), 50_000), 49_999..50_000, "never further than the last");
        assert_eq!(in_sight(ground(0.0, 600.0), 0), 0..0);
        assert_eq!(in_sight(Ground { stride: 0.0, ..ground(0.0, 9_000.0) }, 50_000), 0..MOST_DRAWN);
    }

    #[test]
    fn what_is_in_sight_is_drawn_and_little_more() {
        for total in [0, 1, 30, 50_000] {
            for first in [0, 3, 17, 100, 24_001, 49_995] {
                for rows in [0, 1, 12, MOST_DRAWN / 2] {
                    let sight = first.min(total)..(first + rows).min(total);
                    let drawn = drawn(&sight, total);
                    assert!(drawn.end - drawn.start <= MOST_DRAWN, "{sight:?} {drawn:?}");
                    assert!(drawn.start <= sight.start && sight.end <= drawn.end, "{sight:?} {drawn:?}");
                    assert!(drawn.end <= total.max(drawn.start), "{sight:?} {drawn:?}");
                }
            }
        }
        assert_eq!(drawn(&(100..115), 50_000), 88..128);
        assert_eq!(drawn(&(101..116), 50_000), 88..128, "a row further nothing is drawn anew");
    }

    #[test]
    fn keys_lead_from_row_to_row_and_stay_within() {
        let from = |key, at| after_key(key, at, 15, 1_000);
        assert_eq!([from("ArrowDown", 4), from("ArrowUp", 4)], [Some(5), Some(3)]);
        assert_eq!([from("PageDown", 4), from("PageUp", 20)], [Some(18), Some(6)]);
        assert_eq!([from("Home", 500), from("End", 500)], [Some(0), Some(999)]);
        assert_eq!([from("ArrowUp", 0), from("PageDown", 990)], [Some(0), Some(999)]);
        assert_eq!([from("Tab", 4), after_key("End", 0, 15, 0)], [None, None]);
    }
}
