//! What people may ask of us about their own data: take it along as one archive ([`export_own`]), and be forgotten
//! ([`remove_own`], or [`remove_user`] by whoever manages users). How long things are kept is `crate::jobs::prune`'s.
//!
//! A person who is removed leaves a pseudonym: their id in the audit log, whose chain stays whole while the parts of it that name
//! them are erased. To add data about people: a file of its own in `export.rs`, and a cascade to the person's row, or a
//! statement in `store::repo::privacy::person_remove`.

mod archive;
mod error;
mod export;
mod remove;
mod talk;
#[cfg(test)]
mod tests;

pub use error::PrivacyError;
pub use export::{Export, export_own};
pub use remove::{remove_own, remove_user};
