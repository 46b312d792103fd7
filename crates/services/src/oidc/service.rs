//! The use cases of signing in at an OpenID provider.
//!
//! What goes with a sign-in is two random texts. One, the state, goes to the provider and back; the other stays in the browser's
//! cookie, and nonce and PKCE verifier are reckoned from it. So the table holds nothing that opens anything, a sign-in comes
//! back only in the browser it began in (nobody is signed in as somebody else by a link), and only once.
//!
//! A person is known by issuer and subject, never by e-mail address: addresses are given to others. An address that is taken
//! here is refused until its owner joins the two, signed in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use domain::access::{Actor, is_email};
use domain::audit::Entry;
use domain::env::Env;
use domain::ids::UserId;
use platform::config::Config;
use platform::oidc::{Oidc, OidcConfigError, Secrets, Vouched};
use sha2::{Digest as _, Sha256};
use store::repo::api_keys::api_key_revoke_all;
use store::repo::grants::{access_lock, grant_list};
use store::repo::oidc::{
    IdentityRecord, LoginRecord, identity_delete, identity_fetch, identity_insert, identity_used, login_insert,
    login_take,
};
use store::repo::users::{self, UserRecord};

use super::error::OidcFault;
use super::roles;
use crate::identity::{begin_noted, refused};
use crate::sessions::{self, Method, NewSession, SessionMeta};
use crate::{Context, audit, token};

/// How long the browser may be away.
const AWAY_MINUTES: i64 = 10;
/// Longest path to return to, bytes.
const LONGEST_PATH: usize = 500;

/// The provider that is configured, with what its groups give.
#[derive(Debug, Clone, Default)]
pub struct SingleSignOn {
    /// The provider; `None` where none is configured.
    pub oidc: Option<Oidc>,
    /// What people know it as.
    pub name: String,
    /// Groups with the role that each gives.
    pub roles: Vec<(String, String)>,
    /// Whether e-mail addresses count as checked although the provider does not say so.
    pub trust_email: bool,
    /// Domains of e-mail addresses of which people become users; empty: every.
    pub email_domains: Vec<String>,
}

impl SingleSignOn {
    /// The provider that is configured, if one is; it sends browsers back to the path `callback`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`OidcConfigError`].
    pub fn configured(config: &Config, env: &Env, callback: &str) -> Result<Self, OidcConfigError> {
        let back = format!("{}{callback}", config.server.base_url());
        let env = env.clone();
        Ok(Self {
            oidc: Oidc::from_config(&config.oidc, back, move || env.now())?,
            name: config.oidc.name.clone(),
            roles: config.oidc.group_roles().map(|(group, role)| (group.to_owned(), role.to_owned())).collect(),
            trust_email: config.oidc.trust_email,
            email_domains: config.oidc.email_domains.clone(),
        })
    }
}

/// A sign-in that begins.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub url: String,
    /// What the browser must hold when it comes back.
    pub browser: String,
}

/// What the browser comes back with.
#[derive(Debug, Default, Clone)]
pub struct Return {
    /// What the browser holds.
    pub browser: Option<String>,
    /// The state.
    pub state: Option<String>,
    /// The code to exchange.
    pub code: Option<String>,
    /// The provider (RFC 9207), where it tells.
    pub issuer: Option<String>,
    /// Why not, where the provider says no.
    pub error: Option<String>,
    /// Who is signed in in that browser.
    pub user: Option<UserId>,
}

/// A sign-in that is over.
#[derive(Debug)]
pub struct Finished {
    /// The session; `None` when a provider's person was joined to somebody who is signed in already.
    pub session: Option<NewSession>,
    /// Where the browser goes.
    pub return_to: String,
}

/// What people know the provider as; `None` where none is configured.
#[must_use]
pub fn provider(ctx: &Context) -> Option<&str> {
    ctx.sso.oidc.as_ref().map(|_| ctx.sso.name.as_str())
}

/// Begins a sign-in, or with `link` joins the provider's person to that actor when it comes back.
///
/// # Errors
/// [`OidcFault::Off`], [`OidcFault::StepUp`] for a link, [`OidcFault::Provider`], [`OidcFault::Store`].
pub async fn begin(ctx: &Context, link: Option<&Actor>, return_to: Option<&str>) -> Result<Begun, OidcFault> {
    let oidc = ctx.sso.oidc.as_ref().ok_or(OidcFault::Off)?;
    let now = ctx.env.now();
    if let Some(actor) = link {
        actor.require_proof(now, ctx.policy.proof_window)?;
    }
    let (state, browser) = (token::new(ctx), token::new(ctx));
    let url = oidc.start(&secrets(&state, &browser)).await?;
    let login = LoginRecord {
        state_hash: token::digest(&state),
        browser_hash: token::digest(&browser),
        return_to: path(return_to).to_owned(),
        user_id: link.and_then(|actor| actor.user_id),
        expires_at: now + Duration::minutes(AWAY_MINUTES),
    };
    let tx = ctx.db.begin().await?;
    login_insert(&tx, &login, now).await?;
    tx.commit().await?;
    Ok(Begun { url, browser })
}

/// Ends a sign-in: who the provider vouches for is signed in, or joined to who began.
///
/// # Errors
/// [`OidcFault`].
pub async fn finish(ctx: &Context, back: Return, meta: SessionMeta) -> Result<Finished, OidcFault> {
    let oidc = ctx.sso.oidc.as_ref().ok_or(OidcFault::Off)?;
    let (Some(state), Some(browser)) = (back.state, back.browser) else { return Err(OidcFault::NotBegun) };
    let login = login_take(&ctx.db, &token::digest(&state), ctx.env.now()).await?;
    // Digests: comparing them tells nothing of what they were made from.
    let login = login.filter(|login| login.browser_hash == token::digest(&browser)).ok_or(OidcFault::NotBegun)?;
    // Whoever joins a person to themselves must still be signed in: a session that was ended joins nobody.
    if login.user_id.is_some() && login.user_id != back.user {
        return Err(OidcFault::NotBegun);
    }
    if back.issuer.is_some_and(|issuer| issuer != oidc.issuer()) {
        return Err(OidcFault::OtherIssuer);
    }
    if let Some(error) = back.error {
        return Err(OidcFault::Declined(error.chars().filter(|c| !c.is_control()).take(100).collect()));
    }
    let code = back.code.ok_or(OidcFault::NotBegun)?;
    let vouched = oidc.finish(&code, &secrets(&state, &browser)).await?;
    let session = match login.user_id {
        Some(user) => {
            link(ctx, user, &vouched).await?;
            None
        }
        None => Some(match sign_in(ctx, &vouched, meta.clone()).await {
            Ok(session) => session,
            Err(fault) => {
                refused(ctx, None, &meta, "session.create", fault.code()).await;
                return Err(fault);
            }
        }),
    };
    Ok(Finished { session, return_to: login.return_to })
}

/// Takes the actor apart from every provider.
///
/// # Errors
/// [`OidcFault::StepUp`], [`OidcFault::LastWay`], [`OidcFault::Store`].
pub async fn unlink(ctx: &Context, actor: &Actor) -> Result<(), OidcFault> {
    actor.require_proof(ctx.env.now(), ctx.policy.proof_window)?;
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

async fn link(ctx: &Context, user_id: UserId, vouched: &Vouched) -> Result<(), OidcFault> {
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, user_id).await?;
    let user = users::user_fetch(&tx, user_id).await?.filter(|user| user.enabled).ok_or(OidcFault::Disabled)?;
    match identity_fetch(&tx, &vouched.issuer, &vouched.subject).await? {
        Some(known) if known.user_id == user_id => return Ok(()),
        Some(_) => return Err(OidcFault::BelongsToAnother),
        None => {}
    }
    identity_insert(&tx, &identity(ctx, vouched, user_id, false)).await.map_err(taken)?;
    let actor = crate::access::actor_of(&tx, &user).await?;
    let entry = Entry::own("identity.link").on("user", user_id).after(serde_json::json!({ "issuer": vouched.issuer }));
    audit::record(&tx, ctx, &actor, entry).await?;
    Ok(tx.commit().await?)
}

async fn sign_in(ctx: &Context, vouched: &Vouched, meta: SessionMeta) -> Result<NewSession, OidcFault> {
    let tx = ctx.db.begin().await?;
    // Before anything is looked at: roles may change.
    access_lock(&tx).await?;
    let known = identity_fetch(&tx, &vouched.issuer, &vouched.subject).await?;
    let given = roles::given(ctx, &tx, &vouched.groups).await?;
    let mut roles_changed = false;
    let (user, managed) = match known {
        Some(known) => {
            let user = users::user_fetch(&tx, known.user_id).await?.filter(|user| user.enabled);
            (user.ok_or(OidcFault::Disabled)?, known.managed)
        }
        None => (newcomer(ctx, &tx, vouched, !given.is_empty()).await?, true),
    };
    if managed {
        let changed = roles::set(ctx, &tx, user.id, &given).await?;
        if let Some(roles::Changed { before, after }) = &changed {
            let entry = Entry::open("user.grants").on("user", user.id).named(&user.email).about(user.id);
            let entry = entry.before(before).after(serde_json::json!({ "from": vouched.issuer, "grants": after }));
            audit::record(&tx, ctx, &Actor::system(), entry).await?;
        }
        if given.is_empty() && !grant_list(&tx, user.id).await?.iter().any(|held| held.grant.is_owner()) {
            // What the groups gave ends here, and so does what was begun with it.
            sessions::end_all(ctx, &tx, user.id, None).await?;
            api_key_revoke_all(&tx, user.id, ctx.env.now()).await?;
            tx.commit().await?;
            ctx.known.forget_user(user.id);
            return Err(OidcFault::NoRole);
        }
        roles_changed = changed.is_some();
    }
    identity_used(&tx, &vouched.issuer, &vouched.subject, ctx.env.now()).await?;
    let meta = SessionMeta { method: Method::SingleSignOn, ..meta };
    let session = begin_noted(ctx, &tx, &user, meta).await?;
    tx.commit().await?;
    if roles_changed {
        ctx.known.forget_user(user.id);
    }
    Ok(session)
}

/// A user for somebody whom nobody here knows.
async fn newcomer(ctx: &Context, tx: &store::Tx, vouched: &Vouched, has_role: bool) -> Result<UserRecord, OidcFault> {
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
    let entry = entry.after(serde_json::json!({ "issuer": vouched.issuer }));
    audit::record(tx, ctx, &Actor::system(), entry).await?;
    Ok(new.into())
}

fn identity(ctx: &Context, vouched: &Vouched, user_id: UserId, managed: bool) -> IdentityRecord {
    let at = ctx.env.now();
    let (issuer, subject) = (vouched.issuer.clone(), vouched.subject.clone());
    IdentityRecord { issuer, subject, user_id, managed, created_at: at, last_sign_in_at: at }
}

fn taken(error: store::StoreError) -> OidcFault {
    if error.is_conflict("uq_app_user_email") {
        OidcFault::EmailTaken
    } else if error.is_conflict("pk_external_identity") {
        OidcFault::BelongsToAnother
    } else {
        OidcFault::Store(error)
    }
}

fn secrets(state: &str, browser: &str) -> Secrets {
    let of = |what: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("wheelhouse oidc {what} {browser}")));
    Secrets { state: state.to_owned(), nonce: of("nonce"), verifier: of("verifier") }
}

/// A path of our own pages; anything else becomes the first page.
fn path(wanted: Option<&str>) -> &str {
    let own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && path.bytes().all(|byte| byte.is_ascii_graphic())
            && path.len() <= LONGEST_PATH
    };
    wanted.filter(own).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_returned_to() {
        for own in ["/", "/workspaces?state=STOPPED#x", "/profile"] {
            assert_eq!(path(Some(own)), own);
        }
        for odd in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "workspaces",
            "/a\r\nx: y",
            "\t/",
            "/ü",
            "/a b",
        ] {
            assert_eq!(path(Some(odd)), "/", "{odd:?}");
        }
        assert_eq!(path(None), "/");
        assert_eq!(path(Some(&format!("/{}", "a".repeat(LONGEST_PATH)))), "/");
    }

    #[test]
    fn nonce_and_verifier_come_of_what_the_browser_holds_alone() {
        let (one, other) = (secrets("s", "b"), secrets("t", "b"));
        assert_eq!((&one.nonce, &one.verifier), (&other.nonce, &other.verifier));
        assert_ne!(one.nonce, one.verifier);
        assert_ne!(secrets("s", "c").verifier, one.verifier);
        // RFC 7636 §4.1: 43 to 128 characters.
        assert_eq!(one.verifier.len(), 43);
    }
}
