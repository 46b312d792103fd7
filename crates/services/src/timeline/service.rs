//! The use case: a page of what happened to one WorkSpace.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission, Place, Scope};
use domain::audit::Entry;
use domain::ids::{JobId, WorkspaceId};
use domain::jobs::JobState;
use domain::sync::SyncKind;
use domain::timeline::{TimelineKind, TimelineOutcome};
use serde_json::json;
use store::repo::accounts::account_names;
use store::repo::data_sets::{DataSetRecord, data_set_list};
use store::repo::jobs::JobScope;
use store::repo::timeline::{
    JobOutcome, TimelineFact, TimelineQuery, TimelineRecord, TimelineSource, timeline_count, timeline_job_outcomes,
    timeline_page,
};
use store::repo::workspaces::{WorkspaceRecord, workspace_fetch};

use super::error::TimelineError;
use crate::actions::ActionOutcome;
use crate::trail::PlaceCoverage;
use crate::{Context, PageRequest, audit};

/// What a timeline is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimelineFilter {
    /// The kinds; empty for all.
    pub kinds: Vec<TimelineKind>,
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The end, not included.
    pub to: Option<DateTime<Utc>>,
}

/// A page of a timeline, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// What happened.
    pub items: Vec<TimelineItem>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// How much matches in all.
    pub total: u64,
    /// The kinds asked for that are not shown.
    pub left_out: Vec<LeftOut>,
    /// How far AWS's events are known where the WorkSpace is; `None` when they are not shown.
    pub aws: Option<PlaceCoverage>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineItem {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub fact: TimelineFact,
    /// How it ended; `None` for what was only seen.
    pub outcome: Option<TimelineOutcome>,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The job that does it, if the actor may see it.
    pub job_id: Option<JobId>,
    /// Its entry in the audit log, if the actor may see that.
    pub audit_seq: Option<i64>,
}

/// A kind that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The kind.
    pub kind: TimelineKind,
    /// Any of these permissions shows it.
    pub needs: &'static [Permission],
}

/// The permissions of which one is needed to see a kind. What was asked for here stands in the audit log and, for those who see
/// jobs, with the job; unlike most entries of the log it has a place in the fleet, so that a part of the fleet is enough.
pub(super) fn needs(kind: TimelineKind) -> &'static [Permission] {
    match kind {
        TimelineKind::State | TimelineKind::Configuration => &[Permission::WorkspaceRead],
        TimelineKind::Action => &[Permission::AuditRead, Permission::JobRead],
        TimelineKind::Aws => &[Permission::AuditRead],
    }
}

/// A page of what happened to a WorkSpace, gone or not, as far as the actor may see it.
///
/// # Errors
/// [`TimelineError::Forbidden`], [`TimelineError::NotFound`], [`TimelineError::Store`] (with `BadCursor` for a cursor of another
/// timeline or filter).
pub async fn fetch_timeline(
    ctx: &Context,
    actor: &Actor,
    id: WorkspaceId,
    filter: &TimelineFilter,
    page: PageRequest,
) -> Result<Timeline, TimelineError> {
    actor.require(Permission::WorkspaceRead)?;
    let own = actor.scope(Permission::WorkspaceRead);
    let workspace = workspace_fetch(&ctx.db, &own, id).await?.ok_or(TimelineError::NotFound)?;
    let (sources, left_out) = sources(actor, &workspace, filter);
    let query = TimelineQuery {
        workspace: id,
        sources,
        from: filter.from,
        to: filter.to,
        cursor: page.cursor,
        limit: page.limit,
    };
    let found = timeline_page(&ctx.db, &query).await?;
    let total = timeline_count(&ctx.db, &query).await?;
    let jobs: Vec<_> = found.rows.iter().filter_map(|row| row.fact.job_id()).collect();
    let visible = JobScope { scope: actor.scope(Permission::JobRead), own: None };
    let outcomes = timeline_job_outcomes(&ctx.db, &visible, id, &jobs).await?;
    let logged = actor.scope(Permission::AuditRead).is_everything();
    let items = found.rows.into_iter().map(|row| item(row, &outcomes, logged)).collect();
    let shows = |kind| query.sources.iter().any(|source| source.kind == kind);
    let aws = if shows(TimelineKind::Aws) { coverage(ctx, actor, &workspace).await? } else { None };
    let shown: Vec<_> = query.sources.iter().map(|source| source.kind).collect();
    let entry = Entry::new("workspace.read", Permission::WorkspaceRead).on("workspace", id).named(&workspace.user_name);
    let entry = entry.after(json!({ "timeline": shown, "from": filter.from, "to": filter.to }));
    audit::note_read(ctx, actor, entry).await?;
    Ok(Timeline { items, next_cursor: found.next, total, left_out, aws })
}

/// What of that the actor may see, and where; and what not.
fn sources(actor: &Actor, workspace: &WorkspaceRecord, filter: &TimelineFilter) -> (Vec<TimelineSource>, Vec<LeftOut>) {
    let place = Place {
        account_id: workspace.account_id,
        region: &workspace.region,
        directory_id: workspace.directory_id,
        user_name: &workspace.user_name,
    };
    let (mut sources, mut left_out) = (Vec::new(), Vec::new());
    let asked = |kind: &&TimelineKind| filter.kinds.is_empty() || filter.kinds.contains(kind);
    for &kind in TimelineKind::ALL.iter().filter(asked) {
        let any = |scope: Scope, permission: &Permission| scope.union(actor.scope(*permission));
        let scope = needs(kind).iter().fold(Scope::nothing(), any);
        if scope.reaches(&place) {
            sources.push(TimelineSource { kind, scope });
        } else {
            left_out.push(LeftOut { kind, needs: needs(kind) });
        }
    }
    (sources, left_out)
}

fn item(row: TimelineRecord, jobs: &HashMap<JobId, JobOutcome>, logged: bool) -> TimelineItem {
    let TimelineRecord { at, fact } = row;
    let job = fact.job_id().and_then(|id| Some((id, jobs.get(&id)?)));
    let (outcome, reason) = match &fact {
        TimelineFact::State { .. } | TimelineFact::Configuration { .. } => (None, None),
        TimelineFact::Action { record, .. } if record.outcome != domain::audit::Outcome::Done.as_str() => {
            (Some(TimelineOutcome::Refused), record.reason.clone())
        }
        TimelineFact::Action { .. } => {
            let (outcome, reason) = became(job.map(|(_, job)| job));
            (Some(outcome), reason)
        }
        TimelineFact::Aws { error_code: None, .. } => (Some(TimelineOutcome::Done), None),
        TimelineFact::Aws { error_code, error_message, .. } => {
            (Some(TimelineOutcome::Refused), error_message.clone().or_else(|| error_code.clone()))
        }
    };
    let audit_seq = match &fact {
        TimelineFact::Action { seq, .. } if logged => Some(*seq),
        _ => None,
    };
    TimelineItem { at, job_id: job.filter(|(_, job)| job.visible).map(|(id, _)| id), fact, outcome, reason, audit_seq }
}

/// What became of one WorkSpace in a job, and why when it was not done.
pub(super) fn became(job: Option<&JobOutcome>) -> (TimelineOutcome, Option<String>) {
    let Some(job) = job else { return (TimelineOutcome::Unknown, None) };
    let item = job.item.clone().and_then(|item| serde_json::from_value::<ActionOutcome>(item).ok());
    match (job.state, item) {
        (_, Some(ActionOutcome { ok: true, .. })) => (TimelineOutcome::Done, None),
        (_, Some(ActionOutcome { code, message, .. })) => (TimelineOutcome::Refused, message.or(code)),
        (JobState::Queued | JobState::Running, None) => (TimelineOutcome::Waiting, None),
        (JobState::Dead, None) => (TimelineOutcome::Failed, job.error.clone().filter(|_| job.visible)),
        (JobState::Cancelled, None) => (TimelineOutcome::Cancelled, None),
        (JobState::Done, None) => (TimelineOutcome::Unknown, None),
    }
}

/// How far AWS's events of the WorkSpace's place are known.
async fn coverage(
    ctx: &Context,
    actor: &Actor,
    workspace: &WorkspaceRecord,
) -> Result<Option<PlaceCoverage>, TimelineError> {
    let scope = actor.scope(Permission::AuditRead);
    let sets = data_set_list(&ctx.db, &scope, Some(workspace.account_id)).await?;
    let here = |set: &DataSetRecord| set.kind == SyncKind::CloudTrail && set.region == workspace.region;
    let Some(set) = sets.into_iter().find(here) else { return Ok(None) };
    let account = account_names(&ctx.db, &[workspace.account_id]).await?.remove(&workspace.account_id);
    Ok(Some(PlaceCoverage { account, set }))
}
