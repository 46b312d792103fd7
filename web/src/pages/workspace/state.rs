//! The tabs of the detail, as they stand in the address. Pure.

use crate::format::query_pairs;

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailTab {
    /// What matters first.
    Overview,
    /// How it is set up.
    Configuration,
    /// Its tags.
    Tags,
    /// What happened to it.
    History,
}

impl DetailTab {
    /// In order.
    pub const ALL: &'static [Self] = &[Self::Overview, Self::Configuration, Self::Tags, Self::History];

    /// Its text in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Configuration => "configuration",
            Self::Tags => "tags",
            Self::History => "history",
        }
    }

    /// The tab an address asks for; the overview when it asks for none that there is.
    pub fn of(search: &str) -> Self {
        let asked = query_pairs(search).into_iter().find(|(key, _)| key == "tab").map(|(_, value)| value);
        Self::ALL.iter().copied().find(|tab| Some(tab.key()) == asked.as_deref()).unwrap_or(Self::Overview)
    }

    /// Its address on a page.
    pub fn href(self, path: &str) -> String {
        if self == Self::Overview { path.to_owned() } else { format!("{path}?tab={}", self.key()) }
    }
}

#[cfg(test)]
mod tests {
    use super::DetailTab;

    #[test]
    fn tabs_survive_the_address() {
        for &tab in DetailTab::ALL {
            let href = tab.href("/workspaces/7");
            assert_eq!(DetailTab::of(href.split_once('?').map_or("", |(_, s)| s)), tab);
        }
        assert_eq!(DetailTab::of("?tab=shoes"), DetailTab::Overview);
    }
}
