//! Housekeeping: what is older than it is kept goes from every table, the rest stays, and coverage says so.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use domain::access::Scope;
use domain::cloud::Metric;
use domain::ids::{AccountId, JobId, Region, SyncRunId, WorkspaceId};
use domain::jobs::LogLevel;
use domain::sync::{DataSetStatus, Gap, SyncOutcome, SyncReport};
use domain::usage::{ConnectedInterval, HourMask};
use domain::workspace::WorkspaceState;
use serde_json::{Value, json};
use store::repo::api_spend::{api_spend_add, api_spend_list};
use store::repo::costs::{
    CostDayRow, CostTagDayRow, cost_days, cost_days_replace, cost_tag_days, cost_tag_days_replace,
};
use store::repo::data_sets::{DataSetUpdate, data_set_fetch, data_set_put};
use store::repo::inventory::{SyncContext, inventory_apply};
use store::repo::sync_runs::{NewSyncRun, sync_run_finish, sync_run_list, sync_run_start};
use store::repo::trail::{TrailEventRow, TrailFilter, TrailQuery, trail_append, trail_count, trail_list};
use store::repo::usage::{
    MetricDayRow, UsageDayRow, WorkspaceUsage, metric_day_put_many, metric_days, usage_days, usage_intervals,
    usage_window_replace,
};
use store::repo::usage_coverage::{usage_coverage_of_place, usage_covered};

use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases, observed};

const USD: &str = "USD";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn cost(day: NaiveDate, usage_type: String) -> CostDayRow {
    CostDayRow {
        day,
        region: "eu-central-1".to_owned(),
        usage_type,
        amount_e10: 1,
        quantity_e10: 1,
        unit: "Hrs".to_owned(),
        currency: USD.to_owned(),
        estimated: false,
        read_at: midnight(day),
    }
}

/// One of everything on that day.
async fn put(harness: &Harness, account: AccountId, on: NaiveDate) -> WorkspaceId {
    let (db, region, noon) = (&harness.ctx.db, harness.region(), midnight(on) + Duration::hours(12));
    let one = observed(1, WorkspaceState::Available);
    let workspace = WorkspaceId::derive(account, &region, &one.aws_id);
    let context = SyncContext { account_id: account, region: region.clone(), run: None, at: noon };
    inventory_apply(db, &context, &[one]).await.unwrap();

    let row = UsageDayRow {
        day: on,
        hour_mask: HourMask::of_range(12, 12),
        connected_minutes: 60,
        sessions: 1,
        first_at: noon,
        last_at: noon + Duration::hours(1),
        resolution_secs: 300,
    };
    let usage = WorkspaceUsage {
        workspace_id: workspace,
        from: midnight(on),
        to: midnight(on) + Duration::days(1),
        intervals: vec![ConnectedInterval { start: noon.timestamp(), end: noon.timestamp() + 3600 }],
        days: vec![row],
    };
    usage_window_replace(db, &[usage]).await.unwrap();
    let cpu = MetricDayRow { workspace_id: workspace, day: on, metric: Metric::CpuUsage, average: 1.0, maximum: 2.0 };
    metric_day_put_many(db, &[cpu]).await.unwrap();

    let event = TrailEventRow {
        event_id: format!("event of {on}"),
        at: noon,
        name: "StartWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: String::new(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: None,
        error_message: None,
        detail: json!({}),
        workspaces: vec![observed(1, WorkspaceState::Available).aws_id],
    };
    trail_append(db, account, &region, &[event]).await.unwrap();

    let next = on.succ_opt().unwrap();
    cost_days_replace(db, account, on, next, &[cost(on, "A".to_owned())]).await.unwrap();
    let tagged = CostTagDayRow {
        day: on,
        tag_key: "Team".to_owned(),
        tag_value: "A".to_owned(),
        amount_e10: 1,
        currency: USD.to_owned(),
        estimated: false,
        read_at: noon,
    };
    cost_tag_days_replace(db, account, "Team", on, next, &[tagged]).await.unwrap();
    api_spend_add(db, account, on, "ce", 1, 100_000_000).await.unwrap();

    // The latest run is the one whose id was made last.
    harness.advance(1);
    let id = SyncRunId(harness.ctx.env.new_id());
    let run = NewSyncRun { id, account_id: account, region, kind: SyncKind::Usage, job_id: None, at: noon };
    sync_run_start(db, &run).await.unwrap();
    sync_run_finish(db, id, SyncOutcome::Whole, &SyncReport::default(), None, noon).await.unwrap();
    workspace
}

async fn cover(harness: &Harness, account: AccountId, region: &Region, kind: SyncKind, from: DateTime<Utc>) {
    let to = harness.ctx.env.now();
    let gap = |from: DateTime<Utc>| Gap { from, to: from + Duration::days(1), reason: "denied".to_owned() };
    let update = DataSetUpdate {
        account_id: account,
        region: region.clone(),
        kind,
        status: DataSetStatus::Ok,
        fresh_at: Some(to),
        covered_from: Some(from),
        covered_to: Some(to),
        gaps: Some(vec![gap(from + Duration::days(1)), gap(to - Duration::days(5))]),
        last_run_id: None,
        last_error: None,
        missing_permission: None,
        at: to,
    };
    data_set_put(&harness.ctx.db, &update).await.unwrap();
}

/// Days of what is left, table by table.
async fn left(harness: &Harness, account: AccountId, workspace: WorkspaceId) -> [Vec<NaiveDate>; 7] {
    let (db, everything) = (&harness.ctx.db, Scope::Everything);
    let (from, to) = (day("2000-01-01"), day("2030-01-01"));
    let intervals = usage_intervals(db, &everything, workspace, midnight(from), midnight(to)).await.unwrap();
    let interval_day = |one: &ConnectedInterval| DateTime::from_timestamp(one.start, 0).unwrap().date_naive();
    let events = TrailQuery { filter: TrailFilter::default(), cursor: None, limit: 100 };
    let mut events: Vec<_> =
        trail_list(db, &everything, &events).await.unwrap().rows.iter().map(|row| row.at.date_naive()).collect();
    events.sort_unstable();
    [
        intervals.iter().map(interval_day).collect(),
        usage_days(db, &everything, workspace, from, to).await.unwrap().iter().map(|row| row.day).collect(),
        metric_days(db, &everything, workspace, from, to).await.unwrap().iter().map(|row| row.day).collect(),
        events,
        cost_days(db, account, from, to).await.unwrap().iter().map(|row| row.day).collect(),
        cost_tag_days(db, account, from, to).await.unwrap().iter().map(|row| row.day).collect(),
        api_spend_list(db, &Scope::Everything, Some(account), from, to)
            .await
            .unwrap()
            .iter()
            .map(|row| row.day)
            .collect(),
    ]
}

/// A run that is asked to stop as soon as it says it has forgotten something of that name.
struct StoppedAt {
    said: &'static str,
    stop: AtomicBool,
    progress: Mutex<Vec<(u64, String)>>,
}

#[async_trait]
impl RunHandle for StoppedAt {
    fn job_id(&self) -> JobId {
        JobId(uuid::Uuid::nil())
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn handed_back(&self) -> bool {
        false
    }

    async fn progress(&self, done: u64, _: Option<u64>, note: &str) {
        self.progress.lock().unwrap().push((done, note.to_owned()));
        self.stop.fetch_or(note.starts_with(self.said), Ordering::Relaxed);
    }

    async fn log(&self, _: LogLevel, _: &str) {}

    fn checkpoint(&self) -> Option<Value> {
        None
    }

    async fn save_checkpoint(&self, _: &Tx, _: &Value) -> Result<(), JobError> {
        Ok(())
    }
}

both_databases! {
    async fn each_table_keeps_its_days(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let kept = RetentionConfig {
            usage_interval_days: 63, usage_day_days: 500, metric_day_days: 100, trail_days: 91, cost_days: 456, sync_run_days: 30,
            audit_days: 0, conversations_days: 30,
        };
        harness.ctx.policy.change(|policy| policy.retention = kept);
        let account = harness.account().await;
        // It is 2026-03-01, noon. The last day that is kept of each, and the one before.
        let days = [
            "2024-10-16", "2024-10-17", "2024-11-29", "2024-11-30", "2025-11-20", "2025-11-21", "2025-11-29", "2025-11-30",
            "2025-12-27", "2025-12-28", "2026-01-29", "2026-01-30", "2026-03-01",
        ].map(day);
        let mut workspace = None;
        for on in days {
            workspace = Some(put(&harness, account, on).await);
        }
        let workspace = workspace.unwrap();
        let long_ago = at("2020-01-01T00:00:00Z");
        let other: Region = "us-east-1".parse().unwrap();
        for kind in [SyncKind::Usage, SyncKind::CloudTrail, SyncKind::Billing, SyncKind::Prices] {
            cover(&harness, account, &harness.region(), kind, long_ago).await;
        }
        cover(&harness, account, &other, SyncKind::CloudTrail, at("2026-01-01T00:00:00Z")).await;
        usage_covered(&harness.ctx.db, &[(workspace, long_ago, harness.ctx.env.now())]).await.unwrap();
        let run = RecordedRun::new(harness.job_id());

        let report = prune(&harness.ctx, &run).await.unwrap();

        let from = |first: &str| days.into_iter().filter(|on| *on >= day(first)).collect::<Vec<_>>();
        assert_eq!(left(&harness, account, workspace).await, [
            from("2025-12-28"), from("2024-10-17"), from("2025-11-21"), from("2025-11-30"), from("2024-11-30"),
            from("2024-11-30"), from("2024-11-30"),
        ]);
        assert_eq!(report, PruneReport {
            sync_runs: 11, usage_intervals: 9, usage_days: 1, metric_days: 5, trail_events: 7, cost_days: 3, cost_tag_days: 3,
            api_spend: 3, data_sets: 3, ..PruneReport::default()
        });
        assert_eq!(sync_run_list(&harness.ctx.db, &Scope::Everything, None, 100, None).await.unwrap().rows.len(), 2);
        // Events are forgotten with what they are about.
        let about = TrailFilter { workspace_id: Some(workspace), ..TrailFilter::default() };
        assert_eq!(trail_count(&harness.ctx.db, &Scope::Everything, &about).await.unwrap(), 6);

        // Coverage: as far back as the rows, with the gaps that are left.
        let known = async |region: &Region, kind| {
            let set = data_set_fetch(&harness.ctx.db, account, region, kind).await.unwrap();
            (set.covered_from.unwrap(), set.covered_to.unwrap(), set.gaps.len())
        };
        let (now, here) = (harness.ctx.env.now(), harness.region());
        assert_eq!(known(&here, SyncKind::Usage).await, (at("2024-10-17T00:00:00Z"), now, 1));
        assert_eq!(known(&here, SyncKind::CloudTrail).await, (at("2025-11-30T00:00:00Z"), now, 1));
        assert_eq!(known(&here, SyncKind::Billing).await, (at("2024-11-30T00:00:00Z"), now, 1));
        assert_eq!(known(&here, SyncKind::Prices).await, (long_ago, now, 2));
        assert_eq!(known(&other, SyncKind::CloudTrail).await, (at("2026-01-01T00:00:00Z"), now, 2));
        let of_place = usage_coverage_of_place(&harness.ctx.db, account, &here).await.unwrap();
        assert_eq!(of_place, Some((at("2024-10-17T00:00:00Z"), now)));

        assert_eq!(prune(&harness.ctx, &run).await.unwrap(), PruneReport::default());
    }

    async fn nothing_is_forgotten_that_is_kept_for_ever(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let account = harness.account().await;
        let days = [day("2001-01-01"), day("2026-03-01")];
        put(&harness, account, days[0]).await;
        let workspace = put(&harness, account, days[1]).await;
        let run = RecordedRun::new(harness.job_id());
        let known = at("2001-01-01T00:00:00Z");
        cover(&harness, account, &harness.region(), SyncKind::Usage, known).await;
        usage_covered(&harness.ctx.db, &[(workspace, known, harness.ctx.env.now())]).await.unwrap();

        // As configured from the start: days, costs and measures stay.
        let report = prune(&harness.ctx, &run).await.unwrap();
        let expected = PruneReport { sync_runs: 1, usage_intervals: 1, trail_events: 1, ..PruneReport::default() };
        assert_eq!(report, expected);
        let all = days.to_vec();
        let today = all[1..].to_vec();
        let kept = [today.clone(), all.clone(), all.clone(), today, all.clone(), all.clone(), all.clone()];
        assert_eq!(left(&harness, account, workspace).await, kept);
        // The stretches of connected time are gone, and still the usage of those days is known.
        let set = data_set_fetch(&harness.ctx.db, account, &harness.region(), SyncKind::Usage).await.unwrap();
        assert_eq!((set.covered_from, set.gaps.len()), (Some(known), 2));
        let of_place = usage_coverage_of_place(&harness.ctx.db, account, &harness.region()).await.unwrap();
        assert_eq!(of_place, Some((known, harness.ctx.env.now())));

        // And everything, where nothing is to be forgotten.
        put(&harness, account, days[0]).await;
        let kept = RetentionConfig {
            usage_interval_days: 0, usage_day_days: 0, metric_day_days: 0, trail_days: 0, cost_days: 0, sync_run_days: 0,
            audit_days: 0, conversations_days: 0,
        };
        harness.ctx.policy.change(|policy| policy.retention = kept);
        assert_eq!(prune(&harness.ctx, &run).await.unwrap(), PruneReport::default());
        assert!(left(&harness, account, workspace).await.iter().all(|days| *days == all));
    }

    async fn it_stops_between_portions_and_the_next_run_goes_on(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        harness.ctx.policy.change(|policy| policy.retention.cost_days = 456);
        let account = harness.account().await;
        let old = day("2020-01-01");
        let rows: Vec<_> = (0..PORTION + PORTION / 2).map(|number| cost(old, format!("type {number}"))).collect();
        cost_days_replace(&harness.ctx.db, account, old, old.succ_opt().unwrap(), &rows).await.unwrap();
        let handle = StoppedAt { said: "costs by usage type", stop: AtomicBool::default(), progress: Mutex::default() };
        assert!(matches!(prune(&harness.ctx, &handle).await, Err(JobError::Cancelled)));
        assert_eq!(*handle.progress.lock().unwrap().last().unwrap(), (PORTION, "costs by usage type forgotten".to_owned()));
        let left = async || cost_days(&harness.ctx.db, account, old, old.succ_opt().unwrap()).await.unwrap().len();
        assert_eq!(left().await as u64, PORTION / 2);
        let report = prune(&harness.ctx, &RecordedRun::new(harness.job_id())).await.unwrap();
        assert_eq!((report.cost_days, left().await), (PORTION / 2, 0));
    }
}
