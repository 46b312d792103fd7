//! The phases of directories, with their stages from Directory Service, and of the bundles that WorkSpaces are made from.

use std::collections::HashMap;

use domain::jobs::LogLevel;
use domain::workspace::ObservedDirectory;
use store::repo::inventory::{self, SyncContext};

use super::pages::PagesAhead;
use super::reconcile::Run;
use crate::run::JobError;

/// Most ids that one DescribeWorkspaceBundles takes.
const IDS: usize = 25;

impl Run<'_> {
    /// Reads the directories and, where Directory Service answers, their stages.
    pub(super) async fn directories(&mut self) -> Result<(), JobError> {
        self.handle.progress(0, None, "reading directories").await;
        let operation = "workspaces:DescribeWorkspaceDirectories";
        let mut pages = PagesAhead::start(self.api.clone(), operation, None, |api, token| api.directory_page(token));
        let mut directories: Vec<ObservedDirectory> = Vec::new();
        while let Some(batch) = pages.next().await {
            directories.extend(batch.rows);
            if let Some(error) = batch.error {
                self.problem(&error).await;
            }
        }
        // There are tens of them; without any there is no stage to ask for.
        if !directories.is_empty() {
            let stages = self.stages().await;
            for directory in &mut directories {
                directory.stage = stages.get(&directory.aws_id).cloned();
            }
            inventory::directories_apply(&self.ctx.db, &self.context(), &directories).await?;
        }
        self.report.directories = u64::try_from(directories.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    async fn stages(&mut self) -> HashMap<String, String> {
        let operation = "ds:DescribeDirectories";
        let mut pages =
            PagesAhead::start(self.api.clone(), operation, None, |api, token| api.directory_stage_page(token));
        let mut stages = HashMap::new();
        while let Some(batch) = pages.next().await {
            stages.extend(batch.rows);
            if let Some(error) = batch.error {
                self.problem(&error).await;
            }
        }
        stages
    }

    /// Reads the bundles that are in use.
    pub(super) async fn bundles(&mut self) -> Result<(), JobError> {
        let ids = inventory::bundle_aws_ids_in_use(&self.ctx.db, self.account, self.region).await?;
        self.report.bundles = 0;
        for some in ids.chunks(IDS) {
            self.handle.check()?;
            match self.api.bundles_by_id(some).await {
                Ok(bundles) => {
                    for bundle in &bundles {
                        if let Some(message) = self.unknown.bundle(&mut self.report, bundle) {
                            self.handle.log(LogLevel::Warn, &message).await;
                        }
                    }
                    inventory::bundles_apply(&self.ctx.db, &self.context(), &bundles).await?;
                    self.report.bundles += u64::try_from(bundles.len()).unwrap_or(u64::MAX);
                }
                Err(error) => {
                    self.problem(&error).await;
                    if !error.is_transient() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Where what is read now comes from.
    pub(super) fn context(&self) -> SyncContext {
        SyncContext {
            account_id: self.account,
            region: self.region.clone(),
            run: Some(self.id),
            at: self.ctx.env.now(),
        }
    }
}
