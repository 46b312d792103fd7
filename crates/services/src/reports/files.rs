//! The files of reports: one for each run, named by it, in the place that [`Context::artefacts`] is.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::ReportRunId;
use domain::reports::ReportFormat;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use store::repo::reports::runs_known;
use uuid::Uuid;

use super::error::ReportError;
use crate::Context;

/// Files that are asked about at a time.
const PORTION: usize = 500;
/// Files that are removed at once.
const AT_ONCE: usize = 16;
/// Whoever removes runs waits no longer for their files.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the file of a run is called.
pub(super) fn name(run: ReportRunId, format: ReportFormat) -> String {
    format!("{run}.{format}")
}

/// Removes what there is of these runs. What stays because the place fails, or is slow, goes with the next [`sweep`].
pub(super) async fn remove(ctx: &Context, runs: &[ReportRunId]) {
    let names: Vec<_> =
        runs.iter().flat_map(|run| ReportFormat::ALL.iter().map(|format| name(*run, *format))).collect();
    let removals = stream::iter(names).map(|name| {
        let place = Arc::clone(&ctx.artefacts);
        async move { place.remove(&name).await }
    });
    let all = removals.buffer_unordered(AT_ONCE).try_collect::<()>();
    match tokio::time::timeout(PATIENCE, all).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "files of reports could not be removed");
        }
        Err(_) => tracing::warn!("files of reports are removed later, as their place is slow"),
    }
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
