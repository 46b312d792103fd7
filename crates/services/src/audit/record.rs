//! Writing entries in the transaction of what they tell of, and erasing what of them is personal.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::SubsecRound as _;
use domain::access::Actor;
use domain::audit::{Entry, Record};
use domain::ids::UserId;
use store::repo::audit::{self, Called, NewEntry};
use store::repo::events::events_append;
use store::repo::users;
use store::{StoreError, Tx};

use crate::Context;
use crate::events::changed;

/// Writes an entry, and tells those who watch that something was changed. Call it last in the transaction, beside the events:
/// from here on the end of the log is locked.
///
/// # Errors
/// [`StoreError`]: roll back, so that nothing happens that is not in the log.
pub async fn record(tx: &Tx, ctx: &Context, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
    record_many(tx, ctx, actor, vec![entry]).await
}

/// Writes several entries at once, in order. As [`record`].
///
/// # Errors
/// [`StoreError`].
pub async fn record_many(tx: &Tx, ctx: &Context, actor: &Actor, entries: Vec<Entry>) -> Result<(), StoreError> {
    let mut told: Vec<_> = entries.iter().map(|entry| changed(entry, actor.user_id)).collect();
    told.dedup();
    audit::audit_append(tx, entries.into_iter().map(|entry| prepared(ctx, actor, entry)).collect()).await?;
    events_append(tx, ctx.env.now(), &told).await
}

/// An entry as it is written: when, by whom, with its parts and their salts.
pub(super) fn prepared(ctx: &Context, actor: &Actor, entry: Entry) -> NewEntry {
    // As both databases keep it.
    let at = ctx.env.now().trunc_subsecs(6);
    let (record, personal) = Record::of(entry, actor, ctx.env.new_id(), at);
    let salts = personal.iter().map(|_| URL_SAFE_NO_PAD.encode(ctx.env.random.bytes::<16>())).collect();
    NewEntry { record, personal, at, salts }
}

/// Erases what the log holds of a person: names and addresses in entries of what they did and of what was done to them, what
/// their desktops are called (those whose directory user name is the first part of their address, see [`Scope::own`]), and
/// their name where somebody looked for it. Their id stays as a pseudonym, and the chain stays whole. Call it before the user's
/// row is removed. Gives how many parts were erased.
///
/// [`Scope::own`]: domain::access::Scope::own
///
/// # Errors
/// [`StoreError`].
pub async fn erase_personal(tx: &Tx, user_id: UserId) -> Result<u64, StoreError> {
    let user = users::user_fetch(tx, user_id).await?;
    let called = user.as_ref().map(|user| Called {
        email: &user.email,
        display_name: &user.display_name,
        user_name: user.email.split('@').next().unwrap_or_default(),
    });
    audit::audit_erase(tx, user_id, called.as_ref()).await
}
