//! WorkSpaces: what AWS reports of one ([`ObservedWorkspace`]) and what may be done with it ([`rules`]).
//! Not prices or usage, which have features of their own.

mod model;
pub mod plain;
pub mod rules;

pub use model::{
    ComputeType, ConnectionState, ObservedBundle, ObservedConnection, ObservedDirectory, ObservedWorkspace, Protocol,
    RunningMode, Tags, WorkspaceAction, WorkspaceState,
};
