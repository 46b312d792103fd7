//! Tables that are taken along as files: in which format, and over which days where a table is about some.

use chrono::NaiveDate;
use domain::export::ExportFormat;
use domain::ids::AccountId;
use domain::usage::Month;
use serde::{Deserialize, Serialize};

use crate::workspaces::WorkspaceQuery;

/// The formats, as `format` takes them.
pub const FORMATS: &[ExportFormat] = ExportFormat::ALL;

/// In which format a table is taken along. Beside it stand the filters of the table's list, without `limit` and `cursor`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// `csv` (what a spreadsheet would run as a formula begins with an apostrophe), `xlsx`, `json` (one array) or `jsonl` (one
    /// object per line); `csv` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// Which usage to take along: of the WorkSpaces that the filters leave, gone or not, over some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct UsageExportQuery {
    /// The first day (UTC), such as `2026-11-01`.
    pub from: NaiveDate,
    /// The day after the last (UTC); at most 400 days after the first.
    pub to: NaiveDate,
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
    /// Teams (our ids), separated by commas: the desktops of the people in them. Needs `user:read` over everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

impl UsageExportQuery {
    /// Its filters as those of the list of WorkSpaces, which has none of teams.
    #[must_use]
    pub fn workspaces(self) -> WorkspaceQuery {
        let Self { from: _, to: _, q, account, region, directory, bundle, running_mode, compute_type, tag, team: _ } =
            self;
        let filters = WorkspaceQuery { q, account, region, directory, bundle, ..WorkspaceQuery::default() };
        WorkspaceQuery { running_mode, compute_type, tag, ..filters }
    }
}

/// Which costs to take along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CostExportQuery {
    /// The first day (UTC), such as `2026-11-01`.
    pub from: NaiveDate,
    /// The day after the last (UTC); at most 400 days after the first.
    pub to: NaiveDate,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Regions as AWS bills them, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Which data sets or sync runs to take along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct OfAccountQuery {
    /// The account; all when absent.
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// Of which month the charges of a WorkSpace are taken along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct WorkspaceChargeQuery {
    /// The month (UTC), such as `2026-11`; the running one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$"))]
    pub month: Option<Month>,
}
