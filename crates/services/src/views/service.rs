//! The use cases of saved views. Names and queries may hold names of people: the audit log keeps them where they can be erased.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{UserId, ViewId};
use domain::views::ViewPage;
use serde_json::{Value, json};
use store::repo::views::{self, ViewQuery, ViewRecord, ViewScope, view_fetch};
use store::{StoreError, Tx};

use super::error::ViewError;
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest, audit};

/// Most views of one person.
pub const MOST: u64 = 100;

/// A view to keep. Its query was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    /// The page.
    pub page: ViewPage,
    /// Its name.
    pub name: String,
    /// The query string of the page's address.
    pub query: String,
    /// Whether all who may see the page see it.
    pub shared: bool,
}

/// What to change about a view. What is `None` stays as it is. A query was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewChange {
    /// Its name.
    pub name: Option<String>,
    /// The query string of the page's address.
    pub query: Option<String>,
    /// Whether all who may see the page see it.
    pub shared: Option<bool>,
}

/// Who asks: a person.
fn person(actor: &Actor) -> Result<UserId, ViewError> {
    actor.user_id.ok_or(ViewError::NotFound)
}

/// What the actor sees: their own, and what is shared of pages that they may see.
fn seen(actor: &Actor) -> Result<ViewScope, ViewError> {
    let pages = ViewPage::ALL.iter().copied().filter(|page| actor.may(page.permission())).collect();
    Ok(ViewScope { own: person(actor)?, pages })
}

/// A page of views by name.
///
/// # Errors
/// [`ViewError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_views(
    ctx: &Context,
    actor: &Actor,
    pages: Vec<ViewPage>,
    page: PageRequest,
) -> Result<Page<ViewRecord>, ViewError> {
    let scope = seen(actor)?;
    let total = views::view_count(&ctx.db, &scope, &pages).await?;
    let query = ViewQuery { pages, cursor: page.cursor, limit: page.limit };
    let found = views::view_list(&ctx.db, &scope, &query).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total })
}

/// One view.
///
/// # Errors
/// [`ViewError::NotFound`], [`ViewError::Store`].
pub async fn fetch_view(ctx: &Context, actor: &Actor, id: ViewId) -> Result<ViewRecord, ViewError> {
    view_fetch(&ctx.db, &seen(actor)?, id).await?.ok_or(ViewError::NotFound)
}

/// Keeps a view, and the answer.
///
/// # Errors
/// [`ViewError::Forbidden`] without the permission to see the page or, for a shared one, to share; [`ViewError::BlankName`],
/// [`ViewError::NameTaken`], [`ViewError::TooMany`], [`ViewError::Store`].
pub async fn create_view_once(
    ctx: &Context,
    actor: &Actor,
    new: NewView,
    keep: Keep<'_, ViewRecord>,
) -> Result<ViewRecord, ViewError> {
    let owner_id = person(actor)?;
    actor.require(new.page.permission())?;
    if new.shared {
        actor.require(Permission::ViewShare)?;
    }
    let now = ctx.env.now();
    let view = ViewRecord {
        id: ViewId(ctx.env.new_id()),
        owner_id,
        page: new.page,
        name: name(&new.name)?,
        query: new.query,
        shared: new.shared,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let tx = ctx.db.begin().await?;
    let own = ViewScope { own: owner_id, pages: Vec::new() };
    if views::view_count(&tx, &own, &[]).await? >= MOST {
        return Err(ViewError::TooMany(MOST));
    }
    views::view_insert(&tx, &view).await.map_err(refused)?;
    let view = view_fetch(&tx, &own, view.id).await?.ok_or(ViewError::NotFound)?;
    let entry = entry("view.create", None, &view).after(told(&view)).personal(words(&view));
    audit::record(&tx, ctx, actor, entry).await?;
    keep.answer(&tx, &view).await?;
    tx.commit().await?;
    Ok(view)
}

/// Changes one of the actor's own views.
///
/// # Errors
/// [`ViewError::NotFound`], [`ViewError::NotYours`], [`ViewError::Changed`] when it has another version than `expected`,
/// [`ViewError::Forbidden`] without the permission to share for one that is shared afterwards, [`ViewError::BlankName`],
/// [`ViewError::NameTaken`], [`ViewError::Store`].
pub async fn update_view(
    ctx: &Context,
    actor: &Actor,
    id: ViewId,
    expected: Option<i64>,
    change: ViewChange,
) -> Result<ViewRecord, ViewError> {
    let scope = seen(actor)?;
    let tx = ctx.db.begin().await?;
    let before = find(&tx, &scope, id, expected).await?;
    if before.owner_id != scope.own {
        return Err(ViewError::NotYours);
    }
    let after = ViewRecord {
        name: change.name.map_or_else(|| Ok(before.name.clone()), |text| name(&text))?,
        query: change.query.unwrap_or_else(|| before.query.clone()),
        shared: change.shared.unwrap_or(before.shared),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    if after.shared {
        actor.require(Permission::ViewShare)?;
        actor.require(after.page.permission())?;
    }
    let after = ViewRecord { updated_at: ctx.env.now(), ..after };
    if !views::view_update(&tx, &after).await.map_err(refused)? {
        return Err(ViewError::Changed);
    }
    let after = find(&tx, &scope, id, None).await?;
    let entry = entry("view.change", None, &after).before(told(&before)).after(told(&after));
    let entry = entry.personal(json!({ "before": words(&before), "after": words(&after) }));
    audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    Ok(after)
}

/// Removes one of the actor's own views, or a shared one of somebody else's for who manages views.
///
/// # Errors
/// [`ViewError::NotFound`], [`ViewError::Forbidden`], [`ViewError::Changed`] when it has another version than `expected`,
/// [`ViewError::Store`].
pub async fn delete_view(ctx: &Context, actor: &Actor, id: ViewId, expected: Option<i64>) -> Result<(), ViewError> {
    let scope = seen(actor)?;
    let tx = ctx.db.begin().await?;
    let view = find(&tx, &scope, id, expected).await?;
    let by = (view.owner_id != scope.own).then_some(Permission::ViewManage);
    if let Some(permission) = by {
        actor.require_everywhere(permission)?;
    }
    if !views::view_delete(&tx, id, view.version).await? {
        return Err(ViewError::Changed);
    }
    let entry = entry("view.delete", by, &view).before(told(&view)).personal(words(&view));
    audit::record(&tx, ctx, actor, entry).await?;
    Ok(tx.commit().await?)
}

async fn find(tx: &Tx, scope: &ViewScope, id: ViewId, expected: Option<i64>) -> Result<ViewRecord, ViewError> {
    let view = view_fetch(tx, scope, id).await?.ok_or(ViewError::NotFound)?;
    if expected.is_some_and(|expected| expected != view.version) {
        return Err(ViewError::Changed);
    }
    Ok(view)
}

fn name(text: &str) -> Result<String, ViewError> {
    let text = text.trim();
    if text.is_empty() { Err(ViewError::BlankName) } else { Ok(text.to_owned()) }
}

fn refused(error: StoreError) -> ViewError {
    if error.is_conflict("uq_saved_view_name") { ViewError::NameTaken } else { error.into() }
}

fn entry(action: &str, by: Option<Permission>, view: &ViewRecord) -> Entry {
    let entry = by.map_or_else(|| Entry::own(action), |permission| Entry::new(action, permission));
    entry.on("view", view.id).named(&view.name).about(view.owner_id)
}

/// What the log tells of a view for good.
fn told(view: &ViewRecord) -> Value {
    json!({ "page": view.page, "shared": view.shared })
}

/// What may name somebody.
fn words(view: &ViewRecord) -> Value {
    json!({ "name": view.name, "query": view.query })
}
