//! Which rows of a long list are in sight, which of them are drawn, and where a key leads. Pure: pixels in, numbers of rows out.
//! Rows are numbered from 0. Not what is in them: that is `blocks.rs`.

use std::ops::Range;

/// The most rows that are drawn at once.
pub const MOST_DRAWN: u64 = 80;
/// Rows drawn above and below what is in sight, so that a turn of the wheel finds them there.
const AROUND: u64 = 12;
/// Rows come and go by so many at once.
const STEP: u64 = 4;
/// Rows drawn with each frame below those that are, once what is in sight is drawn.
const FEW: u64 = 3;

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

/// The rows that are to be drawn in the end.
pub fn drawn(sight: &Range<u64>, total: u64) -> Range<u64> {
    let first = sight.start.saturating_sub(AROUND) / STEP * STEP;
    let end = (sight.end + AROUND).div_ceil(STEP) * STEP;
    first..end.min(total).min(first + MOST_DRAWN).max(first)
}

/// The rows that are drawn next where those of `before` are: what is in sight, then a few more of `around` with each frame, so that
/// no frame has to wait for many. Only rows that are `known`: what nobody sees needs no place to wait at. Above there comes one
/// at a time, also of those in sight: where several come before others, leptos takes those out of the page and puts them back, which
/// takes long and loses the focus.
pub fn next(before: &Range<u64>, sight: &Range<u64>, around: &Range<u64>, known: impl Fn(u64) -> bool) -> Range<u64> {
    let apart = before.end < sight.start || sight.end < before.start;
    if apart {
        return sight.clone();
    }
    let first = before.start.max(around.start);
    let end = before.end.min(around.end).max(sight.end);
    if sight.start < first {
        return first - 1..end;
    }
    if before.end < sight.end {
        return first..end;
    }
    let above = u64::from(first > around.start && known(first - 1));
    let below = (0..FEW).take_while(|more| end + more < around.end && known(end + more)).last();
    first - above..end + below.map_or(0, |last| last + 1)
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
    fn what_is_in_sight_comes_first_and_the_rest_with_the_frames() {
        let frames = |before: Range<u64>, sight: Range<u64>, known: Range<u64>| {
            let around = drawn(&sight, 50_000);
            let mut seen = vec![before];
            while seen.len() < 20 {
                let next = next(&seen[seen.len() - 1], &sight, &around, |at| known.contains(&at));
                if seen.ends_with(std::slice::from_ref(&next)) {
                    break;
                }
                seen.push(next);
            }
            seen.split_off(1)
        };
        let leap = frames(0..28, 1_000..1_015, 0..50_000);
        assert_eq!(leap[..5], [1_000..1_015, 999..1_018, 998..1_021, 997..1_024, 996..1_027]);
        assert_eq!((leap.len(), leap.last()), (13, Some(&(988..1_028))));
        assert_eq!(frames(0..0, 0..20, 0..100), [0..20, 0..23, 0..26, 0..29, 0..32]);
        let down = [996..1_031, 996..1_034, 996..1_037, 996..1_040];
        assert_eq!(frames(988..1_028, 1_011..1_026, 0..50_000), down);
        assert_eq!(frames(988..1_028, 1_020..1_035, 0..50_000)[0], 1_008..1_035, "past what is drawn");
        let up = frames(988..1_028, 986..1_001, 0..50_000);
        assert_eq!(up[..4], [987..1_016, 986..1_016, 985..1_016, 984..1_016], "one at a time");
        assert_eq!(frames(0..28, 995..1_010, 0..1_000)[..2], [995..1_010, 994..1_010], "the others are not known");
        let unread = frames(0..28, 1_000..1_015, 0..0);
        assert_eq!(
            (unread.len(), unread.first()),
            (1, Some(&(1_000..1_015))),
            "what is not read is drawn only in sight"
        );
        assert_eq!(frames(0..0, 0..0, 0..100), [0..3, 0..6, 0..9, 0..12], "what lies below the window");
        assert_eq!(frames(0..12, 0..0, 0..100).len(), 0);
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
