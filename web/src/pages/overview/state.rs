//! The overview's charts: which part leads where, in which order. Pure.

use contract::workspaces::FacetValue;
use domain::workspace::{WorkspaceState, rules};

use crate::components::charts::Slice;
use crate::components::ui::Tone;
use crate::components::ui::badge::workspace_look;
use crate::format::aws_words;
use crate::pages::workspaces::link_to;

/// The states that want a look, as the API counts them.
const TROUBLED: &[WorkspaceState] =
    &[WorkspaceState::Impaired, WorkspaceState::Unhealthy, WorkspaceState::Error, WorkspaceState::Suspended];

fn list_of<'a>(states: impl Iterator<Item = &'a WorkspaceState>) -> String {
    let names: Vec<_> = states.map(WorkspaceState::as_str).collect();
    format!("/workspaces?state={}", names.join(","))
}

/// The list of those in trouble.
pub fn troubled_link() -> String {
    list_of(TROUBLED.iter())
}

/// The list of those on their way.
pub fn transition_link() -> String {
    list_of(WorkspaceState::KNOWN.iter().filter(|s| rules::in_transition(s)))
}

/// The states: as they should be first, then moving, resting, and trouble last; the larger before the smaller.
pub fn state_slices(values: &[FacetValue]) -> Vec<Slice> {
    let mut slices: Vec<_> = values
        .iter()
        .map(|v| Slice {
            label: aws_words(&v.value),
            count: v.count,
            tone: workspace_look(&WorkspaceState::from(v.value.as_str())).0,
            href: link_to("state", &v.value),
        })
        .collect();
    let rank = |tone: Tone| match tone {
        Tone::Success | Tone::Accent => 0,
        Tone::Info => 1,
        Tone::Neutral => 2,
        Tone::Warning => 3,
        Tone::Danger => 4,
    };
    slices.sort_by_key(|s| (rank(s.tone), std::cmp::Reverse(s.count)));
    slices
}

/// Values of another facet, the larger first.
pub fn slices(facet: &'static str, values: &[FacetValue], words: fn(&str) -> String) -> Vec<Slice> {
    let mut slices: Vec<_> = values
        .iter()
        .map(|v| Slice { label: words(&v.value), count: v.count, tone: Tone::Accent, href: link_to(facet, &v.value) })
        .collect();
    slices.sort_by_key(|s| std::cmp::Reverse(s.count));
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: &str, count: u64) -> FacetValue {
        FacetValue { value: value.into(), label: value.into(), count, directory_id: None }
    }

    #[test]
    fn trouble_comes_last_and_each_part_leads_to_its_list() {
        let slices =
            state_slices(&[value("ERROR", 9), value("STOPPED", 5), value("AVAILABLE", 1), value("STARTING", 2)]);
        let labels: Vec<_> = slices.iter().map(|s| s.label.as_str()).collect();
        assert_eq!(labels, ["Available", "Starting", "Stopped", "Error"]);
        assert_eq!(slices[3].href, "/workspaces?state=ERROR");
    }

    #[test]
    fn links_name_every_state_they_count() {
        assert_eq!(troubled_link(), "/workspaces?state=IMPAIRED,UNHEALTHY,ERROR,SUSPENDED");
        assert!(transition_link().contains("STARTING") && transition_link().contains("UPDATING"));
        assert!(!transition_link().contains("STOPPED"));
    }
}
