//! Requests that are wrong in every way we could think of: each gets its 4xx as a problem, and the database stays as it is.

use anyhow::Result;
use axum::http::Method;
use contract::paths;
use serde_json::json;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::Request;

use crate::support::fingerprint;

/// The operations that take a JSON body, with a good one and a field of it that is text or a list.
fn bodies(app: &TestApp) -> Vec<(&'static str, serde_json::Value, &'static str)> {
    let nil = uuid::Uuid::nil();
    let account = json!({ "name": "A", "regions": ["us-east-1"], "credentials": "simulated", "endpoint_url": app.simulator_url() });
    let span = json!({ "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "path": "/jobs", "ended_ms_ago": 7, "duration_ms": 40 });
    let spans = json!({ "spans": [span] });
    vec![
        (paths::SETUP, json!({ "token": "x", "email": "a@example.com", "password": "correct horse battery" }), "email"),
        (paths::SESSION, json!({ "email": "a@example.com", "password": "correct horse battery" }), "email"),
        (paths::PORTAL_ERRORS, json!({ "message": "it panicked", "page": "/jobs" }), "message"),
        (paths::PORTAL_SPANS, spans, "spans"),
        (paths::ACCOUNTS, account, "name"),
        (paths::WORKSPACES_START, json!({ "workspace_ids": [nil] }), "workspace_ids"),
        (paths::WORKSPACES_STOP, json!({ "workspace_ids": [nil] }), "workspace_ids"),
        (paths::WORKSPACES_REBOOT, json!({ "workspace_ids": [nil] }), "workspace_ids"),
        (paths::WORKSPACES_TERMINATE, json!({ "workspace_ids": [nil] }), "workspace_ids"),
        (paths::WORKSPACES_TAGS, json!({ "workspace_ids": [nil], "remove": ["Old"] }), "remove"),
    ]
}

async fn refused(app: &TestApp, request: Request, status: u16, code: &str, what: &str) -> Result<()> {
    let answer = app.client().send(request).await?;
    answer.refused(status, code).map(drop).map_err(|error| error.context(what.to_owned()))
}

app_test! {
    async fn wrong_bodies_are_refused_and_change_nothing(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let before = fingerprint(app).await?;
        for (path, good, field) in bodies(app) {
            let post = || Request::new(Method::POST, path);
            let text = good.to_string();
            let large = json!({ field: "x".repeat(2 << 20) }).to_string();
            for (what, body) in [("empty", String::new()), ("cut", text[..text.len() - 2].to_owned()), ("words", "hello".into()),
                ("two", format!("{text}{text}")), ("trailing comma", text.replacen('}', ",}", 1)), ("latin1", "\"\u{fffd}".into())] {
                refused(app, post().body("application/json", body), 400, "malformed_json", &format!("{path}: {what}")).await?;
            }
            refused(app, post().body("application/json", vec![b'"', 0xff, 0xfe, b'"']), 400, "malformed_json", path).await?;
            refused(app, post().body("application/json", "[".repeat(100_000)), 400, "malformed_json", path).await?;

            let mut unknown = good.clone();
            unknown["colour"] = json!("red");
            let mut wrong = good.clone();
            wrong[field] = json!({ "a": 1 });
            let mut missing = good.clone();
            missing.as_object_mut().expect("an object").remove(field);
            for (what, body) in [("unknown field", &unknown), ("wrong type", &wrong), ("missing field", &missing),
                ("a list", &json!([])), ("null", &json!(null)), ("a number", &json!(7))] {
                refused(app, post().json(body), 422, "invalid_body", &format!("{path}: {what}")).await?;
            }
            refused(app, post().body("application/json", large), 413, "body_too_large", path).await?;
            for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"] {
                refused(app, post().body(media, text.clone()), 415, "unsupported_media_type", &format!("{path}: {media}")).await?;
            }
            refused(app, post(), 415, "unsupported_media_type", &format!("{path}: nothing at all")).await?;
        }
        assert_eq!(fingerprint(app).await?, before);
        Ok(())
    }
}

app_test! {
    async fn wrong_addresses_and_methods_are_problems_too(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let before = fingerprint(app).await?;
        for path in ["/api/v1/nowhere", "/api/v2/workspaces", "/api", "/api/v1/workspaces/", "/api/v1/jobs/1/2/3", "/api/v1/%ff"] {
            let answer = app.client().get(path).await?;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}: {}", answer.status);
            answer.problem()?;
        }
        for (method, path) in [(Method::PUT, paths::WORKSPACES), (Method::PATCH, paths::ACCOUNTS), (Method::DELETE, paths::JOBS),
            (Method::POST, paths::OVERVIEW), (Method::GET, paths::WORKSPACES_STOP)] {
            let answer = app.client().send(Request::new(method.clone(), path)).await?;
            if method == Method::GET {
                // `stop` is no id of a WorkSpace either.
                assert!(matches!(answer.status.as_u16(), 400 | 405), "{path}: {}", answer.status);
                answer.problem()?;
            } else {
                answer.refused(405, "method_not_allowed").map_err(|e| e.context(path))?;
                assert!(!answer.header("allow").is_empty(), "{path}");
            }
        }
        assert_eq!(fingerprint(app).await?, before);
        Ok(())
    }
}

app_test! {
    async fn request_ids_are_taken_or_made(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        let given = Request::new(Method::GET, paths::SESSION).header("x-request-id", "trial-4711");
        let problem = app.client().send(given).await?.refused(401, "unauthenticated")?;
        assert_eq!(problem.request_id, "trial-4711");
        // One that could do harm in a log is not taken.
        let long = "x".repeat(5000);
        for bad in ["", " ", "a b\"c", &long] {
            let request = Request::new(Method::GET, paths::SESSION).header("x-request-id", bad);
            let problem = app.client().send(request).await?.refused(401, "unauthenticated")?;
            assert_ne!(problem.request_id, bad);
            assert!((1..=200).contains(&problem.request_id.len()), "{}", problem.request_id);
        }
        let ids = [app.client().get(paths::SESSION).await?.problem()?.request_id, app.client().get(paths::SESSION).await?.problem()?.request_id];
        assert_ne!(ids[0], ids[1]);
        Ok(())
    }
}
