//! Step-up: somebody who is signed in proves again who they are, so that dangerous actions are allowed for a while
//! (`Policy::proof_window`). Signing in counts as a proof. Keys can prove nothing.

use domain::access::Actor;
use domain::audit::Entry;
use store::Tx;
use store::repo::{sessions, users};

use super::error::SessionError;
use crate::{Context, audit};

/// Proves by password who is there.
///
/// # Errors
/// [`SessionError::NotProved`]; [`SessionError::NotFound`] when the actor asks by no session, or it has ended meanwhile;
/// [`SessionError::Hashing`], [`SessionError::Store`].
pub async fn prove_by_password(ctx: &Context, actor: &Actor, password: &str) -> Result<(), SessionError> {
    let user = actor.user_id.ok_or(SessionError::NotFound)?;
    let stored = users::user_fetch(&ctx.db, user).await?.and_then(|user| user.password_hash);
    // Who has no password waits as long as who has one.
    let fits = ctx.passwords.verify(password, stored.as_deref()).await?;
    let tx = ctx.db.begin().await?;
    if !fits {
        audit::record(&tx, ctx, actor, proof_entry(actor, "password").refused("wrong password")).await?;
        tx.commit().await?;
        return Err(SessionError::NotProved);
    }
    proved(ctx, &tx, actor, "password").await?;
    tx.commit().await?;
    committed(ctx, actor);
    Ok(())
}

/// Notes a proof within the transaction, whatever it was by. Call `ctx.known.forget_session` after the commit.
///
/// # Errors
/// [`SessionError::NotFound`] when the actor asks by no session, or it has ended meanwhile; [`SessionError::Store`].
pub(crate) async fn proved(ctx: &Context, tx: &Tx, actor: &Actor, by: &str) -> Result<(), SessionError> {
    let session = actor.origin.session_id.ok_or(SessionError::NotFound)?;
    if !sessions::session_proved(tx, session, ctx.env.now()).await? {
        return Err(SessionError::NotFound);
    }
    audit::record(tx, ctx, actor, proof_entry(actor, by)).await?;
    Ok(())
}

/// What is noted of a proof.
pub(crate) fn proof_entry(actor: &Actor, by: &str) -> Entry {
    let entry = Entry::open("session.prove").after(serde_json::json!({ "by": by }));
    match actor.origin.session_id {
        Some(session) => entry.on("session", session),
        None => entry,
    }
}

fn committed(ctx: &Context, actor: &Actor) {
    if let Some(session) = actor.origin.session_id {
        ctx.known.forget_session(session);
    }
}
