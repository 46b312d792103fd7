//! `POST /api/v1/session/proof`.

use axum::extract::State;
use contract::paths;
use contract::session::ProofRequest;
use http::StatusCode;
use services::identity::Proof;

use super::error::not_proved;
use super::limit;
use crate::error::ApiError;
use crate::extract::{Json, SignedIn};
use crate::openapi::{BodyErrors, ChangeErrors, RateErrors};
use crate::state::AppState;

/// Confirm that it is you
///
/// By your password, by a code of your second factor, or by one that `POST /api/v1/session/email-code` mailed to you; who signs in
/// elsewhere does so again there (`POST /api/v1/oidc/proof`). For some minutes afterwards this session may do what is dangerous:
/// what is refused with `step_up_required`. Signing in counts as well. Tries are limited as they are for signing in.
#[utoipa::path(
    post,
    path = paths::SESSION_PROOF,
    tag = "session",
    security(("session" = [])),
    request_body = ProofRequest,
    responses(
        (status = 204, description = "Confirmed."),
        ChangeErrors,
        BodyErrors,
        RateErrors,
    ),
)]
pub async fn confirm_session(
    State(state): State<AppState>,
    user: SignedIn,
    Json(request): Json<ProofRequest>,
) -> Result<StatusCode, ApiError> {
    limit::take_own(state.limiter(), user.session.user_id).await?;
    let (field, proof) = match (request.password, request.code, request.email_code) {
        (Some(password), None, None) => ("password", Proof::Password(password)),
        (None, Some(code), None) => ("code", Proof::Code(code)),
        (None, None, Some(code)) => ("email_code", Proof::EmailCode(code)),
        _ => return Err(ApiError::body_field("password", "missing", "send one of password, code and email_code")),
    };
    let proved = services::identity::prove(state.context(), user.actor(), &proof).await;
    proved.map_err(|error| not_proved(error, field))?;
    Ok(StatusCode::NO_CONTENT)
}
