//! What a table must say of itself to be taken along.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;

use super::cell::{Cell, Column};
use super::error::ExportError;
use crate::Context;

/// Rows that are read at a time.
pub(super) const PORTION: u32 = 1000;

/// A row: a cell for each column.
pub type Row = Vec<Cell>;

/// Rows, and where the next ones are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<String>,
}

/// A table with what it is narrowed to. Reading it checks nothing and notes nothing: [`super::begin`] does.
#[async_trait]
pub trait Table: Send + Sync + 'static {
    /// Its name: that of the file, and in the API's path.
    fn name(&self) -> &'static str;

    /// What whoever takes it along must be allowed.
    fn permission(&self) -> Permission;

    /// Whether the permission must be held over everything.
    fn everywhere(&self) -> bool {
        false
    }

    /// Its columns, in order.
    fn columns(&self) -> &'static [Column];

    /// What the audit log says: the action, and what the table is narrowed to. What somebody looked for may be a person's name
    /// and belongs into the entry's personal part.
    fn entry(&self) -> Entry;

    /// A page of it, as the actor may see it.
    ///
    /// # Errors
    /// [`ExportError::Store`].
    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError>;

    /// Whether the actor may take it along.
    ///
    /// # Errors
    /// [`Forbidden`].
    fn allow(&self, actor: &Actor) -> Result<(), Forbidden> {
        if self.everywhere() { actor.require_everywhere(self.permission()) } else { actor.require(self.permission()) }
    }
}
