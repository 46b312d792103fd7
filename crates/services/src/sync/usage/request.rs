//! One question to CloudWatch with all its pages, and what it cost.

use domain::cloud::{CloudError, DataApi, MetricRequest};

use super::super::pages::TokensSeen;
use super::OPERATION;
use crate::run::JobError;

/// AWS's price of one metric in GetMetricData, in 1e-10 USD: 0.01 USD per 1,000.
pub(super) const METRIC_E10: i64 = 100_000;

/// The whole answer for one series.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) timestamps: Vec<i64>,
    pub(super) values: Vec<f64>,
    /// Whether nothing is missing.
    pub(super) complete: bool,
}

/// What a question came to: a series for each query, or why not.
pub(super) struct Answer {
    pub(super) series: Result<Vec<Series>, CloudError>,
    /// Metrics asked for.
    pub(super) metrics: u64,
    /// Points that came.
    pub(super) points: u64,
}

/// Asks, page after page.
pub(super) async fn ask(api: &dyn DataApi, request: &MetricRequest) -> Answer {
    let mut points = 0;
    let series = pages(api, request, &mut points).await;
    Answer { series, metrics: u64::try_from(request.queries.len()).unwrap_or(u64::MAX), points }
}

async fn pages(api: &dyn DataApi, request: &MetricRequest, points: &mut u64) -> Result<Vec<Series>, CloudError> {
    let mut all = vec![Series::default(); request.queries.len()];
    let mut token: Option<String> = None;
    let mut seen = TokensSeen::default();
    loop {
        let page = api.metric_page(request, token.clone()).await?;
        for one in page.items {
            *points += u64::try_from(one.timestamps.len()).unwrap_or(u64::MAX);
            let Some(series) = all.get_mut(one.query) else { continue };
            series.complete = one.complete;
            if series.timestamps.is_empty() {
                (series.timestamps, series.values) = (one.timestamps, one.values);
            } else {
                series.timestamps.extend(one.timestamps);
                series.values.extend(one.values);
            }
        }
        let Some(next) = page.next_token else { return Ok(all) };
        seen.leads_on(OPERATION, &next)?;
        token = Some(next);
    }
}

/// A task that read an answer ended badly: its WorkSpaces are asked for again.
pub(super) fn broke_down(error: tokio::task::JoinError) -> JobError {
    JobError::Retry { message: "reading CloudWatch's answer broke down".to_owned(), source: Some(Box::new(error)) }
}
