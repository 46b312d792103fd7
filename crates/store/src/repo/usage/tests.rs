//! Usage: a stretch that is read replaces what was there and nothing around it, and what did not change is not written.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveTime};
use domain::access::Scope;
use domain::ids::Region;
use domain::usage::intervals::{clip, normalise, subtract, union};

use super::*;
use crate::repo::inventory::{SyncContext, inventory_apply};
use crate::testing::{TestDb, db_test, observed};

async fn fleet(test: &TestDb, count: usize) -> (SyncContext, Vec<WorkspaceId>) {
    let ctx = test.account().await;
    let all: Vec<_> = (0..count).map(observed).collect();
    inventory_apply(&test.db, &ctx, &all).await.unwrap();
    let ids = all.iter().map(|one| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id)).collect();
    (ctx, ids)
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The moment so many minutes after the beginning of February.
fn minute(minutes: i64) -> DateTime<Utc> {
    date("2026-02-01").and_time(NaiveTime::MIN).and_utc() + Duration::minutes(minutes)
}

/// From one such minute to another.
fn piece(from: i64, to: i64) -> ConnectedInterval {
    ConnectedInterval { start: minute(from).timestamp(), end: minute(to).timestamp() }
}

fn row(day: &str, hours: u32, minutes: u32) -> UsageDayRow {
    let day = date(day);
    let midnight = day.and_time(NaiveTime::MIN).and_utc();
    UsageDayRow {
        day,
        hour_mask: HourMask::of_range(0, hours - 1),
        connected_minutes: minutes,
        sessions: 1,
        first_at: midnight,
        last_at: midnight + Duration::minutes(i64::from(minutes)),
        resolution_secs: 300,
    }
}

fn read(id: WorkspaceId, from: i64, to: i64, pieces: &[(i64, i64)], days: &[UsageDayRow]) -> WorkspaceUsage {
    WorkspaceUsage {
        workspace_id: id,
        from: minute(from),
        to: minute(to),
        intervals: pieces.iter().map(|(from, to)| piece(*from, *to)).collect(),
        days: days.to_vec(),
    }
}

async fn kept(test: &TestDb, id: WorkspaceId) -> Vec<ConnectedInterval> {
    usage_intervals(&test.db, &Scope::Everything, id, minute(-100_000), minute(100_000)).await.unwrap()
}

async fn kept_days(test: &TestDb, id: WorkspaceId) -> Vec<UsageDayRow> {
    usage_days(&test.db, &Scope::Everything, id, date("2026-01-01"), date("2026-04-01")).await.unwrap()
}

db_test! {
    async fn a_stretch_replaces_what_was_there_and_nothing_around_it(test) {
        let (ctx, ids) = fleet(test, 3).await;
        let unknown = WorkspaceId::derive(ctx.account_id, &ctx.region, "ws-unknown00");
        let first = [
            read(ids[0], 0, 2880, &[(60, 120), (600, 900), (1430, 1500)], &[row("2026-02-01", 7, 370), row("2026-02-02", 1, 60)]),
            read(ids[1], 0, 2880, &[(0, 2880)], &[row("2026-02-01", 24, 1440), row("2026-02-02", 24, 1440)]),
            read(unknown, 0, 2880, &[(0, 5)], &[row("2026-02-01", 1, 5)]),
        ];
        let tx = test.db.begin().await.unwrap();
        let outcome = usage_window_replace(&tx, &first).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(outcome, UsageOutcome { intervals: 4, days: 4, unknown: 1 });
        assert_eq!(kept(test, ids[0]).await, [piece(60, 120), piece(600, 900), piece(1430, 1500)]);
        assert_eq!(usage_window_replace(&test.db, &first).await.unwrap(), UsageOutcome { unknown: 1, ..UsageOutcome::default() });

        // The second day again: what crosses midnight stays one interval, what AWS takes back goes, other days stay.
        let second = [
            read(ids[0], 1440, 2880, &[(1440, 1500), (2000, 2100)], &[row("2026-02-02", 3, 160)]),
            read(ids[1], 1440, 2880, &[], &[]),
            read(ids[2], 1440, 2880, &[(2875, 2880)], &[row("2026-02-02", 1, 5)]),
        ];
        let outcome = usage_window_replace(&test.db, &second).await.unwrap();
        assert_eq!(outcome, UsageOutcome { intervals: 1 + 2 + 1, days: 1 + 1 + 1, unknown: 0 });
        assert_eq!(kept(test, ids[0]).await, [piece(60, 120), piece(600, 900), piece(1430, 1500), piece(2000, 2100)]);
        assert_eq!(kept(test, ids[1]).await, [piece(0, 1440)]);
        assert_eq!(kept_days(test, ids[0]).await, [row("2026-02-01", 7, 370), row("2026-02-02", 3, 160)]);
        assert_eq!(kept_days(test, ids[1]).await, [row("2026-02-01", 24, 1440)]);

        // The next stretch begins where this one ended: the session goes on.
        let third = [read(ids[2], 2880, 3000, &[(2880, 2900)], &[row("2026-02-03", 1, 20)])];
        usage_window_replace(&test.db, &third).await.unwrap();
        assert_eq!(kept(test, ids[2]).await, [piece(2875, 2900)]);
        assert_eq!(kept_days(test, ids[2]).await, [row("2026-02-02", 1, 5), row("2026-02-03", 1, 20)]);
        let known = usage_intervals_many(&test.db, &ids, minute(2900), minute(3000)).await.unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [(ids[2], vec![piece(2875, 2900)])]);
        // Neither an empty stretch nor nothing at all writes anything.
        let nothing = [read(ids[2], 2880, 2880, &[(2870, 2890)], &[])];
        assert_eq!(usage_window_replace(&test.db, &nothing).await.unwrap(), UsageOutcome::default());
        assert_eq!(usage_window_replace(&test.db, &[]).await.unwrap(), UsageOutcome::default());
    }

    async fn any_order_of_stretches_ends_as_if_read_at_once(test) {
        let (_, ids) = fleet(test, 8).await;
        let mut truth: BTreeMap<WorkspaceId, Vec<ConnectedInterval>> = BTreeMap::new();
        for round in 0..40 {
            let draw = |below: i64| i64::try_from(u64::from_le_bytes(test.env.random.bytes()) % u64::try_from(below).unwrap()).unwrap();
            let stretches: Vec<_> = ids
                .iter()
                .map(|id| {
                    let (from, length) = (5 * draw(400), 5 * (1 + draw(200)));
                    let pieces: Vec<_> = (0..draw(6)).map(|_| 5 * draw(600)).map(|at| (at, at + 5 * (1 + draw(60)))).collect();
                    read(*id, from, from + length, &pieces, &[])
                })
                .collect();
            usage_window_replace(&test.db, &stretches).await.unwrap();
            for one in &stretches {
                let known = truth.entry(one.workspace_id).or_default();
                let (from, to) = (one.from.timestamp(), one.to.timestamp());
                *known = union(&subtract(known, from, to), &clip(&normalise(one.intervals.clone()), from, to));
            }
            for id in &ids {
                assert_eq!(kept(test, *id).await, truth[id], "round {round}");
            }
        }
        // A part of it: what is at least partly within, as it is kept.
        for id in &ids {
            for (from, to) in [(0, 5), (500, 1500), (1499, 1501)] {
                let some = usage_intervals(&test.db, &Scope::Everything, *id, minute(from), minute(to)).await.unwrap();
                let (from, to) = (minute(from).timestamp(), minute(to).timestamp());
                let expected: Vec<_> = truth[id].iter().filter(|one| one.start < to && one.end > from).copied().collect();
                assert_eq!(some, expected);
            }
        }
    }

    async fn sums_by_place_and_person(test) {
        let (ctx, ids) = fleet(test, 3).await;
        let days = [row("2026-02-01", 7, 370), row("2026-02-02", 24, 1440), row("2026-03-01", 1, 5)];
        let month = |id: WorkspaceId, days: &[UsageDayRow]| read(id, 0, 60 * 24 * 30, &[], days);
        usage_window_replace(&test.db, &[month(ids[0], &days), month(ids[1], &days[..1])]).await.unwrap();
        let (from, to) = (date("2026-02-01"), date("2026-03-01"));
        let everything = Scope::Everything;
        let sum = |region: Option<Region>, scope: Scope| async move {
            usage_totals(&test.db, &scope, Some(ctx.account_id), region.as_ref(), from, to).await.unwrap()
        };
        let all = UsageTotals { workspaces: 2, days: 3, minutes: 370 * 2 + 1440, hours: 7 * 2 + 24, sessions: 3 };
        assert_eq!(sum(Some(ctx.region.clone()), everything.clone()).await, all);
        assert_eq!(sum(None, everything.clone()).await, all);
        assert_eq!(sum(Some("us-east-1".parse().unwrap()), everything.clone()).await, UsageTotals::default());
        let own = Scope::desktops([observed(1).user_name]);
        let mine = UsageTotals { workspaces: 1, days: 1, minutes: 370, hours: 7, sessions: 1 };
        assert_eq!(sum(None, own.clone()).await, mine);
        let each = usage_totals_by_workspace(&test.db, &everything, None, None, from, to).await.unwrap();
        let mut expected = vec![
            WorkspaceUsageTotals { workspace_id: ids[0], totals: UsageTotals { workspaces: 1, days: 2, minutes: 1810, hours: 31, sessions: 2 } },
            WorkspaceUsageTotals { workspace_id: ids[1], totals: mine },
        ];
        expected.sort_by_key(|one| one.workspace_id);
        assert_eq!(each, expected);
        // Nobody looks at what is not theirs.
        assert_eq!(usage_days(&test.db, &own, ids[0], from, to).await.unwrap(), []);
        assert_eq!(usage_days(&test.db, &own, ids[1], from, to).await.unwrap(), days[..1]);
        usage_window_replace(&test.db, &[read(ids[0], 0, 60, &[(0, 30)], &[])]).await.unwrap();
        assert_eq!(usage_intervals(&test.db, &own, ids[0], minute(0), minute(60)).await.unwrap(), []);
    }

    async fn daily_measures_are_written_when_they_differ(test) {
        let (ctx, ids) = fleet(test, 2).await;
        let unknown = WorkspaceId::derive(ctx.account_id, &ctx.region, "ws-unknown00");
        let measure = |workspace_id: WorkspaceId, day: &str, metric: Metric, average: f64, maximum: f64| {
            MetricDayRow { workspace_id, day: date(day), metric, average, maximum }
        };
        let first = [
            measure(ids[0], "2026-02-01", Metric::CpuUsage, 99.0, 100.0),
            measure(ids[0], "2026-02-01", Metric::CpuUsage, 12.345_678_901_234_5, 100.0),
            measure(ids[0], "2026-02-01", Metric::InSessionLatency, 80.0, 0.1 + 0.2),
            measure(ids[1], "2026-02-02", Metric::UserVolumeDiskUsage, f64::NAN, 3.0),
            measure(ids[1], "2026-02-02", Metric::RootVolumeDiskUsage, 1.0, f64::INFINITY),
            measure(unknown, "2026-02-02", Metric::MemoryUsage, 1.0, 2.0),
        ];
        assert_eq!(metric_day_put_many(&test.db, &first).await.unwrap(), 2);
        assert_eq!(metric_day_put_many(&test.db, &first[1..]).await.unwrap(), 0);
        let other = measure(ids[0], "2026-02-01", Metric::InSessionLatency, 81.0, 0.1 + 0.2);
        assert_eq!(metric_day_put_many(&test.db, &[first[1], other]).await.unwrap(), 1);
        let (from, to) = (date("2026-02-01"), date("2026-02-02"));
        let kept = metric_days(&test.db, &Scope::Everything, ids[0], from, to).await.unwrap();
        assert_eq!(kept, [first[1], other]);
        let own = Scope::desktops([observed(1).user_name]);
        assert_eq!(metric_days(&test.db, &own, ids[0], from, to).await.unwrap(), []);
        // Every measure there is can be kept and read.
        let each: Vec<_> = Metric::ALL.iter().map(|metric| measure(ids[1], "2026-02-01", *metric, 1.5, 2.5)).collect();
        metric_day_put_many(&test.db, &each).await.unwrap();
        assert_eq!(metric_days(&test.db, &own, ids[1], from, to).await.unwrap().len(), Metric::ALL.len());
    }

    async fn what_is_old_goes_in_batches(test) {
        let (_, ids) = fleet(test, 2).await;
        let pieces: Vec<_> = (0..20).map(|n| (n * 60, n * 60 + 30)).collect();
        for id in &ids {
            let days = [row("2026-02-01", 3, 5), row("2026-02-02", 3, 5)];
            usage_window_replace(&test.db, &[read(*id, 0, 2880, &pieces, &days)]).await.unwrap();
        }
        // The tenth has begun and not ended.
        assert_eq!(usage_interval_prune(&test.db, minute(9 * 60 + 15), 12).await.unwrap(), 12);
        assert_eq!(usage_interval_prune(&test.db, minute(9 * 60 + 15), 12).await.unwrap(), 6);
        assert_eq!(usage_interval_prune(&test.db, minute(9 * 60 + 15), 12).await.unwrap(), 0);
        assert_eq!(kept(test, ids[0]).await.len(), 11);
        assert_eq!(usage_day_prune(&test.db, date("2026-02-02"), 1).await.unwrap(), 1);
        assert_eq!(usage_day_prune(&test.db, date("2026-02-02"), 9).await.unwrap(), 1);
        assert_eq!(usage_day_prune(&test.db, date("2026-02-02"), 9).await.unwrap(), 0);
        assert_eq!(kept_days(test, ids[1]).await, [row("2026-02-02", 3, 5)]);
        let measures = ids.iter().map(|id| MetricDayRow {
            workspace_id: *id, day: date("2026-02-01"), metric: Metric::CpuUsage, average: 1.0, maximum: 1.0,
        });
        metric_day_put_many(&test.db, &measures.collect::<Vec<_>>()).await.unwrap();
        assert_eq!(metric_day_prune(&test.db, date("2026-02-01"), 9).await.unwrap(), 0);
        assert_eq!(metric_day_prune(&test.db, date("2026-02-02"), 9).await.unwrap(), 2);
    }
}
