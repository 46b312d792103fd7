//! What a request for what happened is.

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::activity::ActivitySource;
use domain::audit::Outcome;
use domain::ids::WorkspaceId;

use super::ActivityRecord;
use crate::cursor::{Merged, list_name};
use crate::error::StoreError;
use crate::repo::audit::AuditFilter;
use crate::repo::trail::TrailFilter;

/// The largest page.
const MAX_LIMIT: u32 = 1000;

/// What the list is narrowed to. Fields narrow each other; an empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// The record that tells it.
    pub source: Option<ActivitySource>,
    /// The WorkSpace it is about.
    pub workspace: Option<WorkspaceId>,
    /// How it ended. AWS does not tell of what was allowed and did not work: its events were done or refused.
    pub outcome: Option<Outcome>,
    /// Only what changed something or was to: without looks, and without who came and went.
    pub changes_only: bool,
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The end, not included.
    pub to: Option<DateTime<Utc>>,
}

impl ActivityFilter {
    /// Whether anything of that record can match.
    #[must_use]
    pub fn takes(&self, source: ActivitySource) -> bool {
        let can_end_so = source != ActivitySource::Aws || self.outcome != Some(Outcome::Failed);
        can_end_so && self.source.is_none_or(|only| only == source)
    }

    /// The same of our own log.
    #[must_use]
    pub fn of_log(&self) -> AuditFilter {
        AuditFilter {
            object_kind: self.workspace.map(|_| "workspace".to_owned()),
            object_id: self.workspace.map(|id| id.to_string()),
            outcomes: self.outcome.into_iter().collect(),
            changes_only: self.changes_only,
            from: self.from,
            to: self.to,
            ..AuditFilter::default()
        }
    }

    /// The same of AWS's events.
    #[must_use]
    pub fn of_aws(&self) -> TrailFilter {
        TrailFilter {
            workspace_id: self.workspace,
            refused: self.outcome.map(|outcome| outcome != Outcome::Done),
            writes_only: self.changes_only,
            from: self.from,
            to: self.to,
            ..TrailFilter::default()
        }
    }
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// What it is narrowed to.
    pub filter: ActivityFilter,
    /// Whether our own log is among it: it belongs to no part of the fleet.
    pub log: bool,
    /// Where AWS's events may be seen; `None` when they are not among it.
    pub aws: Option<Scope>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most, 1 to 1000.
    pub limit: u32,
}

impl ActivityQuery {
    pub(super) fn limit_rows(&self) -> usize {
        usize::try_from(self.limit.clamp(1, MAX_LIMIT)).unwrap_or(1)
    }

    /// What is read of our own log; `None` where nothing is.
    pub(super) fn of_log(&self) -> Option<AuditFilter> {
        (self.log && self.filter.takes(ActivitySource::Wheelhouse)).then(|| self.filter.of_log())
    }

    /// What is read of AWS's events, and where they may be seen; `None` where nothing is.
    pub(super) fn of_aws(&self) -> Option<(&Scope, TrailFilter)> {
        let scope = self.aws.as_ref().filter(|_| self.filter.takes(ActivitySource::Aws))?;
        Some((scope, self.filter.of_aws()))
    }

    /// What a cursor is tied to.
    fn name(&self) -> String {
        list_name(&format!("activity {} {:?} {:?}", self.log, self.aws, self.filter))
    }

    pub(super) fn start(&self) -> Result<Option<Merged<ActivitySource>>, StoreError> {
        Merged::decode(self.cursor.as_deref(), &self.name())
    }

    pub(super) fn cursor_behind(&self, last: &ActivityRecord) -> String {
        Merged::encode(&self.name(), last.at(), &last.source(), last.id())
    }
}
