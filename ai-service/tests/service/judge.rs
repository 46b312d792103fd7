//! The official `openai` Python client as judge: whatever it can't read is our error.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use ai_service::engine::scripted::{Controls, ScriptedOptions};
use tokio::process::Command;

use crate::support::{Server, question, scripted};

/// Requests that the service did not take because it was full.
const REFUSED: &str = "requests_total{outcome=\"refused\"}";
/// Requests whose caller was there no more.
const CANCELLED: &str = "requests_total{outcome=\"cancelled\"}";

/// The Python that has the client, where there is one.
async fn python() -> Option<String> {
    let python = installed().await;
    if python.is_none() {
        assert!(std::env::var_os("CI").is_none(), "WHEELHOUSE_TEST_PYTHON names no Python with the package openai");
        // A closed stream is no failure of the test.
        let _ = writeln!(std::io::stderr(), "skipped: WHEELHOUSE_TEST_PYTHON names no Python with the package openai");
    }
    python
}

async fn installed() -> Option<String> {
    let python = std::env::var("WHEELHOUSE_TEST_PYTHON").ok()?;
    let mut probe = Command::new(&python);
    probe.args(["-c", "import openai"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().await.is_ok_and(|status| status.success()).then_some(python)
}

/// Lets a script of the client ask; the path is from the package's folder, where cargo runs tests.
async fn judge(python: &str, arguments: &[&str]) {
    let output = Command::new(python).args(arguments).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

/// Lets it ask a service that is in this trouble.
async fn in_trouble(python: &str, server: &Server, trouble: &str) {
    judge(python, &["tests/python/openai_refusals.py", &server.base, trouble]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_reads_everything() {
    let Some(python) = python().await else { return };
    let server = Server::new(ScriptedOptions { context: 512, ..ScriptedOptions::default() }, |_| ()).await;
    judge(&python, &["tests/python/openai_judge.py", &server.base]).await;
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_comes_again_when_the_queue_is_full() {
    let Some(python) = python().await else { return };
    let server = Server::new(ScriptedOptions::default(), |options| {
        (options.scheduler.queue, options.scheduler.slots) = (1, 1);
    })
    .await;
    server.controls.hold();
    let (runs, waits) = (question("runs"), question("waits"));
    // Two at once would be one too many for the queue.
    let after = async {
        server.until(|metric| metric("requests_running") == 1).await;
        server.chat(&waits).await
    };
    let client = async {
        server.until(|metric| metric("requests_running") + metric("requests_waiting") == 2).await;
        let release = async {
            // The second time is the one that is tried again.
            server.until(|metric| metric(REFUSED) >= 2).await;
            server.controls.release();
        };
        tokio::join!(in_trouble(&python, &server, "full"), release);
    };
    tokio::join!(server.chat(&runs), after, client);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_reads_that_the_model_is_not_ready() {
    let Some(python) = python().await else { return };
    let controls = Arc::new(Controls::default());
    controls.hold();
    let server = Server::start(scripted(ScriptedOptions::default(), controls.clone()), controls).await;
    in_trouble(&python, &server, "loading").await;
    server.controls.release();
    server.until_ready().await;
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_reads_that_the_engine_broke() {
    let Some(python) = python().await else { return };
    let server = Server::usual().await;
    for (trouble, steps) in [("broken", 0), ("mended", 0), ("cut", 4)] {
        server.controls.panic_in(steps);
        in_trouble(&python, &server, trouble).await;
        server.until_ready().await;
    }
    assert_eq!(server.metric("engine_restarts_total").await, 3);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_does_not_come_again_after_the_deadline() {
    let Some(python) = python().await else { return };
    let server = Server::new(ScriptedOptions::default(), |options| options.deadline = Duration::from_millis(300)).await;
    server.controls.hold();
    in_trouble(&python, &server, "late").await;
    server.controls.release();
    server.until(|metric| metric("requests_running") + metric("requests_waiting") == 0).await;
    assert_eq!(server.metric(CANCELLED).await, 1, "it asked again");
    server.end().await;
}
