//! Our estimate of a month against AWS's bills, account by account and in all. Why one differs is in `reckoned`.

use chrono::NaiveDate;
use domain::ids::AccountId;
use domain::usage::Month;
use serde::{Deserialize, Serialize};

use super::MoneyView;

/// Which month of every account to compare with its bill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ReconciledAccountsQuery {
    /// The month (UTC), such as `2026-11`; the one before the running one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$"))]
    pub month: Option<Month>,
}

/// Our estimate of a month against AWS's bills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReconciledAccountsView {
    /// The month (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub month: Month,
    /// The accounts whose costs you may read, by name.
    pub accounts: Vec<ReconciledAccountView>,
    /// What they come to in all, by currency: two are never added.
    pub totals: Vec<ReconciledSumView>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReconciledAccountView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// Its name.
    pub account: String,
    /// The last day that was compared: final, or three days old; absent when no day of the month is, and nothing was compared.
    pub through: Option<NaiveDate>,
    /// By currency.
    pub sums: Vec<ReconciledSumView>,
    /// WorkSpaces that were reckoned.
    pub reckoned: u64,
    /// WorkSpaces that could not be: their kind has no price, or their mode is not billed by list prices.
    pub not_reckoned: u64,
}

/// What was billed and what was reckoned, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReconciledSumView {
    /// What was billed.
    pub billed: MoneyView,
    /// What was reckoned.
    pub estimated: MoneyView,
    /// The first less the second.
    pub difference: MoneyView,
}
