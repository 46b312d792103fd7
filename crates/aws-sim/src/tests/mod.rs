//! The simulator from outside: requests as a client signs them, answers as a client reads them, on a clock that only
//! moves when told. What single modules promise is tested beside them.

mod changes;
mod costs;
mod faults;
mod identity;
mod metrics;
mod paging;
mod prices;
mod rules;
mod time;
mod trail;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{SimOptions, Simulator};

/// Wednesday 2026-01-14 15:00 UTC.
fn wednesday() -> DateTime<Utc> {
    DateTime::from_timestamp(1_768_402_800, 0).unwrap()
}

/// No limit, nothing moves by itself, and the clock stands.
fn still(workspaces: usize) -> SimOptions {
    let mut options = SimOptions::new(workspaces, 7, Arc::new(wednesday));
    options.throttle = None;
    options.alive = false;
    options
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The body of a good answer.
    #[track_caller]
    fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The code of an error answer, and that header and body agree on it.
    #[track_caller]
    fn code(&self) -> String {
        assert_ne!(self.status, 200, "{}", self.text);
        let code = self.json()["__type"].as_str().unwrap().to_owned();
        assert_eq!(self.headers["x-amzn-errortype"], code.as_str());
        assert!(!self.headers["x-amzn-requestid"].is_empty());
        code
    }
}

/// A client of one region.
struct Client {
    router: Router,
    region: &'static str,
    key: String,
    token: Option<String>,
}

impl Client {
    fn new(simulator: &Simulator) -> Self {
        Self { router: simulator.router(), region: "us-east-1", key: "AKIATEST".to_owned(), token: None }
    }

    fn authorization(&self) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20260114/{}/workspaces/aws4_request, SignedHeaders=host, Signature=00",
            self.key, self.region
        )
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    async fn ask(&self, operation: &str, body: Value) -> Answer {
        self.target(&format!("WorkspacesService.{operation}"), body.to_string()).await
    }

    async fn target(&self, target: &str, body: String) -> Answer {
        let mut request =
            Request::post("/").header("x-amz-target", target).header("authorization", self.authorization());
        if let Some(token) = &self.token {
            request = request.header("x-amz-security-token", token);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn form(&self, form: &str) -> Answer {
        let mut request = Request::post("/")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("authorization", self.authorization());
        if let Some(token) = &self.token {
            request = request.header("x-amz-security-token", token);
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(format!("/_sim/{path}"));
        let request = request.header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// All pages of `DescribeWorkspaces`.
    async fn pages(&self, filters: Value) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut body = filters.clone();
            if !token.is_null() {
                body["NextToken"] = token;
            }
            let answer = self.ask("DescribeWorkspaces", body).await.good();
            pages.push(answer["Workspaces"].as_array().unwrap().clone());
            token = answer["NextToken"].clone();
            if token.is_null() {
                return pages;
            }
        }
    }

    async fn rows(&self) -> Vec<Value> {
        self.pages(json!({})).await.concat()
    }

    /// The row of a WorkSpace, `None` when it is gone.
    async fn row(&self, id: &str) -> Option<Value> {
        let answer = self.ask("DescribeWorkspaces", json!({ "WorkspaceIds": [id] })).await.good();
        answer["Workspaces"].as_array().unwrap().first().cloned()
    }

    async fn state(&self, id: &str) -> Option<String> {
        self.row(id).await.map(|row| row["State"].as_str().unwrap().to_owned())
    }

    /// The first ids in that state with that running mode.
    async fn find(&self, state: &str, mode: &str, count: usize) -> Vec<String> {
        let rows = self.rows().await;
        let ids: Vec<String> = rows
            .iter()
            .filter(|row| row["State"] == state && row["WorkspaceProperties"]["RunningMode"] == mode)
            .map(|row| row["WorkspaceId"].as_str().unwrap().to_owned())
            .take(count)
            .collect();
        assert_eq!(ids.len(), count, "not enough {state} {mode}");
        ids
    }

    /// Sends a batch; the failed ids with their codes.
    async fn batch(&self, verb: &str, ids: &[&str]) -> Vec<(String, String)> {
        let items: Vec<Value> = ids.iter().map(|id| json!({ "WorkspaceId": id })).collect();
        let answer =
            self.ask(&format!("{verb}Workspaces"), json!({ format!("{verb}WorkspaceRequests"): items })).await.good();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let failed = answer["FailedRequests"].as_array().unwrap();
        failed.iter().map(|item| (text(&item["WorkspaceId"]), text(&item["ErrorCode"]))).collect()
    }
}
