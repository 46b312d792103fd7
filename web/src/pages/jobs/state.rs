//! The address of the jobs list. Pure.

use contract::jobs::JobQuery;
use contract::page::MAX_LIMIT;
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
pub const KINDS: &[&str] = &[
    "",
    "sync-workspaces",
    "sync-directories",
    "sync-connection-status",
    "sync-usage",
    "sync-cloudtrail",
    "sync-billing",
    "sync-prices",
    "workspace-action",
    "watch-workspaces",
    "run-report",
    "deliver-report",
    "prune",
    "audit-checkpoint",
    "audit-verify",
    "backup",
];

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
            "limit" => query.limit = value.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n)),
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

/// What a choice of states leads to: the first page of it, with the kind and the size of the page kept.
pub fn chosen(filter: &Filter, query: &JobQuery) -> JobQuery {
    JobQuery { state: filter.states.map(str::to_owned), kind: query.kind.clone(), limit: query.limit, cursor: None }
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
        .replace("cloudtrail", "CloudTrail")
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
    fn the_size_of_the_page_stays_in_the_address() {
        let query = parse("?kind=prune&limit=7&cursor=abc");
        assert_eq!((query.limit, query.cursor.as_deref()), (Some(7), Some("abc")));
        assert_eq!(parse(path(&query).trim_start_matches("/jobs")), query);
        for wrong in ["0", "201", "-1", "many", ""] {
            assert_eq!(parse(&format!("?limit={wrong}")), JobQuery::default(), "{wrong}");
        }
        for filter in FILTERS {
            let to = chosen(filter, &query);
            assert_eq!((to.limit, to.kind.as_deref(), to.cursor), (Some(7), Some("prune"), None));
            assert_eq!(to.state.as_deref(), filter.states);
        }
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
        assert_eq!(kind_words("sync-cloudtrail"), "Sync CloudTrail");
    }

    #[test]
    fn every_sync_can_be_filtered_by() {
        for kind in domain::sync::SyncKind::ALL {
            assert!(KINDS.contains(&kind.as_str()), "{kind}");
        }
    }
}
