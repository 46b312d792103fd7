//! An installation of a test: a database, folders, a key file.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use domain::access::Actor;
use domain::account::CredentialKind;
use platform::config::Config;
use services::accounts::{NewAccount, create_account};
use services::backups::BackupKey;
use testkit::app::TestAppOptions;
use testkit::compose;
use testkit::db::{Backend, TestDatabase};
use testkit::run::Quiet;
use uuid::Uuid;

/// A passphrase of a test.
pub const PASSPHRASE: &str = "a passphrase that a machine made";

/// An installation.
pub struct Place {
    config: Config,
    folder: tempfile::TempDir,
    /// The file of a report that is there.
    pub report: String,
    _database: TestDatabase,
}

/// An account to connect.
pub fn account(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        regions: vec!["eu-central-1".parse().expect("a region")],
        credentials: CredentialKind::Simulated,
        role_arn: None,
        external_id: None,
        endpoint_url: Some("http://127.0.0.1:1".into()),
    }
}

impl Place {
    fn of(database: TestDatabase) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = TestAppOptions::default();
        let mut config = compose::config(&options, &database.url, "127.0.0.1:1".parse()?)?;
        config.reports.dir = Some(folder.path().join("reports"));
        config.audit.checkpoint_dir = Some(folder.path().join("audit"));
        config.backup.dir = Some(folder.path().join("backups"));
        config.backup.key_file = Some(folder.path().join("backup.key"));
        // Otherwise they are looked for on PATH.
        config.backup.postgres_bin = std::env::var_os("WHEELHOUSE_TEST_POSTGRES_BIN").map(PathBuf::from);
        let place = Self { config, folder, report: format!("{}.csv", Uuid::from_u128(7)), _database: database };
        place.write_key(PASSPHRASE)?;
        Ok(place)
    }

    /// One with nothing in its database; `None` without a server for it.
    pub async fn empty(backend: Backend) -> Result<Option<Self>> {
        TestDatabase::empty(backend).await?.map(Self::of).transpose()
    }

    /// One with some of everything that a backup takes along; `None` without a server for it.
    pub async fn filled(backend: Backend) -> Result<Option<Self>> {
        let Some(database) = TestDatabase::migrated(backend).await? else { return Ok(None) };
        Self::filled_in(database).await.map(Some)
    }

    /// The same in a database that has the schema.
    pub async fn filled_in(database: TestDatabase) -> Result<Self> {
        let place = Self::of(database)?;
        let ctx = place.context().await?;
        for number in 0..3 {
            place.add_account(&ctx, &format!("account {number}")).await?;
        }
        std::fs::create_dir_all(place.reports())?;
        std::fs::write(place.reports().join(&place.report), "a;b\n1;2\n".repeat(20_000))?;
        services::audit::checkpoint(&ctx, &Quiet::default()).await?;
        ctx.db.close().await?;
        Ok(place)
    }

    /// Connects an account, with everything that is noted of it.
    pub async fn add_account(&self, ctx: &services::Context, name: &str) -> Result<()> {
        create_account(ctx, &Actor::system(), account(name)).await?;
        Ok(())
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn config_mut(&mut self) -> &mut Config {
        &mut self.config
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn backups(&self) -> PathBuf {
        self.folder().join("backups")
    }

    pub fn reports(&self) -> PathBuf {
        self.folder().join("reports")
    }

    pub async fn context(&self) -> Result<services::Context> {
        compose::context(&self.config, None).await
    }

    /// With the database somewhere else.
    pub async fn context_at(&self, url: &str) -> Result<services::Context> {
        let mut config = self.config.clone();
        config.database.url = url.into();
        compose::context(&config, None).await
    }

    pub fn key_file(&self) -> PathBuf {
        self.folder().join("backup.key")
    }

    pub fn key(&self) -> Result<Arc<BackupKey>> {
        Ok(Arc::new(BackupKey::read(&self.key_file())?))
    }

    pub fn write_key(&self, text: &str) -> Result<()> {
        std::fs::write(self.key_file(), text)?;
        Ok(std::fs::set_permissions(self.key_file(), std::fs::Permissions::from_mode(0o600))?)
    }

    pub fn take_key_of(&self, other: &Self) -> Result<()> {
        self.write_key(&std::fs::read_to_string(other.key_file())?)
    }

    /// What is in the folder of backups, what only serves to take turns left out.
    pub fn names(&self) -> Result<Vec<String>> {
        let mut names = names_in(&self.backups())?;
        names.retain(|name| name != ".wheelhouse-backup.lock");
        Ok(names)
    }

    /// Everything that a restore could have left.
    pub fn leftovers(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for folder in [self.reports(), self.folder().join("audit")] {
            found.extend(names_in(&folder)?);
        }
        if let Some(file) = self.config.database.url.expose().strip_prefix("sqlite://") {
            let file = Path::new(file.split('?').next().unwrap_or(file));
            found.extend(names_in(file.parent().context("a folder")?)?);
        }
        Ok(found)
    }
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
