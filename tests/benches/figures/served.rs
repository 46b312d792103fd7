//! The real API process in front of a synced fleet, and clients that cost little beside it.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::access::{Actor, Grant, Role};
use sea_orm::{ConnectionTrait as _, Database};
use services::identity::NewUser;
use services::sessions::SessionMeta;
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

    /// Processor time it has used, user and system, in seconds; `None` where there is no `/proc`.
    pub fn processor_seconds(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()?)).ok()?;
        // proc_pid_stat(5): after the name in brackets, fields 14 and 15 in ticks, of which Linux shows 100 a second.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let ticks: f64 = fields.next()?.parse().ok()?;
        let system: f64 = fields.next()?.parse().ok()?;
        Some((ticks + system) / 100.0)
    }
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
        let (email, password) = (format!("person-{number}@example.com"), testkit::app::OWNER_PASSWORD.to_owned());
        let new = NewUser { email: email.clone(), grants: vec![Grant::usual(Role::Operator)], password };
        services::identity::create_user(&fleet.context, &Actor::system(), new).await?;
        let signed_in =
            services::identity::sign_in(&fleet.context, &email, testkit::app::OWNER_PASSWORD, SessionMeta::default());
        let session = signed_in.await?.done().context("a second factor is asked for")?;
        heads.push(format!("Host: 127.0.0.1:{port}\r\nCookie: {SESSION_COOKIE}={}\r\n", session.token));
    }
    Ok(heads)
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
            return Ok(&self.buffer[end + 4..whole]);
        }
    }
}
