//! The phase of the bundles that WorkSpaces are made from: those in use, by id.

use domain::jobs::LogLevel;
use domain::workspace::ObservedBundle;
use store::repo::inventory;

use super::Run;
use crate::run::JobError;

/// Most ids that one DescribeWorkspaceBundles takes.
const IDS: usize = 25;

/// Reads the bundles that are in use.
pub(super) async fn read(run: &mut Run<'_>) -> Result<(), JobError> {
    let ids = inventory::bundle_aws_ids_in_use(&run.ctx.db, run.account, run.region).await?;
    run.report.bundles = 0;
    for some in ids.chunks(IDS) {
        run.handle.check()?;
        match run.api.bundles_by_id(some).await {
            Ok(bundles) => {
                let before = run.mark();
                let written = write(run, &bundles).await;
                run.or_back(before, written)?;
            }
            Err(error) => {
                run.problem(&error).await;
                if !error.is_transient() {
                    break;
                }
            }
        }
    }
    Ok(())
}

async fn write(run: &mut Run<'_>, bundles: &[ObservedBundle]) -> Result<(), JobError> {
    for bundle in bundles {
        if let Some(message) = run.unknown.bundle(&mut run.report, bundle) {
            run.handle.log(LogLevel::Warn, &message).await;
        }
    }
    let context = run.context();
    let tx = run.begin().await?;
    inventory::bundles_apply(&tx, &context, bundles).await?;
    run.report.bundles += u64::try_from(bundles.len()).unwrap_or(u64::MAX);
    run.save(&tx).await?;
    run.commit(tx, &[]).await
}
