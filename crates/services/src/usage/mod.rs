//! Usage as people look at it: how long WorkSpaces were connected over some days, in all, by group, by day, by day and group, by hour of the week,
//! in bins; whose were most, least or not at all; and how far that is known. What brings usage in is `sync::usage`; what hours
//! mean is `domain::usage`.

mod bins;
mod daily;
pub mod error;
mod figures;
mod groups;
mod hours;
pub mod service;
mod stand;

pub use bins::UsageBin;
/// A time zone by its name, such as `Europe/Berlin`.
pub use chrono_tz::Tz as Zone;
pub use daily::{UsageDayGroups, UsageDays, usage_days_by};
pub use error::UsageError;
pub use figures::{
    UsageByDay, UsageDay, UsageDistribution, UsageSummary, distribute_usage, summarize_usage, usage_by_day,
};
pub use groups::{UsageEarlier, UsageGroupBeside, UsageGroups, compare_usage_groups};
pub use hours::{UsageByHour, usage_by_hour};
pub(crate) use service::reading;
pub use service::{Ranked, UsageQuestion, rank_usage, unused_workspaces, usage_by, usage_known, usage_totals};
pub use stand::{UsageGap, UsageStand, usage_stand};
pub use store::repo::usage::{UsageDayGroup, UsageGroup, UsageGroupTotals, UsageKnown, UsageTotals};
pub use store::repo::workspaces::WorkspaceGroup;
