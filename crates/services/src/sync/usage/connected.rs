//! Connected time: points of UserConnected become intervals, and these the days they touch.

use std::collections::HashMap;

use chrono::DateTime;
use domain::cloud::{CloudError, DataApi, Metric, MetricQuery, MetricRequest, Statistic};
use domain::ids::WorkspaceId;
use domain::usage::ConnectedInterval;
use domain::usage::hours::usage_days_between;
use domain::usage::intervals::replace_window;
use domain::usage::points::{PointReport, Resolution, Window, connected_intervals};
use store::Tx;
use store::repo::api_spend::api_spend_add;
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_intervals_many, usage_window_replace};
use store::repo::usage_coverage::{DueFor, usage_covered, usage_due};

use super::plan::{self, Unit};
use super::request::{self, Answer, LOOK, METRIC_E10};
use super::{At, DataRun, Failures, OPERATION};
use crate::run::JobError;

/// Reads the connected time of every WorkSpace that is due.
pub(super) async fn read(run: &mut DataRun<'_, At>, failures: &mut Failures) -> Result<(), JobError> {
    let policy = run.ctx.policy.now();
    let from = plan::wanted_from(run.at.to, policy.sync.usage_backfill_days);
    // What will be forgotten at once is not read: it would be read, and paid, again and again.
    let from = from.max(plan::kept_from(run.at.to, policy.retention.usage_interval_days));
    let due_for = DueFor::Connections { from, to: run.at.to };
    let mut done: u64 = 0;
    loop {
        let due = usage_due(&run.ctx.db, run.account, run.region, due_for, run.at.after, LOOK).await?;
        let Some(last) = due.last().map(|one| one.id) else { return Ok(()) };
        let units = plan::units(due, from, run.at.to);
        let mut answers = request::side_by_side(&run.api, units, |api, unit| Box::pin(ask(api, unit)));
        while let Some((unit, answers)) = request::next(&mut answers).await? {
            done += u64::try_from(unit.workspaces.len()).unwrap_or(u64::MAX);
            let failed = take(run, &unit, answers).await?;
            run.handle.progress(done, None, "WorkSpaces whose connections were read").await;
            if !failures.note(run, failed).await? {
                return Ok(());
            }
            run.handle.check()?;
        }
        drop(answers);
        run.enter(|at| at.after = Some(last)).await?;
    }
}

/// One answer per window; after one that failed the rest is not asked for.
async fn ask(api: &dyn DataApi, unit: &Unit) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(unit.windows.len());
    for window in &unit.windows {
        let Some(request) = request(unit, window) else { break };
        let answer = request::ask(api, &request).await;
        let failed = answer.series.is_err();
        answers.push(answer);
        if failed {
            break;
        }
    }
    answers
}

fn request(unit: &Unit, window: &Window) -> Option<MetricRequest> {
    let queries = unit
        .workspaces
        .iter()
        .map(|one| MetricQuery {
            aws_id: one.aws_id.clone(),
            metric: Metric::UserConnected,
            statistic: Statistic::Maximum,
        })
        .collect();
    Some(MetricRequest {
        queries,
        from: DateTime::from_timestamp(window.from(), 0)?,
        to: DateTime::from_timestamp(window.to(), 0)?,
        period_secs: u32::try_from(window.resolution().secs()).ok()?,
    })
}

/// What was found out about one WorkSpace.
struct Found {
    id: WorkspaceId,
    /// For each window of the unit.
    intervals: Vec<Vec<ConnectedInterval>>,
    /// The first period whose point could not be understood: from there on it is not taken for known.
    unclear_from: Option<i64>,
}

/// Notes and writes the answers to a unit. Gives why a question failed.
async fn take(run: &mut DataRun<'_, At>, unit: &Unit, answers: Vec<Answer>) -> Result<Option<CloudError>, JobError> {
    let before = run.mark();
    let metrics: u64 = answers.iter().map(|answer| answer.metrics).sum();
    run.report.points_read += answers.iter().map(|answer| answer.points).sum::<u64>();
    run.report.cost_e10 += i64::try_from(metrics).unwrap_or(0) * METRIC_E10;
    let mut series = Vec::with_capacity(answers.len());
    let mut failed = None;
    for answer in answers {
        match answer.series {
            Ok(all) => series.push(all),
            Err(error) => failed = Some(error),
        }
    }
    let mut points = PointReport::default();
    let mut found = Vec::new();
    let mut partial: u64 = 0;
    if failed.is_none() && series.len() == unit.windows.len() {
        for (at, one) in unit.workspaces.iter().enumerate() {
            let of_one: Vec<_> = series.iter().filter_map(|all| all.get(at)).collect();
            if of_one.len() < unit.windows.len() || of_one.iter().any(|series| !series.complete) {
                partial += 1;
                continue;
            }
            let mut intervals = Vec::with_capacity(unit.windows.len());
            let mut unclear_from: Option<i64> = None;
            for (series, window) in of_one.iter().zip(&unit.windows) {
                let read = connected_intervals(&series.timestamps, &series.values, window);
                unclear_from = unclear_from.or(read.first_unclear);
                points += read.report;
                intervals.push(read.intervals);
            }
            // Once it is read again; what is so then stays so.
            let again = one.covered.is_some_and(|(_, known_to)| unclear_from == Some(known_to.timestamp()));
            let unclear_from = unclear_from.filter(|_| !again);
            found.push(Found { id: one.id, intervals, unclear_from });
        }
        run.anything_read = true;
    }
    let read = u64::try_from(found.len()).unwrap_or(u64::MAX);
    run.report.items_read += read;
    let written = write(run, unit, &found, metrics).await;
    run.or_back(before, written)?;
    for (reason, count) in points.reasons() {
        run.skip(OPERATION, count, reason).await;
    }
    if partial > 0 {
        let reason = format!("only a part of the points came for {partial} WorkSpaces; they are read again next time");
        run.problem(&CloudError::Malformed { operation: OPERATION.to_owned(), reason }).await;
    }
    // Written before: what is paid is counted whatever came of it.
    Ok(failed)
}

/// Writes what was found with the cost and how far it is known, in one transaction.
async fn write(run: &mut DataRun<'_, At>, unit: &Unit, found: &[Found], metrics: u64) -> Result<(), JobError> {
    let day = run.ctx.env.now().date_naive();
    let tx = run.begin().await?;
    for (at, window) in unit.windows.iter().enumerate() {
        let rows = rows(&tx, window, found.iter().filter_map(|one| Some((one.id, one.intervals.get(at)?)))).await?;
        let outcome = usage_window_replace(&tx, &rows).await?;
        run.report.items_written += outcome.days;
    }
    // Only what was read: what is known beside it may have been forgotten since it was looked at.
    for (from, to) in plan::stretches(&unit.windows) {
        let until = |one: &Found| {
            let unclear = one.unclear_from.and_then(|secs| DateTime::from_timestamp(secs, 0));
            unclear.map_or(to, |unclear| unclear.min(to))
        };
        let covered: Vec<_> =
            found.iter().map(|one| (one.id, from, until(one))).filter(|(_, from, to)| from < to).collect();
        usage_covered(&tx, &covered).await?;
    }
    let cost = i64::try_from(metrics).unwrap_or(0) * METRIC_E10;
    api_spend_add(&tx, run.account, day, "cloudwatch", i64::try_from(metrics).unwrap_or(i64::MAX), cost).await?;
    run.save(&tx).await?;
    run.commit(tx, &[]).await
}

/// The rows of one window: a session that began before it is one session, so what is known around it is looked at too.
async fn rows(
    tx: &Tx,
    window: &Window,
    found: impl Iterator<Item = (WorkspaceId, &Vec<ConnectedInterval>)>,
) -> Result<Vec<WorkspaceUsage>, JobError> {
    let (Some(from), Some(to)) = (DateTime::from_timestamp(window.from(), 0), DateTime::from_timestamp(window.to(), 0))
    else {
        return Ok(Vec::new());
    };
    let found: Vec<_> = found.collect();
    let ids: Vec<WorkspaceId> = found.iter().map(|(id, _)| *id).collect();
    let known: HashMap<WorkspaceId, Vec<ConnectedInterval>> = usage_intervals_many(tx, &ids, from, to).await?;
    let last_day = (to - chrono::Duration::seconds(1)).date_naive();
    let after = last_day.succ_opt().unwrap_or(last_day);
    let usage = |(id, intervals): (WorkspaceId, &Vec<ConnectedInterval>)| {
        let before = known.get(&id).map(Vec::as_slice).unwrap_or_default();
        let merged = replace_window(before, intervals, window.from(), window.to());
        let days = usage_days_between(&merged, from.date_naive(), after);
        let days = days.into_iter().map(|day| UsageDayRow {
            day: day.day,
            hour_mask: day.hour_mask,
            connected_minutes: day.connected_minutes,
            sessions: day.sessions,
            first_at: day.first_at,
            last_at: day.last_at,
            resolution_secs: resolution(window.resolution()),
        });
        WorkspaceUsage { workspace_id: id, from, to, intervals: intervals.clone(), days: days.collect() }
    };
    Ok(found.into_iter().map(usage).collect())
}

fn resolution(resolution: Resolution) -> u32 {
    u32::try_from(resolution.secs()).unwrap_or(0)
}
