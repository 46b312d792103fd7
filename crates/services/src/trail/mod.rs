//! What happened in AWS, as people look at it: CloudTrail's events. What brings them in is `sync::trail`; our own audit log is
//! `audit`. Events name people, so that seeing them needs the permission of the audit log, within its scope, and is noted.

pub mod error;
pub mod service;

pub use error::TrailError;
pub(crate) use service::looking;
pub use service::{
    EventNames, FACET_WINDOW, NamedFacets, PlaceCoverage, TrailCoverage, coverage_by_place, event_facets, event_names,
    fetch_event, list_events, trail_coverage,
};
pub use store::repo::trail::{TrailEventRecord, TrailFacets, TrailFilter, TrailValue};
