//! The use cases of one's own page.

use domain::access::Actor;
use domain::audit::Entry;
use store::repo::oidc::{IdentityRecord, identity_list};
use store::repo::users::UserRecord;
use store::repo::{one_time_codes, second_factors, users};

use super::ProfileError;
use crate::identity::{Notice, notify, password, second_factor};
use crate::{Context, audit, sessions};

/// What somebody sees of themselves.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Their row.
    pub user: UserRecord,
    /// Whether sign-in asks for a second factor.
    pub second_factor: bool,
    /// Recovery codes that are not used.
    pub recovery_codes_left: u64,
    /// As whom the OpenID provider knows them; `None` too where no provider is configured.
    pub identity: Option<IdentityRecord>,
}

/// The actor's own page.
///
/// # Errors
/// [`ProfileError::NotFound`], [`ProfileError::Store`].
pub async fn fetch_profile(ctx: &Context, actor: &Actor) -> Result<Profile, ProfileError> {
    let id = actor.user_id.ok_or(ProfileError::NotFound)?;
    let user = users::user_fetch(&ctx.db, id).await?.ok_or(ProfileError::NotFound)?;
    let factor = second_factors::totp_fetch(&ctx.db, id).await?;
    let second_factor = factor.is_some_and(|factor| factor.confirmed_at.is_some());
    let recovery_codes_left = second_factors::recovery_codes_left(&ctx.db, id).await?;
    let identity = match &ctx.sso.oidc {
        Some(oidc) => identity_list(&ctx.db, id).await?.into_iter().find(|known| known.issuer == oidc.issuer()),
        None => None,
    };
    Ok(Profile { user, second_factor, recovery_codes_left, identity })
}

/// Changes the name to show, if the row still has the expected version.
///
/// # Errors
/// [`ProfileError::Changed`], [`ProfileError::StepUp`] for a key, [`ProfileError::NotFound`], [`ProfileError::Store`].
pub async fn change_display_name(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    expected: Option<i64>,
) -> Result<Profile, ProfileError> {
    let id = second_factor::own(actor)?;
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, id).await?;
    let user = users::user_fetch(&tx, id).await?.ok_or(ProfileError::NotFound)?;
    if expected.is_some_and(|expected| expected != user.version) {
        return Err(ProfileError::Changed);
    }
    if !users::user_rename(&tx, id, user.version, name, ctx.env.now()).await? {
        return Err(ProfileError::Changed);
    }
    let names = serde_json::json!({ "before": user.display_name, "after": name });
    let entry = Entry::open("user.rename").on("user", id).named(&user.email).about(id).personal(names);
    audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    fetch_profile(ctx, actor).await
}

/// Changes one's password. The current one is the proof; all other sessions end.
///
/// # Errors
/// [`ProfileError::WrongPassword`], [`ProfileError::WeakPassword`], [`ProfileError::StepUp`] for a key, [`ProfileError::NotFound`],
/// [`ProfileError::Hashing`], [`ProfileError::Store`].
pub async fn change_password(ctx: &Context, actor: &Actor, current: &str, new: &str) -> Result<(), ProfileError> {
    let id = second_factor::own(actor)?;
    let user = users::user_fetch(&ctx.db, id).await?.ok_or(ProfileError::NotFound)?;
    if !ctx.passwords.verify(current, user.password_hash.as_deref()).await? {
        let tx = ctx.db.begin().await?;
        let entry = Entry::open("user.change_password").on("user", id).refused("wrong password");
        audit::record(&tx, ctx, actor, entry).await?;
        tx.commit().await?;
        return Err(ProfileError::WrongPassword);
    }
    password::check_new(new, &user.email)?;
    let (hash, at) = (ctx.passwords.hash(new).await?, ctx.env.now());
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, id).await?;
    // Not over one that was set while this was hashed.
    let kept = users::user_fetch(&tx, id).await?.ok_or(ProfileError::NotFound)?;
    if kept.password_hash != user.password_hash {
        return Err(ProfileError::WrongPassword);
    }
    users::user_password_set(&tx, id, &hash, at).await?;
    one_time_codes::codes_void(&tx, id, None, at).await?;
    second_factors::challenge_end_all(&tx, id).await?;
    sessions::end_all(ctx, &tx, id, actor.origin.session_id).await?;
    audit::record(&tx, ctx, actor, Entry::open("user.change_password").on("user", id)).await?;
    tx.commit().await?;
    ctx.known.forget_user(id);
    notify(ctx, &user.email, Notice::PasswordChanged);
    Ok(())
}
