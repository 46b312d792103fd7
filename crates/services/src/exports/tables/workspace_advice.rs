//! What is recommended for one WorkSpace: the month that says so, in either running mode. It has no rows where they can't be compared.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cost::BillingMode;
use domain::ids::WorkspaceId;
use domain::money::Money;
use domain::usage::Month;
use domain::workspace::RunningMode;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::cost::{Advice, Compared, WorkspaceAdvice, fetch_workspace_advice};
use crate::{Context, Page, PageRequest};

/// The running modes of a WorkSpace, compared.
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceAdviceTable {
    /// The WorkSpace.
    pub workspace: WorkspaceId,
}

#[async_trait]
impl List for WorkspaceAdviceTable {
    /// The month, a mode, the month in both modes, and what could be done.
    type Item = (Month, BillingMode, Compared, Option<(Advice, Money)>);
    const NAME: &'static str = "workspace-advice";
    const PERMISSION: Permission = Permission::CostRead;

    columns! { Self::Item as (month, mode, compared, advice) =>
        Column::text("month") => Cell::text(month),
        Column::text("running_mode") => Cell::text(running_mode(mode)),
        Column::flag("current") => Cell::Flag(compared.mode == mode),
        Column::number("amount") => Cell::number(amount(&compared, mode).amount.normalize()),
        Column::text("currency") => Cell::text(amount(&compared, mode).currency),
        Column::number("hours").in_unit("hours") => Cell::number(compared.hours),
        Column::flag("unused") => Cell::Flag(compared.unused),
        Column::text("advice") => Cell::maybe(advice.map(|(advice, _)| advice.as_str())),
        Column::number("saving") => Cell::maybe_number(advice.map(|(_, saving)| saving.amount.normalize())),
    }

    fn said(&self) -> Entry {
        Entry::new("workspace-advice.export", Permission::CostRead).after(json!({ "workspace": self.workspace }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = fetch_workspace_advice(ctx, actor, self.workspace).await?;
        let WorkspaceAdvice { month, compared, advice } = found.ok_or(ExportError::NotFound("WorkSpace"))?;
        let Ok(compared) = compared else { return Ok(whole(Vec::new())) };
        let modes = [BillingMode::Hourly, BillingMode::Monthly];
        // What could be done is about the mode in which it runs.
        let row = |mode| (month, mode, compared.clone(), advice.filter(|_| compared.mode == mode));
        Ok(whole(modes.map(row).into()))
    }
}

fn running_mode(mode: BillingMode) -> RunningMode {
    match mode {
        BillingMode::Hourly => RunningMode::AutoStop,
        BillingMode::Monthly => RunningMode::AlwaysOn,
    }
}

/// What the month would cost in a mode.
fn amount(compared: &Compared, mode: BillingMode) -> Money {
    match mode {
        BillingMode::Hourly => compared.auto_stop,
        BillingMode::Monthly => compared.always_on,
    }
}
