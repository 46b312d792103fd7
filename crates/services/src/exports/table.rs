//! What a table must say of itself to be taken along.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;

use super::cell::{Cell, Column};
use super::error::ExportError;
use crate::{Context, Page, PageRequest};

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

/// A table with what it is narrowed to. Whether somebody may take it along is asked, and that they did is noted, by [`super::begin`].
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
    /// [`ExportError::Store`]; of a list also [`ExportError::Forbidden`] and [`ExportError::NotFound`].
    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError>;

    /// How many rows it has by now, as the actor may see it; `None` where only reading it tells. For showing how far a file is.
    ///
    /// # Errors
    /// As [`Self::page`].
    async fn count(&self, _ctx: &Context, _actor: &Actor) -> Result<Option<u64>, ExportError> {
        Ok(None)
    }

    /// Whether the actor may take it along.
    ///
    /// # Errors
    /// [`Forbidden`].
    fn allow(&self, actor: &Actor) -> Result<(), Forbidden> {
        if self.everywhere() { actor.require_everywhere(self.permission()) } else { actor.require(self.permission()) }
    }
}

/// A table that is a list: the list's service gives its pages, narrowed to what the actor may see, checked and noted as it is for
/// the list. What is a list and has more in its file than in its rows is a [`Table`] of its own.
#[async_trait]
pub(super) trait List: Send + Sync + 'static {
    /// What stands in a row.
    type Item: Send;
    /// As [`Table::name`].
    const NAME: &'static str;
    /// As [`Table::permission`].
    const PERMISSION: Permission;
    /// As [`Table::everywhere`].
    const EVERYWHERE: bool = false;
    /// As [`Table::columns`]. The macro `columns!` writes it together with [`Self::cells`].
    const COLUMNS: &'static [Column];

    /// As [`Table::allow`]. Where some of the list is anybody's own, the list alone says whose.
    ///
    /// # Errors
    /// [`Forbidden`].
    fn may(actor: &Actor) -> Result<(), Forbidden> {
        if Self::EVERYWHERE { actor.require_everywhere(Self::PERMISSION) } else { actor.require(Self::PERMISSION) }
    }

    /// As [`Table::entry`].
    fn said(&self) -> Entry;

    /// A page of the list.
    ///
    /// # Errors
    /// [`ExportError::Forbidden`], [`ExportError::NotFound`], [`ExportError::Store`].
    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<Self::Item>, ExportError>;

    /// The cells of a row.
    fn cells(item: Self::Item) -> Row;
}

#[async_trait]
impl<T: List> Table for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn permission(&self) -> Permission {
        T::PERMISSION
    }

    fn everywhere(&self) -> bool {
        T::EVERYWHERE
    }

    fn columns(&self) -> &'static [Column] {
        T::COLUMNS
    }

    fn entry(&self) -> Entry {
        self.said()
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let page = self.items(ctx, actor, PageRequest { limit: PORTION, cursor }).await?;
        Ok(Rows { rows: page.items.into_iter().map(T::cells).collect(), next: page.next_cursor })
    }

    fn allow(&self, actor: &Actor) -> Result<(), Forbidden> {
        T::may(actor)
    }
}

/// The one page of a list that has no pages.
pub(super) fn whole<T>(items: Vec<T>) -> Page<T> {
    Page { total: items.len() as u64, items, next_cursor: None }
}
