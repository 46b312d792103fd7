//! What one WorkSpace is charged in a month by our own reckoning, charge by charge.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::Charge;
use domain::ids::WorkspaceId;
use domain::usage::Month;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::cost::{ChargeEstimate, workspace_charges};
use crate::{Context, Page, PageRequest};

/// The charges of a WorkSpace in a month.
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceChargeTable {
    /// The WorkSpace.
    pub workspace: WorkspaceId,
    /// The month.
    pub month: Month,
}

#[async_trait]
impl List for WorkspaceChargeTable {
    type Item = ChargeEstimate;
    const NAME: &'static str = "workspace-charges";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { ChargeEstimate as charge =>
        Column::text("charge") => Cell::text(charge.charge.map_or("volume", Charge::as_str)),
        Column::text("usage_type") => Cell::text(charge.usage_type),
        Column::number("quantity") => Cell::number(charge.quantity.normalize()),
        Column::number("amount") => Cell::number(charge.amount.amount.normalize()),
        Column::text("currency") => Cell::text(charge.amount.currency),
    }

    fn said(&self) -> Entry {
        let said = json!({ "workspace": self.workspace, "month": self.month });
        Entry::new("workspace-charge.export", Permission::CostRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<ChargeEstimate>, ExportError> {
        let found = workspace_charges(ctx, actor, self.workspace, self.month).await?;
        Ok(whole(found.ok_or(ExportError::NotFound("WorkSpace"))?))
    }
}
