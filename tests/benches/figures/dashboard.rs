//! What the overview and the pages of usage and costs ask for, over a year of a large fleet: whole requests to the real API, and
//! beside them the statement that reads the most, over the days themselves, as it would be without sums that are kept.
//!
//! The fleet is made by `wheelhouse seed`, always of the same size, so that figures of two runs are of the same question.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chrono::{Datelike as _, Days, NaiveDate};
use contract::paths;
use domain::access::{Role, Scope};
use domain::ids::{TeamId, UserId};
use store::repo::teams::{TeamRecord, team_insert, team_members_add};
use store::repo::users::{NewUser, user_insert};
use store::repo::workspaces::{WorkspaceQuery, workspace_list};
use testkit::app::TestAppOptions;

use crate::fleet::Synced;
use crate::served::{Connection, Served, shares, signed_in_as, vacuum};
use crate::{Row, row};

const WORKSPACES: u32 = 10_000;
const DAYS: u32 = 365;
/// WorkSpaces of the people of one team.
const TEAM: u32 = 200;
/// How often each is asked, and how often before that is not counted.
const TIMES: usize = 60;
const WARM_UP: usize = 3;
/// One reader's limit is not what is measured.
const FREE: [(&str, &str); 1] = [("WHEELHOUSE_LIMITS__READS_PER_MINUTE", "1000000")];

pub async fn run() -> Result<Vec<Row>> {
    let fleet = seeded().await?;
    let team = team(&fleet).await?;
    vacuum(&fleet.database.url).await?;
    let api = Served::start(&fleet, None, &FREE).await?;
    let head = signed_in_as(&fleet, api.port, 0, Role::Operator).await?;
    // Who may see people.
    let auditor = signed_in_as(&fleet, api.port, 1, Role::Auditor).await?;
    let tomorrow = fleet.context.env.now().date_naive() + Days::new(1);
    let asked = questions(&fleet, tomorrow).into_iter().map(|question| (&head, question));
    let of_team = team_questions(team, tomorrow).into_iter().chain(changes()).map(|question| (&auditor, question));
    let mut rows = Vec::new();
    for (head, (name, path)) in asked.chain(of_team) {
        let request = format!("GET {path} HTTP/1.1\r\n{head}\r\n");
        let mut connection = Connection::open(api.port).await?;
        let mut took = Vec::new();
        for time in 0..WARM_UP + TIMES {
            let began = Instant::now();
            connection.ask(&request).await.with_context(|| path.clone())?;
            if time >= WARM_UP {
                took.push(began.elapsed());
            }
        }
        rows.push(row(name, words(took)));
    }
    let year = (tomorrow - Days::new(u64::from(DAYS)), tomorrow);
    let mut took = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        store::repo::usage::usage_totals(&fleet.context.db, &Scope::Everything, None, None, year.0, year.1).await?;
        took.push(began.elapsed());
    }
    rows.push(row("beside it: a year summed from its days", words(took)));
    Ok(rows)
}

fn words(took: Vec<Duration>) -> String {
    let [p50, p95] = shares(took, [0.5, 0.95]);
    format!("p50 {p50:.1} ms, p95 {p95:.1} ms")
}

/// A database with the fleet and its year in it.
async fn seeded() -> Result<Synced> {
    let database = crate::postgres().await?;
    let mut command = testkit::process::wheelhouse()?;
    let (workspaces, days) = (WORKSPACES.to_string(), DAYS.to_string());
    command.args(["seed", "--workspaces", &workspaces, "--days", &days, "--database-url", &database.url]);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).status().await?;
    ensure!(status.success(), "the fleet is not whole: {status}");
    let config = testkit::compose::config(&TestAppOptions::default(), &database.url, ([127, 0, 0, 1], 0).into())?;
    let context = testkit::compose::context(&config, None).await?;
    let accounts = store::repo::accounts::account_list(&context.db, &Scope::Everything).await?;
    let account = accounts.into_iter().next().context("no account")?;
    let region = account.regions.first().context("no region")?.region.clone();
    Ok(Synced { account: account.id, region, database, context })
}

/// A team of the people of some WorkSpaces, the first by name.
async fn team(fleet: &Synced) -> Result<TeamId> {
    let (db, env) = (&fleet.context.db, &fleet.context.env);
    let query = WorkspaceQuery { limit: TEAM, ..WorkspaceQuery::default() };
    let found = workspace_list(db, &Scope::Everything, &query).await?;
    let names: BTreeSet<_> = found.rows.iter().map(|workspace| workspace.user_name.to_lowercase()).collect();
    let mut people = Vec::new();
    for name in names {
        let id = UserId(env.new_id());
        let email = format!("{name}@example.com");
        user_insert(db, &NewUser { id, email, display_name: name, password_hash: None, at: env.now() }).await?;
        people.push(id);
    }
    let (id, at) = (TeamId(env.new_id()), env.now());
    let (name, description) = ("Night shift".to_owned(), String::new());
    team_insert(db, &TeamRecord { id, name, description, version: 1, created_at: at, updated_at: at }).await?;
    team_members_add(db, id, &people).await?;
    Ok(id)
}

/// The days that are shown first and a year, in words and as a query.
fn periods(tomorrow: NaiveDate) -> [(&'static str, String); 2] {
    [("30 days", 30), ("a year", u64::from(DAYS))]
        .map(|(over, days)| (over, format!("from={}&to={tomorrow}", tomorrow - Days::new(days))))
}

/// What is asked of a team's desktops by who may see people.
fn team_questions(team: TeamId, tomorrow: NaiveDate) -> Vec<(String, String)> {
    let mut asked = Vec::new();
    for (over, period) in periods(tomorrow) {
        for (name, path, query) in [
            ("usage in all, of a team", paths::USAGE_SUMMARY, ""),
            ("usage by day, of a team", paths::USAGE_TREND, ""),
            ("usage by hour of the week in Berlin, of a team", paths::USAGE_HEAT_MAP, "&zone=Europe/Berlin"),
            ("usage by bundle, of a team", paths::USAGE_GROUPS, "&by=bundle"),
        ] {
            asked.push((format!("{name}, {over}"), format!("{path}?{period}&team={team}{query}")));
        }
        asked.push((format!("usage by team, {over}"), format!("{}?{period}&by=team", paths::USAGE_GROUPS)));
    }
    asked
}

/// What changed lately, as the overview asks for it, and as the page of it does: with how much there is in all.
fn changes() -> [(String, String); 2] {
    [("what changed lately", "&count=false&limit=6"), ("what changed, a page", "")]
        .map(|(name, query)| (name.to_owned(), format!("{}?changes=true{query}", paths::ACTIVITY)))
}

/// Each request of those pages with what it is, over the days that are shown first and over a year.
fn questions(fleet: &Synced, tomorrow: NaiveDate) -> Vec<(String, String)> {
    let mut asked = vec![("the overview".to_owned(), paths::OVERVIEW.to_owned())];
    for (over, period) in periods(tomorrow) {
        for (name, path, query) in [
            ("usage in all", paths::USAGE_SUMMARY, ""),
            ("usage in all, one mode", paths::USAGE_SUMMARY, "&running_mode=AUTO_STOP"),
            ("usage in all, beside a year before", paths::USAGE_SUMMARY, "&compare=year"),
            ("usage in all, of stopped ones", paths::USAGE_SUMMARY, "&state=STOPPED"),
            ("usage by day, beside the days before", paths::USAGE_TREND, "&compare=previous"),
            ("usage by day, beside a year before", paths::USAGE_TREND, "&compare=year"),
            ("usage by day, of stopped ones", paths::USAGE_TREND, "&state=STOPPED"),
            ("usage by day, of a team's tag", paths::USAGE_TREND, "&tag=Team%3DSales"),
            ("usage by day and bundle", paths::USAGE_DAILY, "&by=bundle"),
            ("usage by day and bundle, of a team's tag", paths::USAGE_DAILY, "&by=bundle&tag=Team%3DSales"),
            ("usage by hour of the week in Berlin", paths::USAGE_HEAT_MAP, "&zone=Europe/Berlin"),
            ("usage by hour of the week, of stopped ones", paths::USAGE_HEAT_MAP, "&state=STOPPED"),
            ("usage in bins", paths::USAGE_DISTRIBUTION, ""),
            ("usage by bundle", paths::USAGE_GROUPS, "&by=bundle"),
            ("usage by the tag Team", paths::USAGE_GROUPS, "&by=tag%3ATeam"),
            ("who was connected longest", paths::USAGE_RANKING, ""),
            ("who was not connected", paths::USAGE_UNUSED, ""),
            ("costs by day and usage type", paths::COSTS_DAILY, "&by=usage_type"),
            ("costs by usage type", paths::COSTS_GROUPS, "&by=usage_type"),
            ("costs by the tag Team", paths::COSTS_GROUPS, "&by=team"),
        ] {
            asked.push((format!("{name}, {over}"), format!("{path}?{period}{query}")));
        }
    }
    let before = tomorrow.with_day(1).and_then(|first| first.pred_opt()).unwrap_or(tomorrow);
    let month = format!("month={}", before.format("%Y-%m"));
    asked.extend([
        ("costs of the running month".to_owned(), paths::COSTS_SUMMARY.to_owned()),
        ("the forecast".to_owned(), paths::COSTS_FORECAST.to_owned()),
        ("costs of WorkSpaces, a page".to_owned(), format!("{}?{month}", paths::COSTS_WORKSPACES)),
        ("the month's estimate by person".to_owned(), format!("{}?{month}&by=person", paths::COSTS_ESTIMATES)),
        (
            "the estimate against the bill, a month".to_owned(),
            format!("{}?account={}&{month}", paths::COSTS_RECONCILIATION, fleet.account),
        ),
        (
            "all estimates against their bills, a month".to_owned(),
            format!("{}?{month}", paths::COSTS_RECONCILIATION_ACCOUNTS),
        ),
    ]);
    asked
}
