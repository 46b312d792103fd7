//! A simulated AWS in a process of its own, and a database that its fleet is synced into.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::access::Actor;
use domain::account::CredentialKind;
use domain::ids::{AccountId, JobId, Region};
use serde_json::Value;
use services::accounts::NewAccount;
use services::sync::SyncWorkspacesJob;
use testkit::app::TestAppOptions;
use testkit::db::TestDatabase;
use testkit::process::{Child, free_port, wheelhouse};
use testkit::run::Quiet;
use tokio::net::TcpStream;

/// The region that holds everything.
const REGION: &str = "us-east-1";

/// A simulated AWS in a process of its own.
pub struct Simulated {
    pub url: String,
    _child: Child,
}

impl Simulated {
    /// Starts one without request limit.
    pub async fn start(workspaces: u32) -> Result<Self> {
        Self::spawn(workspaces, "off").await
    }

    /// Starts one with AWS's request limits.
    pub async fn throttled(workspaces: u32) -> Result<Self> {
        Self::spawn(workspaces, "on").await
    }

    async fn spawn(workspaces: u32, throttle: &str) -> Result<Self> {
        let port = free_port()?;
        let mut command = wheelhouse()?;
        command.args(["aws-sim", "--listen", &format!("127.0.0.1:{port}"), "--workspaces", &workspaces.to_string()]);
        command.args(["--throttle", throttle, "--seed", "1", "--region", REGION]).stdout(std::process::Stdio::null());
        let child = Child::spawn(&mut command)?;
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the simulated AWS did not start")
    }

    /// What was asked of it.
    pub async fn operations(&self) -> Result<Vec<Asked>> {
        let client = platform::http::client(Duration::from_secs(30))?;
        let ledger: Value = client.get(format!("{}/_sim/ledger", self.url)).send().await?.json().await?;
        let operations = ledger["operations"].as_object().context("no operations")?;
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        let asked = operations.iter().map(|(name, counts)| Asked {
            limited: !matches!(name.as_str(), "GetCallerIdentity" | "AssumeRole"),
            requests: number(&counts["requests"]) - number(&counts["throttled"]),
            throttled: number(&counts["throttled"]),
        });
        Ok(asked.collect())
    }

    /// Requests it has answered.
    pub async fn requests(&self) -> Result<u64> {
        let client = platform::http::client(Duration::from_secs(30))?;
        let ledger: Value = client.get(format!("{}/_sim/ledger", self.url)).send().await?.json().await?;
        ledger["requests"].as_u64().context("no count of requests")
    }
}

/// How often one operation was asked for.
pub struct Asked {
    /// Whether it has a request limit.
    pub limited: bool,
    /// Times it was answered.
    pub requests: u64,
    /// Times it was refused as too fast.
    pub throttled: u64,
}

/// A database with an account whose fleet was synced.
pub struct Synced {
    pub database: TestDatabase,
    pub context: services::Context,
    pub account: AccountId,
    pub region: Region,
}

impl Synced {
    /// A fresh database with the simulated AWS as its account; nothing synced yet.
    pub async fn connect(simulated: &Simulated) -> Result<Self> {
        Self::with(simulated, CredentialKind::Simulated).await
    }

    /// The same as if it were AWS: by the usual credentials and at AWS's rates. No tags, which cost a request each.
    pub async fn at_aws_limits(simulated: &Simulated) -> Result<Self> {
        let mut fleet = Self::with(simulated, CredentialKind::Chain).await?;
        fleet.context.policy.change(|policy| policy.tags_per_run = 0);
        let connector = aws::Connector::new(aws::AwsOptions::default(), fleet.context.env.clone());
        fleet.context.cloud = Arc::new(connector);
        Ok(fleet)
    }

    async fn with(simulated: &Simulated, credentials: CredentialKind) -> Result<Self> {
        let database = crate::postgres().await?;
        let mut config =
            testkit::compose::config(&TestAppOptions::default(), &database.url, ([127, 0, 0, 1], 0).into())?;
        config.sync.tags_per_run = platform::config::Config::default().sync.tags_per_run;
        let context = testkit::compose::context(&config, None).await?;
        let region: Region = REGION.parse()?;
        let new = NewAccount {
            name: "Bench".to_owned(),
            regions: vec![region.clone()],
            credentials,
            role_arn: None,
            external_id: None,
            endpoint_url: Some(simulated.url.clone()),
        };
        let account = services::accounts::create_account(&context, &Actor::system(), new).await?;
        Ok(Self { database, account: account.account.id, context, region })
    }

    /// One whole sync, as a job runs it.
    pub async fn sync(&self) -> Result<domain::sync::SyncReport> {
        let job = SyncWorkspacesJob { account_id: self.account, region: self.region.clone() };
        let handle = Quiet(JobId(self.context.env.new_id()));
        let done = services::sync::run_sync_job(&self.context, &job, &handle).await?;
        Ok(done.report)
    }
}

/// The largest resident set of this process while the work went on, bytes; 0 where there is no `/proc`.
pub async fn peak_of<T>(work: impl Future<Output = Result<T>>) -> Result<(T, u64)> {
    let peak = Arc::new(Mutex::new(0_u64));
    let watched = Arc::clone(&peak);
    let watch = tokio::spawn(async move {
        loop {
            let now = platform::memory::resident().map_or(0, |memory| memory.current_bytes);
            {
                let mut peak = watched.lock().unwrap_or_else(PoisonError::into_inner);
                *peak = (*peak).max(now);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let result = work.await;
    watch.abort();
    let peak = *peak.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((result?, peak))
}
