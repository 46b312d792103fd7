//! Traces of a real process, as a collector gets them: one from the portal and its request through the job to the requests to AWS.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::accounts::{AccountView, StartedJobsView};
use contract::page::Page;
use contract::paths;
use contract::portal_spans::{PortalRequestBody, PortalSpanBody, RecordPortalSpansRequest, template};
use contract::session::SessionView;
use testkit::app::{OWNER_EMAIL, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use testkit::collector::{Collector, Span};
use testkit::process::free_port;

use super::process::Watched;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PAGE: &str = "b7ad6b7169203331";
const PARENT: &str = "00f067aa0ba902b7";

/// What the portal tells of the request that asks for the sync, and of the page that made it.
fn told() -> RecordPortalSpansRequest {
    let page = PortalSpanBody {
        trace_id: TRACE.to_owned(),
        span_id: PAGE.to_owned(),
        path: "/accounts".to_owned(),
        ended_ms_ago: 20,
        duration_ms: 300,
        request: None,
    };
    let request = PortalRequestBody { page_id: PAGE.to_owned(), method: "POST".to_owned(), status: Some(202) };
    let made = PortalSpanBody {
        span_id: PARENT.to_owned(),
        path: template(paths::ACCOUNT_SYNC),
        request: Some(request),
        ..page.clone()
    };
    RecordPortalSpansRequest { spans: vec![page, made] }
}

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
async fn one_trace_leads_from_the_portal_to_aws() -> Result<()> {
    let collector = Collector::start().await?;
    let settings = [("WHEELHOUSE_TRACES__ENDPOINT", collector.endpoint.as_str()), ("WHEELHOUSE_TRACES__SAMPLE", "1")];
    let Some(mut process) = Watched::start_with(&settings).await? else { return Ok(()) };
    let owner = process.owner().await?;
    sync(&owner).await?;

    let ours = |span: &Span| span.trace == TRACE;
    let server = collector.span("the request", |span| ours(span) && span.kind == 2).await?;
    assert_eq!(server.name, format!("POST {}", paths::ACCOUNT_SYNC));
    assert_eq!(server.parent, PARENT);
    assert_eq!(server.attribute("http.route"), paths::ACCOUNT_SYNC);
    assert_eq!(server.attribute("http.response.status_code"), "202");
    assert_eq!(server.service, "wheelhouse");
    let job = collector.span("the job", |span| ours(span) && span.name == "process sync-workspaces").await?;
    assert_eq!((job.kind, job.parent.as_str()), (5, server.id.as_str()));
    assert_eq!(job.attribute("wheelhouse.job.attempt"), "1");
    // There is a job for each region of the account.
    let to_aws = |span: &Span| span.parent == job.id && span.name == "workspaces:DescribeWorkspaces";
    let call = collector.span("the request to AWS", to_aws).await?;
    assert!(ours(&call) && call.kind == 3, "{call:?}");
    assert_eq!(call.attribute("rpc.service"), "workspaces");
    assert!(["us-east-1", "eu-central-1"].contains(&call.attribute("cloud.region")), "{call:?}");

    assert_eq!(owner.post(paths::PORTAL_SPANS, &told()).await?.status, 204);
    let made = collector.span("the portal's request", |span| ours(span) && span.id == PARENT).await?;
    let (name, parent) = (made.name.as_str(), made.parent.as_str());
    assert_eq!((name, made.kind, parent), ("POST /api/v1/accounts/{id}/sync", 3, PAGE));
    assert_eq!(made.attribute("http.response.status_code"), "202");
    let page = collector.span("the page", |span| ours(span) && span.id == PAGE).await?;
    assert_eq!((page.name.as_str(), page.kind, page.parent.as_str()), ("page /accounts", 1, ""));
    assert!([&made, &page].iter().all(|span| span.service == "wheelhouse-portal"));

    // A trace of its own, whose id whoever asked is not told but the log is; sent before the process ends.
    assert!(owner.get(paths::SESSION).await?.ok::<SessionView>()?.traces);
    assert!(process.stop().await?.success());
    let last = collector.span("the last request", |span| span.name == "GET /api/v1/session").await?;
    assert!(last.parent.is_empty() && last.trace != TRACE);
    for span in collector.spans() {
        assert!(!span.name.contains("/health"), "{span:?}");
        assert!(!format!("{span:?}").contains(OWNER_EMAIL), "nobody's name: {span:?}");
    }
    Ok(())
}

app_test! {
    async fn spans_of_the_portal_are_looked_at_and_without_a_collector_not_wanted(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        assert!(!app.create_owner().await?.traces);
        let tell = async |body: &RecordPortalSpansRequest| app.client().post(paths::PORTAL_SPANS, body).await;
        assert_eq!(tell(&told()).await?.status, 204);
        let mut personal = told();
        personal.spans[1].path = format!("/users/{OWNER_EMAIL}");
        let refused = tell(&personal).await?.refused(422, "invalid_body")?;
        assert_eq!(refused.errors[0].field, "spans[1].path");
        let mut old = told();
        old.spans[0].ended_ms_ago = 3_600_001;
        assert_eq!(tell(&old).await?.refused(422, "invalid_body")?.errors[0].field, "spans[0].ended_ms_ago");
        let stranger = app.client().stranger()?;
        stranger.post(paths::PORTAL_SPANS, &told()).await?.refused(401, "unauthenticated")?;
        Ok(())
    }
}

#[tokio::test]
async fn nobody_waits_for_a_collector_that_is_away_and_a_share_of_none_sends_nothing() -> Result<()> {
    let away = format!("http://127.0.0.1:{}", free_port()?);
    let settings = [("WHEELHOUSE_TRACES__ENDPOINT", away.as_str()), ("WHEELHOUSE_TRACES__SAMPLE", "1")];
    let Some(mut process) = Watched::start_with(&settings).await? else { return Ok(()) };
    sync(&process.owner().await?).await?;
    assert!(process.stop().await?.success());

    let collector = Collector::start().await?;
    let settings = [("WHEELHOUSE_TRACES__ENDPOINT", collector.endpoint.as_str()), ("WHEELHOUSE_TRACES__SAMPLE", "0")];
    let Some(mut process) = Watched::start_with(&settings).await? else { return Ok(()) };
    let owner = process.owner().await?;
    sync(&owner).await?;
    assert_eq!(owner.post(paths::PORTAL_SPANS, &told()).await?.status, 204);
    assert!(process.stop().await?.success());
    assert!(collector.spans().is_empty());
    Ok(())
}
