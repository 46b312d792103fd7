//! What may be taken away: the personal parts of somebody who is deleted, and an old beginning behind a signed cut.

use chrono::{DateTime, Utc};
use domain::ids::UserId;
use sea_orm::ConnectionTrait;

use super::state::Tip;
use crate::error::StoreError;
use crate::sql::{Sql, like_anywhere, micros};

/// Entries that are removed at a time.
const PORTION: i64 = 10_000;

/// Erases the personal parts that belong to that user, and those that hold one of these texts as a JSON value (their e-mail
/// address, as it stands in an invitation). The entries stay, and the chain is whole. Gives how many parts.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_erase(conn: &impl ConnectionTrait, user_id: UserId, texts: &[&str]) -> Result<u64, StoreError> {
    let mut sql = Sql::new(conn).text("DELETE FROM audit_personal WHERE user_id = ").bind(user_id.0);
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let value = serde_json::Value::from(*text).to_string();
        sql = sql.text(" OR body LIKE ").bind(like_anywhere(&value)).text(" ESCAPE '\\'");
    }
    Ok(sql.execute(conn).await?.rows_affected())
}

/// Notes a cut: from now on everything up to that entry may be removed. As the owner of the tables alone.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_cut_insert(
    conn: &impl ConnectionTrait,
    tip: &Tip,
    at: DateTime<Utc>,
    line: &str,
) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("INSERT INTO audit_cut (seq, hash, at, line) VALUES (").bind(tip.seq).text(", ");
    sql.bind(tip.hash.clone()).text(", ").bind(micros(at)).text(", ").bind(line).text(")").execute(conn).await?;
    Ok(())
}

/// Removes entries up to the newest cut, the oldest first, at most 10,000 at a time: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_prune(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM audit_entry WHERE seq IN (SELECT seq FROM audit_entry WHERE seq <= ")
        .text("(SELECT coalesce(max(seq), 0) FROM audit_cut) ORDER BY seq LIMIT ")
        .bind(PORTION)
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}
