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
use domain::access::{Actor, StepUpNeeded};
use domain::env::Env;
use platform::config::Config;
use platform::oidc::{Oidc, OidcConfigError, Secrets, Vouched};
use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::repo::oidc::{LoginPurpose, LoginRecord, identity_list, login_insert, login_take};

use super::error::OidcFault;
use super::join::{link, prove};
use super::sign_in::sign_in;
use crate::identity::refused;
use crate::sessions::{NewSession, SessionMeta, SignedIn};
use crate::{Context, token};

/// How long the browser may be away, minutes.
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

/// What somebody goes to the provider for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    /// Signing in.
    SignIn,
    /// Joining the provider's person to themselves.
    Link(&'a Actor),
    /// Proving that it is still them, for the session by which they ask.
    Proof(&'a Actor),
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
    pub signed_in: Option<SignedIn>,
}

/// A sign-in that is over.
#[derive(Debug)]
pub struct Finished {
    /// The session; `None` for somebody who was signed in already: they joined a provider's person to themselves, or proved who
    /// they are.
    pub session: Option<NewSession>,
    /// Where the browser goes.
    pub return_to: String,
}

/// A sign-in that came to nothing.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub fault: OidcFault,
    /// The page of somebody who is signed in already and stays so; `None`: the one for signing in.
    pub return_to: Option<String>,
}

impl From<OidcFault> for Failed {
    fn from(fault: OidcFault) -> Self {
        Self { fault, return_to: None }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        OidcFault::Store(error).into()
    }
}

/// What people know the provider as; `None` where none is configured.
#[must_use]
pub fn provider(ctx: &Context) -> Option<&str> {
    ctx.sso.oidc.as_ref().map(|_| ctx.sso.name.as_str())
}

/// Sends somebody to the provider. Whoever proves who they are is asked there anew.
///
/// # Errors
/// [`OidcFault::Off`], [`OidcFault::StepUp`] for a link without a fresh proof and for an API key, [`OidcFault::NotJoined`] for a
/// proof, [`OidcFault::Provider`], [`OidcFault::Store`].
pub async fn begin(ctx: &Context, purpose: Purpose<'_>, return_to: Option<&str>) -> Result<Begun, OidcFault> {
    let oidc = ctx.sso.oidc.as_ref().ok_or(OidcFault::Off)?;
    let now = ctx.env.now();
    let purpose = match purpose {
        Purpose::SignIn => LoginPurpose::SignIn,
        Purpose::Link(actor) => {
            actor.require_proof(now, ctx.policy.now().proof_window)?;
            LoginPurpose::Link(actor.user_id.ok_or(OidcFault::NotBegun)?)
        }
        Purpose::Proof(actor) => {
            // A key has no session.
            let (user, session) = actor.user_id.zip(actor.origin.session_id).ok_or(StepUpNeeded::NotByKey)?;
            if !identity_list(&ctx.db, user).await?.iter().any(|known| known.issuer == oidc.issuer()) {
                return Err(OidcFault::NotJoined);
            }
            LoginPurpose::Proof(user, session)
        }
    };
    let (state, browser) = (token::new(ctx), token::new(ctx));
    let anew = matches!(purpose, LoginPurpose::Proof(..));
    let url = oidc.start(&secrets(&state, &browser), anew).await?;
    let login = LoginRecord {
        state_hash: token::digest(&state),
        browser_hash: token::digest(&browser),
        return_to: path(return_to).to_owned(),
        purpose,
        expires_at: now + away(),
    };
    let tx = ctx.db.begin().await?;
    login_insert(&tx, &login, now).await?;
    tx.commit().await?;
    Ok(Begun { url, browser })
}

/// Ends a sign-in: who the provider vouches for is signed in, joined to who began, or proved to be who began.
///
/// # Errors
/// [`OidcFault`], and where to tell it.
pub async fn finish(ctx: &Context, back: Return, meta: SessionMeta) -> Result<Finished, Failed> {
    let oidc = ctx.sso.oidc.as_ref().ok_or(OidcFault::Off)?;
    let (Some(state), Some(browser)) = (&back.state, &back.browser) else { return Err(OidcFault::NotBegun.into()) };
    let login = login_take(&ctx.db, &token::digest(state), ctx.env.now()).await?;
    // Digests: comparing them tells nothing of what they were made from.
    let login = login.filter(|login| login.browser_hash == token::digest(browser)).ok_or(OidcFault::NotBegun)?;
    let who = asker(&login, &back, &meta)?;
    let stays = matches!(login.purpose, LoginPurpose::Proof(..));
    let secrets = secrets(state, browser);
    let return_to = login.return_to.clone();
    match outcome(ctx, oidc, &login, who, back, &secrets, meta).await {
        Ok(session) => Ok(Finished { session, return_to }),
        Err(fault) => Err(Failed { fault, return_to: stays.then_some(return_to) }),
    }
}

/// Who began while they were signed in; `None` for a sign-in. They must still be: a session that was ended joins and proves nobody.
fn asker(login: &LoginRecord, back: &Return, meta: &SessionMeta) -> Result<Option<Actor>, OidcFault> {
    let now = back.signed_in.as_ref();
    let same = match login.purpose {
        LoginPurpose::SignIn => return Ok(None),
        LoginPurpose::Link(user) => now.filter(|now| now.user_id == user),
        LoginPurpose::Proof(user, session) => now.filter(|now| (now.user_id, now.session_id) == (user, session)),
    };
    let mut actor = same.ok_or(OidcFault::NotBegun)?.actor.clone();
    (actor.origin.address, actor.origin.request_id) = (meta.ip, meta.request_id.clone());
    Ok(Some(actor))
}

/// What comes of it: a session, where none was there.
async fn outcome(
    ctx: &Context,
    oidc: &Oidc,
    login: &LoginRecord,
    who: Option<Actor>,
    back: Return,
    secrets: &Secrets,
    meta: SessionMeta,
) -> Result<Option<NewSession>, OidcFault> {
    let vouched = vouched(oidc, back, secrets).await;
    match (login.purpose, who) {
        (LoginPurpose::Link(user), Some(actor)) => link(ctx, &actor, user, &vouched?).await?,
        (LoginPurpose::Proof(..), Some(actor)) => prove(ctx, &actor, vouched, login.expires_at - away()).await?,
        (LoginPurpose::SignIn, _) => {
            return match sign_in(ctx, &vouched?, meta.clone()).await {
                Ok(session) => Ok(Some(session)),
                Err(fault) => {
                    refused(ctx, None, &meta, "session.create", fault.code()).await;
                    Err(fault)
                }
            };
        }
        (LoginPurpose::Link(_) | LoginPurpose::Proof(..), None) => return Err(OidcFault::NotBegun),
    }
    Ok(None)
}

/// Whom the provider vouches for.
async fn vouched(oidc: &Oidc, back: Return, secrets: &Secrets) -> Result<Vouched, OidcFault> {
    if back.issuer.is_some_and(|issuer| issuer != oidc.issuer()) {
        return Err(OidcFault::OtherIssuer);
    }
    if let Some(error) = back.error {
        return Err(OidcFault::Declined(error.chars().filter(|c| !c.is_control()).take(100).collect()));
    }
    let code = back.code.ok_or(OidcFault::NotBegun)?;
    Ok(oidc.finish(&code, secrets).await?)
}

/// [`AWAY_MINUTES`] as a duration.
fn away() -> Duration {
    Duration::minutes(AWAY_MINUTES)
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
