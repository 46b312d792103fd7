//! From CloudWatch's answer to series. A series that CloudWatch could not give whole says so; points that are no numbers
//! are left out, and their series is not complete.

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::types::{MetricDataResult, StatusCode};
use domain::cloud::{CloudPage, MetricRequest, MetricSeries};

/// CloudWatch rounds the beginning of what is asked to its resolution, which is an hour at most.
const ROUNDING_SECS: i64 = 3600;

/// The id of a query: CloudWatch wants a small letter first.
pub(crate) fn id(index: usize) -> String {
    format!("q{index}")
}

pub(crate) fn page(output: GetMetricDataOutput, request: &MetricRequest) -> Result<CloudPage<MetricSeries>, String> {
    let next_token = output.next_token.filter(|token| !token.is_empty());
    let results = output.metric_data_results.ok_or("it has no list of metric data")?;
    let warnings = output.messages.unwrap_or_default();
    for message in &warnings {
        tracing::warn!(code = message.code(), text = message.value(), "CloudWatch did not answer the whole request");
    }
    let last = next_token.is_none();
    let one = |result| series(result, request, last, !warnings.is_empty());
    let items = results.into_iter().map(one).collect::<Result<_, _>>()?;
    Ok(CloudPage { items, next_token })
}

fn series(result: MetricDataResult, request: &MetricRequest, last: bool, warned: bool) -> Result<MetricSeries, String> {
    let id = result.id.unwrap_or_default();
    let query = id.strip_prefix('q').and_then(|index| index.parse().ok());
    let query =
        query.filter(|&index| index < request.queries.len()).ok_or_else(|| format!("nobody asked for {id:?}"))?;
    let (times, values) = (result.timestamps.unwrap_or_default(), result.values.unwrap_or_default());
    if times.len() != values.len() {
        return Err(format!("{} has {} times and {} values", id, times.len(), values.len()));
    }
    let period = i64::from(request.period_secs);
    let asked = request.from.timestamp() - period.max(ROUNDING_SECS)..request.to.timestamp() + period;
    if let Some(stray) = times.iter().find(|at| !asked.contains(&at.secs())) {
        return Err(format!("{id} has a point at {}, outside of what was asked", stray.secs()));
    }
    let errors = result.messages.unwrap_or_default();
    let fault = errors.iter().any(|message| {
        matches!(message.code(), Some("InternalError" | "Forbidden" | "PartialData" | "MaxMetricsExceeded"))
    });
    let said_whole = match result.status_code {
        Some(StatusCode::Complete) => true,
        // What is missing comes with the next page, if there is one.
        Some(StatusCode::PartialData) => !last,
        _ => false,
    };
    let points = times.len();
    let (timestamps, values): (Vec<i64>, Vec<f64>) =
        times.iter().map(|at| at.secs()).zip(values).filter(|(_, value)| value.is_finite()).unzip();
    if timestamps.len() < points {
        tracing::warn!(series = id, dropped = points - timestamps.len(), "CloudWatch sent points that are no numbers");
    }
    let complete = said_whole && !fault && !warned && timestamps.len() == points;
    Ok(MetricSeries { query, timestamps, values, complete })
}
