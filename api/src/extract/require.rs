//! What is asked of whoever sent the request: `SignedIn` (a person, by any session), `Require<P>` (a session or key that has the
//! permission) and `RequireProof<P>` (a session that has it, whose person proved lately who they are). A permission is a type in
//! the handler's signature, so that an endpoint cannot forget it.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use contract::problem::code;
use domain::access::{Actor, PermissionMarker};
use http::request::Parts;
use services::credentials::Credential;

use super::authenticated::{Authenticated, authenticate, session_token};
use crate::error::ApiError;
use crate::state::AppState;

/// A person is signed in. Keys are refused: what takes this is about the person and their browser.
#[derive(Clone)]
pub struct SignedIn {
    /// Who, until when, and what they may do.
    pub session: services::sessions::SignedIn,
    /// The secret of their cookie.
    pub token: String,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("session", &self.session).finish_non_exhaustive()
    }
}

impl SignedIn {
    /// Who asks.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// By what they were recognised.
    #[must_use]
    pub fn credential(&self) -> Credential {
        Credential::session(&self.token)
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let found = authenticate(parts, state).await??;
        let session = services::sessions::SignedIn::of(&found.identified);
        let (Some(mut session), Some(token)) = (session, session_token(&parts.headers)) else {
            let detail = "This can't be done with an API key: sign in and do it there.";
            return Err(ApiError::new(code::FORBIDDEN, detail));
        };
        session.actor = found.actor.clone();
        Ok(Self { session, token })
    }
}

/// Somebody asks who has the permission `P`, by a session or by a key.
#[derive(Debug, Clone)]
pub struct Require<P> {
    /// Who; what they may see is in it too.
    pub actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P: PermissionMarker> FromRequestParts<AppState> for Require<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Authenticated { actor, .. } = Authenticated::from_request_parts(parts, state).await?;
        actor.require(P::PERMISSION)?;
        Ok(Self { actor, permission: PhantomData })
    }
}

/// Somebody is signed in who has the permission `P` and proved lately who they are.
#[derive(Debug, Clone)]
pub struct RequireProof<P> {
    /// Who; what they may see is in it too.
    pub actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P: PermissionMarker> FromRequestParts<AppState> for RequireProof<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Require { actor, permission } = Require::<P>::from_request_parts(parts, state).await?;
        let context = state.context();
        actor.require_proof(context.env.now(), context.policy.now().proof_window)?;
        Ok(Self { actor, permission })
    }
}
