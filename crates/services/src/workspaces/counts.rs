//! How many WorkSpaces there are, in all or by group. Names nobody, so that it leaves no entry in the audit log.

use domain::access::{Actor, Permission};
use store::repo::workspaces::{self, GroupCount, WorkspaceGroup};

use super::error::WorkspaceError;
use super::service::{WorkspaceFilter, resolve};
use crate::Context;

/// How many WorkSpaces the filter leaves.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`].
pub async fn count_workspaces(ctx: &Context, actor: &Actor, filter: &WorkspaceFilter) -> Result<u64, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let filter = resolve(ctx, actor, &scope, filter).await?;
    Ok(workspaces::workspace_count(&ctx.db, &scope, &filter).await?)
}

/// How many of each group the filter leaves, the most first.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`].
pub async fn count_workspaces_by(
    ctx: &Context,
    actor: &Actor,
    filter: &WorkspaceFilter,
    group: &WorkspaceGroup,
) -> Result<Vec<GroupCount>, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let filter = resolve(ctx, actor, &scope, filter).await?;
    Ok(workspaces::workspace_group_counts(&ctx.db, &scope, &filter, group).await?)
}
