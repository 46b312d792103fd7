//! `GET /api/v1/exports/invitations`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::invitations::InvitationQuery;
use contract::paths;
use domain::access::marker;
use services::access::invitations::State as InvitationState;
use services::exports::tables::InvitationTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require, closed_list, search_text};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the invitations along
///
/// Newest first, whatever became of them; never a link. Needs `user:read` over everything; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_INVITATIONS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, InvitationQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_invitations(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Export { format, query }: Export<InvitationQuery>,
) -> Result<Response, ApiError> {
    let states = closed_list("state", query.state.as_deref(), InvitationState::ALL)?;
    answer(&state, &user.actor, InvitationTable { states, q: search_text(query.q)? }, format).await
}
