//! What traces cost an API process: the same requests to one that sends none, to one that sends a tenth of them, and to one that
//! sends all, in turns.
//!
//! Processor time a request, of the whole process, since the sending goes on beside the answers.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::fleet::{Simulated, Synced};
use crate::load::{FEW, Kind, Person, people};
use crate::served::{Connection, Served, vacuum};
use crate::{Bench, Row, row};

/// So often each process has its turn; the first is not counted.
const ROUNDS: usize = 11;
/// Who asks at the same time, and how many requests each in a turn.
const AT_ONCE: usize = 8;
const REQUESTS: u32 = 300;
/// One reader's limit is not what is measured.
const FREE: [(&str, &str); 2] =
    [("WHEELHOUSE_LIMITS__READS_PER_MINUTE", "1000000"), ("WHEELHOUSE_LIMITS__WRITES_PER_MINUTE", "1000000")];

pub async fn run(bench: &Bench) -> Result<Vec<Row>> {
    let simulated = Simulated::start((bench.workspaces / 50).max(1)).await?;
    let fleet = &Synced::connect(&simulated).await?;
    fleet.sync().await?;
    drop(simulated);
    // Takes all, and looks at nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let collector = format!("http://{}", listener.local_addr()?);
    let sink = Router::new().route("/v1/traces", post(async |_: axum::body::Bytes| {}));
    tokio::spawn(async move { drop(axum::serve(listener, sink).await) });

    let sent = ("WHEELHOUSE_TRACES__ENDPOINT", collector.as_str());
    let settings: [(&str, Vec<_>); 3] = [
        ("no traces", Vec::new()),
        ("a trace of one request in ten", vec![sent]),
        ("a trace of every request", vec![sent, ("WHEELHOUSE_TRACES__SAMPLE", "1")]),
    ];
    let mut processes = Vec::new();
    for (name, settings) in settings {
        let served = Served::start(fleet, None, &[&FREE[..], &settings].concat()).await?;
        processes.push((name, served, Vec::new()));
    }
    let askers = people(fleet, processes[0].1.port, FEW).await?;
    vacuum(&fleet.database.url).await?;
    for round in 0..ROUNDS {
        for (_, served, costs) in &mut processes {
            let cost = turn(served, &askers[..AT_ONCE], round).await?;
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    let mut without = None;
    let mut rows = Vec::new();
    for (name, _, mut costs) in processes {
        costs.sort_by(f64::total_cmp);
        let cost = costs[costs.len() / 2];
        let more = without.map(|without: f64| format!(", {:+.1} % (3 % wanted)", (cost / without - 1.0) * 100.0));
        rows.push(row(name, format!("{:.0} µs of processor time a request{}", cost * 1e6, more.unwrap_or_default())));
        without = without.or(Some(cost));
    }
    Ok(rows)
}

/// Processor seconds a request.
async fn turn(served: &Served, askers: &[Person], round: usize) -> Result<f64> {
    let before = served.processor_seconds().context("no /proc")?;
    let asking = askers.iter().map(|person| async move {
        let mut connection = Connection::open(served.port).await?;
        for number in 0..REQUESTS {
            let number = number + u32::try_from(round)? * REQUESTS;
            connection.ask(&person.request(Kind::of(number), number)).await?;
        }
        anyhow::Ok(())
    });
    futures::future::try_join_all(asking).await?;
    let used = served.processor_seconds().context("no /proc")? - before;
    Ok(used / (askers.len() as f64 * f64::from(REQUESTS)))
}
