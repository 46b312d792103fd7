//! Who is asking: `SignedIn` (any session will do) and `Require<P>` (a session whose role has the permission). A permission is a
//! type in the handler's signature, so that an endpoint cannot forget it. API keys will be read here as well.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum_extra::extract::CookieJar;
use domain::access::{Actor, PermissionMarker};
use http::HeaderMap;
use http::request::Parts;
use platform::request_id::RequestContext;

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

/// Somebody is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who, until when, and what they may do.
    pub session: services::sessions::SignedIn,
    /// The secret of their cookie.
    pub token: String,
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let token = session_token(&parts.headers).ok_or_else(ApiError::unauthenticated)?;
        let session = services::sessions::authenticate(state.context(), &token).await?;
        let mut session = session.ok_or_else(ApiError::unauthenticated)?;
        session.actor.origin.request_id =
            parts.extensions.get::<RequestContext>().map(|context| context.request_id.clone());
        Ok(Self { session, token })
    }
}

/// Somebody is signed in who has the permission `P`.
#[derive(Debug, Clone)]
pub struct Require<P> {
    /// Who; what they may see is in it too.
    pub actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P: PermissionMarker> FromRequestParts<AppState> for Require<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let SignedIn { session, .. } = SignedIn::from_request_parts(parts, state).await?;
        session.actor.require(P::PERMISSION)?;
        Ok(Self { actor: session.actor, permission: PhantomData })
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
}
