//! Invitations: a link, good for a week, with which somebody makes themselves a user who holds what they were invited to.
//!
//! An invitation is worth what its inviter holds when it is accepted: whoever lost a right meanwhile gives it to nobody.

use chrono::{DateTime, Duration, Utc};
use domain::access::{Actor, Grant, GrantReach, GrantedRole, Permission};
use domain::audit::Entry;
use domain::ids::InvitationId;
use platform::mail::Mail;
use serde_json::json;
use store::repo::grants::{self, GrantRecord, access_lock};
use store::repo::invitations::{
    self, InvitationQuery, InvitationRecord, InvitationState, NewInvitation, invitation_fetch,
};
use store::repo::roles::role_fetch;
use store::repo::teams::team_members;
use store::repo::users::{user_fetch, user_fetch_by_email};
use store::{StoreError, Tx};

pub use store::repo::invitations::InvitationState as State;

use super::check::{self, Keeper};
use super::error::AccessError;
use super::grants::{GrantDetail, check_targets, details, told};
use crate::idempotency::Keep;
use crate::identity::password;
use crate::identity::service::{insert_named, normal_email};
use crate::sessions::{self, Method, NewSession, SessionMeta};
use crate::{Context, Page, PageRequest, token};

/// How long a link is good.
const LINK_DAYS: i64 = 7;

/// An invitation with what it gives.
#[derive(Debug, Clone)]
pub struct InvitationDetail {
    /// The invitation.
    pub invitation: InvitationRecord,
    /// Where it stands.
    pub state: InvitationState,
    /// What it gives; a role or place that is no longer there is not among it.
    pub grants: Vec<GrantDetail>,
}

/// An invitation with a link that was just made.
#[derive(Clone)]
pub struct Invited {
    /// The invitation.
    pub detail: InvitationDetail,
    /// The link: told once, and only where no mail was sent.
    pub link: Option<String>,
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invited").field("detail", &self.detail).finish_non_exhaustive()
    }
}

/// A page of invitations, the latest first.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_invitations(
    ctx: &Context,
    actor: &Actor,
    states: Vec<InvitationState>,
    q: Option<String>,
    page: PageRequest,
) -> Result<Page<InvitationDetail>, AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    let query = InvitationQuery { states, q, cursor: page.cursor, limit: page.limit, at: ctx.env.now() };
    let total = invitations::invitation_count(&ctx.db, &query).await?;
    let page = invitations::invitation_list(&ctx.db, &query).await?;
    let mut items = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        items.push(detail(ctx, &ctx.db, row).await?);
    }
    let entry = Entry::new("invitation.list", Permission::UserRead).personal(json!({ "q": query.q }));
    crate::audit::note_read(ctx, actor, entry).await?;
    Ok(Page { items, next_cursor: page.next, total })
}

/// Invites somebody, by mail where mail is on. Needs a fresh proof; nobody invites to more than they hold.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::Identity`] for what is no e-mail address,
/// [`AccessError::EmailTaken`], [`AccessError::Field`], [`AccessError::TooMuch`], [`AccessError::OwnersOnly`],
/// [`AccessError::Store`].
pub async fn invite(ctx: &Context, actor: &Actor, email: &str, wanted: &[Grant]) -> Result<Invited, AccessError> {
    invite_once(ctx, actor, email, wanted, Keep::none()).await
}

/// [`invite`], with its answer kept: as if the mail went well, and anew when it did not.
///
/// # Errors
/// As [`invite`].
pub async fn invite_once(
    ctx: &Context,
    actor: &Actor,
    email: &str,
    wanted: &[Grant],
    keep: Keep<'_, Invited>,
) -> Result<Invited, AccessError> {
    let email = normal_email(email)?;
    if wanted.is_empty() {
        return Err(AccessError::field("grants", "missing", "give them at least one role"));
    }
    let mut wanted = wanted.to_vec();
    wanted.sort();
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::UserWrite).await?;
    check_targets(&tx, &wanted, |at| format!("grants[{at}]")).await?;
    wanted.dedup();
    let records = resolved(&tx, &wanted, ctx.env.now()).await?;
    keeper.may_change(&email, &records)?;
    if user_fetch_by_email(&tx, &email).await?.is_some() {
        return Err(AccessError::EmailTaken("there is a user with this e-mail address already"));
    }
    let (now, secret) = (ctx.env.now(), token::new(ctx));
    invitations::invitation_revoke_expired(&tx, &email, now).await?;
    let new = NewInvitation {
        id: InvitationId(ctx.env.new_id()),
        email: email.clone(),
        grants: wanted,
        token_hash: token::digest(&secret),
        invited_by: actor.user_id,
        at: now,
        expires_at: now + Duration::days(LINK_DAYS),
    };
    invitations::invitation_insert(&tx, &new).await.map_err(taken)?;
    let invitation = fetch(&tx, new.id).await?;
    let detail = detail(ctx, &tx, invitation).await?;
    let entry = Entry::new("invitation.create", Permission::UserWrite).on("invitation", new.id).named(&email);
    let entry = entry.after(json!({ "grants": told(&records), "expires_at": new.expires_at }));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    let hoped = Invited { detail, link: (!ctx.mail.is_on()).then(|| link_of(ctx, &secret)) };
    keep.answer(&tx, &hoped).await?;
    tx.commit().await?;
    let known = hoped.link.clone();
    let invited = send(ctx, actor, hoped.detail, &secret).await?;
    if invited.link != known {
        keep.revise(&invited).await;
    }
    Ok(invited)
}

/// Makes a new link for an invitation that stands, run out or not, and sends it; the link before is no longer good.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::NotOpen`],
/// [`AccessError::TooMuch`], [`AccessError::OwnersOnly`], [`AccessError::EmailTaken`], [`AccessError::Store`].
pub async fn resend(ctx: &Context, actor: &Actor, id: InvitationId) -> Result<Invited, AccessError> {
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::UserWrite).await?;
    let before = fetch(&tx, id).await?;
    keeper.may_change(&before.email, &resolved(&tx, &before.grants, before.created_at).await?)?;
    if user_fetch_by_email(&tx, &before.email).await?.is_some() {
        return Err(AccessError::EmailTaken("there is a user with this e-mail address already"));
    }
    let (now, secret) = (ctx.env.now(), token::new(ctx));
    let expires_at = now + Duration::days(LINK_DAYS);
    if !invitations::invitation_renew(&tx, id, actor.user_id, &token::digest(&secret), now, expires_at).await? {
        return Err(AccessError::NotOpen);
    }
    let invitation = fetch(&tx, id).await?;
    let detail = detail(ctx, &tx, invitation).await?;
    let entry = Entry::new("invitation.resend", Permission::UserWrite).on("invitation", id).named(&before.email);
    let entry = entry.before(json!({ "expires_at": before.expires_at })).after(json!({ "expires_at": expires_at }));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    send(ctx, actor, detail, &secret).await
}

/// Withdraws an invitation: its link is no longer good.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::NotFound`], [`AccessError::NotOpen`], [`AccessError::Store`].
pub async fn revoke(ctx: &Context, actor: &Actor, id: InvitationId) -> Result<(), AccessError> {
    let tx = ctx.db.begin().await?;
    Keeper::without_proof(&tx, actor, Permission::UserWrite).await?;
    let invitation = fetch(&tx, id).await?;
    if !invitations::invitation_revoke(&tx, id, ctx.env.now()).await? {
        return Err(AccessError::NotOpen);
    }
    let entry = Entry::new("invitation.revoke", Permission::UserWrite).on("invitation", id).named(&invitation.email);
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes somebody a user with the link they were sent, and signs them in. Of several at once, one succeeds.
///
/// # Errors
/// [`AccessError::LinkSpent`], [`AccessError::Field`], [`AccessError::Identity`] for a weak password, [`AccessError::EmailTaken`],
/// [`AccessError::Store`].
pub async fn accept(
    ctx: &Context,
    secret: &str,
    display_name: &str,
    new_password: &str,
    meta: SessionMeta,
) -> Result<NewSession, AccessError> {
    let display_name = check::name("display_name", display_name)?;
    let digest = token::digest(secret);
    // Looked at before the password is hashed: strangers make no work.
    let open = invitations::invitation_fetch_by_token(&ctx.db, &digest, ctx.env.now()).await?;
    let email = open.ok_or(AccessError::LinkSpent)?.email;
    password::check_new(new_password, &email).map_err(crate::identity::IdentityError::from)?;
    let hash = ctx.passwords.hash(new_password).await.map_err(crate::identity::IdentityError::from)?;

    let tx = ctx.db.begin().await?;
    access_lock(&tx).await?;
    let now = ctx.env.now();
    let open = invitations::invitation_fetch_by_token(&tx, &digest, now).await?.ok_or(AccessError::LinkSpent)?;
    // Taking it is what decides a race: it can be taken once.
    if !invitations::invitation_accept(&tx, &digest, now).await? {
        return Err(AccessError::LinkSpent);
    }
    let records = resolved(&tx, &open.grants, now).await?;
    if !still_good(&tx, &open, &records).await? {
        return Err(AccessError::LinkSpent);
    }
    if user_fetch_by_email(&tx, &open.email).await?.is_some() {
        return Err(AccessError::EmailTaken("there is a user with this e-mail address already"));
    }
    let given: Vec<Grant> = records.iter().map(|record| record.grant.clone()).collect();
    let user = insert_named(ctx, &tx, open.email.clone(), display_name, hash, &given).await?;
    let meta = SessionMeta { method: Method::Link, ..meta };
    let session = sessions::begin(ctx, &tx, &user, meta).await?;
    let entry = Entry::open("invitation.accept").on("invitation", open.id).named(&open.email).about(user.id);
    let entry = entry.after(json!({ "user_id": user.id, "grants": told(&records) }));
    crate::audit::record(&tx, ctx, &session.signed_in.actor, entry).await?;
    tx.commit().await?;
    tracing::info!(user = %user.id, "an invitation was accepted");
    Ok(session)
}

/// Whether who invited may still give all of that.
async fn still_good(tx: &Tx, invitation: &InvitationRecord, records: &[GrantRecord]) -> Result<bool, AccessError> {
    let Some(id) = invitation.invited_by else { return Ok(!records.is_empty()) };
    let Some(inviter) = user_fetch(tx, id).await?.filter(|user| user.enabled) else { return Ok(false) };
    let actor = super::actor_of(tx, &inviter).await?;
    let keeper = match Keeper::without_proof(tx, &actor, Permission::UserWrite).await {
        Ok(keeper) => keeper,
        Err(AccessError::Forbidden(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    match keeper.may_change(&invitation.email, records) {
        Ok(()) => Ok(!records.is_empty()),
        Err(AccessError::TooMuch { .. } | AccessError::OwnersOnly) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Grants of an invitation as if they had been given: those whose role and reach are still there.
pub(super) async fn resolved(
    conn: &impl store::Connection,
    wanted: &[Grant],
    created_at: DateTime<Utc>,
) -> Result<Vec<GrantRecord>, AccessError> {
    let mut records = Vec::with_capacity(wanted.len());
    for grant in wanted {
        if !grants::reach_exists(conn, &grant.reach).await? {
            continue;
        }
        let (role_name, permissions) = match grant.role {
            GrantedRole::BuiltIn(role) => (role.to_string(), role.permissions().into_iter().collect()),
            GrantedRole::Custom(id) => match role_fetch(conn, id).await? {
                Some(role) => (role.name, role.permissions),
                None => continue,
            },
        };
        let team = match grant.reach {
            GrantReach::Team(id) => team_members(conn, id).await?.into_iter().map(|member| member.email).collect(),
            _ => Vec::new(),
        };
        let id = domain::ids::GrantId(uuid::Uuid::nil());
        records.push(GrantRecord { id, grant: grant.clone(), role_name, permissions, team, created_at });
    }
    Ok(records)
}

async fn detail(
    ctx: &Context,
    conn: &impl store::Connection,
    invitation: InvitationRecord,
) -> Result<InvitationDetail, AccessError> {
    let grants = details(conn, resolved(conn, &invitation.grants, invitation.created_at).await?).await?;
    Ok(InvitationDetail { state: invitation.state(ctx.env.now()), invitation, grants })
}

async fn fetch(conn: &impl store::Connection, id: InvitationId) -> Result<InvitationRecord, AccessError> {
    invitation_fetch(conn, id).await?.ok_or(AccessError::NotFound("invitation"))
}

fn taken(error: StoreError) -> AccessError {
    if error.is_conflict("uq_invitation_open") {
        AccessError::EmailTaken("this address has an open invitation already; send it again or withdraw it")
    } else {
        error.into()
    }
}

/// Sends the link. Where that can't be done, the answer tells it, for whoever invites to pass on.
async fn send(ctx: &Context, actor: &Actor, detail: InvitationDetail, secret: &str) -> Result<Invited, AccessError> {
    let link = link_of(ctx, secret);
    if !ctx.mail.is_on() {
        return Ok(Invited { detail, link: Some(link) });
    }
    let mail = Mail {
        id: ctx.env.new_id(),
        at: ctx.env.now(),
        to: detail.invitation.email.clone(),
        subject: "You are invited to Wheelhouse".to_owned(),
        text: letter(&actor.name, &link),
    };
    match ctx.mail.send(mail).await {
        Ok(()) => Ok(Invited { detail, link: None }),
        Err(error) => {
            let id = detail.invitation.id;
            tracing::warn!(invitation = %id, error = &error as &dyn std::error::Error, "an invitation could not be sent");
            Ok(Invited { detail, link: Some(link) })
        }
    }
}

fn link_of(ctx: &Context, secret: &str) -> String {
    format!("{}/invitation#token={secret}", ctx.policy.now().base_url)
}

fn letter(by: &str, link: &str) -> String {
    format!(
        "{by} invites you to Wheelhouse, the control room for Amazon WorkSpaces.\n\n\
         Choose a name and a password here; the link is good for {LINK_DAYS} days and works once:\n\n{link}\n\n\
         If you did not expect this, there is nothing to do: without the link nothing happens.\n"
    )
}
