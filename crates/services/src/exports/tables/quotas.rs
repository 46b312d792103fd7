//! The quotas, each with how much of it is used.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::places_said;
use crate::workspaces::{HeadRoom, PlaceFilter, PlaceOrder, PlaceRow, QuotaRecord, list_quotas};
use crate::{Context, Page, PageRequest};

/// The quotas that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct QuotaTable {
    /// What it is narrowed to.
    pub filter: PlaceFilter,
    /// In which order.
    pub order: PlaceOrder,
}

#[async_trait]
impl List for QuotaTable {
    type Item = PlaceRow<QuotaRecord>;
    const NAME: &'static str = "quotas";
    const PERMISSION: Permission = Permission::WorkspaceRead;

    columns! { PlaceRow<QuotaRecord> as row =>
        Column::text("id") => Cell::text(row.place.id),
        Column::text("code") => Cell::text(&row.place.quota.code),
        Column::text("account_id") => Cell::text(row.place.account_id),
        Column::text("account_name") => Cell::text(&row.account_name),
        Column::text("region") => Cell::text(&row.place.region),
        Column::text("name") => Cell::text(&row.place.quota.name),
        Column::number("limit") => Cell::maybe_number(HeadRoom::of(&row).limit),
        Column::number("used") => Cell::maybe_number(HeadRoom::of(&row).used),
        Column::number("left") => Cell::maybe_number(HeadRoom::of(&row).left),
        Column::number("used_percent").in_unit("percent") => Cell::maybe_number(HeadRoom::of(&row).percent),
        Column::flag("adjustable") => Cell::Flag(row.place.quota.adjustable),
        Column::flag("global") => Cell::Flag(row.place.quota.global),
    }

    fn said(&self) -> Entry {
        places_said("quota.export", &self.filter)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<PlaceRow<QuotaRecord>>, ExportError> {
        Ok(list_quotas(ctx, actor, &self.filter, self.order, page).await?)
    }
}
