//! What the actions share: ask for one, answer the plan.

use axum::response::Response;
use contract::workspaces::WorkspaceActionRequest;
use domain::access::Actor;
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceOrder;
use http::StatusCode;
use serde::Serialize;
use services::actions::{ActionPlan, request_action_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Once, json_answer};
use crate::state::AppState;

/// What a request asks for.
pub(super) struct Asked<'a> {
    pub(super) order: WorkspaceOrder,
    pub(super) ids: &'a [WorkspaceId],
    pub(super) dry_run: bool,
}

impl<'a> Asked<'a> {
    /// An action that has to be told nothing.
    pub(super) fn plain(order: WorkspaceOrder, request: &'a WorkspaceActionRequest) -> Self {
        Self { order, ids: &request.workspace_ids, dry_run: request.dry_run }
    }
}

/// 202 with the job that carries it out; 200 when nothing will be done: a dry run, or no WorkSpace allows it. `request` is the
/// body, by which a repeated request is known.
pub(super) async fn request(
    state: &AppState,
    actor: &Actor,
    once: Once,
    request: &impl Serialize,
    asked: Asked<'_>,
) -> Result<Response, ApiError> {
    let once = match once.begin(state, actor, request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let keep = once.keep(answer);
    let Asked { order, ids, dry_run } = asked;
    let plan = request_action_once(state.context(), actor, &order, ids, dry_run, keep).await;
    once.end(plan, answer).await
}

fn answer(plan: &ActionPlan) -> Answer {
    let status = if plan.job_id.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    json_answer(status, &view::plan(plan.clone()))
}
