//! Being forgotten: the person's row goes with all that hangs on it, the parts of the audit log that name them are erased, and
//! their id stays in it as a pseudonym.

use domain::access::{Actor, Permission, StepUpNeeded};
use domain::audit::Entry;
use domain::ids::UserId;
use serde_json::json;
use store::repo::privacy::{FORMER_PERSON, person_remove};
use store::repo::users::{user_fetch, user_lock};

use super::PrivacyError;
use crate::Context;
use crate::access::AccessError;
use crate::access::users::may_remove;

/// Removes the actor themselves. Their sessions and keys end with it.
///
/// # Errors
/// [`PrivacyError::StepUp`], [`PrivacyError::NotFound`] for the installation itself, [`PrivacyError::Access`] for the last owner and
/// when they have another version than `expected`, [`PrivacyError::Store`].
pub async fn remove_own(ctx: &Context, actor: &Actor, expected: Option<i64>) -> Result<(), PrivacyError> {
    if actor.origin.key_id.is_some() {
        return Err(StepUpNeeded::NotByKey.into());
    }
    let id = actor.user_id.ok_or(PrivacyError::NotFound)?;
    remove(ctx, actor, id, expected, Entry::open("user.delete")).await
}

/// Removes somebody. Their sessions and keys end with it.
///
/// # Errors
/// [`PrivacyError::Forbidden`], [`PrivacyError::StepUp`], [`PrivacyError::NotFound`], [`PrivacyError::Access`] for the last owner, for
/// somebody who holds more than the actor, and when they have another version than `expected`; [`PrivacyError::Store`].
pub async fn remove_user(ctx: &Context, actor: &Actor, id: UserId, expected: Option<i64>) -> Result<(), PrivacyError> {
    actor.require_everywhere(Permission::UserWrite)?;
    remove(ctx, actor, id, expected, Entry::new("user.delete", Permission::UserWrite)).await
}

async fn remove(
    ctx: &Context,
    actor: &Actor,
    id: UserId,
    expected: Option<i64>,
    entry: Entry,
) -> Result<(), PrivacyError> {
    let tx = ctx.db.begin().await?;
    let user = user_fetch(&tx, id).await?.ok_or(PrivacyError::NotFound)?;
    may_remove(&tx, ctx, actor, &user).await?;
    // Before the log is locked: whoever has this person's row waits for the log next.
    user_lock(&tx, id).await?;
    let version = user_fetch(&tx, id).await?.ok_or(PrivacyError::NotFound)?.version;
    if expected.is_some_and(|expected| expected != version) {
        return Err(AccessError::Changed.into());
    }
    let before = json!({ "enabled": user.enabled, "created_at": user.created_at });
    crate::audit::erase_personal(&tx, id).await?;
    if !person_remove(&tx, id, &user.email).await? {
        return Err(PrivacyError::NotFound);
    }
    // Last, as everywhere: the log is locked from here on. Who removes themselves is not named in it again.
    let mut by = actor.clone();
    if by.user_id == Some(id) {
        (by.name, by.origin.address) = (FORMER_PERSON.to_owned(), None);
    }
    crate::audit::record(&tx, ctx, &by, entry.on("user", id).before(before)).await?;
    tx.commit().await?;
    ctx.known.forget_user(id);
    Ok(())
}
