//! Whether what was reckoned of an account's costs before still holds. Whatever an estimate is made from is written together with a
//! mark, in the same transaction: how a WorkSpace is set up, whose it is, when it came and went; its usage, and how far that is known;
//! CloudTrail's events that change bills; prices; the names of bundles and directories. So an account with the marks that it had before
//! is the account as it was.
//!
//! Marks are only ever added, which waits for nobody who writes beside it; a counter would be a row that every sync waits for.
//! An [`EstimateVersion`] is how many there are and the sum of their numbers. Numbers are given once and rise, the last mark of each
//! account stays, and of the others only those go that have a thousand behind them ([`estimate_mark_prune`]): so whatever comes in the
//! place of as many that went makes the sum larger. This stands on no transaction staying open while a thousand others leave marks.
//!
//! Not what is reckoned, nor where it is kept: that is `services::cost`. To add something that estimates are made from: a call of
//! `mark` or one beside it where it is written, and a case in the tests.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use domain::ids::{AccountId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows};

/// The latest marks, which stay whatever account they are of.
const KEPT: i64 = 1000;

/// The state of an account, as far as estimates are concerned: equal states are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EstimateVersion {
    /// How many marks there are.
    pub marks: i64,
    /// The sum of their numbers.
    pub sum: i64,
}

/// Notes that something changed of what the estimates of an account are made from.
pub(crate) async fn mark(conn: &impl ConnectionTrait, account: AccountId) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO estimate_mark (account_id) VALUES (")
        .bind(account.0)
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// The same of the accounts of these WorkSpaces.
pub(crate) async fn mark_workspaces(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = WorkspaceId>,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO estimate_mark (account_id) SELECT DISTINCT w.account_id FROM ")
        .rows(id_rows(ids.into_iter().map(|id| id.0)), &[("id", Column::Uuid)])
        .text(" JOIN workspace w ON w.id = x.id")
        .execute(conn)
        .await?;
    Ok(())
}

/// The same of every account.
pub(crate) async fn mark_all(conn: &impl ConnectionTrait) -> Result<(), StoreError> {
    Sql::new(conn).text("INSERT INTO estimate_mark (account_id) SELECT id FROM account").execute(conn).await?;
    Ok(())
}

/// The states of accounts; one without a mark has the first.
///
/// # Errors
/// [`StoreError`].
pub async fn estimate_versions(
    conn: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, EstimateVersion>, StoreError> {
    let rows = versions_sql(conn.get_database_backend(), accounts).all(conn).await?;
    let mut versions: HashMap<_, _> = accounts.iter().map(|id| (*id, EstimateVersion::default())).collect();
    for row in rows {
        let id: Uuid = row.try_get_by_index(0)?;
        let version = EstimateVersion { marks: row.try_get_by_index(1)?, sum: row.try_get_by_index(2)? };
        versions.insert(AccountId(id), version);
    }
    Ok(versions)
}

/// The statement of [`estimate_versions`].
pub(crate) fn versions_sql(backend: DbBackend, accounts: &[AccountId]) -> Sql {
    Sql::of(backend)
        .text("SELECT m.account_id, count(*), CAST(sum(m.id) AS BIGINT) FROM estimate_mark m WHERE ")
        .bind_in("m.account_id", accounts.iter().map(|id| id.0))
        .text(" GROUP BY m.account_id")
}

/// Forgets marks that tell nothing any more. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn estimate_mark_prune(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM estimate_mark WHERE id <= (SELECT max(m.id) FROM estimate_mark m) - ")
        .bind(KEPT)
        .text(" AND id NOT IN (SELECT max(m.id) FROM estimate_mark m GROUP BY m.account_id)")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}
