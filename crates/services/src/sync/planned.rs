//! Runs that follow a plan of what to read of the past, piece by piece: CloudTrail's and Cost Explorer's. The plan is the
//! checkpoint, and what it says is known becomes what the data set covers. Not how a plan is made or what its pieces are:
//! that is each data set's `plan`. To add one: [`Planned`] for its plan, [`At`] as its checkpoint.

use chrono::{DateTime, Utc};
use domain::cloud::CloudError;
use serde::{Deserialize, Serialize};

use super::run::{Checkpoint, Covered, DataRun};
use crate::run::JobError;

/// What is still to be read, and what is known meanwhile.
pub(super) trait Planned: Checkpoint {
    /// The stretch that is known by now, with its gaps.
    fn covered(&self) -> Option<Covered>;
    /// Whether it was made by a clock that is ahead of this one: then it is made anew.
    fn ahead_of(&self, now: DateTime<Utc>) -> bool;
}

/// Where a next attempt goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct At<P> {
    /// `None` until it is made, by the first attempt.
    pub(super) plan: Option<P>,
}

impl<P> Default for At<P> {
    fn default() -> Self {
        Self { plan: None }
    }
}

impl<P: Planned> DataRun<'_, At<P>> {
    /// The plan of an earlier attempt, if there is one to go by.
    pub(super) fn earlier_plan(&self, now: DateTime<Utc>) -> Option<P> {
        self.at.plan.clone().filter(|plan| !plan.ahead_of(now))
    }

    /// Goes by the plan from now on; saved with what is written next.
    pub(super) fn follow(&mut self, plan: &P) {
        (self.at.plan, self.covered) = (Some(plan.clone()), plan.covered());
    }

    /// Saves the plan and what is known by it.
    ///
    /// # Errors
    /// [`JobError::Cancelled`]; [`JobError::Retry`] when the database fails, and then the plan is as it was.
    pub(super) async fn keep(&mut self, plan: &P) -> Result<(), JobError> {
        let before = self.mark();
        self.follow(plan);
        let saved = self.save_alone().await;
        self.or_back(before, saved)
    }

    /// Notes what can't be had in this run, with the plan that goes on without it: a next attempt knows both or none.
    ///
    /// # Errors
    /// As [`keep`](Self::keep).
    pub(super) async fn give_up(&mut self, plan: &P, error: &CloudError) -> Result<(), JobError> {
        let before = self.mark();
        self.problem(error).await;
        let kept = self.keep(plan).await;
        self.or_back(before, kept)
    }
}
