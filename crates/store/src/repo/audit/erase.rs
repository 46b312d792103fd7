//! What may be taken away: the personal parts of somebody who is deleted, and an old beginning behind a signed cut.

use chrono::{DateTime, Utc};
use domain::ids::UserId;
use sea_orm::ConnectionTrait;

use super::state::Tip;
use crate::error::StoreError;
use crate::sql::{Sql, like_anywhere, micros};
use crate::tx::Tx;

/// The advisory lock of those who remove a beginning, on Postgres.
const CUT_LOCK: i64 = 0x4155_4449_5443;

/// What a person is called in parts that belong to no user.
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// Their e-mail address, as it stands in an invitation.
    pub email: &'a str,
    /// Their name.
    pub display_name: &'a str,
    /// The directory user name of their desktops, as it stands in what was done with these.
    pub user_name: &'a str,
}

/// Erases the personal parts that belong to that user, and those that name them: their e-mail address anywhere as a JSON value,
/// the user name of their desktops as what a WorkSpace or a job is called, and any of the three as what somebody looked for.
/// The entries stay, and the chain is whole. Gives how many parts.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_erase(
    conn: &impl ConnectionTrait,
    user_id: UserId,
    called: Option<&Called<'_>>,
) -> Result<u64, StoreError> {
    let mut sql = Sql::new(conn).text("DELETE FROM audit_personal WHERE user_id = ").bind(user_id.0);
    if let Some(Called { email, display_name, user_name }) = called {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        if !email.is_empty() {
            sql = holds(sql.text(" OR "), &text(email));
        }
        for word in [email, display_name, user_name].into_iter().filter(|word| !word.is_empty()) {
            sql = holds(sql.text(" OR "), &format!("\"q\":{}", text(word)));
        }
        if !user_name.is_empty() {
            let quoted = text(user_name);
            let label = format!("\"label\":{quoted}");
            let job = format!(" the WorkSpace of {}", quoted.trim_start_matches('"'));
            for (kind, words) in [("workspace", label), ("job", job)] {
                sql = holds(sql.text(" OR ("), &words).text(" AND EXISTS (SELECT 1 FROM audit_entry e WHERE ");
                sql = sql.text("e.seq = audit_personal.seq AND e.object_kind = ").bind(kind).text("))");
            }
        }
    }
    Ok(sql.execute(conn).await?.rows_affected())
}

/// Adds that the body holds these words, in capitals or not. A database's `lower` may know the letters of ASCII alone.
fn holds(sql: Sql, words: &str) -> Sql {
    let sql = sql.text("(body LIKE ").bind(like_anywhere(words)).text(" ESCAPE '\\' OR lower(body) LIKE ");
    sql.bind(like_anywhere(&words.to_lowercase())).text(" ESCAPE '\\')")
}

/// Removes everything up to that entry and notes the cut with its signed line. Both or neither, in the transaction it is called
/// in: nobody ever sees a cut with something left before it. Gives how many entries went. As the owner of the tables alone.
///
/// # Errors
/// [`StoreError`]: roll back.
pub async fn audit_cut(tx: &Tx, tip: &Tip, at: DateTime<Utc>, line: &str) -> Result<u64, StoreError> {
    let sql = Sql::new(tx);
    if sql.is_postgres() {
        // One at a time; not the log's own lock, which whoever erases a person waits for with the person's parts in hand.
        sql.text("SELECT pg_advisory_xact_lock(").bind(CUT_LOCK).text(")").execute(tx).await?;
    }
    let sql = Sql::new(tx).text("INSERT INTO audit_cut (seq, hash, at, line) VALUES (").bind(tip.seq).text(", ");
    sql.bind(tip.hash.clone()).text(", ").bind(micros(at)).text(", ").bind(line).text(")").execute(tx).await?;
    let gone = Sql::new(tx).text("DELETE FROM audit_entry WHERE seq <= ").bind(tip.seq).execute(tx).await?;
    Ok(gone.rows_affected())
}
