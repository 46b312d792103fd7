//! The fleet's days summed by month and weekday, and what is asked of a long period: whole months are read from here, and only the
//! days before and behind them from the fleet's days. A year is then a quarter of the rows. Where they may answer is `fleet::answers`.
//!
//! They are written with the days (`fleet`). A release that does not know of them writes days alone: [`usage_months_mend`] makes the months
//! that differ from their days anew.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::usage::Month;
use sea_orm::{ConnectionTrait, DbBackend};

use super::fleet::{DIMENSIONS, hours, narrowed};
use super::{each, lock, used, weekday};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::repo::workspaces::{WorkspaceFilter, conditions};
use crate::sql::Sql;

/// The first day of the month of a day, as a statement says it.
pub(super) fn of_month(day: &str, postgres: bool) -> String {
    if postgres {
        format!("{day} - (CAST(extract(day FROM {day}) AS integer) - 1)")
    } else {
        format!("date({day}, 'start of month')")
    }
}

/// The first months that are whole from one day to another, which is not included, and the first that is not any more. None where
/// no month is.
fn whole_months((from, to): (NaiveDate, NaiveDate)) -> Option<(NaiveDate, NaiveDate)> {
    let first = Month::of_day(from);
    let begin = if first.first_day() == from { from } else { first.next().first_day() };
    let end = Month::of_day(to).first_day();
    (begin < end).then_some((begin, end))
}

/// Adds these columns of the fleet's sums from one day to another, which is not included, as a table `x` with the `weekday`: rows of
/// whole months, and of the days around them.
fn over(sql: Sql, scope: &Scope, filter: &WorkspaceFilter, (from, to): (NaiveDate, NaiveDate), columns: &str) -> Sql {
    let weekday = weekday("w.day", sql.is_postgres());
    let days =
        |sql: Sql, days| narrowed(sql.text(&format!("SELECT {weekday} AS weekday, {columns}")), scope, filter, days);
    let Some((begin, end)) = whole_months((from, to)) else {
        return days(sql.text("("), (from, to)).text(") x");
    };
    let mut sql = sql.text(&format!("(SELECT w.weekday, {columns} FROM usage_fleet_month w"));
    sql = conditions(sql, Purpose::All, scope, filter)
        .text(" AND w.days > 0 AND w.month >= ")
        .bind(begin)
        .text(" AND w.month < ")
        .bind(end);
    for around in [(from, begin), (end, to)] {
        if around.0 < around.1 {
            sql = days(sql.text(" UNION ALL "), around);
        }
    }
    sql.text(") x")
}

/// The statement of [`week_counts`], without the first day.
pub(crate) fn week_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Sql {
    let counts = hours(|hour| format!("CAST(sum(x.hour_{hour}) AS BIGINT) AS hour_{hour}"));
    let sql = Sql::of(backend).text(&format!("SELECT x.weekday, {counts} FROM "));
    over(sql, scope, filter, days, &hours(|hour| format!("w.hour_{hour}"))).text(" GROUP BY 1")
}

/// The hours of the week: the first day with any usage, and of each weekday (0 is Monday) on how many days of how many WorkSpaces
/// somebody was connected in each hour.
pub(crate) async fn week_counts(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Result<(Option<NaiveDate>, [[u64; 24]; 7]), StoreError> {
    let mut week = [[0; 24]; 7];
    for row in week_sql(conn.get_database_backend(), scope, filter, days).all(conn).await? {
        let weekday: i32 = row.try_get_by_index(0)?;
        let counts = usize::try_from(weekday).ok().and_then(|weekday| week.get_mut(weekday));
        for (hour, count) in counts.into_iter().flatten().enumerate() {
            let found: i64 = row.try_get_by_index(hour + 1)?;
            *count = u64::try_from(found).unwrap_or(0);
        }
    }
    let first = narrowed(Sql::new(conn).text("SELECT w.day"), scope, filter, days).text(" ORDER BY w.day LIMIT 1");
    let first = first.one(conn).await?.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok((first, week))
}

/// The statement of the sums of a period, with the columns of sums, `workspaces` and `people`: how much from the fleet's sums, who
/// from what each WorkSpace had come to.
pub(crate) fn people_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    days: (NaiveDate, NaiveDate),
) -> Sql {
    let sums = each(|measure, _| format!("CAST(COALESCE(sum(x.{measure}), 0) AS BIGINT) AS {measure}"));
    let sql = Sql::of(backend).text(&format!("SELECT f.*, e.* FROM (SELECT {sums} FROM "));
    let sql = over(sql, scope, filter, days, &each(|measure, _| format!("w.{measure}")));
    let sql = sql.text(
        ") f CROSS JOIN (SELECT count(*) AS workspaces, count(DISTINCT w.user_key) AS people FROM workspace w JOIN ",
    );
    conditions(used(sql, days).text(" ON p.workspace_id = w.id"), Purpose::All, scope, filter).text(") e")
}

/// Makes the months anew whose sums are not those of their days, and says how many there were. Who writes sums waits only where
/// there are any.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_months_mend(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    if differing(conn).await?.is_empty() {
        return Ok(0);
    }
    lock(conn).await?;
    let postgres = Sql::new(conn).is_postgres();
    let (of_day, weekday) = (of_month("w.day", postgres), weekday("w.day", postgres));
    let (measures, columns) = (each(|measure, _| measure.to_owned()), hours(|hour| format!("hour_{hour}")));
    let sums = sums();
    let months = differing(conn).await?;
    for month in &months {
        Sql::new(conn).text("DELETE FROM usage_fleet_month WHERE month = ").bind(*month).execute(conn).await?;
        Sql::new(conn)
            .text(&format!(
                "INSERT INTO usage_fleet_month (month, weekday, {DIMENSIONS}, {measures}, {columns}) \
                 SELECT {of_day}, {weekday}, {DIMENSIONS}, {sums} FROM usage_fleet_day w WHERE w.day >= "
            ))
            .bind(*month)
            .text(" AND w.day < ")
            .bind(Month::of_day(*month).next().first_day())
            .text(" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8")
            .execute(conn)
            .await?;
    }
    Ok(months.len() as u64)
}

/// The sums of rows `w` of days or months.
fn sums() -> String {
    let measures = each(|measure, _| format!("sum(w.{measure}) AS {measure}"));
    format!("{measures}, {}", hours(|hour| format!("sum(w.hour_{hour}) AS hour_{hour}")))
}

/// The months that are not what their days add up to. A WorkSpace that is set up otherwise moves from one sum to another, and a day
/// to other hours: it is not enough that they add up to the same.
async fn differing(conn: &impl ConnectionTrait) -> Result<Vec<NaiveDate>, StoreError> {
    let postgres = Sql::new(conn).is_postgres();
    let sums = sums();
    let counted = |table: &str, month: &str, weekday: &str| {
        format!(
            "SELECT {month} AS month, {weekday} AS weekday, {DIMENSIONS}, {sums} FROM {table} w \
             GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(w.days) <> 0"
        )
    };
    let kept = counted("usage_fleet_month", "w.month", "w.weekday");
    let made = counted("usage_fleet_day", &of_month("w.day", postgres), &weekday("w.day", postgres));
    let sql = format!(
        "WITH kept AS ({kept}), made AS ({made}) SELECT DISTINCT x.month FROM (\
         SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM made) a \
         UNION ALL SELECT * FROM (SELECT * FROM made EXCEPT SELECT * FROM kept) b) x"
    );
    let rows = Sql::new(conn).text(&sql).all(conn).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Drops the months that ended before that day.
pub(super) async fn drop_before(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("DELETE FROM usage_fleet_month WHERE month < ")
        .bind(Month::of_day(before).first_day())
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_whole_from_their_first_day_to_their_last() {
        for (from, to, whole) in [
            ("2026-01-01", "2026-02-01", Some(("2026-01-01", "2026-02-01"))),
            ("2026-01-02", "2026-02-01", None),
            ("2026-01-01", "2026-01-31", None),
            ("2025-11-24", "2026-03-15", Some(("2025-12-01", "2026-03-01"))),
            ("2026-03-01", "2026-03-01", None),
        ] {
            let whole = whole.map(|(begin, end)| (day(begin), day(end)));
            assert_eq!(whole_months((day(from), day(to))), whole, "{from} {to}");
        }
    }
}
