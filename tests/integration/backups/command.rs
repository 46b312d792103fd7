//! The commands, as a person or a script calls them.

use std::process::Output;

use anyhow::{Context as _, Result};
use serde_json::Value;
use testkit::db::{Backend, TestDatabase};
use testkit::db_test;
use testkit::outside::needed;
use testkit::process::wheelhouse;
use tokio::process::Command;

use super::place::Place;
use crate::worker_process::environment;

fn settings(place: &Place) -> Vec<(&'static str, String)> {
    let mut settings = environment(place.config().database.url.expose());
    let shown = |path: std::path::PathBuf| path.display().to_string();
    settings.extend([
        ("WHEELHOUSE_AUDIT__CHECKPOINT_DIR", shown(place.folder().join("audit"))),
        ("WHEELHOUSE_REPORTS__DIR", shown(place.reports())),
        ("WHEELHOUSE_BACKUP__DIR", shown(place.backups())),
        ("WHEELHOUSE_BACKUP__KEY_FILE", shown(place.key_file())),
        ("WHEELHOUSE_BACKUP__POSTGRES_BIN", place.config().backup.postgres_bin.clone().map(shown).unwrap_or_default()),
    ]);
    settings
}

async fn call(place: &Place, mut command: Command) -> Result<Output> {
    command.envs(settings(place)).current_dir(place.folder()).kill_on_drop(true);
    Ok(command.output().await?)
}

async fn json(place: &Place, arguments: &[&str]) -> Result<Value> {
    let mut command = wheelhouse()?;
    command.args(arguments).arg("--json");
    let output = call(place, command).await?;
    anyhow::ensure!(output.status.success(), "{arguments:?}: {output:?}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

async fn commands(database: TestDatabase) -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let backend = database.backend;
    let place = Place::filled_in(database).await?;
    let made = json(&place, &["backup", "--prune"]).await?;
    let file = made["file"].as_str().context("a file")?;
    let seen = json(&place, &["verify", file]).await?;
    assert_eq!((&seen["bytes"], &seen["manifest"]["tables"]["account"]), (&made["bytes"], &3.into()));
    let empty = Place::empty(backend).await?.context("there was a server")?;
    empty.take_key_of(&place)?;
    let back = json(&empty, &["restore", file]).await?;
    assert_eq!((&back["rows"], &back["audit_whole"]), (&made["rows"], &true.into()), "{back}");
    assert!(empty.reports().join(&place.report).is_file());
    let log = json(&empty, &["audit", "verify", "--public-key", &public_key(&place)?]).await?;
    assert_eq!(log["report"]["whole"], true, "{log}");

    // Once more is once too often.
    let mut again = wheelhouse()?;
    again.args(["restore", file]);
    let output = call(&empty, again).await?;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("is there already"), "{words}");
    Ok(())
}

fn public_key(place: &Place) -> Result<String> {
    let file = place.folder().join("audit").join("audit.pub");
    anyhow::ensure!(file.is_file(), "no public key");
    Ok(file.display().to_string())
}

/// A disk that is full, as a limit on how much a process may write into one file.
async fn full(database: TestDatabase) -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let kilobytes = match database.backend {
        Backend::Sqlite => 128,
        Backend::Postgres => 8,
    };
    let place = Place::filled_in(database).await?;
    let before = place.leftovers()?;
    let program = std::env::var("WHEELHOUSE_TEST_BINARY")?;
    let mut command = Command::new("bash");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" backup")).arg(program);
    let output = call(&place, command).await?;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("wheelhouse: ") && words.contains('/'), "{words}");
    assert_eq!(place.names()?, Vec::<String>::new(), "{words}");
    assert_eq!(place.leftovers()?, before);
    Ok(())
}

db_test! {
    async fn the_commands_work(database) {
        commands(database).await
    }
}

db_test! {
    async fn a_full_disk_is_said_and_nothing_left(database) {
        full(database).await
    }
}
