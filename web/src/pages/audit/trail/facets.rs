//! The facets of the events: which part of the query each filters. One value each. Pure but for the reader's clock.

use contract::trail::{TrailFacetValue, TrailFacetsView, TrailQuery};

use crate::components::ui::facet_menu::FacetOption;
use crate::components::ui::filter_bar::Chip;
use crate::format::sentence;
use crate::pages::audit::around;
use crate::pages::audit::short::workspace_chip;

/// A facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// The call.
    Name,
    /// Who.
    Actor,
    /// The region.
    Region,
    /// The account.
    Account,
    /// How it ended.
    Outcome,
}

impl Facet {
    /// In the order of the bar.
    pub const ALL: [Self; 5] = [Self::Name, Self::Actor, Self::Region, Self::Account, Self::Outcome];

    /// Its key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Actor => "actor",
            Self::Region => "region",
            Self::Account => "account",
            Self::Outcome => "outcome",
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Call",
            Self::Actor => "Who",
            Self::Region => "Region",
            Self::Account => "Account",
            Self::Outcome => "Outcome",
        }
    }

    /// The value chosen.
    pub fn value(self, query: &TrailQuery) -> Option<String> {
        match self {
            Self::Name => query.name.clone(),
            Self::Actor => query.actor.clone(),
            Self::Region => query.region.clone(),
            Self::Account => query.account.map(|id| id.to_string()),
            Self::Outcome => query.outcome.clone(),
        }
    }

    /// Chooses a value; the one that is chosen is taken back.
    pub fn toggle(self, query: &mut TrailQuery, value: &str) {
        let wanted = if self.value(query).as_deref() == Some(value) { None } else { Some(value.to_owned()) };
        match self {
            Self::Name => query.name = wanted,
            Self::Actor => query.actor = wanted,
            Self::Region => query.region = wanted,
            Self::Account => query.account = wanted.and_then(|id| id.parse().ok()),
            Self::Outcome => query.outcome = wanted,
        }
    }

    fn known(self, facets: &TrailFacetsView) -> &[TrailFacetValue] {
        match self {
            Self::Name => &facets.name,
            Self::Actor => &facets.actor,
            Self::Region => &facets.region,
            Self::Account => &facets.account,
            Self::Outcome => &facets.outcome,
        }
    }

    fn words(self, value: &str, label: &str) -> String {
        match self {
            Self::Outcome => sentence(value),
            _ if label.is_empty() => value.to_owned(),
            _ => label.to_owned(),
        }
    }

    /// The values to choose from: those of the events, and the one that is chosen though none has it.
    pub fn options(self, facets: &TrailFacetsView, query: &TrailQuery) -> Vec<FacetOption> {
        let known = self.known(facets);
        let option = |value: &TrailFacetValue| FacetOption {
            value: value.value.clone(),
            label: self.words(&value.value, &value.label),
            count: value.count,
        };
        let chosen = self.value(query).filter(|value| !known.iter().any(|one| one.value == *value));
        let missing = chosen.map(|value| FacetOption { label: self.words(&value, ""), value, count: 0 });
        known.iter().map(option).chain(missing).collect()
    }
}

/// The query of which the values are counted: without what facets narrow it to, so that there is something to choose.
pub fn unnarrowed(query: &TrailQuery) -> TrailQuery {
    let TrailQuery { workspace, changes, from, to, q, .. } = query.clone();
    TrailQuery { workspace, changes, from, to, q, ..TrailQuery::default() }
}

/// What filters now.
pub fn chips(query: &TrailQuery, facets: &TrailFacetsView) -> Vec<Chip> {
    let mut chips = Vec::new();
    for facet in Facet::ALL {
        if let Some(value) = facet.value(query) {
            let label = facet.known(facets).iter().find(|one| one.value == value).map_or("", |one| one.label.as_str());
            chips.push(Chip { key: facet.key(), facet: facet.label(), label: facet.words(&value, label), value });
        }
    }
    chips.extend(query.workspace.map(workspace_chip));
    chips.extend(around::chip(query.from, query.to));
    chips
}

/// Takes away what a chip stands for.
pub fn without(query: &mut TrailQuery, chip: &Chip) {
    match Facet::ALL.into_iter().find(|facet| facet.key() == chip.key) {
        Some(facet) => facet.toggle(query, &chip.value),
        None if chip.key == around::TIME => (query.from, query.to) = (None, None),
        None => query.workspace = None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_lead_back_to_the_plain_list() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let mut query = TrailQuery {
            name: Some("StopWorkspaces".into()),
            outcome: Some("refused".into()),
            account: id.parse().ok(),
            workspace: id.parse().ok(),
            ..TrailQuery::default()
        };
        let account = TrailFacetValue { value: id.into(), label: "Demo".into(), count: 3 };
        let facets = TrailFacetsView { account: vec![account], ..TrailFacetsView::default() };
        let all = chips(&query, &facets);
        let labels: Vec<_> = all.iter().map(|chip| chip.label.as_str()).collect();
        assert_eq!(labels, ["StopWorkspaces", "Demo", "Refused", "0190b6a0"]);
        for chip in &all {
            without(&mut query, chip);
        }
        assert_eq!(query, TrailQuery::default());
    }

    #[test]
    fn a_value_is_chosen_and_taken_back() {
        let mut query = TrailQuery::default();
        Facet::Actor.toggle(&mut query, "ada");
        assert_eq!(query.actor.as_deref(), Some("ada"));
        let chosen = FacetOption { value: "ada".into(), label: "ada".into(), count: 0 };
        assert_eq!(Facet::Actor.options(&TrailFacetsView::default(), &query), [chosen]);
        assert_eq!(unnarrowed(&query), TrailQuery::default());
        Facet::Actor.toggle(&mut query, "ada");
        assert_eq!(query, TrailQuery::default());
    }
}
