//! Costs: what was billed, what the month will come to, what each WorkSpace and each group of them costs, what is recommended for one, and why
//! the bill is another.

pub mod advice;
pub(crate) mod ask;
pub mod daily;
mod error;
pub mod estimates;
pub mod forecast;
pub mod groups;
pub mod reconciled_accounts;
pub mod reconciliation;
pub mod summary;
mod view;
pub mod workspaces;
