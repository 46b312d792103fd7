//! Sessions on the wire.

use axum::response::{IntoResponse, Response};
use contract::profile::MailRequestedView;
use contract::session::{SecondFactorView, SessionView};
use http::HeaderValue;
use http::StatusCode;
use http::header::SET_COOKIE;
use services::identity::SignIn;
use services::sessions::{NewSession, SessionMeta, SignedIn};

use super::cookie;
use crate::extract::{Client, Json};
use crate::state::AppState;

/// Who is signed in.
#[must_use]
pub fn view(session: &SignedIn) -> SessionView {
    let in_parts = session.actor.permissions().filter(|permission| !session.actor.may_everywhere(*permission));
    SessionView {
        user_id: session.user_id,
        email: session.email.clone(),
        role: session.role.clone(),
        permissions: session.actor.permissions().map(|permission| permission.to_string()).collect(),
        in_parts: in_parts.map(|permission| permission.to_string()).collect(),
        expires_at: session.expires_at,
        traces: platform::traces::are_sent(),
    }
}

/// A session that was just begun: the view and the cookie.
pub fn begun(state: &AppState, session: &NewSession) -> impl IntoResponse + use<> {
    ([(SET_COOKIE, cookie_of(state, session))], Json(view(&session.signed_in)))
}

/// The cookie of a session whose beginning is committed; the one it replaces is refused from now on.
pub(crate) fn cookie_of(state: &AppState, session: &NewSession) -> HeaderValue {
    session.committed(state.context());
    let lasts = session.signed_in.expires_at - state.context().env.now();
    cookie::set(&session.token, lasts.num_seconds())
}

/// What a first proof leads to: a session, or the challenge for a second factor.
#[must_use]
pub fn signed_in(state: &AppState, signed_in: &SignIn) -> Response {
    match signed_in {
        SignIn::Done(session) => begun(state, session).into_response(),
        SignIn::SecondFactor(challenge) => {
            let recovery = challenge.recovery.then(|| "recovery_code".to_owned());
            let view = SecondFactorView {
                challenge: challenge.token.clone(),
                methods: std::iter::once("totp".to_owned()).chain(recovery).collect(),
                expires_at: challenge.expires_at,
            };
            (StatusCode::ACCEPTED, Json(view)).into_response()
        }
    }
}

/// Mail with a `what` is on its way, if anybody has the address.
#[must_use]
pub fn mailed(what: &str, minutes: i64) -> MailRequestedView {
    let detail = format!(
        "If a user has this address, mail with a {what} is on its way. Nothing there after some minutes? Look among unwanted \
         mail, then ask again."
    );
    MailRequestedView { detail, valid_minutes: u32::try_from(minutes).unwrap_or(0) }
}

impl From<Client> for SessionMeta {
    fn from(client: Client) -> Self {
        let known = !client.address.is_unspecified();
        let ip = known.then_some(client.address);
        Self {
            ip,
            user_agent: client.user_agent,
            request_id: client.request_id,
            replaces: client.session,
            ..Self::default()
        }
    }
}
