//! A PostgreSQL of a test's own whose log pgBackRest archives, with the configuration that ships (`deploy/pgbackrest`) and other
//! folders. It may be killed and thrown away.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use testkit::cluster::{Cluster, NAME, succeeded};
use testkit::outside::{needed, root};

/// The cluster and its archive, gone with this value.
pub struct Archived {
    pub cluster: Cluster,
    pgbackrest: String,
}

impl Archived {
    /// An empty database in a new cluster, running, and a repository without a backup; `None` without the programs for it.
    pub async fn start() -> Result<Option<Self>> {
        let Some(cluster) = Cluster::prepared().await? else { return Ok(None) };
        let Some(pgbackrest) = needed("WHEELHOUSE_TEST_PGBACKREST")? else { return Ok(None) };
        let mut this = Self { cluster, pgbackrest };
        this.prepare().await?;
        this.cluster.begin().await?;
        this.pgbackrest(&["stanza-create"]).await?;
        Ok(Some(this))
    }

    /// The folders, the configuration and the key, and that the server hands its log on.
    async fn prepare(&mut self) -> Result<()> {
        let cluster = &mut self.cluster;
        std::fs::copy(root().join("deploy/pgbackrest/pgbackrest.conf"), cluster.path("pgbackrest.conf"))?;
        std::fs::copy(root().join("deploy/pgbackrest/entry"), cluster.path("entry"))?;
        std::fs::create_dir(cluster.path("secrets"))?;
        std::fs::write(cluster.path("secrets/cipher.conf"), "[global]\nrepo1-cipher-pass=that a machine made\n")?;
        for name in ["repository", "socket", "data"] {
            make(cluster, name).await?;
        }
        // Where things are here; the rest is as it ships. The server hands it on to what archives and what fetches from there.
        let at = |name: &str| cluster.path(name).display().to_string();
        let environment = vec![
            ("PGBACKREST_CONFIG", at("pgbackrest.conf")),
            ("PGBACKREST_CONFIG_INCLUDE_PATH", at("secrets")),
            ("PGBACKREST_STANZA", NAME.to_owned()),
            ("PGBACKREST_REPO1_PATH", at("repository")),
            ("PGBACKREST_LOCK_PATH", at("locks")),
            ("PGBACKREST_PG1_PATH", at("data")),
            ("PGBACKREST_PG1_SOCKET_PATH", at("socket")),
            ("PGBACKREST_PG1_PORT", cluster.port().to_string()),
        ];
        cluster.set_environment(environment);
        cluster.set("unix_socket_directories", cluster.path("socket").display().to_string());
        cluster.set("archive_mode", "on");
        cluster.set("archive_command", format!("{} archive-push %p", self.pgbackrest));
        Ok(())
    }

    /// What pgBackRest prints.
    pub async fn pgbackrest(&self, words: &[&str]) -> Result<String> {
        succeeded(self.cluster.as_owner(&self.pgbackrest).args(words)).await
    }

    /// A full backup, as the repository describes it. The next moment is a second after it at least: that is how finely pgBackRest
    /// compares moments when it looks for the backup to begin with.
    pub async fn full_backup(&self) -> Result<Value> {
        self.pgbackrest(&["--type=full", "backup"]).await?;
        let told = self.pgbackrest(&["info", "--output=json", "--log-level-console=off"]).await?;
        let mut told: Value = serde_json::from_str(&told).context(told)?;
        let stanza = told[0].take();
        let stop = stanza["backup"][0]["timestamp"]["stop"].as_i64().with_context(|| stanza.to_string())?;
        let over = format!("SELECT 'yes' WHERE extract(epoch FROM clock_timestamp()) >= {}", stop + 1);
        self.cluster.until(NAME, &over).await?;
        Ok(stanza)
    }

    /// The service's own script tells the database of the newest backup, as it does after each one.
    pub async fn tell(&self) -> Result<()> {
        let postgres = needed("WHEELHOUSE_TEST_POSTGRES_BIN")?.unwrap_or_default();
        let folder = Path::new(&self.pgbackrest).parent().unwrap_or(Path::new("")).display();
        let path = format!("{postgres}:{folder}:{}", std::env::var("PATH").unwrap_or_default());
        let mut tell = self.cluster.as_owner("sh");
        tell.arg(self.cluster.path("entry")).arg("tell").env("PATH", path);
        tell.env("PGHOST", self.cluster.path("socket")).env("PGPORT", self.cluster.port().to_string());
        succeeded(&mut tell).await?;
        Ok(())
    }

    /// This moment, as the database writes it.
    pub async fn now(&self) -> Result<String> {
        self.cluster.sql(NAME, "SELECT clock_timestamp()").await
    }

    /// Waits until everything that was written up to now is in the repository.
    pub async fn archive(&self) -> Result<()> {
        let piece = self.cluster.sql(NAME, "SELECT pg_walfile_name(pg_current_wal_lsn())").await?;
        self.cluster.sql(NAME, "SELECT pg_switch_wal()").await?;
        let there = format!("SELECT 'yes' FROM pg_stat_archiver WHERE last_archived_wal >= '{piece}'");
        self.cluster.until(NAME, &there).await
    }

    /// Takes the repository away, and waits until the database has found out.
    pub async fn lose_the_repository(&self) -> Result<()> {
        std::fs::rename(self.cluster.path("repository"), self.cluster.path("elsewhere"))?;
        let something = "SELECT pg_switch_wal() FROM pg_logical_emit_message(true, 'drill', 'more')";
        self.cluster.sql(NAME, something).await?;
        self.cluster.until(NAME, "SELECT 'yes' FROM pg_stat_archiver WHERE last_failed_time > last_archived_time").await
    }

    /// Throws the data away, and brings the moment back from the repository. It does not run yet.
    pub async fn restore(&self, moment: &str) -> Result<()> {
        std::fs::remove_dir_all(self.cluster.data())?;
        make(&self.cluster, "data").await?;
        let target = format!("--target={moment}");
        self.pgbackrest(&["--type=time", &target, "--target-action=promote", "restore"]).await?;
        Ok(())
    }

    /// Looks at every page of every table and index, and that each row is in its indexes.
    pub async fn check_pages(&self) -> Result<()> {
        let mut check = self.cluster.program("pg_amcheck");
        check.args(["--install-missing", "--heapallindexed", "--parent-check", "--all", "-h", "127.0.0.1", "-U", NAME]);
        succeeded(check.args(["-p", &self.cluster.port().to_string()])).await?;
        Ok(())
    }
}

/// A folder that only the owner of the cluster can read.
async fn make(cluster: &Cluster, name: &str) -> Result<()> {
    succeeded(cluster.as_owner("mkdir").args(["-m", "700"]).arg(cluster.path(name))).await?;
    Ok(())
}
