//! One question to CloudWatch with all its pages, and what it cost; several of them side by side.

use std::sync::Arc;

use domain::cloud::{CloudError, DataApi, MetricRequest};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;

use super::super::pages::TokensSeen;
use super::OPERATION;
use crate::run::JobError;

/// AWS's price of one metric in GetMetricData, in 1e-10 USD: 0.01 USD per 1,000.
pub(super) const METRIC_E10: i64 = 100_000;

/// WorkSpaces looked at together.
pub(super) const LOOK: u64 = 2000;
/// Questions under way at a time: AWS takes 50 a second, and one answer takes a good part of a second.
const AHEAD: usize = 4;

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

/// What was asked about a unit, and what it came to, in the order of the units.
pub(super) type Answers<U, T> = BoxStream<'static, Result<(U, T), JoinError>>;

/// Asks about each unit, [`AHEAD`] at a time. Dropping it ends what is under way.
pub(super) fn side_by_side<U, T>(
    api: &Arc<dyn DataApi>,
    units: Vec<U>,
    ask: impl for<'a> Fn(&'a dyn DataApi, &'a U) -> BoxFuture<'a, T> + Clone + Send + Sync + 'static,
) -> Answers<U, T>
where
    U: Send + Sync + 'static,
    T: Send + 'static,
{
    let api = Arc::clone(api);
    let asked = stream::iter(units).map(move |unit| {
        let (api, ask) = (Arc::clone(&api), ask.clone());
        // On a task of its own: reading an answer is work, and several are read at a time.
        AbortOnDropHandle::new(platform::traces::spawn(async move {
            let answer = ask(&*api, &unit).await;
            (unit, answer)
        }))
    });
    asked.buffered(AHEAD).boxed()
}

/// The next answer; `None` after the last.
///
/// # Errors
/// [`JobError::Retry`] when the task that read it ended badly: its WorkSpaces are asked for again.
pub(super) async fn next<U, T>(answers: &mut Answers<U, T>) -> Result<Option<(U, T)>, JobError> {
    answers.next().await.transpose().map_err(|error| JobError::Retry {
        message: "reading CloudWatch's answer broke down".to_owned(),
        source: Some(Box::new(error)),
    })
}
