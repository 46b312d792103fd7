//! Usage summed ahead, so that a year of ten thousand WorkSpaces is summed without reading each of its days.
//!
//! `usage_week`: what each WorkSpace had come to before each week (`minutes_before`), and within it by the end of each weekday
//! (`minutes_1` Monday to `minutes_7` Sunday). There is a row for every week from a WorkSpace's first to its last with usage, so
//! that any period is the difference of two rows. `usage_total`: what each has come to in all, and how much of that are days that
//! were forgotten since. `usage_fleet_day`: each day by what WorkSpaces are filtered by, with how many were connected in each hour.
//! How they are kept is `store::repo::usage::rollups`; here they are made of the days there are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, integer, small_integer, uuid};

use crate::build::{drop_tables, foreign_key, is_postgres, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Workspace {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum UsageWeek {
    Table,
    WorkspaceId,
    Week,
}

#[derive(DeriveIden)]
enum UsageTotal {
    Table,
    WorkspaceId,
    LastDay,
}

#[derive(DeriveIden)]
enum UsageFleetDay {
    Table,
    Day,
    AccountId,
    Region,
    DirectoryId,
    BundleId,
    RunningMode,
    ComputeType,
}

/// What is summed, and what a day adds to it.
const MEASURES: [(&str, &str); 4] =
    [("days", "1"), ("minutes", "d.connected_minutes"), ("hours", "d.hours"), ("sessions", "d.sessions")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [week(), total(), fleet_day(manager)] {
            manager.create_table(table).await?;
        }
        run_all(manager, &["CREATE INDEX ix_usage_week_week ON usage_week (week)"]).await?;
        let postgres = is_postgres(manager);
        if postgres {
            // The running week's rows change every few hours: with room on the page such an update touches no index.
            run_all(manager, &["ALTER TABLE usage_week SET (fillfactor = 85)"]).await?;
        }
        run_all(manager, &[&fill_weeks(postgres), &fill_totals(), &fill_fleet_days()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            vec![UsageFleetDay::Table.into_iden(), UsageTotal::Table.into_iden(), UsageWeek::Table.into_iden()];
        drop_tables(manager, tables).await
    }
}

fn week() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(UsageWeek::Table).col(uuid(UsageWeek::WorkspaceId)).col(date(UsageWeek::Week));
    for (measure, _) in MEASURES {
        table.col(integer(Alias::new(format!("{measure}_before"))));
        for weekday in 1..=7 {
            table.col(small_integer(Alias::new(format!("{measure}_{weekday}"))));
        }
    }
    table
        .primary_key(Index::create().name("pk_usage_week").col(UsageWeek::WorkspaceId).col(UsageWeek::Week))
        .foreign_key(&mut foreign_key(
            "fk_usage_week_workspace",
            (UsageWeek::Table, UsageWeek::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn total() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(UsageTotal::Table).col(uuid(UsageTotal::WorkspaceId)).col(date(UsageTotal::LastDay));
    for (measure, _) in MEASURES {
        table.col(integer(Alias::new(measure))).col(integer(Alias::new(format!("forgotten_{measure}"))).default(0));
    }
    table
        .primary_key(Index::create().name("pk_usage_total").col(UsageTotal::WorkspaceId))
        .foreign_key(&mut foreign_key(
            "fk_usage_total_workspace",
            (UsageTotal::Table, UsageTotal::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn fleet_day(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table(UsageFleetDay::Table)
        .col(date(UsageFleetDay::Day))
        .col(uuid(UsageFleetDay::AccountId))
        .col(key_text(manager, UsageFleetDay::Region))
        .col(uuid(UsageFleetDay::DirectoryId))
        .col(uuid(UsageFleetDay::BundleId))
        .col(key_text(manager, UsageFleetDay::RunningMode))
        .col(key_text(manager, UsageFleetDay::ComputeType));
    for (measure, _) in MEASURES {
        table.col(integer(Alias::new(measure)));
    }
    for hour in 0..24 {
        table.col(integer(Alias::new(format!("hour_{hour}"))));
    }
    let mut key = Index::create();
    key.name("pk_usage_fleet_day")
        .col(UsageFleetDay::Day)
        .col(UsageFleetDay::AccountId)
        .col(UsageFleetDay::Region)
        .col(UsageFleetDay::DirectoryId)
        .col(UsageFleetDay::BundleId)
        .col(UsageFleetDay::RunningMode)
        .col(UsageFleetDay::ComputeType);
    table
        .primary_key(&mut key)
        .foreign_key(&mut foreign_key(
            "fk_usage_fleet_day_account",
            (UsageFleetDay::Table, UsageFleetDay::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

/// Every measure's columns, by what `name` makes of each.
fn each(name: impl Fn(&str, &str) -> String) -> String {
    MEASURES.map(|(measure, value)| name(measure, value)).join(", ")
}

/// The columns of the seven weekdays of a measure, by what `name` makes of each.
fn weekdays(name: impl Fn(u8) -> String) -> String {
    (1..=7).map(name).collect::<Vec<_>>().join(", ")
}

fn fill_weeks(postgres: bool) -> String {
    let (monday, weekday, next) = if postgres {
        (
            "d.day - (CAST(extract(isodow FROM d.day) AS integer) - 1)",
            "CAST(extract(isodow FROM d.day) AS integer)",
            "week + 7",
        )
    } else {
        (
            "date(d.day, '-6 days', 'weekday 1')",
            "((CAST(strftime('%w', d.day) AS integer) + 6) % 7 + 1)",
            "date(week, '+7 days')",
        )
    };
    let within = each(|measure, value| {
        weekdays(|day| format!("sum(CASE WHEN {weekday} <= {day} THEN {value} ELSE 0 END) AS {measure}_{day}"))
    });
    let columns = each(|measure, _| format!("{measure}_before, {}", weekdays(|day| format!("{measure}_{day}"))));
    let values = each(|measure, _| {
        let days = weekdays(|day| format!("COALESCE(u.{measure}_{day}, 0)"));
        format!("COALESCE(sum(u.{measure}_7) OVER earlier, 0), {days}")
    });
    format!(
        "WITH RECURSIVE used AS (SELECT d.workspace_id AS id, {monday} AS week, {within} FROM usage_day d GROUP BY 1, 2), \
         grid(id, week, last) AS (SELECT id, min(week), max(week) FROM used GROUP BY id \
         UNION ALL SELECT id, {next}, last FROM grid WHERE {next} <= last) \
         INSERT INTO usage_week (workspace_id, week, {columns}) SELECT g.id, g.week, {values} FROM grid g \
         LEFT JOIN used u ON u.id = g.id AND u.week = g.week \
         WINDOW earlier AS (PARTITION BY g.id ORDER BY g.week ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) \
         ORDER BY g.week, g.id"
    )
}

fn fill_totals() -> String {
    let (columns, sums) = (each(|measure, _| measure.to_owned()), each(|_, value| format!("sum({value})")));
    format!(
        "INSERT INTO usage_total (workspace_id, last_day, {columns}) SELECT d.workspace_id, max(d.day), {sums} \
         FROM usage_day d GROUP BY d.workspace_id"
    )
}

fn fill_fleet_days() -> String {
    let of = |text: &dyn Fn(u8) -> String| (0..24).map(text).collect::<Vec<_>>().join(", ");
    let (columns, sums) = (each(|measure, _| measure.to_owned()), each(|_, value| format!("sum({value})")));
    let hours = of(&|hour| format!("hour_{hour}"));
    let counts = of(&|hour| format!("sum((d.hour_mask >> {hour}) & 1)"));
    format!(
        "INSERT INTO usage_fleet_day (day, account_id, region, directory_id, bundle_id, running_mode, compute_type, {columns}, \
         {hours}) SELECT d.day, w.account_id, w.region, w.directory_id, w.bundle_id, COALESCE(w.running_mode, ''), \
         COALESCE(w.compute_type, ''), {sums}, {counts} FROM usage_day d JOIN workspace w ON w.id = d.workspace_id \
         GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
}
