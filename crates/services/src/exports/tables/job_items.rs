//! The items of an action's job: what became of each WorkSpace and whose it is, so far while it runs. Jobs of other kinds have none.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::JobId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::actions::{ActionOutcome, WorkspaceActionJob};
use crate::jobs::{fetch_job, user_names};
use crate::{Context, Page, PageRequest};

/// The items of a job.
#[derive(Debug, Clone)]
pub struct JobItemTable {
    /// The job.
    pub job: JobId,
}

#[async_trait]
impl List for JobItemTable {
    type Item = (ActionOutcome, Option<String>);
    const NAME: &'static str = "job-items";
    const PERMISSION: Permission = Permission::JobRead;

    columns! { (ActionOutcome, Option<String>) as (item, user_name) =>
        Column::text("id") => Cell::text(item.id),
        Column::text("aws_id") => Cell::Text(item.aws_id),
        Column::flag("ok") => Cell::Flag(item.ok),
        Column::text("code") => Cell::maybe(item.code),
        Column::text("message") => Cell::maybe(item.message),
        Column::text("user_name") => Cell::maybe(user_name),
    }

    /// One's own jobs are seen without the permission: who may see this one is told when it is read.
    fn may(_: &Actor) -> Result<(), Forbidden> {
        Ok(())
    }

    fn said(&self) -> Entry {
        Entry::new("job-item.export", Permission::JobRead).after(json!({ "job": self.job }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = fetch_job(ctx, actor, self.job).await?.ok_or(ExportError::NotFound("job"))?;
        let action = found.job.kind == WorkspaceActionJob::NAME;
        let report = found.job.result.or(found.so_far).filter(|_| action);
        let items = report.and_then(|mut report| report.get_mut("items").map(serde_json::Value::take));
        let items: Option<Vec<ActionOutcome>> =
            items.map(serde_json::from_value).transpose().map_err(ExportError::file)?;
        let items = items.unwrap_or_default();
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        let mut users = user_names(ctx, actor, &ids).await?;
        let with_user = |item: ActionOutcome| {
            let user = users.remove(&item.id);
            (item, user)
        };
        Ok(whole(items.into_iter().map(with_user).collect()))
    }
}
