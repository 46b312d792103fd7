//! Start, stop and reboot: dry runs, guards, half-failed batches, and the state that moves live. What destroys and what changes
//! values is in `api_changes`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::events::Event;
use contract::jobs::JobDetailView;
use contract::paths::{AUDIT_LOG, JOB, WORKSPACE, WORKSPACES_REBOOT, WORKSPACES_START, WORKSPACES_STOP, with_id};
use contract::workspaces::{WorkspaceActionView, WorkspaceDetailView, WorkspaceView};
use domain::ids::WorkspaceId;
use domain::jobs::JobState;
use domain::workspace::{WorkspaceAction, WorkspaceOrder};
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;
use uuid::Uuid;

use crate::support::{changes_asked_of_aws, workspaces};

/// States move within a second.
pub fn quick() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 120, transition_seconds: Some(1), ..TestAppOptions::default() }
}

/// WorkSpaces of a state and running mode.
pub async fn of(app: &TestApp, state: &str, mode: &str) -> Result<Vec<WorkspaceView>> {
    workspaces(app.client(), &format!("state={state}&running_mode={mode}")).await
}

/// Asks for an action that has to be told nothing.
pub async fn act(client: &ApiClient, path: &str, ids: &[WorkspaceId], dry_run: bool) -> Result<WorkspaceActionView> {
    client.post(path, &json!({ "workspace_ids": ids, "dry_run": dry_run })).await?.ok()
}

app_test! {
    async fn a_dry_run_tells_and_does_nothing(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let running = of(app, "AVAILABLE", "AUTO_STOP").await?;
        let stopped = of(app, "STOPPED", "AUTO_STOP").await?;
        let always = of(app, "AVAILABLE", "ALWAYS_ON").await?;
        let ids = [running[0].id, stopped[0].id, always[0].id, WorkspaceId(Uuid::nil())];
        let asked = changes_asked_of_aws(app);
        for (path, codes) in [
            (WORKSPACES_STOP, [None, Some("wrong_state"), Some("wrong_running_mode"), Some("not_found")]),
            (WORKSPACES_START, [Some("wrong_state"), None, Some("wrong_state"), Some("not_found")]),
            (WORKSPACES_REBOOT, [None, Some("wrong_state"), None, Some("not_found")]),
        ] {
            let view = act(app.client(), path, &ids, true).await?;
            assert!(view.dry_run && view.job_id.is_none());
            assert_eq!(view.items.iter().map(|i| i.id).collect::<Vec<_>>(), ids, "in the order asked for");
            assert_eq!(view.items.iter().map(|i| i.code.as_deref()).collect::<Vec<_>>(), codes, "{path}");
            assert!(view.items.iter().all(|i| i.accepted == i.code.is_none() && i.accepted == i.reason.is_none()));
            assert_eq!(view.accepted + view.refused, 4);
            assert_eq!(view.accepted, codes.iter().filter(|c| c.is_none()).count() as u64);
        }
        assert_eq!(changes_asked_of_aws(app), asked, "AWS was told nothing");
        // The guard is told on the detail page too.
        let detail: WorkspaceDetailView = app.client().get(&with_id(WORKSPACE, always[0].id)).await?.ok()?;
        let refused: Vec<_> = detail.actions.iter().filter(|a| !a.possible).map(|a| a.action.as_str()).collect();
        assert_eq!((detail.actions.len(), refused), (WorkspaceAction::ALL.len(), vec!["start", "stop"]));
        assert!(detail.actions.iter().all(|a| a.possible == a.reason.is_none()));
        Ok(())
    }
}

app_test! {
    async fn a_stop_moves_the_state_live(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let target = of(app, "AVAILABLE", "AUTO_STOP").await?.remove(0);
        let mut stream = app.client().events(None).await?;
        assert!(stream.content_type().starts_with("text/event-stream"));
        let view = act(app.client(), WORKSPACES_STOP, &[target.id], false).await?;
        assert_eq!((view.accepted, view.refused), (1, 0));
        let patience = Duration::from_secs(30);
        for expected in ["STOPPING", "STOPPED"] {
            let what = format!("{} is {expected}", target.aws_id);
            let event = stream
                .until(&what, patience, |event| {
                    matches!(event, Event::WorkspaceState { id, state, .. } if *id == target.id && state.as_str() == expected)
                })
                .await?;
            let Event::WorkspaceState { user_name, .. } = event else { unreachable!() };
            assert_eq!(user_name, target.user_name);
        }
        let job = app.wait_for_job(view.job_id.expect("accepted")).await?;
        assert_eq!(job.job.state, JobState::Done, "{job:?}");
        assert_eq!(job.job.created_by, testkit::app::OWNER_EMAIL);
        let detail: WorkspaceDetailView = app.client().get(&with_id(WORKSPACE, target.id)).await?.ok()?;
        assert_eq!(detail.workspace.state.as_str(), "STOPPED");
        let history: Vec<_> = detail.history.iter().map(|change| change.after.as_str()).collect();
        assert_eq!(history, ["STOPPED", "STOPPING", "AVAILABLE"], "newest first");
        assert_eq!(app.simulator().counts()["StopWorkspaces"].requests, 1);

        // Back again, asked for by the other action.
        let view = act(app.client(), WORKSPACES_START, &[target.id], false).await?;
        stream
            .until("it runs again", patience, |event| {
                matches!(event, Event::WorkspaceState { id, state, .. } if *id == target.id && state.as_str() == "AVAILABLE")
            })
            .await?;
        app.wait_for_job(view.job_id.expect("accepted")).await?;
        Ok(())
    }
}

app_test! {
    async fn a_half_failed_batch_is_told_apart(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let region = |w: &WorkspaceView| w.region.as_str() == "us-east-1";
        let targets: Vec<_> = of(app, "AVAILABLE", "AUTO_STOP").await?.into_iter().filter(region).take(6).collect();
        assert_eq!(targets.len(), 6);
        app.faults(&["halffail:StopWorkspaces"])?;
        let ids: Vec<_> = targets.iter().map(|w| w.id).collect();
        let view = act(app.client(), WORKSPACES_STOP, &ids, false).await?;
        assert_eq!(view.accepted, 6);
        let job = app.wait_for_job(view.job_id.expect("accepted")).await?;
        let (stopped, failed) = told_apart(&job)?;
        assert_eq!((stopped.len(), failed.len()), (3, 3), "{job:?}");
        assert!(job.so_far.is_none(), "the result tells it all");
        assert!(failed.values().all(|reason| !reason.is_empty()), "{failed:?}");
        let path = with_id(JOB, job.job.id);
        let page: JobDetailView = app.client().get(&format!("{path}?limit=4")).await?.ok()?;
        assert!(page.result.is_none() && page.so_far.is_none(), "a page of the items instead of all of them");
        let items = page.items.context("a page")?;
        let outcomes: Vec<_> = items.rows.iter().map(|item| item.outcome.as_str()).collect();
        assert_eq!(outcomes, ["failed", "failed", "failed", "done"]);
        assert_eq!((items.total, items.counts.failed, items.counts.done, items.counts.all()), (6, 3, 3, 6));
        assert_eq!(items.order, Some(WorkspaceOrder::Stop), "who may do it can do it again");
        assert!(items.rows.iter().all(|item| failed.get(&item.aws_id) == item.message.as_ref()), "{items:?}");
        for item in &items.rows {
            let target = targets.iter().find(|target| target.id == item.id).context("one of them")?;
            assert_eq!(item.user_name.as_ref(), Some(&target.user_name));
        }
        let noted: Value = app.client().get(&format!("{AUDIT_LOG}?action=job.read")).await?.ok()?;
        assert_eq!(noted["items"].as_array().map(Vec::len), Some(1), "who looked at users is in the log: {noted}");
        let page: JobDetailView = app.client().get(&format!("{path}?outcome=done&offset=2")).await?.ok()?;
        let items = page.items.context("a page")?;
        assert_eq!((items.rows.len(), items.offset, items.total, items.counts.failed), (1, 2, 3, 3));
        for wrong in ["outcome=perhaps", "limit=0", "limit=201", "offset=1000001", "shoe=1"] {
            app.client().get(&format!("{path}?{wrong}")).await?.refused(400, "invalid_query")?;
        }
        for target in &targets {
            let state = app.wait_for_state(target.id, if stopped.contains_key(&target.aws_id) { "STOPPED" } else { "AVAILABLE" });
            state.await?;
        }
        Ok(())
    }
}

/// The items of an action's result by AWS id, done and not done, each with its words.
pub fn told_apart(job: &JobDetailView) -> Result<(BTreeMap<String, String>, BTreeMap<String, String>)> {
    let result = job.result.as_ref().ok_or_else(|| anyhow::anyhow!("no result: {job:?}"))?;
    let items = result["items"].as_array().ok_or_else(|| anyhow::anyhow!("no items: {result}"))?;
    let (mut done, mut failed) = (BTreeMap::new(), BTreeMap::new());
    for item in items {
        let id = item["aws_id"].as_str().unwrap_or_default().to_owned();
        let message = item["message"].as_str().unwrap_or_default().to_owned();
        if item["ok"].as_bool().ok_or_else(|| anyhow::anyhow!("no ok: {item}"))? { &mut done } else { &mut failed }
            .insert(id, message);
    }
    Ok((done, failed))
}

app_test! {
    async fn when_aws_denies_it_the_job_names_the_permission(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let target = of(app, "AVAILABLE", "AUTO_STOP").await?.remove(0);
        app.faults(&["deny:StopWorkspaces"])?;
        let view = act(app.client(), WORKSPACES_STOP, &[target.id], false).await?;
        let job = app.wait_for_job(view.job_id.expect("accepted")).await?;
        let told = serde_json::to_string(&job)?;
        assert!(told.contains("workspaces:StopWorkspaces"), "{told}");
        let detail: WorkspaceDetailView = app.client().get(&with_id(WORKSPACE, target.id)).await?.ok()?;
        assert_eq!(detail.workspace.state.as_str(), "AVAILABLE", "nothing is shown that did not happen");
        Ok(())
    }
}

app_test! {
    async fn requests_that_make_no_sense_are_refused(app: TestAppOptions { simulated_workspaces: 0, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let many: Vec<_> = (0..5001_u128).map(Uuid::from_u128).collect();
        for ids in [json!([]), json!(many), json!(["ws-123"]), json!("all"), json!(null)] {
            let body = json!({ "workspace_ids": ids });
            let problem = app.client().post(WORKSPACES_STOP, &body).await?.refused(422, "invalid_body")?;
            assert!(problem.errors[0].field.starts_with("workspace_ids"), "{problem:?}");
        }
        let body = json!({ "workspace_ids": [Uuid::nil()], "dry_run": "no" });
        app.client().post(WORKSPACES_STOP, &body).await?.refused(422, "invalid_body")?;
        Ok(())
    }
}
