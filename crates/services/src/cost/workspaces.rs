//! What each WorkSpace costs in a month, in pages of the list of WorkSpaces; or those that the comparison with the bill counts in some
//! way, reckoned as it reckons them. It tells hours of people, and is noted.

use std::collections::HashSet;

use chrono::{DurationRound as _, NaiveDate, TimeDelta};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::proration::Spread;
use domain::ids::WorkspaceId;
use domain::usage::Month;
use serde_json::json;
use store::repo::accounts::account_fetch;
use store::repo::costs::ordered_page;
use store::repo::workspaces::{
    self, GoneFilter, WorkspaceQuery, workspace_count, workspace_fetch, workspace_ids, workspace_list,
    workspaces_fetch_many,
};

use super::error::CostError;
use super::estimate::{ChargeEstimate, Frame, WorkspaceEstimate, day_start, estimate_workspaces};
use super::prices::PriceBooks;
use super::reckoned::reckoned;
use super::reconciliation::{ReckonedAs, settled};
use super::savings::store_error;
use super::service::billed_accounts;
use crate::workspaces::service::resolve;
use crate::workspaces::{WorkspaceFilter, WorkspaceListRequest};
use crate::{Context, Page, audit, count};

/// How long before now usage may end and still count as known: CloudWatch is late, and asked every few hours only.
const LATE: TimeDelta = TimeDelta::days(1);

/// A page of WorkSpaces with what each costs in a month, up to now in the running one. They are those whose usage the actor may read,
/// in accounts whose costs they may read; one that was not there in that month is in no page. With `counted` they are those of one
/// account that the comparison of that month counts so, gone or not, by user name.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_workspace_costs(
    ctx: &Context,
    actor: &Actor,
    request: &WorkspaceListRequest,
    month: Month,
    counted: Option<ReckonedAs>,
) -> Result<Page<WorkspaceEstimate>, CostError> {
    let Some(filter) = reckonable(ctx, actor, &request.filter).await? else {
        return Ok(Page { items: Vec::new(), next_cursor: None, total: 0 });
    };
    let page = match counted {
        Some(counted) => counted_page(ctx, actor, request, filter, month, counted).await?,
        None => plain_page(ctx, actor, request, filter, month).await?,
    };
    let counted = counted.map(ReckonedAs::as_str);
    let said = json!({ "month": month, "reckoned": counted });
    audit::note_read(ctx, actor, Entry::new("cost.workspaces", Permission::CostRead).after(said)).await?;
    Ok(page)
}

/// What one WorkSpace is charged in a month, as its row of the list says: nothing where it was not there or can't be reckoned; `None`
/// when there is none whose usage and costs the actor may read.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn workspace_charges(
    ctx: &Context,
    actor: &Actor,
    id: WorkspaceId,
    month: Month,
) -> Result<Option<Vec<ChargeEstimate>>, CostError> {
    actor.require(Permission::CostRead)?;
    actor.require(Permission::UsageRead)?;
    let billed = actor.scope(Permission::CostRead);
    let found = workspace_fetch(&ctx.db, &actor.scope(Permission::UsageRead), id).await?;
    let Some(workspace) = found.filter(|one| billed.reaches_account(one.account_id)) else { return Ok(None) };
    let entry = Entry::new("cost.workspaces", Permission::CostRead).on("workspace", id).named(&workspace.user_name);
    let frame = up_to_now(ctx, month);
    let rows = estimate_workspaces(ctx, &mut PriceBooks::default(), vec![workspace], &frame).await?;
    audit::note_read(ctx, actor, entry.after(json!({ "month": month }))).await?;
    Ok(Some(rows.into_iter().filter_map(|one| one.charges.ok()).flatten().collect()))
}

/// A page of all of them.
async fn plain_page(
    ctx: &Context,
    actor: &Actor,
    request: &WorkspaceListRequest,
    filter: workspaces::WorkspaceFilter,
    month: Month,
) -> Result<Page<WorkspaceEstimate>, CostError> {
    let scope = actor.scope(Permission::UsageRead);
    let total = workspace_count(&ctx.db, &scope, &filter).await?;
    let query = WorkspaceQuery {
        filter,
        sort: request.sort,
        direction: request.direction,
        cursor: request.cursor.clone(),
        limit: request.limit,
    };
    let page = workspace_list(&ctx.db, &scope, &query).await?;
    let items = estimate_workspaces(ctx, &mut PriceBooks::default(), page.rows, &up_to_now(ctx, month)).await?;
    Ok(Page { items, next_cursor: page.next, total })
}

/// A page of those that the comparison of an account's month counts so, with what it reckons for each; nothing unless the filter is
/// of one account.
async fn counted_page(
    ctx: &Context,
    actor: &Actor,
    request: &WorkspaceListRequest,
    filter: workspaces::WorkspaceFilter,
    month: Month,
    counted: ReckonedAs,
) -> Result<Page<WorkspaceEstimate>, CostError> {
    // As what is reckoned: from the primary, which knows them all.
    let ctx = &ctx.primary();
    let nothing = Page { items: Vec::new(), next_cursor: None, total: 0 };
    let &[account] = filter.account_ids.as_slice() else { return Ok(nothing) };
    let Some(known) = account_fetch(&ctx.db, &actor.scope(Permission::CostRead), account).await? else {
        return Ok(nothing);
    };
    let Some((frame, _)) = settled(ctx, account, known.created_at, month).await? else { return Ok(nothing) };
    let scope = actor.scope(Permission::UsageRead);
    let filter = workspaces::WorkspaceFilter { gone: GoneFilter::Any, ..filter };
    let within: HashSet<_> = workspace_ids(&ctx.db, &scope, &filter).await?.into_iter().collect();
    let mut found: Vec<(String, String, WorkspaceId)> = Vec::new();
    for rows in reckoned(ctx, &[account], &frame).await? {
        let of = rows.iter().filter(|one| counted.counts(one) && within.contains(&one.id));
        found.extend(of.map(|one| (one.user_name.to_lowercase(), one.id.to_string(), one.id)));
    }
    found.sort();
    let total = count(found.len());
    let list = format!("counted costs {scope:?} {filter:?} {counted} {month}");
    // Syncs take WorkSpaces out of it, while it is read.
    let page = ordered_page(found, &list, request.cursor.as_deref(), request.limit, |(name, id, _)| {
        (name.as_str(), id.as_str())
    })?;
    let ids: Vec<_> = page.rows.into_iter().map(|(_, _, id)| id).collect();
    let rows = workspaces_fetch_many(&ctx.db, &scope, &ids).await?;
    let mut items = estimate_workspaces(ctx, &mut PriceBooks::default(), rows, &frame).await?;
    items.sort_by_cached_key(|one| (one.workspace.user_name.to_lowercase(), one.workspace.id.to_string()));
    Ok(Page { items, next_cursor: page.next, total })
}

/// The filter over what may be reckoned for the actor; `None` when that lies in no account.
pub(super) async fn reckonable(
    ctx: &Context,
    actor: &Actor,
    asked: &WorkspaceFilter,
) -> Result<Option<workspaces::WorkspaceFilter>, CostError> {
    actor.require(Permission::UsageRead)?;
    let billed: Vec<_> = billed_accounts(ctx, actor).await?.into_iter().map(|account| account.id).collect();
    let mut filter = resolve(ctx, actor, &actor.scope(Permission::UsageRead), asked).await.map_err(store_error)?;
    let asked = std::mem::take(&mut filter.account_ids);
    filter.account_ids = billed.into_iter().filter(|id| asked.is_empty() || asked.contains(id)).collect();
    Ok((!filter.account_ids.is_empty()).then_some(filter))
}

/// The days of a month up to now, by the calendar alone: as if everything had been there for ever, unless it is known to be new. It is
/// the same for an hour, so that what is reckoned of it can be kept.
pub(super) fn up_to_now(ctx: &Context, month: Month) -> Frame {
    let today = ctx.env.now().date_naive();
    days_before(ctx, month, today.succ_opt().unwrap_or(today).min(month.next().first_day()).max(month.first_day()))
}

/// The days of the month before that a month up to now is compared with: as many as it has come to, all once it has come to its last.
pub(super) fn month_before(ctx: &Context, month: Month) -> Frame {
    let (first, come_to, before) = (month.first_day(), up_to_now(ctx, month).to, month.previous());
    let all = come_to == month.next().first_day();
    let to = if all { first } else { first.min(before.first_day() + (come_to - first)) };
    days_before(ctx, before, to)
}

/// The days of a month before one of them, or all.
fn days_before(ctx: &Context, month: Month, to: NaiveDate) -> Frame {
    let now = ctx.env.now();
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let known_to = day_start(to).min(hour - LATE);
    Frame { month, to, spread: Spread::Even, known_to, watched_from: month.end() }
}
