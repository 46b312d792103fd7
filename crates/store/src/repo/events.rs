//! The outbox: events are written in the transaction of the change they tell of, and read in order by whoever passes them on.
//!
//! On Postgres an advisory lock, held to the end of the transaction, makes the order of ids the order of commits: a reader
//! who saw id 7 can never miss a 6 that commits later. So append last. On SQLite there is one writer anyway.

use chrono::{DateTime, Utc};
use domain::event::Event;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::event;
use crate::error::StoreError;
use crate::sql::{Column, Sql, micros, time_text};

/// An event with its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place; increases, with gaps.
    pub id: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
}

/// What the advisory lock of the outbox is called: "EVENTS" in ASCII. The audit log is appended under it too.
pub(crate) const EVENT_LOCK: i64 = 0x4556_454e_5453;

/// Appends events, in order, in one statement. Call it last in a transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn events_append(conn: &impl ConnectionTrait, at: DateTime<Utc>, events: &[Event]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let at = time_text(at);
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        let data = serde_json::to_value(event).map_err(|e| StoreError::corrupt("event", e))?;
        rows.push(json!({ "at": at, "kind": event.kind(), "subject": subject(event), "data": data }));
    }
    let columns = [("at", Column::Time), ("kind", Column::Text), ("subject", Column::Text), ("data", Column::Json)];
    let sql = Sql::new(conn);
    if sql.is_postgres() {
        Sql::new(conn).text("SELECT pg_advisory_xact_lock(").bind(EVENT_LOCK).text(")").execute(conn).await?;
    }
    sql.text("INSERT INTO event (at, kind, subject, data) SELECT x.at, x.kind, x.subject, x.data FROM ")
        .rows(serde_json::Value::Array(rows).to_string(), &columns)
        .execute(conn)
        .await?;
    Ok(())
}

fn subject(event: &Event) -> String {
    match event {
        Event::WorkspaceState { id, .. } => id.to_string(),
        Event::FleetChanged { account_id, .. } => account_id.to_string(),
        Event::Job { id, .. } => id.to_string(),
        Event::Account { id } => id.to_string(),
        Event::Schedule { name } => name.clone(),
        Event::BudgetCrossed { id, .. } => id.to_string(),
        Event::Changed { what, .. } => what.clone(),
    }
}

/// The events after that place, the oldest first. Events of kinds that this version does not know are left out.
///
/// # Errors
/// [`StoreError`].
pub async fn events_after(conn: &impl ConnectionTrait, id: i64, limit: u64) -> Result<Vec<EventRecord>, StoreError> {
    let mut after = id;
    loop {
        let found = event::Entity::find().filter(event::Column::Id.gt(after)).order_by_asc(event::Column::Id);
        let rows = found.limit(limit).all(conn).await?;
        let Some(last) = rows.last() else { return Ok(Vec::new()) };
        after = last.id;
        let known = known(rows);
        // Only the end of the table gives nothing: a run of unknown kinds is passed by.
        if !known.is_empty() {
            return Ok(known);
        }
    }
}

fn known(rows: Vec<event::Model>) -> Vec<EventRecord> {
    let known = rows.into_iter().filter_map(|row| match serde_json::from_value(row.data) {
        Ok(event) => Some(EventRecord { id: row.id, at: row.at, event }),
        Err(error) => {
            tracing::debug!(id = row.id, kind = row.kind, %error, "an event of an unknown kind was left out");
            None
        }
    });
    known.collect()
}

/// The place of the latest event; 0 when there was none.
///
/// # Errors
/// [`StoreError`].
pub async fn events_latest_id(conn: &impl ConnectionTrait) -> Result<i64, StoreError> {
    edge(conn, "SELECT max(id) FROM event").await.map(Option::unwrap_or_default)
}

/// The place of the oldest event that is still there: a reader who stopped before it has missed some.
///
/// # Errors
/// [`StoreError`].
pub async fn events_oldest_id(conn: &impl ConnectionTrait) -> Result<Option<i64>, StoreError> {
    edge(conn, "SELECT min(id) FROM event").await
}

async fn edge(conn: &impl ConnectionTrait, sql: &str) -> Result<Option<i64>, StoreError> {
    Ok(Sql::new(conn).text(sql).one(conn).await?.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
}

/// Events that are forgotten at a time.
const PORTION: i64 = 10_000;

/// Forgets events from before that moment, the oldest first. Gives how many: at most 10,000 at a time, so that nobody
/// waits long for a turn to write; call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn events_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < ")
        .bind(micros(before))
        .text(" ORDER BY id LIMIT ")
        .bind(PORTION)
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use domain::ids::AccountId;

    use super::*;
    use crate::testing::db_test;

    db_test! {
        async fn events_are_forgotten_in_portions(test) {
            let id = AccountId(test.env.new_id());
            let many = vec![Event::Account { id }; 10_003];
            events_append(&test.db, test.now(), &many).await.unwrap();
            assert_eq!(events_prune(&test.db, test.now()).await.unwrap(), 0);
            let later = test.now() + Duration::seconds(1);
            events_append(&test.db, later, &many[..1]).await.unwrap();
            for gone in [10_000, 3, 0] {
                assert_eq!(events_prune(&test.db, later).await.unwrap(), gone);
            }
            assert_eq!(events_after(&test.db, 0, 10).await.unwrap().len(), 1);
        }
    }
}
