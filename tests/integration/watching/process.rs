//! A real `wheelhouse` process with a demo fleet, a small model, backups and metrics.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use ai_service::files::{Phi3Config, random, writer};
use anyhow::{Context as _, Result};
use contract::paths;
use serde_json::{Value, json};
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD};
use testkit::client::ApiClient;
use testkit::outside::needed;
use testkit::process::{Child, free_port, wheelhouse};
use tokio::time::Instant;

/// Longest wait for anything that is certain to come.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(200);

/// The process.
pub struct Watched {
    /// Portal and API.
    pub base: String,
    /// Metrics.
    pub metrics: String,
    setup_link: String,
    child: Child,
    folder: tempfile::TempDir,
}

impl Watched {
    /// Starts it and waits until the model is there and the fleet was read; `None` without a binary to start.
    pub async fn start() -> Result<Option<Self>> {
        Self::start_with(&[]).await
    }

    /// The same, with more settings: variables and their values.
    pub async fn start_with(settings: &[(&str, &str)]) -> Result<Option<Self>> {
        if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
            return Ok(None);
        }
        let (folder, metrics) = (tempfile::tempdir()?, format!("127.0.0.1:{}", free_port()?));
        let model = folder.path().join("small.gguf");
        let config = Phi3Config { vocabulary: 500, ..writer::small() };
        std::fs::write(&model, random::model(&config, 0.05).text("general.name", "Small").finish())?;
        let mut command = wheelhouse()?;
        command.args(["--json", "--listen", "127.0.0.1:0", "--demo-workspaces", "60", "--data"]);
        command.arg(folder.path().join("data")).current_dir(folder.path());
        command.env_remove("DATABASE_URL").env_remove("REDIS_URL").stdout(Stdio::piped());
        command.env("WHEELHOUSE_AI__MODEL", &model).env("WHEELHOUSE_AI__CONTEXT", "128");
        command.env("WHEELHOUSE_AI__THREADS", "1").env("WHEELHOUSE_METRICS__LISTEN", &metrics);
        let key = folder.path().join("backup.key");
        std::fs::write(&key, "a passphrase that a machine made")?;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
        command.env("WHEELHOUSE_BACKUP__DIR", folder.path().join("backups")).env("WHEELHOUSE_BACKUP__KEY_FILE", &key);
        command.envs(settings.iter().copied());
        for limit in ["WRITES", "READS", "UNKNOWN"] {
            command.env(format!("WHEELHOUSE_LIMITS__{limit}_PER_MINUTE"), "1000000");
        }
        let mut child = Child::spawn(&mut command)?;
        let mut lines = child.lines()?;
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.context("it prints nothing")??;
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let started: Value = serde_json::from_str(&line.context("it ended without a word")?)?;
        let told = |field: &str| started[field].as_str().map(str::to_owned).with_context(|| format!("no {field}"));
        let (base, setup_link, metrics) = (told("url")?, told("setup_link")?, format!("http://{metrics}"));
        let watched = Self { base, metrics, setup_link, child, folder };
        watched.scraped_until("\nwheelhouse_ai_ready 1\n").await?;
        watched.scraped_until("wheelhouse_data_sets{kind=\"sync-workspaces\",state=\"never\"} 0\n").await?;
        Ok(Some(watched))
    }

    /// The owner, signed in.
    pub async fn owner(&self) -> Result<ApiClient> {
        let client = ApiClient::new(&self.base)?;
        let token = self.setup_link.rsplit('=').next().unwrap_or_default();
        let body = json!({ "token": token, "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        client.post(paths::SETUP, &body).await?.ok::<Value>()?;
        Ok(client)
    }

    /// Its metrics, once this is in them.
    pub async fn scraped_until(&self, wanted: &str) -> Result<String> {
        let (client, give_up) = (ApiClient::new(&self.metrics)?, Instant::now() + PATIENCE);
        loop {
            let text = client.get("/metrics").await?.text();
            if text.contains(wanted) {
                return Ok(text);
            }
            anyhow::ensure!(Instant::now() < give_up, "{wanted} is not in\n{text}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The URL of its database, for a second process.
    pub fn database(&self) -> String {
        format!("sqlite://{}?mode=rw", self.folder.path().join("data/wheelhouse.db").display())
    }

    /// Ends it as Ctrl-C does.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.child.interrupt().await
    }
}
