//! Sync runs on the wire.

use contract::accounts::SyncRunView;
use services::sync::SyncRunRecord;

/// A run.
#[must_use]
pub fn run(run: SyncRunRecord) -> SyncRunView {
    SyncRunView {
        id: run.id,
        account_id: run.account_id,
        region: run.region,
        job_id: run.job_id,
        outcome: run.outcome,
        started_at: run.started_at,
        finished_at: run.finished_at,
        report: run.report,
    }
}
