//! The directories, each with how many WorkSpaces whoever asks sees of it.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::places_said;
use crate::workspaces::{DirectoryRecord, PlaceFilter, PlaceOrder, PlaceRow, list_directories};
use crate::{Context, Page, PageRequest};

/// The directories that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct DirectoryTable {
    /// What it is narrowed to.
    pub filter: PlaceFilter,
    /// In which order.
    pub order: PlaceOrder,
}

#[async_trait]
impl List for DirectoryTable {
    type Item = PlaceRow<DirectoryRecord>;
    const NAME: &'static str = "directories";
    const PERMISSION: Permission = Permission::WorkspaceRead;

    columns! { PlaceRow<DirectoryRecord> as PlaceRow { place, account_name, workspaces } =>
        Column::text("id") => Cell::text(place.id),
        Column::text("aws_id") => Cell::Text(place.aws_id),
        Column::text("account_id") => Cell::text(place.account_id),
        Column::text("account_name") => Cell::Text(account_name),
        Column::text("region") => Cell::text(place.region),
        Column::text("name") => Cell::Text(place.name),
        Column::text("alias") => Cell::maybe(place.alias),
        Column::text("kind") => Cell::Text(place.kind),
        Column::text("state") => Cell::Text(place.state),
        Column::text("stage") => Cell::maybe(place.stage),
        Column::text("registration_code") => Cell::maybe(place.registration_code),
        Column::number("workspaces") => Cell::number(workspaces),
    }

    fn said(&self) -> Entry {
        places_said("directory.export", &self.filter)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<PlaceRow<DirectoryRecord>>, ExportError> {
        Ok(list_directories(ctx, actor, &self.filter, self.order, page).await?)
    }
}
