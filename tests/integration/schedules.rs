//! Schedules, data sets and the queue in numbers, over HTTP; and ticks with three workers on one database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::accounts::StartedJobsView;
use contract::data_sets::{DataSetView, DataSetsView};
use contract::events::Event;
use contract::jobs::{JobSummaryView, JobView};
use contract::paths::{DATA_SETS, JOB_SUMMARY, JOBS, SCHEDULE, SCHEDULE_RUN, SCHEDULES, with_id};
use contract::schedules::{ScheduleView, SchedulesView};
use domain::access::Role;
use domain::jobs::JobState;
use domain::sync::SyncKind;
use platform::shutdown::Shutdown;
use serde_json::{Value, json};
use testkit::app::{REGIONS, TestAppOptions};
use testkit::client::{Answer, ApiClient, Request};
use testkit::{app_test, compose, db_test};
use uuid::Uuid;

use crate::support::{number, whole_list};

async fn patch(client: &ApiClient, name: &str, body: &Value) -> Result<Answer> {
    client.send(Request::new(Method::PATCH, with_id(SCHEDULE, name)).json(body)).await
}

async fn schedule(client: &ApiClient, name: &str) -> Result<ScheduleView> {
    let list: SchedulesView = client.get(SCHEDULES).await?.ok()?;
    list.items.into_iter().find(|schedule| schedule.name == name).context("it is not listed")
}

/// The application without anything that runs jobs.
fn still() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 4, worker: false, ..TestAppOptions::default() }
}

app_test! {
    async fn schedules_are_listed_changed_and_paused(app: TestAppOptions { schedules: true, ..still() }) {
        app.create_owner().await?;
        app.connect_simulated().await?;
        let client = app.client();
        let list: SchedulesView = client.get(SCHEDULES).await?.ok()?;
        assert!(list.enabled);
        let names: Vec<_> = list.items.iter().map(|s| s.name.as_str()).collect();
        let expected: Vec<_> = SyncKind::ALL.iter().map(|kind| kind.as_str()).chain(["prune", "audit-checkpoint", "audit-verify"]).collect();
        assert_eq!(names, expected);
        for schedule in &list.items {
            let places = match schedule.name.as_str() {
                "sync-billing" | "prune" | "audit-checkpoint" | "audit-verify" => 1,
                _ => REGIONS.len() as u64,
            };
            assert_eq!(schedule.places, places, "{}", schedule.name);
            assert_eq!(schedule.period_secs, schedule.configured_period_secs);
            assert!(!schedule.paused && !schedule.period_changed && schedule.changed_by.is_none(), "{schedule:?}");
            assert!(schedule.next_tick_at.is_some() && schedule.last_tick_at.is_none(), "{schedule:?}");
            assert_eq!(schedule.data_sets.as_ref().map(|sets| sets.never), schedule.name.starts_with("sync-").then_some(places));
        }

        let mut stream = client.events(None).await?;
        let changed: ScheduleView = patch(client, "sync-usage", &json!({ "period_secs": 3600 })).await?.ok()?;
        assert_eq!((changed.period_secs, changed.configured_period_secs, changed.period_changed), (3600, 10_800, true));
        assert_eq!(changed.changed_by.as_deref(), Some(testkit::app::OWNER_EMAIL));
        stream
            .until("the change", Duration::from_secs(10), |event| {
                matches!(event, Event::Schedule { name } if name == "sync-usage")
            })
            .await?;
        let paused: ScheduleView = patch(client, "sync-usage", &json!({ "paused": true })).await?.ok()?;
        assert_eq!((paused.paused, paused.period_secs, paused.next_tick_at), (true, 3600, None));
        assert_eq!(schedule(client, "sync-usage").await?, paused);
        let back: ScheduleView =
            patch(client, "sync-usage", &json!({ "period_secs": null, "paused": false })).await?.ok()?;
        assert_eq!((back.period_secs, back.period_changed, back.paused), (10_800, false, false));
        let same: ScheduleView = patch(client, "sync-usage", &json!({})).await?.ok()?;
        assert_eq!((same.changed_at, same.period_secs), (back.changed_at, 10_800));
        Ok(())
    }
}

app_test! {
    async fn wrong_changes_are_refused_by_name(app: still()) {
        app.create_owner().await?;
        let client = app.client();
        for (name, secs) in [
            ("sync-usage", json!(59)),
            ("sync-usage", json!(2_678_401)),
            ("sync-usage", json!(0)),
            ("sync-workspaces", json!(4)),
            ("prune", json!(18_446_744_073_709_551_615_u64)),
        ] {
            let problem = patch(client, name, &json!({ "period_secs": secs })).await?.refused(422, "invalid_body")?;
            assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].code.as_str()), ("period_secs", "out_of_range"));
        }
        for (body, field) in [
            (json!({ "period_secs": -1 }), "period_secs"),
            (json!({ "period_secs": 1.5 }), "period_secs"),
            (json!({ "period_secs": "an hour" }), "period_secs"),
            (json!({ "paused": "yes" }), "paused"),
            (json!({ "paused": true, "period": 60 }), "period"),
        ] {
            let problem = patch(client, "sync-usage", &body).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, field, "{body}");
        }
        assert!(!schedule(client, "sync-usage").await?.paused, "a body that is half right changes nothing");
        for name in ["nope", "watch-workspaces", "SYNC-USAGE", "sync-usage%00", "%F0%9F%8C%A7"] {
            patch(client, name, &json!({ "paused": true })).await?.refused(404, "not_found")?;
            client.post_empty(&with_id(SCHEDULE_RUN, name)).await?.refused(404, "not_found")?;
        }
        client.get(&format!("{DATA_SETS}?account_id=7")).await?.refused(400, "invalid_query")?;
        client.get(&format!("{DATA_SETS}?account=x")).await?.refused(400, "invalid_query")?;
        Ok(())
    }
}

app_test! {
    async fn a_schedule_that_is_run_now_starts_each_place_once(app: still()) {
        app.create_owner().await?;
        let client = app.client();
        let path = with_id(SCHEDULE_RUN, "sync-cloudtrail");
        assert_eq!(client.post_empty(&path).await?.ok::<StartedJobsView>()?.job_ids, [], "no account");
        app.connect_simulated().await?;
        let answer = client.post_empty(&path).await?;
        assert_eq!(answer.status, 202);
        let jobs: StartedJobsView = answer.ok()?;
        assert_eq!(jobs.job_ids.len(), REGIONS.len());
        assert_eq!(client.post_empty(&path).await?.ok::<StartedJobsView>()?, jobs, "those that wait are given");
        let (rows, _) = whole_list::<JobView>(client, JOBS, "kind=sync-cloudtrail").await?;
        assert!(rows.iter().all(|job| job.created_by == testkit::app::OWNER_EMAIL && job.state == JobState::Queued));
        let last = schedule(client, "sync-cloudtrail").await?.last_job.context("it has one")?;
        assert!(jobs.job_ids.contains(&last.id));

        let summary: JobSummaryView = client.get(JOB_SUMMARY).await?.ok()?;
        assert_eq!((summary.queued, summary.running, summary.dead), (REGIONS.len() as u64, 0, 0));
        assert!(summary.oldest_due_at.is_some() && summary.oldest_due_secs.is_some());
        assert_eq!(summary.kinds.len(), 1);
        assert_eq!((summary.kinds[0].kind.as_str(), summary.kinds[0].queued), ("sync-cloudtrail", REGIONS.len() as u64));
        // Who may look may not run.
        let viewer = app.create_user(Role::Viewer).await?;
        viewer.post_empty(&path).await?.refused(403, "forbidden")?;
        patch(&viewer, "sync-cloudtrail", &json!({ "paused": true })).await?.refused(403, "forbidden")?;
        assert_eq!(viewer.get(SCHEDULES).await?.status, 200);
        app.leave_open_jobs();
        Ok(())
    }
}

app_test! {
    async fn data_sets_tell_how_fresh_they_are(app: TestAppOptions { simulated_workspaces: 8, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        let client = app.client();
        let of = async |kind: SyncKind| -> Result<Vec<DataSetView>> {
            let sets: DataSetsView = client.get(&format!("{DATA_SETS}?account_id={}", account.id)).await?.ok()?;
            Ok(sets.items.into_iter().filter(|set| set.kind == kind).collect())
        };
        for set in of(SyncKind::Directories).await? {
            assert_eq!((set.status.as_str(), set.fresh_at, set.age_secs), ("never", None, None), "{set:?}");
        }
        let jobs: StartedJobsView = client.post_empty(&with_id(SCHEDULE_RUN, "sync-directories")).await?.ok()?;
        for id in &jobs.job_ids {
            let ended = app.wait_for_job(*id).await?;
            assert_eq!(ended.job.state, JobState::Done, "{ended:?}");
        }
        let sets = of(SyncKind::Directories).await?;
        let regions: BTreeSet<_> = sets.iter().map(|set| set.region.to_string()).collect();
        assert_eq!(regions, REGIONS.iter().map(|region| (*region).to_owned()).collect());
        for set in &sets {
            assert_eq!((set.status.as_str(), set.account.as_str(), set.period_secs), ("ok", "Demo", 3600), "{set:?}");
            assert!(set.fresh_at.is_some() && set.age_secs.is_some() && set.last_run_id.is_some(), "{set:?}");
            assert_eq!((&set.error, &set.missing_permission), (&None, &None));
        }
        let counts = schedule(client, "sync-directories").await?.data_sets.context("it brings data in")?;
        assert_eq!((counts.ok, counts.never), (REGIONS.len() as u64, 0));

        app.faults(&["deny:DescribeWorkspaceDirectories"])?;
        let jobs: StartedJobsView = client.post_empty(&with_id(SCHEDULE_RUN, "sync-directories")).await?.ok()?;
        for id in &jobs.job_ids {
            app.wait_for_job(*id).await?;
        }
        app.faults(&[])?;
        for set in of(SyncKind::Directories).await? {
            assert_eq!(set.status, "failed");
            assert_eq!(set.missing_permission.as_deref(), Some("workspaces:DescribeWorkspaceDirectories"));
            assert!(set.fresh_at.is_some(), "what was whole once is as fresh as it was");
        }
        let nobody: DataSetsView = client.get(&format!("{DATA_SETS}?account_id={}", Uuid::nil())).await?.ok()?;
        assert_eq!(nobody, DataSetsView::default());
        Ok(())
    }
}

db_test! {
    async fn three_workers_take_each_tick_once(database) {
        let options = TestAppOptions { schedules: false, ..TestAppOptions::default() };
        let mut config = compose::config(&options, &database.url, "127.0.0.1:1".parse()?)?;
        config.sync.prune_period_seconds = 5;
        let config = Arc::new(config);
        let shutdown = Shutdown::new();
        let mut workers = Vec::new();
        for _ in 0..3 {
            let context = compose::context(&config, None).await?;
            let deps = compose::worker(Arc::clone(&config), context, false);
            workers.push(tokio::spawn(worker::run(deps, &shutdown)));
        }
        let db = database.connect().await?;
        let ticks = "SELECT COUNT(*) FROM schedule_tick WHERE schedule = 'prune'";
        let give_up = tokio::time::Instant::now() + Duration::from_secs(90);
        while number(&db, ticks).await? < 3 {
            anyhow::ensure!(tokio::time::Instant::now() < give_up, "the schedules do not tick");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        shutdown.trigger();
        for worker in workers {
            worker.await??;
        }
        // Each tick has a job, and each job its one run. A tick that finds the job of the one before still waiting has that one.
        assert_eq!(number(&db, "SELECT COUNT(job_id) FROM schedule_tick WHERE schedule = 'prune'").await?, number(&db, ticks).await?);
        let jobs = number(&db, "SELECT COUNT(DISTINCT job_id) FROM schedule_tick WHERE schedule = 'prune'").await?;
        assert!(jobs >= 2, "ticks go on making jobs once one is done");
        assert_eq!(number(&db, "SELECT COUNT(*) FROM job WHERE kind = 'prune'").await?, jobs);
        assert_eq!(number(&db, "SELECT COUNT(*) FROM job WHERE kind = 'prune' AND claim_number > 1").await?, 0);
        Ok(())
    }
}
