//! The use cases of requests. What somebody asked is personal: seeing it is noted in the audit log, and what stands there of
//! it can be erased.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::event::Event;
use domain::ids::{RequestId, UserId, WorkspaceId};
use domain::requests::rules::{BadRequest, check};
use domain::requests::{RequestKind, RequestStatus};
use serde_json::json;
use store::repo::events::events_append;
use store::repo::requests::{
    self, NewRequest, RequestFilter, RequestPlace, RequestQuery, RequestRecord, RequestScope, RequestStep,
};
use store::repo::workspaces::workspace_fetch;

use super::error::RequestError;
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest, audit};

/// Most open requests of one person.
pub const MOST_OPEN: u64 = 20;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What for.
    pub kind: RequestKind,
    /// The desktop it is about.
    pub workspace_id: Option<WorkspaceId>,
    /// The bundle, in their words.
    pub bundle: Option<String>,
    /// What they say about it; empty for nothing.
    pub note: String,
}

/// A request with how it came to stand as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDetail {
    /// The request.
    pub request: RequestRecord,
    /// Its steps, oldest first.
    pub steps: Vec<RequestStep>,
}

/// Whose requests the actor sees: their own, and those within the scope in which they may.
fn seen(actor: &Actor) -> RequestScope {
    RequestScope { scope: actor.scope(Permission::RequestRead), own: actor.user_id }
}

/// A page of requests, newest first.
///
/// # Errors
/// [`RequestError::Forbidden`], [`RequestError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_requests(
    ctx: &Context,
    actor: &Actor,
    filter: &RequestFilter,
    page: PageRequest,
) -> Result<Page<RequestRecord>, RequestError> {
    actor.require(Permission::RequestRead)?;
    let (scope, query) = (seen(actor), RequestQuery { filter: filter.clone(), cursor: page.cursor, limit: page.limit });
    let total = requests::request_count(&ctx.db, &scope, filter).await?;
    let found = requests::request_list(&ctx.db, &scope, &query).await?;
    let said = json!({ "statuses": filter.statuses, "kinds": filter.kinds, "own": filter.user_id.is_some() });
    audit::note_read(ctx, actor, Entry::new("request.list", Permission::RequestRead).after(said)).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total })
}

/// One request.
///
/// # Errors
/// [`RequestError::Forbidden`], [`RequestError::NotFound`], [`RequestError::Store`].
pub async fn fetch_request(ctx: &Context, actor: &Actor, id: RequestId) -> Result<RequestDetail, RequestError> {
    actor.require(Permission::RequestRead)?;
    let request = requests::request_fetch(&ctx.db, &seen(actor), id).await?.ok_or(RequestError::NotFound)?;
    let steps = requests::request_steps(&ctx.db, id).await?;
    let entry = Entry::new("request.read", Permission::RequestRead).on("request", id);
    audit::note_read(ctx, actor, entry.named(request.kind.words())).await?;
    Ok(RequestDetail { request, steps })
}

/// Asks for something.
///
/// # Errors
/// [`RequestError::Forbidden`], [`RequestError::Fields`], [`RequestError::TooMany`], [`RequestError::Store`].
pub async fn create_request_once(
    ctx: &Context,
    actor: &Actor,
    wish: &Wish,
    keep: Keep<'_, RequestDetail>,
) -> Result<RequestDetail, RequestError> {
    actor.require(Permission::RequestCreate)?;
    let user_id = asker(actor)?;
    let wrong = check(wish.kind, wish.workspace_id.is_some(), wish.bundle.is_some(), !wish.note.is_empty());
    if !wrong.is_empty() {
        return Err(RequestError::Fields(wrong));
    }
    let tx = ctx.db.begin().await?;
    let desktop = match wish.workspace_id {
        Some(id) => Some(place(&tx, actor, id).await?),
        None => None,
    };
    if requests::request_count_open(&tx, user_id).await? >= MOST_OPEN {
        return Err(RequestError::TooMany(MOST_OPEN));
    }
    let id = RequestId(ctx.env.new_id());
    let new = NewRequest {
        id,
        user_id,
        user_key: domain::access::user_key(&actor.name),
        kind: wish.kind,
        desktop,
        bundle: wish.bundle.clone(),
        note: wish.note.clone(),
        at: ctx.env.now(),
    };
    requests::request_insert(&tx, &new, ctx.env.new_id()).await?;
    let made = detail(&tx, user_id, id).await?;
    let entry = Entry::new("request.create", Permission::RequestCreate).on("request", id);
    let entry = entry.after(json!({ "kind": wish.kind, "workspace": wish.workspace_id }));
    let entry = entry.personal(json!({ "bundle": wish.bundle, "note": wish.note })).about(user_id);
    audit::record(&tx, ctx, actor, entry).await?;
    events_append(&tx, ctx.env.now(), &told(&made.request)).await?;
    keep.answer(&tx, &made).await?;
    tx.commit().await?;
    Ok(made)
}

/// Takes one of the actor's own open requests back.
///
/// # Errors
/// [`RequestError::Forbidden`], [`RequestError::NotFound`] for one that they did not make, [`RequestError::NotOpen`],
/// [`RequestError::Store`].
pub async fn withdraw_request(ctx: &Context, actor: &Actor, id: RequestId) -> Result<(), RequestError> {
    actor.require(Permission::RequestCreate)?;
    let user_id = asker(actor)?;
    let tx = ctx.db.begin().await?;
    let RequestDetail { request, .. } = detail(&tx, user_id, id).await?;
    if !requests::request_withdraw(&tx, user_id, id, ctx.env.new_id(), ctx.env.now()).await? {
        return Err(RequestError::NotOpen);
    }
    let entry = Entry::new("request.withdraw", Permission::RequestCreate).on("request", id);
    let entry = entry.before(json!({ "status": RequestStatus::Open }));
    audit::record(&tx, ctx, actor, entry.after(json!({ "status": RequestStatus::Withdrawn }))).await?;
    events_append(&tx, ctx.env.now(), &told(&request)).await?;
    tx.commit().await?;
    Ok(())
}

/// For those who see requests of a part of the fleet: one about a desktop in it was changed. Who sees all hears it anyway.
fn told(request: &RequestRecord) -> Vec<Event> {
    let desktop = request.desktop.as_ref().filter(|desktop| desktop.account_id.is_some());
    let changed = desktop.map(|desktop| Event::Changed {
        what: "request".to_owned(),
        user_id: Some(request.user_id),
        account_id: desktop.account_id,
        region: desktop.region.clone(),
    });
    changed.into_iter().collect()
}

/// Who asks: a person, by their session or key.
fn asker(actor: &Actor) -> Result<UserId, RequestError> {
    actor.user_id.ok_or(RequestError::NotFound)
}

/// One of that person's own.
async fn detail(conn: &impl store::Connection, user: UserId, id: RequestId) -> Result<RequestDetail, RequestError> {
    let own = RequestScope { scope: domain::access::Scope::nothing(), own: Some(user) };
    let request = requests::request_fetch(conn, &own, id).await?.ok_or(RequestError::NotFound)?;
    Ok(RequestDetail { request, steps: requests::request_steps(conn, id).await? })
}

/// Where the desktop is, if the actor may ask for something about it.
async fn place(conn: &impl store::Connection, actor: &Actor, id: WorkspaceId) -> Result<RequestPlace, RequestError> {
    let found = workspace_fetch(conn, &actor.scope(Permission::RequestCreate), id).await?;
    let there = found.filter(|workspace| workspace.gone_at.is_none()).ok_or_else(|| {
        let message = "there is no such desktop, or it is not yours";
        RequestError::Fields(vec![BadRequest { field: "workspace_id", code: "not_found", message }])
    })?;
    Ok(RequestPlace {
        workspace_id: there.id,
        account_id: there.account_id,
        region: there.region,
        directory_id: there.directory_id,
    })
}
