//! The sixty questions, each with what its answer must say: whole phrases, so that a figure is told of what it is true of. What no
//! phrase has is a wrong figure. One that begins with a small letter follows the one before.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use domain::assistant::FactValue;
use domain::workspace::ComputeType;
use serde_json::Value;
use testkit::app::REGIONS;

use super::super::{START, april};
use super::bills::{by_day, forecast};
use super::figures::Expected;
use super::truth::{Desktop, Truth, count, hours, midnight, money, total};

/// What a month or another time is told as.
const APRIL: &str = "In April 2026";
/// Groups that are told at most.
const GROUPS: usize = 10;
/// Entries of our own audit log that may come while the questions are asked.
const MORE_ENTRIES: i64 = 2000;
/// Jobs that may come meanwhile.
const MORE_JOBS: i64 = 50;
/// Data sets of two regions: eight of each, and the bills of the account.
const DATA_SETS: usize = 17;

/// What pages of help begin with.
const HELP: [&str; 5] = [
    "You can ask me what is known of your fleet",
    "AWS accounts are connected on the page Accounts",
    "Starting, stopping and rebooting is done in the list of WorkSpaces",
    "Users, roles, teams and invitations are in the administration",
    "Connected time comes from CloudWatch",
];

/// What the money questions are reckoned from.
pub(super) struct Bills<'a> {
    /// March's and May's books.
    pub(super) march: &'a BTreeMap<String, Value>,
    pub(super) may: &'a BTreeMap<String, Value>,
    /// What is said of savings, to two questions.
    pub(super) savings: Expected,
}

pub(super) fn questions(t: &Truth, bills: &Bills<'_>) -> Result<Vec<(&'static str, Expected)>> {
    let all = |_: &Desktop| true;
    let state = |state: &'static str| move |one: &Desktop| one.state == state;
    let mode = |mode: &'static str| move |one: &Desktop| one.own.running_mode == mode;
    let region = |region: &'static str| move |one: &Desktop| one.region == region;
    let compute = |compute: &'static str| move |one: &Desktop| one.own.compute_type == compute;
    let connection = |is: &'static str| move |one: &Desktop| one.connection == is;
    let [us, eu] = REGIONS;
    let stopped = " in state STOPPED";
    let mut asked: Vec<(&'static str, Expected)> = vec![
        ("How many WorkSpaces do we have?", are(t, "", all)),
        ("and how many of them are stopped?", are(t, stopped, state("STOPPED"))),
        ("which ones?", listed(are(t, stopped, state("STOPPED")), 5, t, state("STOPPED"))),
        ("How many WorkSpaces are running?", are(t, " in state AVAILABLE", state("AVAILABLE"))),
        (
            "and in eu-central-1?",
            are(t, " in state AVAILABLE in eu-central-1", |one| one.state == "AVAILABLE" && one.region == eu),
        ),
        ("How many WorkSpaces are in us-east-1?", are(t, " in us-east-1", region(us))),
        ("How many WorkSpaces are there per region?", by(t, GROUPS, by_region)),
        ("WorkSpaces by state", by(t, GROUPS, by_state)),
        ("by running mode?", by(t, GROUPS, |one| plain("in", one.own.running_mode))),
        ("How many AutoStop WorkSpaces are there?", are(t, " with running mode AUTO_STOP", mode("AUTO_STOP"))),
        ("and always on?", are(t, " with running mode ALWAYS_ON", mode("ALWAYS_ON"))),
        (
            "How many stopped auto stop WorkSpaces are there?",
            are(t, " in state STOPPED with running mode AUTO_STOP", |one| {
                one.state == "STOPPED" && one.own.running_mode == "AUTO_STOP"
            }),
        ),
        ("How many Standard WorkSpaces do we have?", are(t, " with compute type STANDARD", compute("STANDARD"))),
        ("How many Power desktops are there?", are(t, " with compute type POWER", compute("POWER"))),
        ("fleet by compute type", by(t, GROUPS, by_compute)),
        ("How many people are connected right now?", are(t, " with somebody connected", connection("CONNECTED"))),
        ("How many WorkSpaces are disconnected?", are(t, " with nobody connected", connection("DISCONNECTED"))),
        ("Are there any unhealthy WorkSpaces?", are(t, " in state UNHEALTHY", state("UNHEALTHY"))),
        ("Which region has the most WorkSpaces?", by(t, 1, by_region)),
        ("How is the fleet doing?", by(t, GROUPS, by_state)),
        ("How many WorkSpaces are there per bundle?", by(t, GROUPS, |one| of("of the bundle", t, &one.own.bundle_id))),
        ("WorkSpaces per directory", by(t, GROUPS, |one| of("in the directory", t, &one.own.directory_id))),
        ("How many desktops does each team have?", by(t, GROUPS, |one| of_team(team(one)))),
        ("How many WorkSpaces are in Paris?", are(t, " in eu-west-3", |_| false)),
    ];
    asked.extend(usage(t));
    asked.extend(costs(t, bills)?);
    asked.extend(ours(t));
    let [about, accounts, actions, access, reckoned] = HELP;
    asked.extend([
        (
            "Show me the first 3 WorkSpaces in eu-central-1",
            listed(are(t, " in eu-central-1", region(eu)), 3, t, region(eu)),
        ),
        ("What can I ask you?", help(about)),
        ("How do I connect an account?", help(accounts)),
        ("Stop all WorkSpaces in us-east-1", help(actions).says("I start none myself")),
        ("How do I invite somebody?", help(access)),
        ("How are costs reckoned?", help(reckoned)),
        // A model may plan help for it.
        ("What is the meaning of life?", Expected::default()),
    ]);
    Ok(asked)
}

fn usage(t: &Truth) -> Vec<(&'static str, Expected)> {
    let [_, eu] = REGIONS;
    let all = || Expected::of(t.april(|_| true).told(APRIL, ""));
    let longest = || Expected::of(APRIL).largest(5, &ranked(t));
    let regions = REGIONS.map(|region| {
        let slots = t.april(|one| one.region == region).slots;
        (slots, format!("{} in {region}", hours(slots)))
    });
    let unused: Vec<_> = t.desktops.iter().filter(|one| one.april() == 0).map(Desktop::told).collect();
    let unused_said =
        format!("There are {} WorkSpaces that nobody was connected to in April 2026", count(unused.len()));
    let mut teams = BTreeMap::<&str, i64>::new();
    for one in &t.desktops {
        *teams.entry(team(one)).or_default() += one.april();
    }
    teams.retain(|_, slots| *slots > 0);
    let teams: Vec<_> =
        teams.iter().map(|(name, slots)| (*slots, format!("{} {}", hours(*slots), of_team(name).1))).collect();
    let may = t.running();
    let this_month = || Expected::default().among(1, may.iter().map(|used| used.told("In May 2026", "")));
    let april = t.april(|_| true).slots;
    let differences = may.iter().map(|used| {
        let word = if used.slots < april { "less" } else { "more" };
        format!("the time asked about first has {} {word}", hours((used.slots - april).abs()))
    });
    let compared = this_month().says(format!("In April 2026 it was {}", hours(april))).among(1, differences);
    vec![
        ("How many hours were the WorkSpaces used last month?", all()),
        ("by region?", all().largest(GROUPS, &regions)),
        ("How many hours were the desktops used in April?", all()),
        (
            "Usage in eu-central-1 in April",
            Expected::of(t.april(|one| one.region == eu).told(APRIL, " in eu-central-1")),
        ),
        ("Who used their WorkSpace the most last month?", longest()),
        ("top 5 users by hours in April", longest()),
        ("Which WorkSpaces were never used last month?", Expected::of(unused_said).among(unused.len().min(5), unused)),
        ("How many sessions were there in April?", all()),
        ("Usage per team in April", all().largest(GROUPS, &teams)),
        ("connected hours per day last week", last_week(t)),
        ("How many hours were the WorkSpaces used this month?", this_month()),
        ("compared with last month?", compared),
    ]
}

/// Every day of the week before this one, which ends on Sunday.
fn last_week(t: &Truth) -> Expected {
    let monday = i64::from(t.now.weekday().num_days_from_monday());
    let (first, last, after) = (t.day(monday + 7), t.day(monday + 1), t.day(monday));
    let when = format!("From {first} to {last}");
    let all = Expected::of(t.used(|_| true, midnight(first), midnight(after)).told(&when, ""));
    (1..=7).map(|back| t.day(monday + back)).fold(all, |said, day| {
        let slots = t.used(|_| true, midnight(day), midnight(day) + 86_400).slots;
        // A day on which nobody was connected is not told.
        if slots == 0 { said } else { said.says(format!("{} on {day}", hours(slots))) }
    })
}

fn costs(t: &Truth, bills: &Bills<'_>) -> Result<Vec<(&'static str, Expected)>> {
    let whole = t.cost(None)?;
    let [us, eu] = [t.cost(Some(REGIONS[0]))?, t.cost(Some(REGIONS[1]))?];
    let spent = || Expected::of(format!("{APRIL} AWS billed {whole}"));
    let teams = t.teams.iter().map(|(name, amount)| (*amount, format!("{} {}", money(*amount), of_team(name).1)));
    let teams: Vec<_> = teams.collect();
    let first = april().first_day();
    let per_day = by_day(&t.books, first, first + TimeDelta::days(2))?;
    Ok(vec![
        ("What did we spend last month?", spent()),
        ("by region?", spent().says(format!("{us} in us-east-1")).says(format!("{eu} in eu-central-1"))),
        ("What did we pay in April?", spent()),
        ("What did us-east-1 cost in April?", Expected::of(format!("{APRIL} AWS billed in us-east-1 {us}"))),
        ("What did eu-central-1 cost in April?", Expected::of(format!("{APRIL} AWS billed in eu-central-1 {eu}"))),
        ("Which account cost the most last month?", spent().says(format!("Most was: {whole} in the account Demo"))),
        (
            "How much have we spent so far this month?",
            Expected::of(format!("In May 2026 AWS billed {}, so far", total(bills.may, None)?)),
        ),
        ("Cost by team in April", spent().largest(GROUPS, &teams)),
        ("costs per day between 1 and 3 April", per_day),
        ("What will this month cost?", forecast(bills.march)?),
        ("Where can we save money?", bills.savings.clone()),
        ("Which WorkSpaces should be AutoStop?", bills.savings.clone()),
    ])
}

/// What happened, in AWS and here. Of our own log, jobs and reads AWS's books know nothing, and all three move while they are
/// asked about: their counts are bounded, and their times lie within the test.
fn ours(t: &Truth) -> Vec<(&'static str, Expected)> {
    let begun: DateTime<Utc> = START.parse().expect("a time");
    let minutes = (t.now - begun).num_minutes() + 60;
    let times = || (-1..=minutes).map(move |minute| FactValue::Time(begun + TimeDelta::minutes(minute)).to_string());
    let today = t.day(0);
    let entries = (t.entries..=t.entries + MORE_ENTRIES)
        .map(|entries| format!("On {today} the audit log has {} entries", FactValue::Count(entries.unsigned_abs())));
    let one_or = |count: i64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let waiting = (0..=t.waiting + MORE_JOBS).map(|count| one_or(count, "job is waiting", "jobs are waiting"));
    let running = (0..=MORE_JOBS).map(|count| one_or(count, "is running", "are running"));
    vec![
        ("What happened in AWS yesterday?", events(t, None)),
        ("and in eu-central-1?", events(t, Some("eu-central-1"))),
        ("Who did what in Wheelhouse today?", Expected::default().among(1, entries).may(times())),
        ("Which jobs failed?", Expected::of("0 are dead").among(1, waiting).among(1, running).may(times())),
        (
            "How fresh is the data?",
            Expected::of(format!("{DATA_SETS} data sets in all: {DATA_SETS} whole")).may(times()),
        ),
    ]
}

/// How many events there were yesterday, and the newest.
fn events(t: &Truth, region: Option<&str>) -> Expected {
    let events = t.events.iter().filter(|event| region.is_none_or(|region| region == event.region));
    let events: Vec<_> = events.map(|event| (event.at, event.told.clone())).collect();
    let (day, place) = (t.day(1), region.map(|region| format!(" in {region}")).unwrap_or_default());
    let said = match events.len() {
        0 => format!("On {day} there were no events in AWS that changed something{place}"),
        1 => format!("On {day} there was 1 event in AWS that changed something{place}"),
        some => format!("On {day} there were {} events in AWS that changed something{place}", count(some)),
    };
    Expected::of(said).largest(5, &events)
}

/// That page of help and none of the others, without a figure.
fn help(page: &str) -> Expected {
    Expected::of(page).among(1, HELP.map(str::to_owned))
}

/// How many WorkSpaces there are of those that fit, with what they are narrowed to.
fn are(t: &Truth, narrow: &str, fits: impl Fn(&Desktop) -> bool) -> Expected {
    Expected::of(match t.desktops.iter().filter(|one| fits(one)).count() {
        0 => format!("There are no WorkSpaces{narrow}, of {} in all", count(t.desktops.len())),
        1 => format!("There is 1 WorkSpace{narrow}"),
        some => format!("There are {} WorkSpaces{narrow}", count(some)),
    })
}

/// With so many of those that fit; which ones is not looked at.
fn listed(said: Expected, most: usize, t: &Truth, fits: impl Fn(&Desktop) -> bool) -> Expected {
    let names: Vec<_> = t.desktops.iter().filter(|one| fits(one)).map(Desktop::told).collect();
    said.among(names.len().min(most), names)
}

/// All of them and each group, of which the largest are told and the rest summed up.
fn by(t: &Truth, most: usize, group: impl Fn(&Desktop) -> (String, String)) -> Expected {
    let mut groups = BTreeMap::<(String, String), usize>::new();
    for one in &t.desktops {
        *groups.entry(group(one)).or_default() += 1;
    }
    let told =
        |((_, said), number): (&(String, String), &usize)| (*number as i64, format!("{} {said}", count(*number)));
    let phrases: Vec<_> = groups.iter().map(told).collect();
    let said = are(t, "", |_| true).largest(most, &phrases);
    let mut numbers: Vec<usize> = groups.into_values().collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    match numbers.get(GROUPS..).filter(|rest| most == GROUPS && !rest.is_empty()) {
        None => said,
        Some(rest) => {
            let word = if rest.len() == 1 { "group" } else { "groups" };
            said.says(format!("The others: {}, in {} more {word}", count(rest.iter().sum()), rest.len()))
        }
    }
}

/// A group of a value: what tells it apart, and how it is told.
fn plain(words: &str, value: &str) -> (String, String) {
    (value.to_owned(), format!("{words} {value}"))
}

fn by_region(one: &Desktop) -> (String, String) {
    plain("in", one.region)
}

fn by_state(one: &Desktop) -> (String, String) {
    plain("in state", &one.state)
}

fn by_compute(one: &Desktop) -> (String, String) {
    let known = ComputeType::from(one.own.compute_type).is_known();
    plain(if known { "of type" } else { "in" }, one.own.compute_type)
}

/// A group of an id, told by its name; two regions have bundles of the same name.
fn of(words: &str, t: &Truth, id: &str) -> (String, String) {
    (id.to_owned(), format!("{words} {}", t.name(id)))
}

fn team(one: &Desktop) -> &str {
    one.own.tags.get("Team").map_or("", String::as_str)
}

fn of_team(name: &str) -> (String, String) {
    if name.is_empty() { (String::new(), "without a team".to_owned()) } else { plain("of the team", name) }
}

/// Every WorkSpace that was used in April, with its person and for how long.
fn ranked(t: &Truth) -> Vec<(i64, String)> {
    let used = t.desktops.iter().map(|one| (one.april(), one)).filter(|(slots, _)| *slots > 0);
    used.map(|(slots, one)| (slots, format!("{} with {}", one.told(), hours(slots)))).collect()
}
