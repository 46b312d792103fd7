//! CloudWatch: `GetMetricData`, `GetMetricStatistics`, `ListMetrics` of the namespace `AWS/WorkSpaces`.
//!
//! The points come from `crate::history`; here they are cut to what CloudWatch still remembers, gathered into periods and
//! paged. Metrics and desktops it does not know have no points, which is no error.

use super::{
    Call,
    metrics_request::{
        DataRequest, ListRequest, MetricName, Statistic, StatisticsRequest, check_period, invalid, read,
    },
};
use crate::{
    fleet::{Fleet, view::Watch},
    history::{
        SLOT,
        metrics::{METRICS, Metric},
    },
    wire::{error::ApiError, page::Position, tree::Tree},
};

const NAMESPACE: &str = "AWS/WorkSpaces";
const DAY: i64 = 86_400;
/// Most points of `GetMetricStatistics`.
const MOST_STATISTICS: i64 = 1_440;
/// Metrics on a page of `ListMetrics`.
const LISTED: usize = 500;
/// A position within the points of a query: the query above, the point below.
const POINT_BITS: u32 = 18;

/// One metric by period.
#[derive(Debug, Default, PartialEq)]
struct Series {
    times: Vec<i64>,
    values: Vec<f64>,
}

pub(super) fn data(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: DataRequest = read(call)?;
    let (start, end, most) = request.check()?;
    let pager = call.pager("GetMetricData", &list_of(&request));
    let position = request
        .next_token
        .as_deref()
        .map(|token| {
            pager.position(token).ok_or_else(|| ApiError::new(400, "InvalidNextToken", "The token is invalid."))
        })
        .transpose()?;
    let (skip, mut skip_points) =
        position.map_or((0, 0), |p| ((p.after >> POINT_BITS) as usize, (p.after & ((1 << POINT_BITS) - 1)) as usize));

    let watch = call.watch();
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let descending = request.scan_by.as_deref() != Some("TimestampAscending");
    let mut left = most;
    let mut next = None;
    let mut results: Vec<(&str, &str, Series, bool)> = Vec::new();
    for (place, query) in request.metric_data_queries.iter().enumerate().skip(skip) {
        let Some(stat) = query.metric_stat.as_ref().filter(|_| query.returns()) else { continue };
        if left == 0 {
            next = Some((place, 0));
            break;
        }
        let period = check_period(stat.period).map_err(invalid)?;
        let statistic = Statistic::parse(&stat.stat).unwrap_or(Statistic::Average);
        let range = Range { start, end, period };
        let mut series = of_metric(&fleet, &watch, &stat.metric, stat.unit.as_deref(), range, &[statistic]).remove(0);
        if descending {
            series.times.reverse();
            series.values.reverse();
        }
        let from = std::mem::take(&mut skip_points).min(series.times.len());
        series.times.drain(..from);
        series.values.drain(..from);
        let whole = series.times.len() <= left;
        series.times.truncate(left);
        series.values.truncate(left);
        left -= series.times.len();
        let label = query.label.as_deref().or(stat.metric.metric_name.as_deref()).unwrap_or_default();
        let taken = series.times.len();
        results.push((&query.id, label, series, whole));
        if !whole {
            next = Some((place, from + taken));
            break;
        }
    }
    drop(fleet);
    for (place, (_, _, series, whole)) in results.iter_mut().enumerate() {
        spoil(call, place, series, whole);
    }

    let rows = results.iter().map(|(id, label, series, whole)| {
        Tree::Map(vec![
            ("Id", Tree::text(*id)),
            ("Label", Tree::text(*label)),
            ("Timestamps", Tree::Times(&series.times)),
            ("Values", Tree::Numbers(&series.values)),
            ("StatusCode", Tree::text(if *whole { "Complete" } else { "PartialData" })),
        ])
    });
    let mut answer = vec![("MetricDataResults", Tree::List(rows.collect())), ("Messages", Tree::List(Vec::new()))];
    if let Some((query, point)) = next {
        let page = position.map_or(1, |position| position.page) + 1;
        let after = (query as u32) << POINT_BITS | point as u32;
        answer.push(("NextToken", Tree::text(pager.token(Position { after, page }))));
    }
    Ok(write(call, "GetMetricData", answer))
}

/// Text that differs when another list is asked for.
fn list_of(request: &DataRequest) -> String {
    format!("{:?} {:?} {:?} {:?}", request.metric_data_queries, request.start_time, request.end_time, request.scan_by)
}

/// What faults do to a series.
fn spoil(call: &Call<'_>, place: usize, series: &mut Series, whole: &mut bool) {
    if call.partial && place % 2 == 1 {
        *whole = false;
        let half = series.times.len() / 2;
        series.times.truncate(half);
        series.values.truncate(half);
    }
    if call.garbage {
        for (at, value) in series.values.iter_mut().enumerate() {
            match at % 11 {
                3 => *value = f64::NAN,
                5 => *value = -1.0,
                8 => *value = f64::INFINITY,
                9 => *value = 1e300,
                _ => {}
            }
        }
    }
}

fn write(call: &Call<'_>, operation: &str, answer: Vec<(&'static str, Tree<'_>)>) -> Vec<u8> {
    let namespace = super::Service::CloudWatch.namespace();
    call.protocol.write(operation, namespace, call.request_id, &Tree::Map(answer))
}

/// What is asked for of a metric.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: i64,
    end: i64,
    period: i64,
}

impl Range {
    /// The oldest point CloudWatch still has at that period: 15 days by the minute, 63 by five minutes, 455 by the hour.
    fn remembered(&self, now: i64) -> i64 {
        let days = if self.period % 3_600 == 0 {
            455
        } else if self.period % 300 == 0 {
            63
        } else {
            15
        };
        now - days * DAY
    }

    /// The start as CloudWatch rounds it: to the minute, older than 15 days to five, older than 63 to the hour.
    fn rounded_start(&self, now: i64) -> i64 {
        let to = match now - self.start {
            age if age > 63 * DAY => 3_600,
            age if age > 15 * DAY => 300,
            _ => 60,
        };
        self.start.div_euclid(to) * to
    }
}

/// The series of a metric, one for each statistic, ascending.
fn of_metric(
    fleet: &Fleet,
    watch: &Watch,
    name: &MetricName,
    unit: Option<&str>,
    range: Range,
    statistics: &[Statistic],
) -> Vec<Series> {
    let mut series: Vec<Series> = statistics.iter().map(|_| Series::default()).collect();
    let known = name.namespace.as_deref() == Some(NAMESPACE);
    let metric = name.metric_name.as_deref().filter(|_| known).and_then(Metric::named);
    let Some((metric, _)) = metric.filter(|(_, own)| unit.is_none_or(|unit| unit == *own)) else { return series };
    let [dimension] = &name.dimensions[..] else { return series };
    let desktop = dimension.value.as_deref().filter(|_| dimension.name == "WorkspaceId").and_then(|id| fleet.ever(id));
    let Some(desktop) = desktop else { return series };

    let now = watch.now_ms.div_euclid(1_000);
    let from = range.rounded_start(now).max(range.remembered(now));
    let points = fleet.history(desktop, watch).points(metric, from, range.end);
    if range.period <= SLOT && SLOT % range.period == 0 && statistics.iter().all(|s| *s != Statistic::SampleCount) {
        // One point in each: whatever is made of it is the point.
        for series in &mut series {
            (series.times, series.values) = points.iter().unzip();
        }
        return series;
    }
    let mut bucket: Vec<f64> = Vec::new();
    let mut bucket_at = i64::MIN;
    let mut flush = |at: i64, bucket: &mut Vec<f64>| {
        if !bucket.is_empty() {
            for (series, statistic) in series.iter_mut().zip(statistics) {
                series.times.push(at);
                series.values.push(statistic.of(bucket));
            }
            bucket.clear();
        }
    };
    for (at, value) in points.iter() {
        let start = at.div_euclid(range.period) * range.period;
        if start != bucket_at {
            flush(bucket_at, &mut bucket);
            bucket_at = start;
        }
        bucket.push(value);
    }
    flush(bucket_at, &mut bucket);
    series
}

pub(super) fn statistics(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: StatisticsRequest = read(call)?;
    let value = |message: &'static str| ApiError::new(400, "InvalidParameterValueException", message);
    let missing = |member: &str| {
        ApiError::new(400, "MissingRequiredParameterException", format!("The parameter {member} is required."))
    };
    request.metric.namespace.as_deref().ok_or_else(|| missing("Namespace"))?;
    let label = request.metric.metric_name.as_deref().ok_or_else(|| missing("MetricName"))?;
    let start = request.start_time.ok_or_else(|| missing("StartTime"))?;
    let end = request.end_time.ok_or_else(|| missing("EndTime"))?;
    let period = check_period(Some(request.period.ok_or_else(|| missing("Period"))?)).map_err(value)?;
    if start >= end {
        return Err(value("The parameter StartTime must be less than the parameter EndTime."));
    }
    if request.statistics.is_empty() {
        return Err(ApiError::new(
            400,
            "InvalidParameterCombinationException",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    let points = (end - start).div_euclid(period) + i64::from((end - start) % period != 0);
    if points > MOST_STATISTICS {
        return Err(ApiError::new(
            400,
            "InvalidParameterCombinationException",
            format!(
                "You have requested up to {points} datapoints, which exceeds the limit of 1,440. You may reduce the \
                 datapoints requested by increasing Period, or decreasing the time range."
            ),
        ));
    }
    let mut wanted: Vec<(&'static str, Statistic)> = Vec::new();
    for name in &request.statistics {
        let known = NAMES.iter().find(|(known, _)| known == name);
        let known = known.ok_or_else(|| value("The parameter Statistics has a value that is not a statistic."))?;
        if !wanted.contains(known) {
            wanted.push(*known);
        }
    }

    let watch = call.watch();
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let statistics: Vec<Statistic> = wanted.iter().map(|(_, statistic)| *statistic).collect();
    let range = Range { start, end, period };
    let mut series = of_metric(&fleet, &watch, &request.metric, request.unit.as_deref(), range, &statistics);
    drop(fleet);
    let mut whole = true;
    for series in &mut series {
        spoil(call, 1, series, &mut whole);
    }
    let unit = Metric::named(label).map_or("None", |(_, unit)| unit);
    let rows = (0..series.first().map_or(0, |series| series.times.len())).map(|at| {
        let mut row = vec![("Timestamp", Tree::Time(series[0].times[at]))];
        row.extend(wanted.iter().zip(&series).map(|((name, _), series)| (*name, Tree::Number(series.values[at]))));
        row.push(("Unit", Tree::text(unit)));
        Tree::Map(row)
    });
    let answer = vec![("Label", Tree::text(label)), ("Datapoints", Tree::List(rows.collect()))];
    Ok(write(call, "GetMetricStatistics", answer))
}

const NAMES: &[(&str, Statistic)] = &[
    ("SampleCount", Statistic::SampleCount),
    ("Average", Statistic::Average),
    ("Sum", Statistic::Sum),
    ("Minimum", Statistic::Minimum),
    ("Maximum", Statistic::Maximum),
];

pub(super) fn list(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ListRequest = read(call)?;
    let pager = call.pager("ListMetrics", &format!("{:?}", request.metric));
    let position = request
        .next_token
        .as_deref()
        .map(|token| {
            let invalid = || ApiError::new(400, "InvalidParameterValueException", "The token is invalid.");
            pager.position(token).ok_or_else(invalid)
        })
        .transpose()?;
    let namespace = request.metric.namespace.as_deref().is_none_or(|namespace| namespace == NAMESPACE);
    let wanted = |name: &str| namespace && request.metric.metric_name.as_deref().is_none_or(|wanted| wanted == name);
    let names: Vec<&str> = METRICS.iter().map(|(_, name, _)| *name).filter(|name| wanted(name)).collect();
    let ours = |dimension: &str, id: &str| {
        let same = |value: &Option<String>| value.as_deref().is_none_or(|value| value == id);
        request.metric.dimensions.iter().all(|wanted| wanted.name == dimension && same(&wanted.value))
    };

    let watch = call.watch();
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let skip = position.map_or(0, |position| position.after as usize);
    let mut metrics = fleet
        .after(None, &watch, |desktop| ours("WorkspaceId", &desktop.id))
        .flat_map(|(_, desktop, _)| names.iter().map(move |name| (desktop, *name)))
        .skip(skip);
    let rows: Vec<Tree<'_>> = metrics
        .by_ref()
        .take(LISTED)
        .map(|(desktop, name)| {
            let dimension =
                Tree::Map(vec![("Name", Tree::text("WorkspaceId")), ("Value", Tree::text(desktop.id.as_str()))]);
            Tree::Map(vec![
                ("Namespace", Tree::text(NAMESPACE)),
                ("MetricName", Tree::text(name)),
                ("Dimensions", Tree::List(vec![dimension])),
            ])
        })
        .collect();
    let more = metrics.next().is_some();
    let mut answer = vec![("Metrics", Tree::List(rows))];
    if more {
        let page = position.map_or(1, |position| position.page) + 1;
        let after = u32::try_from(skip + LISTED).unwrap_or(u32::MAX);
        answer.push(("NextToken", Tree::text(pager.token(Position { after, page }))));
    }
    Ok(write(call, "ListMetrics", answer))
}
