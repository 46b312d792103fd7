//! What a desktop looks like at one moment: a pure function of the desktop and the time.
//!
//! Three things decide, the newest first: a fixed state (unhealthy, suspended …), the last command (start, stop …), the
//! person's habits. A session that begins after a command has the last word again, as at AWS, where a person who
//! connects starts a stopped AUTO_STOP desktop.

use std::time::Duration;

use super::{
    habits::Session,
    model::{Command, CommandKind, Desktop, RunningMode, State},
};
use crate::history::History;

/// The Wednesday afternoon (2026-01-14 15:20 UTC) of a fleet that is not alive, Unix seconds.
pub(crate) const STILL: i64 = 1_768_404_000;

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
    /// When a fleet that is not alive stands still, Unix seconds; never after now.
    pub(crate) still_at: i64,
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
    let people_now = if watch.alive { now.div_euclid(1_000) } else { watch.still_at };
    let history = History::new(desktop, watch);
    let session = history.last_session(now.div_euclid(1_000));
    let command = desktop.command.filter(|command| still_rules(command, session, desktop, watch));

    let mut state = if let Some(fixed) = desktop.fixed {
        fixed
    } else {
        match command {
            Some(Command { kind: CommandKind::Gone, until, .. }) if now >= until => return None,
            Some(Command { kind: CommandKind::Gone, .. }) => State::Terminating,
            Some(Command { kind: CommandKind::Down, until, .. }) => {
                if now < until {
                    State::Stopping
                } else {
                    State::Stopped
                }
            }
            Some(Command { kind: CommandKind::Up(meanwhile), until, .. }) => {
                if now < until {
                    meanwhile
                } else if !watch.alive || desktop.running_mode != RunningMode::AutoStop {
                    State::Available
                } else {
                    let idle_from = session.map_or(until, |s| until.max(s.end.saturating_mul(1_000)));
                    idle_since(idle_from, now, desktop, watch)
                }
            }
            None => left_alone(desktop, watch, people_now, session),
        }
    };
    if state == State::Stopped && wakes_up(desktop, watch, &history) {
        state = State::Starting;
    }

    let now = now.div_euclid(1_000);
    let connected = state == State::Available && session.is_some_and(|s| s.start <= now && now < s.end);
    let last_connection = session.map(|s| if connected { s.start } else { s.end.min(now) });
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
fn left_alone(desktop: &Desktop, watch: &Watch, people_now: i64, session: Option<Session>) -> State {
    match desktop.running_mode {
        RunningMode::AlwaysOn => State::Available,
        RunningMode::Manual if stopped_at_first(desktop) => State::Stopped,
        RunningMode::Manual => State::Available,
        RunningMode::AutoStop => {
            let Some(session) = session else { return State::Stopped };
            let people_ms = if watch.alive { watch.now_ms } else { people_now * 1_000 };
            if people_now < session.end {
                State::Available
            } else {
                idle_since(session.end * 1_000, people_ms, desktop, watch)
            }
        }
    }
}

/// MANUAL desktops that are down until somebody starts them.
pub(crate) fn stopped_at_first(desktop: &Desktop) -> bool {
    desktop.running_mode == RunningMode::Manual && desktop.seed.is_multiple_of(3)
}

/// Whether a person waits for a stopped AUTO_STOP desktop: it starts so that the connection stands when it should.
fn wakes_up(desktop: &Desktop, watch: &Watch, history: &History<'_>) -> bool {
    if !watch.alive || desktop.running_mode != RunningMode::AutoStop || desktop.fixed.is_some() {
        return false;
    }
    let now = watch.now_ms.div_euclid(1_000);
    let soon = (watch.now_ms + watch.timings.start).div_euclid(1_000);
    history.last_session(soon).is_some_and(|session| session.start > now)
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
