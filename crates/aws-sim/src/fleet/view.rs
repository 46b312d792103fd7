//! What a desktop looks like at one moment: a pure function of the desktop and the time.
//!
//! Three things decide, the newest first: a fixed state (unhealthy, suspended …), the last command (start, stop …), the
//! person's habits. A session that begins after a command has the last word again, as at AWS, where a person who
//! connects starts a stopped AUTO_STOP desktop.

use std::time::Duration;

use super::{
    habits::{Session, last_session},
    model::{Command, CommandKind, Desktop, RunningMode, State},
};

/// The Wednesday afternoon (2026-01-14 15:20 UTC) of a fleet that is not alive, Unix seconds.
const STILL: i64 = 1_768_404_000;

/// How long the changes take, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timings {
    pub(crate) start: i64,
    pub(crate) stop: i64,
    pub(crate) reboot: i64,
    pub(crate) rebuild: i64,
    pub(crate) create: i64,
    pub(crate) terminate: i64,
    pub(crate) modify: i64,
}

impl Timings {
    /// About as long as at AWS, rebuilds and creations shortened to minutes.
    pub(crate) const USUAL: Self = Self {
        start: 45_000,
        stop: 30_000,
        reboot: 60_000,
        rebuild: 240_000,
        create: 120_000,
        terminate: 60_000,
        modify: 90_000,
    };

    pub(crate) fn new(all: Option<Duration>) -> Self {
        all.map_or(Self::USUAL, |duration| {
            let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
            Self { start: ms, stop: ms, reboot: ms, rebuild: ms, create: ms, terminate: ms, modify: ms }
        })
    }
}

/// The moment of looking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    /// Unix milliseconds.
    pub(crate) now_ms: i64,
    pub(crate) alive: bool,
    pub(crate) zone_hours: i64,
    pub(crate) timings: Timings,
}

/// A desktop at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) state: State,
    pub(crate) connected: bool,
    /// Unix seconds.
    pub(crate) last_connection: Option<i64>,
}

/// `None` when the desktop is gone.
pub(crate) fn view(desktop: &Desktop, watch: &Watch) -> Option<View> {
    let now = watch.now_ms;
    let people_now = if watch.alive { now.div_euclid(1_000) } else { STILL };
    let sessions = |at| {
        last_session(desktop.habit, desktop.seed, watch.zone_hours, at)
            .filter(|s| desktop.born.is_none_or(|born| s.start * 1_000 > born))
    };
    let mut session = sessions(people_now);
    let command = desktop.command.filter(|command| still_rules(command, session, desktop, watch));

    let state = if let Some(fixed) = desktop.fixed {
        fixed
    } else {
        match command {
            Some(Command { kind: CommandKind::Gone, until, .. }) if now >= until => return None,
            Some(Command { kind: CommandKind::Gone, .. }) => State::Terminating,
            Some(Command { kind: CommandKind::Down, at, until }) => {
                session = session.map(|s| Session { end: s.end.min(at.div_euclid(1_000)), ..s });
                if now < until { State::Stopping } else { State::Stopped }
            }
            Some(Command { kind: CommandKind::Up(meanwhile), until, .. }) => {
                if now < until {
                    meanwhile
                } else if !watch.alive || desktop.running_mode != RunningMode::AutoStop {
                    State::Available
                } else {
                    let idle_from = session.map_or(until, |s| until.max(s.end * 1_000));
                    idle_since(idle_from, now, desktop, watch)
                }
            }
            None => left_alone(desktop, watch, people_now, session, sessions),
        }
    };

    let connected = state == State::Available && session.is_some_and(|s| s.start <= people_now && people_now < s.end);
    let last_connection = session.map(|s| if connected { s.start } else { s.end.min(people_now) });
    Some(View { state, connected, last_connection })
}

/// Whether a command still says more about the desktop than the habits do.
fn still_rules(command: &Command, session: Option<Session>, desktop: &Desktop, watch: &Watch) -> bool {
    !watch.alive
        || desktop.running_mode != RunningMode::AutoStop
        || command.kind == CommandKind::Gone
        || watch.now_ms < command.until
        || session.is_none_or(|s| s.start * 1_000 <= command.at)
}

/// Nobody has asked anything of it, or somebody has connected since.
fn left_alone(
    desktop: &Desktop,
    watch: &Watch,
    people_now: i64,
    session: Option<Session>,
    sessions: impl Fn(i64) -> Option<Session>,
) -> State {
    match desktop.running_mode {
        RunningMode::AlwaysOn => State::Available,
        RunningMode::Manual if desktop.seed.is_multiple_of(3) => State::Stopped,
        RunningMode::Manual => State::Available,
        RunningMode::AutoStop => {
            let Some(session) = session else { return State::Stopped };
            let people_ms = if watch.alive { watch.now_ms } else { people_now * 1_000 };
            let timeout = i64::from(desktop.timeout_minutes) * 60;
            if people_ms < session.start * 1_000 + watch.timings.start
                && sessions(session.start - 1).is_none_or(|before| before.end + timeout < session.start)
            {
                State::Starting
            } else if people_now < session.end {
                State::Available
            } else {
                idle_since(session.end * 1_000, people_ms, desktop, watch)
            }
        }
    }
}

/// An AUTO_STOP desktop that nobody uses since `from_ms`.
fn idle_since(from_ms: i64, now_ms: i64, desktop: &Desktop, watch: &Watch) -> State {
    let stop_at = from_ms + i64::from(desktop.timeout_minutes) * 60_000;
    if now_ms < stop_at {
        State::Available
    } else if now_ms < stop_at + watch.timings.stop {
        State::Stopping
    } else {
        State::Stopped
    }
}
