//! Costs by our own reckoning: what each WorkSpace costs in a month, and why the bill of an account is another.

use chrono::NaiveDate;
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::usage::Month;
use domain::workspace::{ComputeType, RunningMode};
use serde::{Deserialize, Serialize};

use super::MoneyView;
use crate::workspaces::WorkspaceQuery;

/// Which account's month to compare with its bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ReconciliationQuery {
    /// The account (our id).
    #[cfg_attr(feature = "openapi", param(value_type = uuid::Uuid))]
    pub account: AccountId,
    /// The month (UTC), such as `2026-11`; the one before the running one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$"))]
    pub month: Option<Month>,
}

/// What `reckoned` takes: how the comparison with the bill counts WorkSpaces.
pub const RECKONED: &[&str] = &["no_price", "other_mode", "hours_unknown", "uncertain"];

/// Which WorkSpaces to reckon, for which month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct WorkspaceCostQuery {
    /// The month (UTC), such as `2026-11`; the running one, up to now, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$"))]
    pub month: Option<Month>,
    /// Text to find in user name, computer name, ids, address or tags; every word must be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region codes, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Directories (`d-…`), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Bundles (`wsb-…`), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// Running modes, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_mode: Option<String>,
    /// Compute types, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_type: Option<String>,
    /// A tag: `Key` or `Key=Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Whether those gone from AWS are shown, and only those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<bool>,
    /// Only those that the comparison of one account's month with its bill counts so, gone or not, by user name: `no_price`,
    /// `other_mode`, `hours_unknown` or `uncertain`. It takes one `account`, and neither `sort` nor `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reckoned: Option<String>,
    /// The column and its direction, one of [`SORTS`].
    ///
    /// [`SORTS`]: crate::workspaces::SORTS
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl WorkspaceCostQuery {
    /// All but the month and how they are counted, as the list of WorkSpaces takes it.
    #[must_use]
    pub fn workspaces(self) -> WorkspaceQuery {
        let Self { q, account, region, directory, bundle, running_mode, compute_type, tag, gone, .. } = self;
        let place = WorkspaceQuery { q, account, region, directory, bundle, ..WorkspaceQuery::default() };
        let (sort, limit, cursor) = (self.sort, self.limit, self.cursor);
        WorkspaceQuery { running_mode, compute_type, tag, gone, sort, limit, cursor, ..place }
    }
}

/// What a WorkSpace costs in a month, by our own reckoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceCostView {
    /// The WorkSpace (our id).
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// The user's name in the directory.
    pub user_name: String,
    /// The account's name.
    pub account: String,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// The running mode as it is now.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub running_mode: Option<RunningMode>,
    /// The compute type.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub compute_type: Option<ComputeType>,
    /// Hours as AWS bills them; absent where it is not billed by the hour.
    pub hours: Option<u64>,
    /// Whether usage is known for the whole time; if not, there may be more hours.
    pub hours_known: bool,
    /// Whether it came, went or was changed at a time that is not known exactly.
    pub uncertain: bool,
    /// What it comes to; absent when it can't be reckoned.
    pub total: Option<MoneyView>,
    /// Why it can't: `no_price` or `other_mode`.
    pub not_reckoned: Option<String>,
    /// Its charges.
    pub charges: Vec<ChargeView>,
}

/// What is recommended for a WorkSpace, with the figures that it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceAdviceView {
    /// The month that was looked at (UTC): the one before the running one.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub month: Month,
    /// What to do: `remove`, `auto-stop` or `always-on`; absent when it is cheapest as it is, or that can't be told.
    pub advice: Option<String>,
    /// By how much less the month would have cost.
    pub saving: Option<MoneyView>,
    /// The month in either running mode.
    pub compared: Option<ComparedMonthView>,
    /// Why that can't be told: `usage_unknown`, `no_price` or `other_mode`.
    pub not_compared: Option<String>,
}

/// A month of a WorkSpace in either running mode, at list prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparedMonthView {
    /// Whether it is AUTO_STOP now; otherwise ALWAYS_ON.
    pub stops: bool,
    /// The hours of the month, as AWS bills them for AUTO_STOP.
    pub hours: u64,
    /// Whether nobody was connected.
    pub unused: bool,
    /// What it costs as ALWAYS_ON.
    pub always_on: MoneyView,
    /// What it costs as AUTO_STOP.
    pub auto_stop: MoneyView,
}

/// One charge of a WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChargeView {
    /// `monthly`, `auto_stop_fee`, `auto_stop_hour`, or `volume` for what is beyond the bundle's.
    pub charge: String,
    /// The usage type that AWS bills it as; empty where the Price List does not say.
    pub usage_type: String,
    /// Months, hours or gigabyte-months, as a decimal text.
    pub quantity: String,
    /// How much.
    pub amount: MoneyView,
}

/// Our estimate of a month against AWS's bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReconciliationView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// Its name.
    pub account: String,
    /// The month (UTC).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub month: Month,
    /// The last day that was compared: final, or three days old; absent when no day of the month is, and nothing was compared.
    pub through: Option<NaiveDate>,
    /// By currency.
    pub currencies: Vec<CurrencyReconciliationView>,
    /// WorkSpaces that were reckoned.
    pub reckoned: u64,
    /// WorkSpaces whose kind the Price List has no price for.
    pub no_price: u64,
    /// WorkSpaces in a mode that is not billed by list prices.
    pub other_mode: u64,
    /// Of those reckoned: their hours are not known for the whole time.
    pub hours_unknown: u64,
    /// Of those reckoned: they came, went or were changed at a time that is not known exactly.
    pub uncertain: u64,
}

/// The comparison in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrencyReconciliationView {
    /// What was billed.
    pub billed: MoneyView,
    /// What was reckoned.
    pub estimated: MoneyView,
    /// The first less the second. The parts add up to it exactly.
    pub difference: MoneyView,
    /// Why they differ.
    pub parts: Vec<DifferenceView>,
    /// Every usage type in every region, those that differ most first. They add up to what was billed and reckoned exactly.
    pub lines: Vec<ComparedLineView>,
}

/// One usage type of one region, on the bill and by our own reckoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparedLineView {
    /// The region as AWS bills it; empty for none.
    pub region: String,
    /// The usage type.
    pub usage_type: String,
    /// What was billed; absent where it is not on the bill.
    pub billed: Option<MoneyView>,
    /// What was reckoned; absent where nothing was.
    pub estimated: Option<MoneyView>,
    /// The first less the second. The reasons add up to it exactly.
    pub difference: MoneyView,
    /// What quantities are of and prices are for: `month`, `hour` or `gb_month`; absent where that is not known.
    pub unit: Option<String>,
    /// How much was billed, as a decimal text.
    pub billed_quantity: Option<String>,
    /// How much was reckoned, as a decimal text.
    pub estimated_quantity: Option<String>,
    /// What one unit was billed at: the amount by the quantity; absent where nothing was used.
    pub billed_price: Option<MoneyView>,
    /// The list price of one unit, at which it is reckoned; absent where the Price List has none.
    pub list_price: Option<MoneyView>,
    /// Why they differ; none where they agree.
    pub reasons: Vec<LineReasonView>,
}

/// Why a line differs, and by how much for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineReasonView {
    /// As in the parts of the difference.
    pub reason: String,
    /// By how much the bill is higher for that; below zero where it is lower.
    pub amount: MoneyView,
}

/// A part of the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DifferenceView {
    /// `hours_unknown`, `came_or_went`, `price_missing`, `other_charge`, `tax_or_credit`, `price_differs`, `rounding` or `unexplained`.
    pub reason: String,
    /// By how much the bill is higher for that; below zero where it is lower.
    pub amount: MoneyView,
    /// The same by usage type, the largest first.
    pub lines: Vec<DifferenceLineView>,
}

/// A part of the difference of one usage type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DifferenceLineView {
    /// The region as AWS bills it; empty for none.
    pub region: String,
    /// The usage type.
    pub usage_type: String,
    /// By how much the bill is higher.
    pub amount: MoneyView,
}
