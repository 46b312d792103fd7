//! The official `openai` Python client as judge: whatever it can't read is our error.

use std::process::Stdio;

use ai_service::engine::scripted::ScriptedOptions;
use tokio::process::Command;

use crate::support::Server;

/// The Python that has the client, where there is one.
async fn python() -> Option<String> {
    let python = std::env::var("WHEELHOUSE_TEST_PYTHON").ok()?;
    let mut probe = Command::new(&python);
    probe.args(["-c", "import openai"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().await.is_ok_and(|status| status.success()).then_some(python)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_reads_everything() {
    let Some(python) = python().await else {
        assert!(std::env::var_os("CI").is_none(), "WHEELHOUSE_TEST_PYTHON names no Python with the package openai");
        eprintln!("skipped: WHEELHOUSE_TEST_PYTHON names no Python with the package openai");
        return;
    };
    let server = Server::new(ScriptedOptions { context: 512, ..ScriptedOptions::default() }, |_| ()).await;
    // From the package's folder, where cargo runs tests.
    let output = Command::new(python).args(["tests/python/openai_judge.py", &server.base]).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    server.end().await;
}
