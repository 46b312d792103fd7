//! Budgets: a monthly amount for all accounts, one account, a region or the value of a tag; what was spent of it, and what was
//! crossed. A crossing is noted once a month and threshold, after bills were read ([`note_crossings`]): in the outbox, in the
//! audit log, and in a letter to those who may change the budget (`mail`). What was billed, and what the month will come to, is
//! `crate::cost`.

pub mod crossings;
pub mod error;
pub mod jobs;
mod mail;
pub mod service;

#[cfg(test)]
mod tests;

pub use crossings::note_crossings;
pub use error::BudgetError;
pub use jobs::BudgetMailJob;
pub use mail::{BudgetMailReport, send_budget_mail};
pub use service::{
    BudgetChange, BudgetState, NewBudget, create_budget_once, delete_budget, fetch_budget, list_budgets, update_budget,
};
pub use store::repo::budgets::{BudgetReach, BudgetRecord};
