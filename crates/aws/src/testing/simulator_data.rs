//! Metrics, events, costs and prices out of the simulated AWS, which shares no code with this crate.

use std::sync::Arc;

use aws_sim::Simulator;
use chrono::TimeDelta;
use domain::cloud::{
    CloudConnector, CostGrouping, CostRequest, DataApi, Metric, MetricQuery, MetricRequest, Statistic,
};
use domain::workspace::WorkspaceOrder;

use super::fake::{connect, env, quick, region, simulated};
use super::simulator::{every, start, stoppable, workspaces};
use crate::Connector;

async fn handles(count: usize) -> (Simulator, Connector, Arc<dyn DataApi>, String) {
    let (simulator, url) = start(count).await;
    let connector = Connector::new(quick(), env());
    let data = connector.connect_data(&simulated(&url), &region()).await.unwrap();
    (simulator, connector, data, url)
}

#[tokio::test]
async fn a_week_of_metrics_comes_in_whole() {
    let (simulator, connector, data, url) = handles(60).await;
    let fleet = connect(&connector, &simulated(&url)).await;
    let ids: Vec<String> = workspaces(&fleet).await.into_iter().map(|w| w.aws_id).collect();
    let to = simulator.now().date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let query =
        |id: &String| MetricQuery { aws_id: id.clone(), metric: Metric::UserConnected, statistic: Statistic::Maximum };
    let queries = ids.iter().map(query).collect();
    let request = MetricRequest { queries, from: to - TimeDelta::days(7), to, period_secs: 300 };
    let series = every(|token| data.metric_page(&request, token)).await;
    assert!(series.iter().all(|series| series.complete && series.timestamps.len() == series.values.len()));
    let points: usize = series.iter().map(|series| series.values.len()).sum();
    let connected: usize =
        series.iter().map(|series| series.values.iter().filter(|value| **value >= 1.0).count()).sum();
    assert!(points > 1000 && connected > 0 && connected < points, "{connected} of {points}");
    let inside = |at: &i64| (request.from.timestamp()..request.to.timestamp()).contains(at) && at % 300 == 0;
    assert!(series.iter().all(|series| series.timestamps.iter().all(inside)));
}

#[tokio::test]
async fn an_action_shows_up_in_the_trail() {
    let (simulator, connector, data, url) = handles(60).await;
    let fleet = connect(&connector, &simulated(&url)).await;
    let target: Vec<_> = stoppable(&workspaces(&fleet).await).into_iter().take(1).collect();
    let from = simulator.now() - TimeDelta::minutes(1);
    fleet.act(&WorkspaceOrder::Stop, &target).await.unwrap();
    simulator.advance(TimeDelta::hours(1));
    let to = simulator.now();
    let events = every(|token| data.trail_page("workspaces.amazonaws.com", from, to, token)).await;
    assert!(events.iter().all(|event| event.malformed.is_none() && event.at >= from && event.at <= to));
    let stop = events.iter().find(|event| event.name == "StopWorkspaces").expect("the stop");
    assert_eq!((stop.read_only, stop.source.as_str()), (Some(false), "workspaces.amazonaws.com"));
    assert!(stop.record.to_string().contains(&target[0]), "{}", stop.record);
}

#[tokio::test]
async fn costs_by_usage_type_and_by_tag_are_the_same_sum() {
    let (simulator, _, data, _) = handles(60).await;
    let to = simulator.now().date_naive();
    let days = |grouping| CostRequest { from: to - TimeDelta::days(10), to, grouping };
    let (by_type, by_tag) = (days(CostGrouping::UsageType), days(CostGrouping::Tag("team".to_owned())));
    let by_type = every(|token| data.cost_page(&by_type, token)).await;
    let by_tag = every(|token| data.cost_page(&by_tag, token)).await;
    assert!(by_type.iter().all(|row| row.keys.len() == 2 && row.currency == "USD"));
    assert!(by_tag.iter().all(|row| row.keys.len() == 1));
    let sum = |rows: &[domain::cloud::ObservedCost]| rows.iter().map(|row| row.amount).sum::<rust_decimal::Decimal>();
    let (one, other) = (sum(&by_type), sum(&by_tag));
    let cent: rust_decimal::Decimal = "0.01".parse().unwrap();
    assert!(one > cent && (one - other).abs() < cent, "{one} {other}");
}

#[tokio::test]
async fn prices_of_a_region_are_read_without_loss() {
    let (_, _, data, _) = handles(10).await;
    let (mut prices, mut token) = (Vec::new(), None);
    loop {
        let answer = data.price_page(&region(), token).await.unwrap();
        assert_eq!(answer.malformed, 0);
        prices.extend(answer.page.items);
        token = answer.page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert!(prices.len() > 20, "{}", prices.len());
    assert!(prices.iter().all(|price| price.currency == "USD" && price.attributes.contains_key("usagetype")));
    assert!(prices.iter().all(|price| price.attributes["regionCode"] == region().as_str()));
    assert!(prices.iter().any(|price| price.unit.eq_ignore_ascii_case("hour") || price.unit.starts_with("H")));
}
