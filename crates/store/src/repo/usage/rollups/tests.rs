//! After whatever was written, moved or forgotten, the sums answer as the days themselves do.

mod drawn;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use domain::access::Scope;
use domain::ids::AccountId;
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use self::drawn::{Chance, DAYS, Fleet, begin, day, midnight, teams_of};
use super::*;
use crate::repo::accounts::account_delete;
use crate::repo::scope::Purpose;
use crate::repo::usage::{
    UsageDayGroup, UsageGroup, UsageSeries, UsageTotals, usage_daily, usage_day_prune, usage_groups, usage_hours,
    usage_ranking, usage_sum, usage_sum_people, usage_sums_by, usage_sums_of, usage_unused, usage_week,
};
use crate::repo::workspaces::{GoneFilter, SortDirection, WorkspaceFilter, WorkspaceGroup, conditions};
use crate::testing::{TestDb, db_test};

/// A day as it is kept.
#[derive(FromQueryResult)]
struct Row {
    workspace_id: Uuid,
    user_key: String,
    bundle_aws_id: String,
    running_mode: Option<String>,
    tag: Option<String>,
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
    sums_by_each(rows, |row| vec![key(row)])
}

/// Sums by everything that `keys` says of each day.
fn sums_by_each(rows: &[Row], keys: impl Fn(&Row) -> Vec<String>) -> BTreeMap<String, UsageTotals> {
    let mut groups = BTreeMap::<String, Vec<&Row>>::new();
    for row in rows {
        for key in keys(row) {
            groups.entry(key).or_default().push(row);
        }
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
        "SELECT d.workspace_id, w.user_key, w.bundle_aws_id, w.running_mode, g.value AS tag, d.day, d.hour_mask, d.hours, \
         d.connected_minutes, d.sessions FROM usage_day d JOIN workspace w ON w.id = d.workspace_id \
         LEFT JOIN workspace_tag g ON g.workspace_id = w.id AND g.key = 'Team'",
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
        (UsageGroup::Team, sums_by_each(&rows, |row| teams_of(&row.user_key).into_iter().map(str::to_owned).collect())),
    ] {
        let found = usage_sums_by(db, scope, filter, days, &group).await.unwrap();
        let found: BTreeMap<_, _> = found.into_iter().map(|one| (one.key, one.totals)).collect();
        assert_eq!(found, expected, "{group:?} {asked}");
        // Some of them alone, and one that there is not.
        let some: Vec<_> = expected.keys().step_by(2).map(String::as_str).chain(["nowhere"]).collect();
        let found = usage_sums_of(db, scope, filter, days, &group, &some).await.unwrap();
        let alone = expected.iter().filter(|(key, _)| some.contains(&key.as_str()));
        let alone: BTreeMap<_, _> = alone.map(|(key, totals)| (key.clone(), *totals)).collect();
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), alone, "{group:?} {asked}");
        let page = usage_groups(db, scope, filter, days, &group, (1000, None)).await.unwrap();
        assert_eq!(page.total, expected.len() as u64, "{group:?} {asked}");
        let found: BTreeMap<_, _> = page.rows.into_iter().map(|one| (one.key, one.totals)).collect();
        assert_eq!(found, expected, "{group:?} {asked}");
    }
    // Of three modes, bundles and teams, or none, some are a series each, and the others one.
    let mode: fn(&Row) -> Vec<String> = |row| vec![row.running_mode.clone().unwrap_or_default()];
    let bundle: fn(&Row) -> Vec<String> = |row| vec![row.bundle_aws_id.clone()];
    let tag: fn(&Row) -> Vec<String> = |row| vec![row.tag.clone().unwrap_or_default()];
    let team: fn(&Row) -> Vec<String> = |row| teams_of(&row.user_key).into_iter().map(str::to_owned).collect();
    let of = UsageDayGroup::Of;
    for (group, keys, each) in [
        (of(WorkspaceGroup::RunningMode), vec!["AUTO_STOP", ""], mode),
        (of(WorkspaceGroup::Bundle), vec!["wsb-000000001"], bundle),
        (of(WorkspaceGroup::RunningMode), Vec::new(), mode),
        (of(WorkspaceGroup::Tag("Team".to_owned())), vec!["Ops"], tag),
        (of(WorkspaceGroup::Tag("Team".to_owned())), vec![""], tag),
        (UsageDayGroup::Team, vec!["Night", "Day"], team),
        (UsageDayGroup::Team, vec![""], team),
        (UsageDayGroup::Team, Vec::new(), team),
    ] {
        let place = |key: String| keys.iter().position(|one| *one == key).unwrap_or(keys.len());
        let named = |row: &Row| {
            let places = each(row).into_iter().map(&place);
            places.map(|place| format!("{} {place}", row.day)).collect::<Vec<_>>()
        };
        // On one day a WorkSpace is one for each of its groups, also of those that are one series.
        let once = |(name, of): (String, UsageTotals)| (name, UsageTotals { workspaces: of.days, ..of });
        let expected: Vec<_> = sums_by_each(&rows, named).into_iter().map(once).collect();
        let series = UsageSeries { group, keys: keys.iter().map(|one| (*one).to_owned()).collect() };
        let found = usage_daily(db, scope, filter, days, &series).await.unwrap();
        let found: Vec<_> = found.into_iter().map(|one| (format!("{} {}", one.day, one.series), one.totals)).collect();
        assert_eq!(found, expected, "{series:?} {asked}");
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
