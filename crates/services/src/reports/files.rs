//! The folder of reports: a file for each run, named by it. A file is written beside its place and moved there whole.

use std::path::{Path, PathBuf};

use domain::ids::ReportRunId;
use domain::reports::ReportFormat;
use store::repo::reports::runs_known;
use uuid::Uuid;

use super::error::ReportError;
use crate::Context;

/// Files that are asked about at a time.
const PORTION: usize = 500;

/// Where the file of a run is.
pub(super) fn place(ctx: &Context, run: ReportRunId, format: ReportFormat) -> PathBuf {
    ctx.policy.now().reports.join(format!("{run}.{format}"))
}

/// Where it is while it is written.
pub(super) fn draft(place: &Path) -> PathBuf {
    place.with_extension("part")
}

/// Removes what there is of a run. What is not there is fine.
pub(super) async fn remove(ctx: &Context, run: ReportRunId) {
    let endings = ReportFormat::ALL.iter().map(|format| format.as_str()).chain(["part"]);
    for ending in endings {
        let path = ctx.policy.now().reports.join(format!("{run}.{ending}"));
        if let Err(error) = tokio::fs::remove_file(&path).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, run = %run, "the file of a report could not be removed");
        }
    }
}

/// Removes files of runs that are no more, whoever removed them. Gives how many.
///
/// # Errors
/// [`ReportError::File`], [`ReportError::Store`].
pub async fn sweep(ctx: &Context) -> Result<u64, ReportError> {
    let mut entries = match tokio::fs::read_dir(&ctx.policy.now().reports).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let run = entry.path().file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<Uuid>().ok());
        found.extend(run.map(ReportRunId));
    }
    let mut removed = 0;
    for some in found.chunks(PORTION) {
        let known = runs_known(&ctx.db, some).await?;
        for run in some.iter().filter(|run| !known.contains(run)) {
            remove(ctx, *run).await;
            removed += 1;
        }
    }
    Ok(removed)
}
