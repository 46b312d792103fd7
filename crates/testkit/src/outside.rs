//! Programs that are not ours and that tests work with: Python clients, `moto_server`, a Postgres that may be stopped.
//!
//! `cargo xtask test` installs them and says where they are. A test that lacks one says so and ends; with `CI` set that is
//! a failure, so that it can't go missing unseen.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::process::{Child, free_port};

/// The value of a variable that names something a test needs; `None` when the test should end here.
///
/// # Errors
/// It is not set, and `CI` is.
pub fn needed(variable: &str) -> Result<Option<String>> {
    if let Ok(value) = std::env::var(variable) {
        return Ok(Some(value));
    }
    anyhow::ensure!(std::env::var_os("CI").is_none(), "{variable} is not set");
    writeln!(std::io::stdout(), "skipped: {variable} is not set; cargo xtask test sets it")?;
    Ok(None)
}

/// Whether a program that a test starts by its name is there; `false` when the test should end here.
///
/// # Errors
/// It is not there, and `CI` is set.
pub async fn has_program(name: &str) -> Result<bool> {
    let mut command = Command::new(name);
    command.arg("--version").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    if command.status().await.is_ok_and(|status| status.success()) {
        return Ok(true);
    }
    anyhow::ensure!(std::env::var_os("CI").is_none(), "there is no {name}");
    writeln!(std::io::stdout(), "skipped: there is no {name}")?;
    Ok(false)
}

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    // Asked for at run time, where cargo gives the tested package's folder and starts in it: with a shared target directory
    // this code may have been built in another clone.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let package = package.canonicalize().unwrap_or(package);
    let found = package.ancestors().find(|folder| folder.join("tests/python").is_dir()).map(Path::to_path_buf);
    found.unwrap_or(package)
}

/// The folder with the tests' Python scripts.
#[must_use]
pub fn scripts() -> PathBuf {
    root().join("tests/python")
}

/// Runs a script of [`scripts`] and reads the JSON on the last line it prints; `None` without a Python to run it.
///
/// # Errors
/// It failed; the error holds what it printed.
pub async fn python(script: &str, arguments: &[&str]) -> Result<Option<Value>> {
    let Some(python) = needed("WHEELHOUSE_TEST_PYTHON")? else { return Ok(None) };
    let output = Command::new(python)
        .arg(scripts().join(script))
        .args(arguments)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .kill_on_drop(true)
        .output()
        .await?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{script} {arguments:?}: {}: {printed}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let last = printed.lines().last().unwrap_or_default();
    Ok(Some(serde_json::from_str(last).with_context(|| format!("{script} printed {printed}"))?))
}

/// A `moto_server`, which ends with this value.
#[derive(Debug)]
pub struct Moto {
    /// Its address.
    pub url: String,
    _child: Child,
}

impl Moto {
    /// Starts one on a free port; `None` when there is none to start.
    ///
    /// # Errors
    /// It does not listen within a minute.
    pub async fn start() -> Result<Option<Self>> {
        let Some(program) = needed("WHEELHOUSE_TEST_MOTO")? else { return Ok(None) };
        let port = free_port()?;
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let child = Child::spawn(&mut command)?;
        for _ in 0..240 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Some(Self { url: format!("http://127.0.0.1:{port}"), _child: child }));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        bail!("moto_server did not listen within a minute")
    }
}

/// A Postgres that tests may stop and start. One test at a time uses it (nextest's `chaos` rule).
#[derive(Debug, Clone, Deserialize)]
pub struct Cluster {
    url: String,
    port: u16,
    pid_file: PathBuf,
    start: Vec<String>,
}

impl Cluster {
    /// The one of `WHEELHOUSE_TEST_POSTGRES_CTL`, running; `None` when there is none.
    ///
    /// # Errors
    /// Its description can't be read, or it does not start.
    pub async fn take() -> Result<Option<Self>> {
        let Some(path) = needed("WHEELHOUSE_TEST_POSTGRES_CTL")? else { return Ok(None) };
        let cluster: Self = serde_json::from_str(&std::fs::read_to_string(&path).with_context(|| path.clone())?)?;
        cluster.start().await?;
        Ok(Some(cluster))
    }

    /// A fresh, empty database in it: its URL. Nobody drops it; the cluster goes with the test run.
    ///
    /// # Errors
    /// The cluster refused.
    pub async fn database(&self) -> Result<String> {
        let name = format!("chaos_{}", crate::env::real().new_id().simple());
        let connection = Database::connect(&self.url).await?;
        connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
        connection.close().await?;
        let (server, _) = self.url.rsplit_once('/').context("the cluster's URL has no database")?;
        Ok(format!("{server}/{name}"))
    }

    /// Starts it unless it runs, and waits until it answers.
    ///
    /// # Errors
    /// It does not answer within a minute.
    pub async fn start(&self) -> Result<()> {
        if !self.answers().await {
            let (program, arguments) = self.start.split_first().context("no command to start the cluster with")?;
            let mut command = Command::new(program);
            command.args(arguments).current_dir("/").stdin(std::process::Stdio::null());
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            // It outlives this test: later ones find it running. Its parent reaps it if this process still lives.
            let mut child = command.spawn().with_context(|| format!("start {:?}", self.start))?;
            tokio::spawn(async move { child.wait().await });
        }
        for _ in 0..240 {
            if self.answers().await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        bail!("the second cluster did not answer within a minute")
    }

    /// Stops it as a crash would: every connection is cut, nothing is flushed by hand. Waits until it is gone.
    ///
    /// # Errors
    /// It does not run, or does not stop within a minute.
    pub async fn crash(&self) -> Result<()> {
        let text = std::fs::read_to_string(&self.pid_file).context("the cluster does not run")?;
        let id = text.lines().next().unwrap_or_default().trim().to_owned();
        let status = Command::new("kill").args(["-QUIT", &id]).status().await?;
        anyhow::ensure!(status.success(), "kill -QUIT {id}: {status}");
        for _ in 0..240 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_err() && !self.pid_file.exists() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        bail!("the second cluster did not stop within a minute")
    }

    async fn answers(&self) -> bool {
        let mut options = ConnectOptions::new(self.url.clone());
        options.max_connections(1).connect_timeout(Duration::from_secs(1)).acquire_timeout(Duration::from_secs(1));
        match Database::connect(options).await {
            Ok(connection) => {
                let answered = connection.execute_unprepared("SELECT 1").await.is_ok();
                connection.close().await.ok();
                answered
            }
            Err(_) => false,
        }
    }
}
