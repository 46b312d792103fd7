//! A second Postgres that follows the first and is only read from: whether it may be asked, and asking it.
//!
//! [`Db::reading`](crate::Db::reading) gives a database whose queries come here while the replica is [usable](ReplicaState::Usable); who may take that is
//! said in `services::Context::reading`. A query that fails here is asked of the primary, so that a replica that is away, behind, starting, or cancels a
//! query for the sake of what it replays is never an error. Transactions begin on the primary: nothing is written here.
//!
//! **How far behind.** [`watch`](Replica::watch) asks the primary how far its log is, and then the replica how much of it it has replayed. What the replica
//! has replayed was known at a moment, by this process's own clock: so old is what is read here at most. So a replica that was cut off counts as
//! behind although it believes to have everything, and one of an idle primary does not.
//!
//! Not here: connections of a replica are a pool like any other (`db`). To judge a replica by more: a variant of [`ReplicaState`], found in `look`.

mod positions;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, RuntimeErr, Statement, sqlx};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::db::{Db, PoolUse, pool_use};
use crate::sql::Sql;
use crate::waiting::{REPLICA, asked};
use positions::Positions;

/// How often it is looked.
const PERIOD: Duration = Duration::from_secs(1);
/// A database that has not said how far it is by then is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// `query_canceled`: it took longer than statements may. The primary would not be quicker.
const TOOK_TOO_LONG: &str = "57014";
/// How far the primary is. A cluster has a number of its own, which its replicas share.
const WRITTEN: &str = "SELECT system_identifier::text || ' ' || current_database() AS whose, \
     CASE WHEN NOT pg_is_in_recovery() THEN (pg_current_wal_lsn() - '0/0')::bigint END AS position FROM pg_control_system()";
/// How far a replica is.
const REPLAYED: &str = "SELECT system_identifier::text || ' ' || current_database() AS whose, \
     CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END AS position FROM pg_control_system()";

/// What is known of a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaState {
    /// Nobody has looked yet.
    Unknown,
    /// It may be asked: what it says is at most so old.
    Usable(Duration),
    /// What it says is older than it may be.
    Behind(Duration),
    /// It does not answer.
    Away,
    /// It is no copy of the primary's database, or none that follows it.
    Stranger,
}

impl ReplicaState {
    /// Whether a query that waits for an answer need not wait any longer.
    const fn is_lost(self) -> bool {
        matches!(self, Self::Away | Self::Stranger)
    }
}

impl fmt::Display for ReplicaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the replica has not caught up since the start; the primary is read"),
            Self::Usable(behind) => write!(f, "{:.1} s behind", behind.as_secs_f64()),
            Self::Behind(behind) => {
                write!(f, "the replica is {:.1} s behind; the primary is read", behind.as_secs_f64())
            }
            Self::Away => f.write_str("the replica does not answer; the primary is read"),
            Self::Stranger => {
                f.write_str("database.replica_url leads to no replica of database.url; the primary is read")
            }
        }
    }
}

/// A replica. Cheap to clone.
#[derive(Clone)]
pub struct Replica(Arc<Inner>);

struct Inner {
    conn: DatabaseConnection,
    oldest: Duration,
    state: watch::Sender<ReplicaState>,
}

/// Whose log it is, and how far it is; no position where the database is not the one that should be asked for it.
struct Place {
    whose: String,
    position: Option<i64>,
}

impl Replica {
    pub(crate) fn new(conn: DatabaseConnection, oldest: Duration) -> Self {
        Self(Arc::new(Inner { conn, oldest, state: watch::Sender::new(ReplicaState::Unknown) }))
    }

    /// What was found when somebody last looked.
    #[must_use]
    pub fn state(&self) -> ReplicaState {
        *self.0.state.borrow()
    }

    /// How its pool is used at this moment.
    #[must_use]
    pub fn pool(&self) -> PoolUse {
        pool_use(self.0.conn.get_postgres_connection_pool())
    }

    /// Looks again and again how far it is behind `primary`. Never ends; nothing is asked of a replica that nobody watches.
    pub async fn watch(&self, primary: &Db) {
        let (mut known, mut ticks) = (Positions::default(), interval(PERIOD));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.note(self.look(primary, &mut known).await);
        }
    }

    /// The rows, or nothing when the primary should be asked.
    pub(crate) async fn all(&self, statement: &Statement) -> Option<Result<Vec<QueryResult>, DbErr>> {
        self.heard(asked(REPLICA, self.0.conn.query_all_raw(statement.clone()))).await
    }

    /// The first row, likewise.
    pub(crate) async fn one(&self, statement: &Statement) -> Option<Result<Option<QueryResult>, DbErr>> {
        self.heard(asked(REPLICA, self.0.conn.query_one_raw(statement.clone()))).await
    }

    /// Waits for an answer as long as there may come one.
    async fn heard<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Option<Result<T, DbErr>> {
        let ReplicaState::Usable(_) = self.state() else { return None };
        let mut state = self.0.state.subscribe();
        let answer = tokio::select! {
            answer = answer => answer,
            _ = state.wait_for(|state| state.is_lost()) => return None,
        };
        match answer {
            Err(error) if !took_too_long(&error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the replica could not answer; asking the primary"
                );
                None
            }
            answer => Some(answer),
        }
    }

    async fn look(&self, primary: &Db, known: &mut Positions) -> ReplicaState {
        // The primary first: what the replica has replayed afterwards was there at this moment.
        let at = Instant::now();
        let there = place(primary, WRITTEN).await;
        let Some(here) = place(&self.0.conn, REPLAYED).await else { return ReplicaState::Away };
        let stranger = there.as_ref().is_some_and(|there| there.whose != here.whose);
        let Some(replayed) = here.position.filter(|_| !stranger) else { return ReplicaState::Stranger };
        if let Some(written) = there.and_then(|there| there.position) {
            known.written(written, at);
        }
        match known.replayed(replayed) {
            Some(moment) if moment.elapsed() <= self.0.oldest => ReplicaState::Usable(moment.elapsed()),
            Some(moment) => ReplicaState::Behind(moment.elapsed()),
            None => ReplicaState::Unknown,
        }
    }

    /// Remembers it; says so in the log when it changes whether the replica is asked, or why not.
    fn note(&self, now: ReplicaState) {
        let before = self.0.state.send_replace(now);
        if std::mem::discriminant(&before) == std::mem::discriminant(&now) {
            return;
        }
        match now {
            ReplicaState::Usable(_) => tracing::info!("what may be a little old is read from the replica"),
            _ => tracing::warn!("{now}"),
        }
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Asks a database for its place; nothing when it does not say so in time.
async fn place(conn: &impl ConnectionTrait, question: &str) -> Option<Place> {
    let row = timeout(PATIENCE, Sql::new(conn).text(question).one(conn)).await.ok()?.ok()??;
    Some(Place { whose: row.try_get("", "whose").ok()?, position: row.try_get("", "position").ok()? })
}

fn took_too_long(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(driver)) | DbErr::Query(RuntimeErr::SqlxError(driver))) = error else {
        return false;
    };
    matches!(&**driver, sqlx::Error::Database(refused) if refused.code().as_deref() == Some(TOOK_TOO_LONG))
}
