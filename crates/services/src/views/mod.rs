//! Saved views: one's own, and those of others that are shared and of pages that one may see. Who made a view changes it; who
//! manages views also removes shared ones of others. What a query may hold is checked where queries are read (`api`).

pub mod error;
pub mod service;

pub use error::ViewError;
pub use service::{MOST, NewView, ViewChange, create_view_once, delete_view, fetch_view, list_views, update_view};
pub use store::repo::views::ViewRecord;
