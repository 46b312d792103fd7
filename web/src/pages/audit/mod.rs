//! Audit: AWS's events and our own log, side by side, and both in one list. All of it is in the address: which of the three, its
//! filters, its page.

pub mod all;
mod around;
mod log;
mod note;
mod parts;
mod short;
mod trail;

pub use parts::AuditPages;
