//! The use cases of API keys.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{ApiKeyId, UserId};
use serde_json::json;
use store::repo::api_keys::{self, ApiKeyFilter, ApiKeyRecord, ApiKeySort, NewApiKey, OwnedApiKey};
use store::repo::users;

use super::error::KeyError;
use super::text;
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest, access, audit, token};

/// Keys that work, per person. Those in their overlap after a rotation are not counted: there is one for each at most.
const MOST: u64 = 25;

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What to call it.
    pub name: String,
    /// What it is for; no more than its owner has.
    pub permissions: BTreeSet<Permission>,
    /// After which time it ends; `None` for never.
    pub lasts: Option<Duration>,
}

/// A change of a key.
#[derive(Debug, Clone)]
pub struct KeyChange {
    /// What to call it from now on.
    pub name: String,
    /// The version that is meant; `None` for whichever there is.
    pub expected: Option<i64>,
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It works.
    Active,
    /// It works beside the one that took its place.
    Replaced,
    /// It has ended by itself.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl KeyState {
    /// As it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A key as it is shown.
#[derive(Debug, Clone)]
pub struct KeyItem {
    /// The key.
    pub key: ApiKeyRecord,
    /// The e-mail address of its owner.
    pub owner: String,
    /// Whether it works now.
    pub state: KeyState,
}

/// A key that was just made.
#[derive(Clone)]
pub struct MadeKey {
    /// The whole of it. It is not stored, but for an answer that was asked for with an `Idempotency-Key`: that is kept sealed.
    pub secret: String,
    /// How it is shown from now on.
    pub item: KeyItem,
}

impl std::fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeKey").field("item", &self.item).finish_non_exhaustive()
    }
}

/// Whose keys the actor can see: everybody's (`None`) or their own. A person always sees their own; a program only if that is
/// among what its key is for.
fn reach(actor: &Actor) -> Result<Option<UserId>, KeyError> {
    if actor.require_everywhere(Permission::KeyManage).is_ok() {
        return Ok(None);
    }
    if actor.origin.key_id.is_some() {
        actor.require(Permission::KeyWrite)?;
    }
    actor.user_id.map(Some).ok_or(KeyError::NotFound)
}

fn item(ctx: &Context, owned: OwnedApiKey) -> KeyItem {
    let OwnedApiKey { key, email } = owned;
    let state = match (&key.revoked_at, key.works(ctx.env.now()), &key.replaced_by) {
        (Some(_), _, _) => KeyState::Revoked,
        (None, false, _) => KeyState::Expired,
        (None, true, Some(_)) => KeyState::Replaced,
        (None, true, None) => KeyState::Active,
    };
    KeyItem { key, owner: email, state }
}

/// A page of keys: one's own, or everybody's with `key:manage`.
///
/// # Errors
/// [`KeyError::Forbidden`] for a key that is for something else; [`KeyError::Store`], which includes a wrong cursor.
pub async fn list_keys(
    ctx: &Context,
    actor: &Actor,
    filter: &ApiKeyFilter,
    sort: ApiKeySort,
    page: PageRequest,
) -> Result<Page<KeyItem>, KeyError> {
    let owner = reach(actor)?;
    let (limit, cursor) = (u64::from(page.limit), page.cursor.as_deref());
    let found = api_keys::api_key_list(&ctx.db, owner, filter, sort, limit, cursor).await?;
    let items: Vec<_> = found.rows.into_iter().map(|owned| item(ctx, owned)).collect();
    if items.iter().any(|item| Some(item.key.user_id) != actor.user_id) {
        let entry = Entry::new("api_key.list", Permission::KeyManage).personal(json!({ "q": filter.q }));
        audit::note_read(ctx, actor, entry).await?;
    }
    Ok(Page { items, next_cursor: found.next, total: found.total })
}

/// One key.
///
/// # Errors
/// [`KeyError::NotFound`], [`KeyError::Forbidden`], [`KeyError::Store`].
pub async fn fetch_key(ctx: &Context, actor: &Actor, id: ApiKeyId) -> Result<KeyItem, KeyError> {
    let found = api_keys::api_key_fetch(&ctx.db, reach(actor)?, id).await?;
    Ok(item(ctx, found.ok_or(KeyError::NotFound)?))
}

/// Makes a key for oneself.
///
/// # Errors
/// [`KeyError::Forbidden`] without `key:write` and for a permission that the actor does not have; [`KeyError::StepUp`],
/// [`KeyError::NoName`], [`KeyError::NoPermissions`], [`KeyError::TooMany`], [`KeyError::Store`].
pub async fn create_key(ctx: &Context, actor: &Actor, new: NewKey) -> Result<MadeKey, KeyError> {
    create_key_once(ctx, actor, new, Keep::none()).await
}

/// [`create_key`], with its answer kept, sealed.
///
/// # Errors
/// As [`create_key`].
pub async fn create_key_once(
    ctx: &Context,
    actor: &Actor,
    new: NewKey,
    keep: Keep<'_, MadeKey>,
) -> Result<MadeKey, KeyError> {
    actor.require(Permission::KeyWrite)?;
    actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    let owner = actor.user_id.ok_or(KeyError::NoSuchUser)?;
    for permission in &new.permissions {
        actor.require(*permission)?;
    }
    make(ctx, actor, owner, &actor.name, new, keep).await
}

/// Makes a key for somebody, from the command line. Without permissions it is for all that they have now.
///
/// # Errors
/// [`KeyError::Forbidden`] for a permission that they do not have and for an actor who is a person;
/// [`KeyError::NoSuchUser`], [`KeyError::NoName`], [`KeyError::NoPermissions`], [`KeyError::TooMany`], [`KeyError::Store`].
pub async fn create_key_for(ctx: &Context, actor: &Actor, email: &str, mut new: NewKey) -> Result<MadeKey, KeyError> {
    if actor.user_id.is_some() {
        return Err(domain::access::Forbidden { permission: Permission::KeyManage }.into());
    }
    let email = email.trim().to_lowercase();
    let user = users::user_fetch_by_email(&ctx.db, &email).await?.filter(|user| user.enabled);
    let user = user.ok_or(KeyError::NoSuchUser)?;
    let owner = access::actor_of(&ctx.db, &user).await?;
    if new.permissions.is_empty() {
        new.permissions = owner.permissions().collect();
    }
    for permission in &new.permissions {
        owner.require(*permission)?;
    }
    make(ctx, actor, user.id, &user.email, new, Keep::none()).await
}

async fn make(
    ctx: &Context,
    actor: &Actor,
    owner: UserId,
    email: &str,
    new: NewKey,
    keep: Keep<'_, MadeKey>,
) -> Result<MadeKey, KeyError> {
    let name = name_of(&new.name)?;
    if new.permissions.is_empty() {
        return Err(KeyError::NoPermissions);
    }
    let now = ctx.env.now().trunc_subsecs(6);
    let expires_at = new.lasts.map(|lasts| now + lasts);
    let (row, secret) = row(ctx, owner, name, new.permissions, now, expires_at);
    let tx = ctx.db.begin().await?;
    if api_keys::api_key_count_locked(&tx, owner, now).await? >= MOST {
        return Err(KeyError::TooMany(MOST));
    }
    api_keys::api_key_insert(&tx, &row).await?;
    let entry = Entry::new("api_key.create", Permission::KeyWrite).on("api_key", row.id).named(&row.name);
    audit::record(&tx, ctx, actor, entry.about(owner).after(described(&row))).await?;
    let made = made(ctx, &tx, row.id, email, secret).await?;
    keep.answer(&tx, &made).await?;
    tx.commit().await?;
    Ok(made)
}

fn name_of(text: &str) -> Result<String, KeyError> {
    let name = text.trim();
    if name.is_empty() { Err(KeyError::NoName) } else { Ok(name.to_owned()) }
}

fn row(
    ctx: &Context,
    user_id: UserId,
    name: String,
    permissions: BTreeSet<Permission>,
    at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> (NewApiKey, String) {
    let text::KeyText { prefix, text } = text::new(ctx);
    let id = ApiKeyId(ctx.env.new_id());
    (NewApiKey { id, user_id, name, prefix, secret_hash: token::digest(&text), permissions, at, expires_at }, text)
}

fn described(row: &NewApiKey) -> serde_json::Value {
    json!({
        "user_id": row.user_id,
        "prefix": row.prefix,
        "permissions": row.permissions,
        "expires_at": row.expires_at,
    })
}

async fn made(ctx: &Context, tx: &store::Tx, id: ApiKeyId, email: &str, secret: String) -> Result<MadeKey, KeyError> {
    let owned = api_keys::api_key_fetch(tx, None, id).await?.ok_or(KeyError::NotFound)?;
    Ok(MadeKey { secret, item: item(ctx, OwnedApiKey { email: email.to_owned(), ..owned }) })
}

/// Changes what one's own key is called.
///
/// # Errors
/// [`KeyError::NotFound`], [`KeyError::NotYours`], [`KeyError::NoName`], [`KeyError::Changed`], [`KeyError::Forbidden`],
/// [`KeyError::Store`].
pub async fn rename_key(ctx: &Context, actor: &Actor, id: ApiKeyId, change: KeyChange) -> Result<KeyItem, KeyError> {
    let name = name_of(&change.name)?;
    let owner = reach(actor)?;
    let tx = ctx.db.begin().await?;
    let mut owned = api_keys::api_key_fetch(&tx, owner, id).await?.ok_or(KeyError::NotFound)?;
    if Some(owned.key.user_id) != actor.user_id {
        return Err(KeyError::NotYours);
    }
    let version = owned.key.version;
    let fits = change.expected.is_none_or(|expected| expected == version);
    if !fits || !api_keys::api_key_rename(&tx, id, version, &name).await? {
        return Err(KeyError::Changed);
    }
    let entry = Entry::new("api_key.update", Permission::KeyWrite).on("api_key", id).named(&name);
    let entry = entry
        .personal(json!({ "before": { "name": owned.key.name }, "after": { "name": name } }))
        .about(owned.key.user_id);
    audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    (owned.key.name, owned.key.version) = (name, version + 1);
    Ok(item(ctx, owned))
}

/// Makes a key that takes the place of one's own: the old one works for `overlap` longer, and no longer than it would have;
/// one that it had replaced itself ends now. The new one lasts as long from now as the old one did.
///
/// # Errors
/// [`KeyError::NotFound`], [`KeyError::NotYours`], [`KeyError::Ended`], [`KeyError::Forbidden`], [`KeyError::StepUp`],
/// [`KeyError::Store`].
pub async fn rotate_key(ctx: &Context, actor: &Actor, id: ApiKeyId, overlap: Duration) -> Result<MadeKey, KeyError> {
    rotate_key_once(ctx, actor, id, overlap, Keep::none()).await
}

/// [`rotate_key`], with its answer kept, sealed.
///
/// # Errors
/// As [`rotate_key`].
pub async fn rotate_key_once(
    ctx: &Context,
    actor: &Actor,
    id: ApiKeyId,
    overlap: Duration,
    keep: Keep<'_, MadeKey>,
) -> Result<MadeKey, KeyError> {
    actor.require(Permission::KeyWrite)?;
    let now = ctx.env.now().trunc_subsecs(6);
    actor.require_proof(now, ctx.policy.now().proof_window)?;
    let owner = reach(actor)?;
    let tx = ctx.db.begin().await?;
    let old = api_keys::api_key_fetch(&tx, owner, id).await?.ok_or(KeyError::NotFound)?;
    if Some(old.key.user_id) != actor.user_id {
        return Err(KeyError::NotYours);
    }
    if !old.key.works(now) {
        return Err(KeyError::Ended);
    }
    let expires_at = old.key.expires_at.map(|end| now + (end - old.key.created_at));
    let (row, secret) = row(ctx, old.key.user_id, old.key.name.clone(), old.key.permissions.clone(), now, expires_at);
    // What decides a race: a key is replaced once.
    if !api_keys::api_key_replace(&tx, id, row.id, now + overlap).await? {
        return Err(KeyError::Ended);
    }
    api_keys::api_key_revoke_replaced(&tx, id, now).await?;
    api_keys::api_key_insert(&tx, &row).await?;
    let entry = Entry::new("api_key.rotate", Permission::KeyWrite).on("api_key", id).named(&row.name);
    let entry = entry.before(json!({ "prefix": old.key.prefix, "good_until": now + overlap }));
    let entry = entry.about(old.key.user_id).after(json!({ "id": row.id, "new": described(&row) }));
    audit::record(&tx, ctx, actor, entry).await?;
    let made = made(ctx, &tx, row.id, &old.email, secret).await?;
    keep.answer(&tx, &made).await?;
    tx.commit().await?;
    ctx.known.forget_user(old.key.user_id);
    Ok(made)
}

/// Ends a key: one's own, or anybody's with `key:manage`. One that has ended stays so.
///
/// # Errors
/// [`KeyError::NotFound`], [`KeyError::Forbidden`], [`KeyError::Changed`] when it has another version than `expected`,
/// [`KeyError::Store`].
pub async fn revoke_key(ctx: &Context, actor: &Actor, id: ApiKeyId, expected: Option<i64>) -> Result<(), KeyError> {
    let owner = reach(actor)?;
    let tx = ctx.db.begin().await?;
    let owned = api_keys::api_key_fetch(&tx, owner, id).await?.ok_or(KeyError::NotFound)?;
    if expected.is_some_and(|expected| expected != owned.key.version) {
        return Err(KeyError::Changed);
    }
    let now = ctx.env.now();
    if api_keys::api_key_revoke(&tx, id, now).await? {
        let own = Some(owned.key.user_id) == actor.user_id;
        let permission = if own { Permission::KeyWrite } else { Permission::KeyManage };
        let entry = Entry::new("api_key.revoke", permission).on("api_key", id).named(&owned.key.name);
        let entry = entry.about(owned.key.user_id).before(json!({ "prefix": owned.key.prefix }));
        audit::record(&tx, ctx, actor, entry.after(json!({ "revoked_at": now }))).await?;
        tx.commit().await?;
        ctx.known.forget_key(id);
    }
    Ok(())
}
