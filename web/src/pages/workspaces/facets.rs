//! The facets of the list: which part of the query each filters, and how its values are called.

use contract::workspaces::{FacetValue, WorkspaceFacetsView, WorkspaceQuery};

use super::state::ListUrl;
use crate::components::ui::facet_menu::FacetOption;
use crate::components::ui::filter_bar::Chip;
use crate::format::aws_words;

/// A facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// State.
    State,
    /// Running mode.
    RunningMode,
    /// Compute type.
    Compute,
    /// Region.
    Region,
    /// Connection.
    Connection,
    /// Directory.
    Directory,
    /// Bundle.
    Bundle,
    /// Account.
    Account,
}

impl Facet {
    /// In the order of the filter bar.
    pub const ALL: &'static [Self] = &[
        Self::State,
        Self::RunningMode,
        Self::Compute,
        Self::Region,
        Self::Connection,
        Self::Directory,
        Self::Bundle,
        Self::Account,
    ];

    /// Its key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::RunningMode => "running_mode",
            Self::Compute => "compute_type",
            Self::Region => "region",
            Self::Connection => "connection",
            Self::Directory => "directory",
            Self::Bundle => "bundle",
            Self::Account => "account",
        }
    }

    /// The facet with this key.
    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.key() == key)
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::RunningMode => "Running mode",
            Self::Compute => "Compute",
            Self::Region => "Region",
            Self::Connection => "Connection",
            Self::Directory => "Directory",
            Self::Bundle => "Bundle",
            Self::Account => "Account",
        }
    }

    /// Its part of the query.
    pub fn slot(self, query: &mut WorkspaceQuery) -> &mut Option<String> {
        match self {
            Self::State => &mut query.state,
            Self::RunningMode => &mut query.running_mode,
            Self::Compute => &mut query.compute_type,
            Self::Region => &mut query.region,
            Self::Connection => &mut query.connection,
            Self::Directory => &mut query.directory,
            Self::Bundle => &mut query.bundle,
            Self::Account => &mut query.account,
        }
    }

    /// The values chosen.
    pub fn values(self, query: &WorkspaceQuery) -> Vec<String> {
        let slot = match self {
            Self::State => &query.state,
            Self::RunningMode => &query.running_mode,
            Self::Compute => &query.compute_type,
            Self::Region => &query.region,
            Self::Connection => &query.connection,
            Self::Directory => &query.directory,
            Self::Bundle => &query.bundle,
            Self::Account => &query.account,
        };
        let values = slot.as_deref().unwrap_or_default().split(',');
        values.map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    }

    fn known(self, facets: &WorkspaceFacetsView) -> &[FacetValue] {
        match self {
            Self::State => &facets.state,
            Self::RunningMode => &facets.running_mode,
            Self::Compute => &facets.compute_type,
            Self::Region => &facets.region,
            Self::Connection => &facets.connection,
            Self::Directory => &facets.directory,
            Self::Bundle => &facets.bundle,
            Self::Account => &facets.account,
        }
    }

    /// A value in words; `label` is what the API calls it.
    pub fn words(self, value: &str, label: &str) -> String {
        match self {
            Self::State | Self::RunningMode | Self::Compute | Self::Connection => aws_words(value),
            Self::Region | Self::Directory | Self::Bundle | Self::Account => {
                if label.is_empty() {
                    value.to_owned()
                } else {
                    label.to_owned()
                }
            }
        }
    }

    /// The values to choose from: what the fleet has, and what is chosen though the fleet does not have it.
    pub fn options(self, facets: &WorkspaceFacetsView, query: &WorkspaceQuery) -> Vec<FacetOption> {
        let known = self.known(facets);
        let mut options: Vec<_> = known
            .iter()
            .map(|v| FacetOption { value: v.value.clone(), label: self.words(&v.value, &v.label), count: v.count })
            .collect();
        for value in self.values(query) {
            if !known.iter().any(|v| v.value == value) {
                options.push(FacetOption { label: self.words(&value, ""), value, count: 0 });
            }
        }
        options
    }
}

/// What filters now.
pub fn chips(url: &ListUrl, facets: &WorkspaceFacetsView) -> Vec<Chip> {
    let mut chips = Vec::new();
    for &facet in Facet::ALL {
        for value in facet.values(&url.query) {
            let label = facet.known(facets).iter().find(|v| v.value == value).map_or("", |v| v.label.as_str());
            let label = facet.words(&value, label);
            chips.push(Chip { key: facet.key(), facet: facet.label(), value, label });
        }
    }
    if let Some(tag) = &url.query.tag {
        chips.push(Chip { key: "tag", facet: "Tag", value: tag.clone(), label: tag.clone() });
    }
    if url.query.gone == Some(true) {
        chips.push(Chip {
            key: "gone",
            facet: "Gone from AWS",
            value: "true".to_owned(),
            label: "only these".to_owned(),
        });
    }
    chips
}

/// The list without what a chip stands for.
pub fn without(url: ListUrl, chip: &Chip) -> ListUrl {
    match Facet::by_key(chip.key) {
        Some(facet) => url.toggled(facet, &chip.value),
        None => {
            let mut url = url.at_top();
            match chip.key {
                "tag" => url.query.tag = None,
                "gone" => url.query.gone = None,
                _ => {}
            }
            url
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_lead_back_to_the_plain_list() {
        let mut url = ListUrl::parse("?state=STOPPED,ERROR&directory=d-1&tag=Team%3DOps&gone=true");
        let facets = WorkspaceFacetsView {
            directory: vec![FacetValue {
                value: "d-1".into(),
                label: "corp.example.com".into(),
                count: 3,
                directory_id: None,
            }],
            ..WorkspaceFacetsView::default()
        };
        let all = chips(&url, &facets);
        let labels: Vec<_> = all.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels, ["Stopped", "Error", "corp.example.com", "Team=Ops", "only these"]);
        for chip in &all {
            url = without(url, chip);
        }
        assert_eq!(url, ListUrl::default());
    }

    #[test]
    fn a_chosen_value_the_fleet_lacks_can_still_be_taken_back() {
        let url = ListUrl::parse("?state=SUSPENDED");
        let options = Facet::State.options(&WorkspaceFacetsView::default(), &url.query);
        assert_eq!(options, [FacetOption { value: "SUSPENDED".into(), label: "Suspended".into(), count: 0 }]);
    }
}
