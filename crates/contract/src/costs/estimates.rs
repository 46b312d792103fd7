//! What the fleet costs in a month by our own reckoning, told apart by what no bill tells apart.

use chrono::NaiveDate;
use domain::cost::EstimateBy;
use domain::usage::Month;
use serde::{Deserialize, Serialize};

use super::MoneyView;

/// What estimates can be told apart by. A team is one of ours, not the value of a tag.
pub const ESTIMATE_GROUPS: &[&str] = EstimateBy::NAMES;

/// Which page of estimates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CostEstimatesQuery {
    /// The month (UTC), such as `2026-11`; the running one, up to now, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$"))]
    pub month: Option<Month>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region codes, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `bundle`, `person`, `team`, `directory`, `running_mode`, `region` or `account`; `bundle` when absent.
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

/// What a group of WorkSpaces costs in a month, by our own reckoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EstimateGroupView {
    /// The value: `wsb-…`, a user name in lower case, a team's name, `d-…`, a running mode, a region, an account's id; empty for what
    /// has none.
    pub key: String,
    /// What it is called; the value itself where it has no name.
    pub label: String,
    /// WorkSpaces that were there in that month, those that went since included; none where they were there in the month before alone.
    pub workspaces: u64,
    /// Of these, those that could not be reckoned: without a list price, or not billed by list prices.
    pub not_reckoned: u64,
    /// Of those reckoned: their hours are not known for the whole time, so that there may be more.
    pub hours_unknown: u64,
    /// People whose WorkSpaces in it were connected in that month, as far as that is known.
    pub active_users: u64,
    /// What it comes to, by currency; empty when nothing could be reckoned.
    pub estimates: Vec<MoneyView>,
    /// The same for each active user, rounded as money is written; empty where there is none.
    pub per_active_user: Vec<MoneyView>,
    /// What leaves its WorkSpaces in the list of WorkSpaces; absent where nothing there does.
    pub filter: Option<EstimateFilterView>,
    /// The month before, to compare with.
    #[serde(default)]
    pub before: Option<EstimateBeforeView>,
}

/// What a group came to in the month before: of as many days as the month has come to while it runs, of all of them after that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EstimateBeforeView {
    /// The last day of it that counts (UTC).
    pub through: NaiveDate,
    /// WorkSpaces that were there by then.
    pub workspaces: u64,
    /// Of those reckoned: their hours are not known for the whole time, so that there may be more.
    pub hours_unknown: u64,
    /// What it came to, by currency.
    pub estimates: Vec<MoneyView>,
    /// By how much the month is more, by currency, below zero where it is less; empty where hours of either are not known.
    pub differences: Vec<MoneyView>,
}

/// What leaves a group's WorkSpaces in the list of WorkSpaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EstimateFilterView {
    /// The list's parameter. A person is searched for (`q`): whoever has a name that holds theirs is found too.
    pub parameter: String,
    /// Its value.
    pub value: String,
}
