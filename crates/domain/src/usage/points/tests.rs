//! Points of every kind, good and bad.

use proptest::prelude::*;

use super::*;
use crate::usage::{arbitrary::BASE, intervals::is_normal};

fn window(slots: i64) -> Window {
    Window::new(BASE, BASE + slots * 300, Resolution::FiveMinutes).unwrap()
}

fn at(slot: i64) -> i64 {
    BASE + slot * 300
}

fn spans(run: &PointRun) -> Vec<(i64, i64)> {
    run.intervals.iter().map(|piece| ((piece.start - BASE) / 300, (piece.end - BASE) / 300)).collect()
}

#[test]
fn connected_points_in_a_row_are_one_interval() {
    let run = connected_intervals(&[at(0), at(1), at(2), at(4)], &[1.0, 1.0, 0.0, 2.0], &window(10));
    assert_eq!(spans(&run), [(0, 2), (4, 5)]);
    assert_eq!(run.report, PointReport { read: 4, connected: 3, idle: 1, ..Default::default() });
}

#[test]
fn each_bad_point_is_counted_by_its_reason_and_the_rest_goes_in() {
    let timestamps = [at(0), at(1), at(2), at(3), at(4), at(-1), at(10), i64::MIN, i64::MAX, at(5), at(5), at(6) + 7];
    let values = [f64::NAN, f64::INFINITY, -1.0, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let run = connected_intervals(&timestamps, &values, &window(10));
    assert_eq!(spans(&run), [(4, 7)]);
    let expected = PointReport {
        read: 14,
        connected: 3,
        duplicate: 1,
        outside: 4,
        not_finite: 2,
        negative: 1,
        fractional: 1,
        unpaired: 2,
        moved: 1,
        ..Default::default()
    };
    assert_eq!(run.report, expected);
    assert_eq!(run.report.skipped(), 10);
    assert_eq!(run.report.reasons().count(), 5);
}

#[test]
fn an_empty_answer_is_no_time() {
    let run = connected_intervals(&[], &[], &window(10));
    assert_eq!(run, PointRun::default());
}

#[test]
fn an_hourly_point_is_an_hour() {
    let window = Window::new(BASE, BASE + 86_400, Resolution::Hour).unwrap();
    let run = connected_intervals(&[BASE, BASE + 3_600], &[1.0, 1.0], &window);
    assert_eq!(run.intervals, [ConnectedInterval { start: BASE, end: BASE + 7_200 }]);
}

#[test]
fn windows_grow_to_the_grid() {
    let window = Window::new(BASE + 1, BASE + 301, Resolution::FiveMinutes).unwrap();
    assert_eq!((window.from(), window.to(), window.slots()), (BASE, BASE + 600, 2));
    assert_eq!(Window::new(BASE, BASE, Resolution::Hour), None);
    assert_eq!(Window::new(BASE, BASE - 1, Resolution::FiveMinutes), None);
    assert_eq!(Window::new(i64::MIN, 0, Resolution::Hour), None);
    assert_eq!(Window::new(0, i64::MAX, Resolution::Hour), None);
    assert_eq!(Window::new(-1, 1, Resolution::Hour).map(|window| window.from()), Some(-3_600));
    assert_eq!(Resolution::from_secs(60), None);
}

/// Values CloudWatch sends, and ones it should not.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => Just(1.0), 6 => Just(0.0), 1 => Just(-0.0), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY), 1 => Just(-3.0), 1 => Just(0.25), 1 => Just(7.0), 1 => any::<f64>(),
    ]
}

fn timestamp() -> impl Strategy<Value = i64> {
    prop_oneof![12 => (-5i64..300).prop_map(at), 2 => BASE - 400..BASE + 90_000, 1 => any::<i64>()]
}

proptest! {
    #[test]
    fn every_point_is_accounted_for(
        timestamps in proptest::collection::vec(timestamp(), 0..200),
        values in proptest::collection::vec(value(), 0..200),
    ) {
        let window = window(288);
        let run = connected_intervals(&timestamps, &values, &window);
        let report = run.report;
        prop_assert_eq!(report.read, report.connected + report.idle + report.duplicate + report.skipped());
        prop_assert!(is_normal(&run.intervals));
        for piece in &run.intervals {
            prop_assert!(piece.start >= window.from() && piece.end <= window.to());
            prop_assert!(piece.start % 300 == 0 && piece.end % 300 == 0);
        }
        // Conservation: so many connected periods, so much time.
        prop_assert_eq!(crate::usage::intervals::total_secs(&run.intervals), report.connected as i64 * 300);
    }

    #[test]
    fn the_order_of_the_points_does_not_matter(
        points in proptest::collection::vec((timestamp(), value()), 0..200).prop_shuffle(),
    ) {
        let read = |points: &[(i64, f64)]| {
            let (timestamps, values): (Vec<_>, Vec<_>) = points.iter().copied().unzip();
            connected_intervals(&timestamps, &values, &window(288))
        };
        let shuffled = read(&points);
        let mut sorted = points;
        sorted.sort_by_key(|(at, _)| *at);
        prop_assert_eq!(&read(&sorted), &shuffled);
        sorted.reverse();
        prop_assert_eq!(&read(&sorted), &shuffled);
    }

    #[test]
    fn intervals_and_points_are_two_ways_to_say_the_same(bits in proptest::collection::vec(any::<bool>(), 0..288)) {
        let timestamps: Vec<_> = (0..bits.len() as i64).map(at).collect();
        let values: Vec<_> = bits.iter().map(|bit| f64::from(u8::from(*bit))).collect();
        let run = connected_intervals(&timestamps, &values, &window(288));
        for (slot, bit) in bits.iter().enumerate() {
            let start = at(slot as i64);
            prop_assert_eq!(run.intervals.iter().any(|piece| piece.start <= start && start < piece.end), *bit);
        }
    }

    #[test]
    fn two_overlapping_windows_read_like_one(bits in proptest::collection::vec(any::<bool>(), 288), a in 1i64..200, b in 1i64..200) {
        use crate::usage::intervals::replace_window;
        let (first, second) = (a.max(b), a.min(b));
        let timestamps: Vec<_> = (0..288).map(at).collect();
        let values: Vec<_> = bits.iter().map(|bit| f64::from(u8::from(*bit))).collect();
        // CloudWatch answers more than was asked: what is outside must not count.
        let left = Window::new(at(0), at(first), Resolution::FiveMinutes).unwrap();
        let right = Window::new(at(second), at(288), Resolution::FiveMinutes).unwrap();
        let read = |window: &Window| connected_intervals(&timestamps, &values, window).intervals;
        let known = replace_window(&[], &read(&left), left.from(), left.to());
        let known = replace_window(&known, &read(&right), right.from(), right.to());
        prop_assert_eq!(known, read(&window(288)));
    }
}
