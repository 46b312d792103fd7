//! A key file that is not there though values are sealed under its keys: nothing takes its place by itself.

use store::StoreError;
use store::repo::sealed::sealed_count;

use super::{RotateError, SEALED};
use crate::Context;

/// Ok unless values are sealed and the file with their keys is not there; from then on this process makes no new one. For
/// whoever starts: the schema may be older than this version.
///
/// # Errors
/// [`RotateError::KeyLost`], [`RotateError::Store`].
pub async fn require_key_file(ctx: &Context) -> Result<(), RotateError> {
    let Some(file) = ctx.vault.file().filter(|file| !file.exists()) else { return Ok(()) };
    let count = sealed_values(ctx).await?;
    if count == 0 {
        return Ok(());
    }
    ctx.vault.never_make();
    Err(RotateError::KeyLost { count, file: file.to_owned() })
}

/// How many values are sealed, in the columns that are there.
pub(super) async fn sealed_values(ctx: &Context) -> Result<u64, StoreError> {
    let mut sealed = 0;
    for at in SEALED {
        match sealed_count(&ctx.db, at, 0).await {
            Ok(count) => sealed += count.total - count.plain,
            // A table that a migration has still to make.
            Err(StoreError::Other { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sealed)
}
