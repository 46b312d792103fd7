//! Groups in words: how a row is told apart from its neighbours. Values that AWS documents are words of ours; every other is text
//! from AWS, and so a fact of its own.

use domain::assistant::{Dimension, FactValue, Facts, Sentence};
use domain::ids::Region;
use domain::usage::Month;
use domain::workspace::{ComputeType, ConnectionState, RunningMode, WorkspaceState};
use store::repo::workspaces::WorkspaceGroup;

use super::say::text;

/// The tag that names somebody's team.
pub(super) const TEAM: &str = "Team";

/// What WorkSpaces are told apart by; `None` for what they are not: time, and themselves.
pub(super) fn workspace_group(by: Dimension) -> Option<WorkspaceGroup> {
    Some(match by {
        Dimension::State => WorkspaceGroup::State,
        Dimension::RunningMode => WorkspaceGroup::RunningMode,
        Dimension::Region => WorkspaceGroup::Region,
        Dimension::Account => WorkspaceGroup::Account,
        Dimension::Bundle => WorkspaceGroup::Bundle,
        Dimension::Directory => WorkspaceGroup::Directory,
        Dimension::ComputeType => WorkspaceGroup::ComputeType,
        Dimension::Connection => WorkspaceGroup::Connection,
        Dimension::Team => WorkspaceGroup::Tag(TEAM.to_owned()),
        Dimension::Day | Dimension::Month | Dimension::Workspace => return None,
    })
}

/// What figures are told apart by, in words.
pub(super) fn words(by: Dimension) -> &'static str {
    match by {
        Dimension::State => "state",
        Dimension::RunningMode => "running mode",
        Dimension::Region => "region",
        Dimension::Account => "account",
        Dimension::Bundle => "bundle",
        Dimension::Directory => "directory",
        Dimension::ComputeType => "compute type",
        Dimension::Connection => "connection",
        Dimension::Day => "day",
        Dimension::Month => "month",
        Dimension::Workspace => "WorkSpace",
        Dimension::Team => "team",
    }
}

/// A group, ready to be said.
pub(super) struct Group {
    /// Behind its figure: `in eu-west-1`.
    pub(super) said: Sentence,
    /// What tells its figure from its neighbours'.
    pub(super) terms: Vec<String>,
    /// What its figure is about, in our words: `in eu-west-1`, `in account 2`.
    pub(super) about: String,
}

impl Group {
    /// Adds the figure of the group.
    pub(super) fn add(&self, facts: &mut Facts, what: &str, value: FactValue) -> usize {
        let terms: Vec<_> = self.terms.iter().map(String::as_str).collect();
        facts.add(format!("{what} {}", self.about), &terms, value)
    }
}

/// The group with that value and name, the `number`th of its list. Adds the name as a fact where it is text from AWS.
pub(super) fn group(facts: &mut Facts, by: Dimension, key: &str, label: &str, number: usize) -> Group {
    let ours = |words: &str, value: &str| Group {
        said: Sentence::new().words(format!("{words} {value}")),
        terms: vec![value.to_lowercase()],
        about: format!("{words} {value}"),
    };
    if key.is_empty() {
        let what = words(by);
        return Group {
            said: Sentence::new().words(format!("without a {what}")),
            terms: vec!["without".to_owned()],
            about: format!("without a {what}"),
        };
    }
    let known = match by {
        Dimension::State => WorkspaceState::from(key).is_known().then(|| ours("in state", key)),
        Dimension::RunningMode => RunningMode::from(key).is_known().then(|| ours("in", key)),
        Dimension::ComputeType => ComputeType::from(key).is_known().then(|| ours("of type", key)),
        Dimension::Connection => ConnectionState::from(key).is_known().then(|| ours("with connection", key)),
        Dimension::Region => key.parse::<Region>().is_ok().then(|| ours("in", key)),
        Dimension::Day => key.parse().ok().map(|day| Group {
            said: Sentence::new().words("on ").fact(facts.add("day", &[], FactValue::Date(day))),
            terms: vec![key.to_owned()],
            about: format!("on {key}"),
        }),
        Dimension::Month => key.parse::<Month>().ok().map(|month| Group {
            said: Sentence::new().words("in ").fact(facts.add("month", &[], FactValue::Month(month))),
            terms: vec![FactValue::Month(month).to_string().to_lowercase()],
            about: format!("in {}", FactValue::Month(month)),
        }),
        Dimension::Account | Dimension::Bundle | Dimension::Directory | Dimension::Team | Dimension::Workspace => None,
    };
    known.unwrap_or_else(|| {
        let what = words(by);
        let at = text(facts, format!("{what} {number}"), label);
        let words = match by {
            Dimension::Bundle => "of the bundle ",
            Dimension::Team => "of the team ",
            Dimension::Account => "in the account ",
            Dimension::Directory => "in the directory ",
            _ => "in ",
        };
        Group {
            said: Sentence::new().words(words).fact(at),
            terms: vec![label.to_lowercase()],
            about: format!("in {what} {number}"),
        }
    })
}
