//! After whatever was written, moved or forgotten, the sums answer as the days themselves do.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, Days, NaiveTime, Utc};
use domain::access::{Reach, Scope};
use domain::ids::{AccountId, BundleId, DirectoryId, WorkspaceId};
use domain::usage::HourMask;
use domain::workspace::{ObservedWorkspace, RunningMode, WorkspaceState};
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::*;
use crate::repo::accounts::account_delete;
use crate::repo::inventory::{SyncContext, inventory_apply, tags_apply};
use crate::repo::scope::Purpose;
use crate::repo::usage::{
    UsageDayRow, UsageGroup, UsageSeries, UsageTotals, WorkspaceUsage, usage_daily, usage_day_prune, usage_groups,
    usage_hours, usage_ranking, usage_sum, usage_sum_people, usage_sums_by, usage_unused, usage_week,
    usage_window_replace,
};
use crate::repo::usage_coverage::usage_covered;
use crate::repo::workspaces::{GoneFilter, SortDirection, WorkspaceFilter, WorkspaceGroup, conditions};
use crate::testing::{TestDb, db_test, observed};

/// WorkSpaces of each of two accounts.
const EACH: usize = 6;
/// The days that usage is of: from a Thursday on, over the end of a year.
const DAYS: u64 = 70;

fn begin() -> NaiveDate {
    "2025-11-20".parse().unwrap()
}

fn day(number: u64) -> NaiveDate {
    begin() + Days::new(number)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// What is drawn by chance, so much below a bound.
struct Chance<'a>(&'a TestDb);

impl Chance<'_> {
    fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.0.env.random.bytes()) % bound
    }

    fn one<'t, T>(&self, of: &'t [T]) -> &'t T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn small(&self, bound: u64) -> u32 {
        u32::try_from(self.below(bound)).unwrap()
    }

    /// None, one or two of them.
    fn some<T: Clone>(&self, of: &[T]) -> Vec<T> {
        (0..self.below(4).saturating_sub(1)).map(|_| self.one(of).clone()).collect()
    }
}

struct Fleet {
    places: Vec<(SyncContext, Vec<WorkspaceId>)>,
}

impl Fleet {
    async fn new(test: &TestDb) -> Self {
        let first = test.account().await;
        let second = SyncContext { region: "us-east-1".parse().unwrap(), ..test.account().await };
        let mut places = Vec::new();
        for ctx in [first, second] {
            let all: Vec<_> = (0..EACH).map(observed).collect();
            inventory_apply(&test.db, &ctx, &all).await.unwrap();
            let id = |one: &ObservedWorkspace| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id);
            let ids: Vec<_> = all.iter().map(id).collect();
            let covered: Vec<_> = ids.iter().map(|id| (*id, midnight(begin()), midnight(day(DAYS)))).collect();
            usage_covered(&test.db, &covered).await.unwrap();
            let team = [("Team".to_owned(), "Ops".to_owned())].into_iter().collect();
            tags_apply(&test.db, &[(ids[0], team)], test.now()).await.unwrap();
            places.push((ctx, ids));
        }
        Self { places }
    }

    fn ids(&self) -> Vec<WorkspaceId> {
        self.places.iter().flat_map(|(_, ids)| ids.clone()).collect()
    }

    /// WorkSpaces are read again, some of them set up otherwise.
    async fn change(&self, test: &TestDb, chance: &Chance<'_>) {
        let (ctx, _) = chance.one(&self.places);
        let number = usize::try_from(chance.below(EACH as u64)).unwrap();
        let one = ObservedWorkspace {
            running_mode: chance.one(&[None, Some(RunningMode::AutoStop), Some(RunningMode::AlwaysOn)]).clone(),
            compute_type: chance.one(&[None, Some("STANDARD".into()), Some("POWER".into())]).clone(),
            bundle_id: format!("wsb-00000000{}", chance.below(3)),
            directory_id: format!("d-90670000{}", chance.below(2)),
            state: chance.one(&[WorkspaceState::Available, WorkspaceState::Stopped]).clone(),
            ..observed(number)
        };
        inventory_apply(&test.db, ctx, &[one]).await.unwrap();
    }

    /// Stretches of days of some WorkSpaces are read, for the first time or again.
    async fn read(&self, test: &TestDb, chance: &Chance<'_>) {
        let ids = self.ids();
        let one = |id: &WorkspaceId| {
            let (first, length) = (chance.below(DAYS - 1), 1 + chance.below(*chance.one(&[2, 9, DAYS])));
            let last = (first + length).min(DAYS);
            let days = (first..last).filter(|_| chance.below(3) > 0).map(|number| {
                let (hour, hours) = (chance.small(20), chance.small(4));
                let at = midnight(day(number));
                UsageDayRow {
                    day: day(number),
                    hour_mask: HourMask::of_range(hour, hour + hours),
                    connected_minutes: 1 + chance.small(300),
                    sessions: chance.small(4),
                    first_at: at,
                    last_at: at,
                    resolution_secs: 300,
                }
            });
            let days = if chance.below(6) == 0 { Vec::new() } else { days.collect() };
            let (from, to) = (midnight(day(first)), midnight(day(last)));
            WorkspaceUsage { workspace_id: *id, from, to, intervals: Vec::new(), days }
        };
        let read: Vec<_> = ids.iter().filter(|_| chance.below(3) == 0).map(one).collect();
        let tx = test.db.begin().await.unwrap();
        usage_window_replace(&tx, &read).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn filter(&self, chance: &Chance<'_>) -> WorkspaceFilter {
        let accounts: Vec<_> = self.places.iter().map(|(ctx, _)| ctx.account_id).collect();
        let (mut directory_ids, mut bundle_ids) = (Vec::new(), Vec::new());
        for (ctx, _) in &self.places {
            let directory = |n| DirectoryId::derive(ctx.account_id, &ctx.region, &format!("d-90670000{n}"));
            let bundle = |n| BundleId::derive(ctx.account_id, &ctx.region, &format!("wsb-00000000{n}"));
            directory_ids.extend((0..2).map(directory));
            bundle_ids.extend((0..3).map(bundle));
        }
        let rare = || chance.below(5) == 0;
        WorkspaceFilter {
            account_ids: chance.some(&accounts),
            regions: chance.some(&["eu-central-1".parse().unwrap(), "us-east-1".parse().unwrap()]),
            directory_ids: chance.some(&directory_ids),
            bundle_ids: chance.some(&bundle_ids),
            running_modes: chance.some(&[RunningMode::AutoStop, RunningMode::AlwaysOn]),
            compute_types: chance.some(&["STANDARD".into(), "POWER".into()]),
            states: if rare() { vec![WorkspaceState::Stopped] } else { Vec::new() },
            tags: if rare() { vec![("Team".to_owned(), Some("Ops".to_owned()))] } else { Vec::new() },
            q: rare().then(|| "user.0000".to_owned()),
            gone: GoneFilter::Any,
            ..WorkspaceFilter::default()
        }
    }

    fn scope(&self, chance: &Chance<'_>) -> Scope {
        let (ctx, _) = &self.places[0];
        match chance.below(8) {
            0 => Scope::only(Reach::Account { account_id: ctx.account_id }),
            1 => Scope::only(Reach::Region { region: "us-east-1".parse().unwrap() }),
            2 => Scope::only(Reach::Directory {
                directory_id: DirectoryId::derive(ctx.account_id, &ctx.region, "d-906700001"),
            }),
            3 => Scope::desktops(["user.00002"]),
            4 => Scope::desktops(["user.00003"]).union(Scope::only(Reach::Account { account_id: ctx.account_id })),
            5 => Scope::nothing(),
            _ => Scope::Everything,
        }
    }
}

/// A day as it is kept.
#[derive(FromQueryResult)]
struct Row {
    workspace_id: Uuid,
    user_key: String,
    bundle_aws_id: String,
    running_mode: Option<String>,
    day: NaiveDate,
    hour_mask: i32,
    hours: i32,
    connected_minutes: i32,
    sessions: i32,
}

impl Row {
    fn minutes(&self) -> u64 {
        u64::try_from(self.connected_minutes).unwrap()
    }
}

/// Sums of days, one by one.
fn sum<'a>(rows: impl Iterator<Item = &'a Row>) -> UsageTotals {
    let (mut totals, mut workspaces) = (UsageTotals::default(), BTreeSet::new());
    for row in rows {
        workspaces.insert(row.workspace_id);
        totals.days += 1;
        totals.minutes += row.minutes();
        totals.hours += u64::try_from(row.hours).unwrap();
        totals.sessions += u64::try_from(row.sessions).unwrap();
    }
    UsageTotals { workspaces: workspaces.len() as u64, ..totals }
}

/// Sums by what `key` says of each day.
fn sums_by(rows: &[Row], key: impl Fn(&Row) -> String) -> BTreeMap<String, UsageTotals> {
    let mut groups = BTreeMap::<String, Vec<&Row>>::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups.into_iter().map(|(key, rows)| (key, sum(rows.into_iter()))).collect()
}

/// The days that a filter leaves, as they are kept.
async fn days_of(
    test: &TestDb,
    scope: &Scope,
    filter: &WorkspaceFilter,
    (from, to): (NaiveDate, NaiveDate),
) -> Vec<Row> {
    let sql = Sql::new(&test.db).text(
        "SELECT d.workspace_id, w.user_key, w.bundle_aws_id, w.running_mode, d.day, d.hour_mask, d.hours, d.connected_minutes, \
         d.sessions FROM usage_day d JOIN workspace w ON w.id = d.workspace_id",
    );
    let sql = conditions(sql, Purpose::All, scope, filter).text(" AND d.day >= ").bind(from).text(" AND d.day < ");
    sql.bind(to).all_as(&test.db).await.unwrap()
}

/// Every question about a period is answered as the days themselves do.
async fn same_answers(test: &TestDb, scope: &Scope, filter: &WorkspaceFilter, days: (NaiveDate, NaiveDate)) {
    let rows = days_of(test, scope, filter, days).await;
    let asked = format!("{scope:?} {filter:?} {days:?}");
    let db = &test.db;
    let all = sum(rows.iter());
    assert_eq!(usage_sum(db, scope, filter, days).await.unwrap(), all, "{asked}");
    let people = rows.iter().map(|row| &row.user_key).collect::<BTreeSet<_>>().len() as u64;
    assert_eq!(usage_sum_people(db, scope, filter, days).await.unwrap(), (all, people), "{asked}");
    let month = |day: NaiveDate| format!("{}-{:02}", day.year(), day.month());
    for (group, expected) in [
        (UsageGroup::Day, sums_by(&rows, |row| row.day.to_string())),
        (UsageGroup::Month, sums_by(&rows, |row| month(row.day))),
        (
            UsageGroup::Of(WorkspaceGroup::RunningMode),
            sums_by(&rows, |row| row.running_mode.clone().unwrap_or_default()),
        ),
    ] {
        let found = usage_sums_by(db, scope, filter, days, &group).await.unwrap();
        let found: BTreeMap<_, _> = found.into_iter().map(|one| (one.key, one.totals)).collect();
        assert_eq!(found, expected, "{group:?} {asked}");
        let page = usage_groups(db, scope, filter, days, &group, (1000, None)).await.unwrap();
        assert_eq!(page.total, expected.len() as u64, "{group:?} {asked}");
        let found: BTreeMap<_, _> = page.rows.into_iter().map(|one| (one.key, one.totals)).collect();
        assert_eq!(found, expected, "{group:?} {asked}");
    }
    // Of three modes and three bundles some are a series each, and the others one.
    let mode: fn(&Row) -> String = |row| row.running_mode.clone().unwrap_or_default();
    let bundle: fn(&Row) -> String = |row| row.bundle_aws_id.clone();
    for (group, keys, key) in [
        (WorkspaceGroup::RunningMode, vec!["AUTO_STOP", ""], mode),
        (WorkspaceGroup::Bundle, vec!["wsb-000000001"], bundle),
        (WorkspaceGroup::RunningMode, Vec::new(), mode),
    ] {
        let place = |row: &Row| keys.iter().position(|one| *one == key(row)).unwrap_or(keys.len());
        let expected = sums_by(&rows, |row| format!("{} {}", row.day, place(row)));
        let series = UsageSeries { group, keys: keys.iter().map(|one| (*one).to_owned()).collect() };
        let found = usage_daily(db, scope, filter, days, &series).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|one| (format!("{} {}", one.day, one.series), one.totals)).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{series:?} {asked}");
    }
    let mut hours = [[0; 24]; 7];
    for row in &rows {
        let counts = &mut hours[row.day.weekday().num_days_from_monday() as usize];
        for (hour, count) in counts.iter_mut().enumerate() {
            *count += u64::from(row.hour_mask >> hour & 1 == 1);
        }
    }
    let week = usage_week(db, scope, filter, days).await.unwrap();
    assert_eq!((week.hours, week.first), (hours, rows.iter().map(|row| row.day).min()), "{asked}");
    let mut each = BTreeMap::<Uuid, u64>::new();
    for row in &rows {
        *each.entry(row.workspace_id).or_default() += row.minutes();
    }
    let mut whole = BTreeMap::<u32, u64>::new();
    for minutes in each.values() {
        *whole.entry(u32::try_from(minutes / 60).unwrap()).or_default() += 1;
    }
    assert_eq!(usage_hours(db, scope, filter, days).await.unwrap(), whole.into_iter().collect::<Vec<_>>(), "{asked}");
    let page = usage_ranking(db, scope, filter, days, SortDirection::Descending, (1000, None)).await.unwrap();
    assert_eq!(page.total, each.len() as u64, "{asked}");
    let found: BTreeMap<_, _> = page.rows.iter().map(|one| (one.workspace_id.0, one.totals.minutes)).collect();
    assert_eq!(found, each, "{asked}");
    // Everything is covered: who was not connected is unused.
    let sql = conditions(Sql::new(db).text("SELECT w.id FROM workspace w"), Purpose::All, scope, filter);
    let there: Vec<Uuid> = sql.all(db).await.unwrap().iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let unused: BTreeSet<_> = there.into_iter().filter(|id| !each.contains_key(id)).collect();
    let found = usage_unused(db, scope, filter, days, midnight(begin()), (1000, None)).await.unwrap();
    assert_eq!(found.total, unused.len() as u64, "{asked}");
    assert_eq!(found.rows.iter().map(|id| id.0).collect::<BTreeSet<_>>(), unused, "{asked}");
}

/// Takes the migration that made the sums back, with those behind it, and makes them again of the days there are.
pub(crate) async fn sums_made_anew(test: &TestDb) {
    let all = Migrator::migrations();
    let behind = all.iter().rev().position(|one| one.name() == "m20261121_000034_usage_rollups").unwrap();
    let tx = test.db.begin().await.unwrap();
    Migrator::down(tx.inner(), Some(u32::try_from(behind + 1).unwrap())).await.unwrap();
    Migrator::up(tx.inner(), None).await.unwrap();
    tx.commit().await.unwrap();
}

/// The rows that are kept of a table.
async fn kept(test: &TestDb, table: &str) -> u64 {
    Sql::new(&test.db).text(&format!("SELECT count(*) FROM {table}")).count(&test.db).await.unwrap()
}

db_test! {
    async fn sums_answer_as_the_days_do(test) {
        let (fleet, chance) = (Fleet::new(test).await, Chance(test));
        for _ in 0..40 {
            match chance.below(8) {
                0 | 1 => fleet.change(test, &chance).await,
                2 => {
                    let tx = test.db.begin().await.unwrap();
                    usage_day_prune(&tx, day(chance.below(DAYS / 2)), 1 + chance.below(40)).await.unwrap();
                    tx.commit().await.unwrap();
                }
                _ => fleet.read(test, &chance).await,
            }
            same_answers(test, &Scope::Everything, &WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() }, (begin(), day(DAYS))).await;
            for _ in 0..3 {
                let (one, other) = (chance.below(DAYS + 1), chance.below(DAYS + 1));
                let days = (day(one.min(other)), day(one.max(other)));
                same_answers(test, &fleet.scope(&chance), &fleet.filter(&chance), days).await;
            }
        }
        // What is forgotten to the last day leaves nothing behind but how much it was.
        while usage_day_prune(&test.db, day(DAYS + 7), 50).await.unwrap() > 0 {}
        for table in ["usage_week", "usage_fleet_day", "usage_fleet_month"] {
            assert_eq!(kept(test, table).await, 0, "{table}");
        }
        same_answers(test, &Scope::Everything, &fleet.filter(&chance), (begin(), day(DAYS))).await;
        fleet.read(test, &chance).await;
        same_answers(test, &Scope::Everything, &fleet.filter(&chance), (begin(), day(DAYS))).await;
    }

    async fn sums_go_with_their_account(test) {
        let (fleet, chance) = (Fleet::new(test).await, Chance(test));
        for _ in 0..6 {
            fleet.read(test, &chance).await;
        }
        let accounts: Vec<AccountId> = fleet.places.iter().map(|(ctx, _)| ctx.account_id).collect();
        account_delete(&test.db, accounts[0]).await.unwrap();
        let all = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
        same_answers(test, &Scope::Everything, &all, (begin(), day(DAYS))).await;
        account_delete(&test.db, accounts[1]).await.unwrap();
        for table in ["usage_week", "usage_total", "usage_fleet_day", "usage_fleet_month"] {
            assert_eq!(kept(test, table).await, 0, "{table}");
        }
    }

    async fn the_migration_makes_the_sums_that_are_kept(test) {
        let (fleet, chance) = (Fleet::new(test).await, Chance(test));
        for _ in 0..8 {
            fleet.read(test, &chance).await;
            fleet.change(test, &chance).await;
        }
        sums_made_anew(test).await;
        let all = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
        for from in 0..DAYS {
            same_answers(test, &Scope::Everything, &all, (day(from), day(DAYS - from / 2))).await;
        }
    }

    async fn months_that_an_older_release_left_behind_are_made_anew(test) {
        let (fleet, chance) = (Fleet::new(test).await, Chance(test));
        for _ in 0..8 {
            fleet.read(test, &chance).await;
        }
        assert_eq!(usage_months_mend(&test.db).await.unwrap(), 0);
        // It takes days down without their months, and moves WorkSpaces among the days alone.
        for change in [
            "UPDATE usage_fleet_month SET minutes = minutes + 1 WHERE month = '2025-12-01'",
            "DELETE FROM usage_fleet_month WHERE month = '2025-11-01'",
            "UPDATE usage_fleet_month SET compute_type = 'POWER' || compute_type WHERE month = '2026-01-01'",
            "UPDATE usage_fleet_month SET hour_3 = hour_3 + 1, hour_4 = hour_4 - 1 WHERE month = '2025-12-01'",
            "UPDATE usage_fleet_month SET weekday = weekday + 7 WHERE month = '2025-12-01'",
        ] {
            test.db.execute_unprepared(change).await.unwrap();
            assert_eq!(usage_months_mend(&test.db).await.unwrap(), 1, "{change}");
            assert_eq!(usage_months_mend(&test.db).await.unwrap(), 0, "{change}");
        }
        let all = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
        same_answers(test, &Scope::Everything, &all, (begin(), day(DAYS))).await;
    }
}
