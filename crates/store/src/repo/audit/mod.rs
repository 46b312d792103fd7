//! Our own audit log. Each entry's text is chained to the one before it ([`link`]); what could name a person stands beside it,
//! salted and hashed into the text, and can be erased.
//!
//! On Postgres entries are appended under the lock of the outbox, on SQLite by the only writer: so the order of places is
//! the order of commits, without a gap, and what is rolled back leaves nothing. Append last in a transaction.
//! Not here: what an entry says (`domain::audit`), signatures (`services::audit`).

mod append;
mod erase;
mod facets;
mod find;
mod query;
mod state;

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod tests;

pub use append::{NewEntry, audit_append};
pub use erase::{Called, audit_cut, audit_erase};
pub use facets::{AuditFacets, FACET_WINDOW, audit_facets};
pub use find::WORD_WINDOW;
pub(crate) use query::audit_behind;
#[cfg(test)]
pub(crate) use query::behind as audit_behind_sql;
pub use query::{AuditFilter, AuditPage, AuditQuery, AuditRecord, audit_count, audit_fetch, audit_list};
pub use state::{
    AuditCheckpointRecord, AuditCutRecord, AuditVerificationRecord, ChainRow, PersonalRow, Tip, audit_app_role,
    audit_app_role_problem, audit_before, audit_checkpoint_insert, audit_checkpoint_latest, audit_checkpoint_list,
    audit_checkpoint_prune, audit_cut_list, audit_head, audit_rows, audit_verification_insert,
    audit_verification_latest,
};

use sha2::{Digest as _, Sha256};

/// What the first entry is chained to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of an entry: SHA-256 of the hash before it (64 hexadecimal letters) followed by its text, in hexadecimal.
#[must_use]
pub fn link(prev_hash: &str, body: &str) -> String {
    hex(Sha256::new().chain_update(prev_hash).chain_update(body))
}

/// The hash of a personal part: SHA-256 of its salt followed by its text, in hexadecimal.
#[must_use]
pub fn personal_hash(salt: &str, body: &str) -> String {
    hex(Sha256::new().chain_update(salt).chain_update(body))
}

fn hex(hash: Sha256) -> String {
    use std::fmt::Write as _;
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
