//! The list of WorkSpaces: filter, sort, page, choose, act. Everything but the choice of rows is in the address.

pub mod action_dialog;
mod bulk;
mod columns;
mod facets;
mod rows;
mod state;
mod table;
mod view;

pub use facets::{Facet, chips, without};
pub use state::{ListUrl, link_to};
pub use view::WorkspaceListPage;
