//! A thousand people's working day: each is signed in, has the live stream open and, on a connection of their own, does something
//! every two seconds, and then once a second: who works in a portal, and what comes beyond. Most of it is what portals ask for, as in `load`. Five of a thousand times it is more: a sign-in on another
//! browser, a sync that is started, a report that is made, and two questions to the assistant; so each of them does each of these
//! about every half or quarter of an hour. A worker process carries out what they begin. Nobody has a model: answers are written sentences.
//!
//! As in `load` the fleet is a fiftieth of the large one, and what is due does not wait for the answers. What goes wrong is counted
//! and told; who asked goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use contract::assistant::{ConversationView, TurnView};
use contract::paths;
use contract::reports::ReportView;
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::json;
use services::reports::RunReportJob;
use services::sync::SyncWorkspacesJob;
use testkit::app::OWNER_PASSWORD;

use crate::fleet::{Simulated, Synced};
use crate::load::{Kind, Person, people};
use crate::served::{Connection, Served, Worked, email, shares, vacuum};
use crate::streams::Stream;
use crate::{Bench, Row, row};

const PEOPLE: u32 = 1_000;
/// What each of them does once in, one after the other.
const PACES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(1)];
/// Not counted: connections, statements and the process's copies of sessions are made.
const WARM_UP: Duration = Duration::from_secs(5);
const LASTS: Duration = Duration::from_secs(60);
/// Who has no answer by then has none.
const PATIENCE: Duration = Duration::from_secs(30);
/// By then the worker has done what was begun.
const DONE_WITHIN: Duration = Duration::from_secs(120);
/// Believed about where somebody comes from: signing in has a limit for each address.
const PROXY: [(&str, &str); 1] = [("WHEELHOUSE_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")];

/// What somebody does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Look,
    SignIn,
    Sync,
    Report,
    Question,
}

/// How often of a thousand times.
const ACTS: [(Act, &str); 5] = [
    (Act::Look, "995 of 1,000: a look, or a change of one's name"),
    (Act::SignIn, "  1: a sign-in on another browser"),
    (Act::Sync, "  1: a sync is started"),
    (Act::Report, "  1: a report is written down and begun"),
    (Act::Question, "  2: the assistant is asked and answers"),
];

impl Act {
    /// Spread evenly over a thousand: the same for each run.
    fn of(number: u32) -> Self {
        // 377 and 1,000 have no common divisor.
        match number.wrapping_mul(377) % 1_000 {
            0 => Self::SignIn,
            1 => Self::Sync,
            2 => Self::Report,
            3 | 4 => Self::Question,
            _ => Self::Look,
        }
    }
}

/// Something that was done, and how long after it was due its answer was there.
struct Sample {
    act: Act,
    took: Duration,
    error: Option<String>,
}

/// One of the people.
struct Visitor {
    person: Arc<Person>,
    port: u16,
    /// Where syncs of the account are started.
    sync: String,
}

impl Visitor {
    /// Does something at fixed times until the end.
    async fn day(self, began: Instant, every: Duration) -> Result<Vec<Sample>> {
        let mut due = began + every * self.person.number / PEOPLE;
        let mut connection = Connection::open(self.port).await?;
        let mut samples = Vec::new();
        for number in 0.. {
            if due >= began + WARM_UP + LASTS {
                break;
            }
            tokio::time::sleep_until(due.into()).await;
            let act = Act::of(number + self.person.number);
            let done = tokio::time::timeout(PATIENCE, self.act(&mut connection, act, number)).await;
            let done = done.unwrap_or_else(|_| Err(anyhow!("no answer within {} s", PATIENCE.as_secs())));
            let (took, error) = (due.elapsed(), done.err().map(|error| format!("{error:#}")));
            if error.is_some() {
                connection = Connection::open(self.port).await?;
            }
            if due >= began + WARM_UP || error.is_some() {
                samples.push(Sample { act, took, error });
            }
            due += every;
        }
        Ok(samples)
    }

    async fn act(&self, connection: &mut Connection, act: Act, number: u32) -> Result<()> {
        let head = &self.person.head;
        match act {
            Act::Look => {
                let kind = Kind::of(number + self.person.number);
                connection.ask(&self.person.request(kind, number)).await
            }
            Act::SignIn => self.sign_in(connection).await,
            Act::Sync => post(connection, head, &self.sync, "", 202).await.map(|_| ()),
            Act::Report => self.report(connection, number).await,
            Act::Question => self.question(connection).await,
        }
    }

    /// From an address of one's own, and without the session that one has.
    async fn sign_in(&self, connection: &mut Connection) -> Result<()> {
        let (port, number) = (self.port, self.person.number);
        let address = format!("10.0.{}.{}", number / 250, number % 250 + 1);
        let head = format!("Host: 127.0.0.1:{port}\r\nX-Forwarded-For: {address}\r\n");
        let body = json!({ "email": email(number), "password": OWNER_PASSWORD }).to_string();
        post(connection, &head, paths::SESSION, &body, 200).await.map(|_| ())
    }

    async fn report(&self, connection: &mut Connection, number: u32) -> Result<()> {
        let body = json!({
            "name": format!("Fleet {}, {number}", self.person.number), "template": "inventory", "span": "yesterday",
            "format": "csv", "frequency": "never", "zone": "Etc/UTC", "hour": 6, "day": 1, "keep_runs": 5, "enabled": false,
        });
        let head = &self.person.head;
        let made: ReportView =
            serde_json::from_slice(post(connection, head, paths::REPORTS, &body.to_string(), 201).await?)?;
        post(connection, head, &paths::with_id(paths::REPORT_RUNS, made.id), "", 202).await.map(|_| ())
    }

    async fn question(&self, connection: &mut Connection) -> Result<()> {
        let head = &self.person.head;
        let talk: ConversationView =
            serde_json::from_slice(post(connection, head, paths::CONVERSATIONS, "{}", 201).await?)?;
        let body = json!({ "question": "How many WorkSpaces are there by state?" }).to_string();
        let turns = paths::with_id(paths::CONVERSATION_TURNS, talk.id);
        let turn: TurnView = serde_json::from_slice(post(connection, head, &turns, &body, 201).await?)?;
        let answer = change(head, &paths::with_id(paths::TURN_ANSWER, turn.id), "");
        Connection::open(self.port).await?.event(&answer, "done").await
    }
}

/// A request that changes something, as it is sent.
fn change(head: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    format!("POST {path} HTTP/1.1\r\n{head}X-Wheelhouse: 1\r\n{kind}Content-Length: {length}\r\n\r\n{body}")
}

/// Sends one: what is answered with this status.
async fn post<'a>(connection: &'a mut Connection, head: &str, path: &str, body: &str, wanted: u16) -> Result<&'a [u8]> {
    let (status, answer) = connection.answer(&change(head, path, body)).await?;
    ensure!(status == wanted, "POST {path}: {status} {}", String::from_utf8_lossy(answer));
    Ok(answer)
}

/// What became of the syncs and reports that were begun, once none is left to do.
async fn jobs(url: &str) -> Result<String> {
    let db = Database::connect(url).await?;
    let (sync, report) = (SyncWorkspacesJob::NAME, RunReportJob::NAME);
    let sql = format!(
        "SELECT COUNT(*) AS number, COUNT(*) FILTER (WHERE state = 'done') AS done, \
         COUNT(*) FILTER (WHERE state IN ('queued', 'running')) AS unfinished, \
         COALESCE(MAX(EXTRACT(EPOCH FROM finished_at - created_at)), 0)::float8 AS slowest \
         FROM job WHERE kind IN ('{sync}', '{report}')"
    );
    let give_up = Instant::now() + DONE_WITHIN;
    loop {
        let found = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql.clone())).await?;
        let found = found.context("no count of jobs")?;
        let [number, done, unfinished] = ["number", "done", "unfinished"].map(|name| found.try_get::<i64>("", name));
        let (number, done, unfinished) = (number?, done?, unfinished?);
        if unfinished == 0 || Instant::now() > give_up {
            let slowest: f64 = found.try_get("", "slowest")?;
            db.close().await?;
            let wrong = number - done;
            return Ok(format!(
                "{number} jobs, {wrong} of them not done, the slowest {slowest:.1} s after it was begun"
            ));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// How often, how many went wrong, and how long it took.
fn told<'a>(samples: impl Iterator<Item = &'a Sample>) -> String {
    let (mut took, mut errors) = (Vec::new(), 0);
    for sample in samples {
        took.push(sample.took);
        errors += u32::from(sample.error.is_some());
    }
    let times = took.len();
    let [p50, p95, p99] = shares(took, [0.5, 0.95, 0.99]);
    format!("{times} times, {errors} errors, p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms")
}

pub async fn run(bench: &Bench) -> Result<Vec<Row>> {
    let redis = std::env::var("WHEELHOUSE_TEST_REDIS_URL").context("WHEELHOUSE_TEST_REDIS_URL is not set")?;
    let simulated = Simulated::start((bench.workspaces / 50).max(1)).await?;
    let fleet = &Synced::connect(&simulated).await?;
    fleet.sync().await?;
    let api = Served::start(fleet, Some(&redis), &PROXY).await?;
    let worker = Worked::start(fleet, Some(&redis))?;
    let people: Vec<_> = people(fleet, api.port, PEOPLE).await?.into_iter().map(Arc::new).collect();
    vacuum(&fleet.database.url).await?;
    let heard = Arc::new(AtomicU64::new(0));
    let mut streams = Vec::new();
    for person in &people {
        let stream = Stream::open(api.port, &person.head).await?;
        streams.push(tokio::spawn(stream.listen(Arc::clone(&heard))));
    }
    let sync = paths::with_id(paths::ACCOUNT_SYNC, fleet.account);
    let visitor = |person: &Arc<Person>| Visitor { person: Arc::clone(person), port: api.port, sync: sync.clone() };
    let mut rows = Vec::new();
    for every in PACES {
        let before = (api.processor_seconds(), worker.processor_seconds(), heard.load(Ordering::Relaxed));
        let began = Instant::now();
        let days: Vec<_> = people.iter().map(|person| tokio::spawn(visitor(person).day(began, every))).collect();
        let mut samples = Vec::new();
        for day in days {
            samples.extend(day.await??);
        }
        let lasted = began.elapsed().as_secs_f64();
        let cores = |before: Option<f64>, after: Option<f64>| match before.zip(after) {
            Some((before, after)) => format!("{:.2} cores", (after - before) / lasted),
            None => "unknown".to_owned(),
        };
        rows.push(row(
            format!("each once in {} s: all, counted from when they were due", every.as_secs()),
            format!("{} (no error and a p95 of 500 ms wanted)", told(samples.iter())),
        ));
        for (act, name) in ACTS {
            rows.push(row(name, told(samples.iter().filter(|sample| sample.act == act))));
        }
        let to_all = (heard.load(Ordering::Relaxed) - before.2) as f64 / 1000.0 / lasted;
        let ended = streams.iter().filter(|stream| stream.is_finished()).count();
        rows.push(row("live streams", format!("{PEOPLE}, {ended} of them ended, {to_all:.0} kB/s to all")));
        rows.push(row("processor time of the API process", cores(before.0, api.processor_seconds())));
        rows.push(row("processor time of the worker process", cores(before.1, worker.processor_seconds())));
        if let Some(error) = samples.iter().find_map(|sample| sample.error.as_deref()) {
            rows.push(row("the first error", error));
        }
        // What waits is not left to the pace that comes next.
        rows.push(row("syncs and reports until then", jobs(&fleet.database.url).await?));
    }
    streams.iter().for_each(tokio::task::JoinHandle::abort);
    let most = worker
        .memory()
        .map_or_else(|| "unknown".to_owned(), |memory| format!("{:.0} MB", memory.peak_bytes as f64 / 1e6));
    rows.push(row("memory of the worker process at most", most));
    Ok(rows)
}
