//! `sync-billing`: what AWS billed for WorkSpaces, out of Cost Explorer: by day with usage type and region, and by day with
//! the value of each configured tag. Once for an account, whatever its regions.
//!
//! AWS charges 0.01 USD for each request that is sent, pages and repeats included. So nothing is read ahead, what can't
//! change any more is not read again (`plan` says which days), and each request is counted in the transaction that follows
//! it, whatever came of it. (A request whose worker dies before that is not counted.) The days of a window are replaced
//! when all pages of one grouping are in; the checkpoint is the window and the grouping, so that no answer is paid twice.
//! A month without costs has no rows and is known. How rows are made is `rows`.

mod plan;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::cloud::{CloudError, CostRequest, DataApi, ObservedCost};
use domain::jobs::LogLevel;
use store::Tx;
use store::repo::api_spend::api_spend_add;
use store::repo::costs::{cost_days, cost_days_replace, cost_tag_days, cost_tag_days_replace};
use store::repo::data_sets::data_set_fetch;

use self::plan::{By, Kept, Plan};
use self::rows::Found;
use super::end::SyncDone;
use super::jobs::SyncBillingJob;
use super::pages::TokensSeen;
use super::problems::skipped;
use super::run::{DataRun, SyncRun, data_api};
use crate::Context;
use crate::budgets::note_crossings;
use crate::run::{JobError, RunHandle};

const OPERATION: &str = "ce:GetCostAndUsage";
/// The service as spending is kept.
const SERVICE: &str = "ce";
/// AWS's price of a request, in 1e-10 USD: 0.01 USD.
const REQUEST_E10: i64 = 100_000_000;
/// Attempts at a question that break off before the run goes on with the next one. Each is paid.
const TRIES: u32 = 3;

/// The plan is what a next attempt goes on with.
type At = super::planned::At<Plan>;

/// Runs a `sync-billing` job: connects, then [`sync_billing`].
///
/// # Errors
/// As [`sync_billing`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_billing_job(
    ctx: &Context,
    job: &SyncBillingJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    sync_billing(ctx, data_api(ctx, job).await?, job, handle).await
}

/// Reads the costs of one account that are not known yet or may have changed.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when nothing could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_billing(
    ctx: &Context,
    api: Arc<dyn DataApi>,
    job: &SyncBillingJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, At::default()).await?;
    let ended = phases(&mut run).await;
    let done = run.end(ended).await?;
    // What was read is in, whatever comes of this: the next run looks again.
    if let Err(error) = note_crossings(ctx).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "crossed budgets could not be noted");
    }
    Ok(done)
}

async fn phases(run: &mut DataRun<'_, At>) -> Result<(), JobError> {
    let mut plan = prepare(run).await?;
    while let Some((request, by)) = plan.next() {
        run.handle.check()?;
        let error = match read(run, &request).await? {
            Ok(costs) => {
                take(run, &mut plan, &request, &by, costs).await?;
                continue;
            }
            Err(error) => plain(error),
        };
        let again = error.is_transient();
        if again && plan.broke_off() < TRIES {
            run.at.plan = Some(plan);
            return run.broke_off(&error).await;
        }
        if again || matches!(error, CloudError::Refused { .. } | CloudError::NotFound { .. }) {
            // The rest may still come; this waits for the next run.
            plan.unanswered(&error.to_string());
            run.give_up(&plan, &error).await?;
            continue;
        }
        if matches!(error, CloudError::Denied { .. }) {
            let said = "AWS also answers like this as long as Cost Explorer is not enabled in the billing console of the account.";
            run.handle.log(LogLevel::Info, said).await;
        }
        plan.all_unanswered(&error.to_string());
        run.give_up(&plan, &error).await?;
        return if run.anything_read { Ok(()) } else { Err(JobError::fail(error.to_string())) };
    }
    Ok(())
}

/// The plan: that of an earlier attempt, or a new one.
async fn prepare(run: &mut DataRun<'_, At>) -> Result<Plan, JobError> {
    let now = run.ctx.env.now();
    if let Some(plan) = run.earlier_plan(now) {
        return Ok(plan);
    }
    let (ctx, account) = (run.ctx, run.account);
    let policy = ctx.policy.now();
    let policy = &policy.sync;
    let (from, to) = (plan::wanted_from(now, policy.billing_months), now.date_naive());
    let mut kept = Kept::default();
    let mut open = |day| kept.open = Some(kept.open.map_or(day, |open| open.min(day)));
    for row in cost_days(&ctx.db, account, from, to).await? {
        if row.estimated {
            open(row.day);
        }
        kept.days.insert(row.day);
    }
    for row in cost_tag_days(&ctx.db, account, from, to).await? {
        // A tag that is no longer read stays as it is.
        if row.estimated && policy.billing_tag_keys.contains(&row.tag_key) {
            open(row.day);
        }
        kept.tags.insert(row.tag_key);
    }
    let known = data_set_fetch(&ctx.db, account, run.region, run.kind).await?;
    let plan = Plan::new(&known, &kept, now, policy.billing_months, &policy.billing_tag_keys);
    run.keep(&plan).await?;
    if plan.took_back() {
        let said = "The clock was ahead when costs were read last: what was taken for known is read again.";
        run.handle.log(LogLevel::Warn, said).await;
    }
    Ok(plan)
}

/// Asks, page after page; each request is counted.
async fn read(
    run: &mut DataRun<'_, At>,
    request: &CostRequest,
) -> Result<Result<Vec<ObservedCost>, CloudError>, JobError> {
    let (mut costs, mut token, mut seen) = (Vec::new(), None, TokensSeen::default());
    loop {
        let before = run.api.calls();
        let page = run.api.cost_page(request, token.clone()).await;
        pay(run, run.api.calls().saturating_sub(before)).await?;
        let page = match page {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        costs.extend(page.items);
        let Some(next) = page.next_token else { return Ok(Ok(costs)) };
        // Pages that lead back to one another would never end, and cost.
        if let Err(error) = seen.leads_on(OPERATION, &next) {
            return Ok(Err(error));
        }
        token = Some(next);
        run.handle.check()?;
    }
}

/// Counts what requests cost.
async fn pay(run: &mut DataRun<'_, At>, requests: u64) -> Result<(), JobError> {
    if requests == 0 {
        return Ok(());
    }
    let requests = i64::try_from(requests).unwrap_or(i64::MAX);
    let (cost, day) = (requests.saturating_mul(REQUEST_E10), run.ctx.env.now().date_naive());
    let before = run.mark();
    run.report.cost_e10 += cost;
    let written = async {
        let tx = run.begin().await?;
        api_spend_add(&tx, run.account, day, SERVICE, requests, cost).await?;
        run.checkpoint(&tx).await?;
        run.commit(tx, &[]).await
    };
    let written = written.await;
    run.or_back(before, written)
}

/// Replaces the days of a window by an answer.
async fn take(
    run: &mut DataRun<'_, At>,
    plan: &mut Plan,
    request: &CostRequest,
    by: &By,
    costs: Vec<ObservedCost>,
) -> Result<(), JobError> {
    let read = u64::try_from(costs.len()).unwrap_or(u64::MAX);
    let found = rows::sum_up(costs, request, if *by == By::UsageType { 2 } else { 1 });
    let (refused, empty, rounded) = (found.refused.clone(), found.empty, found.rounded);
    let mut next = plan.clone();
    next.answered();
    let before = run.mark();
    run.anything_read = true;
    run.report.items_read += read;
    run.follow(&next);
    for (why, count) in refused {
        let reason = format!("{count} rows of costs {by} could not be kept, so their days are too cheap: {why}");
        run.problem(&CloudError::Malformed { operation: OPERATION.to_owned(), reason }).await;
        run.report.skipped += count;
    }
    run.skip(OPERATION, empty, "rows without costs and without a currency").await;
    if rounded > 0 {
        // Nothing is left out: it is noted, not counted as skipped.
        run.report.note(skipped(
            OPERATION,
            rounded,
            "amounts with more than ten decimals were rounded to the last of them",
        ));
    }
    let written = write(run, &next, request, by, found).await;
    run.or_back(before, written)?;
    *plan = next;
    run.handle.progress(run.report.items_read, None, "rows of costs read").await;
    Ok(())
}

async fn write(
    run: &mut DataRun<'_, At>,
    plan: &Plan,
    request: &CostRequest,
    by: &By,
    found: Found,
) -> Result<(), JobError> {
    let tx = run.begin().await?;
    run.report.items_written += replace(run, &tx, plan, request, by, found).await?;
    run.save(&tx).await?;
    run.commit(tx, &[]).await
}

async fn replace(
    run: &DataRun<'_, At>,
    tx: &Tx,
    plan: &Plan,
    request: &CostRequest,
    by: &By,
    found: Found,
) -> Result<u64, JobError> {
    let (open, read_at) = (plan::open_from(plan.read_at()), run.ctx.env.now());
    let (account, from, to) = (run.account, request.from, request.to);
    let outcome = match by {
        By::UsageType => cost_days_replace(tx, account, from, to, &found.usage_rows(open, read_at)).await?,
        By::Tag(key) => cost_tag_days_replace(tx, account, key, from, to, &found.tag_rows(key, open, read_at)).await?,
    };
    Ok(outcome.written())
}

/// What AWS means, where its code does not say it.
fn plain(error: CloudError) -> CloudError {
    match error {
        CloudError::Refused { operation, code, .. } if code.contains("DataUnavailable") => {
            let reason =
                "Cost Explorer has no costs of this account yet; it takes a day after it was enabled".to_owned();
            CloudError::Refused { operation, code, reason }
        }
        CloudError::Refused { operation, code, .. } if code.contains("BillExpiration") => {
            let reason = "Cost Explorer no longer has the costs of these days".to_owned();
            CloudError::Refused { operation, code, reason }
        }
        other => other,
    }
}
