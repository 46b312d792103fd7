//! What the local model and the whole portal take together, beside the 4 GB of a small machine: the one binary on SQLite with
//! its simulated AWS, and the model service on a file of Phi-3-mini's true shape with random weights, after a conversation
//! that fills the model's context.
//!
//! The model has a process of its own, so that it can be asked directly; the portal asks it too. What is added up is the
//! most that each process ever held by itself, what it had mapped of the model's file among it: together they never held more.
//! Before the portal starts, nobody asks the model for a while: what that costs of the processor.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use ai_service::files::memory::Amount;
use ai_service::files::random;
use anyhow::{Context as _, Result, ensure};
use contract::assistant::{ConversationView, TurnView};
use contract::overview::OverviewView;
use contract::paths::{CONVERSATION_TURNS, CONVERSATIONS, OVERVIEW, SETUP, TURN_ANSWER, WORKSPACES, with_id};
use serde_json::{Value, json};
use testkit::client::ApiClient;
use testkit::process::{Child, free_port, wheelhouse};
use tokio::process::Command;
use tokio::time::Instant;

use crate::{Row, row};

/// What the machine has.
const MACHINE: u64 = 4_000_000_000;
/// Tokens that the model's cache holds.
const CONTEXT: u64 = 2048;
/// Tokens of them for the answer, with some to spare.
const ANSWER: u64 = 64;
/// Words of the prompt that tells how many tokens a word is.
const WORDS: u64 = 600;
/// How long the model's threads have to go to sleep after an answer, and for how long nobody asks then.
const SETTLES: Duration = Duration::from_secs(1);
const IDLE: Duration = Duration::from_secs(10);
/// Longest wait for anything that is certain to come, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(900);

pub async fn run() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mini.gguf");
    let written = file.clone();
    tokio::task::spawn_blocking(move || random::write_mini(&written)).await??;
    let size = std::fs::metadata(&file)?.len();

    let address = format!("127.0.0.1:{}", free_port()?);
    let url = format!("http://{address}");
    let mut command = program(folder.path())?;
    command.args(["ai", "--listen", &address]).env("WHEELHOUSE_AI__MODEL", &file);
    command.env("WHEELHOUSE_AI__CONTEXT", CONTEXT.to_string());
    command.env("WHEELHOUSE_AI__DEADLINE_SECONDS", PATIENCE.as_secs().to_string());
    let model = Model { process: Child::spawn(&mut command)?, http: platform::http::client(PATIENCE)?, url };
    model.until_ready().await?;
    model.ask(8, 1).await?;
    let idle = idle(&model.process).await?;
    let portal = portal(folder.path(), &model.url).await?;
    let used = model.fill().await?;

    let peak = |what: &str, process: &Child| {
        let memory = process.id().and_then(platform::memory::resident_of);
        memory.map(|memory| memory.peak_bytes).with_context(|| format!("{what} ended, or there is no /proc"))
    };
    let (model, portal) = (peak("the model service", &model.process)?, peak("the portal", &portal)?);
    Ok(vec![
        row("the model's file", Amount(size).to_string()),
        row("positions of its cache used", format!("{used} of {CONTEXT}")),
        row("processor time of the model service while nobody asks", idle),
        row("model service, the most it held", Amount(model).to_string()),
        row("portal, worker and simulated AWS, the most they held", Amount(portal).to_string()),
        row("together", format!("{} (at most {} wanted)", Amount(model + portal), Amount(MACHINE))),
    ])
}

/// The processor time that a process takes while it has nothing to do.
async fn idle(process: &Child) -> Result<String> {
    tokio::time::sleep(SETTLES).await;
    let before = threads(process)?;
    tokio::time::sleep(IDLE).await;
    let (mut engine, mut all) = (0_u64, 0_u64);
    for (thread, (of_engine, ran)) in threads(process)? {
        let more = ran.saturating_sub(before.get(&thread).map_or(0, |(_, ran)| *ran));
        all += more;
        engine += if of_engine { more } else { 0 };
    }
    let [engine, all] = [engine, all].map(|nanoseconds| nanoseconds as f64 / 1e6);
    Ok(format!("engine {engine:.1} ms (0 wanted), in all {all:.1} ms, of {} s", IDLE.as_secs()))
}

/// The threads of a process: whether each is one of the engine's, and for how many nanoseconds it ran.
fn threads(process: &Child) -> Result<BTreeMap<OsString, (bool, u64)>> {
    let folder = format!("/proc/{}/task", process.id().context("the model service ended")?);
    let mut threads = BTreeMap::new();
    for task in std::fs::read_dir(&folder).context(folder)?.flatten() {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let name = read("comm");
        let ran = read("schedstat").split_whitespace().next().and_then(|text| text.parse().ok());
        let of_engine = name.starts_with("ai-engine") || name.starts_with("model-");
        threads.insert(task.file_name(), (of_engine, ran.unwrap_or(0)));
    }
    Ok(threads)
}

/// The binary, with nothing of ours in its environment.
fn program(folder: &Path) -> Result<Command> {
    let mut command = wheelhouse()?;
    command.current_dir(folder).stdout(Stdio::null());
    command.env_remove("DATABASE_URL").env_remove("REDIS_URL").env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn");
    Ok(command)
}

/// The one binary, its fleet synced and looked at, and the assistant asked.
async fn portal(folder: &Path, model: &str) -> Result<Child> {
    let mut command = program(folder)?;
    command.args(["--json", "--listen", &format!("127.0.0.1:{}", free_port()?), "--data"]).arg(folder.join("data"));
    command.env("WHEELHOUSE_AI__URL", model).env("WHEELHOUSE_AI__ANSWER_SECONDS", "20").stdout(Stdio::piped());
    let mut process = Child::spawn(&mut command)?;
    let mut lines = process.lines()?;
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??.context("the portal ended without a word")?;
    // It prints nothing more, and the pipe stays open until it ends.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let started: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
    let token = started["setup_link"].as_str().and_then(|link| link.rsplit('=').next()).context("a one-time link")?;
    let client = ApiClient::new(started["url"].as_str().context("an address")?)?;
    let owner = json!({ "token": token, "email": "together@example.com", "password": testkit::app::OWNER_PASSWORD });
    client.post(SETUP, &owner).await?.ok::<Value>()?;
    let give_up = Instant::now() + PATIENCE;
    loop {
        let seen: OverviewView = client.get(OVERVIEW).await?.ok()?;
        if seen.jobs_active == 0 && seen.fresh_since.is_some() {
            break;
        }
        ensure!(Instant::now() < give_up, "the fleet is not synced: {seen:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    client.get(&format!("{WORKSPACES}?limit=100")).await?.ok::<Value>()?;
    let conversation: ConversationView = client.post(CONVERSATIONS, &json!({})).await?.ok()?;
    let question = json!({ "question": "How many WorkSpaces are there by state?" });
    let turn: TurnView = client.post(&with_id(CONVERSATION_TURNS, conversation.id), &question).await?.ok()?;
    let answer = client.post_empty(&with_id(TURN_ANSWER, turn.id)).await?;
    ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    Ok(process)
}

/// The model service.
struct Model {
    process: Child,
    http: reqwest::Client,
    url: String,
}

impl Model {
    async fn until_ready(&self) -> Result<()> {
        let give_up = Instant::now() + PATIENCE;
        let ready = format!("{}/health/ready", self.url);
        loop {
            let answer = self.http.get(&ready).send().await;
            let said = match answer {
                Ok(answer) if answer.status() == 200 => return Ok(()),
                Ok(answer) => answer.text().await?,
                Err(error) => error.to_string(),
            };
            ensure!(Instant::now() < give_up, "the model is not ready: {said}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Has a conversation that fills the cache: the positions that it took.
    async fn fill(&self) -> Result<u64> {
        let (few, _) = self.ask(WORDS, 1).await?;
        let (prompt, answer) = self.ask((CONTEXT - ANSWER) * WORDS / few, ANSWER).await?;
        Ok(prompt + answer)
    }

    /// Tokens of a prompt of so many words, and of its answer.
    async fn ask(&self, words: u64, most: u64) -> Result<(u64, u64)> {
        // Of the vocabulary that the file has.
        let text: Vec<&str> = ["the", "fleet", "has", "running", "workspaces", "and"]
            .into_iter()
            .cycle()
            .take(usize::try_from(words)?)
            .collect();
        let messages = json!([{ "role": "user", "content": text.join(" ") }]);
        let body = json!({ "messages": messages, "temperature": 0, "max_tokens": most });
        let answer = self.http.post(format!("{}/v1/chat/completions", self.url)).json(&body).send().await?;
        let (status, answer) = (answer.status(), answer.text().await?);
        ensure!(status == 200, "{status}: {answer}");
        let answer: Value = serde_json::from_str(&answer)?;
        let usage = |name: &str| answer["usage"][name].as_u64().with_context(|| format!("no {name} in {answer}"));
        Ok((usage("prompt_tokens")?, usage("completion_tokens")?))
    }
}
