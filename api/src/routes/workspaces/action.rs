//! What start, stop and reboot share: ask for the action, answer the plan.

use axum::response::{IntoResponse, Response};
use contract::workspaces::WorkspaceActionRequest;
use domain::access::Actor;
use domain::workspace::WorkspaceAction;
use http::StatusCode;

use super::view;
use crate::error::ApiError;
use crate::extract::Json;
use crate::state::AppState;

/// 202 with the job that carries it out; 200 when nothing will be done: a dry run, or no WorkSpace allows it.
pub(super) async fn request(
    state: &AppState,
    actor: &Actor,
    action: WorkspaceAction,
    request: &WorkspaceActionRequest,
) -> Result<Response, ApiError> {
    let ids = &request.workspace_ids;
    let plan = services::actions::request_action(state.context(), actor, action, ids, request.dry_run).await?;
    let status = if plan.job_id.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(view::plan(plan))).into_response())
}
