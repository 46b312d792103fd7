//! Adding entries at the end of the chain.

use chrono::{DateTime, Utc};
use domain::audit::{Personal, Record, Subject};
use serde_json::json;

use super::{GENESIS, link, personal_hash};
use crate::error::StoreError;
use crate::repo::events::EVENT_LOCK;
use crate::sql::{Column, Sql, time_text};
use crate::tx::Tx;

/// An entry to add.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What is chained. Its place and the hashes of its parts are set here.
    pub record: Record,
    /// What can be erased.
    pub personal: Vec<Personal>,
    /// When: the moment that the record names as text.
    pub at: DateTime<Utc>,
    /// 16 random bytes or more as text, one for each part: who knows a hash can't try out what it is of.
    pub salts: Vec<String>,
}

const ENTRY: [(&str, Column); 16] = [
    ("seq", Column::Long),
    ("at", Column::Time),
    ("actor_kind", Column::Text),
    ("actor_id", Column::Uuid),
    ("session_id", Column::Uuid),
    ("key_id", Column::Uuid),
    ("permission", Column::Text),
    ("action", Column::Text),
    ("object_kind", Column::Text),
    ("object_id", Column::Text),
    ("outcome", Column::Text),
    ("request_id", Column::Text),
    ("body", Column::Text),
    ("prev_hash", Column::Text),
    ("hash", Column::Text),
    // Not a column: keeps rows in order where a plan might not.
    ("place", Column::Long),
];

const PERSONAL: [(&str, Column); 5] = [
    ("seq", Column::Long),
    ("subject", Column::Text),
    ("user_id", Column::Uuid),
    ("salt", Column::Text),
    ("body", Column::Text),
];

const ENTRY_NAMES: &str = "seq, at, actor_kind, actor_id, session_id, key_id, permission, action, object_kind, object_id, \
                           outcome, request_id, body, prev_hash, hash";
const PERSONAL_NAMES: &str = "seq, subject, user_id, salt, body";

/// Adds entries, in order. Call it last in a transaction: on Postgres the end of the chain is locked from here to the
/// transaction's end. Gives the place of the last one.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_append(tx: &Tx, entries: Vec<NewEntry>) -> Result<Option<i64>, StoreError> {
    if entries.is_empty() {
        return Ok(None);
    }
    let tip = tip(tx).await?;
    let (mut seq, mut hash) = tip.unwrap_or_else(|| (0, GENESIS.to_owned()));
    let (mut rows, mut parts) = (Vec::with_capacity(entries.len()), Vec::new());
    for NewEntry { mut record, personal, at, salts } in entries {
        seq += 1;
        record.seq = seq;
        for (part, salt) in personal.into_iter().zip(salts) {
            let proof = Some(personal_hash(&salt, &part.body));
            match part.subject {
                Subject::Actor => record.personal.actor = proof,
                Subject::Object => record.personal.object = proof,
            }
            parts.push(json!({
                "seq": seq, "subject": part.subject, "user_id": part.user_id, "salt": salt, "body": part.body,
            }));
        }
        let body = record.text();
        let next = link(&hash, &body);
        rows.push(json!({
            "seq": seq, "place": seq, "at": time_text(at), "actor_kind": record.actor.kind, "actor_id": record.actor.user_id,
            "session_id": record.actor.session_id, "key_id": record.actor.key_id, "permission": record.permission,
            "action": record.action, "object_kind": record.object.as_ref().map(|object| &object.kind),
            "object_id": record.object.as_ref().map(|object| &object.id), "outcome": record.outcome,
            "request_id": record.request_id, "body": body, "prev_hash": hash, "hash": next,
        }));
        hash = next;
    }
    insert(tx, rows, parts).await?;
    Ok(Some(seq))
}

/// The end of the chain, locked until the end of the transaction.
async fn tip(tx: &Tx) -> Result<Option<(i64, String)>, StoreError> {
    let sql = Sql::new(tx);
    let sql = if sql.is_postgres() {
        sql.text("SELECT seq, hash FROM audit_tip(").bind(EVENT_LOCK).text(")")
    } else {
        sql.text(super::state::TIP)
    };
    let Some(row) = sql.one(tx).await? else { return Ok(None) };
    Ok(Some((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
}

async fn insert(tx: &Tx, rows: Vec<serde_json::Value>, parts: Vec<serde_json::Value>) -> Result<(), StoreError> {
    let (rows, has_parts) = (serde_json::Value::Array(rows).to_string(), !parts.is_empty());
    let parts = serde_json::Value::Array(parts).to_string();
    let entries = |sql: Sql, rows: String| {
        sql.text("INSERT INTO audit_entry (")
            .text(ENTRY_NAMES)
            .text(") SELECT ")
            .text(ENTRY_NAMES)
            .text(" FROM ")
            .rows(rows, &ENTRY)
            .text(" ORDER BY place")
    };
    let personal = |sql: Sql, parts: String| {
        sql.text("INSERT INTO audit_personal (")
            .text(PERSONAL_NAMES)
            .text(") SELECT ")
            .text(PERSONAL_NAMES)
            .text(" FROM ")
            .rows(parts, &PERSONAL)
    };
    let sql = Sql::new(tx);
    if sql.is_postgres() && has_parts {
        // One round trip: the foreign key is looked at when the whole statement has ended.
        let sql = entries(sql.text("WITH entries AS ("), rows).text(") ");
        personal(sql, parts).execute(tx).await?;
        return Ok(());
    }
    entries(sql, rows).execute(tx).await?;
    if has_parts {
        personal(Sql::new(tx), parts).execute(tx).await?;
    }
    Ok(())
}
