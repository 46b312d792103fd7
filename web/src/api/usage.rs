//! Usage: in all, by hour of the week, by day, by day and group, in bins, by group, one by one.

use contract::paths;
use contract::usage::{
    UsageDaysQuery, UsageDaysView, UsageDistributionQuery, UsageDistributionView, UsageGroupsQuery, UsageGroupsView,
    UsageHeatMapQuery, UsageHeatMapView, UsageQuery, UsageRankingQuery, UsageRankingView, UsageSummaryQuery,
    UsageSummaryView, UsageTrendQuery, UsageTrendView, UsageUnusedQuery, UsageUnusedView,
};

use super::{ApiError, client};

/// In all, with the days before.
pub async fn summary(query: &UsageQuery) -> Result<UsageSummaryView, ApiError> {
    client::get_query(paths::USAGE_SUMMARY, query).await
}

/// In all, with the days that it is compared with. Apart from [`summary`], which the overview asks too.
pub async fn summary_compared(query: &UsageSummaryQuery) -> Result<UsageSummaryView, ApiError> {
    client::get_query(paths::USAGE_SUMMARY, query).await
}

/// By hour and weekday of the query's zone; of UTC where that is one the API does not know.
pub async fn heat_map(query: &UsageHeatMapQuery) -> Result<UsageHeatMapView, ApiError> {
    let answer = client::get_query(paths::USAGE_HEAT_MAP, query).await;
    match answer {
        Err(error) if error.fields().iter().any(|(field, _)| field == "zone") => {
            client::get_query(paths::USAGE_HEAT_MAP, &UsageHeatMapQuery { zone: None, ..query.clone() }).await
        }
        answer => answer,
    }
}

/// By day.
pub async fn trend(query: &UsageTrendQuery) -> Result<UsageTrendView, ApiError> {
    client::get_query(paths::USAGE_TREND, query).await
}

/// By day, told apart.
pub async fn daily(query: &UsageDaysQuery) -> Result<UsageDaysView, ApiError> {
    client::get_query(paths::USAGE_DAILY, query).await
}

/// In bins.
pub async fn distribution(query: &UsageDistributionQuery) -> Result<UsageDistributionView, ApiError> {
    client::get_query(paths::USAGE_DISTRIBUTION, query).await
}

/// A page of groups.
pub async fn groups(query: &UsageGroupsQuery) -> Result<UsageGroupsView, ApiError> {
    client::get_query(paths::USAGE_GROUPS, query).await
}

/// A page of WorkSpaces that were connected.
pub async fn ranking(query: &UsageRankingQuery) -> Result<UsageRankingView, ApiError> {
    client::get_query(paths::USAGE_RANKING, query).await
}

/// A page of WorkSpaces that nobody was connected to.
pub async fn unused(query: &UsageUnusedQuery) -> Result<UsageUnusedView, ApiError> {
    client::get_query(paths::USAGE_UNUSED, query).await
}
