//! A PostgreSQL of a test's own that may be stopped, killed and thrown away, and a replica of it.
//!
//! Not the server that all tests share ([`crate::db`]), which is there already. What the programs print is said when they fail.
//! To try another setting of the server: [`Cluster::set`] before [`Cluster::run`].

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::outside::needed;
use crate::process::{Child, free_port};

/// The name of its owner and of its database.
pub const NAME: &str = "wheelhouse";
/// How often it is looked whether something has come, and how many times.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 600;
/// True of a server that somebody may write to: after a restore that is when it has come to its end.
const WRITABLE: &str = "SELECT 'yes' WHERE NOT pg_is_in_recovery()";

/// A server and its folder, gone with this value.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    /// PostgreSQL refuses to run as root.
    root: bool,
    port: u16,
    settings: Vec<(&'static str, String)>,
    environment: Vec<(&'static str, String)>,
    ready: &'static str,
    running: Option<Child>,
    folder: tempfile::TempDir,
}

impl Cluster {
    /// A folder that its owner can get into; nothing in it yet, nothing runs. `None` without PostgreSQL's programs.
    ///
    /// # Errors
    /// There is no room for it, or no programs in CI ([`needed`]).
    pub async fn prepared() -> Result<Option<Self>> {
        let Some(programs) = needed("WHEELHOUSE_TEST_POSTGRES_BIN")? else { return Ok(None) };
        Ok(Some(Self::with(PathBuf::from(programs), WRITABLE).await?))
    }

    async fn with(programs: PathBuf, ready: &'static str) -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let id = Command::new("id").arg("-u").output().await?;
        let root = id.stdout.trim_ascii() == b"0";
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        if root {
            succeeded(Command::new("chown").arg("postgres").arg(folder.path())).await?;
        }
        let (settings, environment) = (Vec::new(), Vec::new());
        let mut this = Self { programs, root, port, settings, environment, ready, running: None, folder };
        this.set("unix_socket_directories", "");
        // The machine stays up: what was written need not reach the disk.
        this.set("fsync", "off");
        Ok(this)
    }

    /// A setting of the server, from its next start on.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.settings.retain(|(other, _)| *other != name);
        self.settings.push((name, value.into()));
    }

    /// Variables that all its programs get.
    pub fn set_environment(&mut self, environment: Vec<(&'static str, String)>) {
        self.environment = environment;
    }

    /// Makes the data and an empty database, and runs.
    ///
    /// # Errors
    /// A program fails.
    pub async fn begin(&mut self) -> Result<()> {
        let mut initdb = self.program("initdb");
        initdb.args(["-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
        succeeded(initdb.arg(self.data())).await?;
        self.run().await?;
        self.sql("postgres", &format!("CREATE DATABASE {NAME}")).await?;
        Ok(())
    }

    /// A streaming replica of it, running.
    ///
    /// # Errors
    /// A program fails.
    pub async fn replica(&self) -> Result<Self> {
        let mut this = Self::with(self.programs.clone(), "SELECT 'yes'").await?;
        let mut copy = this.program("pg_basebackup");
        copy.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", NAME, "--no-sync", "-c", "fast", "-R", "-D"]);
        succeeded(copy.arg(this.data())).await?;
        this.run().await?;
        Ok(this)
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where clients find the database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{NAME}", self.port)
    }

    /// Something in its folder.
    #[must_use]
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A program as the owner of the cluster.
    #[must_use]
    pub fn as_owner(&self, program: &str) -> Command {
        let mut command = if self.root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", program]);
            command
        } else {
            Command::new(program)
        };
        command.envs(self.environment.iter().cloned()).current_dir("/").kill_on_drop(true);
        command
    }

    /// One of PostgreSQL's programs, as the owner of the cluster.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        self.as_owner(&self.programs.join(name).display().to_string())
    }

    /// Starts the server, and waits until it takes queries; of one that is no replica, until somebody may write.
    ///
    /// # Errors
    /// It does not start; its log is in the error.
    pub async fn run(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.path("log"))?;
        let mut server = self.program("postgres");
        server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string(), "-h", "127.0.0.1"]);
        for (name, value) in &self.settings {
            server.arg("-c").arg(format!("{name}={value}"));
        }
        self.running = Some(Child::spawn(server.stdout(log.try_clone()?).stderr(log))?);
        self.until("postgres", self.ready).await.with_context(|| {
            std::fs::read_to_string(self.path("log")).unwrap_or_else(|error| format!("its log: {error}"))
        })
    }

    /// What psql prints.
    ///
    /// # Errors
    /// The statement fails, or nobody answers.
    pub async fn sql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = self.program("psql");
        psql.args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", NAME]);
        psql.args(["-p", &self.port.to_string(), "-d", database, "-c", statement]);
        Ok(succeeded(&mut psql).await?.trim().to_owned())
    }

    /// Asks again and again until the answer is `yes`.
    ///
    /// # Errors
    /// It is not for a minute.
    pub async fn until(&self, database: &str, question: &str) -> Result<()> {
        for _ in 0..LOOKS {
            if self.sql(database, question).await.is_ok_and(|answer| answer == "yes") {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("it did not come: {question}")
    }

    /// Sends a signal to the server and to each of its processes. After `STOP` they hold their connections and say nothing.
    /// Gives the processes that were the server's.
    ///
    /// # Errors
    /// It does not run.
    pub async fn signal(&self, signal: &str) -> Result<Vec<String>> {
        let id = self.running.as_ref().and_then(Child::id).context("it does not run")?;
        let text = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let children: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        let mut kill = Command::new("kill");
        // Some may be gone by now.
        kill.args(["-s", signal, &id.to_string()]).args(&children).stderr(Stdio::null()).status().await?;
        Ok(children)
    }

    /// `kill -9` of the server and of each of its processes; returns when none of them runs.
    ///
    /// # Errors
    /// It does not run, or can't be killed.
    pub async fn kill(&mut self) -> Result<()> {
        let children = self.signal("KILL").await?;
        self.running.take().context("it does not run")?.kill().await?;
        for _ in 0..LOOKS {
            if !children.iter().any(|id| runs(id)) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("they still run: {children:?}")
    }
}

/// What it prints.
///
/// # Errors
/// It does not end well; with everything it said.
pub async fn succeeded(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().await.with_context(|| format!("start {command:?}"))?;
    let printed = String::from_utf8(output.stdout)?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{command:?}: {}: {printed}{said}", output.status);
    Ok(printed)
}

/// Whether a process runs. One that nobody has asked after since it ended is still in the list, as a zombie.
fn runs(id: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
