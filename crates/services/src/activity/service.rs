//! The use case: a page of what happened, out of both records.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::activity::ActivitySource;
use domain::audit::{ActorKind, Outcome, Record};
use domain::ids::{TrailEventId, UserId, WorkspaceId};
use serde_json::Value;
use store::repo::activity::{ActivityFilter, ActivityQuery, ActivityRecord, activity_count, activity_page};
use store::repo::audit::AuditRecord;
use store::repo::trail::TrailEventRecord;

use super::error::ActivityError;
use crate::audit::{note_read, reading};
use crate::trail::{EventNames, event_names, looking};
use crate::{Context, PageRequest, count};

/// A page of what happened, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// What happened.
    pub items: Vec<ActivityItem>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
    /// How much matches in all; `None` where it was not wanted.
    pub total: Option<u64>,
    /// The records that are not shown.
    pub left_out: Vec<LeftOut>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityItem {
    /// Its id, unique among both records.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The record that tells it.
    pub source: ActivitySource,
    /// What: the action of our own log, or the call of AWS.
    pub what: String,
    /// Who; `None` where nobody is known, or their name was erased.
    pub who: Option<String>,
    /// What kind of actor it was; of our own log.
    pub actor_kind: Option<ActorKind>,
    /// The person; of our own log.
    pub actor_id: Option<UserId>,
    /// The kind of what it was about.
    pub object_kind: Option<String>,
    /// What it was about.
    pub object_id: Option<String>,
    /// What people call that, as far as the actor may know.
    pub object_name: Option<String>,
    /// How many others it was about.
    pub others: u64,
    /// How it ended: one of [`Outcome`]'s names.
    pub outcome: String,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// Its entry in our own log.
    pub audit_seq: Option<i64>,
    /// The event in AWS.
    pub trail_event_id: Option<TrailEventId>,
}

/// A record that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// The record.
    pub source: ActivitySource,
    /// This permission, on everything, shows it.
    pub needs: Permission,
}

/// A page of what happened: AWS's events within the scope of whoever asks, and our own log, which belongs to no part of the fleet, for
/// those who may read it everywhere. A record of which nothing can match is neither read nor left out. All that matches is counted only
/// where that is wanted.
///
/// # Errors
/// [`ActivityError::Forbidden`], [`ActivityError::Store`] (with `BadCursor` for a cursor of other records or another filter).
pub async fn list_activity(
    ctx: &Context,
    actor: &Actor,
    filter: &ActivityFilter,
    page: PageRequest,
    counted: bool,
) -> Result<Activity, ActivityError> {
    let may_log = actor.require_everywhere(Permission::AuditRead).is_ok();
    let query = query(actor, filter, page, may_log)?;
    let total = if counted { Some(activity_count(&ctx.db, &query).await?) } else { None };
    let (items, next_cursor) = read(ctx, actor, &query).await?;
    if filter.takes(ActivitySource::Aws) {
        note_read(ctx, actor, looking(&filter.of_aws())).await?;
    }
    let mut left_out = Vec::new();
    match (filter.takes(ActivitySource::Wheelhouse), may_log) {
        (false, _) => {}
        (true, true) => {
            note_read(ctx, actor, reading("audit.list", Permission::AuditRead, &filter.of_log())).await?;
        }
        (true, false) => left_out.push(LeftOut { source: ActivitySource::Wheelhouse, needs: Permission::AuditRead }),
    }
    Ok(Activity { items, next_cursor, total, left_out })
}

/// The rows of a page for a file, and where the next one begins: with our own log where `log` says so, which is for those who may take
/// it along everywhere. That it is taken along is for the caller to note.
///
/// # Errors
/// As [`list_activity`].
pub(crate) async fn take_activity(
    ctx: &Context,
    actor: &Actor,
    filter: &ActivityFilter,
    log: bool,
    page: PageRequest,
) -> Result<(Vec<ActivityItem>, Option<String>), ActivityError> {
    if log {
        actor.require_everywhere(Permission::AuditExport)?;
    }
    read(ctx, actor, &query(actor, filter, page, log)?).await
}

/// What the actor may see of AWS's events, and our own log where `log` says so.
fn query(actor: &Actor, filter: &ActivityFilter, page: PageRequest, log: bool) -> Result<ActivityQuery, ActivityError> {
    actor.require(Permission::AuditRead)?;
    Ok(ActivityQuery {
        filter: filter.clone(),
        log,
        aws: Some(actor.scope(Permission::AuditRead)),
        cursor: page.cursor,
        limit: page.limit,
    })
}

async fn read(
    ctx: &Context,
    actor: &Actor,
    query: &ActivityQuery,
) -> Result<(Vec<ActivityItem>, Option<String>), ActivityError> {
    let found = activity_page(&ctx.db, query).await?;
    let events: Vec<_> = found.rows.iter().filter_map(event_of).cloned().collect();
    let names = event_names(ctx, actor, &events).await?;
    let wanted = query.filter.workspace;
    Ok((found.rows.into_iter().map(|row| item(row, &names, wanted)).collect(), found.next))
}

fn event_of(row: &ActivityRecord) -> Option<&TrailEventRecord> {
    match row {
        ActivityRecord::Event(event) => Some(event),
        ActivityRecord::Entry(_) => None,
    }
}

fn item(row: ActivityRecord, names: &EventNames, wanted: Option<WorkspaceId>) -> ActivityItem {
    let id = format!("{}-{}", row.source(), row.id());
    match row {
        ActivityRecord::Entry(entry) => of_entry(id, *entry),
        ActivityRecord::Event(event) => of_event(id, *event, names, wanted),
    }
}

/// A text of a personal part.
fn text(part: Option<&Value>, name: &str) -> Option<String> {
    part.and_then(|part| part.get(name)).and_then(Value::as_str).map(str::to_owned)
}

fn of_entry(id: String, entry: AuditRecord) -> ActivityItem {
    let AuditRecord { seq, at, record, actor: person, object: called, .. } = entry;
    let Record { actor, action, object, outcome, reason, .. } = record;
    let (object_kind, object_id) = object.map(|object| (object.kind, object.id)).unzip();
    ActivityItem {
        id,
        at,
        source: ActivitySource::Wheelhouse,
        what: action,
        who: text(person.as_ref(), "name"),
        actor_kind: Some(actor.kind),
        actor_id: actor.user_id,
        object_kind,
        object_id,
        object_name: text(called.as_ref(), "label"),
        others: 0,
        outcome,
        reason,
        audit_seq: Some(seq),
        trail_event_id: None,
    }
}

/// Of several WorkSpaces it names the one that was asked for, otherwise one that the actor may know.
fn of_event(id: String, event: TrailEventRecord, names: &EventNames, wanted: Option<WorkspaceId>) -> ActivityItem {
    let all = &event.workspaces;
    let known = || all.iter().find(|id| names.workspaces.contains_key(*id));
    let about = wanted.as_ref().or_else(known).or_else(|| all.first());
    let outcome = if event.error_code.is_some() { Outcome::Refused } else { Outcome::Done };
    ActivityItem {
        id,
        at: event.at,
        source: ActivitySource::Aws,
        what: event.name,
        who: Some(event.actor).filter(|actor| !actor.is_empty()),
        actor_kind: None,
        actor_id: None,
        object_kind: about.map(|_| "workspace".to_owned()),
        object_id: about.map(ToString::to_string),
        object_name: about.and_then(|id| names.workspaces.get(id)).map(|(_, user_name)| user_name.clone()),
        others: count(event.workspaces.len().saturating_sub(1)),
        outcome: outcome.as_str().to_owned(),
        reason: event.error_message.or(event.error_code),
        audit_seq: None,
        trail_event_id: Some(event.id),
    }
}
