//! Our own audit log: who did what to what, from where, and how it ended.
//!
//! Whoever changes something calls [`record`] last in its transaction; whoever reads personal data awaits [`note_read`]; the
//! same read again, within [`FOLD_WINDOW`], is the same entry.
//! Every five minutes a [`checkpoint`] signs the end of the chain into a file outside the database; [`verify`] finds what was
//! edited, removed, moved or cut off. Not CloudTrail (`crate::sync::trail`), and not the live stream (`crate::events`).
//! To add a kind of entry: `Entry::new("object.verb", permission)`, with ids in `on`, and whatever names a person in `named`
//! or `personal`.

mod cuts;
pub mod error;
mod files;
pub mod jobs;
mod list;
mod log;
mod prune;
mod reads;
mod record;
mod seal;
mod signed;
mod verify;
mod walk;

#[cfg(test)]
mod tests;

pub use error::AuditError;
pub use jobs::{AuditCheckpointJob, AuditVerifyJob};
pub(crate) use list::reading;
pub use list::{
    AuditFacets, AuditFilter, AuditFound, AuditRecord, AuditState, fetch_audit_state, fetch_entry, list_entries,
    list_values,
};
pub use log::{AuditLog, AuditOptions};
pub use prune::{PruneOutcome, prune_before};
pub(crate) use reads::note_each;
pub use reads::{FOLD_WINDOW, note_read};
pub use record::{erase_personal, record, record_many};
pub use seal::{Line, LineKind, PublicKey, SealError};
pub use signed::{CheckpointReport, checkpoint};
pub use verify::{Evidence, Report, VerifyReport, verify, verify_job};
pub use walk::{Fault, Finding};
