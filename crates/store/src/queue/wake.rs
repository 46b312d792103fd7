//! Telling workers that there is something to do, without making them ask all the time.
//!
//! On Postgres the transaction that enqueues sends a NOTIFY, which goes out when it commits. On SQLite everything is in one
//! process: the nudge goes out at once, and the worker's claim waits for its turn to write, which comes after the commit.
//! A lost nudge costs the poll interval, nothing else.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, DbBackend};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::db::Db;
use crate::error::StoreError;
use crate::sql::Sql;

/// The channel of Postgres.
const CHANNEL: &str = "wheelhouse_jobs";

/// How long to wait before listening again after the connection broke.
const RECONNECT: Duration = Duration::from_millis(500);

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nudge {
    /// Jobs are due.
    Jobs,
    /// A running job should stop.
    Control,
}

impl Nudge {
    fn as_str(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Control => "control",
        }
    }
}

/// How often each nudge was given.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    jobs: u64,
    control: u64,
}

fn count(counts: &mut Counts, nudge: Nudge) {
    match nudge {
        Nudge::Jobs => counts.jobs += 1,
        Nudge::Control => counts.control += 1,
    }
}

/// The nudges within this process, for SQLite. Of several databases in one process each wakes all: harmless.
static LOCAL: LazyLock<watch::Sender<Counts>> = LazyLock::new(watch::Sender::default);

/// Nudges the workers once the transaction is committed.
pub(super) async fn nudge(conn: &impl ConnectionTrait, nudge: Nudge) -> Result<(), StoreError> {
    if conn.get_database_backend() == DbBackend::Postgres {
        Sql::new(conn)
            .text("SELECT pg_notify(")
            .bind(CHANNEL)
            .text(", ")
            .bind(nudge.as_str())
            .text(")")
            .execute(conn)
            .await?;
    } else {
        LOCAL.send_modify(|counts| count(counts, nudge));
    }
    Ok(())
}

/// Hears the nudges. Clones hear each nudge, each for itself.
#[derive(Debug, Clone)]
pub struct QueueWake {
    heard: watch::Receiver<Counts>,
    jobs_seen: u64,
    control_seen: u64,
    _listener: Option<Arc<Listener>>,
}

/// Ends the listening when the last clone goes.
#[derive(Debug)]
struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl QueueWake {
    /// Begins to listen. On Postgres that takes one connection of the pool, and takes another when it breaks.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let Some(pool) = db.postgres_pool() else {
            return Self::new(LOCAL.subscribe(), None);
        };
        let (sender, heard) = watch::channel(Counts::default());
        let pool = pool.clone();
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&pool, &sender).await {
                    tracing::warn!(error = %StoreError::from(error), "listening for jobs broke off, polling meanwhile");
                }
                tokio::time::sleep(RECONNECT).await;
            }
        });
        Self::new(heard, Some(Arc::new(Listener(task.abort_handle()))))
    }

    fn new(heard: watch::Receiver<Counts>, listener: Option<Arc<Listener>>) -> Self {
        let counts = *heard.borrow();
        Self { heard, jobs_seen: counts.jobs, control_seen: counts.control, _listener: listener }
    }

    /// Takes nudges about jobs as heard: call it before looking, so that one that comes while looking is not lost.
    pub fn mark_jobs(&mut self) {
        self.jobs_seen = self.heard.borrow().jobs;
    }

    /// Waits for a nudge about jobs since the last [`QueueWake::mark_jobs`].
    pub async fn jobs(&mut self) {
        let seen = self.jobs_seen;
        match self.heard.wait_for(|counts| counts.jobs != seen).await.map(|counts| counts.jobs) {
            Ok(now) => self.jobs_seen = now,
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits for a nudge about jobs that should stop.
    pub async fn control(&mut self) {
        let seen = self.control_seen;
        match self.heard.wait_for(|counts| counts.control != seen).await.map(|counts| counts.control) {
            Ok(now) => self.control_seen = now,
            Err(_) => std::future::pending().await,
        }
    }
}

async fn listen(pool: &sea_orm::sqlx::PgPool, heard: &watch::Sender<Counts>) -> Result<(), sea_orm::sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // Whatever was missed while nobody listened.
    heard.send_modify(|counts| {
        counts.jobs += 1;
        counts.control += 1;
    });
    loop {
        // `None` is a connection that broke: nudges may have been missed.
        let Some(said) = listener.try_recv().await? else { return Ok(()) };
        let said = if said.payload() == Nudge::Control.as_str() { Nudge::Control } else { Nudge::Jobs };
        heard.send_modify(|counts| count(counts, said));
    }
}
