//! Costs as people look at them: what AWS billed over some days, in all or by group; what the running month will come to
//! ([`forecast`]); what could be saved ([`savings`]). What brings costs in is `sync::billing`; what prices and hours mean is
//! `domain::{cost, usage}`.
//!
//! Costs are of whole accounts: whoever may read the costs of a part of an account only sees none of them.

pub mod error;
pub mod forecast;
pub mod savings;
pub mod service;

pub use error::CostError;
pub use forecast::{Forecast, month_forecast};
pub use savings::{Advice, Finding, Savings, find_savings};
pub use service::{BilledAccount, CostQuestion, billed_accounts, cost_by, cost_by_tag, cost_totals};
pub use store::repo::costs::{CostGroup, CostSum};
