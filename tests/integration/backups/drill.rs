//! The drill of docs/point-in-time.md: an installation at work, its database killed and lost, a moment brought back.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use contract::accounts::AccountView;
use contract::page::Page;
use contract::paths::{ACCOUNTS, SETUP};
use serde_json::{Value, json};
use services::audit::checkpoint;
use store::db::{DbOptions, connect};
use store::repo::backups::{ArchiveBackup, archive_backup, archive_failing};
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestAppOptions};
use testkit::client::ApiClient;
use testkit::compose;
use testkit::outside::needed;
use testkit::process::{Child, free_port, wheelhouse};
use testkit::run::Quiet;

use super::archived::Archived;
use crate::worker_process::environment;

/// An installation on that database, with its API running.
struct Installation {
    url: String,
    client: ApiClient,
    folder: tempfile::TempDir,
    _api: Child,
}

impl Installation {
    async fn start(url: String) -> Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let settings = settings(&url, folder.path());
        let status = wheelhouse()?.arg("migrate").envs(settings.clone()).current_dir(folder.path()).status().await?;
        ensure!(status.success(), "migrate: {status}");
        let mut command = wheelhouse()?;
        command.args(["api", "--listen", &format!("127.0.0.1:{port}")]).envs(settings).current_dir(folder.path());
        let api = Child::spawn(command.stdout(Stdio::null()))?;
        let client = ApiClient::new(&format!("http://127.0.0.1:{port}"))?;
        Ok(Self { url, client, folder, _api: api })
    }

    /// A command's answer, and whether it ended well.
    async fn command(&self, words: &[&str]) -> Result<(Value, bool)> {
        let mut command = wheelhouse()?;
        command.args(words).arg("--json").envs(settings(&self.url, self.folder.path())).current_dir(self.folder.path());
        let output = command.kill_on_drop(true).output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        let answer = serde_json::from_slice(&output.stdout).with_context(|| format!("{words:?}: {said}"))?;
        Ok((answer, output.status.success()))
    }

    /// Waits until the API is ready.
    async fn ready(&self) -> Result<()> {
        for _ in 0..600 {
            if self.client.get("/health/ready").await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the API did not get ready")
    }

    /// An owner, who stays signed in.
    async fn owner(&self) -> Result<()> {
        let (link, _) = self.command(&["admin", "setup-link"]).await?;
        let token = link["link"].as_str().and_then(|link| link.rsplit('=').next()).context("a link")?;
        let owner = json!({ "token": token, "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        self.client.post(SETUP, &owner).await?.ok::<Value>()?;
        Ok(())
    }

    /// Connects an account, which is in the audit log too.
    async fn connect(&self, name: &str) -> Result<()> {
        let account = json!({
            "name": name, "regions": ["eu-central-1"], "credentials": "simulated", "endpoint_url": "http://127.0.0.1:1",
        });
        self.client.post(ACCOUNTS, &account).await?.ok::<AccountView>()?;
        Ok(())
    }

    async fn accounts(&self) -> Result<Vec<String>> {
        let page: Page<AccountView> = self.client.get(ACCOUNTS).await?.ok()?;
        Ok(page.items.into_iter().map(|account| account.name).collect())
    }

    /// Signs the end of the audit log, as the schedule does.
    async fn sign(&self) -> Result<()> {
        let mut config = compose::config(&TestAppOptions::default(), &self.url, "127.0.0.1:1".parse()?)?;
        config.audit.checkpoint_dir = Some(checkpoints(self.folder.path()));
        let ctx = Box::pin(compose::context(&config, None)).await?;
        Box::pin(checkpoint(&ctx, &Quiet::default())).await?;
        Ok(ctx.db.close().await?)
    }

    /// What `wheelhouse audit verify` finds.
    async fn verify(&self) -> Result<Value> {
        let (mut told, well) = self.command(&["audit", "verify"]).await?;
        ensure!(told["report"]["whole"] == well, "{told}");
        Ok(told["report"].take())
    }

    /// Takes the signed lines away, not the key: those from after the moment tell of entries that are gone.
    fn put_lines_aside(&self) -> Result<()> {
        let aside = self.folder.path().join("aside");
        std::fs::create_dir(&aside)?;
        let mut moved = 0;
        for entry in std::fs::read_dir(checkpoints(self.folder.path()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                std::fs::rename(&path, aside.join(path.file_name().context("a name")?))?;
                moved += 1;
            }
        }
        ensure!(moved > 0, "no lines");
        Ok(())
    }
}

fn checkpoints(folder: &Path) -> PathBuf {
    folder.join("audit")
}

fn settings(url: &str, folder: &Path) -> Vec<(&'static str, String)> {
    let mut settings = environment(url);
    settings.extend([
        ("WHEELHOUSE_AUDIT__CHECKPOINT_DIR", checkpoints(folder).display().to_string()),
        ("WHEELHOUSE_REPORTS__DIR", folder.join("reports").display().to_string()),
    ]);
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_is_back_after_the_database_was_killed_and_lost() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let Some(mut database) = Archived::start().await? else { return Ok(()) };
    let place = Installation::start(database.cluster.url()).await?;
    place.ready().await?;
    place.owner().await?;
    place.connect("in the backup").await?;

    let db = connect(&DbOptions::new(database.cluster.url())).await?;
    assert_eq!(archive_backup(&db).await?, None, "nobody makes any, as far as the database knows");
    database.tell().await?;
    assert_eq!(archive_backup(&db).await?, Some(ArchiveBackup { ended: None }));
    let backup = database.full_backup().await?;
    assert_eq!((&backup["status"]["code"], &backup["cipher"]), (&0.into(), &"aes-256-cbc".into()), "{backup}");
    let made = backup["backup"].as_array().context("backups")?;
    assert!(made.len() == 1 && made[0]["type"] == "full" && made[0]["error"] == false, "{backup}");
    database.tell().await?;
    let told = archive_backup(&db).await?.and_then(|told| told.ended).context("it is told")?;
    assert_eq!(Some(told.timestamp()), made[0]["timestamp"]["stop"].as_i64(), "{backup}");
    db.close().await?;

    place.connect("before").await?;
    place.sign().await?;
    let at_the_moment = place.verify().await?;
    assert_eq!(at_the_moment["whole"], true, "{at_the_moment}");
    let moment = database.now().await?;
    place.connect("after").await?;
    place.sign().await?;
    assert_eq!(place.accounts().await?.len(), 3);
    database.archive().await?;

    database.cluster.kill().await?;
    database.restore(&moment).await?;
    database.cluster.run().await?;

    database.check_pages().await?;
    // What was signed later says that something is missing, and until somebody has looked nothing more is signed.
    let found = place.verify().await?;
    assert_eq!((&found["whole"], &found["last_seq"]), (&false.into(), &at_the_moment["last_seq"]), "{found}");
    assert!(place.sign().await.is_err());
    place.put_lines_aside()?;
    // The database has a copy of the line from before the moment.
    let found = place.verify().await?;
    assert!(found["whole"] == true && found["checkpoints"].as_u64() > Some(0), "{found}");
    for same in ["head", "last_seq", "entries"] {
        assert_eq!(found[same], at_the_moment[same], "{found}");
    }
    place.sign().await?;

    // The API was there all the while, and the owner is still signed in.
    place.ready().await?;
    let mut names = place.accounts().await?;
    names.sort();
    assert_eq!(names, ["before", "in the backup"]);
    place.connect("goes on").await?;
    assert_eq!(place.verify().await?["whole"], true);
    // What comes now is archived too, behind the new beginning.
    database.archive().await?;
    let db = connect(&DbOptions::new(database.cluster.url())).await?;
    assert_eq!(archive_failing(&db).await?, Some(false));
    database.lose_the_repository().await?;
    assert_eq!(archive_failing(&db).await?, Some(true), "somebody is told of it");
    db.close().await?;
    drop(place);
    database.cluster.kill().await
}
