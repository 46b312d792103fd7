//! When the primary's log was how far: how old is what was replayed up to a position. Only arithmetic; who asks the databases is
//! the folder's page.

use std::collections::VecDeque;

use tokio::time::Instant;

/// An hour of looks. Of a replica that is further behind, only the newest hour is known of.
const MOST: usize = 3600;

/// Positions that the primary was at and that the replica has not replayed yet, oldest first.
#[derive(Debug, Default)]
pub(super) struct Positions {
    ahead: VecDeque<(i64, Instant)>,
    reached: Option<Instant>,
}

impl Positions {
    /// The primary was at this position at that moment, later than any before.
    pub(super) fn written(&mut self, position: i64, at: Instant) {
        match self.ahead.back_mut() {
            // Nothing was written in between.
            Some((last, moment)) if *last == position => *moment = at,
            _ => self.ahead.push_back((position, at)),
        }
        if self.ahead.len() > MOST {
            self.ahead.pop_front();
        }
    }

    /// The replica has replayed everything up to this position: the newest moment that it knows all of, if there is one.
    pub(super) fn replayed(&mut self, position: i64) -> Option<Instant> {
        while let Some((_, moment)) = self.ahead.pop_front_if(|(written, _)| *written <= position) {
            self.reached = Some(moment);
        }
        self.reached
    }
}
