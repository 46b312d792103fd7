//! Budgets: a monthly amount for all accounts, one account, a region or the value of a tag; what was spent of it, and what was
//! crossed. A crossing is noted once a month and threshold, after bills were read ([`note_crossings`]): in the outbox and in the
//! audit log. What was billed, and what the month will come to, is `crate::cost`.

pub mod crossings;
pub mod error;
pub mod service;

pub use crossings::note_crossings;
pub use error::BudgetError;
pub use service::{
    BudgetChange, BudgetState, NewBudget, create_budget_once, delete_budget, fetch_budget, list_budgets, update_budget,
};
pub use store::repo::budgets::{BudgetReach, BudgetRecord};
