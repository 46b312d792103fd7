//! How long a large database is backed up and brought back, by the real program as a person calls it.
//!
//! Its rows are the house's own: `wheelhouse seed` makes a fleet with a year of usage, of about the size that `--restore-gb` says, and
//! looks at its WorkSpaces are in the audit log, which a restore verifies entry by entry. What is told of a gigabyte is reckoned
//! from the database as it is after the restore, without the room that changes left empty in the first one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::Value;
use tempfile::TempDir;
use testkit::app::TestAppOptions;
use testkit::db::{Backend, TestDatabase};
use testkit::process::wheelhouse;
use testkit::run::Quiet;

use crate::{Bench, Row, row};

/// Bytes that a WorkSpace with its year takes, about. Only to choose how many there are: what is told is what was measured.
const WORKSPACE: f64 = 70_000.0;
const DAYS: u32 = 365;
/// Entries of the audit log for each WorkSpace, and how many are written at a time.
const LOOKS: u32 = 5;
const AT_ONCE: u32 = 1_000;
/// Longest that a gigabyte may take.
const WANTED: f64 = 300.0;
const PASSPHRASE: &str = "a passphrase that a machine made";

/// A database, and the folders that belong to it.
struct Installation {
    database: TestDatabase,
    folder: TempDir,
    programs: PathBuf,
}

impl Installation {
    fn new(database: TestDatabase) -> Result<Self> {
        let programs =
            std::env::var_os("WHEELHOUSE_TEST_POSTGRES_BIN").context("WHEELHOUSE_TEST_POSTGRES_BIN is not set")?;
        let this = Self { database, folder: tempfile::tempdir()?, programs: programs.into() };
        let key = this.folder.path().join("backup.key");
        std::fs::write(&key, PASSPHRASE)?;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
        Ok(this)
    }

    /// Calls the program: what it says, and the seconds it took.
    async fn call(&self, arguments: &[&str]) -> Result<(Value, f64)> {
        let at = |name: &str| self.folder.path().join(name);
        let mut command = wheelhouse()?;
        command.args(arguments).arg("--json").current_dir(self.folder.path()).env_remove("REDIS_URL");
        command.env("DATABASE_URL", &self.database.url).env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn");
        command.env("WHEELHOUSE_VAULT__KEYS", testkit::vault::FIXED_KEYS);
        command.env("WHEELHOUSE_AUDIT__CHECKPOINT_DIR", self.audit()?).env("WHEELHOUSE_REPORTS__DIR", at("reports"));
        command.env("WHEELHOUSE_BACKUP__DIR", at("backups")).env("WHEELHOUSE_BACKUP__KEY_FILE", at("backup.key"));
        command.env("WHEELHOUSE_BACKUP__POSTGRES_BIN", &self.programs).stdin(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let output = command.output().await?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(output.status.success(), "{arguments:?}: {output:?}");
        Ok((serde_json::from_slice(&output.stdout).with_context(|| format!("{arguments:?}"))?, seconds))
    }

    /// Where checkpoints of the audit log are.
    fn audit(&self) -> Result<PathBuf> {
        testkit::db::audit_folder(&self.database.url).context("not on Postgres")
    }

    /// Bytes of the database on disk.
    async fn size(&self) -> Result<f64> {
        let db = Database::connect(&self.database.url).await?;
        let size = "SELECT pg_database_size(current_database()) AS size";
        let size = Statement::from_string(db.get_database_backend(), size);
        let bytes: i64 = db.query_one_raw(size).await?.context("no size")?.try_get("", "size")?;
        db.close().await?;
        Ok(bytes as f64)
    }

    /// That many looks at WorkSpaces in the audit log, its end signed.
    async fn look(&self, looks: u32) -> Result<()> {
        let options = TestAppOptions::default();
        let config = testkit::compose::config(&options, &self.database.url, ([127, 0, 0, 1], 0).into())?;
        let context = testkit::compose::context(&config, None).await?;
        let look =
            |_: u32| Entry::new("workspace.read", Permission::WorkspaceRead).on("workspace", context.env.new_id());
        let mut left = looks;
        while left > 0 {
            let now = left.min(AT_ONCE);
            let tx = context.db.begin().await?;
            services::audit::record_many(&tx, &context, &Actor::system(), (0..now).map(look).collect()).await?;
            tx.commit().await?;
            left -= now;
        }
        services::audit::checkpoint(&context, &Quiet::default()).await?;
        Ok(context.db.close().await?)
    }
}

pub async fn run(bench: &Bench) -> Result<Vec<Row>> {
    let workspaces = ((bench.restore_gb * 1e9 / WORKSPACE) as u32).max(1);
    let full = Installation::new(crate::postgres().await?)?;
    full.call(&["seed", "--workspaces", &workspaces.to_string(), "--days", &DAYS.to_string()]).await?;
    full.look(workspaces * LOOKS).await?;
    let size = full.size().await?;
    let (made, taken) = full.call(&["backup"]).await?;
    ensure!(made["read_back"] == true, "{made}");
    let bytes = made["bytes"].as_f64().context("no length")?;

    let empty = TestDatabase::empty(Backend::Postgres).await?.context("there was a server")?;
    let empty = Installation::new(empty)?;
    let (back, took) = empty.call(&["restore", made["file"].as_str().context("no file")?]).await?;
    ensure!(back["audit_whole"] == true && back["rows"] == made["rows"], "{back}");
    let restored = empty.size().await?;
    Ok(vec![
        row(
            "the database",
            format!(
                "{:.2} GB: {workspaces} WorkSpaces with a year of usage, {} rows, {} of them of the audit log",
                size / 1e9,
                made["rows"],
                back["audit_entries"]
            ),
        ),
        row("wheelhouse backup, read back", format!("{taken:.1} s, a file of {:.0} MB", bytes / 1e6)),
        row(
            "wheelhouse restore, rows counted, audit log verified",
            format!("{took:.1} s, {:.2} GB then, {:.1} MB/s", restored / 1e9, restored / 1e6 / took),
        ),
        row("a gigabyte brought back", format!("{:.0} s ({WANTED:.0} s at most wanted)", took * 1e9 / restored)),
    ])
}
