//! Facts as the tools find them, each with its written sentences.

use chrono::{DateTime, NaiveDate, Utc};

use crate::assistant::{FactValue, Facts, Sentence};
use crate::money::{Currency, Money};
use crate::usage::Month;

pub(super) fn count(number: u64) -> FactValue {
    FactValue::Count(number)
}

pub(super) fn usd(amount: &str) -> FactValue {
    FactValue::Money(Money::parse(amount, Currency::USD).unwrap())
}

pub(super) fn hours(number: &str) -> FactValue {
    FactValue::Hours(number.parse().unwrap())
}

pub(super) fn percent(number: &str) -> FactValue {
    FactValue::Percent(number.parse().unwrap())
}

pub(super) fn text(text: &str) -> FactValue {
    FactValue::Text(text.to_owned())
}

pub(super) fn month(year: i32, month: u32) -> FactValue {
    FactValue::Month(Month::new(year, month).unwrap())
}

pub(super) fn at(text: &str) -> FactValue {
    FactValue::Time(text.parse::<DateTime<Utc>>().unwrap())
}

pub(super) fn day(text: &str) -> FactValue {
    FactValue::Date(text.parse::<NaiveDate>().unwrap())
}

fn words(words: &str) -> Sentence {
    Sentence::new().words(words)
}

/// How many WorkSpaces, by state.
pub(super) fn fleet() -> Facts {
    let mut facts = Facts::default();
    let total = facts.add("WorkSpaces that fit", &[], count(1_204));
    let available = facts.add("WorkSpaces in state AVAILABLE", &["available"], count(892));
    let stopped = facts.add("WorkSpaces in state STOPPED", &["stopped"], count(300));
    let error = facts.add("WorkSpaces in state ERROR", &["error"], count(12));
    facts.sentences.push(words("There are ").fact(total).words(" WorkSpaces."));
    let list = words("By state: ")
        .fact(available)
        .words(" in state AVAILABLE, ")
        .fact(stopped)
        .words(" in state STOPPED and ");
    facts.sentences.push(list.fact(error).words(" in state ERROR."));
    facts
}

/// How many WorkSpaces, by region and state.
pub(super) fn regions() -> Facts {
    let mut facts = Facts::default();
    let total = facts.add("WorkSpaces in all", &["all"], count(1_204));
    let dublin = facts.add("WorkSpaces in eu-west-1", &["eu-west-1"], count(800));
    let virginia = facts.add("WorkSpaces in us-east-1", &["us-east-1"], count(404));
    let dublin_on = facts.add("WorkSpaces in ALWAYS_ON in eu-west-1", &["always_on", "eu-west-1"], count(71));
    let virginia_on = facts.add("WorkSpaces in ALWAYS_ON in us-east-1", &["always_on", "us-east-1"], count(23));
    facts.sentences.push(words("There are ").fact(total).words(" WorkSpaces in all."));
    facts
        .sentences
        .push(words("Most are in eu-west-1: ").fact(dublin).words("; us-east-1 has ").fact(virginia).words("."));
    let on = words("In ALWAYS_ON are ").fact(dublin_on).words(" in eu-west-1 and ").fact(virginia_on);
    facts.sentences.push(on.words(" in us-east-1."));
    facts
}

/// One region was asked about; none is in error there.
pub(super) fn narrowed() -> Facts {
    let mut facts = Facts { context: vec!["eu-west-1".to_owned(), "error".to_owned()], ..Facts::default() };
    let none = facts.add("WorkSpaces that fit", &[], count(0));
    facts.sentences.push(words("There are ").fact_or_no(none).words(" WorkSpaces in state ERROR in eu-west-1."));
    facts
}

/// What was billed in a month, compared with the one before.
pub(super) fn cost() -> Facts {
    let mut facts = Facts::default();
    let april = facts.add("month asked about", &[], month(2026, 4));
    let billed = facts.add("billed in all", &[], usd("112437.4449"));
    let march = facts.add("month asked about", &[], month(2026, 3));
    let before = facts.add("billed in the other time", &["march"], usd("101200"));
    let more = facts.add("difference", &["more"], usd("11237.4449"));
    let share = facts.add("difference, of the other time", &["more"], percent("11.1042"));
    facts.sentences.push(words("In ").fact(april).words(" AWS billed ").fact(billed).words("."));
    let compared = words("In ").fact(march).words(" it was ").fact(before).words("; the time asked about first has ");
    let compared = compared.fact(more).words(" more, which is ").fact(share).words(" more.");
    facts.sentences.push(compared);
    facts
}

/// Costs by team.
pub(super) fn teams() -> Facts {
    let mut facts = Facts { context: vec!["april 2026".to_owned()], ..Facts::default() };
    let mut sentence = words("By team in April 2026: ");
    for (number, (team, amount)) in
        [("Marketing", "4100.5"), ("Research and Development", "812"), ("stopped", "77.25")].iter().enumerate()
    {
        let name = facts.add(format!("team {}", number + 1), &[], text(team));
        let billed = facts.add(format!("billed in team {}", number + 1), &[team], usd(amount));
        let joint = if number == 0 { "" } else { ", " };
        sentence = sentence.words(joint).fact(billed).words(" of the team ").fact(name);
    }
    facts.sentences.push(sentence.words("."));
    facts
}

/// Connected hours of a month, and who had most.
pub(super) fn usage() -> Facts {
    let mut facts = Facts::default();
    let april = facts.add("month asked about", &[], month(2026, 4));
    let time = facts.add("connected time", &[], hours("1619.5"));
    let used = facts.add("WorkSpaces that were connected", &["WorkSpaces"], count(50));
    let sessions = facts.add("sessions", &["sessions"], count(120));
    let total = words("In ").fact(april).words(", ").fact(used).words(" WorkSpaces were connected for ").fact(time);
    facts.sentences.push(total.words(" in all, in ").fact(sessions).words(" sessions."));
    let mut list = words("In April 2026 the WorkSpaces that were connected longest were ");
    for (number, (user, id, time)) in [
        ("maria.lopez", "ws-0a1b2c3d4", "80.5"),
        ("john.doe", "ws-9f8e7d6c5", "60"),
        ("li.wei", "ws-111222333", "7.25"),
    ]
    .iter()
    .enumerate()
    {
        let name = facts.add("user", &[], text(user));
        let desktop = facts.add("WorkSpace of the user before", &[], text(id));
        let time = facts.add("connected time of the user before", &[user], hours(time));
        let joint = ["", ", ", " and "][number];
        list = list.words(joint).fact(name).words(" (").fact(desktop).words(") with ").fact(time);
    }
    facts.sentences.push(list.words("."));
    facts
}

/// WorkSpaces that nobody used.
pub(super) fn unused() -> Facts {
    let mut facts = Facts::default();
    let april = facts.add("month asked about", &[], month(2026, 4));
    let total = facts.add("WorkSpaces that fit", &[], count(7));
    let never = facts.add("WorkSpaces whose usage was never read", &["never"], count(3));
    let first = words("There are ").fact(total).words(" WorkSpaces that nobody was connected to in ").fact(april);
    facts.sentences.push(first.words(", as far as is known."));
    facts.sentences.push(words("The usage of ").fact(never).words(" WorkSpaces was never read."));
    facts
}

/// One WorkSpace.
pub(super) fn one() -> Facts {
    let mut facts = Facts::default();
    let id = facts.add("id of the WorkSpace", &[], text("ws-0a1b2c3d4"));
    let user = facts.add("its user", &[], text("maria.lopez"));
    let state = facts.add("its state", &[], text("STOPPED"));
    let since = facts.add("since when it is in that state", &["since"], at("2026-04-28T09:12:33Z"));
    let first =
        words("").fact(id).words(" belongs to ").fact(user).words(" and is in state ").fact(state).words(" since ");
    facts.sentences.push(first.fact(since).words("."));
    let region = facts.add("its region", &[], text("eu-west-1"));
    let account = facts.add("its account", &[], text("Production"));
    let bundle = facts.add("its bundle", &[], text("Standard with Windows 10"));
    let mode = facts.add("its running mode", &[], text("AUTO_STOP"));
    let second =
        words("It is in ").fact(region).words(" in the account ").fact(account).words(", made from the bundle ");
    facts.sentences.push(second.fact(bundle).words(", with running mode ").fact(mode).words("."));
    let april = facts.add("month asked about", &[], month(2026, 4));
    let time = facts.add("connected time", &["hours"], hours("19.5"));
    let sessions = facts.add("sessions", &["sessions"], count(12));
    let days = facts.add("days on which it was used", &["days"], count(9));
    let third = words("In ").fact(april).words(" it was connected for ").fact(time).words(", in ").fact(sessions);
    facts.sentences.push(third.words(" sessions, on ").fact(days).words(" days."));
    facts
}

/// What the running month will come to.
pub(super) fn forecast() -> Facts {
    let mut facts = Facts::default();
    let november = facts.add("month asked about", &[], month(2026, 11));
    let whole = facts.add("what the month is reckoned to come to", &[], usd("98000"));
    let so_far = facts.add("final so far", &["final"], usd("61250.1"));
    let to = facts.add("last final day", &["final"], day("2026-11-19"));
    let sentence = words("").fact(november).words(" will come to about ").fact(whole).words(": ").fact(so_far);
    facts.sentences.push(sentence.words(" is final up to ").fact(to).words("."));
    facts
}

/// Jobs.
pub(super) fn jobs() -> Facts {
    let mut facts = Facts::default();
    let waiting = facts.add("jobs that wait", &["waiting"], count(3));
    let running = facts.add("jobs that run", &["running"], count(1));
    let dead = facts.add("jobs that are dead: failed for good", &["dead"], count(2));
    let sentence = words("").fact(waiting).words(" jobs are waiting, ").fact(running).words(" is running and ");
    facts.sentences.push(sentence.fact(dead).words(" are dead."));
    let kind = facts.add("dead job 1", &[], text("sync-workspaces"));
    let ended = facts.add("when dead job 1 ended", &["sync-workspaces"], at("2026-11-20T04:05:00Z"));
    let error = facts.add("what went wrong with dead job 1", &[], text("AccessDenied: 9,999 WorkSpaces are lost"));
    let sentence = words("The newest dead job is ").fact(kind).words(", which ended at ").fact(ended).words(": ");
    facts.sentences.push(sentence.fact(error).words("."));
    facts
}

/// All of them.
pub(super) fn every() -> Vec<Facts> {
    vec![fleet(), regions(), narrowed(), cost(), teams(), usage(), unused(), one(), forecast(), jobs()]
}
