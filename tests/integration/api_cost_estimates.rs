//! Estimates by group over HTTP: each group is the sum of its WorkSpaces as their own list tells them, whoever asks; pages show each
//! group once, and wrong questions are named. What one WorkSpace costs is held against the simulated AWS's books in `data_totals`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use contract::accounts::{AccountView, StartedJobsView};
use contract::costs::{ESTIMATE_GROUPS, EstimateGroupView, MoneyView, WorkspaceCostView};
use contract::page::Page;
use contract::paths::{COSTS_ESTIMATES, COSTS_WORKSPACES, ROLES, SCHEDULE_RUN, TEAM_MEMBERS, TEAMS, USERS, with_id};
use contract::problem::code;
use contract::roles::RoleView;
use contract::teams::TeamDetailView;
use contract::users::UserView;
use contract::workspaces::WorkspaceView;
use domain::access::{Grant, GrantReach, GrantedRole, Reach, Role, Scope};
use domain::ids::{Region, WorkspaceId};
use domain::jobs::JobState;
use domain::usage::{ConnectedInterval, HourMask};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use store::repo::usage_coverage::usage_covered;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use testkit::env::ShiftedClock;

use crate::support::{whole_list, workspaces};

const APRIL: &str = "2026-04";

pub fn may() -> TestAppOptions {
    TestAppOptions {
        simulated_workspaces: 30,
        seed: 5,
        clock: ShiftedClock::starting("2026-05-11T09:00:00Z".parse().expect("a time")),
        ..TestAppOptions::default()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// A fleet with prices.
pub struct Fleet {
    account: AccountView,
    /// As it was until today, by user name; the first one has gone since.
    pub all: Vec<WorkspaceView>,
    /// Those that were connected in April for two hours: every third one. Nothing is known of the others.
    pub active: BTreeSet<WorkspaceId>,
}

pub async fn begin(app: &TestApp) -> Result<Fleet> {
    app.create_owner().await?;
    let account = app.connect_simulated_and_sync().await?;
    let jobs: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, "sync-prices")).await?.ok()?;
    for job in jobs.job_ids {
        let ended = app.wait_for_job(job).await?;
        ensure!(ended.job.state == JobState::Done, "{ended:?}");
    }
    let all = workspaces(app.client(), "").await?;
    let (from, to, begun) = (at("2026-04-01T00:00:00Z"), at("2026-05-01T00:00:00Z"), at("2026-04-14T09:00:00Z"));
    let ended = begun + TimeDelta::hours(2);
    let used = |one: &WorkspaceView| WorkspaceUsage {
        workspace_id: one.id,
        from,
        to,
        intervals: ConnectedInterval::new(begun.timestamp(), ended.timestamp()).into_iter().collect(),
        days: vec![UsageDayRow {
            day: begun.date_naive(),
            hour_mask: HourMask::of_range(9, 10),
            connected_minutes: 120,
            sessions: 1,
            first_at: begun,
            last_at: ended,
            resolution_secs: 300,
        }],
    };
    let db = app.database().await?;
    let read: Vec<_> = all.iter().step_by(3).map(used).collect();
    usage_window_replace(&db, &read).await?;
    let active: BTreeSet<_> = read.iter().map(|one| one.workspace_id).collect();
    usage_covered(&db, &active.iter().map(|id| (*id, from, to)).collect::<Vec<_>>()).await?;
    ensure!(app.simulator().delete_workspace(&all[0].aws_id), "it was there");
    app.sync(account.id).await?;
    Ok(Fleet { account, all, active })
}

fn amount(view: &MoneyView) -> Decimal {
    view.money().expect("an amount").amount
}

/// As people write dollars.
fn written(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// What a group comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    workspaces: u64,
    not_reckoned: u64,
    hours_unknown: u64,
    users: usize,
    sum: Decimal,
}

/// Each WorkSpace that somebody may see, those gone included, with what it costs.
async fn told(client: &ApiClient, month: &str) -> Result<Vec<(WorkspaceView, WorkspaceCostView)>> {
    let mut told = Vec::new();
    for gone in [false, true] {
        let all = workspaces(client, &format!("gone={gone}")).await?;
        let mut known: BTreeMap<_, _> = all.into_iter().map(|one| (one.id, one)).collect();
        let path = format!("{COSTS_WORKSPACES}?month={month}&limit=200&gone={gone}");
        for cost in client.get(&path).await?.ok::<Page<WorkspaceCostView>>()?.items {
            told.push((known.remove(&cost.id).context("it is in both lists")?, cost));
        }
    }
    Ok(told)
}

/// What the groups must be, out of what is told of each WorkSpace.
fn added_up(
    told: &[(WorkspaceView, WorkspaceCostView)],
    active: &BTreeSet<WorkspaceId>,
    keys: impl Fn(&WorkspaceView) -> Vec<String>,
) -> BTreeMap<String, Sums> {
    let (mut sums, mut users) = (BTreeMap::<String, Sums>::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for (one, cost) in told {
        for key in keys(one) {
            if active.contains(&one.id) {
                users.entry(key.clone()).or_default().insert(one.user_name.to_lowercase());
            }
            let of = sums.entry(key).or_default();
            of.workspaces += 1;
            of.not_reckoned += u64::from(cost.not_reckoned.is_some());
            of.hours_unknown += u64::from(cost.not_reckoned.is_none() && !cost.hours_known);
            of.sum += cost.total.as_ref().map_or(Decimal::ZERO, amount);
        }
    }
    for (key, users) in users {
        sums.entry(key).or_default().users = users.len();
    }
    sums
}

/// The groups as they are answered, read a few at a time.
async fn answered(client: &ApiClient, by: &str, month: &str) -> Result<Vec<EstimateGroupView>> {
    let (groups, pages) =
        whole_list::<EstimateGroupView>(client, COSTS_ESTIMATES, &format!("month={month}&by={by}&limit=4")).await?;
    ensure!(pages == groups.len().div_ceil(4).max(1), "{pages} pages of {}", groups.len());
    let estimates: Vec<_> = groups.iter().map(|group| group.estimates.first().map(amount)).collect();
    ensure!(estimates.is_sorted_by(|one, next| one >= next), "{by}: the dearest come first: {estimates:?}");
    ensure!(groups.iter().all(|group| group.estimates.len() <= 1), "there is one currency: {groups:?}");
    Ok(groups)
}

fn sums_of(groups: &[EstimateGroupView]) -> BTreeMap<String, Sums> {
    let sums = |group: &EstimateGroupView| Sums {
        workspaces: group.workspaces,
        not_reckoned: group.not_reckoned,
        hours_unknown: group.hours_unknown,
        users: usize::try_from(group.active_users).unwrap_or(usize::MAX),
        sum: group.estimates.first().map_or(Decimal::ZERO, amount),
    };
    groups.iter().map(|group| (group.key.clone(), sums(group))).collect()
}

fn key_of(by: &str, one: &WorkspaceView) -> String {
    match by {
        "bundle" => one.bundle_id.clone(),
        "person" => one.user_name.to_lowercase(),
        "directory" => one.directory_id.clone(),
        "running_mode" => one.running_mode.as_ref().map(ToString::to_string).unwrap_or_default(),
        "region" => one.region.to_string(),
        "account" => one.account_id.to_string(),
        _ => String::new(),
    }
}

async fn refused(client: &ApiClient, query: &str) -> Result<(StatusCode, String, Option<(String, String)>)> {
    let answer = client.get(&format!("{COSTS_ESTIMATES}?{query}")).await?;
    let status = answer.status;
    let problem = answer.problem()?;
    let first = problem.errors.first().map(|error| (error.field.clone(), error.message.clone()));
    Ok((status, problem.code.clone(), first))
}

async fn person(app: &TestApp, email: &str) -> Result<Value> {
    app.create_user_named(email, Role::Member).await?;
    let found: Page<UserView> = app.client().get(&format!("{USERS}?q={email}")).await?.ok()?;
    Ok(json!(found.items.first().context("they were just made")?.id))
}

app_test! {
    async fn groups_are_the_sums_of_their_workspaces(app: may()) {
        let fleet = begin(app).await?;
        let client = app.client();
        let (april, so_far) = (told(client, APRIL).await?, told(client, "2026-05").await?);
        let march = told(client, "2026-03").await?;
        let mut differences = 0;
        assert_eq!((april.len(), so_far.len()), (30, 30), "the one that went was there in both months");
        assert!(april.iter().any(|(_, cost)| cost.total.is_some()), "there are prices");
        for by in ESTIMATE_GROUPS.iter().filter(|by| **by != "team") {
            let groups = answered(client, by, APRIL).await?;
            assert_eq!(sums_of(&groups), added_up(&april, &fleet.active, |one| vec![key_of(by, one)]), "{by}");
            let later = answered(client, by, "2026-05").await?;
            assert_eq!(sums_of(&later), added_up(&so_far, &BTreeSet::new(), |one| vec![key_of(by, one)]), "{by}");
            assert!(later.iter().all(|group| group.per_active_user.is_empty()), "nobody was connected in May: {later:?}");
            let march = added_up(&march, &BTreeSet::new(), |one| vec![key_of(by, one)]);
            for group in &groups {
                let before = group.before.as_ref().context("each has the month before")?;
                let (now, was) = (group.estimates.first().map(amount), before.estimates.first().map(amount));
                let (none, known) = (Sums::default(), group.hours_unknown == 0 && before.hours_unknown == 0);
                let sums = march.get(&group.key).unwrap_or(&none);
                let told = (before.workspaces, before.hours_unknown, was.unwrap_or_default());
                assert_eq!(told, (sums.workspaces, sums.hours_unknown, sums.sum), "{group:?}");
                let either = known && (now.is_some() || was.is_some());
                let expected: Vec<_> =
                    either.then(|| now.unwrap_or_default() - was.unwrap_or_default()).into_iter().collect();
                assert_eq!(before.differences.iter().map(amount).collect::<Vec<_>>(), expected, "{group:?}");
                differences += expected.len();
            }
            // All of March beside April, and as many days of April as May has come to.
            let through = |groups: &[EstimateGroupView]| -> BTreeSet<String> {
                groups.iter().filter_map(|group| Some(group.before.as_ref()?.through.to_string())).collect()
            };
            assert_eq!(through(&groups), BTreeSet::from(["2026-03-31".to_owned()]));
            assert_eq!(through(&later), BTreeSet::from(["2026-04-11".to_owned()]));
            for group in &groups {
                let whole = group.estimates.iter().filter(|_| group.active_users > 0).map(amount);
                let shares: Vec<_> = whole.map(|sum| written(sum / Decimal::from(group.active_users))).collect();
                assert_eq!(group.per_active_user.iter().map(amount).collect::<Vec<_>>(), shares, "{group:?}");
                let filter = group.filter.as_ref().context("each of these has one")?;
                if *by == "person" {
                    assert_eq!((filter.parameter.as_str(), filter.value.to_lowercase()), ("q", group.key.clone()));
                    continue;
                }
                let query = format!("{}={}", filter.parameter, filter.value);
                let gone = workspaces(client, &format!("{query}&gone=true")).await?.len();
                let there = workspaces(client, &query).await?.len();
                assert_eq!((there + gone) as u64, group.workspaces, "{query} leaves just these");
            }
        }
        assert!(differences > 0, "what is paid by the month does not wait for hours");
        let bundles = answered(client, "bundle", APRIL).await?;
        let named = fleet.all.iter().filter_map(|one| Some((one.bundle_id.as_str(), one.bundle_name.as_deref()?)));
        let names: BTreeMap<_, _> = named.collect();
        let name = |group: &EstimateGroupView| names.get(group.key.as_str()).copied().unwrap_or(&group.key).to_owned();
        assert!(!names.is_empty() && bundles.iter().all(|group| name(group) == group.label), "{bundles:?}");
        let accounts = answered(client, "account", APRIL).await?;
        assert_eq!(accounts[0].label, fleet.account.name);
        let plain: Page<EstimateGroupView> = client.get(&format!("{COSTS_ESTIMATES}?month={APRIL}")).await?.ok()?;
        assert_eq!(plain.items, bundles, "by bundle when nothing is said");
        Ok(())
    }

    async fn a_desktop_is_of_each_team_of_its_person(app: may()) {
        let fleet = begin(app).await?;
        let client = app.client();
        let one = fleet.all[3].user_name.to_lowercase();
        let mut others = fleet.all[4..].iter().map(|other| other.user_name.to_lowercase());
        let other = others.find(|other| *other != one).context("there are several people")?;
        let first = person(app, &format!("{one}@example.com")).await?;
        // Somebody else whose desktops would be called the same: they count once in a team all the same.
        let twin = person(app, &format!("{one}@example.org")).await?;
        let second = person(app, &format!("{other}@example.com")).await?;
        for (name, members) in [("Lab", vec![&first, &twin, &second]), ("Night", vec![&first]), ("Nobody", vec![])] {
            let team: TeamDetailView = client.post(TEAMS, &json!({ "name": name })).await?.ok()?;
            let put = Request::new(Method::PUT, with_id(TEAM_MEMBERS, team.team.id)).json(&json!({ "user_ids": members }));
            client.send(put).await?.ok::<TeamDetailView>()?;
        }
        let teams = |desktop: &WorkspaceView| match desktop.user_name.to_lowercase() {
            name if name == one => vec!["Lab".to_owned(), "Night".to_owned()],
            name if name == other => vec!["Lab".to_owned()],
            _ => vec![String::new()],
        };
        let groups = answered(client, "team", APRIL).await?;
        assert_eq!(sums_of(&groups), added_up(&told(client, APRIL).await?, &fleet.active, teams));
        assert!(groups.iter().all(|group| group.filter.is_none() && group.label == group.key), "{groups:?}");
        let auditor = app.create_user(Role::Auditor).await?;
        assert_eq!(answered(&auditor, "team", APRIL).await?, groups);
        let viewer = app.create_user(Role::Viewer).await?;
        assert_eq!(refused(&viewer, "by=team").await?.0, StatusCode::FORBIDDEN, "who is in a team is for who may see people");
        assert!(!answered(&viewer, "person", APRIL).await?.is_empty());
        Ok(())
    }

    async fn somebody_is_told_of_what_they_may_read(app: may()) {
        let fleet = begin(app).await?;
        let region = || -> Region { "us-east-1".parse().expect("a region") };
        let bills = json!({ "name": "Bills", "permissions": ["cost:read"] });
        let bills: RoleView = app.client().post(ROLES, &bills).await?.ok()?;
        let grants = vec![
            Grant { role: GrantedRole::Custom(bills.id.context("an id")?), reach: GrantReach::Account(fleet.account.id) },
            Grant { role: GrantedRole::BuiltIn(Role::Viewer), reach: GrantReach::Region(region()) },
        ];
        let narrow = app.create_user_holding("narrow@example.com", grants).await?;
        let theirs = told(&narrow, APRIL).await?;
        assert!((1..30).contains(&theirs.len()), "{} of the fleet", theirs.len());
        for by in ESTIMATE_GROUPS.iter().filter(|by| **by != "team") {
            let groups = answered(&narrow, by, APRIL).await?;
            assert_eq!(sums_of(&groups), added_up(&theirs, &fleet.active, |one| vec![key_of(by, one)]), "{by}");
        }
        let regions = answered(&narrow, "region", APRIL).await?;
        assert_eq!(regions.iter().map(|group| group.key.as_str()).collect::<Vec<_>>(), ["us-east-1"]);
        let all = answered(app.client(), "region", APRIL).await?;
        let here = all.iter().find(|group| group.key == "us-east-1");
        assert_eq!(here, regions.first(), "the same part of the same fleet");
        let asked = format!("{COSTS_ESTIMATES}?month={APRIL}&by=region&region=us-east-1&account={}", fleet.account.id);
        let asked: Page<EstimateGroupView> = app.client().get(&asked).await?.ok()?;
        assert_eq!(asked.items, regions, "and what everybody may ask for alone");

        let part = [(Role::Viewer, Scope::only(Reach::Region { region: region() }))];
        let part = app.create_user_with("part@example.com", &part).await?;
        assert!(answered(&part, "region", APRIL).await?.is_empty(), "a region is no bill");
        let member = app.create_user(Role::Member).await?;
        assert_eq!(refused(&member, "").await?.0, StatusCode::FORBIDDEN);
        Ok(())
    }

    async fn wrong_questions_are_named_and_people_are_noted(app: may()) {
        begin(app).await?;
        let client = app.client();
        let noted = async || -> Result<usize> {
            let log: Value = client.get("/api/v1/audit-log?action=cost.people").await?.ok()?;
            Ok(log["items"].as_array().context("entries")?.len())
        };
        let page: Page<EstimateGroupView> = client.get(&format!("{COSTS_ESTIMATES}?by=bundle&limit=1")).await?.ok()?;
        assert_eq!(noted().await?, 0, "a bundle is nobody");
        let _: Page<EstimateGroupView> = client.get(&format!("{COSTS_ESTIMATES}?by=person&limit=1")).await?.ok()?;
        assert_eq!(noted().await?, 1);
        for (query, field) in [
            ("by=shoe", "by"),
            ("by=", "by"),
            ("by=usage_type", "by"),
            ("month=2026-13", "month"),
            ("month=2026-06", "month"),
            ("account=7", "account"),
            ("region=moon", "region"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("moon=1", "moon"),
        ] {
            let (status, code, first) = refused(client, query).await?;
            let (named, message) = first.context("what is wrong")?;
            let found = (status, code.as_str(), named.as_str());
            assert_eq!(found, (StatusCode::BAD_REQUEST, code::INVALID_QUERY, field), "{query}");
            assert!(field != "by" || ESTIMATE_GROUPS.iter().all(|name| message.contains(name)), "{query}: {message}");
        }
        let next = page.next_cursor.context("there are several bundles")?;
        for query in ["by=bundle&cursor=x".to_owned(), format!("by=region&cursor={next}"), format!("month={APRIL}&cursor={next}")] {
            let (status, code, first) = refused(client, &query).await?;
            let named = first.map(|(field, _)| field);
            assert_eq!((status, code.as_str(), named.as_deref()), (StatusCode::BAD_REQUEST, code::BAD_CURSOR, Some("cursor")), "{query}");
        }
        Ok(())
    }
}
