//! What open live streams cost an API process in memory: when nothing happens, and after each was handed the same events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use contract::paths;
use domain::event::Event;
use store::repo::events::events_append;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fleet::{Simulated, Synced};
use crate::served::{Served, signed_in};
use crate::{Row, row};

const PEOPLE: u32 = 50;
/// As many as a session may have.
const EACH: u32 = 20;
/// Events that each stream is handed.
const EVENTS: usize = 200;
/// How long one may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream.
pub struct Stream {
    connection: TcpStream,
    read: Vec<u8>,
}

impl Stream {
    /// Opens one and waits until it says where it stands.
    pub async fn open(port: u16, head: &str) -> Result<Self> {
        let mut connection = TcpStream::connect(("127.0.0.1", port)).await?;
        connection.write_all(format!("GET {} HTTP/1.1\r\n{head}\r\n", paths::EVENTS).as_bytes()).await?;
        let mut stream = Self { connection, read: Vec::new() };
        stream.until(|read| read.contains("id:")).await?;
        let begin = String::from_utf8_lossy(&stream.read[..stream.read.len().min(12)]).into_owned();
        ensure!(begin == "HTTP/1.1 200", "{begin}");
        Ok(stream)
    }

    /// Reads and forgets until it ends, which is when somebody ends it; adds to `heard` the bytes that come.
    pub async fn listen(mut self, heard: Arc<AtomicU64>) {
        loop {
            self.read.clear();
            match self.connection.read_buf(&mut self.read).await {
                Ok(0) | Err(_) => return,
                Ok(bytes) => heard.fetch_add(bytes as u64, Ordering::Relaxed),
            };
        }
    }

    /// Reads until what was read is enough.
    async fn until(&mut self, enough: impl Fn(&str) -> bool) -> Result<()> {
        let read = async {
            while !enough(&String::from_utf8_lossy(&self.read)) {
                ensure!(self.connection.read_buf(&mut self.read).await? > 0, "a stream ended");
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, read).await.context("a stream is silent")?
    }
}

pub async fn run() -> Result<Vec<Row>> {
    let simulated = Simulated::start(1).await?;
    let fleet = Synced::connect(&simulated).await?;
    let api = Served::start(&fleet, None, &[]).await?;
    let heads = signed_in(&fleet, api.port, PEOPLE).await?;
    let resident = || api.resident().context("no /proc");
    // Not counted: what the first stream needs of what all share.
    let first = Stream::open(api.port, &heads[0]).await?;
    let before = resident()?;
    let mut streams = Vec::new();
    for number in 0..PEOPLE * EACH - 1 {
        // The first person has one already.
        let head = &heads[((number + 1) / EACH) as usize];
        streams.push(Stream::open(api.port, head).await?);
    }
    streams.push(first);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let quiet = resident()?;
    let change = |rows: usize| Event::FleetChanged {
        account_id: fleet.account,
        region: Some(fleet.region.clone()),
        rows: rows as u64,
    };
    let events: Vec<_> = (1..=EVENTS).map(change).collect();
    let tx = fleet.context.db.begin().await?;
    events_append(&tx, fleet.context.env.now(), &events).await?;
    tx.commit().await?;
    let last = format!("\"rows\":{EVENTS}");
    for stream in &mut streams {
        stream.until(|read| read.contains(&last)).await?;
        let handed = String::from_utf8_lossy(&stream.read).matches("\"rows\":").count();
        ensure!(handed == EVENTS, "a stream was handed {handed} of {EVENTS} events");
    }
    let busy = resident()?;
    let number = streams.len();
    let of_each = |resident: u64| resident.saturating_sub(before) as f64 / number as f64 / 1000.0;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    Ok(vec![
        row("the process, with one stream", format!("{:.0} MB", megabytes(before))),
        row(
            format!("with {number}, nothing happens"),
            format!("{:.0} MB in all, {:.1} kB a stream", megabytes(quiet), of_each(quiet)),
        ),
        row(
            format!("after {EVENTS} events to each, none missing"),
            format!("{:.0} MB in all, {:.1} kB a stream", megabytes(busy), of_each(busy)),
        ),
    ])
}
