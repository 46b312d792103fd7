//! The bundles, each with how many WorkSpaces whoever asks sees of it.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::places_said;
use crate::workspaces::{BundleRecord, PlaceFilter, PlaceOrder, PlaceRow, list_bundles};
use crate::{Context, Page, PageRequest};

/// The bundles that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct BundleTable {
    /// What it is narrowed to.
    pub filter: PlaceFilter,
    /// In which order.
    pub order: PlaceOrder,
}

#[async_trait]
impl List for BundleTable {
    type Item = PlaceRow<BundleRecord>;
    const NAME: &'static str = "bundles";
    const PERMISSION: Permission = Permission::WorkspaceRead;

    columns! { PlaceRow<BundleRecord> as PlaceRow { place, account_name, workspaces } =>
        Column::text("id") => Cell::text(place.id),
        Column::text("aws_id") => Cell::Text(place.aws_id),
        Column::text("account_id") => Cell::text(place.account_id),
        Column::text("account_name") => Cell::Text(account_name),
        Column::text("region") => Cell::text(place.region),
        Column::text("name") => Cell::Text(place.name),
        Column::text("owner") => Cell::Text(place.owner),
        Column::text("description") => Cell::maybe(place.description),
        Column::text("compute_type") => Cell::maybe(place.compute_type),
        Column::number("root_volume_gib").in_unit("GiB") => Cell::maybe_number(place.root_volume_gib),
        Column::number("user_volume_gib").in_unit("GiB") => Cell::maybe_number(place.user_volume_gib),
        Column::text("image_id") => Cell::maybe(place.image_id),
        Column::number("workspaces") => Cell::number(workspaces),
    }

    fn said(&self) -> Entry {
        places_said("bundle.export", &self.filter)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<PlaceRow<BundleRecord>>, ExportError> {
        Ok(list_bundles(ctx, actor, &self.filter, self.order, page).await?)
    }
}
