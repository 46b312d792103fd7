//! A walk with secrets: each is put through the doors that take such a thing, and noted down to be looked for.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::accounts::{AccountView, StartedJobsView};
use contract::api_keys::MadeApiKeyView;
use contract::assistant::{ConversationView, TurnView};
use contract::jobs::JobDetailView;
use contract::page::Page;
use contract::paths::{self, with_id};
use contract::profile::{RecoveryCodesView, TotpSetupView};
use contract::reports::{ReportRunView, ReportView};
use contract::workspaces::WorkspaceView;
use domain::ids::JobId;
use domain::jobs::JobState;
use serde_json::{Value, json};
use testkit::client::{ApiClient, Request};

use super::processes::PATIENCE;

/// Somebody's address; addresses are in no line either.
pub const EMAIL: &str = "planted.owner@example.com";
/// The owner's password.
pub const PASSWORD: &str = "planted-password-correct horse";
/// What is written where a secret does not belong.
pub const STRAY: &str = "planted-stray-4711";

/// The secrets so far.
#[derive(Default)]
pub struct Planted(Vec<String>);

impl Planted {
    /// One more.
    pub fn add(&mut self, secret: impl Into<String>) -> String {
        let secret = secret.into();
        self.0.push(secret.clone());
        secret
    }

    /// Those that are in the text, each with what stands around it.
    pub fn found(&self, text: &str) -> Vec<String> {
        let lines = text.lines().filter(|line| self.0.iter().any(|secret| line.contains(secret)));
        lines.map(str::to_owned).collect()
    }
}

/// Sign-in with a second factor, sessions, keys, and all of it wrong.
pub async fn identity(client: &ApiClient, planted: &mut Planted) -> Result<()> {
    planted.add(client.session().context("a session")?);
    let stranger = client.stranger()?;
    let wrong = json!({ "email": planted.add("planted.nobody@example.com"), "password": planted.add("planted-wrong-password") });
    stranger.post(paths::SESSION, &wrong).await?;
    let setup: TotpSetupView = client.post_empty(paths::PROFILE_TOTP).await?.ok()?;
    let secret = totp_rs::Secret::try_from_base32(planted.add(setup.secret))?;
    let code = totp_rs::Builder::new()
        .with_secret(secret)
        .build()?
        .generate(u64::try_from(platform::os::now().timestamp())?)
        .to_string();
    let confirmed = client.post(paths::PROFILE_TOTP_CONFIRM, &json!({ "code": code })).await?;
    for code in confirmed.ok::<RecoveryCodesView>()?.codes {
        planted.add(code);
    }
    let key = json!({ "name": "deploy", "permissions": ["workspace:read"] });
    let made: MadeApiKeyView = client.post(paths::API_KEYS, &key).await?.ok()?;
    let bearer = format!("Bearer {}", planted.add(made.secret));
    let get = |path: String| Request::new(Method::GET, path);
    stranger.send(get(paths::WORKSPACES.to_owned()).header("authorization", &bearer)).await?.ok::<Value>()?;
    for unknown in ["whk_01234567_cGxhbnRlZHBsYW50ZWRwbGFudGVkcGxhbnRlZHBsYW4", "planted-bearer-token"] {
        let bearer = format!("Bearer {}", planted.add(unknown));
        stranger.send(get(paths::WORKSPACES.to_owned()).header("authorization", &bearer)).await?;
    }
    // Where none belongs: in a query, a path, a header, a body that is no JSON, a field that there is not.
    planted.add(STRAY);
    for path in
        [format!("{}?token={STRAY}", paths::WORKSPACES), format!("/{STRAY}"), format!("{}/{STRAY}", paths::WORKSPACES)]
    {
        client.send(get(path).header("x-forwarded-for", STRAY).header("user-agent", STRAY)).await?;
    }
    let post = || Request::new(Method::POST, paths::SESSION);
    client.send(post().body("application/json", format!("{{\"password\": \"{STRAY}"))).await?;
    client.send(post().json(&json!({ "email": STRAY, "password": STRAY, STRAY: STRAY }))).await?;
    Ok(())
}

/// An account that answers and one that does not; a fleet is read.
pub async fn fleet(client: &ApiClient, endpoint: &str, planted: &mut Planted) -> Result<()> {
    let with = |name: &str, kind: &str, url: &str| json!({ "name": name, "regions": ["eu-central-1"], "credentials": kind, "endpoint_url": url });
    let good: AccountView = client.post(paths::ACCOUNTS, &with("Demo", "simulated", endpoint)).await?.ok()?;
    let mut role = with("Away", "role", "http://127.0.0.1:9");
    role["role_arn"] = json!("arn:aws:iam::123456789012:role/wheelhouse");
    role["external_id"] = json!(planted.add("planted-external-id"));
    let away: AccountView = client.post(paths::ACCOUNTS, &role).await?.ok()?;
    for (account, wanted) in [(good.id, Some(JobState::Done)), (away.id, None)] {
        for job in client.post_empty(&with_id(paths::ACCOUNT_SYNC, account)).await?.ok::<StartedJobsView>()?.job_ids {
            let Some(wanted) = wanted else { continue };
            anyhow::ensure!(ended(client, job).await? == wanted, "the sync did not end well");
        }
    }
    client.post_empty(&with_id(paths::ACCOUNT_TEST, away.id)).await?;
    Ok(())
}

/// Actions, a report that is sent nowhere, a question.
pub async fn work(client: &ApiClient, planted: &mut Planted) -> Result<()> {
    let fleet: Page<WorkspaceView> = client.get(&format!("{}?limit=20", paths::WORKSPACES)).await?.ok()?;
    let ids: Vec<_> = fleet.items.iter().map(|workspace| workspace.id).collect();
    anyhow::ensure!(!ids.is_empty(), "no fleet");
    let tag = planted.add("planted-tag-AKIAIOSFODNN7EXAMPLE");
    for (path, body) in [
        (paths::WORKSPACES_STOP, json!({ "workspace_ids": ids })),
        (
            paths::WORKSPACES_TAGS,
            json!({ "workspace_ids": ids, "set": { "note": tag, "api_key": planted.add("planted-tag-value") } }),
        ),
    ] {
        let started: Value = client.post(path, &body).await?.ok()?;
        if let Ok(job) = serde_json::from_value(started["job_id"].clone()) {
            ended(client, job).await?;
        }
    }
    let webhook = format!("https://hooks.invalid/{}", planted.add("planted-webhook-path"));
    let report = json!({
        "name": "Usage", "template": "usage", "span": "yesterday", "format": "csv", "frequency": "never", "zone": "UTC", "hour": 7,
        "day": 1, "keep_runs": 3, "enabled": true, "recipients": [EMAIL], "webhook_url": webhook,
    });
    let report: ReportView = client.post(paths::REPORTS, &report).await?.ok()?;
    planted.add(report.webhook_secret.context("it is told once")?);
    let run: ReportRunView = client.post_empty(&with_id(paths::REPORT_RUNS, report.id)).await?.ok()?;
    ended(client, run.job_id.context("a job makes it")?).await?;

    let talk: ConversationView = client.post(paths::CONVERSATIONS, &json!({})).await?.ok()?;
    for question in ["How many WorkSpaces are there?", &planted.add("planted question: my password is swordfish")] {
        let turn: TurnView =
            client.post(&with_id(paths::CONVERSATION_TURNS, talk.id), &json!({ "question": question })).await?.ok()?;
        let answer = client.post_empty(&with_id(paths::TURN_ANSWER, turn.id)).await?;
        anyhow::ensure!(answer.status == 200, "{}", answer.text());
    }
    Ok(())
}

/// How a job ended.
pub async fn ended(client: &ApiClient, job: JobId) -> Result<JobState> {
    let end = async {
        loop {
            let state = client.get(&with_id(paths::JOB, job)).await?.ok::<JobDetailView>()?.job.state;
            if !matches!(state, JobState::Queued | JobState::Running) {
                return Ok(state);
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, end).await.context("the job does not end")?
}
