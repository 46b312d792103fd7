//! What was asked of a desktop, written down so that its past stays true: breaks in people's work, starts by request,
//! former shapes.
//!
//! The newest command and the fixed state on the desktop say how it looks now (`fleet::view`); this says how it looked
//! since. Every change of a desktop goes through [`Desktop::obey`], [`Desktop::hold`] or [`Desktop::reshaped_from`].

use super::{History, Shape, Span};
use crate::fleet::{
    model::{Command, CommandKind, Desktop, RunningMode, State},
    view::Watch,
};

/// How far ahead the next connection is looked for.
const AHEAD: i64 = 14 * 86_400;

/// Why nobody can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Stopped by request.
    Stopped,
    /// Changing: starting, rebooting, terminating …
    Changing(State),
    /// In a state that only a request ends.
    Held(State),
}

/// A time in which nobody can be connected. Unix milliseconds; `until_ms` is `i64::MAX` while it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Break {
    pub(crate) from_ms: i64,
    pub(crate) until_ms: i64,
    pub(crate) why: Why,
}

impl Break {
    pub(crate) fn span(&self) -> Span {
        let end = if self.until_ms == i64::MAX { i64::MAX } else { self.until_ms.div_euclid(1_000) };
        Span { start: self.from_ms.div_euclid(1_000), end }
    }
}

/// A shape the desktop had until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PastShape {
    pub(crate) until_ms: i64,
    pub(crate) shape: Shape,
}

impl Desktop {
    /// Its shape now.
    pub(crate) fn shape(&self) -> Shape {
        Shape {
            running_mode: self.running_mode,
            timeout_minutes: self.timeout_minutes,
            compute: self.compute,
            root_gib: self.root_gib,
            user_gib: self.user_gib,
        }
    }

    /// Takes a command from now on.
    pub(crate) fn obey(&mut self, command: Command, watch: &Watch) {
        self.end_break(command.at);
        self.fixed = None;
        self.command = Some(command);
        match command.kind {
            CommandKind::Up(meanwhile) => {
                self.break_off(command.at, command.until, Why::Changing(meanwhile));
                self.wakes.push(command.until);
            }
            CommandKind::Down => {
                let until = self.comes_back(command.at, watch);
                self.break_off(command.at, until, Why::Stopped);
            }
            CommandKind::Gone => {
                self.terminated_ms = Some(command.until);
                self.break_off(command.at, i64::MAX, Why::Changing(State::Terminating));
            }
        }
    }

    /// Stays in a state until a command comes.
    pub(crate) fn hold(&mut self, state: State, now_ms: i64) {
        self.end_break(now_ms);
        self.fixed = Some(state);
        self.break_off(now_ms, i64::MAX, Why::Held(state));
    }

    /// Remembers the shape it had until now.
    pub(crate) fn reshaped_from(&mut self, before: Shape, watch: &Watch) {
        if before == self.shape() {
            return;
        }
        self.past.push(PastShape { until_ms: watch.now_ms, shape: before });
        let stopped = self.breaks.last().is_some_and(|last| last.why == Why::Stopped);
        if stopped && watch.alive && self.running_mode == RunningMode::AutoStop {
            // From here on it starts with its person again.
            self.end_break(watch.now_ms);
        }
    }

    /// Until when a stopped desktop stays down: AUTO_STOP ones start with the next connection.
    fn comes_back(&self, at_ms: i64, watch: &Watch) -> i64 {
        if !watch.alive || self.running_mode != RunningMode::AutoStop {
            return i64::MAX;
        }
        let at = at_ms.div_euclid(1_000);
        let history = History::new(self, watch);
        let last = history.person.last_session(at).map_or(at, |session| session.end).max(at);
        let idle_until = last + i64::from(self.timeout_minutes) * 60;
        let next = history.person.next_session(at, at + AHEAD).map_or(idle_until, |session| session.start);
        next.min(idle_until) * 1_000
    }

    fn break_off(&mut self, from_ms: i64, until_ms: i64, why: Why) {
        if from_ms < until_ms {
            self.breaks.push(Break { from_ms, until_ms, why });
        }
    }

    fn end_break(&mut self, at_ms: i64) {
        if let Some(last) = self.breaks.last_mut()
            && last.until_ms > at_ms
        {
            last.until_ms = at_ms;
            if last.from_ms >= at_ms {
                self.breaks.pop();
            }
        }
    }
}
