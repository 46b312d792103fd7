//! Somebody here and a person of the provider: joining the two, taking them apart, and proving at the provider that whoever is
//! signed in here is still them.

use chrono::{DateTime, Duration, Utc};
use domain::access::Actor;
use domain::audit::Entry;
use domain::ids::UserId;
use platform::oidc::Vouched;
use store::repo::oidc::{IdentityRecord, identity_delete, identity_fetch, identity_insert, identity_used};
use store::repo::users;

use super::error::OidcFault;
use crate::{Context, audit, sessions};

/// The provider's clock and ours may differ by so many seconds.
const CLOCKS_DIFFER_SECONDS: i64 = 60;

/// Takes the actor apart from every provider.
///
/// # Errors
/// [`OidcFault::StepUp`], [`OidcFault::LastWay`], [`OidcFault::Store`].
pub async fn unlink(ctx: &Context, actor: &Actor) -> Result<(), OidcFault> {
    actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    let Some(user_id) = actor.user_id else { return Ok(()) };
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, user_id).await?;
    let user = users::user_fetch(&tx, user_id).await?;
    if user.is_some_and(|user| user.password_hash.is_none()) {
        return Err(OidcFault::LastWay);
    }
    if identity_delete(&tx, user_id).await? > 0 {
        audit::record(&tx, ctx, actor, Entry::own("identity.unlink").on("user", user_id)).await?;
    }
    Ok(tx.commit().await?)
}

/// Joins the provider's person to somebody who is signed in.
pub(super) async fn link(ctx: &Context, actor: &Actor, user_id: UserId, vouched: &Vouched) -> Result<(), OidcFault> {
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, user_id).await?;
    users::user_fetch(&tx, user_id).await?.filter(|user| user.enabled).ok_or(OidcFault::Disabled)?;
    match identity_fetch(&tx, &vouched.issuer, &vouched.subject).await? {
        Some(known) if known.user_id == user_id => return Ok(()),
        Some(_) => return Err(OidcFault::BelongsToAnother),
        None => {}
    }
    identity_insert(&tx, &identity(ctx, vouched, user_id, false)).await.map_err(taken)?;
    let entry = Entry::own("identity.link").on("user", user_id).after(serde_json::json!({ "issuer": vouched.issuer }));
    audit::record(&tx, ctx, actor, entry).await?;
    Ok(tx.commit().await?)
}

/// Notes in the actor's session that it is them, when the provider vouches for the person that they are joined to and asked that
/// person anew since they left. Refusals are noted.
pub(super) async fn prove(
    ctx: &Context,
    actor: &Actor,
    vouched: Result<Vouched, OidcFault>,
    left_at: DateTime<Utc>,
) -> Result<(), OidcFault> {
    let done = proved(ctx, actor, vouched, left_at).await;
    if let Err(fault) = &done {
        let tx = ctx.db.begin().await?;
        let entry = sessions::proof_entry(actor, "single_sign_on").refused(fault.code());
        audit::record(&tx, ctx, actor, entry).await?;
        tx.commit().await?;
    }
    done
}

async fn proved(
    ctx: &Context,
    actor: &Actor,
    vouched: Result<Vouched, OidcFault>,
    left_at: DateTime<Utc>,
) -> Result<(), OidcFault> {
    let vouched = vouched?;
    let user = actor.user_id.ok_or(OidcFault::NotBegun)?;
    let (now, differ) = (ctx.env.now(), Duration::seconds(CLOCKS_DIFFER_SECONDS));
    if !vouched.auth_time.is_some_and(|at| at >= left_at - differ && at <= now + differ) {
        return Err(OidcFault::NotAgain);
    }
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, user).await?;
    users::user_fetch(&tx, user).await?.filter(|user| user.enabled).ok_or(OidcFault::Disabled)?;
    let known = identity_fetch(&tx, &vouched.issuer, &vouched.subject).await?;
    if known.is_none_or(|known| known.user_id != user) {
        return Err(OidcFault::OtherPerson);
    }
    identity_used(&tx, &vouched.issuer, &vouched.subject, now).await?;
    sessions::proved(ctx, &tx, actor, "single_sign_on").await?;
    tx.commit().await?;
    if let Some(session) = actor.origin.session_id {
        ctx.known.forget_session(session);
    }
    Ok(())
}

/// The provider's person joined to one here.
pub(super) fn identity(ctx: &Context, vouched: &Vouched, user_id: UserId, managed: bool) -> IdentityRecord {
    let at = ctx.env.now();
    let (issuer, subject) = (vouched.issuer.clone(), vouched.subject.clone());
    IdentityRecord { issuer, subject, user_id, managed, created_at: at, last_sign_in_at: at }
}

/// What a name that is taken means.
pub(super) fn taken(error: store::StoreError) -> OidcFault {
    if error.is_conflict("uq_app_user_email") {
        OidcFault::EmailTaken
    } else if error.is_conflict("pk_external_identity") {
        OidcFault::BelongsToAnother
    } else {
        OidcFault::Store(error)
    }
}
