//! How many values of each sealed column stand under which master key, for `wheelhouse secrets status`.

use serde::Serialize;
use store::repo::sealed::sealed_count;

use super::{RotateError, SEALED};
use crate::Context;

/// How the sealed columns do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VaultStatus {
    /// The versions of the master key, oldest first.
    pub versions: Vec<u32>,
    /// The columns.
    pub columns: Vec<ColumnStatus>,
}

/// How a sealed column does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnStatus {
    /// `table.column`.
    pub name: String,
    /// Values in it.
    pub total: u64,
    /// Values under the newest version.
    pub newest: u64,
    /// Values that are not sealed yet.
    pub plain: u64,
}

/// Looks.
///
/// # Errors
/// [`RotateError`].
pub async fn status(ctx: &Context) -> Result<VaultStatus, RotateError> {
    let versions = ctx.vault.versions()?;
    let newest = versions.last().copied().unwrap_or(0);
    let mut columns = Vec::with_capacity(SEALED.len());
    for at in SEALED {
        let count = sealed_count(&ctx.db, at, newest).await?;
        columns.push(ColumnStatus {
            name: format!("{}.{}", at.table, at.column),
            total: count.total,
            newest: count.at_version,
            plain: count.plain,
        });
    }
    Ok(VaultStatus { versions, columns })
}
