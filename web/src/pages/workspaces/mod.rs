//! The list of WorkSpaces: filter, sort, scroll, choose, act. Everything but the choice of rows is in the address.

pub mod action_dialog;
#[cfg(test)]
mod action_in_browser;
pub mod action_menu;
mod action_values;
pub mod action_words;
mod blocks;
mod bulk;
mod columns;
mod facets;
#[cfg(test)]
mod in_browser;
mod rows;
mod scroll;
mod state;
mod table;
mod view;
mod window;

pub use facets::{Facet, chips, without};
pub use state::{ListUrl, link_to};
pub use view::WorkspaceListPage;
