//! The gauges of what is in the database.

use chrono::{DateTime, TimeDelta, Utc};
use domain::breaker::Standing;
use domain::cloud::CloudBreaker;
use domain::sync::{DataSetStatus, SyncKind};
use platform::metrics::Exporter;
use store::Backend;
use store::db::{DbOptions, connect};
use store::queue::{NewJob, enqueue};
use store::repo::api_spend::api_spend_add;
use store::repo::backups::ArchiveBackup;
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use store::test_database::TestDatabase;

use super::*;
use crate::backups::Newest;
use crate::testing::{FakeFleet, Harness, both_databases};

/// What is read, as it is served.
async fn told(harness: &Harness, exporter: &Exporter, watch: &Watch) -> String {
    let figures = read(&harness.ctx).await.unwrap();
    exporter.told_here(|| watch.tell(figures));
    exporter.text().await
}

fn assert_told(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|told| told == *line), "{line} is not in\n{text}");
    }
}

both_databases! {
    async fn the_queue_is_told_by_kind_and_state_and_what_is_gone_as_nothing(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let (exporter, watch) = (Exporter::new(), Watch::default());
        for _ in 0..2 {
            enqueue(&harness.ctx.db, &harness.ctx.env, NewJob::new("prune", "all", serde_json::json!({}))).await.unwrap();
        }
        harness.advance(90);
        let text = told(&harness, &exporter, &watch).await;
        assert_told(&text, &[
            "wheelhouse_jobs{kind=\"prune\",state=\"queued\"} 2",
            "wheelhouse_job_age_seconds{kind=\"prune\",state=\"queued\"} 90",
        ]);
        exporter.told_here(|| watch.tell(Vec::new()));
        assert_told(&exporter.text().await, &[
            "wheelhouse_jobs{kind=\"prune\",state=\"queued\"} 0",
            "wheelhouse_job_age_seconds{kind=\"prune\",state=\"queued\"} 0",
        ]);
    }
}

#[tokio::test]
async fn data_sets_are_fresh_stale_or_never_read_and_their_cost_is_told() {
    let harness = Harness::on(Backend::Sqlite, FakeFleet::default()).await.unwrap();
    let (exporter, watch) = (Exporter::new(), Watch::default());
    let account = harness.account().await;
    let now = harness.ctx.env.now();
    let update = DataSetUpdate {
        account_id: account,
        region: harness.region(),
        kind: SyncKind::Workspaces,
        status: DataSetStatus::Ok,
        fresh_at: Some(now),
        covered_from: None,
        covered_to: None,
        gaps: None,
        last_run_id: None,
        last_error: None,
        missing_permission: None,
        at: now,
    };
    data_set_put(&harness.ctx.db, &update).await.unwrap();
    api_spend_add(&harness.ctx.db, account, now.date_naive(), "ce", 3, 300_000_000).await.unwrap();
    assert_told(
        &told(&harness, &exporter, &watch).await,
        &[
            "wheelhouse_data_sets{kind=\"sync-workspaces\",state=\"fresh\"} 1",
            "wheelhouse_data_sets{kind=\"sync-workspaces\",state=\"stale\"} 0",
            "wheelhouse_data_sets{kind=\"sync-usage\",state=\"never\"} 1",
            "wheelhouse_aws_paid_requests{rpc_service=\"ce\"} 3",
            "wheelhouse_aws_paid_usd{rpc_service=\"ce\"} 0.03",
        ],
    );
    // Two periods of five minutes, and the ten minutes of grace.
    let late = TimeDelta::seconds(2 * 300 + 600 + 1);
    harness.advance(late.num_seconds());
    assert_told(
        &told(&harness, &exporter, &watch).await,
        &[
            "wheelhouse_data_sets{kind=\"sync-workspaces\",state=\"fresh\"} 0",
            "wheelhouse_data_sets{kind=\"sync-workspaces\",state=\"stale\"} 1",
            "wheelhouse_data_set_age_seconds{kind=\"sync-workspaces\"} 1201",
        ],
    );
}

both_databases! {
    async fn that_no_backup_was_made_is_told_where_one_should_be(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let (exporter, watch) = (Exporter::new(), Watch::default());
        let text = told(&harness, &exporter, &watch).await;
        assert!(!text.contains("wheelhouse_backup"), "{text}");
        harness.ctx.policy.change(|policy| policy.backup.config.dir = Some("/backups".into()));
        assert_told(&told(&harness, &exporter, &watch).await, &[
            "wheelhouse_backup_state{state=\"fresh\"} 0",
            "wheelhouse_backup_state{state=\"stale\"} 0",
            "wheelhouse_backup_state{state=\"never\"} 1",
        ]);
    }
}

#[tokio::test]
async fn a_backup_is_fresh_for_two_periods_and_some_minutes() {
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let told = async |age| {
        let (exporter, newest) = (Exporter::new(), Newest { at: now - TimeDelta::seconds(age), bytes: 4096 });
        exporter.told_here(|| Watch::default().tell(figures::backup(Some(newest), Duration::from_secs(3600), now)));
        exporter.text().await
    };
    let late = 2 * 3600 + 600;
    let (fresh, stale) = (told(late).await, told(late + 1).await);
    assert_told(&fresh, &["wheelhouse_backup_state{state=\"fresh\"} 1", "wheelhouse_backup_state{state=\"stale\"} 0"]);
    assert_told(&stale, &["wheelhouse_backup_state{state=\"fresh\"} 0", "wheelhouse_backup_state{state=\"stale\"} 1"]);
    assert_told(&stale, &["wheelhouse_backup_age_seconds 7801", "wheelhouse_backup_size_bytes 4096"]);
}

#[tokio::test]
async fn a_backup_that_the_archived_log_continues_is_fresh_for_two_days_and_some_minutes() {
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let told = async |age: Option<i64>| {
        let (exporter, newest) =
            (Exporter::new(), ArchiveBackup { ended: age.map(|age| now - TimeDelta::seconds(age)) });
        exporter.told_here(|| Watch::default().tell(figures::archive_backup(newest, now)));
        exporter.text().await
    };
    let late = 2 * 86_400 + 600;
    let (fresh, stale, never) = (told(Some(late)).await, told(Some(late + 1)).await, told(None).await);
    assert_told(&fresh, &["wheelhouse_archive_backup_state{state=\"fresh\"} 1"]);
    assert_told(&stale, &["wheelhouse_archive_backup_state{state=\"fresh\"} 0"]);
    assert_told(&stale, &["wheelhouse_archive_backup_state{state=\"stale\"} 1"]);
    assert_told(&stale, &["wheelhouse_archive_backup_age_seconds 173401"]);
    assert_told(&never, &["wheelhouse_archive_backup_state{state=\"never\"} 1"]);
    assert!(!never.contains("wheelhouse_archive_backup_age_seconds "), "{never}");
}

#[tokio::test]
async fn breakers_are_counted_by_how_they_stand() {
    let region = || "eu-west-1".parse().unwrap();
    let breaker = |operation, standing| CloudBreaker { operation, region: region(), standing };
    let cloud = [
        breaker("workspaces:DescribeTags", Standing::Open),
        breaker("workspaces:StopWorkspaces", Standing::Open),
        breaker("workspaces:DescribeWorkspaces", Standing::Closed),
        breaker("ce:GetCostAndUsage", Standing::HalfOpen),
    ];
    let exporter = Exporter::new();
    exporter.told_here(|| Watch::default().tell(figures::breakers(&cloud, Some(Standing::Closed))));
    let aws = |state, service, count| {
        let place = format!("rpc_service=\"{service}\",cloud_region=\"eu-west-1\"");
        format!("wheelhouse_breakers{{breaker=\"aws\",state=\"{state}\",{place}}} {count}")
    };
    let lines = [
        aws("closed", "workspaces", 1),
        aws("open", "workspaces", 2),
        aws("half_open", "workspaces", 0),
        aws("closed", "ce", 0),
        aws("open", "ce", 0),
        aws("half_open", "ce", 1),
    ];
    let text = exporter.text().await;
    assert_told(&text, &lines.each_ref().map(String::as_str));
    assert_told(
        &text,
        &[
            "wheelhouse_breakers{breaker=\"assistant\",state=\"closed\"} 1",
            "wheelhouse_breakers{breaker=\"assistant\",state=\"open\"} 0",
            "wheelhouse_breakers{breaker=\"assistant\",state=\"half_open\"} 0",
        ],
    );
}

#[tokio::test]
async fn a_breaker_of_nobody_is_not_told() {
    let exporter = Exporter::new();
    exporter.told_here(|| Watch::default().tell(figures::breakers(&[], None)));
    let text = exporter.text().await;
    assert!(!text.contains("wheelhouse_breakers{"), "{text}");
}

/// Does it on one thread, so that whatever it counts belongs to the exporter.
fn counted_by<T>(exporter: &Exporter, work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    exporter.told_here(|| runtime.block_on(work))
}

#[test]
fn a_wait_for_a_connection_ends_when_it_is_there() {
    let exporter = Exporter::new();
    let text = counted_by(&exporter, async {
        let database = TestDatabase::empty(Backend::Sqlite).await.unwrap().unwrap();
        let db = connect(&database.options()).await.unwrap();
        db.ping().await.unwrap();
        db.begin().await.unwrap().rollback().await.unwrap();
        db.close().await.unwrap();
        exporter.text().await
    });
    assert_told(
        &text,
        &[
            "db_client_connection_pending_requests{db_client_connection_pool_name=\"primary\"} 0",
            "db_client_connection_wait_time_seconds_count{db_client_connection_pool_name=\"primary\"} 2",
        ],
    );
    assert!(!text.contains("db_client_connection_timeouts_total{"), "{text}");
}

#[test]
fn who_waits_while_all_connections_are_used_is_told_and_who_gets_none_in_time() {
    let exporter = Exporter::new();
    let told = counted_by(&exporter, async {
        let database = TestDatabase::empty(Backend::Postgres).await.unwrap()?;
        let options = DbOptions { max_connections: 2, acquire_timeout: Duration::from_secs(1), ..database.options() };
        let db = connect(&options).await.unwrap();
        let used = (db.begin().await.unwrap(), db.begin().await.unwrap());
        let mut waits = Box::pin(db.ping());
        assert!(futures::poll!(&mut waits).is_pending());
        let waiting = exporter.text().await;
        assert!(waits.await.unwrap_err().retryable());
        let late = exporter.text().await;
        drop(used);
        db.close().await.unwrap();
        Some((waiting, late))
    });
    let Some((waiting, late)) = told else { return };
    assert_told(&waiting, &["db_client_connection_pending_requests{db_client_connection_pool_name=\"primary\"} 1"]);
    assert_told(
        &late,
        &[
            "db_client_connection_pending_requests{db_client_connection_pool_name=\"primary\"} 0",
            "db_client_connection_timeouts_total{db_client_connection_pool_name=\"primary\"} 1",
            "db_client_connection_wait_time_seconds_count{db_client_connection_pool_name=\"primary\"} 2",
        ],
    );
}
