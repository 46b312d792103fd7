//! CloudTrail's events into Postgres, as the sync writes them: new ones, and the same again.

use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::TimeDelta;
use serde_json::json;
use store::repo::trail::{TrailEventRow, trail_append};

use crate::fleet::{Simulated, Synced};
use crate::{Bench, Row, row};

const EVENTS: usize = 100_000;
/// Events in one transaction.
const BATCH: usize = 2_000;

async fn append(fleet: &Synced, rows: &[TrailEventRow]) -> Result<(u64, Duration)> {
    let began = Instant::now();
    let mut new = 0;
    for batch in rows.chunks(BATCH) {
        let tx = fleet.context.db.begin().await?;
        new += trail_append(&tx, fleet.account, &fleet.region, batch).await?;
        tx.commit().await?;
    }
    Ok((new, began.elapsed()))
}

pub async fn run(_: &mut Bench) -> Result<Vec<Row>> {
    let simulated = Simulated::start(100).await?;
    let fleet = Synced::connect(&simulated).await?;
    let now = fleet.context.env.now();
    let names = ["StartWorkspaces", "StopWorkspaces", "RebootWorkspaces", "ModifyWorkspaceProperties", "CreateTags"];
    let rows: Vec<TrailEventRow> = (0..EVENTS)
        .map(|number| {
            let workspace = format!("ws-{:09}", number % 5_000);
            TrailEventRow {
                event_id: format!("{number:08x}-0000-4000-8000-000000000000"),
                at: now - TimeDelta::seconds(number as i64 * 60),
                name: names[number % names.len()].to_owned(),
                source: "workspaces.amazonaws.com".to_owned(),
                read_only: Some(false),
                actor: format!("admin{}", number % 40),
                actor_arn: Some(format!("arn:aws:iam::123456789012:user/admin{}", number % 40)),
                source_ip: Some(format!("198.51.100.{}", number % 250)),
                user_agent: Some("console.amazonaws.com".to_owned()),
                error_code: None,
                error_message: None,
                detail: json!({
                    "eventVersion": "1.08", "eventID": number, "awsRegion": "us-east-1",
                    "userIdentity": { "type": "IAMUser", "userName": format!("admin{}", number % 40) },
                    "requestParameters": { "startWorkspaceRequests": [{ "workspaceId": workspace }] },
                    "responseElements": { "failedRequests": [] },
                }),
                workspaces: vec![workspace],
            }
        })
        .collect();
    let (new, first) = append(&fleet, &rows).await?;
    let (again, second) = append(&fleet, &rows).await?;
    anyhow::ensure!((new, again) == (EVENTS as u64, 0), "{new} new, then {again}");
    let speed = |took: Duration| format!("{:.0} events/s", EVENTS as f64 / took.as_secs_f64());
    Ok(vec![row("new", speed(first)), row("the same again", speed(second))])
}
