//! `wheelhouse seed`: a simulated fleet with its past, brought into the database by the same syncs that read AWS, for trials
//! under load without waiting a year. The simulator lives in this process and ends with it; the account stays, switched off.
//! Not the simulator (`aws-sim`), nor the syncs (`services::sync`).

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_sim::{SimOptions, Simulator};
use chrono::Days;
use domain::access::{Actor, Scope};
use domain::account::Access;
use domain::ids::{AccountId, JobId, Region};
use domain::sync::{SyncKind, SyncOutcome, SyncReport};
use platform::shutdown::Shutdown;
use serde::Serialize;
use services::Context;
use services::accounts::{connect_trial, disconnect_trial};
use services::run::JobError;
use services::sync;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::handle::{Handle, rate};
use crate::cli::Seed;
use crate::commands::all_in_one;
use crate::compose::{self, Load};
use crate::output;

/// What is read, in this order: usage needs the WorkSpaces, and the rest is told beside it.
const ORDER: [SyncKind; 9] = [
    SyncKind::Workspaces,
    SyncKind::Directories,
    SyncKind::Images,
    SyncKind::Quotas,
    SyncKind::Connections,
    SyncKind::Prices,
    SyncKind::Usage,
    SyncKind::CloudTrail,
    SyncKind::Billing,
];
/// Attempts of one sync.
const ATTEMPTS: u32 = 3;
/// Months that Cost Explorer goes back beside the current one.
const COST_MONTHS: u32 = 13;
/// A busy simulator may take so long for an answer.
const ANSWER: Duration = Duration::from_secs(300);
const REACH: &str = "As at AWS, CloudTrail goes back 90 days and Cost Explorer 14 months, whatever --days says.";

/// One sync of one place.
#[derive(Debug, Serialize)]
struct Step {
    sync: SyncKind,
    region: Region,
    outcome: SyncOutcome,
    seconds: f64,
    report: SyncReport,
}

/// What was brought in.
#[derive(Debug, Serialize)]
struct Seeded {
    account_id: AccountId,
    account: String,
    days: u32,
    seed: u64,
    steps: Vec<Step>,
    /// WorkSpaces with usage.
    workspaces_used: u64,
    /// Days of usage, over all WorkSpaces.
    usage_days: u64,
    /// Seconds that reading usage took.
    usage_seconds: f64,
    seconds: f64,
}

/// Brings a fleet in.
pub async fn run(load: &Load, options: &Seed, json: bool) -> anyhow::Result<ExitCode> {
    let load = load.clone().with("--database-url", "database.url", options.database_url.clone());
    let mut config = all_in_one::quiet(load.resolve().await?);
    compose::reach_this_machine(&mut config);
    platform::telemetry::init(&config.telemetry);
    let shutdown = Shutdown::install()?;
    let context = compose::context(&config).await?;
    store::db::migrate(&context.db).await?;
    output::note(REACH);
    let seeded = seed(context.clone(), options, shutdown.token()).await;
    shutdown.trigger();
    context.db.close().await?;
    let seeded = seeded?;
    if json {
        output::json(&seeded)?;
    } else {
        print(&seeded);
    }
    let whole = seeded.steps.iter().all(|step| step.outcome == SyncOutcome::Whole);
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn seed(mut ctx: Context, options: &Seed, stop: CancellationToken) -> anyhow::Result<Seeded> {
    let accounts = store::repo::accounts::account_list(&ctx.db, &Scope::Everything).await?;
    let real = accounts.iter().find(|account| account.access != Access::Simulated);
    if let Some(real) = real.filter(|_| !options.yes) {
        anyhow::bail!(
            "this database has the connected account {:?}: a load trial would be mixed with it; with --yes it is done anyway",
            real.name
        );
    }
    let mut sim = SimOptions::new(options.workspaces as usize, options.seed, Arc::new(platform::os::now));
    sim.throttle = None;
    sim.history_days = options.days;
    if !options.regions.is_empty() {
        sim.regions = options.regions.iter().map(ToString::to_string).collect();
    }
    let regions = sim.regions.iter().map(|region| region.parse()).collect::<Result<Vec<Region>, _>>()?;
    in_full(&mut ctx, options);

    let listener = TcpListener::bind("127.0.0.1:0").await.context("listen for the simulated AWS")?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let end = CancellationToken::new();
    let serving = tokio::spawn(aws_sim::serve(listener, Simulator::new(sim), end.clone()));
    let actor = Actor::system();
    let trial = connect_trial(&ctx, &actor, options.workspaces, regions.clone(), &endpoint).await?;
    let steps = steps(&ctx, trial.id, &regions, &stop).await;
    disconnect_trial(&ctx, &actor, trial.id).await?;
    end.cancel();
    serving.await.context("the simulated AWS")??;
    let (steps, seconds) = steps.with_context(|| format!("{:?} stays as far as it came", trial.name))?;

    let today = ctx.env.now().date_naive();
    let first = today.checked_sub_days(Days::new(1000)).unwrap_or(today);
    let after = today.succ_opt().unwrap_or(today);
    let totals =
        store::repo::usage::usage_totals(&ctx.db, &Scope::Everything, Some(trial.id), None, first, after).await?;
    let usage_seconds = steps.iter().filter(|step| step.sync == SyncKind::Usage).map(|step| step.seconds).sum();
    ctx.db.optimize().await?;
    Ok(Seeded {
        account_id: trial.id,
        account: trial.name,
        days: options.days,
        seed: options.seed,
        steps,
        workspaces_used: totals.workspaces,
        usage_days: totals.days,
        usage_seconds,
        seconds,
    })
}

/// Nothing holds the reading back: no limit, all tags, as much of the past as is asked for.
fn in_full(ctx: &mut Context, options: &Seed) {
    let unlimited = aws::AwsOptions {
        requests_per_second: f64::INFINITY,
        rate_scale: f64::INFINITY,
        simulated_requests_per_second: f64::INFINITY,
        call_deadline: ANSWER * 2,
        attempt_timeout: ANSWER,
        ..aws::AwsOptions::default()
    };
    ctx.cloud = Arc::new(aws::Connector::new(unlimited, ctx.env.clone()));
    ctx.policy.change(|policy| {
        policy.tags_per_run = options.workspaces;
        policy.sync.usage_backfill_days = options.days;
        policy.sync.billing_months = options.days.div_ceil(30).min(COST_MONTHS);
    });
}

/// Every sync of every region, one after the other; billing once.
async fn steps(
    ctx: &Context,
    account: AccountId,
    regions: &[Region],
    stop: &CancellationToken,
) -> anyhow::Result<(Vec<Step>, f64)> {
    let begun = Instant::now();
    let mut steps = Vec::new();
    let billed: [Region; 1] = [sync::BILLING_REGION.parse()?];
    for kind in ORDER {
        let places = if kind == SyncKind::Billing { &billed } else { regions };
        for region in places {
            let step = step(ctx, kind, account, region, stop).await.with_context(|| format!("{kind} of {region}"))?;
            steps.push(step);
        }
    }
    Ok((steps, begun.elapsed().as_secs_f64()))
}

async fn step(
    ctx: &Context,
    kind: SyncKind,
    account_id: AccountId,
    region: &Region,
    stop: &CancellationToken,
) -> anyhow::Result<Step> {
    let begun = Instant::now();
    let handle = Handle::new(JobId(ctx.env.new_id()), stop.clone(), format!("{kind} {region}"));
    let mut attempt = 1;
    let done = loop {
        match read(ctx, kind, account_id, region.clone(), &handle).await {
            Ok(done) => break done,
            // The next attempt goes on where this one stopped.
            Err(JobError::Retry { message, .. } | JobError::RetryAt { message, .. }) if attempt < ATTEMPTS => {
                output::note(format_args!("{kind} {region}: {message}; trying again"));
                attempt += 1;
            }
            Err(error) => return Err(error.into()),
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Step { sync: kind, region: region.clone(), outcome: done.outcome, seconds, report: done.report })
}

async fn read(
    ctx: &Context,
    kind: SyncKind,
    account_id: AccountId,
    region: Region,
    handle: &Handle,
) -> Result<sync::SyncDone, JobError> {
    match kind {
        SyncKind::Workspaces => sync::run_sync_job(ctx, &sync::SyncWorkspacesJob { account_id, region }, handle).await,
        SyncKind::Directories => {
            sync::run_directories_job(ctx, &sync::SyncDirectoriesJob { account_id, region }, handle).await
        }
        SyncKind::Connections => {
            sync::run_connections_job(ctx, &sync::SyncConnectionsJob { account_id, region }, handle).await
        }
        SyncKind::Images => sync::run_images_job(ctx, &sync::SyncImagesJob { account_id, region }, handle).await,
        SyncKind::Quotas => sync::run_quotas_job(ctx, &sync::SyncQuotasJob { account_id, region }, handle).await,
        SyncKind::Prices => sync::run_prices_job(ctx, &sync::SyncPricesJob { account_id, region }, handle).await,
        SyncKind::Usage => sync::run_usage_job(ctx, &sync::SyncUsageJob { account_id, region }, handle).await,
        SyncKind::CloudTrail => {
            sync::run_cloudtrail_job(ctx, &sync::SyncCloudTrailJob { account_id, region }, handle).await
        }
        SyncKind::Billing => sync::run_billing_job(ctx, &sync::SyncBillingJob { account_id, region }, handle).await,
    }
}

impl Step {
    /// Rows read: of the inventory its WorkSpaces.
    fn rows(&self) -> u64 {
        if self.sync == SyncKind::Workspaces { self.report.seen } else { self.report.items_read }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sync, region, outcome, seconds, report } = self;
        let (sync, region, outcome, rows) = (sync.as_str(), region.as_str(), outcome.as_str(), self.rows());
        let written = if self.sync == SyncKind::Workspaces { report.added } else { report.items_written };
        write!(
            f,
            "{sync:<22} {region:<14} {outcome:<8} {rows:>9} read {written:>10} written {seconds:>8.1} s {:>8.0}/s",
            rate(rows.max(written), *seconds)
        )?;
        report.problems.iter().try_for_each(|problem| write!(f, "\n  {} × {}", problem.count, problem.message))
    }
}

fn print(seeded: &Seeded) {
    let Seeded { account, days, steps, workspaces_used, usage_days, usage_seconds, seconds, .. } = seeded;
    for step in steps {
        output::line(step);
    }
    output::line(format_args!(
        "{usage_days} days of usage of {workspaces_used} WorkSpaces ({:.0} a second), {days} days back",
        rate(*usage_days, *usage_seconds)
    ));
    output::line(format_args!("{account}: {seconds:.1} s. It is switched off; schedules leave it alone."));
}

#[cfg(test)]
mod tests;
