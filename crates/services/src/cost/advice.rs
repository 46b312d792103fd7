//! What is recommended for one WorkSpace, with the figures that it stands on: the same reckoning as of the whole fleet
//! ([`find_savings`](super::find_savings)), of the month before the running one.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use domain::money::Money;
use domain::usage::Month;
use serde_json::json;
use store::repo::costs::usage_known_of;
use store::repo::usage::usage_intervals_many;
use store::repo::workspaces::{WorkspaceRecord, workspace_fetch};

use super::error::CostError;
use super::prices::PriceBooks;
use super::savings::{Advice, BEFORE, Compared, compare};
use crate::Context;
use crate::audit::note_read;

/// Why a month can't be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCompared {
    /// Its usage is not known for the whole month.
    UsageUnknown,
    /// There is no price for it.
    NoPrice,
    /// Its running mode is not billed by list prices, or it is gone.
    OtherMode,
}

/// What is recommended for one WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceAdvice {
    /// The month that was looked at.
    pub month: Month,
    /// That month in either mode, or why it can't be told.
    pub compared: Result<Compared, NotCompared>,
    /// What could be done, and what that would have saved.
    pub advice: Option<(Advice, Money)>,
}

/// What is recommended for a WorkSpace; `None` when there is none whose usage and costs the actor may read.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn fetch_workspace_advice(
    ctx: &Context,
    actor: &Actor,
    id: WorkspaceId,
) -> Result<Option<WorkspaceAdvice>, CostError> {
    actor.require(Permission::CostRead)?;
    actor.require(Permission::UsageRead)?;
    let billed = actor.scope(Permission::CostRead);
    let found = workspace_fetch(&ctx.db, &actor.scope(Permission::UsageRead), id).await?;
    let Some(workspace) = found.filter(|one| billed.reaches_account(one.account_id)) else { return Ok(None) };
    let month = Month::of(ctx.env.now()).previous();
    let compared = look(ctx, &workspace, month).await?;
    let advice = match &compared {
        Ok(compared) => compared.advice()?,
        Err(_) => None,
    };
    let entry = Entry::new("cost.savings", Permission::CostRead).on("workspace", id).named(&workspace.user_name);
    note_read(ctx, actor, entry.after(json!({ "month": month }))).await?;
    Ok(Some(WorkspaceAdvice { month, compared, advice }))
}

async fn look(
    ctx: &Context,
    workspace: &WorkspaceRecord,
    month: Month,
) -> Result<Result<Compared, NotCompared>, CostError> {
    if workspace.gone_at.is_some() {
        return Ok(Err(NotCompared::OtherMode));
    }
    let (start, end) = (month.start(), month.end());
    if usage_known_of(&ctx.db, &[workspace.id], start, end).await?.is_empty() {
        return Ok(Err(NotCompared::UsageUnknown));
    }
    let mut books = PriceBooks::default();
    let book = books.of(ctx, workspace.account_id, &workspace.region).await?;
    let Some(plan) = book.plan(workspace) else { return Ok(Err(NotCompared::NoPrice)) };
    let mut connected = usage_intervals_many(&ctx.db, &[workspace.id], start - BEFORE, end).await?;
    let pieces = connected.remove(&workspace.id).unwrap_or_default();
    Ok(compare(workspace, &plan, &pieces, month)?.ok_or(NotCompared::OtherMode))
}
