//! Each day of the fleet, by what WorkSpaces are filtered by: account, region, directory, bundle, running mode, compute type.
//! It answers what a day came to, in all or by one of these ([`tells`]), for any filter and scope made of these ([`answers`]); the
//! columns are named like those of `workspace`, so that scope and filter become the very same conditions. The same by month and
//! weekday, and what is asked of both, is in `months`.

use chrono::NaiveDate;
use domain::access::{Reach, Scope};
use domain::ids::WorkspaceId;
use sea_orm::{ConnectionTrait, DbBackend};

use super::months::of_month;
use super::{Changed, each, oldest, weekday};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::repo::usage::{UsageDayGroup, UsageSeries};
use crate::repo::workspaces::{GoneFilter, WorkspaceFilter, WorkspaceGroup, conditions};
use crate::sql::{Column, Sql, id_rows};

/// What tells rows apart, beside the day.
pub(super) const DIMENSIONS: &str = "account_id, region, directory_id, bundle_id, running_mode, compute_type";
/// The same of a WorkSpace `w`.
const OF_WORKSPACE: &str = "w.account_id, w.region, w.directory_id, w.bundle_id, COALESCE(w.running_mode, ''), \
     COALESCE(w.compute_type, '')";
/// WorkSpaces or stretches of days looked at together.
const BATCH: usize = 2000;

/// Whether days are put in or taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// Which days.
#[derive(Debug)]
pub(super) enum Which<'a> {
    /// Some of some WorkSpaces.
    Changed(&'a [Changed]),
    /// All of these WorkSpaces.
    Workspaces(&'a [WorkspaceId]),
    /// The oldest before that day, so many at most.
    Oldest { before: NaiveDate, limit: i64 },
}

/// Adds days as they are now to the sums, or takes them off.
pub(super) async fn add(conn: &impl ConnectionTrait, sign: Sign, which: &Which<'_>) -> Result<(), StoreError> {
    match which {
        Which::Changed(changed) => {
            let columns = [("id", Column::Uuid), ("first", Column::Date), ("last", Column::Date)];
            for some in changed.chunks(BATCH) {
                let rows = super::rows_json(some.iter().map(super::days_row));
                let days = |sql: Sql| {
                    sql.rows(rows.clone(), &columns).text(
                        " CROSS JOIN usage_day d JOIN workspace w ON w.id = d.workspace_id \
                         WHERE d.workspace_id = x.id AND d.day >= x.first AND d.day <= x.last",
                    )
                };
                add_days(conn, sign, days).await?;
            }
            Ok(())
        }
        Which::Workspaces(ids) => {
            for some in ids.chunks(BATCH) {
                let rows = id_rows(some.iter().map(|id| id.0));
                let days = |sql: Sql| {
                    sql.rows(rows.clone(), &[("id", Column::Uuid)]).text(
                        " CROSS JOIN usage_day d JOIN workspace w ON w.id = d.workspace_id WHERE d.workspace_id = x.id",
                    )
                };
                add_days(conn, sign, days).await?;
            }
            Ok(())
        }
        Which::Oldest { before, limit } => {
            let days = |sql: Sql| {
                oldest(sql.text("("), "*", *before, *limit)
                    .text(") d JOIN workspace w ON w.id = d.workspace_id WHERE true")
            };
            add_days(conn, sign, days).await
        }
    }
}

/// Adds the days `d` of WorkSpaces `w` that `days` writes the tables and conditions of, to the days and to the months.
async fn add_days(conn: &impl ConnectionTrait, sign: Sign, days: impl Fn(Sql) -> Sql) -> Result<(), StoreError> {
    let postgres = Sql::new(conn).is_postgres();
    let (month, weekday) = (of_month("d.day", postgres), weekday("d.day", postgres));
    add_to(conn, sign, ("usage_fleet_day", "day", "d.day"), &days).await?;
    add_to(conn, sign, ("usage_fleet_month", "month, weekday", &format!("{month}, {weekday}")), &days).await
}

/// Adds the days to one table: its name, its columns of time, and what of a day `d` they are.
async fn add_to(
    conn: &impl ConnectionTrait,
    sign: Sign,
    (table, time, of_day): (&str, &str, &str),
    days: impl Fn(Sql) -> Sql,
) -> Result<(), StoreError> {
    let sign = if sign == Sign::Minus { "-" } else { "" };
    let sums = each(|_, value| format!("{sign}sum({value})"));
    let counts = hours(|hour| format!("{sign}sum((d.hour_mask >> {hour}) & 1)"));
    let (measures, hour_names) = (each(|measure, _| measure.to_owned()), hours(|hour| format!("hour_{hour}")));
    let sum = |name: &str| format!("{name} = {table}.{name} + excluded.{name}");
    let (measure_sums, hour_sums) = (each(|measure, _| sum(measure)), hours(|hour| sum(&format!("hour_{hour}"))));
    let keys = (1..=format!("{time}, {DIMENSIONS}").split(", ").count()).map(|key| key.to_string());
    let keys = keys.collect::<Vec<_>>().join(", ");
    let sql = Sql::new(conn).text(&format!(
        "INSERT INTO {table} ({time}, {DIMENSIONS}, {measures}, {hour_names}) \
         SELECT {of_day}, {OF_WORKSPACE}, {sums}, {counts} FROM "
    ));
    days(sql)
        .text(&format!(
            " GROUP BY {keys} ORDER BY {keys} ON CONFLICT ({time}, {DIMENSIONS}) DO UPDATE SET {measure_sums}, {hour_sums}"
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Every hour's part of a statement, with commas between.
pub(super) fn hours(part: impl Fn(u8) -> String) -> String {
    (0..24).map(part).collect::<Vec<_>>().join(", ")
}

/// Drops the sums of before that day.
pub(super) async fn drop_before(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM usage_fleet_day WHERE day < ").bind(before).execute(conn).await?;
    Ok(())
}

/// Whether the fleet's days tell apart all that a question does: neither how a WorkSpace is now, nor its tags, nor whose it is.
pub(crate) fn answers(scope: &Scope, filter: &WorkspaceFilter) -> bool {
    let WorkspaceFilter { states, connections, tags, team_ids, gone, q, .. } = filter;
    let whose = !team_ids.is_empty()
        || matches!(scope, Scope::Only(reaches) if reaches.iter().any(|reach| matches!(reach, Reach::Desktops { .. })));
    let now = !states.is_empty() || !connections.is_empty() || *gone != GoneFilter::Any;
    !(whose || now || !tags.is_empty() || q.is_some())
}

/// Whether the fleet's days tell WorkSpaces apart by that.
pub(crate) fn tells(group: &UsageDayGroup) -> bool {
    let UsageDayGroup::Of(group) = group else { return false };
    match group {
        WorkspaceGroup::Account
        | WorkspaceGroup::Region
        | WorkspaceGroup::Directory
        | WorkspaceGroup::Bundle
        | WorkspaceGroup::RunningMode
        | WorkspaceGroup::ComputeType => true,
        WorkspaceGroup::State | WorkspaceGroup::Connection | WorkspaceGroup::Tag(_) => false,
    }
}

/// Adds the table, and which days of which WorkSpaces; those that nobody was connected on are none.
pub(super) fn narrowed(sql: Sql, scope: &Scope, filter: &WorkspaceFilter, days: (NaiveDate, NaiveDate)) -> Sql {
    chosen(sql.text(" FROM usage_fleet_day w"), scope, filter, days)
}

/// Adds which days of which WorkSpaces alone.
fn chosen(sql: Sql, scope: &Scope, filter: &WorkspaceFilter, days: (NaiveDate, NaiveDate)) -> Sql {
    conditions(sql, Purpose::All, scope, filter)
        .text(" AND w.days > 0 AND w.day >= ")
        .bind(days.0)
        .text(" AND w.day < ")
        .bind(days.1)
}

/// The sums over rows `w` of one day, on which a WorkSpace is one day of a WorkSpace.
fn day_sums() -> String {
    let sums = each(|measure, _| format!("CAST(sum(w.{measure}) AS BIGINT) AS {measure}"));
    format!("CAST(sum(w.days) AS BIGINT) AS workspaces, {sums}")
}

/// The statement of the sums of each day, in order. On one day a WorkSpace is one day of a WorkSpace.
pub(crate) fn by_day_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Sql {
    let sql = Sql::of(backend)
        .text(&format!("SELECT CAST(w.day AS text) AS key, CAST(w.day AS text) AS label, {}", day_sums()));
    narrowed(sql, scope, filter, days).text(" GROUP BY w.day ORDER BY w.day")
}

/// The statement of the sums of each day and series, in order, where the fleet's days tell them apart ([`tells`]). The names that AWS
/// has for directories and bundles are those of the WorkSpaces, of which one has an id of its own in each place.
pub(crate) fn by_series_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
    series: &UsageSeries,
) -> Sql {
    let named = |of: &str| {
        let names = format!("SELECT o.{of}_id AS id, min(o.{of}_aws_id) AS name FROM workspace o GROUP BY o.{of}_id");
        format!(" LEFT JOIN ({names}) gn ON gn.id = w.{of}_id")
    };
    let place = match &series.group {
        UsageDayGroup::Of(WorkspaceGroup::Directory) => Some(named("directory")),
        UsageDayGroup::Of(WorkspaceGroup::Bundle) => Some(named("bundle")),
        _ => None,
    };
    let key = if place.is_some() { "gn.name" } else { series.group.key() };
    let sql = series
        .place(Sql::of(backend).text("SELECT w.day, "), key)
        .text(&format!(" AS series, {} FROM usage_fleet_day w", day_sums()));
    let sql = match place {
        Some(names) => sql.text(&names),
        None => series.group.joins(sql),
    };
    chosen(sql, scope, filter, days).text(" GROUP BY 1, 2 ORDER BY 1, 2")
}
