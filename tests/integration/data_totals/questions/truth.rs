//! What is true of the fleet: read from the simulated AWS itself, past our database and, but for its events, past its wire. Only
//! what moves by itself is taken from our list, once that was read anew and held against AWS as it was before and after.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use aws_sim::SimDesktop;
use axum::http::Method;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use contract::accounts::StartedJobsView;
use contract::paths::{SCHEDULE, SCHEDULE_RUN, with_id};
use contract::schedules::ScheduleView;
use contract::workspaces::WorkspaceView;
use domain::assistant::FactValue;
use domain::money::{Currency, Money};
use domain::sync::SyncKind;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::app::{REGIONS, TestApp};
use testkit::client::Request;

use super::super::{ACCOUNT, april, aws_events, data_sets, e10, int, quiet};
use crate::support::{number, say, workspaces};

/// Seconds of one of CloudWatch's slots.
const SLOT: i64 = 300;
/// WorkSpaces that come, go, start and stop while the list is read: more of them, and it proves little.
const MOVERS: usize = 50;

/// One WorkSpace that is there.
pub(super) struct Desktop {
    pub(super) region: &'static str,
    /// As the simulated AWS has it.
    pub(super) own: SimDesktop,
    /// The state in which it was listed.
    pub(super) state: String,
    /// Whether somebody was connected, as it was listed.
    pub(super) connection: String,
    /// When somebody was connected since the end of March, Unix seconds.
    connected: Vec<(i64, i64)>,
}

impl Desktop {
    /// Slots of a range in which somebody was connected.
    pub(super) fn slots(&self, from: i64, to: i64) -> i64 {
        let within = |(start, end): &(i64, i64)| ((*end).min(to) - (*start).max(from)).max(0);
        self.connected.iter().map(within).sum::<i64>() / SLOT
    }

    /// Those of April.
    pub(super) fn april(&self) -> i64 {
        self.slots(april().start().timestamp(), april().end().timestamp())
    }

    /// Its person and its id, as they are told.
    pub(super) fn told(&self) -> String {
        format!("{} ({})", self.own.user_name, self.own.workspace_id)
    }
}

/// How much some of them were used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    workspaces: usize,
    pub(super) slots: i64,
    sessions: usize,
}

impl Used {
    fn and(self, other: Self) -> Self {
        Self {
            workspaces: self.workspaces + other.workspaces,
            slots: self.slots + other.slots,
            sessions: self.sessions + other.sessions,
        }
    }

    /// As it is told of a time and of what the WorkSpaces are narrowed to.
    pub(super) fn told(&self, when: &str, narrow: &str) -> String {
        let (workspaces, sessions) = (count(self.workspaces), count(self.sessions));
        let time = hours(self.slots);
        format!("{when}, {workspaces} WorkSpaces{narrow} were connected for {time} in all; {sessions} sessions began")
    }
}

/// An event that changed something.
pub(super) struct Event {
    pub(super) region: &'static str,
    /// Unix seconds.
    pub(super) at: i64,
    pub(super) told: String,
}

/// What is true.
pub(super) struct Truth {
    pub(super) desktops: Vec<Desktop>,
    /// What bundles and directories are called, by their ids.
    names: BTreeMap<String, String>,
    /// Up to when the usage of a region was read, Unix seconds.
    read_to: BTreeMap<String, i64>,
    /// April, region by region.
    pub(super) books: BTreeMap<String, Value>,
    /// What April cost by team, 1e-10 USD; that of none has an empty name.
    pub(super) teams: BTreeMap<String, i64>,
    /// The events of yesterday.
    pub(super) events: Vec<Event>,
    /// When all of this was read.
    pub(super) now: DateTime<Utc>,
    /// Entries of our own audit log by then.
    pub(super) entries: i64,
    /// Jobs that waited then.
    pub(super) waiting: i64,
}

impl Truth {
    pub(super) async fn read(app: &TestApp, books: &BTreeMap<String, Value>) -> Result<Self> {
        let rows = held(app).await?;
        let (now, db) = (app.clock().now(), app.database().await?);
        let (mut desktops, mut names, mut read_to) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for row in rows.values() {
            let directory = row.directory_name.as_ref().unwrap_or(&row.directory_id);
            names.insert(row.directory_id.clone(), directory.clone());
            names.insert(row.bundle_id.clone(), row.bundle_name.as_ref().unwrap_or(&row.bundle_id).clone());
        }
        let (mut teams, mut team_of) = (BTreeMap::<String, i64>::new(), BTreeMap::new());
        for region in REGIONS {
            let mut connected = BTreeMap::new();
            app.simulator().each_usage(ACCOUNT, region, (april().start() - TimeDelta::days(3), now), |one| {
                let times = one.connected.iter().map(|(from, to)| (from.timestamp(), to.timestamp()));
                connected.insert(one.workspace_id.clone(), times.collect::<Vec<_>>());
            });
            for own in app.simulator().desktops(ACCOUNT, region) {
                team_of.insert(own.workspace_id.clone(), own.tags.get("Team").cloned().unwrap_or_default());
                let Some(row) = rows.get(&own.workspace_id) else { continue };
                desktops.push(Desktop {
                    region,
                    state: row.state.as_str().to_owned(),
                    connection: connection(row).to_owned(),
                    connected: connected.remove(&own.workspace_id).unwrap_or_default(),
                    own,
                });
            }
        }
        ensure!(desktops.len() == rows.len(), "{} WorkSpaces are listed, {} are there", rows.len(), desktops.len());
        for line in books.values().filter_map(|book| book["workspaces"].as_array()).flatten() {
            let team = team_of.get(line["workspace_id"].as_str().context("an id")?).context("its tags")?;
            *teams.entry(team.clone()).or_default() += e10(&line["cost"]["total"])?;
        }
        for set in data_sets(app).await?.into_iter().filter(|set| set.kind == SyncKind::Usage) {
            read_to.insert(set.region.to_string(), set.covered_to.context("an end")?.timestamp());
        }
        let entries = number(&db, "SELECT COUNT(*) FROM audit_entry").await?;
        let waiting = number(&db, "SELECT COUNT(*) FROM job WHERE state = 'queued'").await?;
        let events = yesterday(app, now).await?;
        Ok(Self { desktops, names, read_to, books: books.clone(), teams, events, now, entries, waiting })
    }

    /// What a bundle or a directory is called.
    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }

    /// Today's date less some days.
    pub(super) fn day(&self, back: i64) -> NaiveDate {
        (self.now - TimeDelta::days(back)).date_naive()
    }

    /// How much those that fit were used from one moment to another.
    pub(super) fn used(&self, fits: impl Fn(&Desktop) -> bool, from: i64, to: i64) -> Used {
        let mut used = Used::default();
        for one in self.desktops.iter().filter(|one| fits(one)) {
            let slots = one.slots(from, to);
            used.workspaces += usize::from(slots > 0);
            used.slots += slots;
            used.sessions += one.connected.iter().filter(|(start, _)| (from..to).contains(start)).count();
        }
        used
    }

    /// The same of April.
    pub(super) fn april(&self, fits: impl Fn(&Desktop) -> bool) -> Used {
        self.used(fits, april().start().timestamp(), april().end().timestamp())
    }

    /// How much all were used in the month that runs: it is known up to a slot or so about the moment that is said, in either
    /// region, and anything else is wrong.
    pub(super) fn running(&self) -> Vec<Used> {
        let of = |region: &str, step: i64| {
            let read_to = self.read_to.get(region).copied().unwrap_or_default();
            let to = (read_to.div_euclid(SLOT) + step) * SLOT;
            self.used(|one| one.region == region, april().end().timestamp(), to)
        };
        let [one, other] = REGIONS.map(|region| [-2, -1, 0, 1].map(|step| of(region, step)));
        one.iter().flat_map(|one| other.iter().map(move |other| one.and(*other))).collect()
    }

    /// What April cost, in all or in a region.
    pub(super) fn cost(&self, region: Option<&str>) -> Result<String> {
        total(&self.books, region)
    }
}

/// What the books have for a month, in all or in a region, as it is told.
pub(super) fn total(books: &BTreeMap<String, Value>, region: Option<&str>) -> Result<String> {
    let books = books.iter().filter(|(of, _)| region.is_none_or(|region| region == of.as_str()));
    Ok(money(books.map(|(_, book)| e10(&book["cost"]["total"])).sum::<Result<i64>>()?))
}

/// So many, as they are told.
pub(super) fn count(number: usize) -> String {
    FactValue::Count(number as u64).to_string()
}

/// Slots of five minutes, as hours are told.
pub(super) fn hours(slots: i64) -> String {
    FactValue::Hours(Decimal::from(slots) / Decimal::from(12)).to_string()
}

/// 1e-10 USD, as they are told.
pub(super) fn money(amount: i64) -> String {
    FactValue::Money(Money::from_e10(amount, Currency::USD)).to_string()
}

/// The first moment of a day, Unix seconds.
pub(super) fn midnight(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp()
}

fn connection(row: &WorkspaceView) -> &str {
    row.connection.as_ref().map_or("", |connection| connection.as_str())
}

/// What the simulated AWS has, by id.
fn there(app: &TestApp) -> BTreeMap<String, (&'static str, SimDesktop)> {
    let of = |region: &'static str| app.simulator().desktops(ACCOUNT, region).into_iter().map(move |one| (region, one));
    let here = REGIONS.into_iter().flat_map(of).filter(|(_, one)| one.state.is_some());
    here.map(|(region, one)| (one.workspace_id.clone(), (region, one))).collect()
}

/// The list, read anew: what did not move meanwhile is listed as it is in AWS.
async fn held(app: &TestApp) -> Result<BTreeMap<String, WorkspaceView>> {
    let before = there(app);
    for kind in [SyncKind::Workspaces, SyncKind::Connections] {
        let jobs: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, kind)).await?.ok()?;
        for id in jobs.job_ids {
            app.wait_for_job(id).await?;
        }
    }
    // What moves later is not read before everything is asked.
    for kind in [SyncKind::Workspaces, SyncKind::Connections] {
        let pause = Request::new(Method::PATCH, with_id(SCHEDULE, kind)).json(&json!({ "paused": true }));
        app.client().send(pause).await?.ok::<ScheduleView>()?;
    }
    quiet(app, &app.database().await?).await?;
    let rows = workspaces(app.client(), "").await?;
    let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.aws_id.clone(), row)).collect();
    let after = there(app);
    ensure!(rows.len() == before.len(), "{} WorkSpaces are listed, {} are there", rows.len(), before.len());
    let (mut moved, mut wrong) = (0, Vec::new());
    for (id, (region, one)) in &before {
        let row = rows.get(id).with_context(|| format!("{id} is not listed"))?;
        let (_, then) = after.get(id).with_context(|| format!("{id} is gone"))?;
        if one != then {
            moved += 1;
            continue;
        }
        let listed = [row.region.as_str(), &row.user_name, &row.directory_id, &row.bundle_id];
        let kinds = [
            row.state.as_str(),
            row.running_mode.as_ref().map_or("", |mode| mode.as_str()),
            row.compute_type.as_ref().map_or("", |compute| compute.as_str()),
            connection(row),
        ];
        let own = [*region, &one.user_name, &one.directory_id, &one.bundle_id];
        if listed != own || kinds != [one.state.unwrap_or_default(), one.running_mode, one.compute_type, one.connection]
        {
            wrong.push(format!("{listed:?} {kinds:?} instead of {one:?}"));
        }
    }
    ensure!(wrong.is_empty(), "{} are listed otherwise:\n{}", wrong.len(), wrong.join("\n"));
    ensure!(moved < MOVERS, "{moved} moved while they were listed: this proves little");
    say(&format!("{} WorkSpaces are listed as they are, {moved} moved meanwhile", rows.len() - moved));
    Ok(rows)
}

/// What changed something in AWS on the day before, as it is told.
async fn yesterday(app: &TestApp, now: DateTime<Utc>) -> Result<Vec<Event>> {
    let (from, to) = (midnight((now - TimeDelta::days(1)).date_naive()), midnight(now.date_naive()));
    let mut events = Vec::new();
    for region in REGIONS {
        for event in aws_events(app, region, from, to).await?.into_values() {
            if event["ReadOnly"] == "true" {
                continue;
            }
            let at = int(&event["EventTime"])?;
            let time = FactValue::Time(DateTime::from_timestamp(at, 0).context("a time")?);
            let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().context("a record")?)?;
            let identity = &record["userIdentity"];
            // A role is named with its session: `arn:aws:sts::…:assumed-role/Role/session`.
            let named = match identity["type"].as_str() {
                Some("AssumedRole") => identity["arn"].as_str().and_then(|arn| Some(arn.split_once('/')?.1)),
                Some("Root") => Some("root"),
                _ => identity["userName"].as_str(),
            };
            let who = named.or_else(|| event["Username"].as_str()).context("who")?;
            let name = event["EventName"].as_str().context("a name")?;
            events.push(Event { region, at, told: format!("{name} by {who} at {time}") });
        }
    }
    Ok(events)
}
