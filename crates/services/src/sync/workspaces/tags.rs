//! The phase of tags, which cost one call per WorkSpace: a part of the fleet in each run, those never read first, then
//! those read longest ago.

use std::time::Duration;

use domain::cloud::CloudError;
use domain::ids::WorkspaceId;
use domain::workspace::Tags;
use futures::StreamExt;
use store::repo::inventory;
use tokio::time::Instant;

use super::Run;
use crate::run::JobError;

/// Calls on their way at a time.
const AT_ONCE: usize = 8;
/// WorkSpaces whose tags are written in one transaction.
const BATCH: usize = 100;
/// However many are due, a run does not hang on for longer than this.
const LONGEST: Duration = Duration::from_secs(120);
/// Passing errors after which the rest is left to the next run.
const PATIENCE: u32 = 5;

/// Reads the tags of those that are due, as many as the policy allows.
pub(super) async fn read(run: &mut Run<'_>) -> Result<(), JobError> {
    let limit = u64::from(run.ctx.policy.now().tags_per_run);
    let due = inventory::tags_due(&run.ctx.db, run.account, run.region, limit).await?;
    let total = u64::try_from(due.len()).unwrap_or(u64::MAX);
    let until = Instant::now() + LONGEST;
    let api = run.api.clone();
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
                run.problem(&error).await;
                failed += 1;
                if !error.is_transient() || failed >= PATIENCE {
                    break;
                }
            }
        }
        if read.len() >= BATCH {
            take(run, &mut read, total).await?;
            run.handle.check()?;
        }
        if Instant::now() >= until {
            break;
        }
    }
    take(run, &mut read, total).await
}

/// Counts and writes what was read; nothing is counted that was not written.
async fn take(run: &mut Run<'_>, read: &mut Vec<(WorkspaceId, Tags)>, total: u64) -> Result<(), JobError> {
    if read.is_empty() {
        return Ok(());
    }
    let before = run.mark();
    let written = write(run, read).await;
    run.or_back(before, written)?;
    read.clear();
    run.handle.progress(run.report.tags_read, Some(total), "tags read").await;
    Ok(())
}

async fn write(run: &mut Run<'_>, read: &[(WorkspaceId, Tags)]) -> Result<(), JobError> {
    let tx = run.begin().await?;
    inventory::tags_apply(&tx, read, run.ctx.env.now()).await?;
    run.report.tags_read += u64::try_from(read.len()).unwrap_or(u64::MAX);
    run.save(&tx).await?;
    run.commit(tx, &[]).await
}
