//! The page's address: which days, which account and region, how they are told apart, which month is looked at closely. Pure.

use chrono::NaiveDate;
use contract::costs::{
    CostDaysQuery, CostEstimatesQuery, CostGroupsQuery, CostQuery, ESTIMATE_GROUPS, GROUPS, RECKONED, TAG_GROUP,
    WorkspaceCostQuery,
};
use contract::exports::CostExportQuery;
use contract::page::MAX_LIMIT;
use domain::ids::{AccountId, Region};
use domain::usage::Month;

use crate::format::query_pairs;
use crate::pages::usage::Period;

/// How costs are told apart when nothing is said.
pub const DEFAULT_BY: &str = "usage_type";
/// What a choice begins with that is about estimates, not about what was billed.
pub const ESTIMATE: &str = "estimate:";

/// Where the reader is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostUrl {
    /// The days; the last 30 when absent.
    pub period: Option<Period>,
    /// Only this account.
    pub account: Option<AccountId>,
    /// Only this region.
    pub region: Option<Region>,
    /// How costs are told apart; [`DEFAULT_BY`] when absent.
    pub by: Option<String>,
    /// How the month's estimates are told apart, where groups are not of what was billed.
    pub estimate: Option<String>,
    /// The month that is compared and reckoned; the one before the running one when absent.
    pub month: Option<Month>,
    /// Only those WorkSpaces that the comparison of the account's month with its bill counts so.
    pub reckoned: Option<String>,
    /// The account whose month is compared with its bill, where the page is of all of them; the sums of all when absent.
    pub compared: Option<AccountId>,
}

/// What the estimate of a month and the bill are compared of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Every account, in sums.
    All,
    /// One account, line by line.
    One(AccountId),
}

impl CostUrl {
    /// Reads an address's query string. What is unknown or wrong is left out, so that an old link still shows something, and
    /// told as the second.
    pub fn parse(search: &str) -> (Self, Vec<String>) {
        let (mut url, mut left_out) = (Self { period: Period::read(search), ..Self::default() }, Vec::new());
        for (key, value) in query_pairs(search) {
            let value = value.trim();
            let known = match key.as_str() {
                _ if value.is_empty() => true,
                "from" | "to" => url.period.is_some(),
                "account" => {
                    url.account = value.parse().ok();
                    url.account.is_some()
                }
                "region" => {
                    url.region = value.parse().ok();
                    url.region.is_some()
                }
                "by" => {
                    let known = known_group(value);
                    url.by = Some(value.to_owned()).filter(|by| known && by != DEFAULT_BY);
                    known
                }
                "estimate" => {
                    url.estimate = Some(value.to_owned()).filter(|by| ESTIMATE_GROUPS.contains(&by.as_str()));
                    url.estimate.is_some()
                }
                "month" => {
                    url.month = value.parse().ok().filter(|month: &Month| (2000..2100).contains(&month.year()));
                    url.month.is_some()
                }
                "reckoned" => {
                    url.reckoned = Some(value.to_owned()).filter(|how| RECKONED.contains(&how.as_str()));
                    url.reckoned.is_some()
                }
                "compared" => {
                    url.compared = value.parse().ok();
                    url.compared.is_some()
                }
                // Opens the form of a new one, and narrows nothing.
                "budget" => value == "new",
                _ => false,
            };
            if !known {
                left_out.push(format!("{key}={value}"));
            }
        }
        // The comparison is of one account.
        if let Some(how) = url.reckoned.take_if(|_| url.account.is_none()) {
            left_out.push(format!("reckoned={how}"));
        }
        // A page of one account compares that one.
        if let Some(compared) = url.compared.take_if(|_| url.account.is_some()) {
            left_out.push(format!("compared={compared}"));
        }
        (url, left_out)
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
        if let Some(region) = &self.region {
            pairs.push(("region", region.to_string()));
        }
        if let Some(by) = &self.by {
            pairs.push(("by", by.clone()));
        }
        if let Some(by) = &self.estimate {
            pairs.push(("estimate", by.clone()));
        }
        if let Some(month) = self.month {
            pairs.push(("month", month.to_string()));
        }
        if let Some(how) = &self.reckoned {
            pairs.push(("reckoned", how.clone()));
        }
        if let Some(compared) = self.compared {
            pairs.push(("compared", compared.to_string()));
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

    /// How groups are told apart, as the page's choice names it.
    pub fn choice(&self) -> String {
        self.estimate.as_ref().map_or_else(|| self.by().to_owned(), |by| format!("{ESTIMATE}{by}"))
    }

    /// The same page with another choice. Days stay told apart as they were where groups are of estimates, which have no days.
    pub fn choosing(self, choice: &str) -> Self {
        match choice.strip_prefix(ESTIMATE) {
            Some(by) => Self { estimate: Some(by.to_owned()), ..self },
            None => Self { by: Some(choice.to_owned()).filter(|by| by != DEFAULT_BY), estimate: None, ..self },
        }
    }

    /// Of which account and region alone, as what is about neither days nor groups asks.
    pub fn place(&self) -> Self {
        Self { account: self.account, region: self.region.clone(), ..Self::default() }
    }

    /// What is compared, of the accounts that there are; `None` while none is known.
    pub fn comparison(&self, accounts: &[AccountId]) -> Option<Compared> {
        let chosen = self.compared.filter(|id| accounts.contains(id));
        match (self.account.or(chosen), accounts) {
            (Some(account), _) => Some(Compared::One(account)),
            (None, []) => None,
            (None, [only]) => Some(Compared::One(*only)),
            (None, _) => Some(Compared::All),
        }
    }

    /// What the address asks to compare and is none of the accounts that there are.
    pub fn compared_nowhere(&self, accounts: &[AccountId]) -> Option<String> {
        self.compared.filter(|id| !accounts.contains(id)).map(|id| format!("compared={id}"))
    }

    /// Whether the region that is chosen narrows what is told apart: tags are of whole accounts.
    pub fn narrows(&self) -> bool {
        self.region.is_none() || !(self.by() == "team" || self.by().starts_with(TAG_GROUP))
    }

    fn account_text(&self) -> Option<String> {
        self.account.map(|id| id.to_string())
    }

    fn region_text(&self) -> Option<String> {
        self.region.as_ref().map(Region::to_string)
    }

    /// The question of the running month.
    pub fn summary(&self) -> CostQuery {
        CostQuery { account: self.account_text(), region: self.region_text() }
    }

    /// The question of the days.
    pub fn days(&self) -> CostDaysQuery {
        CostDaysQuery {
            from: self.period.map(|p| p.from),
            to: self.period.map(|p| p.to),
            account: self.account_text(),
            region: self.region_text(),
            by: Some(self.by().to_owned()),
        }
    }

    /// The question of the file that is taken along.
    pub fn export(&self, today: NaiveDate) -> CostExportQuery {
        let Period { from, to } = self.period.unwrap_or_else(|| Period::usual(today));
        CostExportQuery { from, to, account: self.account_text(), region: self.region_text() }
    }

    /// The question of the groups.
    pub fn groups(&self, cursor: Option<String>) -> CostGroupsQuery {
        let CostDaysQuery { from, to, account, region, by } = self.days();
        CostGroupsQuery { from, to, account, region, by, limit: Some(25), cursor }
    }

    /// The question of a month's estimates.
    pub fn estimates(&self, month: Month, cursor: Option<String>) -> CostEstimatesQuery {
        let (account, region, by) = (self.account_text(), self.region_text(), self.estimate.clone());
        // Each page reckons the whole month: few pages.
        CostEstimatesQuery { month: Some(month), account, region, by, limit: Some(MAX_LIMIT), cursor }
    }

    /// The question of what each WorkSpace costs in a month, without its pages.
    pub fn workspaces(&self, month: Month) -> WorkspaceCostQuery {
        let (account, region, reckoned) = (self.account_text(), self.region_text(), self.reckoned.clone());
        WorkspaceCostQuery { month: Some(month), account, region, reckoned, ..WorkspaceCostQuery::default() }
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
            "?by=region&estimate=person&month=2026-10",
            "?region=eu-central-1&by=account",
            "?account=00000000-0000-0000-0000-000000000007&month=2026-10&reckoned=hours_unknown",
            "?by=region&month=2026-10&compared=00000000-0000-0000-0000-000000000007",
        ] {
            let (url, left_out) = CostUrl::parse(search);
            assert_eq!((url.search().as_str(), left_out.len()), (search, 0));
        }
    }

    #[test]
    fn what_is_taken_along_is_what_is_shown() {
        let today = "2026-01-30".parse().unwrap();
        let export = |search: &str| serde_urlencoded::to_string(CostUrl::parse(search).0.export(today)).unwrap();
        assert_eq!(export("?by=region&month=2025-10"), "from=2026-01-01&to=2026-01-31");
        let search = "from=2026-11-01&to=2026-12-01&account=00000000-0000-0000-0000-000000000007&region=eu-central-1";
        assert_eq!(export(search), search);
    }

    #[test]
    fn each_part_asks_for_the_region_unless_tags_have_none() {
        let (url, _) = CostUrl::parse("?region=eu-central-1&by=team");
        assert!(!url.narrows() && CostUrl { by: None, ..url.clone() }.narrows());
        let month = "2026-10".parse().unwrap();
        let asked =
            [url.summary().region, url.days().region, url.estimates(month, None).region, url.workspaces(month).region];
        assert!(asked.iter().all(|region| region.as_deref() == Some("eu-central-1")), "{asked:?}");
        assert_eq!(url.place().search(), "?region=eu-central-1");
    }

    #[test]
    fn choosing_leads_to_what_was_chosen() {
        let (plain, _) = CostUrl::parse("?by=region");
        let estimate = plain.clone().choosing("estimate:team");
        assert_eq!(
            (estimate.search().as_str(), estimate.choice().as_str()),
            ("?by=region&estimate=team", "estimate:team")
        );
        assert_eq!(estimate.clone().choosing("region"), plain);
        assert_eq!(estimate.choosing(DEFAULT_BY), CostUrl::default());
        assert_eq!(CostUrl::default().choice(), DEFAULT_BY);
    }

    #[test]
    fn what_is_compared_is_chosen_among_the_accounts_there_are() {
        let id = |number: u128| AccountId(uuid::Uuid::from_u128(number));
        let parse = |search: String| CostUrl::parse(&search);
        let (plain, chosen) = (CostUrl::default(), parse(format!("?compared={}", id(2))).0);
        assert_eq!(plain.comparison(&[]), None);
        assert_eq!(plain.comparison(&[id(1)]), Some(Compared::One(id(1))));
        assert_eq!(plain.comparison(&[id(1), id(2)]), Some(Compared::All));
        assert_eq!(chosen.comparison(&[id(1), id(2)]), Some(Compared::One(id(2))));
        assert_eq!(chosen.compared_nowhere(&[id(1), id(2)]), None);
        // One that is not there is told, and what would be shown without it is.
        assert_eq!(chosen.comparison(&[id(1), id(3)]), Some(Compared::All));
        assert_eq!(chosen.comparison(&[id(1)]), Some(Compared::One(id(1))));
        assert_eq!(chosen.compared_nowhere(&[id(1)]), Some(format!("compared={}", id(2))));
        // A page of one account is about that one.
        let (of_one, left_out) = parse(format!("?account={}&compared={}", id(1), id(2)));
        assert_eq!((of_one.compared, left_out), (None, vec![format!("compared={}", id(2))]));
        assert_eq!(of_one.comparison(&[]), Some(Compared::One(id(1))));
    }

    #[test]
    fn what_is_wrong_is_left_out() {
        for search in [
            "?from=2026-12-01&to=2026-11-01",
            "?by=shoe&month=13&account=7",
            "?to=2026-11-01&what=ever",
            "?estimate=usage_type",
            "?month=0001-01",
            "?region=moon",
            "?reckoned=hours_unknown",
            "?reckoned=shoe",
            "?compared=7",
        ] {
            let (url, left_out) = CostUrl::parse(search);
            assert_eq!(url, CostUrl::default(), "{search}");
            assert_eq!(format!("?{}", left_out.join("&")), search);
        }
        assert_eq!(CostUrl::parse("?by=usage_type&account="), (CostUrl::default(), Vec::new()));
        assert_eq!(CostUrl::parse("?budget=new"), (CostUrl::default(), Vec::new()));
        assert_eq!(CostUrl::parse("?budget=old").1, ["budget=old"]);
        let (mixed, left_out) = CostUrl::parse("?by=region&month=13");
        assert_eq!((mixed.search().as_str(), left_out), ("?by=region", vec!["month=13".to_owned()]));
    }
}
