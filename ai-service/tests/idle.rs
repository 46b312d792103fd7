//! A loaded model that nobody asks costs no processor time: its threads sleep, and nothing wakes them.
//!
//! `WHEELHOUSE_IDLE_SECONDS` makes it the long look (30).
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use ai_service::files::{random, writer};
use ai_service::{AiOptions, run};
use platform::config::{AiConfig, Config};
use platform::shutdown::Shutdown;
use serde_json::json;
use tokio::net::TcpListener;

/// What the kernel says of the engine's threads: how often each went to sleep, and how many nanoseconds it ran.
fn threads() -> BTreeMap<String, (String, u64, u64)> {
    let mut all = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").expect("Linux lists threads").flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let name = read("comm").trim().to_owned();
        let sleeps =
            read("status").lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok());
        let ran = read("schedstat").split_whitespace().next().and_then(|text| text.parse().ok());
        if name == "ai-engine" || name.starts_with("model-") {
            all.insert(task.file_name().to_string_lossy().into_owned(), (name, sleeps.unwrap_or(0), ran.unwrap_or(0)));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loaded_model_sleeps_until_it_is_asked() {
    let mut file = tempfile::NamedTempFile::with_suffix(".gguf").unwrap();
    file.write_all(&random::model(&writer::small(), 0.25).finish()).unwrap();
    let config = AiConfig { model: Some(file.path().to_owned()), threads: 3, context: 256, ..Config::default().ai };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (base, shutdown) = (format!("http://{}", listener.local_addr().unwrap()), Shutdown::new());
    let options = AiOptions::of(&config, || 0, |bytes| bytes.fill(1));
    let service = tokio::spawn(run(listener, shutdown.clone(), Duration::from_secs(5), options));
    let client = platform::http::client(Duration::from_secs(60)).unwrap();
    while client.get(format!("{base}/health/ready")).send().await.unwrap().status() != 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let body = json!({ "messages": [{ "role": "user", "content": "a" }], "max_tokens": 8 });
    let answer = client.post(format!("{base}/v1/chat/completions")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    // Until the last step's threads have gone to sleep.
    let mut before = threads();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = threads();
        if now == before {
            break;
        }
        before = now;
    }
    let names: Vec<&str> = before.values().map(|(name, ..)| name.as_str()).collect();
    assert_eq!((before.len(), names.contains(&"ai-engine")), (3, true), "the engine and two that help it: {names:?}");
    let seconds = std::env::var("WHEELHOUSE_IDLE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(threads(), before, "something woke while nobody asked");

    shutdown.trigger();
    service.await.unwrap().unwrap();
}
