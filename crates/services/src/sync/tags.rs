//! The phase of tags, which cost one call per WorkSpace: a part of the fleet in each run, those never read first, then
//! those read longest ago.

use std::time::Duration;

use domain::cloud::CloudError;
use domain::ids::WorkspaceId;
use domain::workspace::Tags;
use futures::StreamExt;
use store::repo::inventory;
use tokio::time::Instant;

use super::reconcile::Run;
use crate::run::JobError;

/// Calls on their way at a time.
const AT_ONCE: usize = 8;
/// WorkSpaces whose tags are written in one transaction.
const BATCH: usize = 100;
/// However many are due, a run does not hang on for longer than this.
const LONGEST: Duration = Duration::from_secs(120);
/// Passing errors after which the rest is left to the next run.
const PATIENCE: u32 = 5;

impl Run<'_> {
    /// Reads the tags of those that are due, as many as the policy allows.
    pub(super) async fn tags(&mut self) -> Result<(), JobError> {
        let limit = u64::from(self.ctx.policy.tags_per_run);
        let due = inventory::tags_due(&self.ctx.db, self.account, self.region, limit).await?;
        let total = u64::try_from(due.len()).unwrap_or(u64::MAX);
        let until = Instant::now() + LONGEST;
        let api = self.api.clone();
        let mut answers = futures::stream::iter(due)
            .map(|one| {
                let api = api.clone();
                async move { (one.id, api.tags(&one.aws_id).await) }
            })
            .buffered(AT_ONCE);
        let mut read: Vec<(WorkspaceId, Tags)> = Vec::with_capacity(BATCH);
        let mut failed = 0;
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(tags) => read.push((id, tags)),
                // It went since its page was read.
                Err(CloudError::NotFound { .. }) => read.push((id, Tags::new())),
                Err(error) => {
                    self.problem(&error).await;
                    failed += 1;
                    if !error.is_transient() || failed >= PATIENCE {
                        break;
                    }
                }
            }
            if read.len() >= BATCH {
                self.write_tags(&mut read, total).await?;
                self.handle.check()?;
            }
            if Instant::now() >= until {
                break;
            }
        }
        self.write_tags(&mut read, total).await
    }

    async fn write_tags(&mut self, read: &mut Vec<(WorkspaceId, Tags)>, total: u64) -> Result<(), JobError> {
        if read.is_empty() {
            return Ok(());
        }
        let tx = self.ctx.db.begin().await?;
        inventory::tags_apply(&tx, read, self.ctx.env.now()).await?;
        self.report.tags_read += u64::try_from(read.len()).unwrap_or(u64::MAX);
        self.save(&tx).await?;
        tx.commit().await?;
        read.clear();
        self.handle.progress(self.report.tags_read, Some(total), "tags read").await;
        Ok(())
    }
}
