//! Costs: what AWS billed, told apart; what the month will come to; what each WorkSpace costs, and why the bill is another.
//! Days are UTC days. Amounts are texts, exactly; each currency is a sum of its own.

mod accounts;
mod estimates;
mod reckoned;

use chrono::{DateTime, NaiveDate, Utc};
use domain::cost::CostBy;
use domain::ids::AccountId;
use domain::money::Money;
use domain::usage::Month;
use serde::{Deserialize, Serialize};

pub use accounts::{ReconciledAccountView, ReconciledAccountsQuery, ReconciledAccountsView, ReconciledSumView};
pub use domain::cost::{TAG_GROUP, TEAM_TAG};
pub use estimates::{CostEstimatesQuery, ESTIMATE_GROUPS, EstimateBeforeView, EstimateFilterView, EstimateGroupView};
pub use reckoned::{
    ChargeView, ComparedLineView, ComparedMonthView, CurrencyReconciliationView, DifferenceLineView, DifferenceView,
    LineReasonView, RECKONED, ReconciliationQuery, ReconciliationView, WorkspaceAdviceView, WorkspaceCostQuery,
    WorkspaceCostView,
};

/// What costs can be told apart by, besides `tag:KEY`. A team is the value of the tag `Team`.
pub const GROUPS: &[&str] = CostBy::NAMES;

/// Of which accounts and regions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CostQuery {
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Regions as AWS bills them, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Which days, told apart how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CostDaysQuery {
    /// The first day (UTC), such as `2026-11-01`. Without `from` and `to`: the last 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The day after the last (UTC); at most 400 days after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Regions as AWS bills them, separated by commas; they do not narrow what is told apart by a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `account`, `region`, `usage_type`, `running_mode`, `compute_type`, `team`, `month`, or `tag:KEY`; `usage_type` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Which page of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CostGroupsQuery {
    /// The first day (UTC), such as `2026-11-01`. Without `from` and `to`: the last 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The day after the last (UTC); at most 400 days after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Regions as AWS bills them, separated by commas; they do not narrow what is told apart by a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `account`, `region`, `usage_type`, `running_mode`, `compute_type`, `team`, `month`, or `tag:KEY`; `usage_type` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which month to forecast.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CostForecastQuery {
    /// The month (UTC), such as `2026-11`; the running one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$"))]
    pub month: Option<Month>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Regions as AWS bills them, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoneyView {
    /// How much, in whole units of the currency, as a decimal text, exactly.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { amount: money.amount.normalize().to_string(), currency: money.currency.to_string() }
    }
}

impl MoneyView {
    /// The amount as money; `None` for what is none.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        Money::parse(&self.amount, self.currency.parse().ok()?).ok()
    }
}

/// The running month at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostSummaryView {
    /// The month (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub month: Month,
    /// Today (UTC).
    pub today: NaiveDate,
    /// Its sums, by currency.
    pub currencies: Vec<CurrencySummaryView>,
    /// The accounts whose costs you may read, and how far they are known.
    pub accounts: Vec<BilledAccountView>,
    /// Names of accounts of which too little is final to say what the month will come to.
    pub not_forecast: Vec<String>,
    /// Keys of the cost allocation tags by which costs are read: what they can be told apart by as `tag:KEY`.
    pub tag_keys: Vec<String>,
}

/// The running month in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrencySummaryView {
    /// ISO 4217 code.
    pub currency: String,
    /// What was billed of the month so far.
    pub month_to_date: MoneyView,
    /// Whether any of that may still change.
    pub estimated: bool,
    /// What the month before was billed in all.
    pub last_month: MoneyView,
    /// What of it was billed by the same day of the month.
    pub last_month_to_date: MoneyView,
    /// What the month will come to; absent where too little is final.
    pub forecast: Option<ForecastView>,
}

/// How far an account's costs are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BilledAccountView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// `ok`, `partial`, `failed` or `never`.
    pub status: String,
    /// When its costs were last read wholly.
    pub fresh_at: Option<DateTime<Utc>>,
    /// The first moment they are known of.
    pub known_from: Option<DateTime<Utc>>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
}

/// What a month will come to, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastView {
    /// What is final of it.
    pub so_far: MoneyView,
    /// What the whole month is reckoned to come to.
    pub month: MoneyView,
    /// The lower end of the interval that eight of ten such months end in.
    pub low: MoneyView,
    /// Its upper end.
    pub high: MoneyView,
    /// The last final day (UTC); of several accounts the earliest.
    pub final_to: NaiveDate,
    /// How many final days the mean is of; of several accounts the fewest.
    pub days_seen: u32,
}

/// What a month will come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostForecastView {
    /// The month (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub month: Month,
    /// By currency.
    pub forecasts: Vec<ForecastView>,
    /// Names of accounts of which too little is final to say anything.
    pub not_forecast: Vec<String>,
}

/// What each day was billed, told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostDaysView {
    /// The first day (UTC).
    pub from: NaiveDate,
    /// The day after the last (UTC).
    pub to: NaiveDate,
    /// What they are told apart by.
    pub by: String,
    /// By currency.
    pub currencies: Vec<CurrencyDaysView>,
}

/// What each day was billed in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrencyDaysView {
    /// ISO 4217 code.
    pub currency: String,
    /// What all groups came to.
    pub total: MoneyView,
    /// The dearest groups, the dearest first.
    pub groups: Vec<CostGroupView>,
    /// How many more groups there are, whose costs are in `others`.
    pub other_groups: u64,
    /// The days on which anything was billed, in order.
    pub days: Vec<CostDayView>,
}

/// What one day was billed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostDayView {
    /// The day (UTC).
    pub day: NaiveDate,
    /// What each of `groups` came to, in their order, as decimal texts.
    pub amounts: Vec<String>,
    /// What all others came to together.
    pub others: String,
    /// Whether any of it may still change.
    pub estimated: bool,
}

/// What a group came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostGroupView {
    /// The value; empty for what has none.
    pub key: String,
    /// How much.
    pub amount: MoneyView,
    /// Whether any of it may still change.
    pub estimated: bool,
}
