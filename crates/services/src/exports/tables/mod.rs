//! The tables that can be taken along, one file each: columns, what it is narrowed to, its pages.

mod audit_log;
mod costs;
mod data_sets;
mod jobs;
mod sync_runs;
mod trail;
mod usage;
mod users;
mod workspaces;

pub use audit_log::AuditTable;
pub use costs::CostTable;
pub use data_sets::DataSetTable;
pub use jobs::JobTable;
pub use sync_runs::SyncRunTable;
pub use trail::TrailTable;
pub use usage::UsageTable;
pub use users::UserTable;
pub use workspaces::WorkspaceTable;
