//! Forgetting rows that ended, a portion at a time: what housekeeping of several features has in common. Not where more than one
//! moment decides, nor where rows have no id of their own: those say it themselves.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// Forgets rows of `table` that ended at that moment or before, at most `limit`; `ended` is the column, or what to reckon of the
/// columns. Both are our own words. Gives how many: call it until it gives none.
pub(super) async fn prune_ended(
    conn: &impl ConnectionTrait,
    table: &str,
    ended: &str,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text(&format!("DELETE FROM {table} WHERE id IN (SELECT p.id FROM {table} p WHERE {ended} <= "))
        .bind(micros(before))
        .text(" LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}
