//! The menu of saved views, which several pages have: filters, sort and columns under a name. A view is nothing but an address:
//! to use one is to go there.

mod form;
#[cfg(test)]
mod in_browser;
mod menu;
mod state;
mod undo;

pub use menu::ViewsMenu;
