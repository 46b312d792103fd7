//! The items of an action in a browser: of thousands a page is drawn, one outcome is chosen by a link, and those that failed are tried
//! again by the way that any action goes. And where the problems of a sync are as a file.
#![cfg(target_arch = "wasm32")]

use contract::jobs::{JobItemCountsView, JobItemView, JobItemsView};
use contract::paths;
use contract::workspaces::{WorkspaceActionItem, WorkspaceActionView};
use domain::ids::{JobId, WorkspaceId};
use domain::jobs::{ItemOutcome, JobState};
use domain::sync::SyncProblem;
use domain::workspace::{WorkspaceAction, WorkspaceOrder};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::address::{ItemsUrl, ROWS};
use super::items::Items;
use super::report::ProblemsView;
use crate::pages::workspaces::action_dialog::{ActionDialog, Wanted};
use crate::stage::{Api, Stage, action_job, settle, stage, until};
use crate::state::toasts::Toasts;

const AGAIN: &str = "[data-testid=job-items-again]";
const CONFIRM: &str = "[data-testid=preview-confirm]";

fn job() -> JobId {
    JobId(Uuid::from_u128(7))
}

fn workspace(number: u32) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(u128::from(number)))
}

/// A page of 5,000 items of a rebuild, of which most failed and some wait.
fn items(offset: u32, waiting: u64) -> JobItemsView {
    let row = |number: u32| JobItemView {
        id: workspace(number),
        aws_id: format!("ws-{number}"),
        user_name: (number != 51).then(|| format!("user-{number}")),
        outcome: ItemOutcome::Failed,
        code: Some("ResourceUnavailable.Fault".to_owned()),
        message: Some("no room".to_owned()),
    };
    JobItemsView {
        rows: (offset..offset + ROWS).map(row).collect(),
        offset,
        total: 5_000,
        counts: JobItemCountsView { failed: 4_000 - waiting, skipped: 0, done: 1_000, waiting },
        order: Some(WorkspaceOrder::Rebuild),
    }
}

async fn shown(items: RwSignal<JobItemsView>, turned: RwSignal<Option<u32>>) -> Stage {
    let page = stage(move || {
        provide_context(Toasts::new());
        let wanted = RwSignal::new(None::<Wanted>);
        let on_started = |_: Option<JobId>| ();
        view! {
            <Items
                id=job() items url=Signal::stored(ItemsUrl::default())
                on_turn=move |offset: u32| turned.set(Some(offset)) wanted
            />
            <ActionDialog wanted on_started/>
        }
    });
    until("the items", || page.find("tbody tr").is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn of_thousands_of_items_a_page_is_drawn_and_followed() {
    let (read, turned) = (RwSignal::new(items(0, 20)), RwSignal::new(None));
    let page = shown(read, turned).await;
    let rows = || page.all("tbody tr").len();
    assert_eq!((rows(), page.words("h2")), (50, "Items so far".to_owned()));
    assert_eq!(page.each_words(".tab"), ["All5,000", "Failed3,980", "Done1,000", "Waiting20"]);
    let href = page.attribute("[data-tab=failed]", "href");
    assert_eq!(href, Some(format!("/jobs/{}?outcome=failed", job())));
    assert!(page.find(AGAIN).is_none(), "it still goes on");
    assert_eq!(page.words(".pagination-range"), "1–50 of 5,000");
    page.click("[data-testid=page-previous]").await;
    assert_eq!(turned.get_untracked(), None, "it is the first page");
    page.click("[data-testid=page-next]").await;
    assert_eq!(turned.get_untracked(), Some(50));

    read.set(items(50, 0));
    settle().await;
    assert_eq!(
        (rows(), page.words("h2"), page.words(".pagination-range")),
        (50, "Items".into(), "51–100 of 5,000".into())
    );
    assert!(page.words("tbody tr").contains("ws-50") && page.words("tbody tr").contains("No room"));
    let names = page.each_words("tbody tr .cell-main a");
    assert_eq!(names[..3], ["user-50", "ws-51", "user-52"], "whose it is, or its id where nobody may tell");
    assert_eq!(page.words(".card-head .muted"), "1,000 of 5,000 done");
    page.click("[data-testid=page-previous]").await;
    assert_eq!(turned.get_untracked(), Some(0));
}

#[wasm_bindgen_test]
async fn those_that_failed_are_tried_again_once_the_number_is_typed() {
    let api = Api::new();
    let page = shown(RwSignal::new(items(0, 0)), RwSignal::new(None)).await;
    page.click(AGAIN).await;
    let call = api.asked("GET", &paths::with_id(paths::JOB, job())).await;
    assert_eq!(call.query, "", "all of them, not a page");
    let told = json!({ "items": [
        { "id": workspace(1), "aws_id": "ws-1", "ok": false, "message": "no room" },
        { "id": workspace(2), "aws_id": "ws-2", "ok": true },
        { "id": workspace(3), "aws_id": "ws-3", "ok": false },
    ]});
    call.answer(200, &action_job(job(), JobState::Done, Some(told)));

    let call = api.asked("POST", paths::WORKSPACES_REBUILD).await;
    let ids = [workspace(1), workspace(3)];
    assert_eq!(call.body, json!({ "workspace_ids": ids, "dry_run": true }), "first it is only looked at");
    let plan = |dry_run, job_id| {
        let item = |id: WorkspaceId| WorkspaceActionItem {
            id,
            aws_id: Some("ws".to_owned()),
            user_name: Some("ana".to_owned()),
            now: None,
            accepted: true,
            code: None,
            reason: None,
        };
        let items = ids.map(item).to_vec();
        WorkspaceActionView { action: WorkspaceAction::Rebuild, dry_run, job_id, accepted: 2, refused: 0, items }
    };
    call.answer(200, &plan(true, None));
    until("the preview", || page.find(CONFIRM).is_some()).await;
    assert_eq!(page.attribute(CONFIRM, "title").as_deref(), Some("Type 2 first"));
    page.click(CONFIRM).await;
    assert_eq!(api.waiting(), 0, "what destroys is typed first");
    page.write("[data-testid=typed-word]", "2").await;
    page.click(CONFIRM).await;
    let call = api.asked("POST", paths::WORKSPACES_REBUILD).await;
    assert_eq!(call.body, json!({ "workspace_ids": ids, "dry_run": false }));
    call.answer(202, &plan(false, Some(JobId(Uuid::from_u128(8)))));
    until("it closes", || page.find(CONFIRM).is_none()).await;
}

#[wasm_bindgen_test]
async fn who_may_not_do_it_is_told_so() {
    let api = Api::new();
    let page = shown(RwSignal::new(JobItemsView { order: None, ..items(0, 0) }), RwSignal::new(None)).await;
    assert_eq!(page.attribute(AGAIN, "title").as_deref(), Some("Your role may not do this"));
    page.click(AGAIN).await;
    assert_eq!(api.waiting(), 0);
}

#[wasm_bindgen_test]
async fn the_problems_of_a_sync_are_a_file() {
    let problem = SyncProblem {
        operation: "workspaces:DescribeTags".to_owned(),
        code: "denied".to_owned(),
        message: "not allowed".to_owned(),
        missing_permission: Some("workspaces:DescribeTags".to_owned()),
        count: 2,
    };
    let page = stage(move || view! { <ProblemsView id=job() problems=vec![problem]/> });
    until("the problem", || page.find("tbody tr").is_some()).await;
    let path = paths::with_id(paths::EXPORT_JOB_PROBLEMS, job());
    assert_eq!(page.attribute("[data-testid=export-xlsx]", "href"), Some(format!("{path}?format=xlsx")));
}
