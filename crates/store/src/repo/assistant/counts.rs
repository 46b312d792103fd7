//! Tokens by person and month, and how often each level spoke or failed by day.

use chrono::NaiveDate;
use domain::assistant::Level;
use domain::ids::{TeamId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::error::StoreError;
use crate::sql::Sql;

/// How often a level ended so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelCount {
    /// The level.
    pub level: Level,
    /// What happened; the words are whoever counts'.
    pub outcome: String,
    /// How often.
    pub count: u64,
}

#[derive(FromQueryResult)]
struct CountRow {
    level: String,
    outcome: String,
    total: i64,
}

#[derive(FromQueryResult)]
struct MonthRow {
    month: NaiveDate,
    tokens: i64,
}

/// Adds tokens to a person's month, which is named by its first day.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such person.
pub async fn assistant_tokens_add(
    conn: &impl ConnectionTrait,
    user: UserId,
    month: NaiveDate,
    tokens: u64,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO assistant_tokens (user_id, month, tokens) VALUES (")
        .bind(user.0)
        .text(", ")
        .bind(month)
        .text(", ")
        .bind(i64::try_from(tokens).unwrap_or(i64::MAX))
        .text(") ON CONFLICT (user_id, month) DO UPDATE SET tokens = assistant_tokens.tokens + excluded.tokens")
        .execute(conn)
        .await?;
    Ok(())
}

/// The tokens of a person's month.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_tokens_of_user(
    conn: &impl ConnectionTrait,
    user: UserId,
    month: NaiveDate,
) -> Result<u64, StoreError> {
    let sql =
        Sql::new(conn).text("SELECT CAST(coalesce(sum(tokens), 0) AS BIGINT) FROM assistant_tokens WHERE user_id = ");
    sql.bind(user.0).text(" AND month = ").bind(month).count(conn).await
}

/// The tokens of a month of all who are in a team.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_tokens_of_team(
    conn: &impl ConnectionTrait,
    team: TeamId,
    month: NaiveDate,
) -> Result<u64, StoreError> {
    Sql::new(conn)
        .text(
            "SELECT CAST(coalesce(sum(a.tokens), 0) AS BIGINT) FROM team_member tm \
             JOIN assistant_tokens a ON a.user_id = tm.user_id WHERE tm.team_id = ",
        )
        .bind(team.0)
        .text(" AND a.month = ")
        .bind(month)
        .count(conn)
        .await
}

/// A person's tokens by month, the oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_tokens_list(
    conn: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<(NaiveDate, u64)>, StoreError> {
    let rows: Vec<MonthRow> = Sql::new(conn)
        .text("SELECT month, tokens FROM assistant_tokens WHERE user_id = ")
        .bind(user.0)
        .text(" ORDER BY month")
        .all_as(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.month, u64::try_from(row.tokens).unwrap_or(0))).collect())
}

/// Forgets the tokens of months before that day. Gives how many rows.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_tokens_prune(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("DELETE FROM assistant_tokens WHERE month < ").bind(before);
    Ok(sql.execute(conn).await?.rows_affected())
}

/// Adds to how often a level ended so on a day.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_level_add(
    conn: &impl ConnectionTrait,
    day: NaiveDate,
    counted: &LevelCount,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO assistant_level_day (day, level, outcome, count) VALUES (")
        .bind(day)
        .text(", ")
        .bind(counted.level.as_str())
        .text(", ")
        .bind(counted.outcome.as_str())
        .text(", ")
        .bind(i64::try_from(counted.count).unwrap_or(i64::MAX))
        .text(") ON CONFLICT (day, level, outcome) DO UPDATE SET count = assistant_level_day.count + excluded.count")
        .execute(conn)
        .await?;
    Ok(())
}

/// How often each level ended how, from that day on.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_level_counts(
    conn: &impl ConnectionTrait,
    from: NaiveDate,
) -> Result<Vec<LevelCount>, StoreError> {
    let rows: Vec<CountRow> = Sql::new(conn)
        .text("SELECT level, outcome, CAST(sum(count) AS BIGINT) AS total FROM assistant_level_day WHERE day >= ")
        .bind(from)
        .text(" GROUP BY level, outcome ORDER BY level, outcome")
        .all_as(conn)
        .await?;
    let read = |row: CountRow| {
        let level = row.level.parse().map_err(|error| StoreError::corrupt("level", error))?;
        Ok(LevelCount { level, outcome: row.outcome, count: u64::try_from(row.total).unwrap_or(0) })
    };
    rows.into_iter().map(read).collect()
}

/// Forgets counts of days before that one. Gives how many rows.
///
/// # Errors
/// [`StoreError`].
pub async fn assistant_level_prune(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("DELETE FROM assistant_level_day WHERE day < ").bind(before);
    Ok(sql.execute(conn).await?.rows_affected())
}
