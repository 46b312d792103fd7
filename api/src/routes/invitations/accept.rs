//! `POST /api/v1/invitations/accept`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::invitations::AcceptInvitationRequest;
use contract::paths;
use contract::session::SessionView;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Client, Json};
use crate::openapi::{BodyErrors, ConflictErrors, LinkErrors, OpenChangeErrors};
use crate::routes::session::{limit, view};
use crate::state::AppState;

/// Accept an invitation
///
/// With the token of the link: whoever has it chooses a name and a password, and is signed in at once.
#[utoipa::path(
    post,
    path = paths::INVITATION_ACCEPT,
    tag = "invitations",
    request_body = AcceptInvitationRequest,
    responses(
        (status = 201, description = "Signed in; the session cookie is set.", body = SessionView),
        OpenChangeErrors,
        BodyErrors,
        ConflictErrors,
        LinkErrors,
    ),
)]
pub async fn accept_invitation(
    State(state): State<AppState>,
    client: Client,
    Json(request): Json<AcceptInvitationRequest>,
) -> Result<Response, ApiError> {
    limit::take_nameless(state.limiter(), client.address, "invitation").await?;
    let AcceptInvitationRequest { token, display_name, password } = &request;
    let meta = client.into();
    let session = services::access::invitations::accept(state.context(), token, display_name, password, meta).await?;
    Ok((StatusCode::CREATED, view::begun(&state, &session)).into_response())
}
