//! The images, each with how many WorkSpaces whoever asks sees of it.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::places_said;
use crate::workspaces::{ImageRecord, PlaceFilter, PlaceOrder, PlaceRow, list_images};
use crate::{Context, Page, PageRequest};

/// The images that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct ImageTable {
    /// What it is narrowed to.
    pub filter: PlaceFilter,
    /// In which order.
    pub order: PlaceOrder,
}

#[async_trait]
impl List for ImageTable {
    type Item = PlaceRow<ImageRecord>;
    const NAME: &'static str = "images";
    const PERMISSION: Permission = Permission::WorkspaceRead;

    columns! { PlaceRow<ImageRecord> as PlaceRow { place, account_name, workspaces } =>
        Column::text("id") => Cell::text(place.id),
        Column::text("aws_id") => Cell::Text(place.image.aws_id),
        Column::text("account_id") => Cell::text(place.account_id),
        Column::text("account_name") => Cell::Text(account_name),
        Column::text("region") => Cell::text(place.region),
        Column::text("name") => Cell::Text(place.image.name),
        Column::text("description") => Cell::maybe(place.image.description),
        Column::text("operating_system") => Cell::maybe(place.image.operating_system),
        Column::text("state") => Cell::Text(place.image.state),
        Column::text("required_tenancy") => Cell::maybe(place.image.required_tenancy),
        Column::text("owner_account_id") => Cell::maybe(place.image.owner_account_id),
        Column::time("created_at") => Cell::maybe_time(place.image.created_at),
        Column::flag("update_available") => place.image.update_available.map_or(Cell::Empty, Cell::Flag),
        Column::text("error_code") => Cell::maybe(place.image.error_code),
        Column::text("error_message") => Cell::maybe(place.image.error_message),
        Column::number("bundles") => Cell::number(place.bundles),
        Column::number("workspaces") => Cell::number(workspaces),
    }

    fn said(&self) -> Entry {
        places_said("image.export", &self.filter)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<PlaceRow<ImageRecord>>, ExportError> {
        Ok(list_images(ctx, actor, &self.filter, self.order, page).await?)
    }
}
