//! CloudWatch: the metrics of WorkSpaces. Full requests are the caller's business; a page is the largest AWS gives.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_smithy_types::DateTime;
use domain::cloud::{CloudError, CloudPage, MetricQuery, MetricRequest, MetricSeries};

use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const GET_METRIC_DATA: Operation = Operation::read("cloudwatch:GetMetricData");

const NAMESPACE: &str = "AWS/WorkSpaces";
const DIMENSION: &str = "WorkspaceId";

pub(crate) async fn page(
    caller: &Caller,
    client: &Client,
    request: &MetricRequest,
    next_token: Option<String>,
) -> Result<CloudPage<MetricSeries>, CloudError> {
    if request.queries.len() > MetricRequest::MAX_QUERIES {
        return Err(CloudError::Refused {
            operation: GET_METRIC_DATA.action.to_owned(),
            code: "TooManyQueries".to_owned(),
            reason: format!("{} series in a call that takes {}", request.queries.len(), MetricRequest::MAX_QUERIES),
        });
    }
    if request.queries.is_empty() || request.from >= request.to {
        // CloudWatch would refuse it; there is nothing to know.
        return Ok(CloudPage { items: Vec::new(), next_token: None });
    }
    let queries: Vec<_> =
        request.queries.iter().enumerate().map(|(index, one)| query(index, one, request.period_secs)).collect();
    let send = || {
        client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.clone()))
            .start_time(DateTime::from_secs(request.from.timestamp()))
            .end_time(DateTime::from_secs(request.to.timestamp()))
            .scan_by(ScanBy::TimestampAscending)
            .max_datapoints(MetricRequest::MAX_POINTS as i32)
            .set_next_token(next_token.clone())
            .send()
    };
    caller.call(&GET_METRIC_DATA, send, |output| map::metrics::page(output, request)).await
}

fn query(index: usize, query: &MetricQuery, period_secs: u32) -> MetricDataQuery {
    let dimension = Dimension::builder().name(DIMENSION).value(&query.aws_id).build();
    let metric =
        Metric::builder().namespace(NAMESPACE).metric_name(query.metric.as_str()).dimensions(dimension).build();
    let period = i32::try_from(period_secs).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(query.statistic.as_str()).build();
    MetricDataQuery::builder().id(map::metrics::id(index)).metric_stat(stat).return_data(true).build()
}
