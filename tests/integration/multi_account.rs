//! Several accounts side by side, each by a role with an external id, with the real processes: whoever is denied or slow
//! holds nobody else up, and what is missing is named.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_sim::{SimAccount, SimOptions, SimRole, Simulator};
use contract::accounts::{AccountView, ConnectionTestView, StartedJobsView};
use contract::data_sets::{DataSetView, DataSetsView};
use contract::jobs::JobDetailView;
use contract::paths::{ACCOUNT, ACCOUNT_TEST, ACCOUNTS, DATA_SETS, JOB, SCHEDULE_RUN, with_id};
use contract::workspaces::WorkspaceView;
use domain::access::{Actor, Grant, Role};
use domain::ids::{AccountId, JobId};
use domain::jobs::JobState;
use domain::sync::SyncKind;
use platform::shutdown::Shutdown;
use serde_json::json;
use services::identity::NewUser;
use services::sessions::SessionMeta;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, REGIONS, TestAppOptions};
use testkit::client::ApiClient;
use testkit::compose;
use testkit::db::{Backend, TestDatabase};
use testkit::outside::needed;
use testkit::process::{Child, free_port, wheelhouse};

use crate::support::whole_list;
use crate::worker_process::environment;

const ROLE: &str = "Wheelhouse";
const PATIENCE: Duration = Duration::from_secs(150);

/// Twelve digits.
fn number(of: u8) -> String {
    of.to_string().repeat(12)
}

/// A simulated AWS with an account for each of `sizes`: its number and how many WorkSpaces it has.
async fn aws(sizes: &[(u8, usize)], faults: &[&str], shutdown: &Shutdown) -> Result<(Simulator, String)> {
    let mut options = SimOptions::new(0, 3, std::sync::Arc::new(platform::os::now));
    options.throttle = None;
    options.alive = false;
    options.regions = REGIONS.map(str::to_owned).to_vec();
    options.faults = faults.iter().map(|fault| fault.parse()).collect::<Result<_, _>>()?;
    options.accounts = sizes
        .iter()
        .map(|(of, workspaces)| SimAccount {
            id: number(*of),
            workspaces: Some(*workspaces),
            access_key_ids: Vec::new(),
            roles: vec![SimRole { name: ROLE.to_owned(), external_id: Some(external_id(*of)) }],
        })
        .collect();
    compose::serve(Simulator::new(options), shutdown).await
}

fn external_id(of: u8) -> String {
    format!("customer-{of}")
}

/// API and worker as processes of their own, with keys that only serve to assume roles.
struct Installation {
    client: ApiClient,
    api: Child,
    worker: Child,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl Installation {
    async fn start() -> Result<Option<Self>> {
        if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
            return Ok(None);
        }
        let Some(database) = TestDatabase::migrated(Backend::Postgres).await? else { return Ok(None) };
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let nothing = folder.path().join("no-such-file").display().to_string();
        let spawn = |arguments: &[&str]| {
            let mut command = wheelhouse()?;
            command.args(arguments).envs(environment(&database.url)).current_dir(folder.path());
            for (name, value) in [
                ("AWS_ACCESS_KEY_ID", "AKIAWHEELHOUSEBASE00"),
                ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                ("AWS_CONFIG_FILE", &nothing),
                ("AWS_SHARED_CREDENTIALS_FILE", &nothing),
                ("WHEELHOUSE_AWS__REQUESTS_PER_SECOND", "10000"),
                ("WHEELHOUSE_AWS__BURST", "10000"),
            ] {
                command.env(name, value);
            }
            Child::spawn(command.stdout(std::process::Stdio::null()))
        };
        let api = spawn(&["api", "--listen", &format!("127.0.0.1:{port}")])?;
        let worker = spawn(&["worker"])?;
        let client = ApiClient::new(&format!("http://127.0.0.1:{port}"))?;
        for _ in 0..200 {
            if client.get("/health/ready").await.is_ok_and(|answer| answer.status == 200) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let config = compose::config(&TestAppOptions::default(), &database.url, "127.0.0.1:1".parse()?)?;
        let context = compose::context(&config, None).await?;
        let (email, password) = (OWNER_EMAIL.to_owned(), OWNER_PASSWORD.to_owned());
        let grants = vec![Grant::usual(Role::Owner)];
        services::identity::create_user(&context, &Actor::system(), NewUser { email, grants, password }).await?;
        let signed_in =
            services::identity::sign_in(&context, OWNER_EMAIL, OWNER_PASSWORD, SessionMeta::default()).await?;
        let session = signed_in.done().context("a second factor is asked for")?;
        client.set_session(Some(session.token));
        context.db.close().await?;
        Ok(Some(Self { client, api, worker, _database: database, _folder: folder }))
    }

    async fn connect(
        &self,
        name: &str,
        of: u8,
        regions: &[&str],
        external_id: &str,
        endpoint: &str,
    ) -> Result<AccountView> {
        let body = json!({
            "name": name, "regions": regions, "credentials": "role", "endpoint_url": endpoint,
            "role_arn": format!("arn:aws:iam::{}:role/{ROLE}", number(of)), "external_id": external_id,
        });
        self.client.post(ACCOUNTS, &body).await?.ok()
    }

    /// Starts every sync of every account: the jobs.
    async fn sync_everything(&self) -> Result<BTreeSet<JobId>> {
        let mut jobs = BTreeSet::new();
        for kind in SyncKind::ALL {
            jobs.extend(self.client.post_empty(&with_id(SCHEDULE_RUN, kind)).await?.ok::<StartedJobsView>()?.job_ids);
        }
        Ok(jobs)
    }

    /// The jobs as they ended.
    async fn ended(&self, jobs: &BTreeSet<JobId>) -> Result<Vec<JobDetailView>> {
        let give_up = tokio::time::Instant::now() + PATIENCE;
        let mut ended = Vec::new();
        for id in jobs {
            loop {
                let detail: JobDetailView = self.client.get(&with_id(JOB, id)).await?.ok()?;
                if detail.job.state.is_final() {
                    ended.push(detail);
                    break;
                }
                anyhow::ensure!(tokio::time::Instant::now() < give_up, "a job does not end: {detail:?}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(ended)
    }

    /// The data sets of an account.
    async fn data_sets(&self, account: AccountId) -> Result<Vec<DataSetView>> {
        let sets: DataSetsView = self.client.get(&format!("{DATA_SETS}?account_id={account}")).await?.ok()?;
        Ok(sets.items)
    }

    async fn workspaces(&self, account: AccountId) -> Result<BTreeSet<String>> {
        let query = format!("limit=200&account={account}");
        let (rows, _) = whole_list::<WorkspaceView>(&self.client, contract::paths::WORKSPACES, &query).await?;
        Ok(rows.into_iter().map(|row| row.aws_id).collect())
    }

    async fn stop(mut self) -> Result<()> {
        anyhow::ensure!(self.worker.terminate().await?.success(), "the worker ends well");
        anyhow::ensure!(self.api.terminate().await?.success(), "the API ends well");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_and_a_slow_account_hold_nobody_up() -> Result<()> {
    let Some(here) = Installation::start().await? else { return Ok(()) };
    let shutdown = Shutdown::new();
    let (_, two) = aws(&[(1, 30), (2, 20)], &[], &shutdown).await?;
    let (_, denied) = aws(&[(3, 20)], &["deny:GetMetricData", "deny:DescribeTags"], &shutdown).await?;
    let (slow_aws, slow) = aws(&[(4, 200)], &["slow:*:6s"], &shutdown).await?;

    // Two have everything in one region: the trial is as long as what others have to bring in.
    let one = &REGIONS[..1];
    // The slow one comes first and has begun before there is anybody else. To read the tags of its 200 WorkSpaces would take
    // minutes.
    let slow = here.connect("Slow", 4, &REGIONS, &external_id(4), &slow).await?;
    let slow_jobs = here.sync_everything().await?;
    assert_eq!(slow_jobs.len(), 8 * REGIONS.len() + 1);
    let give_up = tokio::time::Instant::now() + Duration::from_secs(30);
    while slow_aws.counts().values().map(|count| count.requests).sum::<u64>() == 0 {
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "nothing asks the slow one");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let first = here.connect("First", 1, &REGIONS, &external_id(1), &two).await?;
    let second = here.connect("Second", 2, one, &external_id(2), &two).await?;
    let denied = here.connect("Denied", 3, one, &external_id(3), &denied).await?;
    let all = here.sync_everything().await?;
    assert!(all.is_superset(&slow_jobs), "what waits is not asked for twice");
    assert_eq!(all.len(), 2 * slow_jobs.len() + 2 * (8 * one.len() + 1));

    // All others end while the slow one is still at it.
    let others: BTreeSet<_> = all.difference(&slow_jobs).copied().collect();
    let mut ended = here.ended(&others).await?;
    let mut open = 0;
    for id in &slow_jobs {
        let detail: JobDetailView = here.client.get(&with_id(JOB, id)).await?.ok()?;
        open += usize::from(!detail.job.state.is_final());
    }
    println!("{open} of {} jobs of the slow account were open when all others had ended", slow_jobs.len());
    assert!(open > 0, "the others were held up by the slow account");
    slow_aws.set_faults(Vec::new());
    ended.extend(here.ended(&slow_jobs).await?);
    assert!(
        ended.iter().all(|job| job.job.state == JobState::Done || job.job.account_id == Some(denied.id)),
        "{ended:?}"
    );

    // Each role sees its own account and no other.
    let fleets =
        [here.workspaces(first.id).await?, here.workspaces(second.id).await?, here.workspaces(denied.id).await?];
    // The first region has 70 % of a fleet.
    assert_eq!(fleets.each_ref().map(BTreeSet::len), [30, 14, 14]);
    assert!(fleets[0].is_disjoint(&fleets[1]));
    for account in [first.id, second.id, slow.id] {
        for set in here.data_sets(account).await? {
            assert_eq!((set.status.as_str(), &set.missing_permission, &set.error), ("ok", &None, &None), "{set:?}");
        }
    }
    // What is missing is named where it is missing, and nowhere else.
    let sets = here.data_sets(denied.id).await?;
    assert_eq!(sets.len(), 8 * one.len() + 1);
    for set in &sets {
        let (status, permission) = match set.kind {
            SyncKind::Usage => ("failed", Some("cloudwatch:GetMetricData")),
            SyncKind::Workspaces => ("partial", Some("workspaces:DescribeTags")),
            _ => ("ok", None),
        };
        assert_eq!((set.status.as_str(), set.missing_permission.as_deref()), (status, permission), "{set:?}");
    }
    let view: AccountView = here.client.get(&with_id(ACCOUNT, denied.id)).await?.ok()?;
    assert_eq!(view.regions.len(), one.len());
    for region in &view.regions {
        let run = region.last_run.as_ref().context("it was synced")?;
        let named: Vec<_> = run.report.problems.iter().filter_map(|p| p.missing_permission.as_deref()).collect();
        assert_eq!(named, ["workspaces:DescribeTags"], "{run:?}");
    }
    shutdown.trigger();
    here.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_external_id_is_refused_and_named() -> Result<()> {
    let Some(here) = Installation::start().await? else { return Ok(()) };
    let shutdown = Shutdown::new();
    let (aws, url) = aws(&[(1, 5), (2, 5)], &[], &shutdown).await?;
    let right = here.connect("Right", 1, &REGIONS, &external_id(1), &url).await?;
    // That of the other customer: what an external id is for.
    let wrong = here.connect("Wrong", 2, &REGIONS, &external_id(1), &url).await?;

    let test: ConnectionTestView = here.client.post_empty(&with_id(ACCOUNT_TEST, right.id)).await?.ok()?;
    assert!(test.ok, "{test:?}");
    assert_eq!(test.aws_account_id, Some(number(1)));
    let test: ConnectionTestView = here.client.post_empty(&with_id(ACCOUNT_TEST, wrong.id)).await?.ok()?;
    assert_eq!((test.ok, &test.aws_account_id), (false, &None));
    assert_eq!(test.checks.iter().map(|check| &check.region).collect::<BTreeSet<_>>().len(), REGIONS.len());
    for check in &test.checks {
        assert!(!check.ok);
        assert_eq!(check.missing_permission.as_deref(), Some("sts:AssumeRole"), "{check:?}");
    }

    let asked = aws.counts();
    let jobs = here.sync_everything().await?;
    here.ended(&jobs).await?;
    for set in here.data_sets(right.id).await? {
        assert_eq!(set.status, "ok", "{set:?}");
    }
    for set in here.data_sets(wrong.id).await? {
        // Without an inventory there is nothing to ask CloudWatch about, and nothing is said to be known.
        if set.kind == SyncKind::Usage {
            assert_eq!((set.covered_from, set.covered_to), (None, None), "{set:?}");
            continue;
        }
        let named = (set.status.as_str(), set.missing_permission.as_deref());
        assert_eq!(named, ("failed", Some("sts:AssumeRole")), "{set:?}");
        assert!(set.error.is_some_and(|error| error.contains("sts:AssumeRole")));
    }
    assert_eq!(here.workspaces(wrong.id).await?.len(), 0);
    assert_eq!(here.workspaces(right.id).await?.len(), 5);
    let assumed = |counts: &BTreeMap<&'static str, aws_sim::OperationCount>| counts["AssumeRole"].failed;
    assert!(assumed(&aws.counts()) > assumed(&asked), "AWS refused it");
    shutdown.trigger();
    here.stop().await
}
