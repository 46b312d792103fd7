//! Every sync, with the worker, Redis or Postgres killed in the middle of it: what is in the database in the end is what an
//! undisturbed run brings in.
//!
//! One round for each sync and victim, each with a seed of its own that says after how many of the sync's requests it
//! happens. The simulated AWS answers slowly, so that there is a middle. Alone on the machine (nextest's rule for `chaos`).

mod tables;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_sim::{SimOptions, Simulator};
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use domain::access::Scope;
use domain::account::Access;
use domain::env::Env;
use domain::ids::{AccountId, JobId, Region};
use domain::sync::SyncKind;
use platform::shutdown::Shutdown;
use sea_orm::ConnectionTrait as _;
use services::sync::{BILLING_REGION, sync_job};
use store::Db;
use store::queue::enqueue;
use store::repo::accounts::{NewAccount, account_delete, account_fetch, account_insert};
use testkit::compose;
use testkit::outside::{Cluster, needed};
use testkit::redis::Redis;

use self::tables::differences;
use crate::support::texts;
use crate::worker_process::Workers;

const WORKSPACES: usize = 150;
const REGION: &str = "us-east-1";
/// A sync takes at least about this long, so that something can happen in the middle of it.
const LENGTH_MS: u64 = 1500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Worker,
    Redis,
    Postgres,
}

const VICTIMS: [Victim; 3] = [Victim::Worker, Victim::Redis, Victim::Postgres];

/// The requests that a sync makes.
fn operations(kind: SyncKind) -> &'static [&'static str] {
    match kind {
        SyncKind::Workspaces => &[
            "DescribeWorkspaceDirectories",
            "DescribeWorkspaces",
            "DescribeWorkspaceBundles",
            "DescribeTags",
            "DescribeWorkspacesConnectionStatus",
        ],
        SyncKind::Directories => &["DescribeWorkspaceDirectories", "DescribeDirectories"],
        SyncKind::Connections => &["DescribeWorkspacesConnectionStatus"],
        SyncKind::Usage => &["GetMetricData"],
        SyncKind::CloudTrail => &["LookupEvents"],
        SyncKind::Billing => &["GetCostAndUsage"],
        SyncKind::Prices => &["GetProducts"],
        SyncKind::Images => &["DescribeWorkspaceImages"],
        SyncKind::Quotas => &["ListServiceQuotas"],
    }
}

/// A simulated AWS with its address.
struct Aws {
    simulator: Simulator,
    url: String,
}

impl Aws {
    async fn serve(alive: bool, shutdown: &Shutdown) -> Result<Self> {
        let mut options = SimOptions::new(WORKSPACES, 21, std::sync::Arc::new(platform::os::now));
        (options.throttle, options.alive, options.trail_rate) = (None, alive, 6.0);
        options.regions = vec![REGION.to_owned()];
        let (simulator, url) = compose::serve(Simulator::new(options), shutdown).await?;
        Ok(Self { simulator, url })
    }

    fn asked(&self, kind: SyncKind) -> u64 {
        let counts = self.simulator.counts();
        operations(kind).iter().filter_map(|operation| counts.get(operation)).map(|count| count.requests).sum()
    }

    /// Each request of the sync takes so long; 0: as long as it takes.
    fn slow(&self, kind: SyncKind, milliseconds: u64) -> Result<()> {
        let faults = operations(kind).iter().map(|operation| format!("slow:{operation}:{milliseconds}ms").parse());
        self.simulator.set_faults(if milliseconds == 0 { Vec::new() } else { faults.collect::<Result<_, _>>()? });
        Ok(())
    }
}

/// Everything a round needs.
struct Scene {
    env: Env,
    db: Db,
    /// Nothing moves; for all syncs but that of usage.
    still: Aws,
    /// People come and go; only what is over is compared.
    alive: Aws,
    /// What is before it is over.
    closed: DateTime<Utc>,
}

impl Scene {
    fn aws(&self, kind: SyncKind) -> &Aws {
        if kind == SyncKind::Usage { &self.alive } else { &self.still }
    }

    /// A new account of the simulated AWS, with what the sync builds on.
    async fn account(&self, name: &str, kind: SyncKind) -> Result<AccountId> {
        let id = AccountId(self.env.new_id());
        let new = NewAccount {
            id,
            name: name.to_owned(),
            access: Access::Simulated,
            endpoint_url: Some(self.aws(kind).url.clone()),
            regions: vec![REGION.parse()?],
            at: self.env.now(),
        };
        account_insert(&self.db, &new).await?;
        if matches!(kind, SyncKind::Usage | SyncKind::Connections) {
            let job = self.start(id, SyncKind::Workspaces).await?;
            self.done(job).await?;
            // The inventory brings these too.
            let forget =
                "UPDATE workspace SET connection_state = NULL, connection_checked_at = NULL, last_connected_at = NULL";
            self.db.execute_unprepared(&format!("{forget} WHERE account_id = '{id}'")).await?;
        }
        Ok(id)
    }

    async fn start(&self, account: AccountId, kind: SyncKind) -> Result<JobId> {
        let record = account_fetch(&self.db, &Scope::Everything, account).await?.context("the account")?;
        let region: Region = if kind == SyncKind::Billing { BILLING_REGION } else { REGION }.parse()?;
        Ok(enqueue(&self.db, &self.env, sync_job(&record, &region, kind)).await?.id())
    }

    /// What the query says once the database answers.
    async fn column(&self, sql: &str, name: &str) -> Result<Vec<String>> {
        let give_up = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            match texts(&self.db, sql, name).await {
                // This pool has met the crash, too.
                Err(_) if tokio::time::Instant::now() < give_up => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                read => return read.with_context(|| sql.to_owned()),
            }
        }
    }

    async fn state(&self, job: JobId) -> Result<String> {
        let sql = format!("SELECT state FROM job WHERE id = '{job}'");
        self.column(&sql, "state").await?.pop().context("the job is gone")
    }

    async fn done(&self, job: JobId) -> Result<()> {
        let give_up = tokio::time::Instant::now() + Duration::from_secs(90);
        loop {
            match self.state(job).await?.as_str() {
                "done" => return Ok(()),
                "queued" | "running" if tokio::time::Instant::now() < give_up => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                state => {
                    let sql = format!(
                        "SELECT concat(kind, ' ', claim_number, ' ', error) AS line FROM job WHERE id = '{job}'"
                    );
                    anyhow::bail!("the job is {state}: {:?}", self.column(&sql, "line").await?);
                }
            }
        }
    }
}

/// A sync as nobody disturbed it.
struct Undisturbed {
    tables: BTreeMap<String, Vec<String>>,
    requests: u64,
}

/// An even spread of the numbers from 1 to `most`.
fn drawn(seed: u64, most: u64) -> u64 {
    let mixed = (seed ^ (seed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    1 + (mixed >> 33) % most.max(1)
}

/// What is killed, and brought back.
struct Victims {
    workers: Workers,
    redis: Redis,
    cluster: Cluster,
}

impl Victims {
    async fn strike(&mut self, victim: Victim, holder: Option<&str>) -> Result<bool> {
        let pause = Duration::from_millis(700);
        match victim {
            Victim::Worker => {
                let Some(holder) = holder else { return Ok(false) };
                let killed = self.workers.kill_named(holder).await?;
                if killed {
                    self.workers.start().await?;
                }
                return Ok(killed);
            }
            Victim::Redis => {
                self.redis.kill().await?;
                tokio::time::sleep(pause).await;
                self.redis.start().await?;
            }
            Victim::Postgres => {
                self.cluster.crash().await?;
                tokio::time::sleep(pause).await;
                self.cluster.start().await?;
            }
        }
        Ok(true)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chaos_in_the_middle_of_each_sync_leaves_no_trace() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let Some(cluster) = Cluster::take().await? else { return Ok(()) };
    let Some(redis) = Redis::take().await? else { return Ok(()) };
    let url = cluster.database().await?;
    let db = store::db::connect(&store::DbOptions::new(url.clone())).await?;
    store::db::migrate(&db).await?;
    let shutdown = Shutdown::new();
    let env = testkit::env::real();
    let closed = env.now().duration_trunc(TimeDelta::hours(1))? - TimeDelta::hours(2);
    let (still, alive) = (Aws::serve(false, &shutdown).await?, Aws::serve(true, &shutdown).await?);
    let scene = Scene { env, db, still, alive, closed };
    let workers = Workers::new(&url)?
        .setting("REDIS_URL", redis.url())
        .setting("WHEELHOUSE_WORKER__HEARTBEAT_SECONDS", "1")
        .setting("WHEELHOUSE_WORKER__ORPHAN_AFTER_SECONDS", "3");
    let mut victims = Victims { workers, redis, cluster };
    for _ in 0..2 {
        victims.workers.start().await?;
    }

    let mut undisturbed = BTreeMap::new();
    for kind in SyncKind::ALL {
        let account = scene.account(&format!("Undisturbed {kind}"), *kind).await?;
        let before = scene.aws(*kind).asked(*kind);
        let job = scene.start(account, *kind).await?;
        scene.done(job).await?;
        let (tables, requests) = (scene.brought_in(account, *kind).await?, scene.aws(*kind).asked(*kind) - before);
        for (table, lines) in &tables {
            // Nobody has changed state yet; after an interruption nobody has either.
            let none = table == "workspace_state_history";
            anyhow::ensure!(lines.is_empty() == none, "{kind} brought {} rows into {table}", lines.len());
        }
        let told: Vec<_> = tables.iter().map(|(table, lines)| format!("{table} {}", lines.len())).collect();
        println!("{kind}: {requests} requests; {}", told.join(", "));
        account_delete(&scene.db, account).await?;
        undisturbed.insert(kind.as_str(), Undisturbed { tables, requests });
    }

    let rounds = SyncKind::ALL.len() * VICTIMS.len();
    let mut met = BTreeMap::<(&str, Victim), bool>::new();
    let mut wrong = Vec::new();
    for round in 0..rounds {
        // Every pair once.
        let (kind, victim) = (SyncKind::ALL[round % SyncKind::ALL.len()], VICTIMS[round / SyncKind::ALL.len()]);
        let seed = 0x5eed_0000 + round as u64;
        let Undisturbed { tables, requests } = &undisturbed[kind.as_str()];
        let aws = scene.aws(kind);
        let account = scene.account(&format!("Round {round}"), kind).await?;
        let (before, after) = (aws.asked(kind), drawn(seed, requests.saturating_sub(1)));
        aws.slow(kind, (LENGTH_MS / requests.max(&1)).clamp(15, 400))?;
        let job = scene.start(account, kind).await?;
        let give_up = tokio::time::Instant::now() + Duration::from_secs(60);
        // The undisturbed sync may have asked something twice, on a machine that was busy; then this one is over before: it is missed.
        while aws.asked(kind) - before < after && matches!(scene.state(job).await?.as_str(), "queued" | "running") {
            anyhow::ensure!(tokio::time::Instant::now() < give_up, "{kind} does not get to request {after}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let running = format!("SELECT worker FROM job WHERE id = '{job}' AND state = 'running'");
        let holder = scene.column(&running, "worker").await?.pop();
        let struck = victims.strike(victim, holder.as_deref()).await?;
        met.insert((kind.as_str(), victim), holder.is_some() && struck);
        scene
            .done(job)
            .await
            .with_context(|| format!("round {round}, seed {seed:#x}: {kind}, {victim:?} at {after}"))?;
        aws.slow(kind, 0)?;
        let found = scene.brought_in(account, kind).await?;
        for difference in differences(&found, tables) {
            wrong.push(format!("round {round}, seed {seed:#x}: {kind}, {victim:?} at request {after}: {difference}"));
        }
        let again = aws.asked(kind) - before;
        println!(
            "round {round}: {kind}, {victim:?} at request {after} of {requests}; {again} requests; met: {:?}",
            met[&(kind.as_str(), victim)]
        );
        account_delete(&scene.db, account).await?;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missed: Vec<_> = met.iter().filter(|(_, met)| !**met).map(|(pair, _)| pair).collect();
    println!("{} of {rounds} rounds struck in the middle; missed: {missed:?}", rounds - missed.len());
    assert!(missed.len() * 5 <= rounds, "too many rounds struck nothing: {missed:?}");
    for kind in SyncKind::ALL {
        let struck = met.iter().any(|((of, _), met)| *of == kind.as_str() && *met);
        assert!(struck, "nothing struck {kind} in the middle");
    }
    assert_eq!(victims.workers.ended_by_themselves(), 0, "no worker gave up");
    shutdown.trigger();
    victims.workers.terminate().await
}
