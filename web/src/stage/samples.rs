//! What the API answers with, as several tests need it: who is signed in, and WorkSpaces.

use chrono::DateTime;
use contract::jobs::{JobDetailView, JobView};
use contract::paths;
use contract::session::SessionView;
use contract::workspaces::WorkspaceView;
use domain::access::Permission;
use domain::ids::{AccountId, JobId, UserId, WorkspaceId};
use domain::jobs::{JobProgress, JobState};
use domain::workspace::{RunningMode, WorkspaceState};
use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::{Api, Stage, until};
use crate::state::session::use_session;

/// Somebody who is signed in and may do this.
pub fn session(permissions: &[Permission]) -> SessionView {
    SessionView {
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".to_owned(),
        role: "operator".to_owned(),
        permissions: permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
        in_parts: Vec::new(),
        expires_at: "2099-01-01T00:00:00Z".parse().unwrap(),
        traces: false,
    }
}

/// Tells the test when the page knows who is there.
#[component]
pub fn SignedIn() -> impl IntoView {
    let session = use_session();
    view! { <i id="signed-in">{move || session.signed_in().then_some("yes")}</i> }
}

/// Answers the page, which has [`SignedIn`] on it, that this person is there.
pub async fn sign_in(page: &Stage, api: &Api, permissions: &[Permission]) {
    api.asked("GET", paths::SESSION).await.answer(200, &session(permissions));
    until("the page knows who is there", || page.words("#signed-in") == "yes").await;
}

/// The WorkSpace of that number, stopped.
pub fn workspace(number: u64) -> WorkspaceView {
    WorkspaceView {
        id: WorkspaceId(Uuid::from_u128(u128::from(number))),
        aws_id: format!("ws-{number}"),
        account_id: AccountId(Uuid::from_u128(1)),
        account_name: "main".to_owned(),
        region: "eu-west-1".parse().unwrap(),
        directory_id: "d-1".to_owned(),
        directory_name: None,
        bundle_id: "wsb-1".to_owned(),
        bundle_name: None,
        user_name: format!("user-{number}"),
        computer_name: None,
        ip_address: None,
        state: WorkspaceState::Stopped,
        state_since: DateTime::UNIX_EPOCH,
        running_mode: Some(RunningMode::AutoStop),
        compute_type: None,
        connection: None,
        last_connected_at: None,
        gone_at: None,
    }
}

/// An action's job that stands so, with what it reported.
pub fn action_job(id: JobId, state: JobState, result: Option<Value>) -> JobDetailView {
    let job = JobView {
        id,
        kind: "workspace-action".to_owned(),
        subject: "Start 1 WorkSpace".to_owned(),
        state,
        progress: JobProgress::default(),
        cancel_requested: false,
        attempts: 1,
        max_attempts: 5,
        account_id: None,
        created_by: "ana@example.com".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        run_at: DateTime::UNIX_EPOCH,
        started_at: None,
        finished_at: None,
        error: None,
    };
    JobDetailView { job, result, so_far: None, items: None, attempts: Vec::new(), log: Vec::new() }
}
