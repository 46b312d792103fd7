//! `wheelhouse sync`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use domain::access::Actor;
use domain::ids::JobId;
use domain::jobs::JobState;
use platform::shutdown::Shutdown;
use services::PageRequest;
use services::accounts::AccountRecord;

use crate::cli::Sync;
use crate::compose::{Load, Parts};
use crate::output;

/// How often a waiting command looks.
const LOOK: Duration = Duration::from_millis(500);

/// Enqueues a sync of each account and region; waits for the reports when asked to.
pub async fn run(load: &Load, options: &Sync, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry()?;
    let shutdown = Shutdown::install()?;
    let parts = Parts::open(config, shutdown.clone()).await?;
    let actor = Actor::system();
    let mut jobs = Vec::new();
    for account in accounts(&parts, options.account.as_deref()).await? {
        jobs.extend(services::sync::sync_now(&parts.context, &actor, account.id).await?);
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

/// Waits for each job and prints its report; whether every one was whole.
async fn wait(parts: &Parts, jobs: &[JobId], json: bool) -> anyhow::Result<bool> {
    let mut whole = true;
    let mut reports = Vec::new();
    for &id in jobs {
        let job = loop {
            let detail = services::jobs::fetch_job(&parts.context, &Actor::system(), id)
                .await?
                .context("the job was pruned while we waited")?;
            if detail.job.state.is_final() {
                break detail.job;
            }
            tokio::time::sleep(LOOK).await;
        };
        let outcome = job.result.as_ref().and_then(|r| r.get("outcome")).and_then(|o| o.as_str()).map(str::to_owned);
        whole &= job.state == JobState::Done && outcome.as_deref() == Some("whole");
        if json {
            reports.push(
                serde_json::json!({ "job_id": id, "state": job.state, "error": job.error, "result": job.result }),
            );
        } else {
            output::line(format_args!("{id}  {}  {}", job.state, outcome.unwrap_or_default()));
            if let Some(error) = &job.error {
                output::line(format_args!("  {error}"));
            }
            if let Some(result) = &job.result {
                output::line(serde_json::to_string_pretty(result)?);
            }
        }
    }
    if json {
        output::json(&reports)?;
    }
    Ok(whole)
}
