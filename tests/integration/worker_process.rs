//! Real worker processes, to be killed: the `wheelhouse worker` binary with its probe jobs, which leave an effect behind.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, FromQueryResult, Statement};
use store::Db;
use store::queue::NewJob;
use testkit::process::{Child, wheelhouse};

use crate::support::number;

/// The environment of a process that works on that database, and on nothing else of this machine.
pub fn environment(url: &str) -> Vec<(&'static str, String)> {
    let checkpoints = testkit::db::audit_folder(url).unwrap_or_default();
    vec![
        ("WHEELHOUSE_AUDIT__CHECKPOINT_DIR", checkpoints.display().to_string()),
        ("DATABASE_URL", url.to_owned()),
        ("REDIS_URL", String::new()),
        // The simulated AWS is on this machine, and secrets are sealed with the tests' key.
        ("WHEELHOUSE_OUTGOING__ALLOW", "127.0.0.0/8".to_owned()),
        ("WHEELHOUSE_VAULT__KEYS", testkit::vault::FIXED_KEYS.to_owned()),
        ("WHEELHOUSE_SYNC__ENABLED", "false".to_owned()),
        ("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn".to_owned()),
        ("WHEELHOUSE_WORKER__CONCURRENCY", "4".to_owned()),
        (worker::PROBE_VARIABLE, "1".to_owned()),
    ]
}

/// A job that takes this long and has an effect at its end.
pub fn sleeping(time: Duration) -> NewJob {
    let payload = serde_json::json!({ "milliseconds": u64::try_from(time.as_millis()).unwrap_or(u64::MAX) });
    NewJob::new(worker::SleepEffectJob::NAME, "probe", payload)
}

/// A job that ends its process.
pub fn poison() -> NewJob {
    NewJob::new(worker::AbortJob::NAME, "poison", serde_json::json!({}))
}

/// How many effects there are, and of how many jobs.
pub async fn effects(db: &Db) -> Result<(i64, i64)> {
    let all = number(db, "SELECT COUNT(*) FROM job_effect").await?;
    Ok((all, number(db, "SELECT COUNT(DISTINCT job_id) FROM job_effect").await?))
}

/// Worker processes on one database.
pub struct Workers {
    url: String,
    drain_seconds: u64,
    settings: Vec<(&'static str, String)>,
    running: Vec<Child>,
    ended: usize,
    folder: tempfile::TempDir,
}

impl Workers {
    /// None yet.
    pub fn new(url: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self { url: url.to_owned(), drain_seconds: 30, settings: Vec::new(), running: Vec::new(), ended: 0, folder })
    }

    /// With another time to finish after SIGTERM.
    pub fn drain_seconds(mut self, seconds: u64) -> Self {
        self.drain_seconds = seconds;
        self
    }

    /// With a variable of the environment.
    pub fn setting(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Starts one more.
    pub async fn start(&mut self) -> Result<()> {
        let mut command = wheelhouse()?;
        command.arg("worker").envs(environment(&self.url)).current_dir(self.folder.path());
        command.env("WHEELHOUSE_WORKER__DRAIN_SECONDS", self.drain_seconds.to_string());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdout(std::process::Stdio::null());
        self.running.push(Child::spawn(&mut command)?);
        Ok(())
    }

    /// `kill -9` of a process that runs a job now: its name in the queue and when it was killed by the database's clock.
    /// `None` when nobody does. A process whose job was in two kills already is spared: a third would make that job dead,
    /// which is right, and another test's subject.
    pub async fn kill_holder(&mut self, db: &Db) -> Result<Option<(String, DateTime<Utc>)>> {
        #[derive(FromQueryResult)]
        struct Row {
            worker: String,
        }
        let sql = "SELECT worker FROM job WHERE state = 'running' AND kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND heartbeat_at > now() - interval '4 seconds' \
                   GROUP BY worker HAVING MAX(silent_claims) < 3 ORDER BY random()";
        for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
            let worker = Row::from_query_result(&row, "")?.worker;
            let Some(at) = self.running.iter().position(|child| child.id().is_some_and(|id| names(&worker, id))) else {
                continue;
            };
            let killed = self.now(db).await?;
            self.running.swap_remove(at).kill().await?;
            return Ok(Some((worker, killed)));
        }
        Ok(None)
    }

    /// `kill -9` of the process with that name in the queue; `false` when it is none of these.
    pub async fn kill_named(&mut self, worker: &str) -> Result<bool> {
        match self.running.iter().position(|child| child.id().is_some_and(|id| names(worker, id))) {
            Some(at) => self.running.swap_remove(at).kill().await.map(|()| true),
            None => Ok(false),
        }
    }

    async fn now(&self, db: &Db) -> Result<DateTime<Utc>> {
        let statement = Statement::from_string(db.get_database_backend(), "SELECT clock_timestamp() AS now");
        Ok(db.query_one_raw(statement).await?.context("no time")?.try_get("", "now")?)
    }

    /// How many ended though nobody asked them to.
    pub fn ended_by_themselves(&mut self) -> usize {
        self.note_ended();
        self.ended
    }

    /// Starts another for each that ended.
    pub async fn restart_ended(&mut self) -> Result<()> {
        for _ in 0..self.note_ended() {
            self.start().await?;
        }
        Ok(())
    }

    fn note_ended(&mut self) -> usize {
        let before = self.running.len();
        self.running.retain_mut(|child| !child.has_ended());
        let ended = before - self.running.len();
        self.ended += ended;
        ended
    }

    /// SIGTERM to all: each must end well.
    pub async fn terminate(&mut self) -> Result<()> {
        for child in &mut self.running {
            let status = child.terminate().await?;
            anyhow::ensure!(status.success(), "a worker ended with {status}");
        }
        self.running.clear();
        Ok(())
    }
}

/// Whether the name in the queue is that of the process: it holds its number.
fn names(worker: &str, id: u32) -> bool {
    let id = id.to_string();
    worker.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == id)
}
