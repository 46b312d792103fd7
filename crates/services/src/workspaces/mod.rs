//! The fleet as people look at it: list, facets, one WorkSpace, the overview. What can be done with it is `actions`, what
//! brings it in is `sync`.

mod counts;
pub mod error;
mod facets;
mod matching;
mod overview;
mod places;
pub mod service;
mod tag_keys;

pub use counts::{count_workspaces, count_workspaces_by};
pub use error::WorkspaceError;
pub use facets::{FacetCount, Facets, workspace_facets};
pub use matching::{Matching, match_workspaces};
pub use overview::{Overview, overview};
pub use places::{HeadRoom, list_bundles, list_directories, list_images, list_quotas};
pub use service::{
    ActionAvailability, WorkspaceDetail, WorkspaceFilter, WorkspaceListRequest, fetch_workspace_detail, list_workspaces,
};
pub use store::repo::inventory::{BundleRecord, DirectoryRecord, ImageRecord, QuotaRecord};
pub use store::repo::sync_runs::SyncRunRecord;
pub use store::repo::workspaces::{
    GroupCount, PlaceFilter, PlaceOrder, PlaceRow, PlaceSort, SortDirection, StateHistoryRecord, WorkspaceGroup,
    WorkspaceRecord, WorkspaceSort,
};
pub use tag_keys::list_tag_keys;
