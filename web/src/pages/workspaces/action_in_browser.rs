//! The preview of an action in a browser: of thousands it names some, and counts the reasons of all that won't be done.
#![cfg(target_arch = "wasm32")]

use contract::paths;
use contract::workspaces::{WorkspaceActionItem, WorkspaceActionView};
use domain::ids::{JobId, WorkspaceId};
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::action_dialog::{ActionDialog, Wanted};
use crate::stage::{Api, stage, until};
use crate::state::toasts::Toasts;

const STOPPED: &str = "it is STOPPED; stop needs AVAILABLE";
const MAINTENANCE: &str = "it is in ADMIN_MAINTENANCE";

fn id(number: u128) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(number))
}

/// Two that will be stopped, 3,000 that are stopped already, and three in maintenance.
fn plan() -> WorkspaceActionView {
    let item = |number: u128| {
        let reason = match number {
            0 | 1 => None,
            2..=3_001 => Some(STOPPED.to_owned()),
            _ => Some(MAINTENANCE.to_owned()),
        };
        WorkspaceActionItem {
            id: id(number),
            aws_id: Some(format!("ws-{number}")),
            user_name: Some(format!("user-{number}")),
            now: None,
            accepted: reason.is_none(),
            code: reason.as_ref().map(|_| "wrong_state".to_owned()),
            reason,
        }
    };
    let items = (0..3_005).map(item).collect();
    WorkspaceActionView {
        action: WorkspaceAction::Stop,
        dry_run: true,
        job_id: None,
        accepted: 2,
        refused: 3_003,
        items,
    }
}

#[wasm_bindgen_test]
async fn of_those_that_wont_be_done_each_reason_is_counted() {
    let api = Api::new();
    let wanted = RwSignal::new(None);
    let page = stage(move || {
        provide_context(Toasts::new());
        let on_started = |_: Option<JobId>| ();
        view! { <ActionDialog wanted on_started/> }
    });
    wanted.set(Some(Wanted::new(WorkspaceAction::Stop, (0..3_005).map(id).collect())));
    api.asked("POST", paths::WORKSPACES_STOP).await.answer(200, &plan());
    until("the preview", || page.find("[data-testid=plan-reasons]").is_some()).await;
    let counted = [format!("3,000: {STOPPED}"), format!("3: {MAINTENANCE}")];
    assert_eq!(page.each_words("[data-testid=plan-reasons] li"), counted);
    assert_eq!(page.all(".plan-wont .plan-item").len(), 100);
    assert_eq!(page.words(".plan-wont .muted"), "The first 100 are named, 2,903 more are not.");
    assert_eq!(page.all(".plan-will .plan-item").len(), 2, "all of those are named");
}
