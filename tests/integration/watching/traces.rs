//! Traces of a real process, as a collector gets them: one from the request through the job to the requests to AWS.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::accounts::{AccountView, StartedJobsView};
use contract::page::Page;
use contract::paths;
use testkit::app::OWNER_EMAIL;
use testkit::client::{ApiClient, Request};
use testkit::process::free_port;

use super::collector::{Collector, Span};
use super::process::Watched;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// Has the first account synced, within a trace of our own.
async fn sync(owner: &ApiClient) -> Result<()> {
    let accounts: Page<AccountView> = owner.get(paths::ACCOUNTS).await?.ok()?;
    let id = accounts.items.first().context("the demo's account")?.id;
    let request = Request::new(Method::POST, paths::with_id(paths::ACCOUNT_SYNC, id));
    let request = request.header("traceparent", &format!("00-{TRACE}-{PARENT}-01"));
    owner.send(request).await?.ok::<StartedJobsView>()?;
    Ok(())
}

#[tokio::test]
async fn one_trace_leads_from_the_request_to_aws() -> Result<()> {
    let collector = Collector::start().await?;
    let settings = [("WHEELHOUSE_TRACES__ENDPOINT", collector.endpoint.as_str())];
    let Some(mut process) = Watched::start_with(&settings).await? else { return Ok(()) };
    let owner = process.owner().await?;
    sync(&owner).await?;

    let ours = |span: &Span| span.trace == TRACE;
    let server = collector.span("the request", |span| ours(span) && span.kind == 2).await?;
    assert_eq!((server.name.as_str(), server.parent.as_str()), ("POST /api/v1/accounts/{account_id}/sync", PARENT));
    assert_eq!(server.attribute("http.route"), "/api/v1/accounts/{account_id}/sync");
    assert_eq!(server.attribute("http.response.status_code"), "202");
    assert_eq!(server.service, "wheelhouse");
    let job = collector.span("the job", |span| ours(span) && span.name == "process sync-workspaces").await?;
    assert_eq!((job.kind, job.parent.as_str()), (5, server.id.as_str()));
    assert_eq!(job.attribute("wheelhouse.job.attempt"), "1");
    let to_aws = |span: &Span| ours(span) && span.name == "workspaces:DescribeWorkspaces";
    let call = collector.span("the request to AWS", to_aws).await?;
    assert_eq!((call.kind, call.parent.as_str()), (3, job.id.as_str()));
    assert_eq!((call.attribute("rpc.service"), call.attribute("cloud.region")), ("workspaces", "us-east-1"));

    // A trace of its own, whose id whoever asked is not told but the log is; sent before the process ends.
    owner.get(paths::SESSION).await?;
    assert!(process.stop().await?.success());
    let last = collector.span("the last request", |span| span.name == "GET /api/v1/session").await?;
    assert!(last.parent.is_empty() && last.trace != TRACE);
    for span in collector.spans() {
        assert!(!span.name.contains("/health"), "{span:?}");
        assert!(!format!("{span:?}").contains(OWNER_EMAIL), "nobody's name: {span:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_waits_for_a_collector_that_is_away_and_a_share_of_none_sends_nothing() -> Result<()> {
    let away = format!("http://127.0.0.1:{}", free_port()?);
    let Some(mut process) = Watched::start_with(&[("WHEELHOUSE_TRACES__ENDPOINT", &away)]).await? else {
        return Ok(());
    };
    sync(&process.owner().await?).await?;
    assert!(process.stop().await?.success());

    let collector = Collector::start().await?;
    let settings = [("WHEELHOUSE_TRACES__ENDPOINT", collector.endpoint.as_str()), ("WHEELHOUSE_TRACES__SAMPLE", "0")];
    let Some(mut process) = Watched::start_with(&settings).await? else { return Ok(()) };
    sync(&process.owner().await?).await?;
    assert!(process.stop().await?.success());
    assert!(collector.spans().is_empty());
    Ok(())
}
