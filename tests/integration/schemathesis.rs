//! What schemathesis finds: requests made from the served OpenAPI document, well-formed and not, sent as each role, signed out and
//! with an API key. Nothing may answer 5xx, in a way that is not documented (status, content type, headers, shape of the body), or take
//! what the document forbids. The tool's side is in `tests/python/schemathesis`.
//!
//! `WHEELHOUSE_TEST_EXAMPLES` is how many requests are made up for each operation, besides those at the borders of its values; few
//! unless it is set. All of it: `WHEELHOUSE_TEST_EXAMPLES=200 cargo xtask test --only tests -- schemathesis`. `WHEELHOUSE_TEST_OPERATIONS`,
//! a regular expression, leaves only the paths that match, for work on some of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::TimeDelta;
use contract::paths;
use domain::access::{Actor, Permission, Role};
use domain::ids::UserId;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use services::keys::{NewKey, create_key_for};
use testkit::app::{OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::db::Backend;
use testkit::oidc::Provider;
use testkit::outside::{needed, scripts};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};

use crate::authz::objects::{MEMBER, World, body, person};
use crate::support::say;

/// Requests made up for each operation where nothing else is said.
const FEW: &str = "2";

/// By what somebody is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Session(Role),
    Key,
    Nothing,
}

/// People whose rows are put back whenever credentials are asked for: operations under test remove, disable and demote them.
const KEEP: [&str; 2] =
    ["CREATE TABLE kept_user AS SELECT * FROM app_user", "CREATE TABLE kept_grant AS SELECT * FROM role_grant"];
const PUT_BACK: [&str; 13] = [
    "INSERT INTO app_user SELECT * FROM kept_user WHERE true ON CONFLICT DO NOTHING",
    "UPDATE app_user SET enabled = true, password_hash = (SELECT k.password_hash FROM kept_user k WHERE k.id = app_user.id) \
     WHERE id IN (SELECT id FROM kept_user)",
    "DELETE FROM role_grant WHERE user_id IN (SELECT id FROM kept_user) AND id NOT IN (SELECT id FROM kept_grant)",
    "INSERT INTO role_grant SELECT * FROM kept_grant WHERE true ON CONFLICT DO NOTHING",
    "DELETE FROM user_totp",
    // Of what is made by the thousand a little is left.
    "DELETE FROM api_key WHERE id NOT IN (SELECT id FROM api_key ORDER BY created_at DESC LIMIT 15)",
    "DELETE FROM role WHERE id NOT IN (SELECT id FROM role ORDER BY created_at DESC LIMIT 20)",
    "DELETE FROM team WHERE id NOT IN (SELECT id FROM team ORDER BY created_at DESC LIMIT 20)",
    "DELETE FROM invitation WHERE id NOT IN (SELECT id FROM invitation ORDER BY created_at DESC LIMIT 20)",
    "DELETE FROM desktop_request WHERE id NOT IN (SELECT id FROM desktop_request ORDER BY id DESC LIMIT 10)",
    "DELETE FROM saved_view WHERE id NOT IN (SELECT id FROM saved_view ORDER BY id DESC LIMIT 10)",
    "DELETE FROM report WHERE id NOT IN (SELECT id FROM report ORDER BY id DESC LIMIT 10)",
    "DELETE FROM session WHERE id NOT IN (SELECT id FROM session ORDER BY created_at DESC LIMIT 50)",
];

/// What the tool's hooks ask, and where the answer goes.
type Question = (Value, oneshot::Sender<Value>);

/// Who asks, in a world with something in it.
struct Asker<'a> {
    world: World<'a>,
    by: By,
    email: String,
    user: UserId,
}

impl<'a> Asker<'a> {
    async fn new(app: &'a TestApp, by: By) -> Result<Self> {
        let world = World::build(app).await?;
        let role = if let By::Session(role) = by { role } else { Role::Owner };
        let email = if role == Role::Member { MEMBER.to_owned() } else { "asker@example.com".to_owned() };
        app.create_user_named(&email, role).await?;
        let user = person(app, &email).await?;
        for sql in KEEP {
            app.context().db.execute_unprepared(sql).await?;
        }
        Ok(Self { world, by, email, user })
    }

    async fn answer(&self, question: &Value) -> Result<Value> {
        let text = |name: &str| question[name].as_str();
        match (text("method"), text("path")) {
            (Some(method), Some(path)) => self.aim(method, path).await,
            _ => self.credentials().await,
        }
    }

    async fn credentials(&self) -> Result<Value> {
        let ctx = self.world.app.context();
        for sql in PUT_BACK {
            ctx.db.execute_unprepared(sql).await.with_context(|| sql.to_owned())?;
        }
        Ok(match self.by {
            By::Session(_) => json!({ "session": self.world.session(self.user, TimeDelta::hours(1)).await?.0 }),
            By::Key => {
                let permissions = Permission::ALL.iter().copied().collect();
                let new = NewKey { name: "kept".to_owned(), permissions, lasts: None };
                json!({ "key": create_key_for(ctx, &Actor::system(), &self.email, new).await?.secret })
            }
            By::Nothing => json!({}),
        })
    }

    /// A request that hits something.
    async fn aim(&self, method: &str, path: &str) -> Result<Value> {
        let (app, side) = (self.world.app, &self.world.own);
        if path == paths::EVENTS {
            // Without an event to go on from a stream has nothing to say here.
            return Ok(json!({}));
        }
        let address = self.world.address(method, path, side, Some(self.user)).await?;
        let id = app.context().env.new_id();
        let given = match path {
            paths::SESSION => json!({ "email": self.email, "password": OWNER_PASSWORD }),
            paths::SESSION_PROOF => json!({ "password": OWNER_PASSWORD }),
            paths::PROFILE | paths::USER => json!({ "display_name": "Another name" }),
            paths::PROFILE_PASSWORD => {
                json!({ "current_password": OWNER_PASSWORD, "new_password": "another horse battery" })
            }
            paths::PASSWORD_RESET | paths::SESSION_EMAIL_CODE => json!({ "email": self.email }),
            paths::ROLE | paths::TEAM => json!({ "name": format!("Another {id}") }),
            paths::SCHEDULE => json!({ "paused": false }),
            paths::ACCOUNTS => json!({
                "name": format!("Account {id}"), "regions": ["eu-north-1"], "credentials": "simulated",
                "endpoint_url": app.simulator_url(),
            }),
            paths::INVITATION_ACCEPT => {
                let invitation = body(method, paths::INVITATIONS, &self.world, side);
                self.world.owner().await?.post(paths::INVITATIONS, &invitation).await?.ok::<Value>()?;
                let letter = app.context().mail.kept().pop().context("an invitation is mailed")?;
                let (_, link) = letter.text.split_once("#token=").context("no link")?;
                let token = link.lines().next().unwrap_or_default();
                json!({ "token": token, "display_name": "Somebody new", "password": OWNER_PASSWORD })
            }
            _ => body(method, path, &self.world, side),
        };
        if path == paths::TURN {
            // Only an answer can be rated.
            let client = self.world.app.client().stranger()?;
            client.set_session(Some(self.world.session(self.user, TimeDelta::hours(1)).await?.0));
            client.post_empty(&format!("{address}/answer")).await?;
        }
        if path == paths::JOB_RETRY {
            let cancel = address.replace("/retry", "/cancel");
            self.world.owner().await?.post_empty(&cancel).await?.ok::<Value>()?;
        }
        let takes_body = ["POST", "PUT", "PATCH"].contains(&method) && given != json!({});
        let query = if path == paths::COSTS_RECONCILIATION { json!({ "account": side.account }) } else { json!({}) };
        Ok(json!({ "address": address, "body": takes_body.then_some(given), "query": query }))
    }
}

/// Serves the questions of the tool's hooks: its address, and where they arrive.
async fn questions() -> Result<(String, mpsc::Receiver<Question>)> {
    async fn pass(State(asked): State<mpsc::Sender<Question>>, Json(question): Json<Value>) -> Json<Value> {
        let (answer, answered) = oneshot::channel();
        // Nobody listens once the test is over.
        drop(asked.send((question, answer)).await);
        Json(answered.await.unwrap_or_default())
    }
    let (asked, questions) = mpsc::channel(8);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/credentials", post(pass)).route("/aim", post(pass)).with_state(asked);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, questions))
}

/// Operations that need what no program can make up: a code, a link that was mailed, the way back from a provider.
const UNMET: [&str; 10] = [
    "DELETE /api/v1/profile/totp",
    "GET /api/v1/oidc/callback",
    "GET /api/v1/oidc/start",
    "POST /api/v1/oidc/proof",
    "POST /api/v1/password-reset/confirm",
    "POST /api/v1/profile/recovery-codes",
    "POST /api/v1/profile/totp/confirm",
    "POST /api/v1/session/email-code/verify",
    "POST /api/v1/session/second-factor",
    "POST /api/v1/setup",
];

/// What the tool said of one document.
struct Said {
    /// Whether it found nothing.
    good: bool,
    /// Its report.
    report: String,
    /// How often each operation answered with each status.
    answers: BTreeMap<String, u64>,
}

impl Said {
    /// Operations that there are and that were never answered with 2xx.
    fn unmet(&self) -> Vec<String> {
        let mut met = BTreeMap::new();
        for answer in self.answers.keys().filter(|answer| !answer.ends_with(" 405")) {
            let (operation, status) = answer.rsplit_once(' ').unwrap_or_default();
            *met.entry(operation.to_owned()).or_default() |= status.starts_with('2');
        }
        met.into_iter().filter_map(|(operation, met): (String, bool)| (!met).then_some(operation)).collect()
    }
}

/// Runs the tool against a document; its hooks' questions go to `answer`.
async fn run(
    program: &str,
    document: &str,
    arguments: &[&str],
    answer: impl AsyncFn(&Value) -> Result<Value>,
) -> Result<Said> {
    let folder = tempfile::tempdir()?;
    let (report, answers) = (folder.path().join("report.txt"), folder.path().join("answers.json"));
    let (aim, mut questions) = questions().await?;
    let home = scripts().join("schemathesis");
    let mut command = Command::new(program);
    command.arg("--config-file").arg(home.join("schemathesis.toml")).args(["run", document]).args(arguments);
    command
        .env("SCHEMATHESIS_HOOKS", home.join("hooks.py"))
        .env("WHEELHOUSE_TEST_AIM", aim)
        .env("WHEELHOUSE_TEST_ANSWERS", &answers);
    command.current_dir(folder.path()).stdin(Stdio::null()).kill_on_drop(true);
    let output = std::fs::File::create(&report)?;
    command.stderr(output.try_clone()?).stdout(output);
    let mut child = command.spawn().with_context(|| program.to_owned())?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            Some((question, reply)) = questions.recv() => {
                let answer = answer(&question).await.with_context(|| question.to_string())?;
                // The tool may have given up.
                drop(reply.send(answer));
            }
        }
    };
    let report = std::fs::read_to_string(&report)?;
    let answers = read(&answers).with_context(|| report.clone())?;
    Ok(Said { good: status.success(), report, answers })
}

fn read(path: &Path) -> Result<BTreeMap<String, u64>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

async fn asked(backend: Backend, by: By) -> Result<()> {
    let Some(program) = needed("WHEELHOUSE_TEST_SCHEMATHESIS")? else { return Ok(()) };
    let options = TestAppOptions {
        backend,
        oidc: Some(Provider::start().await?.config(&[])),
        simulated_workspaces: 0,
        worker: false,
        trusted_proxies: vec!["127.0.0.1".to_owned()],
        ..TestAppOptions::default()
    };
    let Some(app) = TestApp::start(options).await? else { return Ok(()) };
    app.leave_open_jobs();
    let examples = std::env::var("WHEELHOUSE_TEST_EXAMPLES");
    let few = examples.is_err();
    let examples = examples.unwrap_or_else(|_| FEW.to_owned());
    let document = format!("{}{}", app.url(), paths::OPENAPI);
    let asker = Asker::new(&app, by).await?;
    let mut arguments = vec!["-n", &examples];
    // The borders of each value are the same for everybody; one role in every run is enough.
    if few && (by, backend) != (By::Session(Role::Owner), Backend::Sqlite) {
        arguments.extend(["--phases", "fuzzing"]);
    }
    let operations = std::env::var("WHEELHOUSE_TEST_OPERATIONS");
    if let Ok(paths) = &operations {
        arguments.extend(["--include-path-regex", paths]);
    }
    let said = run(&program, &document, &arguments, async |question| asker.answer(question).await).await?;
    let all: u64 = said.answers.values().sum();
    let done: u64 = said.answers.iter().filter(|(answer, _)| answer.contains(" 2")).map(|(_, count)| count).sum();
    say(&format!("{by:?}, {backend:?}: {all} requests, {done} of them answered with 2xx"));
    if let Some(folder) = std::env::var_os("WHEELHOUSE_TEST_ARTEFACTS") {
        std::fs::create_dir_all(&folder)?;
        let file = Path::new(&folder).join(format!("schemathesis {by:?} {backend:?}.txt"));
        let counts: Vec<_> = said.answers.iter().map(|(answer, count)| format!("{answer}: {count}\n")).collect();
        std::fs::write(file, format!("{}\n{}", said.report, counts.concat()))?;
    }
    assert!(said.good, "{by:?}: {}", said.report);
    if !few && by == By::Session(Role::Owner) {
        let unmet = said.unmet();
        assert!(unmet.iter().all(|operation| UNMET.contains(&operation.as_str())), "never done: {unmet:?}");
    }
    drop(asker);
    app.stop().await
}

/// An API that breaks its word in each way that is looked for.
fn lying() -> Router {
    let schema = json!({
        "type": "object", "required": ["n"], "additionalProperties": false,
        "properties": { "n": { "type": "integer", "minimum": 0, "maximum": 10 } },
    });
    let answer = json!({ "200": { "description": "It.", "content": { "application/json": { "schema": schema } } } });
    let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Lies", "version": "1" },
        "paths": {
            "/fault": { "get": { "responses": answer } },
            "/other-status": { "get": { "responses": answer } },
            "/other-type": { "get": { "responses": answer } },
            "/other-shape": { "get": { "responses": answer } },
            "/takes-anything": { "post": { "requestBody": body, "responses": answer } },
            "/needs-nobody": { "get": { "security": [{ "key": [] }], "responses": answer } },
        },
        "components": { "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } } },
    });
    let good = async || Json(json!({ "n": 1 }));
    Router::new()
        .route("/openapi.json", get(async move || Json(document)))
        .route("/fault", get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .route("/other-status", get(async || (StatusCode::IM_A_TEAPOT, Json(json!({ "n": 1 })))))
        .route("/other-type", get(async || "text"))
        .route("/other-shape", get(async || Json(json!({ "n": "one" }))))
        .route("/takes-anything", post(good))
        .route("/needs-nobody", get(good))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_sees_what_is_wrong() -> Result<()> {
    let Some(program) = needed("WHEELHOUSE_TEST_SCHEMATHESIS")? else { return Ok(()) };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let document = format!("http://{}/openapi.json", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, lying()).await });
    // There is nothing to aim at, and any key will do.
    let answer =
        async |question: &Value| Ok(if question["path"].is_null() { json!({ "key": "a key" }) } else { json!({}) });
    let said = run(&program, &document, &["-n", FEW], answer).await?;
    assert!(!said.good, "{}", said.report);
    for (operation, lie) in [
        ("GET /fault", "Server error"),
        ("GET /other-status", "Undocumented status code"),
        ("GET /other-type", "Undocumented Content-Type"),
        ("GET /other-shape", "Response violates schema"),
        ("POST /takes-anything", "Schema-violating request accepted"),
        ("GET /needs-nobody", "API accepts"),
    ] {
        let part = said.report.split("\n___").find(|part| part.contains(&format!("_ {operation} _")));
        assert!(part.is_some_and(|part| part.contains(lie)), "{operation}: {lie}: {}", said.report);
    }
    Ok(())
}

macro_rules! asked_by {
    ($($name:ident: $backend:ident, $by:expr;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> Result<()> {
            asked(Backend::$backend, $by).await
        }
    )+};
}

asked_by! {
    schemathesis_as_owner: Sqlite, By::Session(Role::Owner);
    schemathesis_as_owner_on_postgres: Postgres, By::Session(Role::Owner);
    schemathesis_as_admin: Sqlite, By::Session(Role::Admin);
    schemathesis_as_operator: Sqlite, By::Session(Role::Operator);
    schemathesis_as_approver: Sqlite, By::Session(Role::Approver);
    schemathesis_as_auditor: Sqlite, By::Session(Role::Auditor);
    schemathesis_as_viewer: Sqlite, By::Session(Role::Viewer);
    schemathesis_as_member: Sqlite, By::Session(Role::Member);
    schemathesis_with_a_key: Sqlite, By::Key;
    schemathesis_signed_out: Sqlite, By::Nothing;
}
