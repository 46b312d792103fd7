//! Data sets as people look at them.

use chrono::TimeDelta;
use domain::access::Role;
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, Gap, SyncKind};
use store::repo::api_spend::api_spend_add;
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use uuid::Uuid;

use super::*;
use crate::schedules::{ScheduleChange, update_schedule};
use crate::testing::{FakeFleet, Harness};

#[tokio::test]
async fn what_was_never_read_is_shown_too() {
    let harness = Harness::new(FakeFleet::default()).await;
    let viewer = harness.actor(Role::Viewer);
    assert!(list_data_sets(&harness.ctx, &viewer, None).await.unwrap().items.is_empty());
    let account = harness.account().await;
    let other = harness.account().await;
    let all = list_data_sets(&harness.ctx, &viewer, None).await.unwrap().items;
    assert_eq!(all.len(), 2 * SyncKind::ALL.len());
    for set in &all {
        assert_eq!((set.record.status, set.age_secs), (DataSetStatus::Never, None));
        assert!(set.next_due.is_some_and(|due| due > harness.ctx.env.now()));
    }
    let one = list_data_sets(&harness.ctx, &viewer, Some(account)).await.unwrap().items;
    assert_eq!(one.len(), SyncKind::ALL.len());
    assert!(one.iter().all(|set| set.record.account_id == account && set.record.account_id != other));
    let nobody = AccountId(Uuid::nil());
    assert!(list_data_sets(&harness.ctx, &viewer, Some(nobody)).await.unwrap().items.is_empty());
    let member = harness.actor(Role::Member);
    assert!(matches!(list_data_sets(&harness.ctx, &member, None).await, Err(DataSetError::Forbidden(_))));
}

#[tokio::test]
async fn it_tells_age_coverage_and_what_is_missing() {
    let harness = Harness::new(FakeFleet::default()).await;
    let account = harness.account().await;
    let now = harness.ctx.env.now();
    let (from, to) = (now - TimeDelta::days(90), now - TimeDelta::minutes(5));
    let gap = Gap { from: from + TimeDelta::days(1), to: from + TimeDelta::days(2), reason: "denied".into() };
    let update = DataSetUpdate {
        account_id: account,
        region: harness.region(),
        kind: SyncKind::CloudTrail,
        status: DataSetStatus::Partial,
        fresh_at: Some(now),
        covered_from: Some(from),
        covered_to: Some(to),
        gaps: Some(vec![gap.clone()]),
        last_run_id: None,
        last_error: Some("not allowed".into()),
        missing_permission: Some("cloudtrail:LookupEvents".into()),
        at: now,
    };
    data_set_put(&harness.ctx.db, &update).await.unwrap();
    harness.advance(120);
    let change = ScheduleChange { period_secs: Some(Some(900)), paused: Some(true) };
    update_schedule(&harness.ctx, &harness.actor(Role::Admin), "sync-cloudtrail", change).await.unwrap();
    let all = list_data_sets(&harness.ctx, &harness.actor(Role::Auditor), None).await.unwrap().items;
    let set = all.iter().find(|set| set.record.kind == SyncKind::CloudTrail).unwrap();
    assert_eq!((set.age_secs, set.period.as_secs(), set.paused, set.next_due), (Some(120), 900, true, None));
    assert_eq!((set.record.covered_from, set.record.covered_to, &set.record.gaps), (Some(from), Some(to), &vec![gap]));
    assert_eq!(set.record.missing_permission.as_deref(), Some("cloudtrail:LookupEvents"));
    assert!(all.iter().filter(|set| set.record.kind != SyncKind::CloudTrail).all(|set| !set.paused));
}

#[tokio::test]
async fn what_asking_cost_is_summed_over_the_month() {
    let harness = Harness::new(FakeFleet::default()).await;
    let account = harness.account().await;
    // The harness's clock stands at the first of March.
    for (day, service, requests, amount) in [
        ("2026-02-28", "ce", 50, 5_000_000_000),
        ("2026-03-01", "ce", 2, 200_000_000),
        ("2026-03-01", "cloudwatch", 7, 1_234),
        ("2026-03-05", "ce", 3, 300_000_000),
    ] {
        api_spend_add(&harness.ctx.db, account, day.parse().unwrap(), service, requests, amount).await.unwrap();
    }
    harness.advance(4 * 86_400);
    let spend = list_data_sets(&harness.ctx, &harness.actor(Role::Viewer), Some(account)).await.unwrap().spend;
    let sums: Vec<_> = spend.iter().map(|cost| (cost.service.as_str(), cost.requests, cost.amount_e10)).collect();
    assert_eq!(sums, [("ce", 5, 500_000_000), ("cloudwatch", 7, 1_234)]);
}
