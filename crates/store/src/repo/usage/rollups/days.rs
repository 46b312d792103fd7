//! What each day came to, out of the weeks of WorkSpaces: for questions that the fleet's days don't tell apart, such as by tag or team. A
//! fifth of the rows that the days themselves are. A sum's place in time only; in which hours people were connected is in the days.

use chrono::{Days, NaiveDate, TimeDelta};
use domain::access::Scope;
use futures::try_join;
use sea_orm::{ConnectionTrait, DbBackend};

use super::weeks::{monday, weekdays};
use super::{MEASURES, each};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::repo::usage::{UsageDaySum, UsageSeries, UsageTotals};
use crate::repo::workspaces::{WorkspaceFilter, conditions};
use crate::sql::Sql;

/// Days of a week.
const WEEK: usize = 7;
/// The column of a row's series, counted from 0: behind the week, the part and the sums.
const SERIES: usize = 2 + MEASURES.len() * WEEK;
/// From so many weeks on, both halves are asked for at once.
const LONG: i64 = 8;

/// The statement of [`by_day`]: of each week what it had come to by the end of each weekday, and of how many WorkSpaces a part of it
/// was forgotten; by series where there are some, whose place comes last. Weeks that were forgotten whole are none.
pub(crate) fn weekly_sql(
    backend: DbBackend,
    scope: &Scope,
    filter: &WorkspaceFilter,
    (from, to): (NaiveDate, NaiveDate),
    series: Option<&UsageSeries>,
) -> Sql {
    let sums = each(|measure, _| weekdays(|day| format!("CAST(sum(k.{measure}_{day}) AS BIGINT) AS {measure}_{day}")));
    let sql = Sql::of(backend)
        .text(&format!("SELECT k.week, count(CASE WHEN k.days_before < t.forgotten_days THEN 1 END) AS part, {sums}"));
    let sql = match series {
        Some(series) => series.place(sql.text(", "), series.group.key()),
        None => sql,
    };
    let sql = sql.text(
        " FROM usage_week k JOIN usage_total t ON t.workspace_id = k.workspace_id JOIN workspace w ON w.id = k.workspace_id",
    );
    let sql = match series {
        Some(series) => series.group.joins(sql),
        None => sql,
    };
    let groups = if series.is_some() { format!("1, {}", SERIES + 1) } else { "k.week".to_owned() };
    conditions(sql, Purpose::All, scope, filter)
        .text(" AND k.week >= ")
        .bind(monday(from))
        .text(" AND k.week < ")
        .bind(to)
        .text(&format!(" AND k.days_before + k.days_7 > t.forgotten_days GROUP BY {groups} ORDER BY {groups}"))
}

/// What each day with any usage came to, in order and by series; the last day is not included. Without series all are the first one.
/// `None` where a part of a week was forgotten: the week doesn't say which.
pub(in crate::repo::usage) async fn by_day(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    (from, to): (NaiveDate, NaiveDate),
    series: Option<&UsageSeries>,
) -> Result<Option<Vec<UsageDaySum>>, StoreError> {
    let weeks = (to - from).num_days() / 7;
    let middle = monday(from).checked_add_signed(TimeDelta::weeks(weeks / 2)).filter(|_| weeks >= LONG);
    let Some(middle) = middle else { return of_weeks(conn, scope, filter, (from, to), series).await };
    let half = |days| of_weeks(conn, scope, filter, days, series);
    let halves = try_join!(half((from, middle)), half((middle, to)))?;
    Ok(match halves {
        (Some(first), Some(second)) => Some([first, second].concat()),
        _ => None,
    })
}

/// The same of weeks that are asked for together.
async fn of_weeks(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    (from, to): (NaiveDate, NaiveDate),
    series: Option<&UsageSeries>,
) -> Result<Option<Vec<UsageDaySum>>, StoreError> {
    let mut found = Vec::new();
    for row in weekly_sql(conn.get_database_backend(), scope, filter, (from, to), series).all(conn).await? {
        let part: i64 = row.try_get_by_index(1)?;
        if part > 0 {
            return Ok(None);
        }
        let week: NaiveDate = row.try_get_by_index(0)?;
        let place: i32 = if series.is_some() { row.try_get_by_index(SERIES)? } else { 0 };
        let mut before = [0; MEASURES.len()];
        for weekday in 0..WEEK {
            let mut of_day = [0; MEASURES.len()];
            for (measure, (so_far, day)) in before.iter_mut().zip(&mut of_day).enumerate() {
                let sum: i64 = row.try_get_by_index(2 + measure * WEEK + weekday)?;
                *day = u64::try_from(sum - *so_far).unwrap_or(0);
                *so_far = sum;
            }
            let [days, minutes, hours, sessions] = of_day;
            let Some(day) = week.checked_add_days(Days::new(weekday as u64)) else { continue };
            if days > 0 && from <= day && day < to {
                // On one day a WorkSpace is one day of a WorkSpace.
                let totals = UsageTotals { workspaces: days, days, minutes, hours, sessions };
                found.push(UsageDaySum { day, series: usize::try_from(place).unwrap_or(0), totals });
            }
        }
    }
    found.sort_by_key(|one| (one.day, one.series));
    Ok(Some(found))
}
