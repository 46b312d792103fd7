//! `DELETE /api/v1/profile`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use http::StatusCode;
use http::header::SET_COOKIE;

use crate::error::ApiError;
use crate::extract::{IfMatch, SignedIn};
use crate::openapi::{ConflictErrors, EditErrors, ProvenChangeErrors};
use crate::routes::session::cookie;
use crate::state::AppState;

/// Delete yourself
///
/// You are signed out everywhere, your keys end, and everything that names you is erased, also in the audit log: there your id
/// stays, as a pseudonym. It can't be undone. Needs a fresh proof that it is you; the last owner stays.
#[utoipa::path(
    delete,
    path = paths::PROFILE,
    tag = "profile",
    security(("session" = [])),
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of what you read.")),
    responses(
        (status = 204, description = "Deleted; the cookie is cleared."),
        EditErrors,
        ConflictErrors,
        ProvenChangeErrors,
    ),
)]
pub async fn delete_profile(
    State(state): State<AppState>,
    user: SignedIn,
    condition: IfMatch,
) -> Result<Response, ApiError> {
    services::privacy::remove_own(state.context(), user.actor(), condition.expected()).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::clear())]).into_response())
}
