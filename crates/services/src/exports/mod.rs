//! Tables that people take along as files: one path for all of them, page by page, so that memory does not grow with the table.
//!
//! A [`Table`] says its columns and reads its pages as whoever asks, within their scope; [`begin`] checks the permission, notes
//! the export in the audit log and gives the file as a stream; the formats are in `text` and `sheet`. What is made on a
//! schedule and kept is `crate::reports`, out of the same tables.
//! To add a table: a file in `tables` with its query as a struct, and its [`Table`]; for what a list's service gives in pages,
//! `table::List` instead, which is its columns and that service. Then its endpoint in the API.

mod cell;
pub mod error;
mod gate;
mod sheet;
mod stream;
mod table;
pub mod tables;
mod text;

#[cfg(test)]
mod tests;

pub use cell::{Cell, Column, Kind};
pub use domain::export::ExportFormat;
pub use error::ExportError;
pub use gate::{AT_ONCE, Gate, OF_ONE};
pub use stream::{Export, Part, begin};
pub(crate) use stream::{Sink, write_all};
pub use table::{Row, Rows, Table};
