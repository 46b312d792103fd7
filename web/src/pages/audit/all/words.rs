//! What happened in words, and where it is told in full. Pure.

use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityQuery};
use domain::activity::ActivitySource;

use crate::components::ui::filter_bar::Chip;
use crate::pages::audit::log::words::{action_words, who_words};
use crate::pages::audit::short::workspace_chip;

/// What the record is called that tells something.
pub fn source_words(source: ActivitySource) -> &'static str {
    match source {
        ActivitySource::Wheelhouse => "Wheelhouse",
        ActivitySource::Aws => "AWS",
    }
}

/// What was done: an action of our own log in words, a call of AWS by its name.
pub fn what_words(item: &ActivityItemView) -> String {
    match item.source {
        ActivitySource::Wheelhouse => action_words(&item.what),
        ActivitySource::Aws => item.what.clone(),
    }
}

/// Who did it.
pub fn doer_words(item: &ActivityItemView) -> String {
    match &item.actor_kind {
        Some(kind) => who_words(item.who.clone(), item.actor_id, kind),
        None => item.who.clone().unwrap_or_else(|| "–".to_owned()),
    }
}

/// The address where it is told in full: the drawer of its own list.
pub fn address(item: &ActivityItemView) -> Option<String> {
    match item.source {
        ActivitySource::Wheelhouse => item.audit_seq.map(|seq| format!("/audit/log?entry={seq}")),
        ActivitySource::Aws => item.trail_event_id.map(|id| format!("/audit?event={id}")),
    }
}

/// What is not shown to the reader, in sentences; `None` where everything is.
pub fn left_out_words(left_out: &[ActivityLeftOutView]) -> Option<String> {
    let sentence = |out: &ActivityLeftOutView| {
        let what = match out.source {
            ActivitySource::Wheelhouse => "What was done in Wheelhouse is",
            ActivitySource::Aws => "What was done in AWS is",
        };
        format!("{what} not shown: that needs the permission {} on everything.", out.needs.as_str())
    };
    (!left_out.is_empty()).then(|| left_out.iter().map(sentence).collect::<Vec<_>>().join(" "))
}

/// What filters now, but for the days.
pub fn chips(query: &ActivityQuery) -> Vec<Chip> {
    query.workspace.map(workspace_chip).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use domain::access::Permission;

    use super::*;

    #[test]
    fn what_is_left_out_is_said_with_what_it_needs() {
        assert_eq!(left_out_words(&[]), None);
        let out = ActivityLeftOutView { source: ActivitySource::Wheelhouse, needs: Permission::AuditRead };
        let words = left_out_words(&[out]).unwrap();
        assert!(words.contains("in Wheelhouse is not shown") && words.contains("audit:read on everything"), "{words}");
    }

    #[test]
    fn a_workspace_is_a_chip() {
        assert_eq!(chips(&ActivityQuery::default()), []);
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let found = chips(&ActivityQuery { workspace: id.parse().ok(), ..ActivityQuery::default() });
        let told: Vec<_> = found.iter().map(|chip| (chip.label.as_str(), chip.value.as_str())).collect();
        assert_eq!(told, [("0190b6a0", id)]);
    }
}
