//! What start, stop and reboot share: ask for the action, answer the plan.

use axum::response::Response;
use contract::workspaces::WorkspaceActionRequest;
use domain::access::Actor;
use domain::workspace::WorkspaceAction;
use http::StatusCode;
use services::actions::{ActionPlan, request_action_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Once, json_answer};
use crate::state::AppState;

/// 202 with the job that carries it out; 200 when nothing will be done: a dry run, or no WorkSpace allows it.
pub(super) async fn request(
    state: &AppState,
    actor: &Actor,
    once: Once,
    action: WorkspaceAction,
    request: &WorkspaceActionRequest,
) -> Result<Response, ApiError> {
    let ids = &request.workspace_ids;
    let once = match once.begin(state, actor, request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let keep = once.keep(answer);
    let plan = request_action_once(state.context(), actor, action, ids, request.dry_run, keep).await;
    once.end(plan, answer).await
}

fn answer(plan: &ActionPlan) -> Answer {
    let status = if plan.job_id.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    json_answer(status, &view::plan(plan.clone()))
}
