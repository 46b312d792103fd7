//! WorkSpaces: what AWS reports of one ([`ObservedWorkspace`]), what is asked of it ([`WorkspaceOrder`]) and when it may be
//! ([`rules`]); and what stands around them ([`ObservedImage`], [`ObservedQuota`]).
//! Not prices or usage, which have features of their own.

mod around;
mod model;
pub mod order;
pub mod plain;
pub mod rules;

#[cfg(test)]
mod order_tests;

pub use around::{
    COUNTS_DIRECTORIES, COUNTS_WORKSPACES, ObservedImage, ObservedQuota, QUOTA_NEARLY_PERCENT, quota_percent,
};
pub use model::{
    ComputeType, ConnectionState, MOST_AT_ONCE, MOST_ONE_BY_ONE, ObservedBundle, ObservedConnection, ObservedDirectory,
    ObservedWorkspace, Protocol, RunningMode, Tags, WorkspaceAction, WorkspaceState,
};
pub use order::{Volume, WorkspaceOrder};
