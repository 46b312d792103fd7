//! Which WorkSpaces match a filter: the ids that an action on all of them names. What the action does with each is `actions`.

use domain::access::{Actor, Permission};
use domain::ids::WorkspaceId;
use domain::workspace::MOST_AT_ONCE;
use store::repo::workspaces::{self, WorkspaceQuery};

use super::error::WorkspaceError;
use super::service::{WorkspaceFilter, reading_of, resolve};
use crate::{Context, audit};

/// Rows read at a time.
const PORTION: u32 = 1000;

/// Which WorkSpaces match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// Their ids, by user name; no more than [`MOST_AT_ONCE`].
    pub ids: Vec<WorkspaceId>,
    /// How many match.
    pub total: u64,
}

/// Which WorkSpaces match, as far as the actor may see them.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`].
pub async fn match_workspaces(
    ctx: &Context,
    actor: &Actor,
    filter: &WorkspaceFilter,
) -> Result<Matching, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let found = resolve(ctx, actor, &scope, filter).await?;
    let mut query = WorkspaceQuery { filter: found, limit: PORTION, ..WorkspaceQuery::default() };
    let mut ids = Vec::new();
    loop {
        let page = workspaces::workspace_list(&ctx.db, &scope, &query).await?;
        ids.extend(page.rows.iter().map(|row| row.id));
        query.cursor = page.next;
        if query.cursor.is_none() || ids.len() >= MOST_AT_ONCE {
            break;
        }
    }
    let total = match query.cursor {
        None => u64::try_from(ids.len()).unwrap_or(u64::MAX),
        Some(_) => workspaces::workspace_count(&ctx.db, &scope, &query.filter).await?,
    };
    ids.truncate(MOST_AT_ONCE);
    audit::note_read(ctx, actor, reading_of("workspace.match", filter)).await?;
    Ok(Matching { ids, total })
}
