//! Usage: how long WorkSpaces were connected over some days; in all, by hour and weekday, by day, in bins, by group, one by one.
//! Days are UTC days, as CloudWatch is read; each answer says how far it is known.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{AccountId, Region, WorkspaceId};
use serde::{Deserialize, Serialize};

mod query;

pub use query::{
    UsageDaysQuery, UsageDistributionQuery, UsageGroupsQuery, UsageHeatMapQuery, UsageQuery, UsageRankingQuery,
    UsageSummaryQuery, UsageTrendQuery, UsageUnusedQuery,
};

/// The most days that a question, or an export, may span.
pub const MAX_DAYS: i64 = 400;
/// The days that are meant when none are given: so many, today (UTC) included.
pub const DEFAULT_DAYS: i64 = 30;
/// What usage can be told apart by, besides `tag:KEY`.
pub const GROUPS: &[&str] =
    &["account", "region", "directory", "bundle", "running_mode", "compute_type", "state", "team"];
/// What each day of usage can be told apart by, besides `tag:KEY`.
pub const DAY_GROUPS: &[&str] = &["account", "region", "directory", "bundle", "running_mode", "compute_type", "team"];
/// What `by` begins with for the values of a tag.
pub const TAG_GROUP: &str = "tag:";
/// The orders of a ranking.
pub const ORDERS: &[&str] = &["most", "least"];
/// What the portal shows of each day, as in its address.
pub const MEASURES: &[&str] = &["hours", "workspaces", "sessions"];

/// The days of an answer, and how far they are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsagePeriodView {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// The time zone in which days and hours are counted: always `UTC`.
    pub zone: String,
    /// How far it is known.
    pub known: UsageKnownView,
}

/// How far the usage of the WorkSpaces that are there is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageKnownView {
    /// WorkSpaces that the filters leave and that are there now.
    pub workspaces: u64,
    /// Of these, those whose usage was never read.
    pub unread: u64,
    /// From when on the usage of all that were read is known; absent when none was. One that came to its account and region later
    /// than others, and whose usage is known since, does not count: there was none before.
    pub from: Option<DateTime<Utc>>,
    /// Up to when it is known.
    pub to: Option<DateTime<Utc>>,
    /// What is missing in between, where syncs could not read.
    pub gaps: Vec<UsageGapView>,
}

/// A stretch of time of which usage is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageGapView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// Why, in words.
    pub reason: String,
}

/// Sums of usage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageTotalsView {
    /// WorkSpaces that were connected at all.
    pub workspaces: u64,
    /// Connected time, minutes.
    pub connected_minutes: u64,
    /// Hours of the clock in which somebody was connected, counted for each WorkSpace: what is billed by the hour.
    pub billed_hours: u64,
    /// Sessions that began.
    pub sessions: u64,
    /// Days with a connection, counted for each WorkSpace.
    pub days: u64,
}

/// Usage in all, with the days that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageSummaryView {
    /// The days.
    pub period: UsagePeriodView,
    /// The sums.
    pub totals: UsageTotalsView,
    /// People whose WorkSpaces were connected.
    pub people: u64,
    /// WorkSpaces that are there and that nobody was connected to, as far as that is known.
    pub unused: u64,
    /// The days that it is compared with: those before, unless others were asked for.
    pub previous: UsagePreviousView,
}

/// Earlier days: as many as have come of those that are looked at, or a shorter month whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsagePreviousView {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// Whether usage is known from its first day on, so that it can be compared.
    pub known: bool,
    /// The sums.
    pub totals: UsageTotalsView,
    /// People whose WorkSpaces were connected.
    pub people: u64,
}

/// Usage by hour and weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageHeatMapView {
    /// The days.
    pub period: UsagePeriodView,
    /// The time zone of the hours and weekdays.
    pub zone: String,
    /// Monday first: seven rows.
    pub weekdays: Vec<UsageWeekdayView>,
}

/// The hours of one weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageWeekdayView {
    /// How many such days there are in the period, up to now.
    pub days: u32,
    /// For each of the 24 hours: on how many days of how many WorkSpaces somebody was connected.
    pub hours: Vec<u64>,
    /// The same to the minute: 60 for each. Where an hour of UTC, which is what is known, lies across two hours of the zone, each has
    /// its share.
    pub minutes: Vec<u64>,
    /// The minutes that each hour had in the period, up to now; `minutes` divided by them is how many WorkSpaces were connected on
    /// average.
    pub out_of: Vec<u64>,
}

/// Usage by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageTrendView {
    /// The days.
    pub period: UsagePeriodView,
    /// One for each day of the period.
    pub days: Vec<UsageDayView>,
    /// The days that they are compared with, as many, or those of a shorter month; only when they were asked for.
    pub previous: Option<Vec<UsageDayView>>,
}

/// Usage of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDayView {
    /// The day (UTC).
    pub day: NaiveDate,
    /// The sums; absent for a day that lies ahead, or of which nothing is known.
    pub totals: Option<UsageTotalsView>,
}

/// Usage of each day, told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDaysView {
    /// The days.
    pub period: UsagePeriodView,
    /// What they are told apart by.
    pub by: String,
    /// The longest connected groups, the longest first, with their sums over all days.
    pub groups: Vec<UsageGroupView>,
    /// How many more groups there are, whose usage is in `others`.
    pub other_groups: u64,
    /// One for each day of the period.
    pub days: Vec<UsageDayGroupsView>,
}

/// Usage of one day, told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDayGroupsView {
    /// The day (UTC).
    pub day: NaiveDate,
    /// The sums of all, each WorkSpace once; absent for a day that lies ahead, or of which nothing is known.
    pub totals: Option<UsageTotalsView>,
    /// The sums of each of `groups`, in their order. Somebody in two teams counts in both.
    pub groups: Vec<UsageTotalsView>,
    /// The sums of all other groups together. Somebody in two of these teams counts twice.
    pub others: UsageTotalsView,
}

/// How many WorkSpaces were connected for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDistributionView {
    /// The days.
    pub period: UsagePeriodView,
    /// WorkSpaces that are there and that nobody was connected to, as far as that is known.
    pub unused: u64,
    /// The bins, from short to long; none when nobody was connected.
    pub bins: Vec<UsageBinView>,
}

/// A bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageBinView {
    /// Connected for so many hours or longer; in the first bin, at all.
    pub from_hours: u32,
    /// And shorter than so many.
    pub to_hours: u32,
    /// WorkSpaces.
    pub workspaces: u64,
}

/// A page of usage by group, the longest connected first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageGroupsView {
    /// The days.
    pub period: UsagePeriodView,
    /// The groups with any usage.
    pub items: Vec<UsageGroupView>,
    /// Where the next page begins; absent on the last one.
    pub next_cursor: Option<String>,
    /// Groups in all.
    pub total: u64,
    /// The days that they are compared with; only when it was asked for.
    pub previous: Option<UsageEarlierView>,
}

/// Earlier days: as many as have come of those that are looked at, or a shorter month whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageEarlierView {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// Whether usage is known from its first day on, so that all groups can be compared.
    pub known: bool,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageGroupView {
    /// What to put into the filter; empty for those without a value.
    pub key: String,
    /// What to show.
    pub label: String,
    /// The sums. Somebody in two teams counts in both.
    pub totals: UsageTotalsView,
    /// The sums of the days that it is compared with; absent unless it was asked for, and its usage is known from the first of them on.
    pub previous: Option<UsageTotalsView>,
}

/// A page of WorkSpaces and their usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageRankingView {
    /// The days.
    pub period: UsagePeriodView,
    /// The WorkSpaces with any usage, in the order asked for.
    pub items: Vec<WorkspaceUsageView>,
    /// Where the next page begins; absent on the last one.
    pub next_cursor: Option<String>,
    /// WorkSpaces in all.
    pub total: u64,
}

/// A WorkSpace and its usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceUsageView {
    /// The WorkSpace.
    pub workspace: UsageWorkspaceView,
    /// Its sums.
    pub totals: UsageTotalsView,
}

/// A WorkSpace, as far as lists of usage show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageWorkspaceView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// AWS's id, `ws-…`.
    pub aws_id: String,
    /// The directory user.
    pub user_name: String,
    /// The account's name.
    pub account_name: String,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// The bundle's name, or its id while that is not known.
    pub bundle: String,
    /// The running mode as AWS names it.
    pub running_mode: Option<String>,
    /// When somebody was last connected.
    pub last_connected_at: Option<DateTime<Utc>>,
    /// When it went from AWS, if it did.
    pub gone_at: Option<DateTime<Utc>>,
}

/// A page of WorkSpaces that nobody was connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageUnusedView {
    /// The days.
    pub period: UsagePeriodView,
    /// The WorkSpaces that are there, by user name.
    pub items: Vec<UsageWorkspaceView>,
    /// Where the next page begins; absent on the last one.
    pub next_cursor: Option<String>,
    /// WorkSpaces in all.
    pub total: u64,
}
