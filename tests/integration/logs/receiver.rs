//! A server for errors: takes envelopes as the protocol describes them, and keeps their events.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

/// How it treats what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes every event.
    Takes,
    /// Never answers.
    Silent,
    /// Says that it has too many.
    TooMany,
}

/// The server. It ends with the test's runtime.
#[derive(Clone)]
pub struct Receiver {
    /// For the configuration.
    pub dsn: String,
    kept: Arc<Mutex<Vec<Result<Value, String>>>>,
}

impl Receiver {
    /// Starts it, for this key.
    pub async fn start(manner: Manner, key: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let dsn = format!("http://{key}@{}/7", listener.local_addr()?);
        let (receiver, wanted) = (Self { dsn, kept: Arc::default() }, format!("sentry_key={key}"));
        let kept = Arc::clone(&receiver.kept);
        let take = async move |headers: HeaderMap, body: Bytes| {
            let read = event(&headers, &wanted, &body).map_err(|error| format!("{error:#}"));
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(read);
            match manner {
                Manner::Takes => StatusCode::OK,
                Manner::TooMany => StatusCode::TOO_MANY_REQUESTS,
                Manner::Silent => std::future::pending().await,
            }
        };
        let router = Router::new().route("/api/7/envelope/", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(receiver)
    }

    /// The events so far; what was no event is an error.
    pub fn events(&self) -> Result<Vec<Value>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.into_iter().map(|read| read.map_err(anyhow::Error::msg)).collect()
    }

    /// The events once one has this tag.
    pub async fn until(&self, tag: &str, value: &str) -> Result<Vec<Value>> {
        let found = async {
            loop {
                let events = self.events()?;
                if events.iter().any(|event| event["tags"][tag] == value) {
                    return Ok(events);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(super::processes::PATIENCE, found).await.context("no such event came")?
    }
}

/// The event of an envelope that holds one and nothing else.
fn event(headers: &HeaderMap, key: &str, body: &[u8]) -> Result<Value> {
    let auth = headers.get("x-sentry-auth").context("no auth")?.to_str()?;
    anyhow::ensure!(auth.starts_with("Sentry ") && auth.contains(key), "{auth}");
    anyhow::ensure!(headers["content-type"] == "application/x-sentry-envelope", "{headers:?}");
    let text = str::from_utf8(body)?;
    let (head, rest) = text.split_once('\n').context("no head")?;
    let (item, rest) = rest.split_once('\n').context("no item")?;
    let (head, item): (Value, Value) = (serde_json::from_str(head)?, serde_json::from_str(item)?);
    anyhow::ensure!(item["type"] == "event", "{item}");
    let length = usize::try_from(item["length"].as_u64().context("no length")?)?;
    let payload = rest.get(..length).context("it is shorter than it says")?;
    anyhow::ensure!(rest[length..].trim().is_empty(), "more than one item");
    let event: Value = serde_json::from_str(payload)?;
    anyhow::ensure!(head["event_id"].is_string(), "{head}");
    for field in ["event_id", "timestamp", "release", "environment", "exception", "tags"] {
        anyhow::ensure!(!event[field].is_null(), "no {field} in {event}");
    }
    Ok(event)
}
