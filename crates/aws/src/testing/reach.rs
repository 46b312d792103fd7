//! The least-privilege policy is what the code calls: every method of the port is driven, and what arrives is compared.

use std::collections::BTreeSet;

use domain::cloud::{CloudConnector, CostGrouping, CostRequest, Metric, MetricQuery, MetricRequest, Statistic};
use domain::workspace::{Volume, WorkspaceAction, WorkspaceOrder};

use super::fake::{Fake, Reply, connect, env, ids, quick, region, simulated};
use crate::{Connector, Effect, OPERATIONS, iam_policy};

/// Asynchronous methods of a trait, as its source has them.
fn methods(source: &str, name: &str) -> usize {
    let body = source.split_once(&format!("pub trait {name}")).expect("the trait").1;
    let body = body.split_once("\n}").expect("its end").0;
    body.matches("async fn ").count()
}

#[tokio::test]
async fn each_call_is_in_the_policy_and_nothing_else_is() {
    let fake = Fake::start(|_| Reply::new(200, "{}")).await;
    let connector = Connector::new(quick(), env());
    let fleet = connect(&connector, &simulated(&fake.url)).await;
    let data = connector.connect_data(&simulated(&fake.url), &region()).await.unwrap();

    // What comes back does not matter: what was asked does.
    let some = ids(&["ws-1"]);
    fleet.caller_identity().await.ok();
    fleet.workspace_page(None).await.ok();
    fleet.workspaces_by_id(&some).await.ok();
    fleet.connection_page(None).await.ok();
    fleet.directory_page(None).await.ok();
    fleet.directory_stage_page(None).await.ok();
    fleet.bundles_by_id(&some).await.ok();
    fleet.image_page(None).await.ok();
    fleet.quota_page(None).await.ok();
    fleet.tags("ws-1").await.ok();
    let values = [
        WorkspaceOrder::SetRunningMode { running_mode: "AUTO_STOP".into(), auto_stop_minutes: Some(60) },
        WorkspaceOrder::SetComputeType { compute_type: "POWER".into() },
        WorkspaceOrder::GrowVolume { volume: Volume::User, gib: 100 },
        WorkspaceOrder::SetTags { set: [("Team".into(), "a".into())].into(), remove: ["Old".into()].into() },
    ];
    let orders: Vec<_> =
        WorkspaceAction::ALL.iter().filter_map(|one| WorkspaceOrder::plain(*one)).chain(values).collect();
    assert_eq!(orders.len(), WorkspaceAction::ALL.len(), "each action is driven");
    for order in &orders {
        fleet.act(order, &some).await.ok();
    }
    let cloud = include_str!("../../../domain/src/cloud.rs");
    assert_eq!(methods(cloud, "FleetApi"), 11, "a new method of the port has to be driven here");

    let (from, to) = ("2026-11-01T00:00:00Z".parse().unwrap(), "2026-11-02T00:00:00Z".parse().unwrap());
    let query = MetricQuery { aws_id: "ws-1".to_owned(), metric: Metric::UserConnected, statistic: Statistic::Maximum };
    data.metric_page(&MetricRequest { queries: vec![query], from, to, period_secs: 300 }, None).await.ok();
    data.trail_page("workspaces.amazonaws.com", from, to, None).await.ok();
    for grouping in [CostGrouping::UsageType, CostGrouping::Tag("team".to_owned())] {
        let days = CostRequest { from: from.date_naive(), to: to.date_naive(), grouping };
        data.cost_page(&days, None).await.ok();
    }
    data.price_page(&region(), None).await.ok();
    let port = include_str!("../../../domain/src/cloud/data.rs");
    assert_eq!(methods(port, "DataApi"), 4, "a new method of the port has to be driven here");

    // Signatures name CloudWatch by its old name.
    let service = |name: &str| if name == "monitoring" { "cloudwatch".to_owned() } else { name.to_owned() };
    let called: BTreeSet<String> =
        fake.seen().iter().map(|seen| format!("{}:{}", service(&seen.service), seen.operation)).collect();
    let allowed = |read_only: bool| -> BTreeSet<String> {
        let document: serde_json::Value = serde_json::from_str(&iam_policy(read_only)).unwrap();
        let statements = document["Statement"].as_array().unwrap().iter();
        let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
        actions.map(|action| action.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(called, allowed(false));
    let acting: BTreeSet<String> =
        OPERATIONS.iter().filter(|o| o.effect == Effect::Act).map(|o| o.action.to_owned()).collect();
    assert_eq!(called.difference(&acting).cloned().collect::<BTreeSet<_>>(), allowed(true));
}
