//! What a person does in a browser is in the same trace as what it led to: page, request, the API's answer, the job, the requests to AWS.

use anyhow::Result;
use platform::config::TracesConfig;
use platform::traces::Traces;
use testkit::app::OWNER_EMAIL;
use testkit::collector::{Collector, Span};

use crate::begun::fleet;
use crate::pages::{AccountsPage, JobsPage, signed_in};

/// The page with this path's template, its request and the API's answer to that: waited for.
async fn traced(collector: &Collector, page: &str, request: &str) -> Result<[Span; 3]> {
    let of_portal = |span: &Span| span.service == "wheelhouse-portal";
    let name = format!("page {page}");
    let page = collector.span(&name, |span| of_portal(span) && span.name == name).await?;
    let made = |span: &Span| of_portal(span) && span.name == request && span.parent == page.id;
    let made = collector.span(request, made).await?;
    let answer = collector.span("the API's answer", |span| span.kind == 2 && span.parent == made.id).await?;
    Ok([page, made, answer])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_leads_from_a_page_to_aws() -> Result<()> {
    let collector = Collector::start().await?;
    let config = TracesConfig { endpoint: Some(collector.endpoint.clone()), sample: 1.0 };
    let traces = Traces::start(&config, "wheelhouse")?;
    let app = fleet(20).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    browser.find("live-indicator").await?;

    // It comes by itself, a while after the page's first answer.
    let [page, made, answer] = traced(&collector, "/workspaces", "GET /api/v1/workspaces").await?;
    assert!(page.parent.is_empty() && page.trace == made.trace && made.trace == answer.trace);
    assert_eq!((answer.service.as_str(), answer.name.as_str()), ("wheelhouse", "GET /api/v1/workspaces"));
    assert_eq!(made.attribute("http.response.status_code"), "200");

    // What a person begins there goes on in a worker, and at AWS.
    let accounts = AccountsPage(&browser);
    accounts.open().await?;
    accounts.sync().await?;
    let [page, made, answer] = traced(&collector, "/accounts", "POST /api/v1/accounts/{id}/sync").await?;
    let begun = |span: &Span| span.parent == answer.id && span.name == "process sync-workspaces";
    let job = collector.span("the job", begun).await?;
    let to_aws = |span: &Span| span.parent == job.id && span.name == "workspaces:DescribeWorkspaces";
    let call = collector.span("the request to AWS", to_aws).await?;
    assert_eq!((job.kind, call.kind, call.attribute("rpc.service")), (5, 3, "workspaces"));
    assert!([&made, &answer, &job, &call].iter().all(|span| span.trace == page.trace), "{made:?} {job:?} {call:?}");

    // Who leaves tells what is left to tell.
    JobsPage(&browser).open().await?;
    browser.goto("about:blank").await?;
    let [jobs, ..] = traced(&collector, "/jobs", "GET /api/v1/jobs").await?;
    assert_ne!(jobs.trace, page.trace, "another page is another trace");
    for span in collector.spans().iter().filter(|span| span.service == "wheelhouse-portal") {
        let odd = |letter: char| letter.is_ascii_digit() || "?@".contains(letter);
        assert!(!span.name.replace("/v1/", "/").contains(odd), "nobody's id and nobody's name: {span:?}");
    }
    browser.close().await?;
    app.stop().await?;
    drop(traces);
    Ok(())
}
