//! A thousand WorkSpaces in two regions: what the nine syncs brought in, by themselves, against what the simulated AWS
//! knows to be true. Exactly: hours, sessions, cents, events.
//!
//! Application and simulated AWS run on one clock that begins on 4 May 2026, so that April is over and its bill final. The
//! schedules start everything; the clock is moved only while nothing runs.

mod bill;
mod hours;
mod questions;
mod reconciled;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use contract::accounts::{AccountView, StartedJobsView};
use contract::data_sets::{DataSetView, DataSetsView};
use contract::paths::{DATA_SETS, SCHEDULE_RUN, WORKSPACES_STOP, with_id};
use contract::workspaces::WorkspaceActionView;
use domain::access::Scope;
use domain::ids::WorkspaceId;
use domain::jobs::JobState;
use domain::sync::SyncKind;
use domain::usage::{ConnectedInterval, Month};
use platform::config::{AiConfig, Config};
use serde_json::{Value, json};
use store::Db;
use store::repo::trail::{TrailFilter, TrailQuery, trail_count, trail_list};
use store::repo::usage::usage_intervals_many;
use store::repo::workspaces::{WorkspaceRecord, workspaces_fetch_many};
use testkit::app::{REGIONS, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use testkit::env::ShiftedClock;

use self::bill::{break_even, costs, estimate, plans};
use self::hours::usage;
use self::questions::{Babble, sixty};
use self::reconciled::reconciled;
use crate::support::{number, say, workspaces};

const WORKSPACES: u32 = 1000;
const ACCOUNT: &str = aws_sim::DEFAULT_ACCOUNT;
/// The next tick of the usage's and of the bill's schedule is further away than an hour.
const START: &str = "2026-05-04T12:20:00Z";
const OPEN: &str = "SELECT COUNT(*) FROM job WHERE state = 'running' OR (state = 'queued' AND kind LIKE 'sync-%')";

fn a_thousand() -> TestAppOptions {
    let start = START.parse().expect("a time");
    TestAppOptions {
        simulated_workspaces: WORKSPACES,
        seed: 11,
        alive: true,
        schedules: true,
        clock: ShiftedClock::starting(start),
        transition_seconds: Some(1),
        ai: Some(AiConfig { url: Some(babble_url().expect("loopback has a port")), ..Config::default().ai }),
        ..TestAppOptions::default()
    }
}

/// Where the model that babbles will listen: bound before the application is told of it, so that nobody else gets the port.
static BABBLE: Mutex<Option<TcpListener>> = Mutex::new(None);

fn babble_url() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    *BABBLE.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    Ok(url)
}

/// The month that is over.
fn april() -> Month {
    Month::new(2026, 4).expect("a month")
}

/// 1e-10 units of a decimal text.
fn e10(value: &Value) -> Result<i64> {
    let text = value.as_str().with_context(|| format!("{value} is no text"))?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    Ok(format!("{whole}{part:0<10}").parse()?)
}

fn int(value: &Value) -> Result<i64> {
    value.as_i64().with_context(|| format!("{value} is no number"))
}

/// The simulated AWS's own books of a month, by region.
async fn truth(app: &TestApp, month: Month) -> Result<BTreeMap<String, Value>> {
    let client = ApiClient::new(app.simulator_url())?;
    let mut books = BTreeMap::new();
    for region in REGIONS {
        let path = format!("/_sim/ledger?account={ACCOUNT}&region={region}&month={month}");
        books.insert(region.to_owned(), client.get(&path).await?.ok::<Value>()?);
    }
    Ok(books)
}

/// Each WorkSpace's line of the books by its id.
fn lines(books: &BTreeMap<String, Value>) -> Result<HashMap<String, &Value>> {
    let mut lines = HashMap::new();
    for book in books.values() {
        for line in book["workspaces"].as_array().context("lines")? {
            lines.insert(line["workspace_id"].as_str().context("an id")?.to_owned(), line);
        }
    }
    Ok(lines)
}

async fn data_sets(app: &TestApp) -> Result<Vec<DataSetView>> {
    Ok(app.client().get(DATA_SETS).await?.ok::<DataSetsView>()?.items)
}

/// Waits until the schedules have started what is due and all of it has ended.
async fn quiet(app: &TestApp, db: &Db) -> Result<()> {
    // The schedules are looked at every two seconds.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let give_up = tokio::time::Instant::now() + Duration::from_secs(200);
    while number(db, OPEN).await? > 0 {
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "the syncs do not end: {:?}", data_sets(app).await?);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// What is not there yet, in words.
async fn lacking(app: &TestApp, db: &Db) -> Result<Vec<String>> {
    let mut lacking: Vec<_> = data_sets(app)
        .await?
        .into_iter()
        .filter(|set| set.status != "ok")
        .map(|set| format!("{} {} is {}: {:?}", set.kind, set.region, set.status, set.error))
        .collect();
    for (what, sql, wanted) in [
        ("WorkSpaces", "SELECT COUNT(*) FROM workspace", i64::from(WORKSPACES)),
        ("WorkSpaces with known usage", "SELECT COUNT(*) FROM usage_coverage", i64::from(WORKSPACES)),
        (
            "WorkSpaces with a known connection",
            "SELECT COUNT(*) FROM workspace WHERE connection_state IS NOT NULL",
            i64::from(WORKSPACES),
        ),
        (
            "WorkSpaces with read tags",
            "SELECT COUNT(*) FROM workspace WHERE tags_read_at IS NOT NULL",
            i64::from(WORKSPACES),
        ),
        ("days with measures", "SELECT COUNT(DISTINCT day) FROM metric_day", 28),
        ("directories", "SELECT COUNT(DISTINCT region) FROM directory", 2),
        ("regions with events", "SELECT COUNT(DISTINCT region) FROM trail_event", 2),
        ("days with cost", "SELECT COUNT(DISTINCT day) FROM cost_day", 28),
        ("days with cost by tag", "SELECT COUNT(DISTINCT day) FROM cost_tag_day", 28),
        ("regions with prices", "SELECT COUNT(DISTINCT region) FROM price", 2),
    ] {
        let found = number(db, sql).await?;
        if found < wanted {
            lacking.push(format!("{found} {what} instead of {wanted}"));
        }
    }
    Ok(lacking)
}

/// Lets the schedules work for at most an hour of the clock; then everything is there.
async fn first_hour(app: &TestApp, db: &Db) -> Result<()> {
    let step = TimeDelta::minutes(5);
    let mut passed = TimeDelta::zero();
    loop {
        quiet(app, db).await?;
        let lacking = lacking(app, db).await?;
        if lacking.is_empty() {
            say(&format!("everything is there after {} min of the clock", passed.num_minutes()));
            return Ok(());
        }
        say(&format!("after {} min: {}", passed.num_minutes(), lacking.join("; ")));
        passed += step;
        anyhow::ensure!(passed < TimeDelta::hours(1), "after an hour: {}", lacking.join("; "));
        app.clock().advance(step);
    }
}

/// Coverage as it should be told.
async fn coverage(app: &TestApp, start: DateTime<Utc>) -> Result<()> {
    let sets = data_sets(app).await?;
    assert_eq!(sets.len(), 8 * REGIONS.len() + 1);
    let now = app.clock().now();
    for set in sets {
        let fresh = set.fresh_at.with_context(|| format!("{set:?}"))?;
        assert!(start - TimeDelta::minutes(1) <= fresh && fresh <= now, "{set:?}");
        assert_eq!((&set.error, &set.missing_permission), (&None, &None), "{set:?}");
        assert_eq!(set.gaps, [], "{set:?}");
        let (from, to) = (set.covered_from, set.covered_to);
        let day = |days: i64| Some(now - TimeDelta::days(days));
        match set.kind {
            SyncKind::Usage => {
                assert!(from <= Some(april().start()), "{set:?}");
                assert!(to > Some(fresh - TimeDelta::minutes(6)) && to <= Some(fresh), "{set:?}");
            }
            SyncKind::CloudTrail => {
                assert!(from < day(89) && from > day(91), "{set:?}");
                assert!(to > Some(fresh - TimeDelta::minutes(6)) && to <= Some(now), "{set:?}");
            }
            SyncKind::Billing => assert!(from <= Some(april().start()) && to > day(3) && to <= day(-1), "{set:?}"),
            _ => assert_eq!((from, to), (None, None), "only the present counts: {set:?}"),
        }
    }
    Ok(())
}

/// What is known of each WorkSpace.
struct Known {
    rows: Vec<WorkspaceRecord>,
    intervals: HashMap<WorkspaceId, Vec<ConnectedInterval>>,
}

impl Known {
    async fn read(app: &TestApp, db: &Db) -> Result<Self> {
        let ids: Vec<_> = workspaces(app.client(), "").await?.iter().map(|row| row.id).collect();
        let (mut rows, mut intervals) = (Vec::new(), HashMap::new());
        for ids in ids.chunks(250) {
            rows.extend(workspaces_fetch_many(db, &Scope::Everything, ids).await?);
            intervals
                .extend(usage_intervals_many(db, ids, april().start() - TimeDelta::days(5), app.clock().now()).await?);
        }
        Ok(Self { rows, intervals })
    }

    fn intervals(&self, id: WorkspaceId) -> &[ConnectedInterval] {
        self.intervals.get(&id).map(Vec::as_slice).unwrap_or_default()
    }
}

fn timeout(row: &WorkspaceRecord) -> u32 {
    row.auto_stop_timeout_minutes.and_then(|minutes| u32::try_from(minutes).ok()).unwrap_or(60)
}

/// Every event that AWS has of a region in a range of Unix seconds, without our client, by its id.
async fn aws_events(app: &TestApp, region: &str, from: i64, to: i64) -> Result<BTreeMap<String, Value>> {
    let client = ApiClient::new(app.simulator_url())?;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIATEST/20260504/{region}/cloudtrail/aws4_request, SignedHeaders=host, Signature=0"
    );
    let (mut events, mut token) = (BTreeMap::new(), Value::Null);
    loop {
        let mut body = json!({ "StartTime": from, "EndTime": to });
        if !token.is_null() {
            body["NextToken"] = token;
        }
        let request = Request::new(axum::http::Method::POST, "/")
            .header("authorization", &authorization)
            .header("x-amz-target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents")
            .body("application/x-amz-json-1.1", serde_json::to_vec(&body)?);
        let answer: Value = client.send(request).await?.ok()?;
        for event in answer["Events"].as_array().context("events")? {
            let at = int(&event["EventTime"])?;
            if (from..to).contains(&at) {
                events.insert(event["EventId"].as_str().context("an id")?.to_owned(), event.clone());
            }
        }
        token = answer["NextToken"].clone();
        if token.is_null() {
            return Ok(events);
        }
    }
}

/// The events of the stretch that is said to be known: all of them, each once.
async fn trail(app: &TestApp, db: &Db, account: &AccountView) -> Result<()> {
    for set in data_sets(app).await?.into_iter().filter(|set| set.kind == SyncKind::CloudTrail) {
        let (from, to) = (set.covered_from.context("a beginning")?, set.covered_to.context("an end")?);
        // CloudTrail's beginning moves on with the time.
        let from = from + TimeDelta::hours(1);
        let expected = aws_events(app, set.region.as_str(), from.timestamp(), to.timestamp()).await?;
        let expected: BTreeSet<_> = expected.into_keys().collect();
        let filter = TrailFilter {
            account_ids: vec![account.id],
            regions: vec![set.region.clone()],
            from: DateTime::from_timestamp(from.timestamp(), 0),
            to: DateTime::from_timestamp(to.timestamp(), 0),
            ..TrailFilter::default()
        };
        let found = trail_count(db, &Scope::Everything, &filter).await?;
        assert_eq!(found, expected.len() as u64, "{}", set.region);
        assert!(found > 100, "{found} events of {} prove little", set.region);
        let (mut ids, mut cursor) = (BTreeSet::new(), None);
        loop {
            let query = TrailQuery { filter: filter.clone(), cursor, limit: 200 };
            let page = trail_list(db, &Scope::Everything, &query).await?;
            ids.extend(page.rows.into_iter().map(|row| row.event_id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(ids, expected, "{}", set.region);
        say(&format!("{}: {found} events", set.region));
    }
    Ok(())
}

/// What is done here is told by AWS, and joined to the WorkSpace, after the next sync.
async fn an_action_is_told(app: &TestApp, db: &Db, known: &Known) -> Result<()> {
    let stoppable = "state=AVAILABLE&running_mode=AUTO_STOP&region=us-east-1";
    let one = workspaces(app.client(), stoppable).await?.into_iter().next().context("one that can be stopped")?;
    assert!(known.rows.iter().any(|row| row.id == one.id));
    let filter =
        TrailFilter { workspace_id: Some(one.id), names: vec!["StopWorkspaces".to_owned()], ..TrailFilter::default() };
    assert_eq!(trail_count(db, &Scope::Everything, &filter).await?, 0);
    let asked = app.clock().now();
    let body = json!({ "workspace_ids": [one.id], "dry_run": false });
    let started: WorkspaceActionView = app.client().post(WORKSPACES_STOP, &body).await?.ok()?;
    let job = app.wait_for_job(started.job_id.context("a job")?).await?;
    assert_eq!(job.job.state, JobState::Done, "{job:?}");
    // An event has whole seconds, and a read ends with the second that is over.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let jobs: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, SyncKind::CloudTrail)).await?.ok()?;
    for id in jobs.job_ids {
        app.wait_for_job(id).await?;
    }
    let page = trail_list(db, &Scope::Everything, &TrailQuery { filter, cursor: None, limit: 10 }).await?;
    assert_eq!(page.rows.len(), 1, "{:?}", page.rows);
    let event = &page.rows[0];
    assert_eq!(event.workspaces, [one.id]);
    assert_eq!((event.region.as_str(), event.error_code.as_deref()), ("us-east-1", None));
    assert!(event.at.timestamp() >= asked.timestamp() && event.at <= app.clock().now(), "{event:?}");
    assert!(
        !event.actor.is_empty() && event.actor_arn.as_deref().is_some_and(|arn| arn.contains(ACCOUNT)),
        "{event:?}"
    );
    Ok(())
}

app_test! {
    async fn every_total_agrees_with_aws(app: a_thousand()) {
        let (start, db) = (app.clock().now(), app.database().await?);
        // The schedules go on.
        app.leave_open_jobs();
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        first_hour(app, &db).await?;
        coverage(app, start).await?;

        let known = Known::read(app, &db).await?;
        assert_eq!(known.rows.len(), WORKSPACES as usize);
        let books = truth(app, april()).await?;
        let plans = plans(&db, &account).await?;
        break_even(&plans)?;
        costs(&db, &account, &books, april()).await?;
        costs(&db, &account, &truth(app, april().next()).await?, april().next()).await?;
        trail(app, &db, &account).await?;
        an_action_is_told(app, &db, &known).await?;
        usage(&db, &account, &known, &books).await?;
        estimate(&db, &known, &books, &plans).await?;
        reconciled(app, &account, &books).await?;
        let listener = BABBLE.lock().unwrap_or_else(PoisonError::into_inner).take();
        let babble = Babble::start(listener.context("it is bound")?)?;
        sixty(app, babble, &known, &books, &plans).await
    }
}
