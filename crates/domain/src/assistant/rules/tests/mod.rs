//! Tables of questions with the plans they are given. A plan is written as one line: the tool, then what is said of it.

mod activity;
mod dates;
mod fleet;
mod follow;
mod money;
mod properties;
mod refused;
mod sixty;

use chrono::NaiveDate;

use super::{Lexicon, plan};
use crate::assistant::{Call, Period, Plan};

pub(super) fn today() -> NaiveDate {
    "2026-11-21".parse().unwrap()
}

pub(super) fn lexicon() -> Lexicon {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Lexicon {
        accounts: texts(&["Northwind Production", "Sandbox", "Power"]),
        regions: texts(&["us-east-1", "eu-central-1"]),
        bundles: pairs(&[
            ("wsb-standardus", "Standard with Windows 10 (Server 2022 based)"),
            ("wsb-standardeu", "Standard with Windows 10 (Server 2022 based)"),
            ("wsb-linux", "Standard with Amazon Linux 2"),
            ("wsb-ubuntu", "Power with Ubuntu 22.04"),
            ("wsb-dev", "Northwind developer workstation"),
        ]),
        directories: pairs(&[
            ("d-90670a1b2c", "corp.us.northwind.example"),
            ("d-99670a1b2c", "corp.eu.northwind.example"),
            ("d-93670a1b2c", "studio.us.northwind.example"),
        ]),
        states: texts(&["AVAILABLE", "STOPPED", "MIGRATING_HOST"]),
        running_modes: texts(&["AUTO_STOP", "ALWAYS_ON"]),
        compute_types: texts(&["STANDARD", "POWER", "GRAPHICS_G6"]),
        tags: pairs(&[("Team", "Engineering"), ("Team", "Data"), ("Team", "Design"), ("Team", "Customer Success")]),
    }
}

/// The plan in one line; `-` for none.
pub(super) fn told(plan: Option<&Plan>) -> String {
    plan.map_or_else(|| "-".to_owned(), |plan| plan.calls.iter().map(call_line).collect::<Vec<_>>().join(" + "))
}

fn call_line(call: &Call) -> String {
    let mut line = vec![call.tool.to_string()];
    let mut say = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            line.push(format!("{name}={}", values.join(",")));
        }
    };
    let filters = &call.filters;
    say("state", filters.states.iter().map(ToString::to_string).collect());
    say("mode", filters.running_modes.iter().map(ToString::to_string).collect());
    say("compute", filters.compute_types.iter().map(ToString::to_string).collect());
    say("connection", filters.connections.iter().map(ToString::to_string).collect());
    say("region", filters.regions.clone());
    say("account", filters.accounts.clone());
    say("bundle", filters.bundles.clone());
    say("directory", filters.directories.clone());
    say("words", filters.words.iter().cloned().collect());
    say("tag", filters.tag.iter().map(|(key, value)| format!("{key}:{}", value.as_deref().unwrap_or("*"))).collect());
    say("in", call.period.iter().map(period).collect());
    say("against", call.compared_with.iter().map(period).collect());
    say("by", call.by.iter().map(ToString::to_string).collect());
    say(
        "measure",
        (call.measure != crate::assistant::Measure::All).then(|| call.measure.to_string()).into_iter().collect(),
    );
    say("top", (call.top > 0).then(|| call.top.to_string()).into_iter().collect());
    say("workspace", call.workspace.iter().cloned().collect());
    say("page", call.help.iter().map(ToString::to_string).collect());
    line.join(" ")
}

fn period(period: &Period) -> String {
    match period {
        Period::Month(month) => month.to_string(),
        Period::Days(from, to) => format!("{from}..{to}"),
    }
}

/// Asks each question by itself. All that differ are told at once.
pub(super) fn expect(table: &[(&str, &str)]) {
    let lexicon = lexicon();
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(question, expected)| {
            let told = told(plan(question, &lexicon, today(), None).as_ref());
            (told != *expected).then(|| format!("{question}\n  expected {expected}\n  got      {told}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

/// Asks the questions of a conversation one after the other. What is not understood is not gone on from.
pub(super) fn converse(conversations: &[&[(&str, &str)]]) {
    let lexicon = lexicon();
    let mut wrong = Vec::new();
    for conversation in conversations {
        let mut previous: Option<Plan> = None;
        for (question, expected) in *conversation {
            let found = plan(question, &lexicon, today(), previous.as_ref());
            let told = told(found.as_ref());
            if told != *expected {
                wrong.push(format!("{question}\n  expected {expected}\n  got      {told}"));
            }
            previous = found.or(previous);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
