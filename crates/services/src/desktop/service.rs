//! The use case: one's own desktops, each with its state in plain words, what can be done with it now, and this month's hours.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Actor, Permission, Place, Scope};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use domain::usage::Month;
use domain::workspace::WorkspaceAction;
use domain::workspace::plain::{PlainState, plain_refusal, plain_state};
use store::repo::usage::{UsageTotals, usage_known, usage_totals_by_workspace};
use store::repo::workspaces::{WorkspaceFilter, WorkspaceQuery, WorkspaceRecord, workspace_list};

use super::error::DesktopError;
use crate::actions::plan;
use crate::{Context, audit};

/// Most desktops that are shown of one person.
pub const MOST_DESKTOPS: u32 = 50;

/// One's own desktops.
#[derive(Debug, Clone)]
pub struct MyDesktops {
    /// What they are called in directories: the directory user name.
    pub user_name: String,
    /// The desktops, at most [`MOST_DESKTOPS`].
    pub desktops: Vec<MyDesktop>,
    /// The first day of the month that hours are of, UTC.
    pub month: NaiveDate,
    /// Up to when the usage of all of them is known; `None` when none was read yet.
    pub usage_known_to: Option<DateTime<Utc>>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct MyDesktop {
    /// As it was last seen.
    pub workspace: WorkspaceRecord,
    /// Its state in plain words.
    pub plain: PlainState,
    /// Each action, and why not when it can't be done now.
    pub actions: Vec<DesktopAction>,
    /// This month's usage; `None` for who may not see usage.
    pub usage: Option<UsageTotals>,
}

/// Whether an action can be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesktopAction {
    /// The action.
    pub action: WorkspaceAction,
    /// Why not, in plain words; `None` when it can be done.
    pub reason: Option<String>,
}

/// The desktops that carry the actor's name and that they may see.
///
/// # Errors
/// [`DesktopError::Forbidden`], [`DesktopError::Store`].
pub async fn fetch_my_desktops(ctx: &Context, actor: &Actor) -> Result<MyDesktops, DesktopError> {
    actor.require(Permission::WorkspaceRead)?;
    let own = Scope::own(&actor.name);
    let query = WorkspaceQuery { limit: MOST_DESKTOPS, ..WorkspaceQuery::default() };
    let mut found = workspace_list(&ctx.db, &own, &query).await?.rows;
    let seen = actor.scope(Permission::WorkspaceRead);
    found.retain(|workspace| seen.reaches(&place(workspace)));
    let month = Month::of(ctx.env.now());
    let mut usage = usage(ctx, &own, month).await?;
    let counted = actor.scope(Permission::UsageRead);
    let known = usage_known(&ctx.db, &own, &WorkspaceFilter::default()).await?;
    audit::note_read(ctx, actor, Entry::new("desktop.read", Permission::WorkspaceRead)).await?;
    let desktops = found.into_iter().map(|workspace| MyDesktop {
        plain: plain_state(
            &workspace.state,
            workspace.running_mode.as_ref(),
            workspace.connection_state.as_ref(),
            workspace.auto_stop_timeout_minutes,
        ),
        actions: WorkspaceAction::SELF_SERVICE.iter().map(|&action| available(actor, action, &workspace)).collect(),
        usage: counted.reaches(&place(&workspace)).then(|| usage.remove(&workspace.id).unwrap_or_default()),
        workspace,
    });
    Ok(MyDesktops {
        user_name: domain::access::user_key(&actor.name),
        desktops: desktops.collect(),
        month: month.first_day(),
        usage_known_to: known.to.filter(|_| known.unread == 0),
    })
}

fn place(workspace: &WorkspaceRecord) -> Place<'_> {
    Place {
        account_id: workspace.account_id,
        region: &workspace.region,
        directory_id: workspace.directory_id,
        user_name: &workspace.user_name,
    }
}

/// This month's usage of each that has any.
async fn usage(ctx: &Context, own: &Scope, month: Month) -> Result<HashMap<WorkspaceId, UsageTotals>, DesktopError> {
    let (from, to) = (month.first_day(), month.next().first_day());
    let sums = usage_totals_by_workspace(&ctx.db, own, None, None, from, to).await?;
    Ok(sums.into_iter().map(|sum| (sum.workspace_id, sum.totals)).collect())
}

fn available(actor: &Actor, action: WorkspaceAction, workspace: &WorkspaceRecord) -> DesktopAction {
    let reason = if actor.scope(action.permission()).reaches(&place(workspace)) {
        plan::check(action, &workspace.state, workspace.running_mode.as_ref(), workspace.gone_at.is_some())
            .err()
            .map(|refusal| plain_refusal(&refusal))
    } else {
        Some("Your role does not let you do this.".to_owned())
    };
    DesktopAction { action, reason }
}
