//! Reports: what is made again and again, its form in a drawer, its runs with their files in another, its first rows in a dialog.

mod drawer;
mod filters;
mod form;
mod grouping;
#[cfg(test)]
mod in_browser;
mod preview;
mod progress;
mod row;
#[cfg(test)]
mod row_in_browser;
mod runs;
#[cfg(test)]
mod runs_in_browser;
mod undo;
mod view;
mod words;

pub use view::ReportsPage;
