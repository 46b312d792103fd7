//! Signing in whom the provider vouches for: who that is here, somebody new where nobody is, and what their groups give.

use domain::access::{Actor, is_email};
use domain::audit::Entry;
use domain::ids::UserId;
use platform::oidc::Vouched;
use store::Tx;
use store::repo::api_keys::api_key_revoke_all;
use store::repo::grants::{access_lock, grant_list};
use store::repo::oidc::{identity_fetch, identity_insert, identity_used};
use store::repo::users::{self, UserRecord};

use super::error::OidcFault;
use super::join::{identity, taken};
use super::roles;
use crate::identity::begin_noted;
use crate::sessions::{self, Method, NewSession, SessionMeta};
use crate::{Context, audit};

/// Signs in whom the provider vouches for, with the roles that their groups give.
pub(super) async fn sign_in(ctx: &Context, vouched: &Vouched, meta: SessionMeta) -> Result<NewSession, OidcFault> {
    let tx = ctx.db.begin().await?;
    // Before anything is looked at: roles may change.
    access_lock(&tx).await?;
    let known = identity_fetch(&tx, &vouched.issuer, &vouched.subject).await?;
    let given = roles::given(ctx, &tx, &vouched.groups).await?;
    // Written at the end: on Postgres the log is locked from its first entry on, and all that is locked must be by then.
    let mut entries = Vec::new();
    let mut roles_changed = false;
    let (user, managed) = match known {
        Some(known) => {
            // Their row before their sessions, in the order of all who lock both.
            users::user_lock(&tx, known.user_id).await?;
            let user = users::user_fetch(&tx, known.user_id).await?.filter(|user| user.enabled);
            (user.ok_or(OidcFault::Disabled)?, known.managed)
        }
        None => (newcomer(ctx, &tx, vouched, !given.is_empty(), &mut entries).await?, true),
    };
    if managed {
        let changed = roles::set(ctx, &tx, user.id, &given).await?;
        if let Some(roles::Changed { before, after }) = &changed {
            let entry = Entry::open("user.grants").on("user", user.id).named(&user.email).about(user.id);
            let after = serde_json::json!({ "from": vouched.issuer, "grants": after });
            entries.push(entry.before(before).after(after));
        }
        if given.is_empty() && !grant_list(&tx, user.id).await?.iter().any(|held| held.grant.is_owner()) {
            // What the groups gave ends here, and so does what was begun with it.
            sessions::end_all(ctx, &tx, user.id, None).await?;
            api_key_revoke_all(&tx, user.id, ctx.env.now()).await?;
            audit::record_many(&tx, ctx, &Actor::system(), entries).await?;
            tx.commit().await?;
            ctx.known.forget_user(user.id);
            return Err(OidcFault::NoRole);
        }
        roles_changed = changed.is_some();
    }
    identity_used(&tx, &vouched.issuer, &vouched.subject, ctx.env.now()).await?;
    let meta = SessionMeta { method: Method::SingleSignOn, ..meta };
    let session = begin_noted(ctx, &tx, &user, meta, entries).await?;
    tx.commit().await?;
    if roles_changed {
        ctx.known.forget_user(user.id);
    }
    Ok(session)
}

/// A user for somebody whom nobody here knows.
async fn newcomer(
    ctx: &Context,
    tx: &Tx,
    vouched: &Vouched,
    has_role: bool,
    entries: &mut Vec<Entry>,
) -> Result<UserRecord, OidcFault> {
    let checked = vouched.email_verified || ctx.sso.trust_email;
    let email = vouched.email.as_deref().filter(|_| checked).map(|email| email.trim().to_lowercase());
    let email = email.filter(|email| is_email(email)).ok_or(OidcFault::NoEmail)?;
    // The local part says whose desktop is one's own: other domains have people of the same name.
    let domain = email.rsplit('@').next().unwrap_or_default();
    if !ctx.sso.email_domains.is_empty() && !ctx.sso.email_domains.iter().any(|own| own.eq_ignore_ascii_case(domain)) {
        return Err(OidcFault::NoEmail);
    }
    if users::user_fetch_by_email(tx, &email).await?.is_some() {
        return Err(OidcFault::EmailTaken);
    }
    if !has_role {
        return Err(OidcFault::NoRole);
    }
    let name = vouched.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default());
    let display_name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    let new =
        users::NewUser { id: UserId(ctx.env.new_id()), email, display_name, password_hash: None, at: ctx.env.now() };
    users::user_insert(tx, &new).await.map_err(taken)?;
    identity_insert(tx, &identity(ctx, vouched, new.id, true)).await.map_err(taken)?;
    let entry = Entry::open("user.create").on("user", new.id).named(&new.email).about(new.id);
    entries.push(entry.after(serde_json::json!({ "issuer": vouched.issuer })));
    Ok(new.into())
}
