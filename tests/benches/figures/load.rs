//! A working day's traffic at a fixed rate: people, each signed in and on a connection of their own, ask an API process with its
//! usual limits, shared through Redis, for what portals ask for; every look at a WorkSpace and every change is an entry of the audit
//! log. A hundred are many of one house's IT, each as fast as a portal that follows what happens. A thousand, who also do more than
//! look, are in `users`.
//!
//! The fleet is a fiftieth of the large one, 1,000 WorkSpaces where nothing else is said: what is measured is the way of a
//! request, not the statements over a large fleet, which the section `list` is about.
//!
//! Requests are due at times that do not depend on the answers, and count from when they were due: who waits behind a slow
//! answer is slow as well (no coordinated omission).

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use sea_orm::{ConnectionTrait as _, Database, Statement};

use crate::fleet::{Simulated, Synced};
use crate::served::{Connection, Served, percentiles, shares, signed_in, vacuum};
use crate::{Bench, Row, row};

/// How many work at the same time.
pub const FEW: u32 = 100;
/// Requests of all of them together, each second.
const PER_SECOND: u32 = 1_000;
/// Not counted: connections, statements and the process's copies of sessions are made.
const WARM_UP: Duration = Duration::from_secs(3);
const LASTS: Duration = Duration::from_secs(20);

/// What is asked for, and how often of a hundred times.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Session,
    Workspace,
    List,
    Overview,
    Jobs,
    Accounts,
    Rename,
}

const MIXTURE: [(Kind, u32); 7] = [
    (Kind::Session, 25),
    (Kind::Workspace, 35),
    (Kind::List, 10),
    (Kind::Overview, 4),
    (Kind::Jobs, 15),
    (Kind::Accounts, 10),
    (Kind::Rename, 1),
];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Session => "who is signed in",
            Self::Workspace => "one WorkSpace, a look at personal data",
            Self::List => "a filtered page of 50 WorkSpaces and its total",
            Self::Overview => "the overview",
            Self::Jobs => "the newest jobs",
            Self::Accounts => "the accounts",
            Self::Rename => "a change: one's name",
        }
    }

    /// Spread evenly over a hundred: the same for each run.
    pub fn of(number: u32) -> Self {
        // 37 and 100 have no common divisor, so that each hundred in a row is a whole one.
        let mut left = number.wrapping_mul(37) % 100;
        for (kind, share) in MIXTURE {
            match left.checked_sub(share) {
                Some(rest) => left = rest,
                None => return kind,
            }
        }
        Self::Session
    }
}

/// Somebody who is signed in.
pub struct Person {
    /// Which of all.
    pub number: u32,
    /// What each of their requests begins with, under its first line.
    pub head: String,
    workspaces: std::sync::Arc<Vec<String>>,
}

impl Person {
    /// A request as it is sent; `number` tells those of a kind apart.
    pub fn request(&self, kind: Kind, number: u32) -> String {
        let head = &self.head;
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\n{head}\r\n");
        match kind {
            Kind::Session => get(paths::SESSION),
            Kind::Overview => get(paths::OVERVIEW),
            Kind::Jobs => get(&format!("{}?limit=20", paths::JOBS)),
            Kind::Accounts => get(paths::ACCOUNTS),
            Kind::List => {
                let state = ["AVAILABLE", "STOPPED"][number as usize % 2];
                get(&format!("{}?state={state}&running_mode=AUTO_STOP&sort=user_name&limit=50", paths::WORKSPACES))
            }
            Kind::Workspace => {
                // Another one each time: a second look would be folded into the first one's entry. 7,919 is prime, so that
                // it is long until the first comes again.
                let at = (number as usize * 7_919 + self.number as usize) % self.workspaces.len();
                get(&paths::with_id(paths::WORKSPACE, &self.workspaces[at]))
            }
            Kind::Rename => {
                let body = format!(r#"{{"display_name":"Person {} {number}"}}"#, self.number);
                format!(
                    "PATCH {} HTTP/1.1\r\n{head}X-Wheelhouse: 1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    paths::PROFILE,
                    body.len()
                )
            }
        }
    }

    /// Asks at fixed times until `end`: what was asked after `counts`, and how long after it was due it was answered.
    async fn work(self, port: u16, began: Instant) -> Result<Vec<(Kind, Duration)>> {
        let every = Duration::from_secs(1) * FEW / PER_SECOND;
        let mut due = began + every * self.number / FEW;
        let mut connection = Connection::open(port).await?;
        let mut took = Vec::new();
        for number in 0.. {
            if due >= began + WARM_UP + LASTS {
                break;
            }
            tokio::time::sleep_until(due.into()).await;
            let kind = Kind::of(number + self.number);
            connection.ask(&self.request(kind, number)).await.context(kind.name())?;
            if due >= began + WARM_UP {
                took.push((kind, due.elapsed()));
            }
            due += every;
        }
        Ok(took)
    }
}

/// So many of them.
pub async fn people(fleet: &Synced, port: u16, count: u32) -> Result<Vec<Person>> {
    let heads = signed_in(fleet, port, count).await?;
    let workspaces = std::sync::Arc::new(some_workspaces(port, &heads[0]).await?);
    let with = |(number, head)| Person { number, head, workspaces: workspaces.clone() };
    Ok((0..).zip(heads).map(with).collect())
}

/// Ids of a few thousand WorkSpaces.
async fn some_workspaces(port: u16, head: &str) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    let mut connection = Connection::open(port).await?;
    for _ in 0..40 {
        let request = format!("GET {}?limit=200{cursor} HTTP/1.1\r\n{head}\r\n", paths::WORKSPACES);
        let page: Page<WorkspaceView> = serde_json::from_slice(connection.body(&request).await?)?;
        ids.extend(page.items.iter().map(|row| row.id.to_string()));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    anyhow::ensure!(!ids.is_empty(), "there is no WorkSpace");
    Ok(ids)
}

async fn entries(url: &str) -> Result<i64> {
    let db = Database::connect(url).await?;
    let count = Statement::from_string(db.get_database_backend(), "SELECT count(*) AS entries FROM audit_entry");
    let found = db.query_one_raw(count).await?.context("no count")?.try_get("", "entries")?;
    db.close().await?;
    Ok(found)
}

pub async fn run(bench: &Bench) -> Result<Vec<Row>> {
    let redis = std::env::var("WHEELHOUSE_TEST_REDIS_URL").context("WHEELHOUSE_TEST_REDIS_URL is not set")?;
    let simulated = Simulated::start((bench.workspaces / 50).max(1)).await?;
    let fleet = &Synced::connect(&simulated).await?;
    fleet.sync().await?;
    drop(simulated);
    let api = Served::start(fleet, Some(&redis), &[]).await?;
    let people = people(fleet, api.port, FEW).await?;
    vacuum(&fleet.database.url).await?;

    let (noted, used) = (entries(&fleet.database.url).await?, api.processor_seconds());
    let began = Instant::now();
    let tasks: Vec<_> = people.into_iter().map(|person| tokio::spawn(person.work(api.port, began))).collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    let lasted = began.elapsed().as_secs_f64();
    let noted = entries(&fleet.database.url).await? - noted;
    let used = api.processor_seconds().zip(used).map(|(after, before)| after - before);

    let [p50, p95, p99] = shares(took.iter().map(|&(_, took)| took).collect(), [0.5, 0.95, 0.99]);
    let per_second = took.len() as f64 / LASTS.as_secs_f64();
    let mut rows = vec![row(
        "all, counted from when they were due",
        format!("{per_second:.0} requests/s, none refused, p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms"),
    )];
    for (kind, share) in MIXTURE {
        let [p50, p99] = percentiles(took.iter().filter(|(of, _)| *of == kind).map(|&(_, took)| took).collect());
        rows.push(row(format!("{share:>3} % {}", kind.name()), format!("p50 {p50:.1} ms, p99 {p99:.1} ms")));
    }
    rows.push(row("entries of the audit log written meanwhile", format!("{:.0}/s", noted as f64 / lasted)));
    let used = used.map_or_else(|| "unknown".to_owned(), |used| format!("{:.2} cores", used / lasted));
    rows.push(row("processor time of the API process", used));
    Ok(rows)
}
