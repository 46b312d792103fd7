//! Measures of each UTC day that is over: CPU, memory, disks, latency, each with its mean and its maximum.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime};
use domain::cloud::{CloudError, DataApi, Metric, MetricQuery, MetricRequest, Statistic};
use domain::ids::WorkspaceId;
use store::repo::api_spend::api_spend_add;
use store::repo::usage::{MetricDayRow, metric_day_put_many};
use store::repo::usage_coverage::{DueFor, UsageDue, usage_due, usage_measured};

use super::request::{self, Answer, LOOK, METRIC_E10, Series};
use super::{At, DataRun, Failures, OPERATION, plan};
use crate::run::JobError;

const DAY_SECS: u32 = 86_400;
/// How far back a first read goes: the month before at the most.
const FIRST_DAYS: i64 = 31;

const MEASURES: [Metric; 5] = [
    Metric::CpuUsage,
    Metric::MemoryUsage,
    Metric::RootVolumeDiskUsage,
    Metric::UserVolumeDiskUsage,
    Metric::InSessionLatency,
];
const STATISTICS: [Statistic; 2] = [Statistic::Average, Statistic::Maximum];
/// Series of one WorkSpace.
const PER_WORKSPACE: usize = MEASURES.len() * STATISTICS.len();

/// WorkSpaces whose measures are known before the same day.
struct Unit {
    workspaces: Vec<UsageDue>,
    from: NaiveDate,
}

/// Reads the measures of the days that are over.
pub(super) async fn read(run: &mut DataRun<'_, At>, failures: &mut Failures) -> Result<(), JobError> {
    // Points may arrive late, and a day is read once: it is over when they are in.
    let today = (run.at.to - plan::OVERLAP).date_naive();
    let mut done: u64 = 0;
    loop {
        let due_for = DueFor::Measures { to: today };
        let due = usage_due(&run.ctx.db, run.account, run.region, due_for, run.at.after, LOOK).await?;
        let Some(last) = due.last().map(|one| one.id) else { return Ok(()) };
        let units = units(due, today);
        let mut answers = request::side_by_side(&run.api, units, move |api, unit| Box::pin(ask(api, unit, today)));
        while let Some((unit, answer)) = request::next(&mut answers).await? {
            done += u64::try_from(unit.workspaces.len()).unwrap_or(u64::MAX);
            let failed = take(run, &unit, answer, today).await?;
            run.handle.progress(done, None, "WorkSpaces whose measures were read").await;
            if !failures.note(run, failed).await? {
                return Ok(());
            }
            run.handle.check()?;
        }
        drop(answers);
        run.enter(|at| at.after = Some(last)).await?;
    }
}

fn units(due: Vec<UsageDue>, today: NaiveDate) -> Vec<Unit> {
    let first = today - Duration::days(FIRST_DAYS);
    let mut groups: BTreeMap<NaiveDate, Vec<UsageDue>> = BTreeMap::new();
    for one in due {
        groups.entry(one.measured_to.unwrap_or(first).max(first)).or_default().push(one);
    }
    let size = MetricRequest::MAX_QUERIES / PER_WORKSPACE;
    groups
        .into_iter()
        .flat_map(|(from, group)| {
            group.chunks(size).map(|some| Unit { workspaces: some.to_vec(), from }).collect::<Vec<_>>()
        })
        .collect()
}

async fn ask(api: &dyn DataApi, unit: &Unit, today: NaiveDate) -> Answer {
    let mut queries = Vec::with_capacity(unit.workspaces.len() * PER_WORKSPACE);
    for one in &unit.workspaces {
        for metric in MEASURES {
            for statistic in STATISTICS {
                queries.push(MetricQuery { aws_id: one.aws_id.clone(), metric, statistic });
            }
        }
    }
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let request = MetricRequest { queries, from: midnight(unit.from), to: midnight(today), period_secs: DAY_SECS };
    request::ask(api, &request).await
}

/// Notes and writes the answer to a unit. Gives why the question failed.
async fn take(
    run: &mut DataRun<'_, At>,
    unit: &Unit,
    answer: Answer,
    today: NaiveDate,
) -> Result<Option<CloudError>, JobError> {
    let before = run.mark();
    run.report.points_read += answer.points;
    let cost = i64::try_from(answer.metrics).unwrap_or(0) * METRIC_E10;
    run.report.cost_e10 += cost;
    let (mut rows, mut read, mut partial, mut bad) = (Vec::new(), Vec::new(), 0u64, 0u64);
    let all = answer.series.as_deref().unwrap_or_default();
    for (one, series) in unit.workspaces.iter().zip(all.chunks(PER_WORKSPACE)) {
        if series.iter().all(|series| series.complete) {
            bad += rows_of(one.id, series, (unit.from, today), &mut rows);
            read.push(one.id);
        } else {
            partial += 1;
        }
    }
    run.anything_read |= !read.is_empty();
    let written = write(run, &rows, &read, (answer.metrics, cost), today).await;
    run.or_back(before, written)?;
    if bad > 0 {
        run.skip(OPERATION, bad, "measures that are no numbers or of another day").await;
    }
    if partial > 0 {
        let reason =
            format!("only a part of the measures came for {partial} WorkSpaces; they are read again next time");
        run.problem(&CloudError::Malformed { operation: OPERATION.to_owned(), reason }).await;
    }
    Ok(answer.series.err())
}

/// The days of one WorkSpace that have both statistics of a measure. Gives how many points could not be used.
fn rows_of(
    id: WorkspaceId,
    series: &[Series],
    (from, to): (NaiveDate, NaiveDate),
    rows: &mut Vec<MetricDayRow>,
) -> u64 {
    let mut bad = 0;
    let mut by_day = |series: &Series| {
        let mut days = HashMap::new();
        for (at, value) in series.timestamps.iter().zip(&series.values) {
            let day = DateTime::from_timestamp(*at, 0).map(|at| at.date_naive());
            match day.filter(|day| (from..to).contains(day)) {
                Some(day) if value.is_finite() => {
                    days.insert(day, *value);
                }
                _ => bad += 1,
            }
        }
        days
    };
    for (metric, pair) in MEASURES.iter().zip(series.chunks(STATISTICS.len())) {
        let [average, maximum] = pair else { continue };
        let (averages, maxima) = (by_day(average), by_day(maximum));
        let mut days: Vec<_> = averages.into_iter().collect();
        days.sort_unstable_by_key(|(day, _)| *day);
        for (day, average) in days {
            if let Some(maximum) = maxima.get(&day) {
                rows.push(MetricDayRow { workspace_id: id, day, metric: *metric, average, maximum: *maximum });
            }
        }
    }
    bad
}

async fn write(
    run: &mut DataRun<'_, At>,
    rows: &[MetricDayRow],
    read: &[WorkspaceId],
    (metrics, cost): (u64, i64),
    today: NaiveDate,
) -> Result<(), JobError> {
    let day = run.ctx.env.now().date_naive();
    let tx = run.begin().await?;
    run.report.items_written += metric_day_put_many(&tx, rows).await?;
    usage_measured(&tx, read, today).await?;
    api_spend_add(&tx, run.account, day, "cloudwatch", i64::try_from(metrics).unwrap_or(i64::MAX), cost).await?;
    run.save(&tx).await?;
    run.commit(tx, &[]).await
}
