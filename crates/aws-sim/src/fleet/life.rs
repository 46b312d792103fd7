//! Draws the past of a desktop: when it was made, whether its running mode changed once, since when it is not well, when
//! it went.
//!
//! Each fact has a stream of its own, so that a new fact changes none of the others. Times are whole minutes of working
//! hours; who did it is CloudTrail's business.

use super::{
    generate::Era,
    model::{Desktop, RunningMode, State},
    view::stopped_at_first,
};
use crate::{
    history::{
        Shape,
        record::{Break, PastShape, Why},
    },
    rng::Rng,
};

const DAY: i64 = 86_400;
/// Of 1,000 desktops, how many were made in the last month of the era.
const NEW_PER_MILLE: u64 = 60;
/// Of 1,000 desktops, how many had another running mode before.
const CHANGED_PER_MILLE: u64 = 70;

/// Gives a desktop that is there its past.
pub(super) fn begin(desktop: &mut Desktop, era: Era) {
    let days = days(era);
    let mut rng = Rng::from_parts(desktop.seed, "life");
    let created = if desktop.fixed == Some(State::Pending) {
        // It was ordered just now.
        era.end - 60 * (5 + rng.below(50) as i64)
    } else if days <= 60 || rng.chance(NEW_PER_MILLE) {
        era.end - DAY * (1 + rng.below(days.min(30) as u64) as i64) + office_hour(&mut rng)
    } else {
        era.end - DAY * (31 + rng.below((days - 31) as u64) as i64) + office_hour(&mut rng)
    }
    .clamp(era.start, era.end);
    desktop.created_ms = created * 1_000;
    earlier_mode(desktop, created, era.end);
    let mut rng = Rng::from_parts(desktop.seed, "trouble");
    let since = (era.end - DAY * rng.below(20) as i64 - 60 * rng.below(1_400) as i64).max(created);
    let why = match desktop.fixed {
        Some(State::Pending) => Some(Why::Changing(State::Pending)),
        Some(state) => Some(Why::Held(state)),
        None => stopped_at_first(desktop).then_some(Why::Stopped),
    };
    desktop.breaks.extend(why.map(|why| Break { from_ms: since * 1_000, until_ms: i64::MAX, why }));
}

/// Gives a desktop that is gone its life.
pub(super) fn end(desktop: &mut Desktop, era: Era) {
    let days = days(era) as u64;
    let mut rng = Rng::from_parts(desktop.seed, "life");
    let gone = era.end - DAY * (1 + rng.below(days / 2 + 1) as i64) + office_hour(&mut rng);
    let created = gone - DAY * (20 + rng.below(180) as i64) - 60 * rng.below(200) as i64;
    let created = created.max(era.start);
    // In a short era there may be no room for both.
    let gone = gone.clamp(created + 60, era.end.max(created + 60));
    desktop.created_ms = created * 1_000;
    desktop.terminated_ms = Some(gone * 1_000);
    earlier_mode(desktop, created, gone);
}

/// Some were changed once between AUTO_STOP and ALWAYS_ON.
fn earlier_mode(desktop: &mut Desktop, created: i64, end: i64) {
    let mut rng = Rng::from_parts(desktop.seed, "earlier mode");
    let days = (end - created).div_euclid(DAY) - 15;
    if days < 15 || desktop.running_mode == RunningMode::Manual || !rng.chance(CHANGED_PER_MILLE) {
        return;
    }
    let midnight = (created + DAY * (10 + rng.below(days as u64) as i64)).div_euclid(DAY) * DAY;
    let until = midnight + office_hour(&mut rng);
    let (running_mode, timeout_minutes) = match desktop.running_mode {
        RunningMode::AutoStop => (RunningMode::AlwaysOn, 0),
        _ => (RunningMode::AutoStop, 60),
    };
    let shape = Shape { running_mode, timeout_minutes, ..desktop.shape() };
    desktop.past.push(PastShape { until_ms: until * 1_000, shape });
}

fn days(era: Era) -> i64 {
    (era.end - era.start).div_euclid(DAY).max(1)
}

/// Seconds after midnight.
fn office_hour(rng: &mut Rng) -> i64 {
    8 * 3_600 + 60 * rng.below(9 * 60) as i64
}
