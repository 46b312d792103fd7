//! The use cases of usage. Everything starts from the scope in which the actor may read usage. Sums name nobody; lists of
//! WorkSpaces do and are noted in the audit log.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use serde_json::json;
use store::repo::usage::{self, UsageGroup, UsageGroupTotals, UsageKnown, UsageTotals};
use store::repo::workspaces::{GoneFilter, SortDirection, WorkspaceRecord, workspaces_fetch_many};

use super::error::UsageError;
use crate::workspaces::WorkspaceFilter;
use crate::workspaces::service::resolve;
use crate::{Context, Page, PageRequest, audit};

/// How long before now usage may end and still count as known: CloudWatch is late, and asked every few hours only.
const LATE: TimeDelta = TimeDelta::days(1);

/// Which usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuestion {
    /// Of which WorkSpaces. Those that are gone count with the days on which they were there, unless the question is who is
    /// unused.
    pub filter: WorkspaceFilter,
    /// The first UTC day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

/// A WorkSpace and its usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The WorkSpace.
    pub workspace: WorkspaceRecord,
    /// Its sums.
    pub totals: UsageTotals,
}

/// The sums of all.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_totals(ctx: &Context, actor: &Actor, asked: &UsageQuestion) -> Result<UsageTotals, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let scope = actor.scope(Permission::UsageRead);
    Ok(usage::usage_sum(&ctx.db, &scope, &filter, (asked.from, asked.to)).await?)
}

/// The sums by group: of days and months in their order, of others the longest connected first.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_by(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    group: &UsageGroup,
) -> Result<Vec<UsageGroupTotals>, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let scope = actor.scope(Permission::UsageRead);
    Ok(usage::usage_sums_by(&ctx.db, &scope, &filter, (asked.from, asked.to), group).await?)
}

/// Ok where the actor may tell usage apart by that: what the teams of people are is for who may see people.
pub(super) fn may_tell(actor: &Actor, group: &UsageGroup) -> Result<(), Forbidden> {
    if *group == UsageGroup::Team { actor.require_everywhere(Permission::UserRead) } else { Ok(()) }
}

/// A page of the sums by group, the longest connected first; a group without usage is not listed. What the teams of people are
/// is for who may see people.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_usage_groups(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    group: &UsageGroup,
    page: &PageRequest,
) -> Result<Page<UsageGroupTotals>, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    may_tell(actor, group)?;
    let scope = actor.scope(Permission::UsageRead);
    let which = (page.limit, page.cursor.as_deref());
    let found = usage::usage_groups(&ctx.db, &scope, &filter, (asked.from, asked.to), group, which).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total: found.total })
}

/// A page of the WorkSpaces that were connected longest (descending), or shortest of those that were at all.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn rank_usage(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    direction: SortDirection,
    page: &PageRequest,
) -> Result<Page<Ranked>, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let scope = actor.scope(Permission::UsageRead);
    let which = (page.limit, page.cursor.as_deref());
    let found = usage::usage_ranking(&ctx.db, &scope, &filter, (asked.from, asked.to), direction, which).await?;
    let ids: Vec<_> = found.rows.iter().map(|sum| sum.workspace_id).collect();
    let mut known = workspaces(ctx, actor, &ids).await?;
    note(ctx, actor, "usage.rank", asked).await?;
    let ranked = |sum: usage::WorkspaceUsageTotals| {
        known.remove(&sum.workspace_id).map(|workspace| Ranked { workspace, totals: sum.totals })
    };
    let items = found.rows.into_iter().filter_map(ranked).collect();
    Ok(Page { items, next_cursor: found.next, total: found.total })
}

/// A page of the WorkSpaces that are there and that nobody was connected to, by user name, as far as that is known: their usage is
/// known from the first day on, and up to the last one or to a day before now.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn unused_workspaces(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    page: &PageRequest,
) -> Result<Page<WorkspaceRecord>, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Present).await?;
    let (scope, days) = (actor.scope(Permission::UsageRead), (asked.from, asked.to));
    let which = (page.limit, page.cursor.as_deref());
    let found = usage::usage_unused(&ctx.db, &scope, &filter, days, known_to(ctx, asked), which).await?;
    let mut known = workspaces(ctx, actor, &found.rows).await?;
    note(ctx, actor, "usage.unused", asked).await?;
    let items = found.rows.iter().filter_map(|id| known.remove(id)).collect();
    Ok(Page { items, next_cursor: found.next, total: found.total })
}

/// How many there are of those of [`unused_workspaces`].
pub(super) async fn count_unused(ctx: &Context, actor: &Actor, asked: &UsageQuestion) -> Result<u64, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Present).await?;
    let (scope, days) = (actor.scope(Permission::UsageRead), (asked.from, asked.to));
    Ok(usage::usage_unused_count(&ctx.db, &scope, &filter, days, known_to(ctx, asked)).await?)
}

/// Up to when usage must be known for a WorkSpace to count as unused.
fn known_to(ctx: &Context, asked: &UsageQuestion) -> DateTime<Utc> {
    asked.to.and_time(NaiveTime::MIN).and_utc().min(ctx.env.now() - LATE)
}

/// How far the usage of the WorkSpaces that are there is known.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_known(ctx: &Context, actor: &Actor, filter: &WorkspaceFilter) -> Result<UsageKnown, UsageError> {
    actor.require(Permission::UsageRead)?;
    let scope = actor.scope(Permission::UsageRead);
    let filter = resolve(ctx, actor, &scope, filter).await?;
    Ok(usage::usage_known(&ctx.db, &scope, &filter).await?)
}

/// The filter as the database takes it, once the actor was found to have the permission.
pub(super) async fn filter(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    gone: GoneFilter,
) -> Result<store::repo::workspaces::WorkspaceFilter, UsageError> {
    actor.require(Permission::UsageRead)?;
    let resolved = resolve(ctx, actor, &actor.scope(Permission::UsageRead), &asked.filter).await?;
    Ok(store::repo::workspaces::WorkspaceFilter { gone, ..resolved })
}

async fn workspaces(
    ctx: &Context,
    actor: &Actor,
    ids: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, WorkspaceRecord>, UsageError> {
    let scope = actor.scope(Permission::UsageRead);
    let found = workspaces_fetch_many(&ctx.db, &scope, ids).await?;
    Ok(found.into_iter().map(|workspace| (workspace.id, workspace)).collect())
}

/// What the audit log says of who reads the usage of WorkSpaces.
pub(crate) fn reading(action: &str, asked: &UsageQuestion) -> Entry {
    let WorkspaceFilter { regions, accounts, teams, .. } = &asked.filter;
    let said = json!({ "from": asked.from, "to": asked.to, "regions": regions, "accounts": accounts, "teams": teams });
    Entry::new(action, Permission::UsageRead).after(said)
}

async fn note(ctx: &Context, actor: &Actor, action: &str, asked: &UsageQuestion) -> Result<(), UsageError> {
    Ok(audit::note_read(ctx, actor, reading(action, asked)).await?)
}
