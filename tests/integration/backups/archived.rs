//! A PostgreSQL of a test's own whose log pgBackRest archives, with the configuration that ships (`deploy/pgbackrest`) and other
//! folders. It may be killed and thrown away. What the programs print is said when they fail.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use testkit::outside::{needed, root};
use testkit::process::{Child, free_port};
use tokio::process::Command;

/// The name of the owner, of the database and of what is archived, as the configuration that ships has them.
const NAME: &str = "wheelhouse";
/// How often it is looked whether something has come, and how many times.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 600;

/// The cluster and its archive, gone with this value.
pub struct Archived {
    programs: PathBuf,
    pgbackrest: String,
    /// PostgreSQL refuses to run as root.
    root: bool,
    port: u16,
    server: Option<Child>,
    folder: tempfile::TempDir,
}

impl Archived {
    /// An empty database in a new cluster, running, and a repository without a backup; `None` without the programs for it.
    pub async fn start() -> Result<Option<Self>> {
        let Some(programs) = needed("WHEELHOUSE_TEST_POSTGRES_BIN")? else { return Ok(None) };
        let Some(pgbackrest) = needed("WHEELHOUSE_TEST_PGBACKREST")? else { return Ok(None) };
        let (programs, folder, port) = (PathBuf::from(programs), tempfile::tempdir()?, free_port()?);
        let id = Command::new("id").arg("-u").output().await?;
        let mut this = Self { programs, pgbackrest, root: id.stdout.trim_ascii() == b"0", port, server: None, folder };
        this.prepare().await?;
        this.run().await?;
        this.sql("postgres", &format!("CREATE DATABASE {NAME}")).await?;
        this.pgbackrest(&["stanza-create"]).await?;
        Ok(Some(this))
    }

    /// The folders, the configuration and the key, and a cluster in its folder.
    async fn prepare(&self) -> Result<()> {
        // Its owner must get in, and into the repository of sources it may not.
        let folder = self.folder.path();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
        std::fs::copy(root().join("deploy/pgbackrest/pgbackrest.conf"), folder.join("pgbackrest.conf"))?;
        std::fs::create_dir(folder.join("secrets"))?;
        std::fs::write(folder.join("secrets/cipher.conf"), "[global]\nrepo1-cipher-pass=that a machine made\n")?;
        if self.root {
            succeeded(Command::new("chown").arg("postgres").arg(folder)).await?;
        }
        for name in ["repository", "socket", "data"] {
            succeeded(self.as_owner("mkdir").args(["-m", "700"]).arg(self.path(name))).await?;
        }
        let mut initdb = self.program("initdb");
        initdb.args(["-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
        succeeded(initdb.arg(self.path("data"))).await?;
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where things are here; the rest is as it ships. The server hands it on to what archives and what fetches from there.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let at = |name: &str| self.path(name).display().to_string();
        vec![
            ("PGBACKREST_CONFIG", at("pgbackrest.conf")),
            ("PGBACKREST_CONFIG_INCLUDE_PATH", at("secrets")),
            ("PGBACKREST_STANZA", NAME.to_owned()),
            ("PGBACKREST_REPO1_PATH", at("repository")),
            ("PGBACKREST_LOCK_PATH", at("locks")),
            ("PGBACKREST_PG1_PATH", at("data")),
            ("PGBACKREST_PG1_SOCKET_PATH", at("socket")),
            ("PGBACKREST_PG1_PORT", self.port.to_string()),
        ]
    }

    /// A program as the owner of the cluster.
    fn as_owner(&self, program: &str) -> Command {
        let mut command = if self.root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", program]);
            command
        } else {
            Command::new(program)
        };
        command.envs(self.environment()).current_dir("/").kill_on_drop(true);
        command
    }

    /// One of PostgreSQL's.
    fn program(&self, name: &str) -> Command {
        self.as_owner(&self.programs.join(name).display().to_string())
    }

    /// Where clients find the database.
    pub fn url(&self) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{NAME}", self.port)
    }

    /// Starts the server and waits until somebody may write: after a restore that is when it has come to its end.
    pub async fn run(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.path("log"))?;
        let mut server = self.program("postgres");
        server.arg("-D").arg(self.path("data"));
        server.args(["-p", &self.port.to_string(), "-h", "127.0.0.1"]);
        let archive = format!("{} archive-push %p", self.pgbackrest);
        let socket = self.path("socket").display().to_string();
        for (name, value) in [
            ("unix_socket_directories", socket.as_str()),
            ("archive_mode", "on"),
            ("archive_command", archive.as_str()),
            // The machine stays up: what was written need not reach the disk.
            ("fsync", "off"),
        ] {
            server.arg("-c").arg(format!("{name}={value}"));
        }
        self.server = Some(Child::spawn(server.stdout(log.try_clone()?).stderr(log))?);
        let writable = "SELECT 'yes' WHERE NOT pg_is_in_recovery()";
        self.until("postgres", writable).await.with_context(|| {
            std::fs::read_to_string(self.path("log")).unwrap_or_else(|error| format!("its log: {error}"))
        })
    }

    /// Asks again and again until the answer is `yes`.
    async fn until(&self, database: &str, question: &str) -> Result<()> {
        for _ in 0..LOOKS {
            if self.sql(database, question).await.is_ok_and(|answer| answer == "yes") {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("it did not come: {question}")
    }

    async fn sql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = self.program("psql");
        psql.args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", NAME]);
        psql.args(["-p", &self.port.to_string(), "-d", database, "-c", statement]);
        Ok(succeeded(&mut psql).await?.trim().to_owned())
    }

    /// What pgBackRest prints.
    pub async fn pgbackrest(&self, words: &[&str]) -> Result<String> {
        succeeded(self.as_owner(&self.pgbackrest).args(words)).await
    }

    /// A full backup, as the repository describes it. The next moment is a second after it at least: that is how finely pgBackRest
    /// compares moments when it looks for the backup to begin with.
    pub async fn full_backup(&self) -> Result<Value> {
        self.pgbackrest(&["--type=full", "backup"]).await?;
        let told = self.pgbackrest(&["info", "--output=json", "--log-level-console=off"]).await?;
        let mut told: Value = serde_json::from_str(&told).context(told)?;
        let stanza = told[0].take();
        let stop = stanza["backup"][0]["timestamp"]["stop"].as_i64().with_context(|| stanza.to_string())?;
        self.until(NAME, &format!("SELECT 'yes' WHERE extract(epoch FROM clock_timestamp()) >= {}", stop + 1)).await?;
        Ok(stanza)
    }

    /// This moment, as the database writes it.
    pub async fn now(&self) -> Result<String> {
        self.sql(NAME, "SELECT clock_timestamp()").await
    }

    /// Waits until everything that was written up to now is in the repository.
    pub async fn archive(&self) -> Result<()> {
        let piece = self.sql(NAME, "SELECT pg_walfile_name(pg_current_wal_lsn())").await?;
        self.sql(NAME, "SELECT pg_switch_wal()").await?;
        self.until(NAME, &format!("SELECT 'yes' FROM pg_stat_archiver WHERE last_archived_wal >= '{piece}'")).await
    }

    /// `kill -9` of the server and of each of its processes; returns when none of them runs.
    pub async fn kill(&mut self) -> Result<()> {
        let mut server = self.server.take().context("it does not run")?;
        let id = server.id().context("it ended by itself")?;
        let text = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let children: Vec<&str> = text.split_whitespace().collect();
        ensure!(!children.is_empty(), "it has no processes");
        server.kill().await?;
        // Some may have seen that it is gone, and be gone themselves.
        Command::new("kill").arg("-9").args(&children).stderr(Stdio::null()).status().await?;
        for _ in 0..LOOKS {
            if !children.iter().any(|id| runs(id)) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        bail!("they still run: {children:?}")
    }

    /// Throws the data away, and brings the moment back from the repository. It does not run yet.
    pub async fn restore(&self, moment: &str) -> Result<()> {
        std::fs::remove_dir_all(self.path("data"))?;
        succeeded(self.as_owner("mkdir").args(["-m", "700"]).arg(self.path("data"))).await?;
        let target = format!("--target={moment}");
        self.pgbackrest(&["--type=time", &target, "--target-action=promote", "restore"]).await?;
        Ok(())
    }

    /// Looks at every page of every table and index, and that each row is in its indexes.
    pub async fn check_pages(&self) -> Result<()> {
        let mut check = self.program("pg_amcheck");
        check.args(["--install-missing", "--heapallindexed", "--parent-check", "--all", "-h", "127.0.0.1", "-U", NAME]);
        succeeded(check.args(["-p", &self.port.to_string()])).await?;
        Ok(())
    }
}

/// What it prints; an error with everything it said when it does not end well.
async fn succeeded(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().await.with_context(|| format!("start {command:?}"))?;
    let printed = String::from_utf8(output.stdout)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}: {printed}{said}", output.status);
    Ok(printed)
}

/// Whether a process runs. One that nobody has asked after since it ended is still in the list, as a zombie.
fn runs(id: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
