//! What can go wrong with reports.

use domain::access::Forbidden;
use platform::artefacts::ArtefactsError;
use platform::vault::VaultError;
use store::StoreError;

use crate::exports::ExportError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is no such report, run or link, or the actor may not see it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It has another version than the one the change was meant for.
    #[error("somebody changed it meanwhile")]
    Changed,
    /// It stands against what is there.
    #[error("{0}")]
    Conflict(String),
    /// A field can't be taken.
    #[error("{message}")]
    Field {
        /// The field.
        field: &'static str,
        /// A stable code.
        code: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The table could not be read or written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The secret of a webhook can't be kept.
    #[error("secrets can't be kept: there is no usable master key (vault.key_file)")]
    Vault(#[from] VaultError),
    /// The place where files are kept failed.
    #[error(transparent)]
    Artefacts(#[from] ArtefactsError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl ReportError {
    pub(super) fn field(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Field { field, code, message: message.into() }
    }
}
