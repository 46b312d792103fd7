//! The list API under load, beside pgbench running the same statements on the same database.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use domain::access::Scope;
use domain::workspace::{RunningMode, WorkspaceState};
use sea_orm::{ConnectionTrait as _, Database};
use services::sessions::SessionMeta;
use store::Backend;
use store::repo::workspaces::{WorkspaceFilter, WorkspaceQuery, workspace_count_sql, workspace_list_sql};
use testkit::client::SESSION_COOKIE;
use testkit::process::{Child, free_port, wheelhouse};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fleet::Synced;
use crate::{Bench, Row, row};

const CONNECTIONS: u32 = 100;
const LASTS: Duration = Duration::from_secs(8);
/// How often one who looks at the list asks.
const THINKS: Duration = Duration::from_secs(1);
/// What is asked for, by HTTP and below as statements.
const QUERY: &str = "state=AVAILABLE&running_mode=AUTO_STOP&sort=user_name&limit=50";

pub async fn run(bench: &mut Bench) -> Result<Vec<Row>> {
    let fleet = crate::sync::fleet(bench).await?;
    let port = free_port()?;
    let mut command = wheelhouse()?;
    command.args(["api", "--listen", &format!("127.0.0.1:{port}")]).stdout(Stdio::null());
    command
        .env("DATABASE_URL", &fleet.database.url)
        .env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn")
        .env_remove("REDIS_URL");
    let _api = Child::spawn(&mut command)?;
    let token = sign_in(fleet).await?;
    let request = format!(
        "GET {}?{QUERY} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {SESSION_COOKIE}={token}\r\n\r\n",
        contract::paths::WORKSPACES
    );
    wait_for(port, &request).await?;
    // As autovacuum leaves it: the count reads an index alone, which needs the visibility map.
    vacuum(&fleet.database.url).await?;
    let people = load(port, &request, Some(THINKS)).await?;
    let ours = load(port, &request, None).await?;
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

async fn vacuum(url: &str) -> Result<()> {
    let db = Database::connect(url).await?;
    db.execute_unprepared("VACUUM ANALYZE").await?;
    Ok(db.close().await?)
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
    p50: Duration,
    p99: Duration,
}

impl Load {
    fn words(&self) -> String {
        let ms = |d: Duration| d.as_secs_f64() * 1000.0;
        format!(
            "{:.0} requests/s, p50 {:.1} ms, p99 {:.1} ms, {CONNECTIONS} connections",
            self.per_second,
            ms(self.p50),
            ms(self.p99)
        )
    }
}

/// Waits until the request gets a good answer.
async fn wait_for(port: u16, request: &str) -> Result<()> {
    for _ in 0..300 {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
            let mut connection = Connection { stream, buffer: Vec::new() };
            return connection.ask(request).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the API did not start")
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
                let stream = TcpStream::connect(("127.0.0.1", port)).await?;
                let mut connection = Connection { stream, buffer: Vec::with_capacity(1 << 16) };
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
    took.sort_unstable();
    let at = |share: f64| took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
    Ok(Load { per_second: took.len() as f64 / lasted, p50: at(0.5), p99: at(0.99) })
}

/// A kept-alive connection that reads no more of an answer than it must: the load should come from the API.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// A new one.
    pub async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Sends the request and reads the whole of a good answer.
    pub async fn ask(&mut self, request: &str) -> Result<()> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the API closed the connection");
            }
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
            anyhow::ensure!(
                head.starts_with("http/1.1 200"),
                "{head}: {}",
                String::from_utf8_lossy(&self.buffer[end..])
            );
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).context("no content-length")?;
            let whole = end + 4 + length.trim().parse::<usize>()?;
            while self.buffer.len() < whole {
                anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the answer broke off");
            }
            return Ok(());
        }
    }
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
