//! What happened in words, and where it is told in full. Pure.

use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityQuery};
use domain::activity::ActivitySource;

use crate::components::ui::filter_bar::Chip;
use crate::format::sentence;
use crate::pages::audit::log::words::{action_words, who_words};
use crate::pages::audit::short::workspace_chip;

/// The records that the list can be narrowed to, with their words.
pub const SOURCES: [(&str, &str); 3] =
    [("", "In AWS and in Wheelhouse"), ("aws", "In AWS alone"), ("wheelhouse", "In Wheelhouse alone")];

/// The outcomes that the list can be narrowed to, with their words.
pub const OUTCOMES: [(&str, &str); 4] =
    [("", "Every outcome"), ("done", "Done"), ("refused", "Refused"), ("failed", "Failed")];

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

/// What filters now, but for the days and for looks, whose fields show it.
pub fn chips(query: &ActivityQuery) -> Vec<Chip> {
    let mut chips = Vec::new();
    if let Some(source) = &query.source {
        let known = source.parse::<ActivitySource>().map(source_words);
        let label = known.map_or_else(|_| source.clone(), str::to_owned);
        chips.push(Chip { key: "source", facet: "Where", value: source.clone(), label });
    }
    if let Some(outcome) = &query.outcome {
        chips.push(Chip { key: "outcome", facet: "Outcome", value: outcome.clone(), label: sentence(outcome) });
    }
    chips.extend(query.workspace.map(workspace_chip));
    chips
}

/// Takes away what a chip stands for.
pub fn without(query: &mut ActivityQuery, chip: &Chip) {
    match chip.key {
        "source" => query.source = None,
        "outcome" => query.outcome = None,
        _ => query.workspace = None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::access::Permission;
    use domain::audit::Outcome;

    use super::*;

    #[test]
    fn what_is_left_out_is_said_with_what_it_needs() {
        assert_eq!(left_out_words(&[]), None);
        let out = ActivityLeftOutView { source: ActivitySource::Wheelhouse, needs: Permission::AuditRead };
        let words = left_out_words(&[out]).unwrap();
        assert!(words.contains("in Wheelhouse is not shown") && words.contains("audit:read on everything"), "{words}");
    }

    #[test]
    fn chips_lead_back_to_the_plain_list() {
        assert_eq!(chips(&ActivityQuery::default()), []);
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let mut query = ActivityQuery {
            source: Some("aws".to_owned()),
            outcome: Some("refused".to_owned()),
            workspace: id.parse().ok(),
            ..ActivityQuery::default()
        };
        let found = chips(&query);
        let told: Vec<_> = found.iter().map(|chip| (chip.facet, chip.label.as_str(), chip.value.as_str())).collect();
        assert_eq!(told, [("Where", "AWS", "aws"), ("Outcome", "Refused", "refused"), ("WorkSpace", "0190b6a0", id)]);
        for chip in &found {
            without(&mut query, chip);
        }
        assert_eq!(query, ActivityQuery::default());
    }

    #[test]
    fn menus_offer_every_record_and_every_outcome() {
        let sources: BTreeSet<_> = SOURCES[1..].iter().map(|one| one.0).collect();
        assert_eq!(sources, ActivitySource::ALL.iter().map(|one| one.as_str()).collect());
        let outcomes: BTreeSet<_> = OUTCOMES[1..].iter().map(|one| one.0).collect();
        assert_eq!(outcomes, Outcome::ALL.iter().map(|one| one.as_str()).collect());
    }
}
