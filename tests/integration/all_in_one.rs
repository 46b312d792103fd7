//! `wheelhouse` without a subcommand, as somebody new to it meets it: the one line it prints, the README's commands word for
//! word, Ctrl-C, and the same again on the data it left.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::accounts::AccountView;
use contract::overview::OverviewView;
use contract::page::Page;
use contract::paths::{ACCOUNT_SYNC, ACCOUNTS, JOB, OVERVIEW, SESSION, WORKSPACES, with_id};
use contract::workspaces::WorkspaceView;
use serde_json::{Value, json};
use testkit::client::ApiClient;
use testkit::outside::{has_program, needed, root};
use testkit::process::{Child, free_port, wheelhouse};
use tokio::process::Command;

const WORKSPACES_SHOWN: u64 = 60;

/// The blocks of shell commands in a section of the README.
fn readme_commands(section: &str) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root().join("README.md"))?;
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).with_context(|| format!("no section {section}"))?;
    let section = rest.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("\n```sh\n").skip(1);
    Ok(blocks.filter_map(|block| Some(block.split_once("\n```")?.0.to_owned())).collect())
}

/// The commands made to fit this run; each thing replaced must be there.
fn fitted(commands: &str, replaced: &[(&str, &str)]) -> Result<String> {
    replaced.iter().try_fold(commands.to_owned(), |text, (from, to)| {
        anyhow::ensure!(text.contains(from), "{from:?} is not in the README's commands:\n{text}");
        Ok(text.replace(from, to))
    })
}

/// Runs the commands in a shell: what they print, and the status of the last.
async fn shell(commands: &str, folder: &Path) -> Result<(String, Option<i32>)> {
    let output = Command::new("bash").arg("-c").arg(commands).current_dir(folder).kill_on_drop(true).output().await?;
    Ok((String::from_utf8(output.stdout)?, output.status.code()))
}

/// Starts it on the folder's data: the child, and the line it prints.
async fn start(folder: &Path, port: u16) -> Result<(Child, String)> {
    let mut command = wheelhouse()?;
    command.args(["--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(folder.join("data"));
    command.args(["--demo-workspaces", &WORKSPACES_SHOWN.to_string()]).current_dir(folder);
    command.env_remove("DATABASE_URL").env_remove("REDIS_URL").stdout(std::process::Stdio::piped());
    let mut child = Child::spawn(&mut command)?;
    let mut lines = child.lines()?;
    let line =
        tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await.context("it prints nothing")??;
    // Whatever else it prints would be lost here, and there is nothing else: the pipe stays open until it ends.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, line.context("it ended without a word")?))
}

/// Waits until every WorkSpace of the demo is there.
async fn whole_fleet(client: &ApiClient) -> Result<()> {
    let give_up = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let seen: OverviewView = client.get(OVERVIEW).await?.ok()?;
        if seen.jobs_active == 0 && seen.fresh_since.is_some() {
            assert_eq!(seen.workspaces, WORKSPACES_SHOWN);
            return Ok(());
        }
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "the demo is not synced: {seen:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What the README's commands print after the owner is there: an answer each, then the live stream.
///
/// Gives the job that was started.
fn look_at(printed: &str, status: Option<i32>) -> Result<String> {
    let mut answers = serde_json::Deserializer::from_str(printed).into_iter::<Value>();
    let mut answer = || answers.next().context("an answer is missing")?.with_context(|| printed.to_owned());
    let (session, list, dry_run, started, jobs) = (answer()?, answer()?, answer()?, answer()?, answer()?);
    assert_eq!((&session["email"], &session["role"]), (&json!("owner@example.com"), &json!("owner")), "{session}");
    let items = list["items"].as_array().context("a list")?;
    assert_eq!(items.len(), 5, "{list}");
    assert!(items.iter().all(|item| item["state"] == "STOPPED"), "{list}");
    assert!(items.is_sorted_by_key(|item| item["user_name"].as_str()), "{list}");
    let told = |answer: &Value| (answer["accepted"].clone(), answer["refused"].clone(), answer["dry_run"].clone());
    assert_eq!(told(&dry_run), (json!(1), json!(0), json!(true)), "{dry_run}");
    assert_eq!(dry_run["job_id"], Value::Null);
    assert_eq!(told(&started), (json!(1), json!(0), json!(false)), "{started}");
    let job = started["job_id"].as_str().context("it starts a job")?;
    let jobs = jobs["items"].as_array().context("jobs")?;
    assert!((1..=3).contains(&jobs.len()), "{jobs:?}");

    let stream = &printed[answers.byte_offset()..];
    assert!(stream.lines().any(|line| line == "event: job"), "no job was seen on the stream: {stream}");
    assert_eq!(status, Some(28), "curl watches until its time is over: {stream}");
    Ok(job.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readme_works_from_the_first_line_to_the_second_start() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() || !has_program("curl").await? || !has_program("bash").await? {
        return Ok(());
    }
    let (folder, port) = (tempfile::tempdir()?, free_port()?);
    let (mut child, line) = start(folder.path(), port).await?;
    let (told, link) = line.split_once(" · create the owner here: ").context("it names the link")?;
    let base = told.strip_prefix("Wheelhouse is at ").context("it says where it is")?;
    assert!(base.ends_with(&format!(":{port}")), "{line}");
    let token = link.strip_prefix(&format!("{base}/setup?token=")).context("a link of the portal")?;

    let blocks = readme_commands("Use the API")?;
    let [setup, rest] = blocks.as_slice() else { anyhow::bail!("{} blocks of commands", blocks.len()) };
    let host = format!("localhost:{port}");
    let host = ("localhost:8080", host.as_str());
    let (printed, status) =
        shell(&fitted(setup, &[("TOKEN=…", &format!("TOKEN={token}")), host])?, folder.path()).await?;
    let owner: Value = serde_json::from_str(&printed).with_context(|| printed.clone())?;
    assert_eq!((status, &owner["role"]), (Some(0), &json!("owner")), "{owner}");

    let client = ApiClient::new(base)?;
    let credentials = json!({ "email": "owner@example.com", "password": "correct horse battery" });
    client.post(SESSION, &credentials).await?.ok::<Value>()?;
    whole_fleet(&client).await?;
    let all: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?limit=1")).await?.ok()?;
    assert_eq!(all.total, WORKSPACES_SHOWN);
    let account = client.get(ACCOUNTS).await?.ok::<Page<AccountView>>()?.items.pop().context("the demo account")?.id;

    // On a quick machine the start is over before the stream is opened; other jobs come while it is watched.
    let keep_busy = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            client.post_empty(&with_id(ACCOUNT_SYNC, account)).await.ok();
        }
    };
    let commands = fitted(rest, &[host, ("--max-time 10", "--max-time 2")])?;
    let (printed, status) = tokio::select! {
        ended = shell(&commands, folder.path()) => ended?,
        () = keep_busy => anyhow::bail!("it never ends"),
    };
    // Not looked for among the newest three: others come meanwhile.
    let job = look_at(&printed, status)?;
    client.get(&with_id(JOB, job)).await?.ok::<Value>()?;
    assert!(child.interrupt().await?.success(), "Ctrl-C is a good end");

    let (mut child, line) = start(folder.path(), port).await?;
    assert_eq!(line, format!("Wheelhouse is at {base}"), "there is an owner already");
    let again = ApiClient::new(base)?;
    again.post(SESSION, &credentials).await?.ok::<Value>()?;
    let all: Page<WorkspaceView> = again.get(&format!("{WORKSPACES}?limit=1")).await?.ok()?;
    assert_eq!(all.total, WORKSPACES_SHOWN, "what was known is still known");
    assert!(child.interrupt().await?.success(), "Ctrl-C is a good end");
    Ok(())
}
