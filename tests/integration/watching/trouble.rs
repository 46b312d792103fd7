//! What seldom happens, brought about in a real process, so that every panel has something to show: an account that AWS throttles
//! and that our own limit holds back, requests that cost something, jobs in every state, a model that phrases an answer, a sign-in
//! service that is away. To add something: a part of [`Trouble::make`], and what it needs in [`Trouble::settings`].

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use contract::accounts::{AccountView, StartedJobsView};
use contract::assistant::{ConversationView, TurnView};
use contract::paths;
use contract::problem::code;
use domain::sync::SyncKind;
use platform::shutdown::Shutdown;
use serde_json::json;
use store::DbOptions;
use store::queue::{self, NewJob};
use testkit::app::{REGIONS, TestAppOptions};
use testkit::client::ApiClient;
use testkit::compose;
use testkit::model::{Model, Says};

use super::process::Watched;
use crate::worker_process::sleeping;

/// A kind of job that no worker knows.
const UNKNOWN: &str = "never-heard-of";

/// What is outside of the process: an AWS, and a model.
pub struct Trouble {
    aws: String,
    model: Model,
}

impl Trouble {
    /// Starts both; they end with the test.
    pub async fn begin() -> Result<Self> {
        let faults = vec!["throttle:DescribeWorkspaceDirectories".to_owned()];
        let options = TestAppOptions { faults, ..TestAppOptions::default() };
        let (_, aws) = compose::simulator(&options, &Shutdown::new()).await?;
        let model = Model::start("cpu").await?;
        model.says(Says::Text("Nothing that holds.".to_owned()));
        Ok(Self { aws, model })
    }

    /// What the process is to be started with.
    pub fn settings(&self) -> [(&'static str, &str); 9] {
        [
            // Accounts with real credentials have the real limit; here one request, and the next one after more than a minute.
            ("AWS_ACCESS_KEY_ID", "AKIATROUBLE000000000"),
            ("AWS_SECRET_ACCESS_KEY", "trouble"),
            ("WHEELHOUSE_AWS__REQUESTS_PER_SECOND", "0.01"),
            ("WHEELHOUSE_AWS__BURST", "1"),
            // The small model of this machine is asked first; whatever it does, the other one's turn comes.
            ("WHEELHOUSE_AI__ANSWER_SECONDS", "20"),
            ("WHEELHOUSE_AI__REMOTE_URL", self.model.url()),
            ("WHEELHOUSE_OIDC__ISSUER", "http://127.0.0.1:1"),
            ("WHEELHOUSE_OIDC__CLIENT_ID", "wheelhouse"),
            (worker::PROBE_VARIABLE, "1"),
        ]
    }

    /// Makes it happen.
    pub async fn make(&self, watched: &Watched, owner: &ApiClient) -> Result<()> {
        let account =
            json!({ "name": "Trouble", "regions": REGIONS, "credentials": "chain", "endpoint_url": self.aws });
        let account: AccountView = owner.post(paths::ACCOUNTS, &account).await?.ok()?;
        owner.post_empty(&paths::with_id(paths::ACCOUNT_SYNC, account.id)).await?.ok::<StartedJobsView>()?;
        let billing = paths::with_id(paths::SCHEDULE_RUN, SyncKind::Billing.as_str());
        owner.post_empty(&billing).await?.ok::<StartedJobsView>()?;
        owner.post_empty(paths::OIDC_LINK).await?.refused(502, code::SIGN_IN_SERVICE)?;
        jobs(&watched.database()).await?;
        ask(owner).await
    }
}

/// A job that runs for some seconds, one that is dead at once, and one whose worker vanished, which waits from then on.
async fn jobs(url: &str) -> Result<()> {
    let (db, env) = (store::db::connect(&DbOptions::new(url)).await?, testkit::env::real());
    let damaged = NewJob::new(SyncKind::Workspaces.as_str(), "damaged", json!({ "account_id": 7 }));
    let due = Some(env.now() - TimeDelta::hours(2));
    let left = NewJob { run_at: due, ..NewJob::new(UNKNOWN, "left", json!({})) };
    queue::enqueue_many(&db, &env, vec![sleeping(Duration::from_secs(5)), damaged, left]).await?;
    let long_ago = env.now() - TimeDelta::hours(1);
    let claimed = queue::claim(&db, "vanished", &[UNKNOWN.to_owned()], 1, long_ago).await?;
    anyhow::ensure!(claimed.len() == 1, "{claimed:?}");
    Ok(db.close().await?)
}

/// Asks the assistant, whose models phrase the answer.
async fn ask(owner: &ApiClient) -> Result<()> {
    let conversation: ConversationView = owner.post(paths::CONVERSATIONS, &json!({})).await?.ok()?;
    let question = json!({ "question": "How many WorkSpaces are there by state?" });
    let turns = paths::with_id(paths::CONVERSATION_TURNS, conversation.id);
    let turn: TurnView = owner.post(&turns, &question).await?.ok()?;
    let answer = owner.post_empty(&paths::with_id(paths::TURN_ANSWER, turn.id)).await?;
    anyhow::ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    Ok(())
}
