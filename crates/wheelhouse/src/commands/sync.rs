//! `wheelhouse sync`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use domain::access::Actor;
use domain::ids::JobId;
use domain::jobs::JobState;
use domain::sync::{SyncKind, SyncOutcome, SyncReport};
use platform::shutdown::Shutdown;
use services::PageRequest;
use services::accounts::AccountRecord;
use services::jobs::JobRecord;
use services::sync::SyncRunRecord;

use crate::cli::Sync;
use crate::compose::{Load, Parts};
use crate::output;

/// How often a waiting command looks.
const LOOK: Duration = Duration::from_millis(500);

/// Enqueues a sync of each account and region; waits for the reports when asked to.
pub async fn run(load: &Load, options: &Sync, json: bool) -> anyhow::Result<ExitCode> {
    let mut config = load.with_telemetry().await?;
    if options.here {
        // The worker of this command does what was asked for: what schedules ask for, which may cost money, is for others.
        config.sync.enabled = false;
    }
    let shutdown = Shutdown::install()?;
    let parts = Parts::open(config, shutdown.clone()).await?;
    let actor = Actor::system();
    let mut jobs = Vec::new();
    for account in accounts(&parts, options.account.as_deref()).await? {
        jobs.extend(services::sync::sync_now(&parts.context, &actor, account.id, &[options.job]).await?);
    }
    anyhow::ensure!(!jobs.is_empty(), "there is no account to sync; connect one with: wheelhouse account add");
    if !options.wait {
        return print_ids(&jobs, json);
    }
    let worker = options.here.then(|| shutdown.spawn(worker::run(parts.worker(), &shutdown)));
    let whole = wait(&parts, &jobs, json).await;
    shutdown.trigger();
    if let Some(worker) = worker {
        worker.await??;
    }
    Ok(if whole? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn accounts(parts: &Parts, name: Option<&str>) -> anyhow::Result<Vec<AccountRecord>> {
    let (mut cursor, mut found) = (None, Vec::new());
    loop {
        let page =
            services::accounts::list_accounts(&parts.context, &Actor::system(), PageRequest { limit: 200, cursor })
                .await?;
        found.extend(
            page.items
                .into_iter()
                .map(|overview| overview.account)
                .filter(|account| name.is_none_or(|name| account.name == name)),
        );
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    anyhow::ensure!(
        name.is_none() || !found.is_empty(),
        "there is no account {:?}; see: wheelhouse account list",
        name.unwrap_or_default()
    );
    Ok(found)
}

fn print_ids(jobs: &[JobId], json: bool) -> anyhow::Result<ExitCode> {
    if json {
        output::json(&serde_json::json!({ "job_ids": jobs }))?;
    } else {
        for job in jobs {
            output::line(format_args!("queued {job}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits for each job and prints its run's report; whether every one was whole.
async fn wait(parts: &Parts, jobs: &[JobId], json: bool) -> anyhow::Result<bool> {
    let mut whole = true;
    let mut reports = Vec::new();
    for &id in jobs {
        let job = ended(parts, id).await?;
        let run = run_of(parts, &job).await?;
        whole &= run.as_ref().is_some_and(|run| run.outcome == SyncOutcome::Whole);
        if json {
            let (outcome, region) = (run.as_ref().map(|r| r.outcome), run.as_ref().map(|r| r.region.clone()));
            let report = run.map(|r| r.report);
            reports.push(serde_json::json!({
                "job_id": id, "state": job.state, "error": job.error, "region": region, "outcome": outcome, "report": report,
            }));
        } else {
            print_run(&job, run.as_ref());
        }
    }
    if json {
        output::json(&reports)?;
    }
    Ok(whole)
}

async fn ended(parts: &Parts, id: JobId) -> anyhow::Result<JobRecord> {
    loop {
        let detail = services::jobs::fetch_job(&parts.context, &Actor::system(), id).await?;
        let job = detail.context("the job was pruned while we waited")?.job;
        if job.state.is_final() {
            return Ok(job);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The newest run of a job; a sync that failed outright has its report only there.
async fn run_of(parts: &Parts, job: &JobRecord) -> anyhow::Result<Option<SyncRunRecord>> {
    let page = PageRequest { limit: 200, cursor: None };
    let runs = services::sync::list_sync_runs(&parts.context, &Actor::system(), job.account_id, page).await?;
    Ok(runs.items.into_iter().find(|run| run.job_id == Some(job.id)))
}

fn print_run(job: &JobRecord, run: Option<&SyncRunRecord>) {
    let Some(run) = run else {
        output::line(format_args!("{}  {}  {}", job.id, job.state, job.error.as_deref().unwrap_or("no run was begun")));
        return;
    };
    let report = &run.report;
    output::line(format_args!("{:<16} {:<8} {}", run.region, run.outcome, found(run)));
    for problem in &report.problems {
        let grant = problem.missing_permission.as_ref().map(|p| format!("; grant {p}")).unwrap_or_default();
        output::line(format_args!("  {} × {}{grant}", problem.count, problem.message));
    }
    if let Some(error) = job.error.as_ref().filter(|_| job.state != JobState::Done) {
        output::line(format_args!("  {error}"));
    }
}

/// What a run found, in words: of WorkSpaces what became of each, of other data what was read and what of it was new.
fn found(run: &SyncRunRecord) -> String {
    let SyncReport { seen, added, changed, unchanged, gone, tags_read, aws_calls, .. } = &run.report;
    let SyncReport { items_read, items_written, points_read, skipped, cost_e10, .. } = &run.report;
    if run.kind == SyncKind::Workspaces {
        return format!(
            "{seen} seen: {added} added, {changed} changed, {unchanged} unchanged, {gone} gone; {tags_read} tags read, \
             {aws_calls} AWS calls"
        );
    }
    let mut text = format!("{}: {items_read} read, {items_written} new or different", run.kind);
    for (count, what) in [(points_read, "points read"), (skipped, "left out")] {
        if *count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text.push_str(&format!("; {aws_calls} AWS calls"));
    if *cost_e10 > 0 {
        // Exact: the price is a whole number of 1e-10 USD.
        let (dollars, rest) = (cost_e10 / 10_000_000_000, cost_e10 % 10_000_000_000);
        text.push_str(&format!(" for {dollars}.{:04} USD", rest / 1_000_000));
    }
    text
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::ids::{AccountId, SyncRunId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_run_is_told_by_what_it_brings_in() {
        let report = SyncReport { seen: 60, added: 2, unchanged: 58, aws_calls: 9, ..SyncReport::default() };
        let mut run = SyncRunRecord {
            id: SyncRunId(Uuid::nil()),
            account_id: AccountId(Uuid::nil()),
            region: "eu-west-1".parse().unwrap(),
            kind: SyncKind::Workspaces,
            job_id: None,
            outcome: SyncOutcome::Whole,
            started_at: DateTime::UNIX_EPOCH,
            finished_at: None,
            report,
            checkpoint: None,
            error: None,
        };
        assert_eq!(found(&run), "60 seen: 2 added, 0 changed, 58 unchanged, 0 gone; 0 tags read, 9 AWS calls");
        run.kind = SyncKind::Usage;
        run.report = SyncReport { points_read: 7, aws_calls: 2, cost_e10: 123_450_000, ..SyncReport::default() };
        assert_eq!(found(&run), "sync-usage: 0 read, 0 new or different, 7 points read; 2 AWS calls for 0.0123 USD");
    }
}
