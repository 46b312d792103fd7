//! Audit: AWS's events and our own log, side by side. All of it is in the address: which of the two, its filters, its page.

mod around;
mod log;
mod note;
mod parts;
mod trail;

pub use parts::AuditPages;
