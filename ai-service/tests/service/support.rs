//! A service on a port of its own, and what asks it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ai_service::AiOptions;
use ai_service::engine::scripted::{Controls, Scripted, ScriptedOptions};
use ai_service::prompt::bytes::Bytes;
use ai_service::scheduler::Loaded;
use platform::shutdown::Shutdown;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Longest wait for anything that is certain to come.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A running service.
pub struct Server {
    pub base: String,
    pub address: SocketAddr,
    pub controls: Arc<Controls>,
    pub client: Client,
    pub shutdown: Shutdown,
    task: JoinHandle<std::io::Result<()>>,
}

/// The clock and the randomness of tests.
pub fn options() -> AiOptions {
    let count = AtomicU64::new(1);
    AiOptions::new(
        || 1_700_000_000,
        move |bytes| {
            let number = count.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).to_le_bytes();
            bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, other)| *byte = *other);
        },
    )
}

/// Options with a scripted model.
pub fn scripted(model: ScriptedOptions, controls: Arc<Controls>) -> AiOptions {
    let load = move || {
        let model = Box::new(Scripted::new(&model, controls.clone()));
        Ok(Loaded { model, language: Arc::new(Bytes::new()) })
    };
    AiOptions { model: Some(Arc::new(load)), ..options() }
}

impl Server {
    /// Of the usual size, ready.
    pub async fn usual() -> Self {
        Self::new(ScriptedOptions::default(), |_| ()).await
    }

    /// Of this size, ready.
    pub async fn new(model: ScriptedOptions, change: impl FnOnce(&mut AiOptions)) -> Self {
        let controls = Arc::new(Controls::default());
        let mut options = scripted(model, controls.clone());
        change(&mut options);
        let server = Self::start(options, controls).await;
        server.until_ready().await;
        server
    }

    pub async fn start(options: AiOptions, controls: Arc<Controls>) -> Self {
        Self::draining(options, controls, PATIENCE).await
    }

    /// One that gives requests in flight so long to finish.
    pub async fn draining(options: AiOptions, controls: Arc<Controls>, drain: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let task = tokio::spawn(ai_service::run(listener, shutdown.clone(), drain, options));
        let client = platform::http::client(PATIENCE).unwrap();
        Self { base: format!("http://{address}"), address, controls, client, shutdown, task }
    }

    pub async fn until_ready(&self) {
        while self.client.get(format!("{}/health/ready", self.base)).send().await.unwrap().status() != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until `done` is true of the metrics.
    pub async fn until(&self, done: impl Fn(&dyn Fn(&str) -> u64) -> bool) {
        loop {
            let text = self.client.get(format!("{}/metrics", self.base)).send().await.unwrap().text().await.unwrap();
            if done(&|name| metric(&text, name)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub async fn metric(&self, name: &str) -> u64 {
        let text = self.client.get(format!("{}/metrics", self.base)).send().await.unwrap().text().await.unwrap();
        metric(&text, name)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(format!("{}{path}", self.base)).json(body).send().await.unwrap()
    }

    /// The status and the body of an answer.
    pub async fn ask(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.post(path, body).await;
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// A conversation's answer.
    pub async fn chat(&self, body: &Value) -> Value {
        let (status, answer) = self.ask("/v1/chat/completions", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Waits until it has ended by itself.
    pub async fn ended(self) {
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap().unwrap();
        assert_eq!(self.controls.violations(), 0, "the page contract was broken");
    }

    /// Ends it: nothing is held any more, and the page contract was kept.
    pub async fn end(self) {
        self.controls.release();
        self.until(|metric| metric("requests_running") + metric("requests_waiting") == 0).await;
        assert_eq!(self.metric("cache_pages_held").await, 0);
        self.shutdown.trigger();
        self.task.await.unwrap().unwrap();
        assert_eq!(self.controls.violations(), 0, "the page contract was broken");
    }
}

fn metric(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("wheelhouse_ai_{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

/// A question, answered word for word.
pub fn question(text: &str) -> Value {
    json!({ "model": "scripted", "messages": [{ "role": "user", "content": text }], "temperature": 0 })
}

/// The same with more fields.
pub fn with(mut body: Value, fields: Value) -> Value {
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields);
    }
    body
}

/// The pieces of a stream, and whether it said that it is whole.
pub async fn pieces(response: Response) -> (Vec<Value>, bool) {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let (mut pieces, mut done) = (Vec::new(), false);
    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
        assert!(!done, "nothing comes after [DONE]");
        match data {
            "[DONE]" => done = true,
            data => pieces.push(serde_json::from_str(data).unwrap()),
        }
    }
    (pieces, done)
}

/// The text of a streamed conversation.
pub fn streamed(pieces: &[Value]) -> String {
    pieces.iter().filter_map(|piece| piece["choices"][0]["delta"]["content"].as_str()).collect()
}
