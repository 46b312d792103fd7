//! The use cases of first run and users. What a sign-in begins is a session (`crate::sessions`).

use chrono::Duration;
use domain::access::{Actor, Grant, Permission, Role, is_email};
use domain::audit::Entry;
use domain::ids::{GrantId, UserId};
use serde_json::json;
use store::repo::grants::{NewGrant, grant_insert};
use store::repo::users::{self, UserRecord};

use super::error::IdentityError;
use super::password;
use crate::sessions::{self, NewSession, SessionMeta};
use crate::{Context, token};

/// How long a one-time link is good.
const LINK_HOURS: i64 = 24;

/// Whether the owner is still to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupState {
    /// True until the one-time link was used.
    pub needs_owner: bool,
}

/// A user to create.
#[derive(Clone)]
pub struct NewUser {
    /// The e-mail address.
    pub email: String,
    /// What they are given.
    pub grants: Vec<Grant>,
    /// The password.
    pub password: String,
}

/// Whether there is no user at all. The owner is looked for first: that is one row, and nearly always there.
async fn nobody_yet(ctx: &Context) -> Result<bool, IdentityError> {
    Ok(!users::owner_exists(&ctx.db).await? && users::user_list(&ctx.db).await?.is_empty())
}

/// Whether the owner is still to be created. Anybody may ask.
///
/// # Errors
/// [`IdentityError::Store`].
pub async fn setup_state(ctx: &Context) -> Result<SetupState, IdentityError> {
    Ok(SetupState { needs_owner: nobody_yet(ctx).await? })
}

/// Makes the one-time link's token, good for 24 hours; the one before is no longer good. `None` once there is a user.
///
/// # Errors
/// [`IdentityError::Store`].
pub async fn issue_setup_link(ctx: &Context) -> Result<Option<String>, IdentityError> {
    if !nobody_yet(ctx).await? {
        return Ok(None);
    }
    let tx = ctx.db.begin().await?;
    let token = token::new(ctx);
    let now = ctx.env.now();
    users::setup_token_insert(&tx, ctx.env.new_id(), &token::digest(&token), now, now + Duration::hours(LINK_HOURS))
        .await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// What comes of offering a one-time link.
#[derive(Clone, PartialEq, Eq)]
pub enum SetupOffer {
    /// The token of a new one.
    Made(String),
    /// Another one is good: of another process, of an earlier start, or asked for.
    ThereIsOne,
    /// There is a user.
    NotNeeded,
}

impl std::fmt::Debug for SetupOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Made(_) => "Made",
            Self::ThereIsOne => "ThereIsOne",
            Self::NotNeeded => "NotNeeded",
        })
    }
}

/// For processes of which several start at once: makes a link as [`issue_setup_link`] does, unless there is one that is good.
///
/// # Errors
/// [`IdentityError::Store`].
pub async fn offer_setup_link(ctx: &Context) -> Result<SetupOffer, IdentityError> {
    if !nobody_yet(ctx).await? {
        return Ok(SetupOffer::NotNeeded);
    }
    let tx = ctx.db.begin().await?;
    let token = token::new(ctx);
    let now = ctx.env.now();
    let made = users::setup_token_offer(&tx, &token::digest(&token), now, now + Duration::hours(LINK_HOURS)).await?;
    tx.commit().await?;
    Ok(if made { SetupOffer::Made(token) } else { SetupOffer::ThereIsOne })
}

/// Creates the owner with the one-time link and signs them in. Of several at once, one succeeds.
///
/// # Errors
/// [`IdentityError::LinkSpent`], [`IdentityError::InvalidEmail`], [`IdentityError::WeakPassword`],
/// [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn create_owner(
    ctx: &Context,
    token: &str,
    email: &str,
    password: &str,
    meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    let email = normal_email(email)?;
    password::check_new(password, &email)?;
    // A link that outlived the first user (somebody used the command line meanwhile) creates nobody.
    if !nobody_yet(ctx).await? {
        return Err(IdentityError::LinkSpent);
    }
    // Before the transaction: hashing takes long, and SQLite has one writer.
    let hash = ctx.passwords.hash(password).await?;
    let now = ctx.env.now();
    let tx = ctx.db.begin().await?;
    // Taking the token is what decides a race: it can be taken once.
    if !users::setup_token_consume(&tx, &token::digest(token), now).await? {
        return Err(IdentityError::LinkSpent);
    }
    let user = insert(ctx, &tx, email, hash, &[Grant::usual(Role::Owner)]).await?;
    let session = sessions::begin(ctx, &tx, &user, meta).await?;
    let entry = Entry::open("user.create_owner").on("user", user.id).named(&user.email).about(user.id);
    crate::audit::record(&tx, ctx, &session.signed_in.actor, entry).await?;
    tx.commit().await?;
    tracing::info!(user = %user.id, "the owner was created");
    Ok(session)
}

/// Creates a user.
///
/// # Errors
/// [`IdentityError::Forbidden`], [`IdentityError::InvalidEmail`], [`IdentityError::WeakPassword`],
/// [`IdentityError::EmailTaken`], [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn create_user(ctx: &Context, actor: &Actor, new: NewUser) -> Result<UserId, IdentityError> {
    actor.require(Permission::UserWrite)?;
    let email = normal_email(&new.email)?;
    password::check_new(&new.password, &email)?;
    let hash = ctx.passwords.hash(&new.password).await?;
    let tx = ctx.db.begin().await?;
    let user = insert(ctx, &tx, email, hash, &new.grants).await?;
    let entry = Entry::new("user.create", Permission::UserWrite).on("user", user.id).named(&user.email).about(user.id);
    crate::audit::record(&tx, ctx, actor, entry.after(json!({ "grants": new.grants }))).await?;
    tx.commit().await?;
    Ok(user.id)
}

/// Adds somebody with what they are given.
async fn insert(
    ctx: &Context,
    tx: &store::Tx,
    email: String,
    password_hash: String,
    grants: &[Grant],
) -> Result<UserRecord, IdentityError> {
    let display_name = email.split('@').next().unwrap_or_default().to_owned();
    insert_named(ctx, tx, email, display_name, password_hash, grants).await
}

/// The same with a name that they chose.
pub(crate) async fn insert_named(
    ctx: &Context,
    tx: &store::Tx,
    email: String,
    display_name: String,
    password_hash: String,
    grants: &[Grant],
) -> Result<UserRecord, IdentityError> {
    let (id, at) = (UserId(ctx.env.new_id()), ctx.env.now());
    let user = users::NewUser { id, email, display_name, password_hash: Some(password_hash), at };
    users::user_insert(tx, &user).await.map_err(taken)?;
    for grant in grants {
        let grant = NewGrant { id: GrantId(ctx.env.new_id()), user_id: id, grant: grant.clone(), at };
        grant_insert(tx, &grant).await?;
    }
    Ok(user.into())
}

fn taken(error: store::StoreError) -> IdentityError {
    if error.is_conflict("uq_app_user_email") { IdentityError::EmailTaken } else { IdentityError::Store(error) }
}

/// The address in lower case without blanks around it, if it looks like one: a local part, `@`, a host.
pub(crate) fn normal_email(email: &str) -> Result<String, IdentityError> {
    let email = email.trim().to_lowercase();
    if is_email(&email) { Ok(email) } else { Err(IdentityError::InvalidEmail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses_are_compared_in_lower_case_without_blanks() {
        assert_eq!(normal_email(" Grace@Example.COM ").unwrap(), "grace@example.com");
        for bad in ["", "grace", "@example.com", "grace@", "a b@example.com", "a@@b", "a@.com", "a@b..c", "a@b\n.c"] {
            assert!(normal_email(bad).is_err(), "{bad:?}");
        }
    }
}
