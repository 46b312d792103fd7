//! Everything that is kept of a person, as one archive for them. Nobody else's data is in it: of entries of the audit log that
//! name two people, only the part of the one who asks.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Scope, StepUpNeeded};
use domain::audit::Entry;
use domain::ids::UserId;
use serde_json::{Value, json};
use store::repo::api_keys::{ApiKeyFilter, ApiKeySort, api_key_list};
use store::repo::audit::{AuditFilter, AuditQuery, AuditRecord, audit_list};
use store::repo::grants::grant_list;
use store::repo::oidc::{IdentityRecord, identity_list};
use store::repo::privacy::{invitation_list_to, session_list_all};
use store::repo::requests::{RequestFilter, RequestQuery, RequestScope, request_list};
use store::repo::second_factors;
use store::repo::teams::team_list_of;
use store::repo::users::{UserRecord, user_fetch};
use store::repo::views::{ViewQuery, ViewScope, view_list};
use store::repo::workspaces::{GoneFilter, WorkspaceFilter, WorkspaceQuery, workspace_list};

use super::PrivacyError;
use super::archive::Archive;
use super::talk;
use crate::Context;

/// Rows read at once.
const PAGE: u32 = 500;
/// Entries of the audit log at most, the newest; the archive says when there are more.
const MOST_ENTRIES: usize = 20_000;
/// Desktops at most.
const MOST_DESKTOPS: usize = 2000;

/// An archive, ready to be sent.
pub struct Export {
    /// The ZIP.
    pub bytes: Vec<u8>,
    /// When it was made.
    pub at: DateTime<Utc>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("bytes", &self.bytes.len()).field("at", &self.at).finish()
    }
}

/// The actor's own data.
///
/// # Errors
/// [`PrivacyError::StepUp`] for a key, [`PrivacyError::NotFound`] for the installation itself, [`PrivacyError::Archive`],
/// [`PrivacyError::Store`].
pub async fn export_own(ctx: &Context, actor: &Actor) -> Result<Export, PrivacyError> {
    if actor.origin.key_id.is_some() {
        return Err(StepUpNeeded::NotByKey.into());
    }
    let id = actor.user_id.ok_or(PrivacyError::NotFound)?;
    let at = ctx.env.now();
    // In the log first: whatever leaves was written down before.
    let tx = ctx.db.begin().await?;
    crate::audit::record(&tx, ctx, actor, Entry::open("user.export").on("user", id)).await?;
    tx.commit().await?;

    let user = user_fetch(&ctx.db, id).await?.ok_or(PrivacyError::NotFound)?;
    let mut archive = Archive::new();
    archive.json("user.json", &person(ctx, &user).await?)?;
    let grants: Vec<Value> = grant_list(&ctx.db, id).await?.iter().map(grant).collect();
    archive.json("grants.json", &grants)?;
    let teams = team_list_of(&ctx.db, &[id]).await?;
    let teams: Vec<Value> = teams.iter().map(|(_, team)| json!({ "id": team.id, "name": team.name })).collect();
    archive.json("teams.json", &teams)?;
    archive.json("sessions.json", &session_list_all(&ctx.db, id).await?)?;
    archive.json("api-keys.json", &keys(ctx, id).await?)?;
    let identities: Vec<Value> = identity_list(&ctx.db, id).await?.iter().map(identity).collect();
    archive.json("identities.json", &identities)?;
    archive.json("invitations.json", &invitation_list_to(&ctx.db, &user.email).await?)?;
    archive.json("desktops.json", &desktops(ctx, &user.email).await?)?;
    archive.json("requests.json", &requests(ctx, id).await?)?;
    archive.json("views.json", &views(ctx, id).await?)?;
    archive.json("conversations.json", &talk::conversations(ctx, id).await?)?;
    archive.json("assistant-tokens.json", &talk::tokens(ctx, id).await?)?;
    let (entries, more) = entries(ctx, id).await?;
    archive.json("audit-log.json", &entries)?;
    let about = json!({
        "format": 1,
        "user_id": id,
        "exported_at": at,
        "version": platform::VERSION,
        "files": archive.names(),
        "audit_log_cut": more,
        "left_out": "the password's hash, the secrets of keys and factors, and what names other people",
    });
    archive.json("about.json", &about)?;
    Ok(Export { bytes: archive.finish()?, at })
}

async fn person(ctx: &Context, user: &UserRecord) -> Result<Value, PrivacyError> {
    let factor = second_factors::totp_fetch(&ctx.db, user.id).await?;
    Ok(json!({
        "id": user.id,
        "email": user.email,
        "display_name": user.display_name,
        "enabled": user.enabled,
        "created_at": user.created_at,
        "last_sign_in_at": user.last_sign_in_at,
        "has_password": user.password_hash.is_some(),
        "second_factor": factor.is_some_and(|factor| factor.confirmed_at.is_some()),
        "recovery_codes_left": second_factors::recovery_codes_left(&ctx.db, user.id).await?,
    }))
}

fn grant(record: &store::repo::grants::GrantRecord) -> Value {
    let grant = &record.grant;
    json!({ "id": record.id, "role": record.role_name, "kind": grant.reach.kind(), "grant": grant, "permissions": record.permissions })
}

fn identity(record: &IdentityRecord) -> Value {
    let IdentityRecord { issuer, subject, created_at, last_sign_in_at, .. } = record;
    json!({ "issuer": issuer, "subject": subject, "created_at": created_at, "last_sign_in_at": last_sign_in_at })
}

async fn keys(ctx: &Context, id: UserId) -> Result<Vec<Value>, PrivacyError> {
    let (filter, sort) = (ApiKeyFilter::default(), ApiKeySort::default());
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = api_key_list(&ctx.db, Some(id), &filter, sort, PAGE.into(), cursor.as_deref()).await?;
        found.extend(page.rows.into_iter().map(|owned| {
            let key = owned.key;
            json!({
                "id": key.id,
                "name": key.name,
                "prefix": key.prefix,
                "permissions": key.permissions,
                "created_at": key.created_at,
                "expires_at": key.expires_at,
                "last_used_at": key.last_used_at,
                "last_used_ip": key.last_used_ip,
                "revoked_at": key.revoked_at,
            })
        }));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

async fn desktops(ctx: &Context, email: &str) -> Result<Vec<Value>, PrivacyError> {
    let scope = Scope::own(email);
    let filter = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
    let mut query = WorkspaceQuery { filter, limit: PAGE, ..WorkspaceQuery::default() };
    let mut found = Vec::new();
    loop {
        let page = workspace_list(&ctx.db, &scope, &query).await?;
        found.extend(page.rows.into_iter().map(|desktop| {
            json!({
                "id": desktop.id,
                "aws_id": desktop.aws_id,
                "account": desktop.account_name,
                "region": desktop.region,
                "directory": desktop.directory_aws_id,
                "user_name": desktop.user_name,
                "computer_name": desktop.computer_name,
                "ip_address": desktop.ip_address,
                "state": desktop.state,
                "connection_state": desktop.connection_state,
            })
        }));
        query.cursor = page.next;
        if query.cursor.is_none() || found.len() >= MOST_DESKTOPS {
            return Ok(found);
        }
    }
}

/// What the person asked for, the newest first.
async fn views(ctx: &Context, id: UserId) -> Result<Vec<Value>, PrivacyError> {
    let own = ViewScope { own: id, pages: Vec::new() };
    let (mut query, mut found) = (ViewQuery { limit: PAGE, ..ViewQuery::default() }, Vec::new());
    loop {
        let page = view_list(&ctx.db, &own, &query).await?;
        found.extend(page.rows.into_iter().map(|view| {
            json!({
                "id": view.id,
                "page": view.page,
                "name": view.name,
                "query": view.query,
                "shared": view.shared,
                "created_at": view.created_at,
                "updated_at": view.updated_at,
            })
        }));
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(found);
        }
    }
}

async fn requests(ctx: &Context, id: UserId) -> Result<Vec<Value>, PrivacyError> {
    let own = RequestScope { scope: Scope::nothing(), own: Some(id) };
    let filter = RequestFilter { user_id: Some(id), ..RequestFilter::default() };
    let (mut query, mut found) = (RequestQuery { filter, cursor: None, limit: PAGE }, Vec::new());
    loop {
        let page = request_list(&ctx.db, &own, &query).await?;
        found.extend(page.rows.into_iter().map(|request| {
            json!({
                "id": request.id,
                "kind": request.kind,
                "status": request.status,
                "desktop": request.desktop.map(|desktop| desktop.id),
                "bundle": request.bundle,
                "note": request.note,
                "created_at": request.created_at,
                "updated_at": request.updated_at,
            })
        }));
        query.cursor = page.next;
        if query.cursor.is_none() {
            return Ok(found);
        }
    }
}

/// What the person did, and what was done to them; whether there is more than what is given.
async fn entries(ctx: &Context, id: UserId) -> Result<(Vec<Value>, bool), PrivacyError> {
    let did = AuditFilter { actor: Some(id), ..AuditFilter::default() };
    let about =
        AuditFilter { object_kind: Some("user".to_owned()), object_id: Some(id.to_string()), ..AuditFilter::default() };
    let (mut found, mut more) = (Vec::new(), false);
    for filter in [did, about] {
        let mut query = AuditQuery { filter, limit: PAGE.into(), cursor: None };
        let mut left = MOST_ENTRIES;
        loop {
            let page = audit_list(&ctx.db, &query).await?;
            left = left.saturating_sub(page.rows.len());
            found.extend(page.rows.iter().map(|row| (row.seq, entry(row, id))));
            query.cursor = page.next;
            if query.cursor.is_none() || left == 0 {
                more |= query.cursor.is_some();
                break;
            }
        }
    }
    // What somebody did to themselves is found twice.
    found.sort_by_key(|(seq, _)| *seq);
    found.dedup_by_key(|(seq, _)| *seq);
    Ok((found.into_iter().map(|(_, entry)| entry).collect(), more))
}

fn entry(row: &AuditRecord, id: UserId) -> Value {
    let record = &row.record;
    let by_them = record.actor.user_id == Some(id);
    let on_them = record.object.as_ref().is_some_and(|object| object.kind == "user" && object.id == id.to_string());
    json!({
        "seq": row.seq,
        "at": record.at,
        "by": if by_them { "you" } else { record.actor.kind.as_str() },
        "action": record.action,
        "object": record.object,
        "outcome": record.outcome,
        "reason": record.reason,
        "request_id": record.request_id,
        "before": record.before,
        "after": record.after,
        // Other people's names and addresses are theirs.
        "actor": row.actor.as_ref().filter(|_| by_them),
        "details": row.object.as_ref().filter(|_| on_them),
    })
}
