//! What each WorkSpace costs in a month, in pages of the list of WorkSpaces. It tells hours of people, and is noted.

use chrono::{DurationRound as _, TimeDelta};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::proration::Spread;
use domain::usage::Month;
use serde_json::json;
use store::repo::workspaces::{self, WorkspaceQuery, workspace_count, workspace_list};

use super::error::CostError;
use super::estimate::{Frame, WorkspaceEstimate, day_start, estimate_workspaces};
use super::prices::PriceBooks;
use super::savings::store_error;
use super::service::billed_accounts;
use crate::workspaces::service::resolve;
use crate::workspaces::{WorkspaceFilter, WorkspaceListRequest};
use crate::{Context, Page, audit};

/// How long before now usage may end and still count as known: CloudWatch is late, and asked every few hours only.
const LATE: TimeDelta = TimeDelta::days(1);

/// A page of WorkSpaces with what each costs in a month, up to now in the running one. They are those whose usage the actor may read,
/// in accounts whose costs they may read; one that was not there in that month is in no page.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_workspace_costs(
    ctx: &Context,
    actor: &Actor,
    request: &WorkspaceListRequest,
    month: Month,
) -> Result<Page<WorkspaceEstimate>, CostError> {
    let Some(filter) = reckonable(ctx, actor, &request.filter).await? else {
        return Ok(Page { items: Vec::new(), next_cursor: None, total: 0 });
    };
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
    let entry = Entry::new("cost.workspaces", Permission::CostRead).after(json!({ "month": month }));
    audit::note_read(ctx, actor, entry).await?;
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
    let mut filter = resolve(ctx, &actor.scope(Permission::UsageRead), asked).await.map_err(store_error)?;
    let asked = std::mem::take(&mut filter.account_ids);
    filter.account_ids = billed.into_iter().filter(|id| asked.is_empty() || asked.contains(id)).collect();
    Ok((!filter.account_ids.is_empty()).then_some(filter))
}

/// The days of a month up to now, by the calendar alone: as if everything had been there for ever, unless it is known to be new. It is
/// the same for an hour, so that what is reckoned of it can be kept.
pub(super) fn up_to_now(ctx: &Context, month: Month) -> Frame {
    let now = ctx.env.now();
    let today = now.date_naive();
    let to = today.succ_opt().unwrap_or(today).min(month.next().first_day()).max(month.first_day());
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let known_to = day_start(to).min(hour - LATE);
    Frame { month, to, spread: Spread::Even, known_to, watched_from: month.end() }
}
