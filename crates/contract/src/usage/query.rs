//! What is asked of usage: days and filters, and what belongs to one question alone.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::workspaces::WorkspaceQuery;

/// A query with the days and the filters that every question has.
macro_rules! usage_query {
    ($(#[$about:meta])* pub struct $name:ident { $($(#[$of:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The first day (UTC), such as `2026-11-01`. Without `from` and `to`: the last 30 days.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub from: Option<NaiveDate>,
            /// The day after the last (UTC); at most 400 days after the first.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub to: Option<NaiveDate>,
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
            /// States as they are now, separated by commas.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub state: Option<String>,
            /// Running modes as they are now, separated by commas.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub running_mode: Option<String>,
            /// Compute types as they are now, separated by commas.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub compute_type: Option<String>,
            /// A tag: `Key` or `Key=Value`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub tag: Option<String>,
            $(
                $(#[$of])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: $type,
            )*
        }

        impl $name {
            /// Its filters as those of the list of WorkSpaces, which has none of teams.
            #[must_use]
            pub fn workspaces(&self) -> WorkspaceQuery {
                WorkspaceQuery {
                    q: self.q.clone(),
                    account: self.account.clone(),
                    region: self.region.clone(),
                    directory: self.directory.clone(),
                    bundle: self.bundle.clone(),
                    state: self.state.clone(),
                    running_mode: self.running_mode.clone(),
                    compute_type: self.compute_type.clone(),
                    tag: self.tag.clone(),
                    ..WorkspaceQuery::default()
                }
            }

            /// The question for these days of the WorkSpaces that a list's filters leave.
            #[must_use]
            pub fn of(from: Option<NaiveDate>, to: Option<NaiveDate>, filters: &WorkspaceQuery) -> Self {
                let filters = filters.clone();
                Self {
                    from,
                    to,
                    q: filters.q,
                    account: filters.account,
                    region: filters.region,
                    directory: filters.directory,
                    bundle: filters.bundle,
                    state: filters.state,
                    running_mode: filters.running_mode,
                    compute_type: filters.compute_type,
                    tag: filters.tag,
                    $($field: Default::default(),)*
                }
            }
        }
    };
}

/// A query that can be of teams, too.
macro_rules! team_query {
    ($(#[$about:meta])* pub struct $name:ident { $($rest:tt)* }) => {
        usage_query! {
            $(#[$about])*
            pub struct $name {
                /// Teams (our ids), separated by commas: the desktops of the people in them. Needs `user:read` over everything.
                pub team: Option<String>,
                $($rest)*
            }
        }
    };
}

usage_query! {
    /// Which usage, of whatever team.
    pub struct UsageQuery {}
}

team_query! {
    /// Which usage in bins.
    pub struct UsageDistributionQuery {}
}

team_query! {
    /// Which usage in all.
    pub struct UsageSummaryQuery {
        /// What it is compared with. `previous`: the same number of days before. `month`, `year`: the same days a month or a year
        /// before, a shorter month whole; of more days than a month or a year has those before. Of days that have not all come yet
        /// only those that have are compared. `previous` when absent.
        pub compare: Option<String>,
    }
}

team_query! {
    /// Which usage by hour of the week.
    pub struct UsageHeatMapQuery {
        /// The time zone of the hours and weekdays, such as `Europe/Berlin`; `UTC` when absent. The days stay those of UTC.
        pub zone: Option<String>,
    }
}

team_query! {
    /// Which usage by day.
    pub struct UsageTrendQuery {
        /// Other days beside them. `previous`: the same number of days before. `month`, `year`: the same days a month or a year
        /// before, a shorter month whole; of more days than a month or a year has those before.
        pub compare: Option<String>,
    }
}

team_query! {
    /// Which usage by day, told apart.
    pub struct UsageDaysQuery {
        /// `account`, `region`, `directory`, `bundle`, `running_mode`, `compute_type`, `team` or `tag:KEY`; `bundle` when absent.
        pub by: Option<String>,
    }
}

team_query! {
    /// Which usage by group.
    pub struct UsageGroupsQuery {
        /// `account`, `region`, `directory`, `bundle`, `running_mode`, `compute_type`, `state`, `team` or `tag:KEY`; `bundle` when
        /// absent.
        pub by: Option<String>,
        /// Earlier days beside each. `previous`: the same number of days before. `month`, `year`: the same days a month or a year
        /// before, a shorter month whole; of more days than a month or a year has those before. Of days that have not all come yet
        /// only those that have are compared.
        pub compare: Option<String>,
        /// Rows of a page, 1 to 200.
        #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
        pub limit: Option<u32>,
        /// Where the page begins: `next_cursor` of the page before.
        pub cursor: Option<String>,
    }
}

team_query! {
    /// Which usage of each WorkSpace.
    pub struct UsageRankingQuery {
        /// `most`: the longest connected first. `least`: the shortest first. `most` when absent.
        pub order: Option<String>,
        /// Rows of a page, 1 to 200.
        #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
        pub limit: Option<u32>,
        /// Where the page begins: `next_cursor` of the page before.
        pub cursor: Option<String>,
    }
}

team_query! {
    /// Which WorkSpaces without usage.
    pub struct UsageUnusedQuery {
        /// Rows of a page, 1 to 200.
        #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
        pub limit: Option<u32>,
        /// Where the page begins: `next_cursor` of the page before.
        pub cursor: Option<String>,
    }
}
