//! Who sent the request: the one place where a cookie or an API key is read and looked up, once for each request. What was
//! found is kept in the request's extensions, so that a middleware can ask before a handler does ([`authenticate`]).
//! What somebody may do is asked by [`super::Require`]; what only a person may do, by [`super::SignedIn`].

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum_extra::extract::CookieJar;
use contract::problem::code;
use domain::access::Actor;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use platform::request_id::RequestContext;
use services::credentials::{self, Credential, Identified, Principal};

use super::Client;
use crate::error::ApiError;
use crate::state::AppState;

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "__Host-wheelhouse";

/// The longest token that is looked up; ours have 43 characters.
const LONGEST_TOKEN: usize = 128;

/// The session's token, when a cookie holds one.
#[must_use]
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    let token = jar.get(SESSION_COOKIE)?.value().to_owned();
    (!token.is_empty() && token.len() <= LONGEST_TOKEN).then_some(token)
}

/// Whether the request says by what it wants to be recognised and no browser added it by itself: an `Authorization` header
/// and no session cookie. Such a request can't be forged by another site.
#[must_use]
pub fn by_bearer_alone(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) && CookieJar::from_headers(headers).get(SESSION_COOKIE).is_none()
}

/// Why nobody was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrecognised {
    /// Neither cookie nor key came along.
    Nothing,
    /// Both came along.
    Both,
    /// The header is no bearer token, or there are several.
    Malformed,
    /// The session is unknown or has ended.
    Session,
    /// The key is unknown, revoked or expired, or its owner is disabled.
    Key,
    /// It was not looked up: too many that are nobody's came from the same network. How long until the next is.
    TooMany(Duration),
}

impl From<Unrecognised> for ApiError {
    fn from(why: Unrecognised) -> Self {
        let detail = match why {
            Unrecognised::Nothing | Unrecognised::Session => return Self::unauthenticated(),
            Unrecognised::Both => {
                "Send either the session's cookie or an API key, not both: it would not be clear who asks."
            }
            Unrecognised::Malformed => {
                "The header Authorization must be `Bearer` and an API key, once: Authorization: Bearer whk_…"
            }
            Unrecognised::TooMany(wait) => {
                let detail = "Too many unknown sessions or API keys were sent from your network. Wait as long as the header \
                              Retry-After says, then try again.";
                return Self::new(code::RATE_LIMITED, detail).retry_after(wait);
            }
            Unrecognised::Key => "This API key is unknown, revoked or expired, or its owner may no longer sign in.",
        };
        let error = Self::new(code::UNAUTHENTICATED, detail);
        if why == Unrecognised::Both { error } else { error.bearer_refused() }
    }
}

/// Somebody was recognised, by a session or by an API key.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// Who, and by what: the key for limits and logs.
    pub principal: Principal,
    /// What they may do and see, and where this request came from.
    pub actor: Actor,
    /// The whole of what is known of them.
    pub identified: Arc<Identified>,
    /// By what they were recognised, to look again later.
    pub credential: Credential,
}

impl Authenticated {
    /// Whether session or key are good and hold what they held when this request came: for answers that take long. Who holds
    /// something else may see something else, and comes back to be looked at anew. It does not count as use.
    pub async fn holds_still(&self, context: &services::Context) -> bool {
        match credentials::still_good(context, &self.credential).await {
            Ok(Some(now)) => now.actor.held() == self.actor.held(),
            Ok(None) => false,
            // An absent database is no reason to think less of the user.
            Err(_) => true,
        }
    }
}

/// What is kept in the request's extensions.
#[derive(Clone)]
struct Looked(Result<Arc<Authenticated>, Unrecognised>);

fn credential(headers: &HeaderMap) -> Result<Credential, Unrecognised> {
    let cookie = session_token(headers);
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = given.next() else {
        return cookie.map(|token| Credential::session(&token)).ok_or(Unrecognised::Nothing);
    };
    if cookie.is_some() {
        return Err(Unrecognised::Both);
    }
    let text = value.to_str().ok().filter(|_| given.next().is_none()).ok_or(Unrecognised::Malformed)?;
    let (scheme, key) = text.split_once(' ').ok_or(Unrecognised::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") || key.trim().is_empty() {
        return Err(Unrecognised::Malformed);
    }
    // What can't be a key is no other mistake than a key that is not there.
    Credential::key(key.trim_matches(' ')).ok_or(Unrecognised::Key)
}

/// Who sent the request. Looks once; a second call for the same request answers from its extensions, whoever called first.
/// The outer error is for an absent database, the inner one for a request that nobody recognisable sent.
///
/// # Errors
/// 503, 500.
pub async fn authenticate(
    parts: &mut Parts,
    state: &AppState,
) -> Result<Result<Arc<Authenticated>, Unrecognised>, ApiError> {
    if let Some(Looked(found)) = parts.extensions.get::<Looked>() {
        return Ok(found.clone());
    }
    let found = look(parts, state).await?;
    parts.extensions.insert(Looked(found.clone()));
    Ok(found)
}

async fn look(parts: &mut Parts, state: &AppState) -> Result<Result<Arc<Authenticated>, Unrecognised>, ApiError> {
    let credential = match credential(&parts.headers) {
        Ok(credential) => credential,
        Err(why) => return Ok(Err(why)),
    };
    let Ok(client) = Client::from_request_parts(parts, state).await;
    let address = (!client.address.is_unspecified()).then_some(client.address);
    let taken = if state.context().known.is_familiar(&credential) {
        None
    } else {
        match state.strangers().take(client.address).await {
            Ok(taken) => Some(taken),
            Err(wait) => return Ok(Err(Unrecognised::TooMany(wait))),
        }
    };
    let found = credentials::authenticate(state.context(), &credential, address).await;
    // An absent database makes nobody a stranger.
    if let (Ok(Some(_)) | Err(_), Some(taken)) = (&found, taken) {
        taken.give_back();
    }
    let Some(identified) = found? else {
        return Ok(Err(match credential {
            Credential::Session(_) => Unrecognised::Session,
            Credential::Key(_) => Unrecognised::Key,
        }));
    };
    let mut actor = identified.actor.clone();
    actor.origin.address = address;
    if let Some(context) = parts.extensions.get::<RequestContext>() {
        actor.origin.request_id = Some(context.request_id.clone());
        actor.origin.trace.clone_from(&context.trace);
    }
    Ok(Ok(Arc::new(Authenticated { principal: identified.principal, actor, identified, credential })))
}

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        Ok(Self::clone(&*authenticate(parts, state).await??))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::COOKIE;

    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let token = |cookies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_str(cookies).unwrap());
            session_token(&headers)
        };
        assert_eq!(token("theme=dark; __Host-wheelhouse=abc-_9; x=y").as_deref(), Some("abc-_9"));
        assert_eq!(token("wheelhouse=abc"), None);
        assert_eq!(token("__Host-wheelhouse="), None);
        assert_eq!(token(&format!("__Host-wheelhouse={}", "a".repeat(500))), None);
    }

    #[test]
    fn one_way_of_being_recognised_at_a_time() {
        let key = format!("whk_0123abcd_{}", "x".repeat(43));
        let asked = |cookie: Option<&str>, authorizations: &[&str]| {
            let mut headers = HeaderMap::new();
            if let Some(cookie) = cookie {
                headers.insert(COOKIE, HeaderValue::from_str(cookie).unwrap());
            }
            for value in authorizations {
                headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            (credential(&headers), by_bearer_alone(&headers))
        };
        let cookie = Some("__Host-wheelhouse=abc");
        assert_eq!(asked(None, &[]), (Err(Unrecognised::Nothing), false));
        assert_eq!(asked(cookie, &[]), (Ok(Credential::session("abc")), false));
        for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
            assert_eq!(asked(None, &[&format!("{scheme} {key}")]).0.ok(), Credential::key(&key), "{scheme}");
        }
        assert!(asked(None, &[&format!("Bearer {key}")]).1);
        assert_eq!(asked(cookie, &[&format!("Bearer {key}")]), (Err(Unrecognised::Both), false));
        for malformed in
            ["", "Bearer", "Bearer ", "Bearer   ", "Basic YTpi", &key, "Beárer x", &format!("Bearer\t{key}")]
        {
            assert_eq!(asked(None, &[malformed]).0, Err(Unrecognised::Malformed), "{malformed:?}");
        }
        let (once, twice) = (format!("Bearer {key}"), format!("Bearer {key}, Bearer {key}"));
        assert_eq!(asked(None, &[&once, &once]).0, Err(Unrecognised::Malformed));
        for no_key in ["Bearer x", &twice, &format!("{once}x"), &format!("{once}\t")] {
            assert_eq!(asked(None, &[no_key]).0, Err(Unrecognised::Key), "{no_key:?}");
        }
    }
}
