//! Sessions on the wire.

use axum::response::IntoResponse;
use contract::session::SessionView;
use http::header::SET_COOKIE;
use services::sessions::{NewSession, SessionMeta, SignedIn};

use super::cookie;
use crate::extract::{Client, Json};
use crate::state::AppState;

/// Who is signed in.
#[must_use]
pub fn view(session: &SignedIn) -> SessionView {
    SessionView {
        user_id: session.user_id,
        email: session.email.clone(),
        role: session.role.to_string(),
        permissions: session.actor.permissions().map(|permission| permission.to_string()).collect(),
        expires_at: session.expires_at,
    }
}

/// A session that was just begun: the view and the cookie.
pub fn begun(state: &AppState, session: &NewSession) -> impl IntoResponse + use<> {
    let lasts = session.signed_in.expires_at - state.context().env.now();
    ([(SET_COOKIE, cookie::set(&session.token, lasts.num_seconds()))], Json(view(&session.signed_in)))
}

impl From<Client> for SessionMeta {
    fn from(client: Client) -> Self {
        let known = !client.address.is_unspecified();
        Self { ip: known.then_some(client.address), user_agent: client.user_agent }
    }
}
