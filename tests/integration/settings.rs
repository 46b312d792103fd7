//! Settings that stand in AWS, put there by boto3 into `moto_server`, and settings that a running process reads again.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::paths::{SESSION, SETTINGS, SETUP};
use contract::settings::{SettingView, SettingsView};
use serde_json::{Value, json};
use testkit::client::ApiClient;
use testkit::outside::{Moto, needed, python};
use testkit::process::{Child, free_port, wheelhouse};
use tokio::process::Command;

const PATIENCE: Duration = Duration::from_secs(60);

/// The binary, with nothing of this machine's own settings, and that server as AWS.
fn binary(aws: &str, folder: &Path) -> Result<Command> {
    let mut command = wheelhouse()?;
    command.current_dir(folder).env_remove("DATABASE_URL").env_remove("REDIS_URL").kill_on_drop(true);
    command.env("AWS_ENDPOINT_URL", aws).env("AWS_REGION", "us-east-1").env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "testing");
    Ok(command)
}

async fn put(moto: &Moto, arguments: &[&str]) -> Result<Option<Value>> {
    python("settings.py", &[&["--endpoint", moto.url.as_str()], arguments].concat()).await
}

#[tokio::test]
async fn settings_stand_in_parameter_store_and_secrets_manager() -> Result<()> {
    let Some(moto) = Moto::start().await? else { return Ok(()) };
    // More than a page of AWS's, which holds ten.
    let many: Vec<_> =
        ["workspaces", "directories", "connection_status", "usage", "cloudtrail", "billing", "prices", "prune"]
            .iter()
            .map(|name| format!("/wheelhouse/staging/sync/{name}_period_seconds"))
            .collect();
    let mut arguments = many.iter().flat_map(|name| ["--parameter", name, "7200"]).collect::<Vec<_>>();
    for (name, value) in [
        ("/wheelhouse/staging/database/url", "postgres://ann:hush@db/wheelhouse"),
        ("/wheelhouse/staging/worker/concurrency", "9"),
        ("/wheelhouse/staging/aws/burst", "8"),
        ("/wheelhouse/staging/session/idle_minutes", "30"),
        ("/wheelhouse/other/aws/burst", "3"),
    ] {
        arguments.extend(["--parameter", name, value]);
    }
    let secret = json!({ "redis.url": "rediss://:hush@redis:6379/0", "session.idle_minutes": 45 }).to_string();
    arguments.extend(["--secret", "wheelhouse/staging", &secret]);
    if put(&moto, &arguments).await?.is_none() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("wheelhouse.toml"), "[aws]\nburst = 2\nmax_attempts = 3\n")?;
    let mut command = binary(&moto.url, folder.path())?;
    command.env("WHEELHOUSE_PARAMETERS", "/wheelhouse/staging/").env("WHEELHOUSE_SECRET", "wheelhouse/staging");
    command.env("WHEELHOUSE_WORKER__CONCURRENCY", "4").args(["--json", "config", "show"]);
    let output = command.output().await?;
    let printed = String::from_utf8(output.stdout)?;
    anyhow::ensure!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let shown: BTreeMap<String, Value> = serde_json::from_str(&printed)?;
    let told = |key: &str| (shown[key]["value"].clone(), shown[key]["source"].clone());
    let store = |name: &str| json!({ "layer": "parameter-store", "name": format!("/wheelhouse/staging/{name}") });
    let secret = json!({ "layer": "secrets-manager", "secret": "wheelhouse/staging" });
    assert_eq!(told("database.url"), (json!("postgres://ann:***@db/wheelhouse"), store("database/url")));
    assert_eq!(told("aws.burst"), (json!(8), store("aws/burst")), "above the file, and of this path only");
    assert_eq!(told("sync.prune_period_seconds"), (json!(7200), store("sync/prune_period_seconds")), "every page");
    assert_eq!(told("session.idle_minutes"), (json!(45), secret.clone()), "the secret is above the parameters");
    assert_eq!(told("redis.url").1, secret);
    assert_eq!(shown["worker.concurrency"]["value"], 4, "the environment is above both");
    assert_eq!(shown["aws.max_attempts"]["source"]["layer"], "file");
    assert!(!printed.contains("hush"), "{printed}");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_store_is_said() -> Result<()> {
    let Some(moto) = Moto::start().await? else { return Ok(()) };
    let faulty = ["--parameter", "/faulty/worker/concurency", "9", "--parameter", "/faulty/aws/burst", "many"];
    let secret = ["--secret", "list", "[\"hush\"]"];
    if put(&moto, &[&faulty[..], &secret[..]].concat()).await?.is_none() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    for (variable, value, said) in [
        (
            "WHEELHOUSE_PARAMETERS",
            "/faulty",
            &[
                "Parameter Store: /faulty/worker/concurency",
                "did you mean worker.concurrency?",
                "Parameter Store: /faulty/aws/burst",
            ][..],
        ),
        ("WHEELHOUSE_PARAMETERS", "/nothing", &["WHEELHOUSE_PARAMETERS", "nothing under /nothing"][..]),
        ("WHEELHOUSE_PARAMETERS", "faulty", &["begins with a slash"][..]),
        (
            "WHEELHOUSE_SECRET",
            "nobody",
            &["WHEELHOUSE_SECRET", "the secret nobody could not be read", "ResourceNotFound"][..],
        ),
        ("WHEELHOUSE_SECRET", "list", &["the secret list is no JSON object of settings"][..]),
    ] {
        let mut command = binary(&moto.url, folder.path())?;
        let output = command.env(variable, value).args(["config", "show"]).output().await?;
        let error = String::from_utf8(output.stderr)?;
        assert!(!output.status.success(), "{variable}={value}");
        assert!(
            said.iter().all(|words| error.contains(words)) && !error.contains("hush"),
            "{variable}={value}: {error}"
        );
    }
    Ok(())
}

/// An answer that breaks off is not quoted: a secret was in it.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_shown() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let cut = axum::Router::new()
        .fallback(async || ([("content-type", "application/x-amz-json-1.1")], r#"{"Name":"x","SecretString":"hush"#));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let served = tokio::spawn(async move { axum::serve(listener, cut).await });
    let folder = tempfile::tempdir()?;
    for (variable, name) in [("WHEELHOUSE_SECRET", "x"), ("WHEELHOUSE_PARAMETERS", "/x")] {
        let output = binary(&url, folder.path())?.env(variable, name).args(["config", "show"]).output().await?;
        let error = String::from_utf8(output.stderr)?;
        assert!(!output.status.success() && error.contains(variable) && !error.contains("hush"), "{error}");
    }
    served.abort();
    Ok(())
}

async fn settings(client: &ApiClient) -> Result<BTreeMap<String, SettingView>> {
    let view: SettingsView = client.get(SETTINGS).await?.ok()?;
    Ok(view.settings.into_iter().map(|one| (one.key.clone(), one)).collect())
}

#[cfg(unix)]
#[tokio::test]
async fn a_running_process_reads_its_settings_again() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let (folder, port) = (tempfile::tempdir()?, free_port()?);
    let file = folder.path().join("wheelhouse.toml");
    std::fs::write(&file, "[session]\nidle_minutes = 30\n[worker]\nconcurrency = 3\n")?;
    let mut command = wheelhouse()?;
    command.current_dir(folder.path()).env_remove("DATABASE_URL").env_remove("REDIS_URL");
    command.args(["--json", "--no-demo", "--data", "data", "--listen", &format!("127.0.0.1:{port}")]);
    let log = folder.path().join("log");
    let mut child = Child::spawn(command.stdout(std::process::Stdio::piped()).stderr(std::fs::File::create(&log)?))?;
    let mut lines = child.lines()?;
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??.context("it says where it is")?;
    let started: Value = serde_json::from_str(&line)?;
    let token = started["setup_link"].as_str().and_then(|link| link.split_once("token=")).context("a link")?.1;
    let client = ApiClient::new(started["url"].as_str().context("an address")?)?;
    let credentials = json!({ "email": "owner@example.com", "password": "correct horse battery" });
    let mut owner = credentials.clone();
    owner["token"] = json!(token);
    client.post(SETUP, &owner).await?.ok::<Value>()?;
    client.post(SESSION, &credentials).await?.ok::<Value>()?;
    let value = |all: &BTreeMap<String, SettingView>, key: &str| all[key].value.clone().unwrap_or_default();
    let before = settings(&client).await?;
    assert_eq!(
        (value(&before, "session.idle_minutes"), value(&before, "worker.concurrency")),
        ("30".into(), "3".into())
    );
    assert!(before["session.idle_minutes"].live && !before["worker.concurrency"].live);

    // A fault changes nothing, and does not end it; what may change does, the rest waits.
    for (text, said, idle, syncs) in [
        ("[session]\nidle_minutes = \"soon\"\n[sync]\nenabled = false\n", "are left as they were", "30", "true"),
        (
            "[session]\nidle_minutes = 90\n[worker]\nconcurrency = 5\n[sync]\nenabled = false\n",
            "hold from the next start",
            "90",
            "false",
        ),
    ] {
        std::fs::write(&file, text)?;
        let id = child.id().context("it has ended")?.to_string();
        anyhow::ensure!(Command::new("kill").args(["-HUP", &id]).status().await?.success());
        let give_up = tokio::time::Instant::now() + PATIENCE;
        while !std::fs::read_to_string(&log)?.contains(said) {
            anyhow::ensure!(tokio::time::Instant::now() < give_up, "the log does not say {said:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let after = settings(&client).await?;
        let told = ["session.idle_minutes", "sync.enabled", "worker.concurrency"].map(|key| value(&after, key));
        assert_eq!(told, [idle, syncs, "3"]);
    }
    let place = settings(&client).await?["sync.enabled"].place.clone().unwrap_or_default();
    assert!(place.ends_with("wheelhouse.toml:6"), "{place}");
    assert!(child.terminate().await?.success());
    Ok(())
}
