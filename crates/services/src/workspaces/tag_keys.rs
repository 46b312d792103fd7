//! The keys of tags to filter by and to tell usage apart by.

use domain::access::{Actor, Permission};
use store::repo::workspaces;

use super::error::WorkspaceError;
use crate::{Context, Page, PageRequest};

/// The keys of the tags that WorkSpaces within the actor's reach have, by name.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`] with the store's `BadCursor` among it.
pub async fn list_tag_keys(ctx: &Context, actor: &Actor, page: &PageRequest) -> Result<Page<String>, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let page = workspaces::workspace_tag_keys(&ctx.db, &scope, page.cursor.as_deref(), page.limit).await?;
    Ok(Page { items: page.keys, next_cursor: page.next, total: page.total })
}
