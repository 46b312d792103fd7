//! The list API under load, beside pgbench running the same statements on the same database.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use domain::access::Scope;
use domain::workspace::{RunningMode, WorkspaceState};
use services::sessions::SessionMeta;
use store::Backend;
use store::repo::workspaces::{WorkspaceFilter, WorkspaceQuery, workspace_count_sql, workspace_list_sql};
use testkit::client::SESSION_COOKIE;

use crate::fleet::Synced;
use crate::served::{Connection, Served, percentiles, vacuum};
use crate::{Bench, Row, row};

const CONNECTIONS: u32 = 100;
const LASTS: Duration = Duration::from_secs(8);
/// How often one who looks at the list asks.
const THINKS: Duration = Duration::from_secs(1);
/// What is asked for, by HTTP and below as statements.
const QUERY: &str = "state=AVAILABLE&running_mode=AUTO_STOP&sort=user_name&limit=50";

/// One user's session stands for those of a hundred here: the limit of one is not what is measured.
const ONE_FOR_ALL: [(&str, &str); 1] = [("WHEELHOUSE_LIMITS__READS_PER_MINUTE", "1000000")];

pub async fn run(bench: &mut Bench) -> Result<Vec<Row>> {
    let fleet = crate::sync::fleet(bench).await?;
    let api = Served::start(fleet, None, &ONE_FOR_ALL).await?;
    let token = sign_in(fleet).await?;
    let request = format!(
        "GET {}?{QUERY} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: {SESSION_COOKIE}={token}\r\n\r\n",
        contract::paths::WORKSPACES,
        api.port
    );
    vacuum(&fleet.database.url).await?;
    let people = load(api.port, &request, Some(THINKS)).await?;
    let ours = load(api.port, &request, None).await?;
    let theirs = pgbench(&fleet.database.url).await?;
    Ok(vec![
        row("API, each of them asking once a second", people.words()),
        row("API, each of them asking without a pause", ours.words()),
        row(
            "pgbench, the page and its total",
            format!("{:.0} transactions/s, average {:.1} ms", theirs.per_second, theirs.average_ms),
        ),
        row(
            "ratio of throughput",
            format!("{:.2} (the API also checks the session and writes JSON)", ours.per_second / theirs.per_second),
        ),
    ])
}

async fn sign_in(fleet: &Synced) -> Result<String> {
    let token = services::identity::issue_setup_link(&fleet.context).await?.context("there is a user")?;
    let (email, password) = (testkit::app::OWNER_EMAIL, testkit::app::OWNER_PASSWORD);
    let session =
        services::identity::create_owner(&fleet.context, &token, email, password, SessionMeta::default()).await?;
    Ok(session.token)
}

struct Load {
    per_second: f64,
    p50: f64,
    p99: f64,
}

impl Load {
    fn words(&self) -> String {
        let Self { per_second, p50, p99 } = self;
        format!("{per_second:.0} requests/s, p50 {p50:.1} ms, p99 {p99:.1} ms, {CONNECTIONS} connections")
    }
}

/// `pace`: how often each asks; `None`: again as soon as it is answered.
async fn load(port: u16, request: &str, pace: Option<Duration>) -> Result<Load> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let request = request.to_owned();
            tokio::spawn(async move {
                if let Some(pace) = pace {
                    // Spread over the second, as people are.
                    tokio::time::sleep(pace.mul_f64(f64::from(number) / f64::from(CONNECTIONS))).await;
                }
                let mut connection = Connection::open(port).await?;
                let mut took = Vec::new();
                while began.elapsed() < LASTS {
                    let asked = Instant::now();
                    connection.ask(&request).await?;
                    took.push(asked.elapsed());
                    if let Some(pace) = pace {
                        tokio::time::sleep(pace.saturating_sub(asked.elapsed())).await;
                    }
                }
                anyhow::Ok(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    let lasted = began.elapsed().as_secs_f64();
    let per_second = took.len() as f64 / lasted;
    let [p50, p99] = percentiles(took);
    Ok(Load { per_second, p50, p99 })
}

struct Pgbench {
    per_second: f64,
    average_ms: f64,
}

fn pgbench_path() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("WHEELHOUSE_BENCH_PGBENCH") {
        return Ok(path.into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("no pgbench; set WHEELHOUSE_BENCH_PGBENCH")?;
    let found = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin/pgbench"))).find(|path| path.exists());
    found.context("no pgbench; set WHEELHOUSE_BENCH_PGBENCH")
}

/// The statements of [`QUERY`] as the API sends them, each transaction both.
async fn pgbench(url: &str) -> Result<Pgbench> {
    let filter = WorkspaceFilter {
        states: vec![WorkspaceState::from("AVAILABLE")],
        running_modes: vec![RunningMode::from("AUTO_STOP")],
        ..WorkspaceFilter::default()
    };
    let count = workspace_count_sql(Backend::Postgres, &Scope::Everything, &filter);
    let query = WorkspaceQuery { filter, limit: 50, ..WorkspaceQuery::default() };
    let page = workspace_list_sql(Backend::Postgres, &Scope::Everything, &query)?;
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("list.sql");
    std::fs::write(&script, format!("{page};\n{count};\n"))?;
    let output = tokio::process::Command::new(pgbench_path()?)
        .args([
            "-n",
            "-M",
            "prepared",
            "-c",
            &CONNECTIONS.to_string(),
            "-j",
            "2",
            "-T",
            &LASTS.as_secs().to_string(),
            "-f",
        ])
        .arg(&script)
        .arg(url)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    anyhow::ensure!(output.status.success(), "pgbench: {text}{}", String::from_utf8_lossy(&output.stderr));
    let number = |prefix: &str| -> Result<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix(prefix)).with_context(|| text.clone())?;
        Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
    };
    Ok(Pgbench { per_second: number("tps = ")?, average_ms: number("latency average = ")? })
}
