//! The whole port against the simulated AWS, over its real wire protocol.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sim::{SimOptions, Simulator, Throttle};
use chrono::{DateTime, Utc};
use domain::cloud::{CloudError, CloudPage, FleetApi};
use domain::workspace::{
    COUNTS_WORKSPACES, ObservedWorkspace, RunningMode, WorkspaceAction, WorkspaceOrder, WorkspaceState, rules,
};
use tokio_util::sync::CancellationToken;

use super::fake::{connect, env, quick, simulated};
use crate::{AwsOptions, Connector};

pub(super) async fn start(workspaces: usize) -> (Simulator, String) {
    let start: DateTime<Utc> = "2026-11-02T09:00:00Z".parse().unwrap();
    let running = std::time::Instant::now();
    let clock = move || start + running.elapsed();
    let mut options = SimOptions::new(workspaces, 7, Arc::new(clock));
    options.regions = vec!["us-east-1".to_owned()];
    options.throttle = None;
    options.alive = false;
    let simulator = Simulator::new(options);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(aws_sim::serve(listener, simulator.clone(), CancellationToken::new()));
    (simulator, url)
}

pub(super) async fn every<T, Page>(page: impl Fn(Option<String>) -> Page) -> Vec<T>
where
    Page: Future<Output = Result<CloudPage<T>, CloudError>>,
{
    let (mut items, mut token) = (Vec::new(), None);
    loop {
        let next = page(token).await.unwrap();
        items.extend(next.items);
        token = next.next_token;
        if token.is_none() {
            return items;
        }
    }
}

pub(super) async fn workspaces(fleet: &Arc<dyn FleetApi>) -> Vec<ObservedWorkspace> {
    every(|token| fleet.workspace_page(token)).await
}

pub(super) fn stoppable(all: &[ObservedWorkspace]) -> Vec<String> {
    all.iter()
        .filter(|w| rules::check(WorkspaceAction::Stop, &w.state, w.running_mode.as_ref()).is_ok())
        .map(|w| w.aws_id.clone())
        .collect()
}

#[tokio::test]
async fn two_hundred_desktops_are_read_whole() {
    let (simulator, url) = start(200).await;
    let fleet = connect(&Connector::new(quick(), env()), &simulated(&url)).await;
    assert_eq!(fleet.caller_identity().await.unwrap().aws_account_id, aws_sim::DEFAULT_ACCOUNT);

    let before = fleet.calls();
    let all = workspaces(&fleet).await;
    assert_eq!(fleet.calls() - before, 8, "pages of 25");
    let distinct: HashSet<_> = all.iter().map(|w| w.aws_id.as_str()).collect();
    assert_eq!(distinct.len(), 200);
    assert!(all.iter().all(|w| w.state.is_known() && !w.user_name.is_empty() && w.running_mode.is_some()));
    assert!(all.iter().all(|w| w.root_volume_gib.is_some() && w.compute_type.as_ref().is_some_and(|c| c.is_known())));

    let directories = every(|token| fleet.directory_page(token)).await;
    let stages = every(|token| fleet.directory_stage_page(token)).await;
    let known: HashSet<_> = directories.iter().map(|d| d.aws_id.as_str()).collect();
    assert!(all.iter().all(|w| known.contains(w.directory_id.as_str())));
    assert!(directories.iter().all(|d| !d.name.is_empty() && !d.kind.is_empty() && !d.state.is_empty()));
    assert!(stages.iter().all(|(id, stage)| known.contains(id.as_str()) && !stage.is_empty()));
    assert!(!stages.is_empty());

    let mut bundle_ids: Vec<_> = all.iter().map(|w| w.bundle_id.clone()).collect::<HashSet<_>>().into_iter().collect();
    bundle_ids.truncate(25);
    let bundles = fleet.bundles_by_id(&bundle_ids).await.unwrap();
    assert_eq!(bundles.len(), bundle_ids.len());
    assert!(bundles.iter().all(|b| !b.name.is_empty() && b.compute_type.is_some() && b.root_volume_gib.is_some()));

    let images = every(|token| fleet.image_page(token)).await;
    assert!(images.len() > 1 && images.iter().all(|image| image.aws_id.starts_with("wsi-") && !image.name.is_empty()));
    assert!(images.iter().all(|image| image.state == "AVAILABLE" && image.operating_system.is_some()));
    assert!(images.iter().all(|image| image.created_at.is_some() && image.update_available.is_some()));
    let quotas = every(|token| fleet.quota_page(token)).await;
    let all_of_them = quotas.iter().find(|quota| quota.counts().as_deref() == Some(COUNTS_WORKSPACES)).unwrap();
    assert_eq!(
        (all_of_them.name.as_str(), all_of_them.value, all_of_them.adjustable),
        ("WorkSpaces", Some(60_000), true)
    );

    let connections = every(|token| fleet.connection_page(token)).await;
    assert!(!connections.is_empty());
    assert!(connections.iter().all(|c| distinct.contains(c.aws_id.as_str()) && c.state.is_known()));
    assert!(connections.iter().any(|c| c.checked_at.is_some()));

    let mut tagged = 0;
    for workspace in all.iter().take(25) {
        tagged += usize::from(!fleet.tags(&workspace.aws_id).await.unwrap().is_empty());
    }
    assert!(tagged > 0);

    let mut some: Vec<_> = all.iter().take(24).map(|w| w.aws_id.clone()).collect();
    some.push("ws-000000000".to_owned());
    let found = fleet.workspaces_by_id(&some).await.unwrap();
    assert_eq!(found.len(), 24, "an unknown id is absent");
    let sent: u64 = simulator.counts().values().map(|count| count.requests).sum();
    assert_eq!(sent, fleet.calls());
}

#[tokio::test]
async fn a_batch_that_half_fails_says_which_half() {
    let (simulator, url) = start(200).await;
    let fleet = connect(&Connector::new(quick(), env()), &simulated(&url)).await;
    let targets: Vec<_> = stoppable(&workspaces(&fleet).await).into_iter().take(10).collect();
    assert_eq!(targets.len(), 10);
    simulator.set_faults(vec!["halffail:StopWorkspaces".parse().unwrap()]);
    let failed = fleet.act(&WorkspaceOrder::Stop, &targets).await.unwrap();
    assert_eq!(failed.len(), 5);
    let failed: HashSet<_> = failed.iter().map(|item| item.aws_id.as_str()).collect();
    for workspace in fleet.workspaces_by_id(&targets).await.unwrap() {
        let stopping = matches!(workspace.state, WorkspaceState::Stopping | WorkspaceState::Stopped);
        assert_ne!(stopping, failed.contains(workspace.aws_id.as_str()), "{workspace:?}");
    }
    simulator.set_faults(Vec::new());
    simulator.advance(chrono::TimeDelta::minutes(30));
    let stopped: Vec<_> = targets.iter().filter(|id| !failed.contains(id.as_str())).cloned().collect();
    assert_eq!(fleet.act(&WorkspaceOrder::Start, &stopped).await, Ok(Vec::new()));
    let modes = fleet.workspaces_by_id(&stopped).await.unwrap();
    assert!(modes.iter().all(|w| matches!(w.running_mode, Some(RunningMode::AutoStop | RunningMode::Manual))));
    assert!(modes.iter().all(|w| w.state != WorkspaceState::Stopped));
}

#[tokio::test]
async fn faults_of_the_simulator_have_their_types() {
    let (simulator, url) = start(60).await;
    let options = AwsOptions { breaker_failures: 100, ..quick() };
    let fleet = connect(&Connector::new(options, env()), &simulated(&url)).await;
    for (fault, code) in [
        ("deny:DescribeWorkspaces", "denied"),
        ("throttle:DescribeWorkspaces", "throttled"),
        ("error500:DescribeWorkspaces", "unavailable"),
        ("malformed:DescribeWorkspaces", "malformed"),
    ] {
        simulator.set_faults(vec![fault.parse().unwrap()]);
        assert_eq!(fleet.workspace_page(None).await.unwrap_err().code(), code);
        simulator.set_faults(vec![format!("{fault}*1").parse().unwrap()]);
        assert_eq!(fleet.workspace_page(None).await.is_ok(), code != "denied", "{fault} once");
    }
}

#[tokio::test]
async fn a_throttling_simulator_is_obeyed() {
    let (simulator, url) = start(200).await;
    simulator.set_throttle(Some(Throttle { rate: 5.0, burst: 2.0 }));
    let options = AwsOptions {
        simulated_requests_per_second: 500.0,
        max_attempts: 12,
        backoff_base: Duration::from_millis(50),
        ..AwsOptions::default()
    };
    let fleet = connect(&Connector::new(options, env()), &simulated(&url)).await;
    assert_eq!(workspaces(&fleet).await.len(), 200);
    let all = simulator.counts();
    let listing = &all["DescribeWorkspaces"];
    assert_eq!(listing.requests, fleet.calls());
    assert!(listing.throttled >= 1, "two pages at once are not eight");
}
