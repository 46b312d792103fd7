//! The address of the jobs list. Pure.

use contract::jobs::JobQuery;
use contract::page::MAX_LIMIT;
use domain::jobs::JobState;

use crate::format::{query_pairs, sentence};
use crate::state::url_list::ListQuery;

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
    "sync-images",
    "sync-quotas",
    "workspace-action",
    "watch-workspaces",
    "run-report",
    "deliver-report",
    "budget-mail",
    "prune",
    "audit-checkpoint",
    "audit-verify",
    "backup",
];

impl ListQuery for JobQuery {
    fn cursor(&mut self) -> &mut Option<String> {
        &mut self.cursor
    }

    fn read(search: &str) -> (Self, Vec<String>) {
        parse(search)
    }
}

/// Reads an address's query string; what is unknown is left out, and told as the second.
pub fn parse(search: &str) -> (JobQuery, Vec<String>) {
    let (mut query, mut left_out) = (JobQuery::default(), Vec::new());
    for (key, value) in query_pairs(search).into_iter().filter(|(_, value)| !value.is_empty()) {
        match key.as_str() {
            "state" => {
                let named = value.split(',').filter(|s| !s.is_empty());
                let (known, unknown): (Vec<_>, Vec<_>) = named.partition(|s| s.parse::<JobState>().is_ok());
                query.state = Some(known.join(",")).filter(|s| !s.is_empty());
                left_out.extend(unknown.into_iter().map(|s| format!("state={s}")));
            }
            "kind" => query.kind = Some(value),
            "limit" => {
                query.limit = value.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n));
                if query.limit.is_none() {
                    left_out.push(format!("limit={value}"));
                }
            }
            "cursor" => query.cursor = Some(value),
            _ => left_out.push(format!("{key}={value}")),
        }
    }
    (query, left_out)
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
            let (read, left_out) = parse(path(&query).trim_start_matches("/jobs"));
            assert_eq!((&read, left_out.len()), (&query, 0));
            assert_eq!(filter_key(&read), filter.key);
        }
        let told = vec!["state=asleep".to_owned(), "x=1".to_owned()];
        assert_eq!(parse("?state=asleep&x=1&kind="), (JobQuery::default(), told));
        let (some, left_out) = parse("?state=done,asleep,&kind=prune");
        assert_eq!((some.state.as_deref(), some.kind.as_deref()), (Some("done"), Some("prune")));
        assert_eq!(left_out, ["state=asleep"]);
    }

    #[test]
    fn the_size_of_the_page_stays_in_the_address() {
        let (query, _) = parse("?kind=prune&limit=7&cursor=abc");
        assert_eq!((query.limit, query.cursor.as_deref()), (Some(7), Some("abc")));
        assert_eq!(parse(path(&query).trim_start_matches("/jobs")).0, query);
        for wrong in ["0", "201", "-1", "many"] {
            let told = vec![format!("limit={wrong}")];
            assert_eq!(parse(&format!("?limit={wrong}")), (JobQuery::default(), told));
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
        let (active, _) = parse("?state=queued,running");
        assert!(belongs(&active, kind, JobState::Running) && !belongs(&active, kind, JobState::Done));
        let (actions, _) = parse("?kind=workspace-action");
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
