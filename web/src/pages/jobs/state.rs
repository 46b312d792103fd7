//! The address of the jobs list. Pure.

use contract::jobs::JobQuery;
use domain::jobs::JobState;

use crate::format::{query_pairs, sentence};

/// A choice of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Tells it from the others.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// The value of `state` in the address.
    pub states: Option<&'static str>,
}

/// The choices.
pub const FILTERS: &[Filter] = &[
    Filter { key: "all", label: "All", states: None },
    Filter { key: "active", label: "Active", states: Some("queued,running") },
    Filter { key: "done", label: "Done", states: Some("done") },
    Filter { key: "dead", label: "Dead", states: Some("dead") },
    Filter { key: "cancelled", label: "Cancelled", states: Some("cancelled") },
];

/// The kinds to choose from: the names of the jobs there are; the empty one stands for all.
pub const KINDS: &[&str] = &["", "sync-workspaces", "workspace-action", "watch-workspaces", "prune"];

/// Reads an address's query string; what is unknown is left out.
pub fn parse(search: &str) -> JobQuery {
    let mut query = JobQuery::default();
    for (key, value) in query_pairs(search) {
        match key.as_str() {
            "state" => {
                let known: Vec<_> = value.split(',').filter(|s| s.parse::<JobState>().is_ok()).collect();
                query.state = Some(known.join(",")).filter(|s| !s.is_empty());
            }
            "kind" => query.kind = Some(value).filter(|k| !k.is_empty()),
            "cursor" => query.cursor = Some(value).filter(|c| !c.is_empty()),
            _ => {}
        }
    }
    query
}

/// The address of a query.
pub fn path(query: &JobQuery) -> String {
    let text = serde_urlencoded::to_string(query).unwrap_or_default();
    if text.is_empty() { "/jobs".to_owned() } else { format!("/jobs?{text}") }
}

/// The key of the choice a query stands for; nothing for a choice of its own.
pub fn filter_key(query: &JobQuery) -> &'static str {
    FILTERS.iter().find(|f| f.states == query.state.as_deref()).map_or("", |f| f.key)
}

/// Whether a job of this kind and state belongs into the list.
pub fn belongs(query: &JobQuery, kind: &str, state: JobState) -> bool {
    let kinds = query.kind.as_deref();
    kinds.is_none_or(|kinds| kinds.split(',').any(|k| k == kind)) && in_states(query, state)
}

fn in_states(query: &JobQuery, state: JobState) -> bool {
    query.state.as_deref().is_none_or(|states| states.split(',').any(|s| s == state.as_str()))
}

/// A job's name in words: `sync-workspaces` is "Sync workspaces".
pub fn kind_words(kind: &str) -> String {
    sentence(&kind.replace('-', " "))
        .replace("workspaces", "WorkSpaces")
        .replace("workspace", "WorkSpace")
        .replace("Workspace", "WorkSpace")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choices_survive_the_address() {
        for filter in FILTERS {
            let query = JobQuery { state: filter.states.map(str::to_owned), ..JobQuery::default() };
            let read = parse(path(&query).trim_start_matches("/jobs"));
            assert_eq!(read, query);
            assert_eq!(filter_key(&read), filter.key);
        }
        assert_eq!(parse("?state=asleep&x=1"), JobQuery::default());
    }

    #[test]
    fn a_job_belongs_where_its_state_and_kind_are_asked_for() {
        let kind = "sync-workspaces";
        assert!(belongs(&JobQuery::default(), kind, JobState::Dead));
        let active = parse("?state=queued,running");
        assert!(belongs(&active, kind, JobState::Running) && !belongs(&active, kind, JobState::Done));
        let actions = parse("?kind=workspace-action");
        assert!(belongs(&actions, "workspace-action", JobState::Done) && !belongs(&actions, kind, JobState::Done));
    }

    #[test]
    fn names_read_as_words() {
        assert_eq!(kind_words("sync-workspaces"), "Sync WorkSpaces");
        assert_eq!(kind_words("workspace-action"), "WorkSpace action");
    }
}
