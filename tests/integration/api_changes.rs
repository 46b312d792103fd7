//! Actions that destroy and actions that change values: proof, guards, halves told apart, what AWS is really asked, and what is to
//! be seen of it at once.

use std::time::Duration;

use anyhow::Result;
use axum::http::Method;
use chrono::TimeDelta;
use contract::api_keys::MadeApiKeyView;
use contract::audit::{AuditEntryDetailView, AuditEntryView};
use contract::events::Event;
use contract::page::Page;
use contract::paths::{
    API_KEYS, AUDIT_ENTRY, AUDIT_LOG, WORKSPACE, WORKSPACES, WORKSPACES_COMPUTE_TYPE, WORKSPACES_REBUILD,
    WORKSPACES_RESTORE, WORKSPACES_RUNNING_MODE, WORKSPACES_TAGS, WORKSPACES_TERMINATE, WORKSPACES_VOLUME, with_id,
};
use contract::workspaces::{WorkspaceActionView, WorkspaceDetailView, WorkspaceView};
use domain::access::Role;
use domain::ids::WorkspaceId;
use domain::jobs::JobState;
use serde_json::{Value, json};
use testkit::app::TestApp;
use testkit::app_test;
use testkit::client::Request;
use uuid::Uuid;

use crate::api_actions::{act, of, quick, told_apart};
use crate::support::changes_asked_of_aws;

async fn detail(app: &TestApp, id: WorkspaceId) -> Result<WorkspaceDetailView> {
    app.client().get(&with_id(WORKSPACE, id)).await?.ok()
}

/// Asks for a change of values, and waits for its job.
async fn change(app: &TestApp, path: &str, ids: &[WorkspaceId], values: Value) -> Result<WorkspaceActionView> {
    let mut body = values;
    body["workspace_ids"] = json!(ids);
    let view: WorkspaceActionView = app.client().post(path, &body).await?.ok()?;
    let job = app.wait_for_job(view.job_id.expect("some accept it")).await?;
    assert_eq!(job.job.state, JobState::Done, "{job:?}");
    Ok(view)
}

async fn noted(app: &TestApp, action: &str) -> Result<AuditEntryDetailView> {
    let page: Page<AuditEntryView> = app.client().get(&format!("{AUDIT_LOG}?limit=1&action={action}")).await?.ok()?;
    app.client().get(&with_id(AUDIT_ENTRY, page.items[0].seq)).await?.ok()
}

app_test! {
    async fn what_is_terminated_goes_live_and_stays_in_the_log(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let target = of(app, "STOPPED", "AUTO_STOP").await?.remove(0);
        let look = act(app.client(), WORKSPACES_TERMINATE, &[target.id], true).await?;
        assert_eq!((look.accepted, look.job_id), (1, None));
        let mut stream = app.client().events(None).await?;
        let begun = act(app.client(), WORKSPACES_TERMINATE, &[target.id], false).await?;
        for expected in ["TERMINATING", "TERMINATED"] {
            stream
                .until(expected, Duration::from_secs(30), |event| {
                    matches!(event, Event::WorkspaceState { id, state, .. } if *id == target.id && state.as_str() == expected)
                })
                .await?;
        }
        app.wait_for_job(begun.job_id.expect("accepted")).await?;
        assert!(detail(app, target.id).await?.workspace.gone_at.is_some(), "absence from AWS is the end");
        let listed: Page<WorkspaceView> = app.client().get(&format!("{WORKSPACES}?q={}", target.aws_id)).await?.ok()?;
        assert_eq!(listed.total, 0);
        let entry = noted(app, "workspace.terminate").await?;
        assert_eq!(entry.entry.permission.as_deref(), Some("workspace:terminate"));
        assert_eq!(entry.before.expect("before")["state"], "STOPPED");
        assert_eq!(entry.after.expect("after")["aws_id"], json!(target.aws_id));
        // Once more it is refused before AWS is asked.
        let again = act(app.client(), WORKSPACES_TERMINATE, &[target.id], false).await?;
        assert_eq!((again.items[0].code.as_deref(), again.job_id), (Some("gone"), None));
        Ok(())
    }
}

app_test! {
    async fn rebuild_and_restore_go_one_by_one_and_halves_are_told_apart(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let targets: Vec<_> = of(app, "AVAILABLE", "AUTO_STOP").await?.into_iter().take(3).map(|w| w.id).collect();
        let stopping = act(app.client(), contract::paths::WORKSPACES_STOP, &targets[2..], false).await?;
        app.wait_for_job(stopping.job_id.expect("accepted")).await?;
        app.wait_for_state(targets[2], "STOPPED").await?;
        for (path, operation, state) in [
            (WORKSPACES_REBUILD, "RebuildWorkspaces", "REBUILDING"),
            (WORKSPACES_RESTORE, "RestoreWorkspace", "RESTORING"),
        ] {
            let begun = act(app.client(), path, &targets, false).await?;
            assert_eq!(begun.accepted, 3, "{begun:?}");
            let job = app.wait_for_job(begun.job_id.expect("accepted")).await?;
            let (done, failed) = told_apart(&job)?;
            assert_eq!((done.len(), failed.len()), (3, 0), "{job:?}");
            assert_eq!(app.simulator().counts()[operation].requests, 3, "AWS takes one at a time");
            for id in &targets {
                let after = app.wait_for_state(*id, "AVAILABLE").await?;
                assert!(after.history.iter().any(|change| change.after.as_str() == state), "{:?}", after.history);
            }
        }
        // AWS denies the second kind: its permission is named, for each.
        app.faults(&["deny:RestoreWorkspace"])?;
        let begun = act(app.client(), WORKSPACES_RESTORE, &targets[..2], false).await?;
        let job = app.wait_for_job(begun.job_id.expect("accepted")).await?;
        let (done, failed) = told_apart(&job)?;
        assert!(done.is_empty() && failed.values().all(|why| why.contains("workspaces:RestoreWorkspace")), "{failed:?}");
        Ok(())
    }
}

app_test! {
    async fn what_destroys_wants_a_proof_that_no_key_has(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let target = of(app, "AVAILABLE", "AUTO_STOP").await?.remove(0);
        let asked = changes_asked_of_aws(app);
        let permissions = ["workspace:rebuild", "workspace:restore", "workspace:terminate", "workspace:tag"];
        let new = json!({ "name": "night shift", "permissions": permissions });
        let key: MadeApiKeyView = app.client().post(API_KEYS, &new).await?.ok()?;
        let member = app.create_user(Role::Member).await?;
        app.clock().advance(TimeDelta::minutes(10));
        for path in [WORKSPACES_REBUILD, WORKSPACES_RESTORE, WORKSPACES_TERMINATE] {
            let body = |dry_run: bool| json!({ "workspace_ids": [target.id], "dry_run": dry_run });
            let by_key = async |dry_run: bool| {
                let request = Request::new(Method::POST, path).json(&body(dry_run));
                let bearer = format!("Bearer {}", key.secret);
                app.client().stranger()?.send(request.header("authorization", &bearer)).await
            };
            assert_eq!(by_key(true).await?.status, 200, "a look beforehand is free");
            by_key(false).await?.refused(403, "step_up_required")?;
            assert_eq!(app.client().post(path, &body(true)).await?.status, 200);
            app.client().post(path, &body(false)).await?.refused(403, "step_up_required")?;
            member.post(path, &body(true)).await?.refused(403, "forbidden")?;
        }
        assert_eq!(changes_asked_of_aws(app), asked, "AWS was told nothing");
        Ok(())
    }
}

app_test! {
    async fn changed_values_are_seen_at_once_with_what_was_there_before(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let target = of(app, "AVAILABLE", "AUTO_STOP").await?.remove(0);
        let before = detail(app, target.id).await?;
        let minutes = if before.auto_stop_timeout_minutes == Some(120) { 180 } else { 120 };
        let values = json!({ "running_mode": "AUTO_STOP", "auto_stop_minutes": minutes });
        let view = change(app, WORKSPACES_RUNNING_MODE, &[target.id], values.clone()).await?;
        assert!(view.items[0].now.as_deref().is_some_and(|now| now.starts_with("AUTO_STOP after")), "{view:?}");
        assert_eq!(detail(app, target.id).await?.auto_stop_timeout_minutes, Some(minutes));
        let entry = noted(app, "workspace.set_running_mode").await?;
        assert_eq!(entry.before.expect("before")["auto_stop_minutes"], json!(before.auto_stop_timeout_minutes));
        assert_eq!(entry.after.expect("after")["auto_stop_minutes"], json!(minutes));
        let mut again = values;
        again["workspace_ids"] = json!([target.id]);
        let again: WorkspaceActionView = app.client().post(WORKSPACES_RUNNING_MODE, &again).await?.ok()?;
        assert_eq!((again.items[0].code.as_deref(), again.job_id), (Some("unchanged"), None));

        let compute = if before.workspace.compute_type.as_ref().is_some_and(|c| c.as_str() == "POWER") { "STANDARD" } else { "POWER" };
        change(app, WORKSPACES_COMPUTE_TYPE, &[target.id], json!({ "compute_type": compute })).await?;
        let after = detail(app, target.id).await?;
        assert_eq!(after.workspace.compute_type.map(|c| c.to_string()).as_deref(), Some(compute));
        app.wait_for_state(target.id, "AVAILABLE").await?;

        let tags = json!({ "set": { "Cost centre": "4711", "Empty": "" }, "remove": ["never there"] });
        change(app, WORKSPACES_TAGS, &[target.id], tags).await?;
        let set = detail(app, target.id).await?.tags;
        assert_eq!((set["Cost centre"].as_str(), set["Empty"].as_str()), ("4711", ""));
        assert!(before.tags.iter().all(|(key, value)| set.get(key) == Some(value)), "the others stay: {set:?}");
        change(app, WORKSPACES_TAGS, &[target.id], json!({ "remove": ["Empty"] })).await?;
        assert!(!detail(app, target.id).await?.tags.contains_key("Empty"));
        let entry = noted(app, "workspace.set_tags").await?;
        assert!(!entry.body.contains("4711") && !entry.body.contains("Empty"), "what may name people is apart");
        Ok(())
    }
}

app_test! {
    async fn a_volume_grows_in_aws_s_steps_and_what_aws_refuses_is_told(app: quick()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let mut small = Vec::new();
        for one in of(app, "AVAILABLE", "AUTO_STOP").await? {
            let full = detail(app, one.id).await?;
            if full.root_volume_gib == Some(80) && full.user_volume_gib.is_some_and(|gib| gib < 100) {
                small.push(one.id);
            }
        }
        let id = *small.first().expect("a small one");
        let look = |gib: i32, volume: &str| json!({ "workspace_ids": [id], "dry_run": true, "volume": volume, "gib": gib });
        for (gib, volume, code) in [(175, "root", "volume_size"), (200, "user", "volume_size"), (10, "user", "volume_size")] {
            let view: WorkspaceActionView = app.client().post(WORKSPACES_VOLUME, &look(gib, volume)).await?.ok()?;
            let told = view.items[0].code.as_deref();
            assert!(told == Some(code) || told == Some("unchanged"), "{gib} {volume}: {view:?}");
        }
        change(app, WORKSPACES_VOLUME, &[id], json!({ "volume": "user", "gib": 100 })).await?;
        assert_eq!(detail(app, id).await?.user_volume_gib, Some(100));
        // Within six hours AWS takes no other.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let body = json!({ "workspace_ids": [id], "volume": "root", "gib": 175 });
        let view: WorkspaceActionView = app.client().post(WORKSPACES_VOLUME, &body).await?.ok()?;
        let job = app.wait_for_job(view.job_id.expect("the guards know no times")).await?;
        let (done, failed) = told_apart(&job)?;
        assert!(done.is_empty() && failed.values().all(|why| why.contains("6-hour")), "{failed:?}");
        Ok(())
    }
}

app_test! {
    async fn values_that_make_no_sense_name_their_field(app: testkit::app::TestAppOptions { simulated_workspaces: 0, worker: false, ..Default::default() }) {
        app.create_owner().await?;
        let long = "x".repeat(128);
        for (path, values, field) in [
            (WORKSPACES_RUNNING_MODE, json!({ "running_mode": "AUTO_STOP", "auto_stop_minutes": 90 }), "auto_stop_minutes"),
            (WORKSPACES_RUNNING_MODE, json!({ "running_mode": "AUTO_STOP", "auto_stop_minutes": 30 }), "auto_stop_minutes"),
            (WORKSPACES_RUNNING_MODE, json!({ "running_mode": "ALWAYS_ON", "auto_stop_minutes": 60 }), "auto_stop_minutes"),
            (WORKSPACES_RUNNING_MODE, json!({ "running_mode": "NAPPING" }), "running_mode"),
            (WORKSPACES_RUNNING_MODE, json!({}), "running_mode"),
            (WORKSPACES_COMPUTE_TYPE, json!({ "compute_type": "QUANTUM" }), "compute_type"),
            (WORKSPACES_VOLUME, json!({ "volume": "user", "gib": 75 }), "gib"),
            (WORKSPACES_VOLUME, json!({ "volume": "user", "gib": 5000 }), "gib"),
            (WORKSPACES_VOLUME, json!({ "volume": "third", "gib": 100 }), "volume"),
            (WORKSPACES_TAGS, json!({}), "set"),
            (WORKSPACES_TAGS, json!({ "set": { "aws:owner": "me" } }), "set"),
            (WORKSPACES_TAGS, json!({ "set": { long: "v" } }), "set"),
            (WORKSPACES_TAGS, json!({ "set": { "a": "y".repeat(256) } }), "set"),
            (WORKSPACES_TAGS, json!({ "set": { "a": "1" }, "remove": ["a"] }), "remove"),
        ] {
            let mut body = values;
            body["workspace_ids"] = json!([Uuid::nil()]);
            let problem = app.client().post(path, &body).await?.refused(422, "invalid_body")?;
            assert!(problem.errors.iter().any(|error| error.field == field), "{body}: {problem:?}");
        }
        let many: Vec<_> = (0..501_u128).map(Uuid::from_u128).collect();
        for (path, values) in [
            (WORKSPACES_REBUILD, json!({})),
            (WORKSPACES_RESTORE, json!({})),
            (WORKSPACES_TAGS, json!({ "remove": ["a"] })),
        ] {
            let mut body = values;
            (body["workspace_ids"], body["dry_run"]) = (json!(many), json!(true));
            let problem = app.client().post(path, &body).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, "workspace_ids", "{problem:?}");
        }
        Ok(())
    }
}
