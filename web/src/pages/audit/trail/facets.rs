//! The facets of the events: which part of the query each filters. Several values each. Pure but for the reader's clock.

use contract::lists::{list_of, listed};
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

    /// The values chosen.
    pub fn values(self, query: &TrailQuery) -> Vec<String> {
        let text = match self {
            Self::Name => &query.name,
            Self::Actor => &query.actor,
            Self::Region => &query.region,
            Self::Account => &query.account,
            Self::Outcome => &query.outcome,
        };
        listed(text.as_deref())
    }

    /// Chooses a value beside the others; one that is chosen is taken back.
    pub fn toggle(self, query: &mut TrailQuery, value: &str) {
        let mut values = self.values(query);
        match values.iter().position(|one| one == value) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value.to_owned()),
        }
        let text = match self {
            Self::Name => &mut query.name,
            Self::Actor => &mut query.actor,
            Self::Region => &mut query.region,
            Self::Account => &mut query.account,
            Self::Outcome => &mut query.outcome,
        };
        *text = list_of(&values);
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

    /// The values to choose from: those of the events, and what is chosen though none has it.
    pub fn options(self, facets: &TrailFacetsView, query: &TrailQuery) -> Vec<FacetOption> {
        let known = self.known(facets);
        let option = |value: &TrailFacetValue| FacetOption {
            value: value.value.clone(),
            label: self.words(&value.value, &value.label),
            count: value.count,
        };
        let chosen = self.values(query).into_iter().filter(|value| !known.iter().any(|one| one.value == *value));
        let missing = chosen.map(|value| FacetOption { label: self.words(&value, ""), value, count: 0 });
        known.iter().map(option).chain(missing).collect()
    }
}

/// The query of which the values are counted: the list's, wherever its page begins.
pub fn unpaged(query: &TrailQuery) -> TrailQuery {
    TrailQuery { limit: None, cursor: None, ..query.clone() }
}

/// What filters now.
pub fn chips(query: &TrailQuery, facets: &TrailFacetsView) -> Vec<Chip> {
    let mut chips = Vec::new();
    for facet in Facet::ALL {
        for value in facet.values(query) {
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
            name: Some("StopWorkspaces,StartWorkspaces".into()),
            outcome: Some("refused".into()),
            account: Some(id.into()),
            workspace: id.parse().ok(),
            ..TrailQuery::default()
        };
        let account = TrailFacetValue { value: id.into(), label: "Demo".into(), count: 3 };
        let facets = TrailFacetsView { account: vec![account], ..TrailFacetsView::default() };
        let all = chips(&query, &facets);
        let labels: Vec<_> = all.iter().map(|chip| chip.label.as_str()).collect();
        assert_eq!(labels, ["StopWorkspaces", "StartWorkspaces", "Demo", "Refused", "0190b6a0"]);
        for chip in &all {
            without(&mut query, chip);
        }
        assert_eq!(query, TrailQuery::default());
    }

    #[test]
    fn several_values_are_chosen_and_taken_back() {
        let mut query = TrailQuery { limit: Some(25), cursor: Some("x".into()), ..TrailQuery::default() };
        for who in ["ada", "last, first", "CORP\\bob"] {
            Facet::Actor.toggle(&mut query, who);
        }
        assert_eq!(Facet::Actor.values(&query), ["ada", "last, first", "CORP\\bob"]);
        let known = TrailFacetValue { value: "ada".into(), label: "ada".into(), count: 3 };
        let known = TrailFacetsView { actor: vec![known], ..TrailFacetsView::default() };
        let options = Facet::Actor.options(&known, &query);
        let options: Vec<_> = options.iter().map(|one| (one.label.as_str(), one.count)).collect();
        assert_eq!(options, [("ada", 3), ("last, first", 0), ("CORP\\bob", 0)]);
        // What is counted has every filter, and no place in the list.
        let counted = unpaged(&query);
        assert_eq!((counted.limit, &counted.cursor, &counted.actor), (None, &None, &query.actor));
        for who in ["CORP\\bob", "ada", "last, first"] {
            Facet::Actor.toggle(&mut query, who);
        }
        assert_eq!(query.actor, None);
    }

    #[test]
    fn a_kept_single_value_is_a_list_of_one() {
        let query = TrailQuery { actor: Some("Admin/ada@example.com".into()), ..TrailQuery::default() };
        assert_eq!(Facet::Actor.values(&query), ["Admin/ada@example.com"]);
    }
}
