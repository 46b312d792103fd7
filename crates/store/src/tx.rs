//! Transactions: made by [`crate::Db::begin`], taken by repos like any connection, ended by [`Tx::commit`].
//!
//! Append events and enqueue jobs last: on Postgres the first of them takes the lock that keeps events in order, and it is
//! held to the end of the transaction.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::OwnedMutexGuard;

use crate::error::StoreError;

/// An open transaction that may write; rolled back when dropped.
#[must_use = "a transaction that is not committed is rolled back"]
pub struct Tx {
    // Before the turn: what is dropped first is rolled back first.
    inner: DatabaseTransaction,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    pub(crate) fn new(inner: DatabaseTransaction, turn: Option<OwnedMutexGuard<()>>) -> Self {
        Self { inner, turn }
    }

    pub(crate) fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Makes everything in it lasting and visible.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed then, except that after a lost connection it is not known.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self { inner, turn } = self;
        let committed = inner.commit().await;
        drop(turn);
        Ok(committed?)
    }

    /// Undoes everything in it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the connection is lost, which undoes it too.
    pub async fn rollback(self) -> Result<(), StoreError> {
        let Self { inner, turn } = self;
        let undone = inner.rollback().await;
        drop(turn);
        Ok(undone?)
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}
