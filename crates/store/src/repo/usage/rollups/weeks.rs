//! What each WorkSpace had come to by the end of each day: one row a week, with what it had come to before and by the end of each
//! weekday. A period is then the difference of two rows, however long it is ([`period`], [`used`]).
//!
//! By the end of a day a WorkSpace had come to what was forgotten of it (`usage_total.forgotten_…`) and the days that are there. Rows
//! that were written before days were forgotten say the same for every later day, and less than what was forgotten for those before:
//! the greater of both holds.

use std::collections::HashMap;

use chrono::{Datelike as _, Days, NaiveDate};
use domain::ids::WorkspaceId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::{Changed, MEASURES, each, oldest, rows_json};
use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows};

/// WorkSpaces looked at together.
const BATCH: usize = 1000;

/// The Monday of a day's week.
pub(super) fn monday(day: NaiveDate) -> NaiveDate {
    day.week(chrono::Weekday::Mon).checked_first_day().unwrap_or(day)
}

/// The columns of the seven weekdays of a measure, by what `part` makes of each, with commas between.
pub(super) fn weekdays(part: impl Fn(u8) -> String) -> String {
    (1..=7).map(part).collect::<Vec<_>>().join(", ")
}

/// Adds the days from one to another, which is not included, as a table `p`: a row for each WorkSpace that has ever had usage, with
/// `workspace_id`, `days`, `minutes`, `hours` and `sessions`. Who had none on these days has no `days`.
pub(in crate::repo::usage) fn period(sql: Sql, (from, to): (NaiveDate, NaiveDate)) -> Sql {
    let [begin, end] = [eve(from), eve(to)];
    let mut sql = sql.text("(SELECT t.workspace_id");
    for (measure, _) in MEASURES {
        for (sign, row, day) in [(", ", "b", end), (" - ", "a", begin)] {
            sql = sql
                .text(sign)
                .either("GREATEST", "max")
                .text(&format!("(t.forgotten_{measure}, CASE WHEN t.last_day <= "))
                .bind(day)
                .text(&format!(" THEN t.{measure} ELSE {} END)", by_week(measure, row, day)));
        }
        sql = sql.text(&format!(" AS {measure}"));
    }
    week_if_later(sql.text(" FROM usage_total t"), "b", end, end)
        .text(" LEFT JOIN usage_week a ON a.workspace_id = t.workspace_id AND a.week = ")
        .bind(monday(begin))
        .text(") p")
}

/// Adds the WorkSpaces that were connected from one day to another, which is not included, as a table `p` of `workspace_id`. Of one that
/// was not connected after them its last day says it: it is one of them, and not forgotten. Of others their weeks do.
pub(in crate::repo::usage) fn used(sql: Sql, (from, to): (NaiveDate, NaiveDate)) -> Sql {
    let [begin, end] = [eve(from), eve(to)];
    let sql = week_if_later(sql.text("(SELECT t.workspace_id FROM usage_total t"), "b", end, end);
    week_if_later(sql, "a", begin, end)
        // No days at all where they end before they begin.
        .text(if from < to { " WHERE CASE WHEN t.last_day <= " } else { " WHERE 1 = 0 AND CASE WHEN t.last_day <= " })
        .bind(end)
        .text(" THEN t.last_day >= ")
        .bind(from)
        .text(" AND t.days > t.forgotten_days ELSE ")
        .either("GREATEST", "max")
        .text(&format!("(t.forgotten_days, {}) > ", by_week("days", "b", end)))
        .either("GREATEST", "max")
        .text(&format!("(t.forgotten_days, {}) END", by_week("days", "a", begin)))
        // Found for itself: a plan for any moments (Postgres makes one once a statement was asked a few times) takes those whose usage
        // is known for few, and would look the weeks of every one of them up.
        .either(" OFFSET 0) p", ") p")
}

/// The day before.
fn eve(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(NaiveDate::MIN)
}

/// What a WorkSpace had come to by the end of a day, as that day's week says, which is joined as `row`.
fn by_week(measure: &str, row: &str, day: NaiveDate) -> String {
    format!("COALESCE({row}.{measure}_before + {row}.{measure}_{}, 0)", day.weekday().number_from_monday())
}

/// Joins the week of a day as `row`, unless nobody at all was connected after `last`: most questions are about days up to now, and
/// then totals say it without a week being read.
fn week_if_later(sql: Sql, row: &str, day: NaiveDate, last: NaiveDate) -> Sql {
    sql.text(" LEFT JOIN (SELECT k.* FROM usage_week k WHERE k.week = ")
        .bind(monday(day))
        .text(" AND (SELECT max(l.last_day) FROM usage_total l) > ")
        .bind(last)
        .text(&format!(") {row} ON {row}.workspace_id = t.workspace_id"))
}

/// Writes the weeks of WorkSpaces anew from the first changed day on, and their totals.
pub(super) async fn rewrite(conn: &impl ConnectionTrait, changed: &[Changed]) -> Result<(), StoreError> {
    let mut first: Vec<_> = changed.iter().map(|one| (one.workspace, monday(one.first))).collect();
    first.sort_unstable();
    first.dedup_by_key(|(workspace, _)| *workspace);
    for some in first.chunks(BATCH) {
        let known = last_weeks(conn, some).await?;
        let row = |(workspace, week): &(WorkspaceId, NaiveDate)| {
            // From the last week there is, or earlier: between it and a later one every week must have a row.
            let begun = known.get(&workspace.0).map_or(*week, |last| *week.min(last));
            let prior = begun.checked_sub_days(Days::new(7)).unwrap_or(begun);
            json!({ "id": workspace, "begun": begun, "prior": prior })
        };
        let rows = rows_json(some.iter().map(row));
        write_weeks(conn, &rows).await?;
        write_totals(conn, &rows).await?;
    }
    Ok(())
}

/// The last week of each WorkSpace that has one.
async fn last_weeks(
    conn: &impl ConnectionTrait,
    some: &[(WorkspaceId, NaiveDate)],
) -> Result<HashMap<Uuid, NaiveDate>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        last_day: NaiveDate,
    }
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT t.workspace_id, t.last_day FROM ")
        .rows(id_rows(some.iter().map(|(workspace, _)| workspace.0)), &[("id", Column::Uuid)])
        .text(" JOIN usage_total t ON t.workspace_id = x.id")
        .all_as(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id, monday(row.last_day))).collect())
}

const BEGUN: &[(&str, Column)] = &[("id", Column::Uuid), ("begun", Column::Date), ("prior", Column::Date)];

/// The words for the Monday of a day `d`, its weekday from 1, the greater of two, and the week after one.
fn words(postgres: bool) -> [String; 4] {
    let weekday = super::weekday("d.day", postgres);
    let [monday, greater, next] = if postgres {
        [format!("d.day - {weekday}"), "GREATEST".to_owned(), "week + 7".to_owned()]
    } else {
        ["date(d.day, '-6 days', 'weekday 1')", "max", "date(week, '+7 days')"].map(str::to_owned)
    };
    [monday, format!("({weekday} + 1)"), greater, next]
}

/// Writes the weeks from `begun` to the last with usage, and removes what is behind it.
async fn write_weeks(conn: &impl ConnectionTrait, rows: &str) -> Result<(), StoreError> {
    let sql = Sql::new(conn);
    let [monday, weekday, greater, next] = words(sql.is_postgres());
    let within = each(|measure, value| {
        weekdays(|day| format!("sum(CASE WHEN {weekday} <= {day} THEN {value} ELSE 0 END) AS {measure}_{day}"))
    });
    let columns = each(|measure, _| format!("{measure}_before, {}", weekdays(|day| format!("{measure}_{day}"))));
    let values = each(|measure, _| {
        let days = weekdays(|day| format!("COALESCE(u.{measure}_{day}, 0)"));
        format!(
            "{greater}(COALESCE(k.{measure}_before + k.{measure}_7, 0), COALESCE(t.forgotten_{measure}, 0)) \
             + COALESCE(sum(u.{measure}_7) OVER earlier, 0), {days}"
        )
    });
    let written = each(|measure, _| {
        let days = weekdays(|day| format!("{measure}_{day} = excluded.{measure}_{day}"));
        format!("{measure}_before = excluded.{measure}_before, {days}")
    });
    sql.text(&format!("WITH RECURSIVE used AS (SELECT d.workspace_id AS id, {monday} AS week, {within} FROM "))
        .rows(rows.to_owned(), BEGUN)
        .text(
            " CROSS JOIN usage_day d WHERE d.workspace_id = x.id AND d.day >= x.begun GROUP BY 1, 2), \
             grid(id, week, prior, last) AS (SELECT x.id, x.begun, x.prior, max(f.week) FROM ",
        )
        .rows(rows.to_owned(), BEGUN)
        .text(&format!(
            " JOIN used f ON f.id = x.id GROUP BY x.id, x.begun, x.prior \
             UNION ALL SELECT id, {next}, prior, last FROM grid WHERE {next} <= last) \
             INSERT INTO usage_week (workspace_id, week, {columns}) SELECT g.id, g.week, {values} FROM grid g \
             LEFT JOIN used u ON u.id = g.id AND u.week = g.week \
             LEFT JOIN usage_week k ON k.workspace_id = g.id AND k.week = g.prior \
             LEFT JOIN usage_total t ON t.workspace_id = g.id WHERE true \
             WINDOW earlier AS (PARTITION BY g.id ORDER BY g.week ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) \
             ORDER BY 2, 1 ON CONFLICT (workspace_id, week) DO UPDATE SET {written}"
        ))
        .execute(conn)
        .await?;
    Sql::new(conn)
        .text("DELETE FROM usage_week WHERE (workspace_id, week) IN (SELECT k.workspace_id, k.week FROM ")
        .rows(rows.to_owned(), BEGUN)
        .text(
            " CROSS JOIN usage_week k WHERE k.workspace_id = x.id AND k.week >= x.begun AND NOT EXISTS (SELECT 1 FROM usage_day d \
             WHERE d.workspace_id = k.workspace_id AND d.day >= k.week))",
        )
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes what each WorkSpace has come to: what it had by the end of the week of its last day.
async fn write_totals(conn: &impl ConnectionTrait, rows: &str) -> Result<(), StoreError> {
    let sql = Sql::new(conn);
    let [monday, ..] = words(sql.is_postgres());
    let columns = each(|measure, _| measure.to_owned());
    let values = each(|measure, _| format!("k.{measure}_before + k.{measure}_7"));
    let written = each(|measure, _| format!("{measure} = excluded.{measure}"));
    sql.text(&format!(
        "INSERT INTO usage_total (workspace_id, last_day, {columns}) SELECT d.id, d.day, {values} FROM (SELECT x.id, "
    ))
    .text("(SELECT max(l.day) FROM usage_day l WHERE l.workspace_id = x.id) AS day FROM ")
    .rows(rows.to_owned(), BEGUN)
    .text(&format!(
        ") d JOIN usage_week k ON k.workspace_id = d.id AND k.week = {monday} WHERE d.day IS NOT NULL \
             ON CONFLICT (workspace_id) DO UPDATE SET last_day = excluded.last_day, {written}"
    ))
    .execute(conn)
    .await?;
    // Of whom nothing is left there is what was forgotten.
    let left = each(|measure, _| format!("{measure} = forgotten_{measure}"));
    Sql::new(conn)
        .text(&format!("UPDATE usage_total SET {left} WHERE workspace_id IN (SELECT x.id FROM "))
        .rows(rows.to_owned(), BEGUN)
        .text(") AND NOT EXISTS (SELECT 1 FROM usage_day d WHERE d.workspace_id = usage_total.workspace_id)")
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the oldest days before that day, at most `limit`, are forgotten now.
pub(super) async fn forget(conn: &impl ConnectionTrait, before: NaiveDate, limit: i64) -> Result<(), StoreError> {
    let added = each(|measure, _| format!("forgotten_{measure} = forgotten_{measure} + x.{measure}"));
    let sums = each(|measure, value| format!("sum({value}) AS {measure}"));
    let sql =
        Sql::new(conn).text(&format!("UPDATE usage_total SET {added} FROM (SELECT d.workspace_id, {sums} FROM ("));
    oldest(sql, "*", before, limit)
        .text(") d GROUP BY d.workspace_id) x WHERE usage_total.workspace_id = x.workspace_id")
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops the weeks that ended before that day.
pub(super) async fn drop_before(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM usage_week WHERE week < ").bind(monday(before)).execute(conn).await?;
    Ok(())
}
