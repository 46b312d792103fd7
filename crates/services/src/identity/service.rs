//! The use cases of first run, sign-in and users. What a sign-in begins is a session (`crate::sessions`).

use chrono::Duration;
use domain::access::{Actor, Permission, Role, is_email};
use domain::ids::UserId;
use store::repo::users;

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
    /// The role.
    pub role: Role,
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
    let user = new_user(ctx, email, Role::Owner, hash);
    users::user_insert(&tx, &user).await.map_err(taken)?;
    let session = sessions::begin(ctx, &tx, user.id, &user.email, Role::Owner, meta).await?;
    tx.commit().await?;
    tracing::info!(user = %user.id, "the owner was created");
    Ok(session)
}

/// Signs in. A wrong password and an unknown user are the same to the caller, in words and in time.
///
/// # Errors
/// [`IdentityError::BadCredentials`], [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn sign_in(
    ctx: &Context,
    email: &str,
    password: &str,
    meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    let email = email.trim().to_lowercase();
    let user = users::user_fetch_by_email(&ctx.db, &email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let fits = ctx.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|user| fits && user.enabled) else {
        return Err(IdentityError::BadCredentials);
    };
    let tx = ctx.db.begin().await?;
    let session = sessions::begin(ctx, &tx, user.id, &user.email, user.role, meta).await?;
    users::user_signed_in(&tx, user.id, ctx.env.now()).await?;
    tx.commit().await?;
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
    let user = new_user(ctx, email, new.role, hash);
    users::user_insert(&ctx.db, &user).await.map_err(taken)?;
    Ok(user.id)
}

fn new_user(ctx: &Context, email: String, role: Role, password_hash: String) -> users::NewUser {
    let display_name = email.split('@').next().unwrap_or_default().to_owned();
    let id = UserId(ctx.env.new_id());
    users::NewUser { id, email, display_name, password_hash: Some(password_hash), role, at: ctx.env.now() }
}

fn taken(error: store::StoreError) -> IdentityError {
    if error.is_conflict("uq_app_user_email") { IdentityError::EmailTaken } else { IdentityError::Store(error) }
}

/// The address in lower case without blanks around it, if it looks like one: a local part, `@`, a host.
fn normal_email(email: &str) -> Result<String, IdentityError> {
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
