//! Sealed columns of the database: which there are ([`SEALED`]) and the rotation of the master key ([`rotate`]). How a value is
//! sealed is `platform::vault`.
//!
//! To seal another column: seal and open it through `ctx.vault` with its `Place` (the row's key is its UUID as text), and add
//! its line to [`SEALED`]; its table has one UUID as key.

mod error;
mod lost;
mod rotate;
mod status;
#[cfg(test)]
mod tests;

pub use error::RotateError;
pub use lost::require_key_file;
pub use rotate::{Rotate, Rotated, rotate, seal_plain};
pub use status::{ColumnStatus, VaultStatus, status};
pub use store::repo::sealed::SealedColumn;

/// Every sealed column.
pub const SEALED: &[SealedColumn] = &[
    // Kept as it was given by versions before the vault.
    SealedColumn { table: "account", key: "id", column: "external_id", was_plain: true },
    SealedColumn { table: "user_totp", key: "user_id", column: "secret", was_plain: false },
    SealedColumn { table: "idempotency_key", key: "id", column: "answer", was_plain: false },
    SealedColumn { table: "report", key: "id", column: "webhook_secret", was_plain: false },
];
