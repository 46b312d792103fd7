//! A server that answers as a test says, and remembers what it was asked; and the things every test needs to reach it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::account::{Access, AccountAccess};
use domain::cloud::{CloudConnector, DataApi, FleetApi};
use domain::env::{Clock, Env, Random};
use domain::ids::{AccountId, Region};

use crate::{AwsOptions, Connector};

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) operation: String,
    /// The service as the signature names it, such as `workspaces` or `ce`.
    pub(super) service: String,
    /// The region as the signature names it.
    pub(super) region: String,
    pub(super) body: String,
    pub(super) bytes: Bytes,
    pub(super) headers: HeaderMap,
    /// How many of the same operation came before it.
    pub(super) before: usize,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) delay: Duration,
}

impl Reply {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), headers: Vec::new(), delay: Duration::ZERO }
    }

    /// An error as these services write it.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(status, format!(r#"{{"__type":"{code}","message":"{message}"}}"#))
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

type Answer = dyn Fn(&Seen) -> Reply + Send + Sync;

#[derive(Clone)]
pub(super) struct Fake {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<Answer>,
}

impl Fake {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { url, seen: Arc::default(), answer: Arc::new(answer) };
        let router = Router::new().fallback(handle).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn hits(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// A handle to it with dummy keys.
    pub(super) async fn fleet(&self, options: AwsOptions) -> Arc<dyn FleetApi> {
        connect(&Connector::new(options, env()), &simulated(&self.url)).await
    }

    /// The same for metrics, events, costs and prices, in a region of Europe.
    pub(super) async fn data(&self, options: AwsOptions) -> Arc<dyn DataApi> {
        let europe = "eu-central-1".parse().unwrap();
        Connector::new(options, env()).connect_data(&simulated(&self.url), &europe).await.unwrap()
    }
}

async fn handle(State(fake): State<Fake>, uri: Uri, headers: HeaderMap, bytes: Bytes) -> Response {
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()?.split_once('.'));
    let operation = match target {
        Some((_, operation)) => operation.to_owned(),
        // RPC v2 CBOR has it in the path: /service/NAME/operation/NAME.
        None if uri.path().starts_with("/service/") => uri.path().rsplit('/').next().unwrap_or("?").to_owned(),
        None => body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or("?").to_owned(),
    };
    let seen = {
        let mut all = fake.seen.lock().unwrap();
        let before = all.iter().filter(|seen| seen.operation == operation).count();
        let (region, service) = signed_for(&headers);
        let seen = Seen { operation, service, region, body, bytes, headers, before };
        all.push(seen.clone());
        seen
    };
    let reply = (fake.answer)(&seen);
    tokio::time::sleep(reply.delay).await;
    let mut response = (StatusCode::from_u16(reply.status).unwrap(), reply.body).into_response();
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// Region and service in `Credential=KEY/DAY/REGION/SERVICE/aws4_request`.
fn signed_for(headers: &HeaderMap) -> (String, String) {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = authorization.split('/').skip(2).map(str::to_owned);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Time stands still, and every jitter is the longest.
pub(super) fn env() -> Env {
    let now: DateTime<Utc> = "2026-11-02T09:00:00Z".parse().unwrap();
    Env { clock: Clock::new(move || now), random: Random::new(|bytes| bytes.fill(0xff)) }
}

/// No limit, short waits, three attempts.
pub(super) fn quick() -> AwsOptions {
    AwsOptions {
        simulated_requests_per_second: f64::INFINITY,
        requests_per_second: f64::INFINITY,
        rate_scale: f64::INFINITY,
        backoff_base: Duration::from_millis(1),
        max_attempts: 3,
        ..AwsOptions::default()
    }
}

pub(super) fn access(access: Access, url: &str) -> AccountAccess {
    AccountAccess { account: AccountId::from(uuid()), access, endpoint_url: Some(url.to_owned()) }
}

fn uuid() -> uuid::Uuid {
    "018f0000-0000-7000-8000-000000000001".parse().unwrap()
}

pub(super) fn simulated(url: &str) -> AccountAccess {
    access(Access::Simulated, url)
}

pub(super) fn region() -> Region {
    "us-east-1".parse().unwrap()
}

pub(super) async fn connect(connector: &Connector, access: &AccountAccess) -> Arc<dyn FleetApi> {
    connector.connect(access, &region()).await.unwrap()
}

pub(super) fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}
