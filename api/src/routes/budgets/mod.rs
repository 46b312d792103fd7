//! Budgets: a monthly amount for a part of what is billed, and how it stands.

pub mod create;
pub mod delete;
mod error;
pub mod fetch;
pub mod list;
pub mod update;
mod view;
