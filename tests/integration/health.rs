//! Health: what probes are told when the database is cut off and when it comes back.

use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::events::Event;
use contract::paths;
use contract::settings::SettingsView;
use domain::access::Role;
use serde_json::Value;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::db::Backend;
use testkit::proxy::Mode;

app_test! {
    async fn all_is_well(app: TestAppOptions { simulated_workspaces: 0, ..TestAppOptions::default() }) {
        for path in ["/health/live", "/health/ready", "/health"] {
            let answer = app.client().get(path).await?;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let ready: Value = app.client().get("/health/ready").await?.ok()?;
        let names: Vec<_> = ready["checks"].as_array().into_iter().flatten().filter_map(|c| c["name"].as_str()).collect();
        assert!(names.contains(&"database"), "{names:?}");
        assert_eq!(ready["draining"], false);
        Ok(())
    }
}

app_test! {
    async fn settings_are_told_to_those_who_run_it(app: TestAppOptions { simulated_workspaces: 0, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let view: SettingsView = app.client().get(paths::SETTINGS).await?.ok()?;
        let database = view.settings.iter().find(|setting| setting.key == "database.url").context("no such setting")?;
        let schemes = ["sqlite:", "postgres:"];
        assert!(database.value.as_deref().is_some_and(|url| schemes.iter().any(|scheme| url.starts_with(scheme))));
        assert_eq!(database.variable, "WHEELHOUSE_DATABASE__URL");
        assert!(view.settings.iter().all(|setting| setting.about.ends_with('.')));
        app.create_user(Role::Operator).await?.get(paths::SETTINGS).await?.refused(403, "forbidden")?;
        Ok(())
    }
}

/// Waits until `/health/ready` has the status.
async fn ready_is(app: &TestApp, status: u16) -> Result<Value> {
    let mut last = Value::Null;
    for _ in 0..100 {
        let answer = app.client().get("/health/ready").await?;
        last = answer.value()?;
        if answer.status == status {
            return Ok(last);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("/health/ready is not {status}: {last}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_cut_off_and_comes_back() -> Result<()> {
    let options = TestAppOptions {
        backend: Backend::Postgres,
        simulated_workspaces: 30,
        database_proxy: true,
        ..TestAppOptions::default()
    };
    let Some(app) = TestApp::start(options).await? else { return Ok(()) };
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    ready_is(&app, 200).await?;
    let proxy = app.proxy().expect("asked for");

    proxy.set(Mode::Cut);
    let down = ready_is(&app, 503).await?;
    let database = down["checks"].as_array().into_iter().flatten().find(|c| c["name"] == "database").expect("a check");
    assert_eq!((&down["status"], &database["status"]), (&"down".into(), &"down".into()), "{down}");
    assert!(!down.to_string().contains("postgres://"), "no address is given away: {down}");
    assert_eq!(app.client().get("/health/live").await?.status, 200, "it lives");
    let answer = app.client().get(paths::WORKSPACES).await?;
    answer.refused(503, "unavailable")?;
    assert!(!answer.header("retry-after").is_empty());

    proxy.set(Mode::Pass);
    ready_is(&app, 200).await?;
    let page: Value = app.client().get(paths::WORKSPACES).await?.ok()?;
    assert_eq!(page["total"], 30);
    // Workers went on by themselves too.
    let account = app.accounts().await?.remove(0);
    for job in app.sync(account.id).await? {
        assert_eq!(job.job.state, domain::jobs::JobState::Done, "{job:?}");
    }
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_a_check_of_its_own_where_it_is_used() -> Result<()> {
    if testkit::outside::needed("WHEELHOUSE_TEST_REDIS_URL")?.is_none() {
        return Ok(());
    }
    let options = TestAppOptions { redis: true, ..TestAppOptions::default() };
    let Some(app) = TestApp::start(options).await? else { return Ok(()) };
    app.create_owner().await?;
    // Live events are nudged through it.
    let mut stream = app.client().events(None).await?;
    let account = app.connect_simulated_and_sync().await?;
    let ours = |event: &Event| matches!(event, Event::FleetChanged { account_id, .. } if *account_id == account.id);
    stream.until("the fleet came in", Duration::from_secs(20), ours).await?;
    let ready = ready_is(&app, 200).await?;
    let redis = ready["checks"].as_array().into_iter().flatten().find(|c| c["name"] == "redis").expect("a check");
    assert_eq!(redis["status"], "ok", "{ready}");
    app.stop().await
}
