//! A fleet of which each number that the portal counts is above zero, and in which nothing moves any more: what tests of numbers
//! begin with. Not what the numbers are. To have another kind of thing counted: one more statement.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use contract::accounts::StartedJobsView;
use contract::page::Page;
use contract::paths::{QUOTAS, SCHEDULE_RUN, with_id};
use contract::places::QuotaView;
use domain::sync::SyncKind;
use sea_orm::ConnectionTrait as _;
use store::Db;

use crate::app::TestApp;

/// A job waits for a year in which nobody runs this.
const LATER: &str = "run_at = '2096-01-01T00:00:00+00:00'";
/// So many jobs run as this touches; it changes nothing.
const RUNNING: &str = "UPDATE job SET worker = worker WHERE state = 'running'";

/// Has quotas read, one of them used up, WorkSpaces in transition, in trouble and connected, a job that is dead and one that waits.
/// The fleet was synced before, in two regions at least.
///
/// # Errors
/// When something that is to be changed is not there.
pub async fn of_everything(app: &TestApp) -> Result<()> {
    let started: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, SyncKind::Quotas)).await?.ok()?;
    for job in started.job_ids {
        app.wait_for_job(job).await?;
    }
    let db = app.database().await?;
    still(&db).await?;
    app.leave_open_jobs();
    let quotas: Page<QuotaView> = app.client().get(&format!("{QUOTAS}?limit=200")).await?.ok()?;
    let full = quotas.items.iter().find(|quota| quota.used.is_some_and(|used| used > 0));
    let full = full.context("a quota of which some is used")?;
    let (used, code, region) = (full.used.unwrap_or_default(), &full.code, &full.region);
    let one = "SELECT id FROM job WHERE kind = 'sync-workspaces' AND state = 'done' LIMIT 1";
    let some = |number: u32| format!("aws_id IN (SELECT aws_id FROM workspace ORDER BY aws_id LIMIT {number})");
    for sql in [
        format!("UPDATE quota SET value = {used} WHERE aws_id = '{code}' AND region = '{region}'"),
        format!("UPDATE workspace SET state = 'STARTING' WHERE {}", some(7)),
        format!("UPDATE workspace SET state = 'UNHEALTHY' WHERE {}", some(4)),
        format!("UPDATE workspace SET connection_state = 'CONNECTED' WHERE {}", some(9)),
        format!("UPDATE job SET state = 'dead', error = 'The disk is full.' WHERE id = ({one})"),
        format!("UPDATE job SET state = 'queued', finished_at = NULL, {LATER} WHERE id = ({one})"),
    ] {
        let changed = db.execute_unprepared(&sql).await?.rows_affected();
        ensure!(changed > 0, "nothing is changed by {sql}");
    }
    Ok(())
}

/// Looks at what runs before that is given up: a first sync of the connections takes its time where much else runs.
const LOOKS: usize = 900;

/// Waits until no job runs, and lets none begin: what moves is looked at again and again.
async fn still(db: &Db) -> Result<()> {
    for _ in 0..LOOKS {
        db.execute_unprepared(&format!("UPDATE job SET {LATER} WHERE state = 'queued'")).await?;
        if db.execute_unprepared(RUNNING).await?.rows_affected() == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("jobs run on and on")
}
