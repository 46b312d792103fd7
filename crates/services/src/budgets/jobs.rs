//! The payload of the job that tells somebody of a crossing. Its runner is `worker/jobs/budget_mail.rs`.

use chrono::{DateTime, Utc};
use domain::ids::{BudgetId, UserId};
use domain::money::Money;
use domain::usage::Month;
use serde::{Deserialize, Serialize};

/// Tells one person of what was crossed at one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetMailJob {
    /// The budget.
    pub budget_id: BudgetId,
    /// Who is told; their address is read when the letter goes.
    pub user_id: UserId,
    /// The month.
    pub month: Month,
    /// The percentages that were crossed, ascending.
    pub thresholds: Vec<u16>,
    /// What was billed when that was seen.
    pub spent: Money,
    /// What the budget was then.
    pub amount: Money,
    /// When that was seen.
    pub at: DateTime<Utc>,
}

impl BudgetMailJob {
    /// The name in the queue.
    pub const NAME: &'static str = "budget-mail";
}
