//! Waiting for a connection of a pool: how many do, for how long, and who gets none in time.
//!
//! sqlx tells nobody, but calls a hook with each connection that it hands out, opened just now or used before, inside the call that
//! asked for it. So a call that needs one is [`asked`] here: its wait goes along with it, and the hooks of [`hooks`] end it.
//!
//! Not here: how a pool is used (`db::PoolUse`); the turn of SQLite's writers, which is no connection; who takes a connection past
//! [`crate::Db`], as the listener of the queue does. To count another pool: [`hooks`] when it is made, [`asked`] around its calls.

use std::cell::Cell;
use std::future::ready;
use std::time::Instant;

use futures::future::BoxFuture;
use sea_orm::{ConnAcquireErr, ConnectOptions, DbErr, sqlx};

/// The pool of the database.
pub(crate) const PRIMARY: &str = "primary";
/// The pool of its replica.
pub(crate) const REPLICA: &str = "replica";

tokio::task_local! {
    /// Of the call that is made; taken when its connection is there.
    static WAIT: Cell<Option<Wait>>;
}

/// A wait, which ends with the connection or with whoever waits for it.
struct Wait {
    pool: &'static str,
    since: Instant,
    pending: metrics::Gauge,
}

impl Wait {
    fn begin(pool: &'static str) -> Self {
        let pending =
            metrics::gauge!("db_client_connection_pending_requests", "db_client_connection_pool_name" => pool);
        pending.increment(1.0);
        Self { pool, since: Instant::now(), pending }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.pending.decrement(1.0);
    }
}

/// Has the pool's hooks end waits.
pub(crate) fn hooks(connect: &mut ConnectOptions) {
    connect
        .map_sqlx_postgres_before_acquire(|_, _| connected(true))
        .map_sqlx_sqlite_before_acquire(|_, _| connected(true))
        .map_sqlx_postgres_pool_opts(|options| options.after_connect(|_, _| connected(())))
        .map_sqlx_sqlite_pool_opts(|options| options.after_connect(|_, _| connected(())));
}

/// Does what needs one connection of that pool.
pub(crate) async fn asked<T>(pool: &'static str, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let done = WAIT.scope(Cell::new(Some(Wait::begin(pool))), work).await;
    if let Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) = &done {
        metrics::counter!("db_client_connection_timeouts_total", "db_client_connection_pool_name" => pool).increment(1);
    }
    done
}

/// The connection is there, and the hook says this. Outside of [`asked`], as when the pool is opened, nobody waits.
fn connected<T: Send + 'static>(verdict: T) -> BoxFuture<'static, Result<T, sqlx::Error>> {
    if let Ok(Some(wait)) = WAIT.try_with(Cell::take) {
        metrics::histogram!("db_client_connection_wait_time_seconds", "db_client_connection_pool_name" => wait.pool)
            .record(wait.since.elapsed().as_secs_f64());
    }
    Box::pin(ready(Ok(verdict)))
}
