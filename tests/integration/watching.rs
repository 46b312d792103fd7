//! What Wheelhouse says of how it is doing, from a real process: its metrics and traces; the rules, dashboards and runbook in `deploy` and
//! `docs` that read them.

mod dashboards;
mod expressions;
mod lines;
mod process;
mod prometheus;
mod rules;
mod traces;
mod trouble;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::paths;
use platform::metrics::catalog::CATALOG;
use serde_json::{Value, json};
use testkit::client::{ApiClient, Request};
use uuid::Uuid;

use self::process::Watched;

/// More than this would be felt by whoever keeps them.
const MOST_SERIES: usize = 5_000;
/// What no label may ever hold, however it is asked for.
const STRANGE: &str = "no-such-page-of-somebody";

/// Every operation, as method and path template, but the stream of events, which does not end, and signing out, after which
/// nobody asks any more.
async fn operations(client: &ApiClient) -> Result<Vec<(Method, String)>> {
    let document: Value = client.get(paths::OPENAPI).await?.ok()?;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        for method in item.as_object().context("no item")?.keys() {
            if let Ok(method @ (Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE)) =
                method.to_uppercase().parse()
                && path != paths::EVENTS
                && (path != paths::SESSION || method != Method::DELETE)
            {
                operations.push((method, path.clone()));
            }
        }
    }
    Ok(operations)
}

/// The path with an id that nothing has in each place.
fn filled(path: &str) -> String {
    let nobody = Uuid::nil().to_string();
    path.split('/').map(|part| if part.starts_with('{') { &nobody } else { part }).collect::<Vec<_>>().join("/")
}

/// Asks each operation once.
async fn walk(client: &ApiClient, operations: &[(Method, String)]) -> Result<()> {
    for (method, path) in operations {
        let request = Request::new(method.clone(), filled(path));
        let with_body = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
        client.send(if with_body { request.json(&json!({})) } else { request }).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_was_asked_everything_has_few_series_and_tells_nobody_s_secrets() -> Result<()> {
    let Some(mut watched) = Watched::start().await? else { return Ok(()) };
    let owner = watched.owner().await?;
    let operations = operations(&owner).await?;
    assert!(operations.len() > 100, "{}", operations.len());
    walk(&owner.stranger()?, &operations).await?;
    walk(&owner, &operations).await?;
    for number in 0..40 {
        owner.get(&format!("/{STRANGE}/{number}")).await?;
        owner.get(&format!("/api/v1/{STRANGE}-{number}")).await?;
    }
    owner.send(Request::new(Method::from_bytes(b"BREW")?, "/api/v1/workspaces")).await?;
    let stream = owner.events(None).await?;
    let text = watched.scraped_until("wheelhouse_live_streams 1\n").await?;
    drop(stream);

    let series: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(series.len() <= MOST_SERIES, "{} series", series.len());
    assert!(series.len() > 1_000, "{} series: was everything asked?", series.len());
    for never in [STRANGE, "owner@example.com", &Uuid::nil().to_string(), "127.0.0.1", "Demo"] {
        assert!(!text.contains(never), "{never} is a label");
    }
    for line in [
        "http_server_active_requests{http_request_method=\"_OTHER\"} 0",
        "wheelhouse_database_up 1",
        "db_client_connection_max{db_client_connection_pool_name=\"primary\"} ",
        "db_client_connection_pending_requests{db_client_connection_pool_name=\"primary\"} ",
        "db_client_connection_timeouts_total{db_client_connection_pool_name=\"primary\"} 0",
        "db_client_connection_wait_time_seconds_count{db_client_connection_pool_name=\"primary\"} ",
        "process_resident_memory_bytes ",
        "wheelhouse_disk_free_bytes{folder=\"reports\"} ",
        "wheelhouse_aws_requests_total{rpc_service=\"workspaces\",rpc_method=\"DescribeWorkspaces\",cloud_region=\"",
        "wheelhouse_aws_requests_running{rpc_service=\"workspaces\"} ",
        "wheelhouse_aws_requests_waiting{rpc_service=\"workspaces\"} ",
        "wheelhouse_breakers{breaker=\"aws\",state=\"open\",rpc_service=\"workspaces\",cloud_region=\"",
        "wheelhouse_job_duration_seconds_count{kind=\"sync-workspaces\",outcome=\"done\"} ",
        "wheelhouse_data_sets{kind=\"sync-workspaces\",state=\"fresh\"} ",
        "wheelhouse_ai_ready 1",
    ] {
        assert!(text.lines().any(|told| told.starts_with(line)), "{line} is not in\n{text}");
    }
    let unmatched = "http_request_method=\"GET\",http_route=\"unmatched\"";
    assert!(text.contains(unmatched), "{text}");
    for (method, path) in &operations {
        let route = format!("http_request_method=\"{method}\",http_route=\"{path}\"");
        assert!(text.contains(&route), "{route} was asked");
    }

    let named: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let known: BTreeSet<&str> = CATALOG.iter().map(|metric| metric.name).collect();
    assert_eq!(named.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "not in the catalog");
    assert!(watched.stop().await?.success(), "it ends well");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_not_where_the_public_is() -> Result<()> {
    let Some(mut watched) = Watched::start().await? else { return Ok(()) };
    let public = ApiClient::new(&watched.base)?;
    for path in ["/metrics", "/api/v1/metrics"] {
        assert!(!public.get(path).await?.text().contains("# TYPE"), "{path} tells them");
    }
    assert_eq!(ApiClient::new(&watched.metrics)?.get("/api/v1/session").await?.status, 404);
    assert!(watched.stop().await?.success(), "it ends well");
    Ok(())
}
