//! Directories, bundles and images: what WorkSpaces belong to and are made from, each with how many there are of it. What is counted,
//! and what is listed at all, is what the actor sees of the WorkSpaces. And quotas, for who sees all that is held against them.

use domain::access::{Actor, Permission, Scope};
use domain::workspace::quota_percent;
use store::repo::inventory::{BundleRecord, DirectoryRecord, ImageRecord, QuotaRecord};
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

/// A page of the images within the actor's reach: all of whole accounts and regions, otherwise those that the bundle of a WorkSpace
/// within it is made of.
///
/// # Errors
/// As [`list_directories`].
pub async fn list_images(
    ctx: &Context,
    actor: &Actor,
    filter: &PlaceFilter,
    order: PlaceOrder,
    page: PageRequest,
) -> Result<Page<PlaceRow<ImageRecord>>, WorkspaceError> {
    let (scope, query) = asked(actor, filter, order, page)?;
    Ok(told(workspaces::image_page(&ctx.db, &scope, &query).await?))
}

/// A page of the quotas of the accounts and regions that the actor sees wholly.
///
/// # Errors
/// As [`list_directories`].
pub async fn list_quotas(
    ctx: &Context,
    actor: &Actor,
    filter: &PlaceFilter,
    order: PlaceOrder,
    page: PageRequest,
) -> Result<Page<PlaceRow<QuotaRecord>>, WorkspaceError> {
    let (scope, query) = asked(actor, filter, order, page)?;
    Ok(told(workspaces::quota_page(&ctx.db, &scope, &query).await?))
}

/// How near a quota is; what is not known is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadRoom {
    /// How much AWS allows.
    pub limit: Option<u64>,
    /// How much is used.
    pub used: Option<u64>,
    /// How much is left.
    pub left: Option<u64>,
    /// How much is used, percent.
    pub percent: Option<u64>,
}

impl HeadRoom {
    /// That of a row of the list.
    #[must_use]
    pub fn of(row: &PlaceRow<QuotaRecord>) -> Self {
        let limit = row.place.quota.value.and_then(|value| u64::try_from(value).ok());
        let used = row.place.counted.then_some(row.workspaces);
        let both = limit.zip(used);
        Self {
            limit,
            used,
            left: both.map(|(limit, used)| limit.saturating_sub(used)),
            percent: both.map(|(limit, used)| quota_percent(used, limit)),
        }
    }
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
