//! First run: whether the owner is still to be created, and creating them with the one-time link.

pub mod create;
pub mod fetch;
