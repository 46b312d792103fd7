//! Takes over from workers that vanished: their jobs wait again, or are dead if they took too many workers with them. Every
//! worker does it, so that a single one that is left does too.

use std::time::Duration;

use services::Context;
use services::sync::{cancel_run, close_run};
use tokio_util::sync::CancellationToken;

use crate::compose::{StoreError, reap_orphans};

/// How often it looks: with the 10 s of silence an orphan runs again within 15 s.
const PERIOD: Duration = Duration::from_millis(2500);

/// Looks until the shutdown begins.
pub(crate) async fn run(ctx: Context, orphan_after: Duration, stop: CancellationToken) {
    let silence = chrono::Duration::from_std(orphan_after).unwrap_or(chrono::Duration::seconds(10));
    loop {
        let now = ctx.env.now();
        match reap_orphans(&ctx.db, now - silence, now).await {
            Ok(reaped) => {
                if !reaped.requeued.is_empty() || !reaped.dead.is_empty() || !reaped.cancelled.is_empty() {
                    let (requeued, dead) = (reaped.requeued.len(), reaped.dead.len());
                    for (became, jobs) in [("queued", requeued), ("dead", dead), ("cancelled", reaped.cancelled.len())]
                    {
                        metrics::counter!("wheelhouse_jobs_orphaned_total", "became" => became).increment(jobs as u64);
                    }
                    tracing::warn!(requeued, dead, "jobs of a worker that vanished were taken over");
                    ctx.announce();
                }
                for id in reaped.dead {
                    left_open(close_run(&ctx, id, "its worker vanished").await);
                }
                for id in reaped.cancelled {
                    left_open(cancel_run(&ctx, id).await);
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "orphans could not be looked for");
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(PERIOD)).await.is_none() {
            return;
        }
    }
}

fn left_open(closed: Result<(), StoreError>) {
    if let Err(error) = closed {
        tracing::warn!(error = &error as &dyn std::error::Error, "a sync run was left open");
    }
}
