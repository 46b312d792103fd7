//! The first minutes of an installation, over SQLite: create the owner, connect an account, watch it live, sign out. What
//! each endpoint does with a fleet is tried in the tests of the whole house.

#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail the test; only its own functions are exempt by themselves"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use contract::paths;
use domain::account::AccountAccess;
use domain::cloud::{CloudConnector, CloudError, FleetApi};
use domain::env::{Clock, Env, Random};
use domain::ids::Region;
use http::{Method, Request, Response, header};
use http_body_util::BodyExt;
use platform::config::{Config, LiveConfig};
use platform::events::EventBus;
use platform::health::HealthRegistry;
use platform::shutdown::Shutdown;
use serde_json::{Value, json};
use services::identity::PasswordHasher;
use services::{Context, LivePolicy};
use store::db::{Backend, connect};
use store::test_database::TestDatabase;
use tower::ServiceExt;

const PATIENCE: Duration = Duration::from_secs(30);

struct NoCloud;

#[async_trait]
impl CloudConnector for NoCloud {
    async fn connect(&self, _: &AccountAccess, _: &Region) -> Result<Arc<dyn FleetApi>, CloudError> {
        let operation = "sts:GetCallerIdentity".to_owned();
        Err(CloudError::Unauthenticated { operation, reason: "there are no credentials".to_owned() })
    }
}

struct House {
    app: Router,
    context: Context,
    shutdown: Shutdown,
    cookie: Option<String>,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::migrated(Backend::Sqlite).await.unwrap().unwrap();
        let db = connect(&database.options()).await.unwrap();
        let env = Env { clock: Clock::new(platform::os::now), random: Random::new(platform::os::fill_random) };
        let config = Arc::new(Config::default());
        let context = Context {
            db,
            cloud: Arc::new(NoCloud),
            bus: EventBus::new(None),
            passwords: PasswordHasher::with_memory(env.random.clone(), 64).unwrap(),
            outgoing: platform::http::guard::Guard::configured(&config),
            vault: platform::vault::Vault::with_keys(
                platform::vault::MasterKeys::single([7; 32]).unwrap(),
                Arc::new(platform::os::fill_random),
            ),
            mail: platform::mail::Mailer::in_memory(),
            artefacts: platform::artefacts::in_folder(folder.path().join("reports")),
            audit: services::audit::AuditLog::new(services::audit::AuditOptions {
                folder: folder.path().join("audit"),
                key_file: None,
            }),
            known: services::credentials::Known::default(),
            estimates: services::cost::KeptEstimates::default(),
            sso: services::oidc::SingleSignOn::default(),
            assistant: services::assistant::Assistant::default(),
            policy: LivePolicy::of(&config),
            env,
        };
        let shutdown = Shutdown::new();
        let health = HealthRegistry::new(shutdown.clone());
        let deps = api::ApiDeps {
            live: LiveConfig::new(Config::clone(&config)),
            config,
            context: context.clone(),
            redis: None,
            health,
        };
        Self {
            app: api::router(deps, &shutdown),
            context,
            shutdown,
            cookie: None,
            _folder: folder,
            _database: database,
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie).header("x-wheelhouse", "1");
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.app.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let response = self.send(method, path, body).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() })
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Creates the owner and keeps their cookie.
    async fn first_run(&mut self) {
        let token = services::identity::issue_setup_link(&self.context).await.unwrap().unwrap();
        let owner = json!({"token": token, "email": "Grace@example.com", "password": "moth in relay 70"});
        let response = self.send(Method::POST, paths::SETUP, Some(owner.clone())).await;
        assert_eq!(response.status(), 201);
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        let (status, problem) = self.post(paths::SETUP, owner).await;
        assert_eq!((status, &problem["code"]), (410, &json!("link_spent")));
    }
}

/// Reads the stream until its text satisfies.
async fn read_until(body: &mut Body, text: &mut String, enough: impl Fn(&str) -> bool) -> bool {
    while !enough(text) {
        match tokio::time::timeout(PATIENCE, body.frame()).await.expect("a frame in time") {
            Some(frame) => text.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap()),
            None => return false,
        }
    }
    true
}

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let house = House::new().await;
    assert_eq!(house.get(paths::SETUP).await, (200, json!({"needs_owner": true, "mail": true})));
    for path in [paths::SESSION, paths::OVERVIEW, paths::ACCOUNTS, paths::WORKSPACES, paths::JOBS, paths::EVENTS] {
        let (status, problem) = house.get(path).await;
        assert_eq!((status, &problem["code"]), (401, &json!("unauthenticated")), "{path}");
    }
    let (status, problem) = house.post(paths::SESSION, json!({"email": "a@example.com", "password": "wrong"})).await;
    assert_eq!((status, &problem["code"]), (401, &json!("bad_credentials")));
    assert_eq!(house.get("/health/ready").await.0, 200);
}

#[tokio::test]
async fn the_owner_looks_around_and_wrong_questions_are_named() {
    let mut house = House::new().await;
    house.first_run().await;
    let (status, session) = house.get(paths::SESSION).await;
    assert_eq!((status, &session["email"], &session["role"]), (200, &json!("grace@example.com"), &json!("owner")));
    assert_eq!(house.get(paths::OVERVIEW).await.1["workspaces"], 0);
    for path in [paths::ACCOUNTS, paths::WORKSPACES, paths::JOBS, paths::SYNC_RUNS] {
        let empty = json!({"items": [], "next_cursor": null, "total": 0});
        assert_eq!(house.get(path).await, (200, empty), "{path}");
        for (query, code) in [("limit=0", "invalid_query"), ("nope=1", "invalid_query"), ("cursor=x", "bad_cursor")] {
            let (status, problem) = house.get(&format!("{path}?{query}")).await;
            assert_eq!((status, &problem["code"]), (400, &json!(code)), "{path}?{query}");
        }
    }
    assert_eq!(house.get(paths::WORKSPACE_FACETS).await.0, 200);
    for path in [paths::WORKSPACE, paths::ACCOUNT, paths::JOB] {
        assert_eq!(house.get(&paths::with_id(path, "7")).await.0, 400, "{path}");
        assert_eq!(house.get(&paths::with_id(path, house.context.env.new_id())).await.0, 404, "{path}");
    }
    let nobody = json!({"workspace_ids": [house.context.env.new_id()]});
    let (status, plan) = house.post(paths::WORKSPACES_STOP, nobody).await;
    assert_eq!((status, &plan["items"][0]["code"], &plan["job_id"]), (200, &json!("not_found"), &Value::Null));
    let (status, problem) = house.post(paths::WORKSPACES_STOP, json!({"workspace_ids": []})).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("workspace_ids")));
}

#[tokio::test]
async fn an_account_is_connected_tested_and_synced() {
    let mut house = House::new().await;
    house.first_run().await;
    let new = json!({"name": "Demo", "regions": ["eu-central-1"], "credentials": "simulated", "endpoint_url": "http://127.0.0.1:1"});
    let (status, account) = house.post(paths::ACCOUNTS, new.clone()).await;
    assert_eq!((status, &account["name"]), (201, &json!("Demo")));
    let id = account["id"].as_str().unwrap();
    assert_eq!(house.get(&paths::with_id(paths::ACCOUNT, id)).await, (200, account.clone()));
    let (status, problem) = house.post(paths::ACCOUNTS, new).await;
    assert_eq!((status, &problem["code"], &problem["errors"][0]["field"]), (409, &json!("conflict"), &json!("name")));
    let (status, problem) =
        house.post(paths::ACCOUNTS, json!({"name": "X", "regions": ["eu-central-1"], "credentials": "role"})).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("role_arn")));

    let (status, test) = house.ask(Method::POST, &paths::with_id(paths::ACCOUNT_TEST, id), None).await;
    assert_eq!((status, &test["ok"], &test["checks"][0]["code"]), (200, &json!(false), &json!("unauthenticated")));

    let sync = paths::with_id(paths::ACCOUNT_SYNC, id);
    let (status, started) = house.ask(Method::POST, &sync, None).await;
    assert_eq!((status, started["job_ids"].as_array().map(Vec::len)), (202, Some(1)));
    assert_eq!(house.ask(Method::POST, &sync, None).await.1, started, "one at a time");
    let job = started["job_ids"][0].as_str().unwrap();
    let (_, detail) = house.get(&paths::with_id(paths::JOB, job)).await;
    assert_eq!((&detail["job"]["kind"], &detail["job"]["state"]), (&json!("sync-workspaces"), &json!("queued")));
    assert_eq!(house.ask(Method::POST, &paths::with_id(paths::JOB_RETRY, job), None).await.0, 409);
    let (status, cancelled) = house.ask(Method::POST, &paths::with_id(paths::JOB_CANCEL, job), None).await;
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")));
    assert_eq!(house.get(&format!("{}?state=cancelled", paths::JOBS)).await.1["total"], 1);
}

#[tokio::test]
async fn the_live_stream_tells_replays_and_ends_with_the_session() {
    let mut house = House::new().await;
    house.first_run().await;
    let connect = |name: &str| json!({"name": name, "regions": ["eu-central-1"], "credentials": "chain"});
    let mut live = house.send(Method::GET, paths::EVENTS, None).await.into_body();
    let mut text = String::new();
    assert!(read_until(&mut live, &mut text, |t| t.contains("id: 0\n") || t.contains("id:0\n")).await);
    house.post(paths::ACCOUNTS, connect("One")).await;
    assert!(read_until(&mut live, &mut text, |t| t.contains("account")).await);
    house.post(paths::ACCOUNTS, connect("Two")).await;

    let resumed = format!("{}?last_event_id=1", paths::EVENTS);
    let mut again = house.send(Method::GET, &resumed, None).await.into_body();
    let mut replayed = String::new();
    assert!(read_until(&mut again, &mut replayed, |t| t.contains("\"type\":\"account\"")).await);
    assert_eq!(replayed.matches("\"type\":\"account\"").count(), 1, "{replayed}");
    let mut lost = house.send(Method::GET, &format!("{}?last_event_id=99", paths::EVENTS), None).await.into_body();
    assert!(read_until(&mut lost, &mut String::new(), |t| t.contains("reset")).await);

    assert_eq!(house.send(Method::DELETE, paths::SESSION, None).await.status(), 204);
    assert!(!read_until(&mut live, &mut text, |_| false).await, "it ends");
    assert_eq!(house.get(paths::SESSION).await.0, 401);
    house.shutdown.trigger();
    assert!(house.shutdown.wait(PATIENCE).await);
}

#[tokio::test]
async fn a_session_may_have_twenty_live_streams() {
    let mut house = House::new().await;
    house.first_run().await;
    let mut streams = Vec::new();
    for number in 0..20 {
        let stream = house.send(Method::GET, paths::EVENTS, None).await;
        assert_eq!(stream.status(), 200, "stream {number}");
        streams.push(stream.into_body());
    }
    let refused = house.send(Method::GET, paths::EVENTS, None).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
    let wait: u64 = refused.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let problem = refused.into_body().collect().await.unwrap().to_bytes();
    let problem: Value = serde_json::from_slice(&problem).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("rate_limited"), &json!(429)));
    assert_eq!(house.get(paths::JOBS).await.0, 200, "only streams are counted");

    // Another session has its own.
    let cookie = house.cookie.take();
    let owner = json!({"email": "grace@example.com", "password": "moth in relay 70"});
    let response = house.send(Method::POST, paths::SESSION, Some(owner)).await;
    let other = response.headers()[header::SET_COOKIE].to_str().unwrap();
    house.cookie = Some(other.split(';').next().unwrap().to_owned());
    assert_eq!(house.send(Method::GET, paths::EVENTS, None).await.status(), 200);

    // A client that goes makes room; its end is noticed soon after.
    house.cookie = cookie;
    streams.pop();
    let room = async {
        while house.send(Method::GET, paths::EVENTS, None).await.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, room).await.expect("there is room again");
}
