//! `POST /api/v1/roles`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::roles::{CreateRoleRequest, RoleView};
use domain::access::marker;
use http::StatusCode;
use services::access::roles::{NewRole, RoleDetail, RoleRecord, create_role_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, RequireProof, etag, json_answer};
use crate::openapi::{BodyErrors, ConflictErrors, OnceErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Make a role
///
/// It can do no more than you can everywhere. Needs `role:write` over everything, and a fresh proof that it is you.
#[utoipa::path(
    post,
    path = paths::ROLES,
    tag = "roles",
    security(("session" = [])),
    request_body = CreateRoleRequest,
    responses(
        (status = 201, description = "The role; `Location` is its address.", body = RoleView),
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_role(
    State(state): State<AppState>,
    user: RequireProof<marker::RoleWrite>,
    once: Once,
    Json(request): Json<CreateRoleRequest>,
) -> Result<Response, ApiError> {
    let permissions = view::permissions(&request.permissions)?;
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let new = NewRole { name: request.name, description: request.description, permissions };
    let made = create_role_once(state.context(), &user.actor, new, once.keep(answer)).await;
    once.end(made, answer).await
}

fn answer((role, holders): &(RoleRecord, u64)) -> Answer {
    let view = view::role(RoleDetail::Custom(role.clone(), *holders));
    let location = paths::with_id(paths::ROLE, role.id);
    json_answer(StatusCode::CREATED, &view).header("location", location).header("etag", etag(role.version).text())
}
