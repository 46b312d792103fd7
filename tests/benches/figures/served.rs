//! The real processes on a database with a fleet: an API, a worker; and clients that cost little beside them.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::access::{Actor, Grant, Role};
use sea_orm::{ConnectionTrait as _, Database};
use services::identity::NewUser;
use services::sessions::SessionMeta;
use tempfile::TempDir;
use testkit::client::SESSION_COOKIE;
use testkit::process::{Child, free_port, wheelhouse};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fleet::Synced;

/// `wheelhouse api` in a process of its own.
pub struct Served {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    child: Child,
}

impl Served {
    /// Starts it and waits until it is ready; with `redis`, its limits and live events are shared through it. `settings` are
    /// variables of its environment.
    pub async fn start(fleet: &Synced, redis: Option<&str>, settings: &[(&str, &str)]) -> Result<Self> {
        let port = free_port()?;
        let mut command = wheelhouse()?;
        command.args(["api", "--listen", &format!("127.0.0.1:{port}")]).stdout(Stdio::null());
        command.env("DATABASE_URL", &fleet.database.url).env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn");
        command.envs(settings.iter().copied());
        match redis {
            Some(url) => command.env("REDIS_URL", url),
            None => command.env_remove("REDIS_URL"),
        };
        let child = Child::spawn(&mut command)?;
        let ready = format!("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", "/health/ready");
        for _ in 0..300 {
            if let Ok(mut connection) = Connection::open(port).await
                && connection.ask(&ready).await.is_ok()
            {
                return Ok(Self { port, child });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the API did not start")
    }

    /// Its resident memory, bytes; `None` where there is no `/proc`.
    pub fn resident(&self) -> Option<u64> {
        platform::memory::resident_of(self.child.id()?).map(|memory| memory.current_bytes)
    }

    /// The same, now and at most.
    pub fn memory(&self) -> Option<platform::memory::Memory> {
        platform::memory::resident_of(self.child.id()?)
    }

    /// Processor time it has used, user and system, in seconds; `None` where there is no `/proc`.
    pub fn processor_seconds(&self) -> Option<f64> {
        processor_seconds(self.child.id()?)
    }
}

/// `wheelhouse worker` in a process of its own. Nothing is synced by its schedule, so that it does what somebody asks for; its calls
/// to the simulated AWS are not held to AWS's pace.
pub struct Worked {
    child: Child,
    // What it writes: files of reports.
    _folder: TempDir,
}

impl Worked {
    /// Starts it; with `redis`, it is told of work through it too.
    pub fn start(fleet: &Synced, redis: Option<&str>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = wheelhouse()?;
        command.arg("worker").current_dir(folder.path()).stdout(Stdio::null());
        command.env("DATABASE_URL", &fleet.database.url).env("REDIS_URL", redis.unwrap_or_default());
        command.env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn").env("WHEELHOUSE_SYNC__ENABLED", "false");
        command.env("WHEELHOUSE_VAULT__KEYS", testkit::vault::FIXED_KEYS);
        command.env("WHEELHOUSE_OUTGOING__ALLOW", "127.0.0.0/8");
        command.env("WHEELHOUSE_AWS__REQUESTS_PER_SECOND", "10000").env("WHEELHOUSE_AWS__BURST", "10000");
        if let Some(checkpoints) = testkit::db::audit_folder(&fleet.database.url) {
            command.env("WHEELHOUSE_AUDIT__CHECKPOINT_DIR", checkpoints);
        }
        Ok(Self { child: Child::spawn(&mut command)?, _folder: folder })
    }

    /// Its resident memory, now and at most, bytes; `None` where there is no `/proc`.
    pub fn memory(&self) -> Option<platform::memory::Memory> {
        platform::memory::resident_of(self.child.id()?)
    }

    /// As [`Served::processor_seconds`].
    pub fn processor_seconds(&self) -> Option<f64> {
        processor_seconds(self.child.id()?)
    }
}

/// Processor time that a process has used, user and system, in seconds.
fn processor_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // proc_pid_stat(5): after the name in brackets, fields 14 and 15 in ticks, of which Linux shows 100 a second.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((ticks + system) / 100.0)
}

/// As autovacuum leaves it: a count reads an index alone, which needs the visibility map.
pub async fn vacuum(url: &str) -> Result<()> {
    let db = Database::connect(url).await?;
    db.execute_unprepared("VACUUM ANALYZE").await?;
    Ok(db.close().await?)
}

/// That many people who may do what an operator may, each signed in: the head of their requests.
pub async fn signed_in(fleet: &Synced, port: u16, people: u32) -> Result<Vec<String>> {
    let mut heads = Vec::new();
    for number in 0..people {
        heads.push(signed_in_as(fleet, port, number, Role::Operator).await?);
    }
    Ok(heads)
}

/// The person of that number, with that role over everything, signed in: the head of their requests.
pub async fn signed_in_as(fleet: &Synced, port: u16, number: u32, role: Role) -> Result<String> {
    let cookie = cookie_of(fleet, number, role).await?;
    Ok(format!("Host: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"))
}

/// The same, as their cookie, which any API process on that database takes.
pub async fn cookie_of(fleet: &Synced, number: u32, role: Role) -> Result<String> {
    let (email, password) = (email(number), testkit::app::OWNER_PASSWORD.to_owned());
    let new = NewUser { email: email.clone(), grants: vec![Grant::usual(role)], password };
    services::identity::create_user(&fleet.context, &Actor::system(), new).await?;
    let signed_in =
        services::identity::sign_in(&fleet.context, &email, testkit::app::OWNER_PASSWORD, SessionMeta::default());
    let session = signed_in.await?.done().context("a second factor is asked for")?;
    Ok(format!("{SESSION_COOKIE}={}", session.token))
}

/// What one of them signs in with, beside the password that all tests have.
pub fn email(number: u32) -> String {
    format!("person-{number}@example.com")
}

/// The 50th and the 99th of a hundred, in milliseconds; 0 of none.
pub fn percentiles(took: Vec<Duration>) -> [f64; 2] {
    shares(took, [0.5, 0.99])
}

/// Those at these shares of all, in order, in milliseconds; 0 of none.
pub fn shares<const N: usize>(mut took: Vec<Duration>, shares: [f64; N]) -> [f64; N] {
    took.sort_unstable();
    shares.map(|share| {
        let at = took.get((took.len() as f64 * share) as usize).copied().unwrap_or_default();
        at.as_secs_f64() * 1000.0
    })
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
        self.body(request).await.map(|_| ())
    }

    /// [`Self::ask`], and what was answered.
    pub async fn body(&mut self, request: &str) -> Result<&[u8]> {
        let (status, body) = self.answer(request).await?;
        anyhow::ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(body));
        Ok(body)
    }

    /// Sends the request and reads the whole answer, a good one or not: its status and its body.
    pub async fn answer(&mut self, request: &str) -> Result<(u16, &[u8])> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the API closed the connection");
            }
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
            let status: Option<u16> = head.strip_prefix("http/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
            let status = status.with_context(|| head.clone())?;
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.with_context(|| format!("no content-length: {head}"))?;
            let whole = end + 4 + length.trim().parse::<usize>()?;
            while self.buffer.len() < whole {
                anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the answer broke off");
            }
            return Ok((status, &self.buffer[end + 4..whole]));
        }
    }

    /// Sends the request and reads the events that are its answer until one has this name. What comes after it stays unread, and
    /// the connection is of no more use.
    pub async fn event(mut self, request: &str, name: &str) -> Result<()> {
        self.stream.write_all(request.as_bytes()).await?;
        let wanted = format!("event: {name}\n");
        loop {
            let ended = self.stream.read_buf(&mut self.buffer).await? == 0;
            let text = String::from_utf8_lossy(&self.buffer);
            let good = "HTTP/1.1 200".starts_with(&text[..text.len().min(12)]);
            if good && text.contains(&wanted) {
                return Ok(());
            }
            anyhow::ensure!(good && !ended && !text.contains("event: error\n"), "no event {name}: {text}");
        }
    }
}
