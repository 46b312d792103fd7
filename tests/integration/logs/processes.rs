//! Real processes whose logs are kept: api, worker and model service on one database, or all in one.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::paths;
use serde_json::{Value, json};
use testkit::client::ApiClient;
use testkit::db::{Backend, TestDatabase};
use testkit::process::{Child, free_port, wheelhouse};

use crate::worker_process::environment;

/// Longest wait for anything that is certain to come.
pub const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(100);
/// Everything that our own code says, and what libraries say to everybody. With its colons, for `aws` alone is the SDK's too.
const FILTER: &str = "info,ai_service=trace,api=trace,aws::=trace,aws_sim=trace,domain=trace,platform=trace,\
                      services=trace,store=trace,wheelhouse=trace,worker=trace";

/// What was set, as names and values.
pub type Settings<'a> = &'a [(&'a str, String)];

/// Some processes, and what they say.
pub struct Processes {
    /// Of the first that serves the API.
    pub base: String,
    folder: tempfile::TempDir,
    running: Vec<Child>,
    metrics: Vec<String>,
    /// What several share.
    pub database: Option<TestDatabase>,
}

impl Processes {
    /// One for each of these tiers, on one database.
    pub async fn tiers(tiers: &[&str], settings: Settings<'_>) -> Result<Self> {
        let database = TestDatabase::migrated(Backend::Sqlite).await?.context("SQLite is always there")?;
        let base = format!("http://127.0.0.1:{}", free_port()?);
        let mut processes = Self::none(base, Some(database))?;
        for tier in tiers {
            let url = processes.database.as_ref().context("a database")?.url.clone();
            let own = match *tier {
                "api" => processes.base.trim_start_matches("http://").to_owned(),
                _ => format!("127.0.0.1:{}", free_port()?),
            };
            let shared: Vec<_> = environment(&url).into_iter().chain([("WHEELHOUSE_SERVER__LISTEN", own)]).collect();
            processes.start(tier, &["--json", tier], &[&shared, settings].concat())?;
        }
        Ok(processes)
    }

    /// All in one, with a demo fleet.
    pub async fn all_in_one(settings: Settings<'_>) -> Result<Self> {
        let mut processes = Self::none(format!("http://127.0.0.1:{}", free_port()?), None)?;
        let (listen, data) =
            (processes.base.trim_start_matches("http://").to_owned(), processes.folder.path().join("data"));
        let data = data.to_str().context("a path")?.to_owned();
        let arguments = ["--json", "--listen", &listen, "--demo-workspaces", "40", "--data", &data];
        let format = [("WHEELHOUSE_TELEMETRY__LOG_FORMAT", "json".to_owned()), ("DATABASE_URL", String::new())];
        processes.start("all-in-one", &arguments, &[&format, settings].concat())?;
        Ok(processes)
    }

    fn none(base: String, database: Option<TestDatabase>) -> Result<Self> {
        Ok(Self { base, folder: tempfile::tempdir()?, running: Vec::new(), metrics: Vec::new(), database })
    }

    fn start(&mut self, name: &str, arguments: &[&str], settings: Settings<'_>) -> Result<()> {
        let metrics = format!("127.0.0.1:{}", free_port()?);
        let kept = |end: &str| std::fs::File::create(self.folder.path().join(format!("{name}.{end}")));
        let mut command = wheelhouse()?;
        command.args(arguments).current_dir(self.folder.path());
        command.stdout(Stdio::from(kept("out")?)).stderr(Stdio::from(kept("log")?));
        command.env("REDIS_URL", "").envs(settings.iter().map(|(name, value)| (name, value)));
        command.env("WHEELHOUSE_TELEMETRY__LOG_FILTER", FILTER).env("WHEELHOUSE_METRICS__LISTEN", &metrics);
        for limit in ["WRITES", "READS", "UNKNOWN"] {
            command.env(format!("WHEELHOUSE_LIMITS__{limit}_PER_MINUTE"), "1000000");
        }
        self.metrics.push(format!("http://{metrics}"));
        self.running.push(Child::spawn(&mut command)?);
        Ok(())
    }

    /// Makes the owner and signs in.
    pub async fn owner(&self, email: &str, password: &str) -> Result<ApiClient> {
        let link = self.until(printed).await.context("no link is printed")?;
        let client = ApiClient::new(&self.base)?;
        let token = link.rsplit('=').next().unwrap_or_default();
        let body = json!({ "token": token, "email": email, "password": password });
        let ready = async {
            while client.get(paths::SETUP).await.is_err() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.context("nobody listens")?;
        client.post(paths::SETUP, &body).await?.ok::<Value>()?;
        Ok(client)
    }

    async fn until<T>(&self, look: impl Fn(&Path) -> Option<T>) -> Result<T> {
        let found = async {
            loop {
                match look(self.folder.path()) {
                    Some(found) => return found,
                    None => tokio::time::sleep(LOOK).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .with_context(|| self.logs().map(|logs| logs.join("\n")).unwrap_or_default())
    }

    /// What all of them count.
    pub async fn scraped(&self) -> Result<String> {
        let mut pages = String::new();
        for address in &self.metrics {
            pages += &ApiClient::new(address)?.get("/metrics").await?.text();
        }
        Ok(pages)
    }

    /// Every line that any of them logged.
    pub fn logs(&self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for file in files(self.folder.path(), "log")? {
            lines.extend(std::fs::read_to_string(file)?.lines().map(str::to_owned));
        }
        Ok(lines)
    }

    /// Ends them as a container engine does; each must end well.
    pub async fn stop(&mut self) -> Result<()> {
        for child in &mut self.running {
            let status = child.terminate().await?;
            anyhow::ensure!(status.success(), "it ended with {status}");
        }
        Ok(())
    }
}

/// The one-time link that one of them printed.
fn printed(folder: &Path) -> Option<String> {
    let printed = files(folder, "out").ok()?.into_iter().filter_map(|file| std::fs::read_to_string(file).ok());
    let objects = printed
        .flat_map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<Value>>());
    objects.into_iter().find_map(|object| object["setup_link"].as_str().map(str::to_owned))
}

fn files(folder: &Path, end: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(entries.into_iter().filter(|path| path.extension().is_some_and(|found| found == end)).collect())
}
