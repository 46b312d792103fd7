//! Budgets: a monthly amount for a part of what is billed, and how it stands.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, BudgetId, Region};
use domain::usage::Month;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::costs::MoneyView;

/// Most characters of a name.
pub const NAME_MAX: usize = 80;
/// Most thresholds.
pub const THRESHOLDS_MAX: usize = 10;
/// The highest threshold, percent.
pub const THRESHOLD_MAX: u16 = 1000;
/// Most characters of an amount.
pub const AMOUNT_MAX: usize = 24;
/// Most characters of a tag's key.
pub const TAG_KEY_MAX: usize = 128;
/// Most characters of a tag's value.
pub const TAG_VALUE_MAX: usize = 256;
/// What a budget can be for.
pub const REACHES: [&str; 4] = ["everything", "account", "region", "tag"];

/// A budget and how it stands in the running month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BudgetView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: BudgetId,
    /// Its name.
    pub name: String,
    /// What it is for: `everything`, `account`, `region` or `tag`.
    pub reach: String,
    /// The account, when it is for one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub account_id: Option<AccountId>,
    /// The account's name.
    pub account: Option<String>,
    /// The region, when it is for one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub region: Option<Region>,
    /// The tag's key, when it is for the value of a tag.
    pub tag_key: Option<String>,
    /// That value.
    pub tag_value: Option<String>,
    /// How much a month.
    pub amount: MoneyView,
    /// At how many percent somebody should hear, ascending.
    pub thresholds: Vec<u16>,
    /// The running month (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub month: Month,
    /// What was billed of it so far.
    pub spent: MoneyView,
    /// Whether any of that may still change.
    pub estimated: bool,
    /// How many percent of the budget that is, with one decimal.
    pub percent: String,
    /// What the month is reckoned to come to; absent for a tag, and where too little is final.
    pub forecast: Option<MoneyView>,
    /// The thresholds that were crossed this month.
    pub crossed: Vec<CrossingView>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Its version, which is also the `ETag`.
    pub version: i64,
}

/// A threshold that was crossed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CrossingView {
    /// Percent of the amount.
    pub threshold: u16,
    /// When that was seen.
    pub at: DateTime<Utc>,
}

/// Makes a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateBudgetRequest {
    /// Its name, 1 to 80 characters, unique.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// What it is for: `everything`, `account`, `region` or `tag`. With it goes what it names.
    #[garde(skip)]
    pub reach: String,
    /// The account, for `account`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub account_id: Option<AccountId>,
    /// The region, for `region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub region: Option<String>,
    /// The tag's key, for `tag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = TAG_KEY_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 128))]
    pub tag_key: Option<String>,
    /// Its value, for `tag`; empty for what is untagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = TAG_VALUE_MAX)))]
    #[cfg_attr(feature = "openapi", schema(max_length = 256))]
    pub tag_value: Option<String>,
    /// How much a month, in whole units of the currency, as a decimal text such as `1500` or `99.50`.
    #[garde(length(chars, min = 1, max = AMOUNT_MAX))]
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 24, pattern = "^[0-9]{1,8}(\\.[0-9]{1,10})?$")
    )]
    pub amount: String,
    /// ISO 4217 code; costs in another currency don't count.
    #[garde(length(chars, min = 3, max = 3))]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Z]{3}$"))]
    pub currency: String,
    /// At how many percent somebody should hear: 1 to 10 whole numbers of 1 to 1000.
    #[garde(length(min = 1, max = THRESHOLDS_MAX), inner(range(min = 1, max = THRESHOLD_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 10))]
    pub thresholds: Vec<u16>,
}

/// Changes a budget. What is left out stays as it is, and so does what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateBudgetRequest {
    /// Its name, 1 to 80 characters, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = NAME_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: Option<String>,
    /// How much a month, in the currency that it has, as a decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = AMOUNT_MAX)))]
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 24, pattern = "^[0-9]{1,8}(\\.[0-9]{1,10})?$")
    )]
    pub amount: Option<String>,
    /// At how many percent somebody should hear: 1 to 10 whole numbers of 1 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(min = 1, max = THRESHOLDS_MAX), inner(range(min = 1, max = THRESHOLD_MAX))))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 10))]
    pub thresholds: Option<Vec<u16>>,
}
