//! The truth in bulk, for whoever fills a database with a year of usage without asking for it over HTTP.
//!
//! It gives what CloudWatch's points would add up to at five minutes, for times CloudWatch itself has forgotten, too.

use chrono::{DateTime, Utc};

use super::Span;
use crate::simulator::Simulator;

/// When somebody was connected to one WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimUsage {
    /// `ws-…`
    pub workspace_id: String,
    /// Since when it exists.
    pub created_at: DateTime<Utc>,
    /// When it was gone; `None` while it exists.
    pub terminated_at: Option<DateTime<Utc>>,
    /// Connected time on CloudWatch's five-minute grid, half-open, in order, without overlaps, within the range asked for.
    pub connected: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Simulator {
    /// Visits every WorkSpace that is or was in an account's region, with its connected time in a range. Holds the fleet
    /// meanwhile, so requests that change it wait; 50,000 WorkSpaces and a year take seconds in a release build.
    pub fn each_usage(
        &self,
        account: &str,
        region: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        mut visit: impl FnMut(SimUsage),
    ) {
        let watch = self.watch(region);
        let fleet = self.fleet(account, region);
        let (from, to) = (from.timestamp(), to.timestamp());
        for desktop in fleet.everyone() {
            let history = fleet.history(desktop, &watch);
            let life = history.life();
            let within = |span: Span| span.clip(from, to);
            let pair = |span: Span| Some((time(span.start)?, time(span.end)?));
            visit(SimUsage {
                workspace_id: desktop.id.clone(),
                created_at: time(life.created_at).unwrap_or_default(),
                terminated_at: life.terminated_at.and_then(time),
                connected: history.slots(from, to).into_iter().filter_map(within).filter_map(pair).collect(),
            });
        }
    }
}

fn time(at: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at, 0)
}
