//! The page's address: which days, which account, how they are told apart, which month is looked at closely. Pure.

use contract::costs::{CostDaysQuery, CostGroupsQuery, CostQuery, GROUPS, TAG_GROUP};
use domain::ids::AccountId;
use domain::usage::Month;

use crate::format::query_pairs;
use crate::pages::usage::Period;

/// How costs are told apart when nothing is said.
pub const DEFAULT_BY: &str = "usage_type";

/// Where the reader is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostUrl {
    /// The days; the last 30 when absent.
    pub period: Option<Period>,
    /// Only this account.
    pub account: Option<AccountId>,
    /// How costs are told apart; [`DEFAULT_BY`] when absent.
    pub by: Option<String>,
    /// The month that is compared and reckoned; the one before the running one when absent.
    pub month: Option<Month>,
}

impl CostUrl {
    /// Reads an address's query string. What is unknown or wrong is left out, so that an old link still shows something.
    pub fn parse(search: &str) -> Self {
        let mut url = Self::default();
        let (mut from, mut to) = (None, None);
        for (key, value) in query_pairs(search) {
            let value = value.trim();
            match key.as_str() {
                "from" => from = value.parse().ok(),
                "to" => to = value.parse().ok(),
                "account" => url.account = value.parse().ok(),
                "by" => url.by = Some(value.to_owned()).filter(|by| by != DEFAULT_BY && known_group(by)),
                "month" => url.month = value.parse().ok().filter(|month: &Month| (2000..2100).contains(&month.year())),
                _ => {}
            }
        }
        url.period = from.zip(to).and_then(|(from, to)| Period::valid(from, to));
        url
    }

    /// The query string, with its `?`; empty for the plain page.
    pub fn search(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if let Some(period) = self.period {
            pairs.push(("from", period.from.to_string()));
            pairs.push(("to", period.to.to_string()));
        }
        if let Some(account) = self.account {
            pairs.push(("account", account.to_string()));
        }
        if let Some(by) = &self.by {
            pairs.push(("by", by.clone()));
        }
        if let Some(month) = self.month {
            pairs.push(("month", month.to_string()));
        }
        let text = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        if text.is_empty() { text } else { format!("?{text}") }
    }

    /// The address.
    pub fn path(&self) -> String {
        format!("/costs{}", self.search())
    }

    /// How costs are told apart.
    pub fn by(&self) -> &str {
        self.by.as_deref().unwrap_or(DEFAULT_BY)
    }

    fn account_text(&self) -> Option<String> {
        self.account.map(|id| id.to_string())
    }

    /// The question of the running month.
    pub fn summary(&self) -> CostQuery {
        CostQuery { account: self.account_text(), region: None }
    }

    /// The question of the days.
    pub fn days(&self) -> CostDaysQuery {
        CostDaysQuery {
            from: self.period.map(|p| p.from),
            to: self.period.map(|p| p.to),
            account: self.account_text(),
            region: None,
            by: Some(self.by().to_owned()),
        }
    }

    /// The question of the groups.
    pub fn groups(&self, cursor: Option<String>) -> CostGroupsQuery {
        let CostDaysQuery { from, to, account, region, by } = self.days();
        CostGroupsQuery { from, to, account, region, by, limit: Some(25), cursor }
    }
}

fn known_group(by: &str) -> bool {
    GROUPS.contains(&by) || by.strip_prefix(TAG_GROUP).is_some_and(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_read_again_as_it_was_written() {
        for search in [
            "",
            "?from=2026-11-01&to=2026-12-01&account=00000000-0000-0000-0000-000000000007&by=tag%3ATeam&month=2026-10",
            "?by=region",
        ] {
            assert_eq!(CostUrl::parse(search).search(), search);
        }
    }

    #[test]
    fn what_is_wrong_is_left_out() {
        for search in
            ["?from=2026-12-01&to=2026-11-01", "?by=shoe&month=13&account=7", "?by=usage_type", "?month=0001-01"]
        {
            assert_eq!(CostUrl::parse(search), CostUrl::default(), "{search}");
        }
    }
}
