//! Sums of usage by what the fleet is filtered and told apart by, who was connected most and not at all, and how far that is
//! known.

use chrono::{Duration, NaiveTime};
use domain::access::{Reach, Scope};
use domain::usage::HourMask;
use domain::workspace::{ObservedWorkspace, WorkspaceState};

use super::*;
use crate::repo::inventory::{SyncContext, inventory_apply, tags_apply};
use crate::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use crate::repo::usage_coverage::usage_covered;
use crate::testing::{TestDb, db_test, observed};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn midnight(text: &str) -> DateTime<Utc> {
    date(text).and_time(NaiveTime::MIN).and_utc()
}

fn used(id: WorkspaceId, days: &[(&str, u32)]) -> WorkspaceUsage {
    let day = |(day, minutes): &(&str, u32)| UsageDayRow {
        day: date(day),
        hour_mask: HourMask::of_range(0, minutes.div_ceil(60).saturating_sub(1)),
        connected_minutes: *minutes,
        sessions: 2,
        first_at: midnight(day),
        last_at: midnight(day) + Duration::minutes(i64::from(*minutes)),
        resolution_secs: 300,
    };
    let (from, to) = (midnight("2026-01-01"), midnight("2026-03-01"));
    WorkspaceUsage { workspace_id: id, from, to, intervals: Vec::new(), days: days.iter().map(day).collect() }
}

/// Four WorkSpaces: two used, one not, one whose usage is not known from the beginning of February on.
async fn fleet(test: &TestDb) -> (SyncContext, Vec<WorkspaceId>) {
    let ctx = test.account().await;
    let one = |number: usize| ObservedWorkspace {
        state: if number == 1 { WorkspaceState::Stopped } else { WorkspaceState::Available },
        ..observed(number)
    };
    let all: Vec<_> = (0..4).map(one).collect();
    inventory_apply(&test.db, &ctx, &all).await.unwrap();
    let ids: Vec<_> = all.iter().map(|one| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id)).collect();
    let usage = [
        used(ids[0], &[("2026-01-31", 600), ("2026-02-01", 60), ("2026-02-02", 30)]),
        used(ids[1], &[("2026-02-02", 200)]),
    ];
    usage_window_replace(&test.db, &usage).await.unwrap();
    let (begin, end) = (midnight("2026-01-01"), midnight("2026-03-01"));
    let covered =
        [(ids[0], begin, end), (ids[1], begin, end), (ids[2], begin, end), (ids[3], midnight("2026-02-15"), end)];
    usage_covered(&test.db, &covered).await.unwrap();
    let team = |team: &str| [("Team".to_owned(), team.to_owned())].into_iter().collect();
    tags_apply(&test.db, &[(ids[0], team("Ops")), (ids[1], team("Ops"))], test.now()).await.unwrap();
    (ctx, ids)
}

const FEBRUARY: (&str, &str) = ("2026-02-01", "2026-03-01");

fn february() -> (NaiveDate, NaiveDate) {
    (date(FEBRUARY.0), date(FEBRUARY.1))
}

db_test! {
    async fn sums_follow_the_filter_and_the_group(test) {
        let (ctx, _) = fleet(test).await;
        let scope = Scope::Everything;
        let all = WorkspaceFilter::default();
        let sum = usage_sum(&test.db, &scope, &all, february()).await.unwrap();
        assert_eq!(sum, UsageTotals { workspaces: 2, days: 3, minutes: 290, hours: 1 + 1 + 4, sessions: 6 });
        let stopped = WorkspaceFilter { states: vec![WorkspaceState::Stopped], ..all.clone() };
        assert_eq!(usage_sum(&test.db, &scope, &stopped, february()).await.unwrap().minutes, 200);
        let by = async |group: UsageGroup| -> Vec<(String, u64)> {
            let sums = usage_sums_by(&test.db, &scope, &all, february(), &group).await.unwrap();
            sums.into_iter().map(|one| (one.key, one.totals.minutes)).collect()
        };
        let of = |key: &str, minutes| (key.to_owned(), minutes);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::State)).await, [of("STOPPED", 200), of("AVAILABLE", 90)]);
        assert_eq!(by(UsageGroup::Day).await, [of("2026-02-01", 60), of("2026-02-02", 230)]);
        assert_eq!(by(UsageGroup::Month).await, [of("2026-02", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Region)).await, [of("eu-central-1", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Tag("Team".to_owned()))).await, [of("Ops", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Tag("Stage".to_owned()))).await, [of("", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Bundle)).await, [of("wsb-000000001", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Directory)).await, [of("d-906700001", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Account)).await, [of(&format!("account {}", ctx.account_id), 290)]);
        let mine = Scope::desktops(["user.00000"]);
        assert_eq!(usage_sum(&test.db, &mine, &all, february()).await.unwrap().minutes, 90);
        let elsewhere = Scope::only(Reach::Account { account_id: test.env.new_id().into() });
        assert_eq!(usage_sum(&test.db, &elsewhere, &all, february()).await.unwrap(), UsageTotals::default());
    }

    async fn who_was_connected_most_least_and_not_at_all(test) {
        let (_, ids) = fleet(test).await;
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let ranked = async |direction, limit| -> Vec<(WorkspaceId, u64)> {
            let sums = usage_ranking(&test.db, &scope, &all, february(), direction, limit).await.unwrap();
            sums.into_iter().map(|one| (one.workspace_id, one.totals.minutes)).collect()
        };
        assert_eq!(ranked(SortDirection::Descending, 9).await, [(ids[1], 200), (ids[0], 90)]);
        assert_eq!(ranked(SortDirection::Ascending, 1).await, [(ids[0], 90)]);
        // Whose usage is not known from the beginning on may have been connected.
        let unused = usage_unused(&test.db, &scope, &all, february(), midnight("2026-03-01"), 9).await.unwrap();
        assert_eq!((unused.total, unused.first), (1, vec![ids[2]]));
        let later = (date("2026-02-20"), date("2026-03-01"));
        let unused = usage_unused(&test.db, &scope, &all, later, midnight("2026-03-01"), 2).await.unwrap();
        assert_eq!((unused.total, unused.first), (4, vec![ids[0], ids[1]]));
        let beyond = usage_unused(&test.db, &scope, &all, later, midnight("2026-03-02"), 2).await.unwrap();
        assert_eq!(beyond, UnusedWorkspaces::default());
        let known = usage_known(&test.db, &scope, &all).await.unwrap();
        let from = Some(midnight("2026-02-15"));
        assert_eq!(known, UsageKnown { workspaces: 4, unread: 0, from, to: Some(midnight("2026-03-01")) });
        let nothing = usage_known(&test.db, &Scope::nothing(), &all).await.unwrap();
        assert_eq!(nothing, UsageKnown::default());
        let (begin, end) = (midnight("2026-02-01"), midnight("2026-03-01"));
        let mut known = usage_known_ids(&test.db, &scope, &all, begin, end).await.unwrap();
        known.sort_unstable();
        let mut expected = ids[..3].to_vec();
        expected.sort_unstable();
        assert_eq!(known, expected);
    }
}
