//! CloudWatch through the SDK against the simulated AWS: what is read adds up to what the simulator knows to be true.

use std::sync::Arc;

use aws_sim::{DEFAULT_ACCOUNT, SimOptions, Simulator};
use chrono::{DateTime, Utc};
use domain::cloud::{CloudConnector as _, Metric, MetricQuery, MetricRequest, Statistic};
use tokio_util::sync::CancellationToken;

use super::fake::{env, quick, region, simulated};
use crate::Connector;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn usage_read_in_full_batches_is_the_usage_there_was() {
    let mut options = SimOptions::new(120, 7, Arc::new(|| at("2026-11-02T09:00:00Z")));
    options.regions = vec![region().as_str().to_owned()];
    options.throttle = None;
    let simulator = Simulator::new(options);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(aws_sim::serve(listener, simulator.clone(), CancellationToken::new()));

    let (from, to) = (at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z"));
    let (mut ids, mut minutes) = (Vec::new(), 0);
    simulator.each_usage(DEFAULT_ACCOUNT, region().as_str(), (from, to), |usage| {
        minutes += usage.connected.iter().map(|(start, end)| (*end - *start).num_minutes()).sum::<i64>();
        ids.push(usage.workspace_id);
    });
    let query =
        |id: &String| MetricQuery { aws_id: id.clone(), metric: Metric::UserConnected, statistic: Statistic::Maximum };
    let queries = ids.iter().map(query).collect();
    let request = MetricRequest { queries, from, to, period_secs: 300 };

    let data = Connector::new(quick(), env()).connect_data(&simulated(&url), &region()).await.unwrap();
    let (mut token, mut pages, mut points, mut connected) = (None, 0, 0_usize, 0_usize);
    loop {
        let page = data.metric_page(&request, token).await.unwrap();
        pages += 1;
        for series in &page.items {
            assert_eq!(series.timestamps.len(), series.values.len());
            points += series.values.len();
            connected += series.values.iter().filter(|value| **value >= 1.0).count();
        }
        assert!(page.items.iter().map(|series| series.values.len()).sum::<usize>() <= MetricRequest::MAX_POINTS);
        token = page.next_token;
        if token.is_none() {
            assert!(page.items.iter().all(|series| series.complete), "nothing is missing at the end");
            break;
        }
    }
    assert_eq!(connected as i64 * 5, minutes);
    assert_eq!(pages, points.div_ceil(MetricRequest::MAX_POINTS));
    assert!(pages > 5, "{points} points");
}
