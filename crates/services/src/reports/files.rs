//! The files of reports: one for each run, named by it, in the place that [`Context::artefacts`] is.

use domain::ids::ReportRunId;
use domain::reports::ReportFormat;
use platform::artefacts::ArtefactsError;
use store::repo::reports::runs_known;
use uuid::Uuid;

use super::error::ReportError;
use crate::Context;

/// Files that are asked about at a time.
const PORTION: usize = 500;

/// What the file of a run is called.
pub(super) fn name(run: ReportRunId, format: ReportFormat) -> String {
    format!("{run}.{format}")
}

/// Removes what there is of a run. What stays because the place fails goes with the next [`sweep`].
pub(super) async fn remove(ctx: &Context, run: ReportRunId) {
    if let Err(error) = remove_all(ctx, run).await {
        tracing::warn!(error = &error as &dyn std::error::Error, %run, "the file of a report could not be removed");
    }
}

async fn remove_all(ctx: &Context, run: ReportRunId) -> Result<(), ArtefactsError> {
    for format in ReportFormat::ALL {
        ctx.artefacts.remove(&name(run, *format)).await?;
    }
    Ok(())
}

/// Removes files of runs that are no more, whoever removed them, and what is left of those that died half way. Gives how many.
///
/// # Errors
/// [`ReportError::Artefacts`], [`ReportError::Store`].
pub async fn sweep(ctx: &Context) -> Result<u64, ReportError> {
    let names = ctx.artefacts.names().await?;
    let found: Vec<_> = names.iter().filter_map(|name| Some((run_of(name)?, name))).collect();
    let mut removed = 0;
    for some in found.chunks(PORTION) {
        let runs: Vec<_> = some.iter().map(|(run, _)| *run).collect();
        let known = runs_known(&ctx.db, &runs).await?;
        for (_, name) in some.iter().filter(|(run, _)| !known.contains(run)) {
            ctx.artefacts.remove(name).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// The run that a file is of; `None` for what is none of ours.
fn run_of(name: &str) -> Option<ReportRunId> {
    let (run, _) = name.split_once('.')?;
    run.parse::<Uuid>().ok().map(ReportRunId)
}
