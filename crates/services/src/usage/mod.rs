//! Usage as people look at it: how long WorkSpaces were connected over some days, in all or by group, whose were most, least
//! or not at all, and how far that is known. What brings usage in is `sync::usage`; what hours mean is `domain::usage`.

pub mod error;
pub mod service;

pub use error::UsageError;
pub use service::{Ranked, Unused, UsageQuestion, rank_usage, unused_workspaces, usage_by, usage_known, usage_totals};
pub use store::repo::usage::{UsageGroup, UsageGroupTotals, UsageKnown, UsageTotals};
pub use store::repo::workspaces::WorkspaceGroup;
