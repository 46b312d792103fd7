//! Marks: whoever writes what estimates are made from leaves one, whoever changes nothing leaves none, and forgetting the old ones makes
//! no two states look alike.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::usage::{ConnectedInterval, HourMask};
use domain::workspace::{ObservedBundle, ObservedWorkspace, RunningMode, WorkspaceState};
use serde_json::json;

use super::*;
use crate::repo::accounts::account_delete;
use crate::repo::inventory::{SyncContext, bundles_apply, inventory_apply, workspaces_mark_gone, workspaces_state_set};
use crate::repo::prices::{PriceRow, prices_replace};
use crate::repo::trail::{TrailEventRow, trail_append, trail_prune};
use crate::repo::usage::{UsageDayRow, WorkspaceUsage, usage_day_prune, usage_interval_prune, usage_window_replace};
use crate::repo::usage_coverage::{usage_coverage_cut, usage_coverage_forget, usage_covered};
use crate::testing::{TestDb, db_test, observed};

/// Makes one differ from what it was.
type Change = fn(&mut ObservedWorkspace);

fn midnight(text: &str) -> DateTime<Utc> {
    text.parse::<NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc()
}

async fn version(test: &TestDb, account: AccountId) -> EstimateVersion {
    estimate_versions(&test.db, &[account]).await.unwrap()[&account]
}

/// Does something, and says whether that left a mark: nowhere else, unless it is about every account.
struct Watch<'a> {
    test: &'a TestDb,
    account: AccountId,
    other: AccountId,
}

impl Watch<'_> {
    async fn marked(&self, done: impl Future<Output = ()>) -> (bool, bool) {
        let before = (version(self.test, self.account).await, version(self.test, self.other).await);
        done.await;
        (version(self.test, self.account).await != before.0, version(self.test, self.other).await != before.1)
    }
}

const NO: (bool, bool) = (false, false);
const HERE: (bool, bool) = (true, false);
const EVERYWHERE: (bool, bool) = (true, true);

fn id(ctx: &SyncContext, number: usize) -> WorkspaceId {
    WorkspaceId::derive(ctx.account_id, &ctx.region, &observed(number).aws_id)
}

async fn begin(test: &TestDb) -> (SyncContext, AccountId) {
    let (ctx, other) = (test.account().await, test.account().await.account_id);
    inventory_apply(&test.db, &ctx, &[observed(0), observed(1)]).await.unwrap();
    (ctx, other)
}

fn price(price_e10: i64) -> PriceRow {
    PriceRow {
        sku: "A".to_owned(),
        bundle: None,
        compute_type: None,
        license: None,
        operating_system: None,
        root_gb: None,
        user_gb: None,
        running_mode: None,
        unit: "hour".to_owned(),
        usage_type: None,
        price_e10,
        currency: "USD".to_owned(),
        effective_at: None,
        read_at: DateTime::UNIX_EPOCH,
    }
}

fn event(name: &str) -> TrailEventRow {
    TrailEventRow {
        event_id: name.to_owned(),
        at: midnight("2026-02-10"),
        name: name.to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: None,
        actor: String::new(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: None,
        error_message: None,
        detail: json!({}),
        workspaces: vec![observed(0).aws_id],
    }
}

fn usage(ctx: &SyncContext, hours: u32) -> WorkspaceUsage {
    let begin = midnight("2026-02-10");
    let end = begin + Duration::hours(hours.into());
    WorkspaceUsage {
        workspace_id: id(ctx, 0),
        from: midnight("2026-02-01"),
        to: midnight("2026-03-01"),
        intervals: vec![ConnectedInterval { start: begin.timestamp(), end: end.timestamp() }],
        days: vec![UsageDayRow {
            day: begin.date_naive(),
            hour_mask: HourMask::of_range(0, hours - 1),
            connected_minutes: hours * 60,
            sessions: 1,
            first_at: begin,
            last_at: end,
            resolution_secs: 300,
        }],
    }
}

db_test! {
    async fn what_a_workspace_costs_by_leaves_a_mark(test) {
        let (ctx, other) = begin(test).await;
        let watch = Watch { test, account: ctx.account_id, other };
        let ctx = &ctx;
        let see = |one: ObservedWorkspace| async move { inventory_apply(&test.db, ctx, &[one]).await.map(drop).unwrap() };
        assert_eq!(watch.marked(see(observed(0))).await, NO, "nothing is new");
        assert_eq!(watch.marked(see(observed(2))).await, HERE);
        let differs: [(&str, Change, (bool, bool)); 12] = [
            ("state", |one| one.state = WorkspaceState::Stopped, NO),
            ("address", |one| one.ip_address = None, NO),
            ("protocol", |one| one.protocol = None, NO),
            ("mode", |one| one.running_mode = Some(RunningMode::AlwaysOn), HERE),
            ("time-out", |one| one.auto_stop_timeout_minutes = None, HERE),
            ("compute type", |one| one.compute_type = Some("POWER".into()), HERE),
            ("root volume", |one| one.root_volume_gib = Some(175), HERE),
            ("user volume", |one| one.user_volume_gib = Some(100), HERE),
            ("system", |one| one.operating_system = None, HERE),
            ("person", |one| one.user_name = "somebody".to_owned(), HERE),
            ("bundle", |one| one.bundle_id = "wsb-2".to_owned(), HERE),
            ("directory", |one| one.directory_id = "d-2".to_owned(), HERE),
        ];
        for (what, make, expected) in differs {
            let mut one = observed(0);
            make(&mut one);
            assert_eq!(watch.marked(see(one)).await, expected, "{what}");
            see(observed(0)).await;
        }
        let now = test.now();
        let set = async { workspaces_state_set(&test.db, &[id(ctx, 0)], &WorkspaceState::Rebooting, now).await.map(drop).unwrap() };
        assert_eq!(watch.marked(set).await, NO);
        let gone = || async { workspaces_mark_gone(&test.db, &[id(ctx, 0)], now).await.map(drop).unwrap() };
        assert_eq!(watch.marked(gone()).await, HERE);
        assert_eq!(watch.marked(gone()).await, NO, "it had gone");
        let mut back = observed(0);
        back.state = WorkspaceState::Terminated;
        assert_eq!(watch.marked(see(back)).await, HERE, "it is there again");
        let bundle = ObservedBundle {
            aws_id: "wsb-000000001".to_owned(), name: "Standard".to_owned(), owner: "AMAZON".to_owned(), description: None,
            compute_type: None, root_volume_gib: None, user_volume_gib: None, image_id: None,
        };
        let named = || async { assert!(bundles_apply(&test.db, ctx, std::slice::from_ref(&bundle)).await.unwrap() < 2) };
        assert_eq!(watch.marked(named()).await, HERE);
        assert_eq!(watch.marked(named()).await, NO);
    }

    async fn usage_prices_and_events_leave_a_mark(test) {
        let (ctx, other) = begin(test).await;
        let watch = Watch { test, account: ctx.account_id, other };
        let ctx = &ctx;
        let read = |hours: u32| async move { usage_window_replace(&test.db, &[usage(ctx, hours)]).await.map(drop).unwrap() };
        assert_eq!(watch.marked(read(3)).await, HERE);
        assert_eq!(watch.marked(read(3)).await, NO);
        assert_eq!(watch.marked(read(4)).await, HERE);
        let (from, to) = (midnight("2026-02-01"), midnight("2026-03-01"));
        let known = async { usage_covered(&test.db, &[(id(ctx, 0), from, to)]).await.unwrap() };
        assert_eq!(watch.marked(known).await, HERE);
        let cut = |at: DateTime<Utc>| async move { usage_coverage_cut(&test.db, ctx.account_id, &ctx.region, at).await.map(drop).unwrap() };
        assert_eq!(watch.marked(cut(to)).await, NO);
        assert_eq!(watch.marked(cut(midnight("2026-02-27"))).await, HERE);
        let forget = |at: DateTime<Utc>| async move { usage_coverage_forget(&test.db, at, 10).await.map(drop).unwrap() };
        assert_eq!(watch.marked(forget(from)).await, NO);
        assert_eq!(watch.marked(forget(midnight("2026-02-05"))).await, EVERYWHERE);
        let pieces = || async { usage_interval_prune(&test.db, to, 10).await.map(drop).unwrap() };
        assert_eq!(watch.marked(pieces()).await, EVERYWHERE);
        assert_eq!(watch.marked(pieces()).await, NO);
        let days = || async {
            let tx = test.db.begin().await.unwrap();
            usage_day_prune(&tx, to.date_naive(), 10).await.unwrap();
            tx.commit().await.unwrap();
        };
        assert_eq!(watch.marked(days()).await, EVERYWHERE);
        assert_eq!(watch.marked(days()).await, NO);

        let list = |rows: Vec<PriceRow>| async move { prices_replace(&test.db, ctx.account_id, &ctx.region, &rows).await.map(drop).unwrap() };
        assert_eq!(watch.marked(list(vec![price(1)])).await, HERE);
        assert_eq!(watch.marked(list(vec![price(1)])).await, NO);
        assert_eq!(watch.marked(list(vec![price(2)])).await, HERE);
        assert_eq!(watch.marked(list(Vec::new())).await, HERE);

        let called = |name: &'static str| async move {
            trail_append(&test.db, ctx.account_id, &ctx.region, &[event(name)]).await.map(drop).unwrap();
        };
        assert_eq!(watch.marked(called("StartWorkspaces")).await, NO, "that costs nothing by itself");
        for name in crate::repo::costs::BILLING_EVENTS {
            assert_eq!(watch.marked(called(name)).await, HERE, "{name}");
            assert_eq!(watch.marked(called(name)).await, NO, "{name} was known");
        }
        let forgotten = || async { trail_prune(&test.db, to, 10).await.map(drop).unwrap() };
        assert_eq!(watch.marked(forgotten()).await, EVERYWHERE);
        assert_eq!(watch.marked(forgotten()).await, NO);
    }

    async fn no_two_states_look_alike_after_forgetting(test) {
        let (first, second) = (test.account().await.account_id, test.account().await.account_id);
        let mut seen = BTreeSet::new();
        let mut look = |version: EstimateVersion| assert!(seen.insert((version.marks, version.sum)), "{version:?}");
        look(version(test, first).await);
        mark(&test.db, first).await.unwrap();
        look(version(test, first).await);
        let rest = version(test, first).await;
        assert_eq!(estimate_mark_prune(&test.db).await.unwrap(), 0);
        for gone in [0, 200, 600] {
            let tx = test.db.begin().await.unwrap();
            for _ in 0..600 {
                mark(&tx, second).await.unwrap();
            }
            tx.commit().await.unwrap();
            assert_eq!(estimate_mark_prune(&test.db).await.unwrap(), gone);
            assert_eq!(version(test, first).await, rest, "the last one of each stays");
        }
        mark(&test.db, first).await.unwrap();
        look(version(test, first).await);
        assert_eq!(estimate_mark_prune(&test.db).await.unwrap(), 2, "its first, and one more of the other's");
        look(version(test, first).await);
        assert!(account_delete(&test.db, first).await.unwrap());
        assert_eq!(version(test, first).await, EstimateVersion::default());
    }
}
