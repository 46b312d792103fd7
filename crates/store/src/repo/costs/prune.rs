//! Costs of long ago are forgotten, a portion at a time. How long they are kept is said in `services`.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::error::StoreError;
use crate::sql::Sql;

/// Forgets costs by usage type of days before that one, at most `limit` rows: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_day_prune(conn: &impl ConnectionTrait, before: NaiveDate, limit: u64) -> Result<u64, StoreError> {
    forget(conn, ("cost_day", "account_id, day, region, usage_type"), before, limit).await
}

/// Forgets costs by tag of days before that one, at most `limit` rows: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_tag_day_prune(conn: &impl ConnectionTrait, before: NaiveDate, limit: u64) -> Result<u64, StoreError> {
    forget(conn, ("cost_tag_day", "account_id, day, tag_key, tag_value"), before, limit).await
}

/// Forgets what our own requests cost on days before that one, at most `limit` rows: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn api_spend_prune(conn: &impl ConnectionTrait, before: NaiveDate, limit: u64) -> Result<u64, StoreError> {
    forget(conn, ("api_spend", "account_id, day, service"), before, limit).await
}

async fn forget(
    conn: &impl ConnectionTrait,
    (table, key): (&str, &str),
    before: NaiveDate,
    limit: u64,
) -> Result<u64, StoreError> {
    // Account by account, so that the primary key finds them.
    let gone = Sql::new(conn)
        .text(&format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} \
             WHERE account_id IN (SELECT a.id FROM account a) AND day < "
        ))
        .bind(before)
        .text(" LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}
