//! Directories and bundles: what WorkSpaces belong to and are made from, each with how many there are of it. What is counted, and
//! what is listed at all, is what the actor sees of the WorkSpaces.

use domain::access::{Actor, Permission, Scope};
use store::repo::inventory::{BundleRecord, DirectoryRecord};
use store::repo::workspaces::{self, PlaceFilter, PlaceOrder, PlacePage, PlaceQuery, PlaceRow};

use super::error::WorkspaceError;
use crate::{Context, Page, PageRequest};

/// A page of the directories within the actor's reach.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`] (with `BadCursor` for a cursor of another list, filter or order).
pub async fn list_directories(
    ctx: &Context,
    actor: &Actor,
    filter: &PlaceFilter,
    order: PlaceOrder,
    page: PageRequest,
) -> Result<Page<PlaceRow<DirectoryRecord>>, WorkspaceError> {
    let (scope, query) = asked(actor, filter, order, page)?;
    Ok(told(workspaces::directory_page(&ctx.db, &scope, &query).await?))
}

/// A page of the bundles within the actor's reach: all of whole accounts and regions, otherwise those that a WorkSpace within it is
/// made from.
///
/// # Errors
/// As [`list_directories`].
pub async fn list_bundles(
    ctx: &Context,
    actor: &Actor,
    filter: &PlaceFilter,
    order: PlaceOrder,
    page: PageRequest,
) -> Result<Page<PlaceRow<BundleRecord>>, WorkspaceError> {
    let (scope, query) = asked(actor, filter, order, page)?;
    Ok(told(workspaces::bundle_page(&ctx.db, &scope, &query).await?))
}

/// Where the actor may look, and what is read there.
fn asked(
    actor: &Actor,
    filter: &PlaceFilter,
    order: PlaceOrder,
    page: PageRequest,
) -> Result<(Scope, PlaceQuery), WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let query = PlaceQuery { filter: filter.clone(), order, cursor: page.cursor, limit: page.limit };
    Ok((actor.scope(Permission::WorkspaceRead), query))
}

fn told<T>(page: PlacePage<T>) -> Page<PlaceRow<T>> {
    Page { items: page.rows, next_cursor: page.next, total: page.total }
}
