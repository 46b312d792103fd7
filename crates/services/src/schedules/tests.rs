//! Schedules as people use them: look, change, pause, run now.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::access::{Actor, Role};
use domain::event::Event;
use domain::sync::SyncKind;

use super::*;
use crate::events::events_after;
use crate::testing::{FakeFleet, Harness, both_databases};

async fn one(harness: &Harness, name: &str) -> ScheduleOverview {
    let all = list_schedules(&harness.ctx, &harness.actor(Role::Viewer)).await.unwrap();
    all.into_iter().find(|overview| overview.schedule.name() == name).unwrap()
}

fn period(secs: u64) -> ScheduleChange {
    ScheduleChange { period_secs: Some(Some(secs)), paused: None }
}

const PAUSE: ScheduleChange = ScheduleChange { period_secs: None, paused: Some(true) };

#[tokio::test]
async fn every_kind_of_data_has_a_schedule_with_its_configured_period() {
    let harness = Harness::new(FakeFleet::default()).await;
    harness.account().await;
    let all = list_schedules(&harness.ctx, &harness.actor(Role::Viewer)).await.unwrap();
    let named: BTreeSet<_> = all.iter().map(|overview| overview.schedule.name()).collect();
    let expected: BTreeSet<_> =
        SyncKind::ALL.iter().map(|kind| kind.as_str()).chain(["prune", "audit-checkpoint", "audit-verify"]).collect();
    assert_eq!(named, expected);
    for overview in &all {
        assert_eq!(overview.setting.period, overview.configured_period);
        assert_eq!((overview.places, overview.last_tick), (1, None), "{overview:?}");
        let next = overview.next_tick.unwrap();
        assert!(next > harness.ctx.env.now() && next <= harness.ctx.env.now() + overview.configured_period);
        let (least, most) = overview.schedule.bounds();
        assert!((least..=most).contains(&overview.configured_period.as_secs()), "{overview:?}");
        assert_eq!(Schedule::named(overview.schedule.name()), Some(overview.schedule));
    }
    let seconds = |name: &str| all.iter().find(|o| o.schedule.name() == name).unwrap().configured_period.as_secs();
    assert_eq!(
        ["sync-directories", "sync-connection-status", "sync-usage", "sync-cloudtrail", "sync-billing", "sync-prices"]
            .map(seconds),
        [3600, 300, 10_800, 300, 43_200, 86_400]
    );
    assert_eq!(["sync-images", "sync-quotas"].map(seconds), [86_400, 86_400]);
}

#[tokio::test]
async fn a_change_holds_until_it_is_taken_back() {
    let harness = Harness::new(FakeFleet::default()).await;
    let (ctx, operator) = (&harness.ctx, harness.actor(Role::Operator));
    let before = crate::events::latest_event_id(ctx).await.unwrap();
    let changed = update_schedule(ctx, &operator, "sync-usage", period(3600)).await.unwrap();
    assert_eq!(changed.setting.period, Duration::from_secs(3600));
    let change = changed.change.unwrap();
    assert_eq!((change.updated_by_name.as_str(), change.updated_at), ("user3@example.com", ctx.env.now()));
    let told = events_after(ctx, before, 10).await.unwrap();
    assert_eq!(told[0].event, Event::Schedule { name: "sync-usage".to_owned() });

    // One is changed without the other.
    let paused = update_schedule(ctx, &operator, "sync-usage", PAUSE).await.unwrap();
    assert_eq!((paused.setting.paused, paused.setting.period), (true, Duration::from_secs(3600)));
    assert_eq!(paused.next_tick, None);
    let resumed = ScheduleChange { period_secs: Some(None), paused: Some(false) };
    let resumed = update_schedule(ctx, &operator, "sync-usage", resumed).await.unwrap();
    assert_eq!((resumed.setting.paused, resumed.setting.period), (false, resumed.configured_period));
    assert!(resumed.next_tick.is_some());
    assert_eq!(one(&harness, "sync-billing").await.change, None, "the others stay");

    // Nothing changed is nothing told.
    let before = crate::events::latest_event_id(ctx).await.unwrap();
    update_schedule(ctx, &operator, "sync-usage", ScheduleChange::default()).await.unwrap();
    assert_eq!(crate::events::latest_event_id(ctx).await.unwrap(), before);
}

#[tokio::test]
async fn periods_have_bounds_and_names_must_be_known() {
    let harness = Harness::new(FakeFleet::default()).await;
    let (ctx, admin) = (&harness.ctx, harness.actor(Role::Admin));
    for secs in [0, 59, 31 * 86_400 + 1, u64::from(u32::MAX) + 60, u64::MAX] {
        let refused = update_schedule(ctx, &admin, "sync-usage", period(secs)).await.unwrap_err();
        assert!(matches!(refused, ScheduleError::Period { least: 60, most: 2_678_400 }), "{secs}: {refused:?}");
    }
    for secs in [60, 31 * 86_400] {
        update_schedule(ctx, &admin, "sync-usage", period(secs)).await.unwrap();
    }
    update_schedule(ctx, &admin, "sync-workspaces", period(5)).await.unwrap();
    assert!(update_schedule(ctx, &admin, "sync-workspaces", period(4)).await.is_err());
    for name in ["", "sync-", "watch-workspaces", "SYNC-USAGE", "sync-usage:x"] {
        assert!(matches!(update_schedule(ctx, &admin, name, PAUSE).await, Err(ScheduleError::NotFound)), "{name}");
        assert!(matches!(run_schedule(ctx, &admin, name).await, Err(ScheduleError::NotFound)), "{name}");
    }
}

#[tokio::test]
async fn running_one_now_starts_each_place_once() {
    let harness = Harness::new(FakeFleet::default()).await;
    let (ctx, operator) = (&harness.ctx, harness.actor(Role::Operator));
    assert_eq!(run_schedule(ctx, &operator, "sync-directories").await.unwrap(), [], "nobody to run it for");
    harness.account().await;
    harness.account().await;
    let jobs = run_schedule(ctx, &operator, "sync-directories").await.unwrap();
    assert_eq!((jobs.len(), harness.queued("sync-directories").await), (2, 2));
    let again = run_schedule(ctx, &operator, "sync-directories").await.unwrap();
    assert_eq!((again, harness.queued("sync-directories").await), (jobs, 2), "those that wait do it");
    let overview = one(&harness, "sync-directories").await;
    assert_eq!(overview.places, 2);
    assert_eq!(overview.last_job.unwrap().created_by_name, "user3@example.com");
    update_schedule(ctx, &operator, "sync-billing", PAUSE).await.unwrap();
    assert_eq!(run_schedule(ctx, &operator, "sync-billing").await.unwrap().len(), 2, "paused, and asked for");
    assert_eq!(run_schedule(ctx, &operator, "prune").await.unwrap().len(), 1);
}

#[tokio::test]
async fn looking_changing_and_running_need_their_permissions() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    for role in Role::ALL {
        let actor: Actor = harness.actor(*role);
        let reads = list_schedules(ctx, &actor).await.is_ok();
        let changes = update_schedule(ctx, &actor, "prune", PAUSE).await.is_ok();
        let runs = run_schedule(ctx, &actor, "sync-usage").await.is_ok();
        let expected = match role {
            Role::Owner | Role::Admin | Role::Operator => (true, true, true),
            Role::Approver | Role::Auditor | Role::Viewer => (true, false, false),
            Role::Member => (false, false, false),
        };
        assert_eq!((reads, changes, runs), expected, "{role}");
    }
}

#[test]
fn a_tick_belongs_to_one_schedule() {
    for (tick, owner) in [
        ("sync-usage:0190b6a0-0000-7000-8000-000000000000:us-east-1", "sync-usage"),
        ("prune", "prune"),
        ("sync-workspaces:x:y", "sync-workspaces"),
    ] {
        let owners: Vec<_> = Schedule::all().filter(|schedule| schedule.owns(tick)).map(Schedule::name).collect();
        assert_eq!(owners, [owner]);
    }
    assert!(Schedule::all().all(|schedule| !schedule.owns("sync-usages") && !schedule.owns("pruned")));
}

#[test]
fn where_syncs_are_off_the_housekeeping_goes_on() {
    let mut config = platform::config::Config::default();
    config.sync.enabled = false;
    let ticking = |config: &platform::config::Config| -> Vec<_> {
        let settings = Setting::all(&config.into(), &[]);
        settings.into_iter().filter(Setting::ticks).map(|setting| setting.schedule.name()).collect()
    };
    assert_eq!(ticking(&config), ["prune", "audit-checkpoint", "audit-verify"]);
    config.backup.dir = Some("/backups".into());
    assert_eq!(ticking(&config), ["prune", "audit-checkpoint", "audit-verify", "backup"]);
}

#[tokio::test]
async fn what_watches_the_audit_log_is_not_the_operators() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    for name in ["audit-checkpoint", "audit-verify"] {
        let refused = update_schedule(ctx, &harness.actor(Role::Operator), name, PAUSE).await;
        assert!(matches!(refused, Err(ScheduleError::Forbidden(_))), "{refused:?}");
        let mut owner = harness.actor(Role::Owner);
        let refused = update_schedule(ctx, &owner, name, PAUSE).await;
        assert!(matches!(refused, Err(ScheduleError::StepUp(_))), "{refused:?}");
        owner.origin.proved_at = Some(ctx.env.now());
        update_schedule(ctx, &owner, name, PAUSE).await.unwrap();
        assert!(one(&harness, name).await.setting.paused);
    }
    let mut owner = harness.actor(Role::Owner);
    owner.origin.proved_at = Some(ctx.env.now());
    let refused = update_schedule(ctx, &owner, "audit-checkpoint", period(7 * 86_400)).await;
    assert!(matches!(refused, Err(ScheduleError::Period { .. })), "{refused:?}");
}

both_databases! {
    async fn two_changes_at_the_same_instant_both_hold(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let (ctx, operator) = (&harness.ctx, harness.actor(Role::Operator));
        for schedule in Schedule::all().filter(|one| one.is_here(&ctx.policy.now()) && !one.watches_the_log()) {
            let name = schedule.name();
            let (one, two) = tokio::join!(
                update_schedule(ctx, &operator, name, period(7200)),
                update_schedule(ctx, &operator, name, PAUSE)
            );
            one.unwrap();
            two.unwrap();
            let setting = self::one(&harness, name).await.setting;
            assert_eq!((setting.period, setting.paused), (Duration::from_secs(7200), true), "{name}");
        }
    }
}
