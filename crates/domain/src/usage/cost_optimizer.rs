//! The hours of a month as AWS's Cost Optimizer for WorkSpaces (v2.8) counts them, decision for decision, so that those who
//! know its reports find the same numbers here.
//!
//! It reads `UserConnected`, Maximum, every 300 s. A session opens at the first value 1 and closes after Z zeros in a row,
//! Z being the time-out in points. It counts points, not time: a period without a point does not end a session. It is not
//! the rule Wheelhouse goes by unless asked to ([`super::billable`] is), nor the place for changing running modes.

use serde::{Deserialize, Serialize};

use super::{ConnectedInterval, intervals};
use crate::workspace::{ComputeType, RunningMode};

const POINT_SECS: i64 = 300;
const POINTS_PER_HOUR: usize = 12;
/// The time-out it takes for ALWAYS_ON WorkSpaces, which have none.
const ALWAYS_ON_TIMEOUT_MINUTES: u32 = 60;

/// What the Cost Optimizer knows of a WorkSpace beside its points.
#[derive(Debug, Clone, Copy)]
pub struct OptimizerInput<'a> {
    /// The running mode.
    pub mode: &'a RunningMode,
    /// The AUTO_STOP time-out; not looked at for ALWAYS_ON, which counts with 60.
    pub timeout_minutes: u32,
    /// The hours that earlier runs of this month counted.
    pub earlier_hours: u32,
    /// Whole hours from the last run of this month (else the 1st) to now cut to the hour: the span of the points.
    pub elapsed_hours: u32,
    /// Whether this is the month's last UTC day.
    pub last_day: bool,
    /// Whether the directory has maintenance mode.
    pub maintenance: bool,
}

impl OptimizerInput<'_> {
    /// The time-out it counts with, minutes.
    #[must_use]
    pub fn timeout(&self) -> u32 {
        if *self.mode == RunningMode::AlwaysOn { ALWAYS_ON_TIMEOUT_MINUTES } else { self.timeout_minutes }
    }
}

/// What it makes of the points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptimizerHours {
    /// The hours of each session, without the time-out.
    pub sessions: Vec<u32>,
    /// The billable hours of the month so far.
    pub billable: u32,
}

/// The hours from the values of the points in ascending order of time.
#[must_use]
#[expect(clippy::float_cmp, reason = "the reference compares with exactly 1 and 0, and lets other values pass")]
pub fn hours_from_values(values: &[f64], input: &OptimizerInput<'_>) -> OptimizerHours {
    let zeros_to_close = (input.timeout() / 5) as usize;
    let mut sessions = Vec::new();
    // First and last point with the value 1 of the open session, and the zeros since.
    let mut open: Option<(usize, usize)> = None;
    let mut zeros = 0;
    for (index, value) in values.iter().enumerate() {
        if *value == 1.0 {
            open = Some((open.map_or(index, |(first, _)| first), index));
            zeros = 0;
        } else if *value == 0.0
            && let Some((first, last)) = open
        {
            zeros += 1;
            if zeros == zeros_to_close {
                sessions.push(session_hours(first, last));
                open = None;
            }
        }
    }
    if let Some((first, last)) = open {
        sessions.push(session_hours(first, last));
    }
    let billable = billable(&sessions, input);
    OptimizerHours { sessions, billable }
}

/// The hours from intervals of connected time inside `[from, to)`, Unix seconds: where there is no interval, the points are
/// taken to be 0. This differs from the reference where CloudWatch had no point at all.
#[must_use]
pub fn hours_from_intervals(
    pieces: &[ConnectedInterval],
    from: i64,
    to: i64,
    input: &OptimizerInput<'_>,
) -> OptimizerHours {
    let slot = |at: i64| usize::try_from((at - from).div_euclid(POINT_SECS)).unwrap_or(0);
    let mut values = vec![0.0; if from < to { slot(to - 1) + 1 } else { 0 }];
    for piece in intervals::clip(pieces, from, to) {
        values[slot(piece.start)..=slot(piece.end - 1)].fill(1.0);
    }
    hours_from_values(&values, input)
}

fn session_hours(first: usize, last: usize) -> u32 {
    u32::try_from((last - first + 1).div_ceil(POINTS_PER_HOUR)).unwrap_or(u32::MAX)
}

fn billable(sessions: &[u32], input: &OptimizerInput<'_>) -> u32 {
    // In minutes, so that a time-out of an hour and a half stays exact until the sum is cut to whole hours.
    let minutes: u64 = sessions.iter().map(|hours| u64::from(*hours) * 60 + u64::from(input.timeout())).sum();
    let counted = u64::from(input.earlier_hours) + minutes / 60;
    let most = u64::from(input.earlier_hours) + u64::from(input.elapsed_hours);
    let billable = u32::try_from(counted.min(most)).unwrap_or(u32::MAX);
    let maintenance = input.last_day && input.maintenance && *input.mode == RunningMode::AutoStop && billable != 0;
    billable.saturating_add(u32::from(maintenance))
}

/// Above how many hours a month it makes an AUTO_STOP WorkSpace ALWAYS_ON; `None` for a type that it skips.
#[must_use]
pub fn threshold(compute_type: &ComputeType) -> Option<u32> {
    match compute_type {
        ComputeType::Value => Some(81),
        ComputeType::Standard => Some(85),
        ComputeType::Performance => Some(80),
        ComputeType::Power => Some(92),
        ComputeType::PowerPro => Some(78),
        ComputeType::GraphicsG4dn => Some(334),
        ComputeType::GraphicsProG4dn => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::usage::arbitrary::{BASE, intervals as some_intervals};

    fn input(mode: &RunningMode, timeout_minutes: u32) -> OptimizerInput<'_> {
        OptimizerInput {
            mode,
            timeout_minutes,
            earlier_hours: 0,
            elapsed_hours: 744,
            last_day: false,
            maintenance: false,
        }
    }

    fn points(runs: &[(usize, f64)]) -> Vec<f64> {
        runs.iter().flat_map(|(count, value)| vec![*value; *count]).collect()
    }

    fn auto_stop(runs: &[(usize, f64)], timeout: u32) -> u32 {
        hours_from_values(&points(runs), &input(&RunningMode::AutoStop, timeout)).billable
    }

    #[test]
    fn awss_examples() {
        assert_eq!(auto_stop(&[(1, 1.0)], 60), 2, "1 point");
        assert_eq!(auto_stop(&[(12, 1.0)], 60), 2, "12 points");
        assert_eq!(auto_stop(&[(13, 1.0)], 60), 3, "13 points");
        assert_eq!(auto_stop(&[(12, 1.0), (11, 0.0), (12, 1.0)], 60), 4, "1 h, a gap of 55 min, 1 h");
        assert_eq!(auto_stop(&[(1, 1.0), (18, 0.0)], 90), 2, "a time-out of 90 min, one session");
        assert_eq!(auto_stop(&[(1, 1.0), (18, 0.0), (1, 1.0), (18, 0.0)], 90), 5, "and two");
    }

    #[test]
    fn z_zeros_in_a_row_close_a_session_and_one_less_does_not() {
        let sessions = |zeros| {
            hours_from_values(&points(&[(1, 1.0), (zeros, 0.0), (1, 1.0)]), &input(&RunningMode::AutoStop, 60)).sessions
        };
        assert_eq!(sessions(11), [2]);
        assert_eq!(sessions(12), [1, 1]);
        let broken = points(&[(1, 1.0), (8, 0.0), (1, 1.0), (8, 0.0), (1, 1.0)]);
        assert_eq!(hours_from_values(&broken, &input(&RunningMode::AutoStop, 60)).sessions, [2], "19 points");
    }

    #[test]
    fn always_on_counts_with_an_hour_whatever_its_time_out() {
        let values = points(&[(1, 1.0), (12, 0.0), (1, 1.0)]);
        let found = hours_from_values(&values, &input(&RunningMode::AlwaysOn, 240));
        assert_eq!((found.sessions, found.billable), (vec![1, 1], 4));
    }

    #[test]
    fn other_values_neither_open_nor_close() {
        let values = [0.5, f64::NAN, 1.0, 0.5, f64::NAN, 2.0, 1.0];
        assert_eq!(hours_from_values(&values, &input(&RunningMode::AutoStop, 60)).sessions, [1]);
        assert_eq!(hours_from_values(&[2.0; 30], &input(&RunningMode::AutoStop, 60)).billable, 0);
    }

    #[test]
    fn no_more_hours_than_have_passed() {
        let mode = RunningMode::AutoStop;
        let few = OptimizerInput { earlier_hours: 10, elapsed_hours: 1, ..input(&mode, 60) };
        assert_eq!(hours_from_values(&[1.0], &few).billable, 11);
        assert_eq!(hours_from_values(&[0.0], &few).billable, 10, "earlier hours stay");
    }

    #[test]
    fn the_last_day_adds_an_hour_of_maintenance_to_used_auto_stop_workspaces() {
        let (auto_stop, always_on) = (RunningMode::AutoStop, RunningMode::AlwaysOn);
        let last = OptimizerInput { last_day: true, maintenance: true, ..input(&auto_stop, 60) };
        assert_eq!(hours_from_values(&[1.0], &last).billable, 3);
        assert_eq!(hours_from_values(&[0.0], &last).billable, 0, "not used");
        assert_eq!(
            hours_from_values(&[1.0], &OptimizerInput { elapsed_hours: 2, ..last }).billable,
            3,
            "after the limit"
        );
        assert_eq!(hours_from_values(&[1.0], &OptimizerInput { mode: &always_on, ..last }).billable, 2);
        assert_eq!(hours_from_values(&[1.0], &OptimizerInput { maintenance: false, ..last }).billable, 2);
        assert_eq!(hours_from_values(&[1.0], &OptimizerInput { last_day: false, ..last }).billable, 2);
    }

    #[test]
    fn thresholds_are_those_of_the_reference_and_other_types_are_skipped() {
        assert_eq!(threshold(&ComputeType::Power), Some(92));
        assert_eq!(threshold(&ComputeType::from("GRAPHICS_G4DN")), Some(334));
        assert_eq!(threshold(&ComputeType::GraphicsPro), None);
        assert_eq!(threshold(&ComputeType::from("NEW_TYPE")), None);
    }

    proptest! {
        #[test]
        fn it_is_bounded(values in proptest::collection::vec(prop_oneof![Just(0.0), Just(1.0)], 0..2_000), timeout in 1u32..6, earlier in 0u32..700) {
            let mode = RunningMode::AutoStop;
            let elapsed = (values.len() / 12) as u32;
            let input = OptimizerInput { earlier_hours: earlier, elapsed_hours: elapsed, ..input(&mode, timeout * 60) };
            let found = hours_from_values(&values, &input);
            prop_assert!(found.billable >= earlier && found.billable <= earlier + elapsed);
            let ones = values.iter().filter(|value| **value == 1.0).count();
            prop_assert!(found.sessions.iter().sum::<u32>() as usize * 12 >= ones);
            prop_assert!(found.sessions.len() <= ones);
        }

        #[test]
        fn intervals_give_what_their_points_give(pieces in some_intervals(300, 10), timeout in 1u32..5) {
            let mode = RunningMode::AutoStop;
            let (from, to) = (BASE, BASE + 31 * 86_400);
            let joined = intervals::normalise(pieces.clone());
            let values: Vec<f64> = (from..to).step_by(300)
                .map(|at| if joined.iter().any(|piece| piece.start <= at && at < piece.end) { 1.0 } else { 0.0 })
                .collect();
            let input = input(&mode, timeout * 60);
            prop_assert_eq!(hours_from_intervals(&pieces, from, to, &input), hours_from_values(&values, &input));
        }

        #[test]
        fn with_every_point_there_it_joins_the_same_sessions_as_the_default_rule(pieces in some_intervals(300, 10), timeout in 1u32..5) {
            // For whole hours of time-out the two rules agree; what differs on real bills are missing points and clipping.
            let mode = RunningMode::AutoStop;
            let (from, to) = (BASE, BASE + 60 * 86_400);
            let optimizer = hours_from_intervals(&pieces, from, to, &OptimizerInput { elapsed_hours: 9_999, ..input(&mode, timeout * 60) });
            let default = super::super::billable::billable_hours(&pieces, timeout * 60, from, to);
            prop_assert_eq!(u64::from(optimizer.billable), default);
        }
    }
}
