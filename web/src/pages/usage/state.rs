//! The page's address: which days, which WorkSpaces, how they are told apart and ordered. Pure.

use chrono::{Datelike as _, Days, NaiveDate};
use contract::exports::UsageExportQuery;
use contract::teams::TeamView;
use contract::usage::{
    DAY_GROUPS, DEFAULT_DAYS, GROUPS, MAX_DAYS, ORDERS, TAG_GROUP, UsageDaysQuery, UsageDistributionQuery,
    UsageHeatMapQuery, UsageSummaryQuery, UsageTrendQuery,
};
use contract::workspaces::{FacetValue, WorkspaceQuery};
use domain::ids::TeamId;
use domain::usage::Comparison;

use super::teams::TEAM;
use super::words::Measure;
use crate::format::query_pairs;
use crate::pages::workspaces::{Facet, ListUrl};

/// How groups are told apart when nothing is said.
pub const DEFAULT_BY: &str = "bundle";
/// What the list of WorkSpaces can be asked for and usage can't. Usage is of what was there: whether it is gone or connected now
/// does not filter.
const UNUSED: [&str; 8] = ["sort", "limit", "cursor", "page", "row", "columns", "gone", "connection"];

/// Some days; the last is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day (UTC).
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

impl Period {
    /// So many days, of which the last is today.
    pub fn last(days: u64, today: NaiveDate) -> Self {
        let to = today + Days::new(1);
        Self { from: to - Days::new(days), to }
    }

    /// The calendar month of a day.
    pub fn month(day: NaiveDate) -> Self {
        let from = day.with_day(1).unwrap_or(day);
        let to = from.checked_add_months(chrono::Months::new(1)).unwrap_or(day);
        Self { from, to }
    }

    /// The calendar month before that of a day.
    pub fn month_before(day: NaiveDate) -> Self {
        let first = day.with_day(1).unwrap_or(day);
        Self::month(first.pred_opt().unwrap_or(first))
    }

    /// The last day.
    pub fn last_day(self) -> NaiveDate {
        self.to.pred_opt().unwrap_or(self.from)
    }

    /// What is shown when nothing is said: the days that end today.
    pub fn usual(today: NaiveDate) -> Self {
        Self::last(DEFAULT_DAYS.unsigned_abs(), today)
    }

    /// The days that an address asks for, if there are such.
    pub fn read(search: &str) -> Option<Self> {
        let pairs = query_pairs(search);
        let day = |name: &str| {
            pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.trim().parse::<NaiveDate>().ok())
        };
        Self::valid(day("from")?, day("to")?)
    }

    /// Days that can be asked for: at least one, and not too many; what is too long loses its beginning.
    pub fn valid(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        let within = |day: NaiveDate| (2000..3000).contains(&day.year());
        let most = Days::new(MAX_DAYS.unsigned_abs());
        (from < to && within(from) && within(to)).then(|| Self { from: from.max(to - most), to })
    }
}

/// Where the reader is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageUrl {
    /// The days; the last 30 when absent.
    pub period: Option<Period>,
    /// Which WorkSpaces; only the filters are used.
    pub filters: ListUrl,
    /// Only the desktops of the people in these teams.
    pub teams: Vec<TeamId>,
    /// Which earlier days are shown too.
    pub compare: Option<Comparison>,
    /// How groups are told apart; [`DEFAULT_BY`] when absent.
    pub by: Option<String>,
    /// Whether the shortest connected come first.
    pub least: bool,
    /// What is shown of each day.
    pub measure: Measure,
    /// What each day is told apart by, if it is.
    pub split: Option<String>,
}

impl UsageUrl {
    /// Reads an address's query string. What is unknown or wrong is left out, so that an old link still shows something, and
    /// told as the second.
    pub fn parse(search: &str) -> (Self, Vec<String>) {
        let (mut url, mut left_out) = (Self { period: Period::read(search), ..Self::default() }, Vec::new());
        let list = ListUrl::parse(search);
        for (key, value) in query_pairs(search) {
            let value = value.trim();
            let told = format!("{key}={value}");
            let known = match key.as_str() {
                _ if value.is_empty() => true,
                "from" | "to" => url.period.is_some(),
                "compare" => {
                    url.compare = value.parse().ok();
                    url.compare.is_some()
                }
                "by" => {
                    let known = tells_apart(value, GROUPS);
                    url.by = Some(value.to_owned()).filter(|by| known && by != DEFAULT_BY);
                    known
                }
                "order" => {
                    url.least = value == "least";
                    ORDERS.contains(&value)
                }
                "measure" => {
                    let named = Measure::named(value);
                    url.measure = named.unwrap_or_default();
                    named.is_some()
                }
                "split" => {
                    let known = tells_apart(value, DAY_GROUPS);
                    url.split = known.then(|| value.to_owned());
                    known
                }
                "team" => {
                    let teams: Option<Vec<TeamId>> = value.split(',').map(|id| id.trim().parse().ok()).collect();
                    url.teams = teams.unwrap_or_default();
                    !url.teams.is_empty()
                }
                key if UNUSED.contains(&key) => false,
                _ => !list.left_out.contains(&told),
            };
            if !known {
                left_out.push(told);
            }
        }
        url.filters = ListUrl { query: filters_of(list.query), ..ListUrl::default() };
        (url, left_out)
    }

    /// The query string, with its `?`; empty for the plain page.
    pub fn search(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if let Some(period) = self.period {
            pairs.push(("from", period.from.to_string()));
            pairs.push(("to", period.to.to_string()));
        }
        if let Some(compare) = self.compare {
            pairs.push(("compare", compare.to_string()));
        }
        if let Some(by) = &self.by {
            pairs.push(("by", by.clone()));
        }
        if self.least {
            pairs.push(("order", "least".to_owned()));
        }
        if self.measure != Measure::default() {
            pairs.push(("measure", self.measure.as_str().to_owned()));
        }
        if let Some(split) = &self.split {
            pairs.push(("split", split.clone()));
        }
        if let Some(teams) = self.team() {
            pairs.push(("team", teams));
        }
        let own = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        let filters = self.filters.search();
        let all: Vec<&str> =
            [own.as_str(), filters.trim_start_matches('?')].into_iter().filter(|t| !t.is_empty()).collect();
        if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
    }

    /// The address.
    pub fn path(&self) -> String {
        format!("/usage{}", self.search())
    }

    /// Without what only says how the same numbers are shown: what is read for all figures.
    pub fn of_numbers(&self) -> Self {
        let (by, compare, split, measure) = (None, None, None, Measure::default());
        Self { by, least: false, compare, measure, split, ..self.clone() }
    }

    /// The teams, as a question names them.
    pub fn team(&self) -> Option<String> {
        let teams: Vec<_> = self.teams.iter().map(ToString::to_string).collect();
        (!teams.is_empty()).then(|| teams.join(","))
    }

    /// With a team that was not there, or without one that was.
    #[must_use]
    pub fn toggled(mut self, team: TeamId) -> Self {
        let before = self.teams.len();
        self.teams.retain(|one| *one != team);
        if self.teams.len() == before {
            self.teams.push(team);
        }
        self
    }

    /// Whether anything filters.
    pub fn filtered(&self) -> bool {
        !self.teams.is_empty() || self.filters.filtered()
    }

    /// Without any filter.
    #[must_use]
    pub fn unfiltered(self) -> Self {
        Self { filters: self.filters.unfiltered(), teams: Vec::new(), ..self }
    }

    /// How groups are told apart.
    pub fn by(&self) -> &str {
        self.by.as_deref().unwrap_or(DEFAULT_BY)
    }

    /// The question for the hours of the week on the clock of a time zone.
    pub fn hours_query(&self, zone: Option<String>) -> UsageHeatMapQuery {
        let (from, to) = (self.period.map(|p| p.from), self.period.map(|p| p.to));
        UsageHeatMapQuery { zone, team: self.team(), ..UsageHeatMapQuery::of(from, to, &self.filters.query) }
    }

    /// The question of how many were connected for how long.
    pub fn query(&self) -> UsageDistributionQuery {
        let (from, to) = (self.period.map(|p| p.from), self.period.map(|p| p.to));
        UsageDistributionQuery { team: self.team(), ..UsageDistributionQuery::of(from, to, &self.filters.query) }
    }

    /// The question of the numbers, with the days that they are compared with.
    pub fn summary(&self) -> UsageSummaryQuery {
        let of = UsageSummaryQuery::of(self.period.map(|p| p.from), self.period.map(|p| p.to), &self.filters.query);
        UsageSummaryQuery { compare: self.compare.map(|compare| compare.to_string()), team: self.team(), ..of }
    }

    /// The question of the file that is taken along.
    pub fn export(&self, today: NaiveDate) -> UsageExportQuery {
        let Period { from, to } = self.period.unwrap_or_else(|| Period::usual(today));
        let WorkspaceQuery { q, account, region, directory, bundle, running_mode, compute_type, tag, .. } =
            self.filters.query.clone();
        let team = self.team();
        UsageExportQuery { from, to, q, account, region, directory, bundle, running_mode, compute_type, tag, team }
    }

    /// The question of the days.
    pub fn trend(&self) -> UsageTrendQuery {
        let of = UsageTrendQuery::of(self.period.map(|p| p.from), self.period.map(|p| p.to), &self.filters.query);
        UsageTrendQuery { compare: self.compare.map(|compare| compare.to_string()), team: self.team(), ..of }
    }

    /// The question of the days told apart.
    pub fn daily(&self) -> UsageDaysQuery {
        let of = UsageDaysQuery::of(self.period.map(|p| p.from), self.period.map(|p| p.to), &self.filters.query);
        UsageDaysQuery { by: self.split.clone(), team: self.team(), ..of }
    }

    /// The page of one group: narrowed to it, where there is a filter for that. `accounts` and `teams` are those that there are.
    pub fn narrowed(&self, by: &str, key: &str, accounts: &[FacetValue], teams: &[TeamView]) -> Option<Self> {
        let mut to = self.clone();
        if key.is_empty() {
            return None;
        }
        if let Some(tag) = by.strip_prefix(TAG_GROUP) {
            to.filters.query.tag = Some(format!("{tag}={key}"));
            return Some(to);
        }
        if by == TEAM {
            // No other team has its name.
            to.teams = vec![teams.iter().find(|team| team.name == key)?.id];
            return Some(to);
        }
        let facet = Facet::by_key(by)?;
        let value = match facet {
            // The account's filter takes our id, and the group has its name, which no other has.
            Facet::Account => accounts.iter().find(|account| account.label == key)?.value.clone(),
            _ => key.to_owned(),
        };
        *facet.slot(&mut to.filters.query) = Some(value);
        Some(to)
    }
}

/// Whether that is a way to tell apart: one of these, or by a tag.
fn tells_apart(by: &str, names: &[&str]) -> bool {
    names.contains(&by) || by.strip_prefix(TAG_GROUP).is_some_and(|key| !key.is_empty())
}

/// The filters of a list's query, without sort, page and what usage is not narrowed by.
fn filters_of(query: WorkspaceQuery) -> WorkspaceQuery {
    WorkspaceQuery { sort: None, limit: None, cursor: None, gone: None, connection: None, ..query }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_address_is_read_again_as_it_was_written() {
        for search in [
            "",
            "?from=2026-11-01&to=2026-12-01",
            "?from=2026-11-01&to=2026-12-01&compare=previous&by=tag%3ATeam&order=least&measure=sessions&q=ana+b&region=eu-west-1&tag=Team%3DR%26D",
            "?by=region&state=STOPPED%2CERROR",
            "?compare=month",
            "?team=00000000-0000-0000-0000-000000000007%2C00000000-0000-0000-0000-000000000008&q=ana",
            "?measure=workspaces&split=region",
            "?split=bundle&bundle=wsb-1",
            "?split=team",
            "?measure=sessions&split=tag%3ACost+centre",
            "?compare=year&by=region",
        ] {
            let (url, left_out) = UsageUrl::parse(search);
            assert_eq!((url.search().as_str(), left_out.len()), (search, 0));
        }
    }

    #[test]
    fn what_is_wrong_is_left_out_and_what_is_too_long_is_cut() {
        for search in [
            "?from=2026-12-01&to=2026-11-01",
            "?from=tomorrow&to=2026-11-01",
            "?from=2026-11-01",
            "?split=state",
            "?split=tag:",
            "?team=Night",
            "?by=shoe&order=some&measure=shoes&compare=all&from=0001-01-01&to=0001-02-01",
            "?sort=-state&limit=7&cursor=x&page=3&gone=true&connection=CONNECTED&what=ever",
        ] {
            let (url, left_out) = UsageUrl::parse(search);
            assert_eq!(url, UsageUrl::default(), "{search}");
            assert_eq!(format!("?{}", left_out.join("&")), search);
        }
        assert_eq!(UsageUrl::parse("?by=bundle&from="), (UsageUrl::default(), Vec::new()));
        let (mixed, left_out) = UsageUrl::parse("?by=shoe&region=eu-west-1");
        assert_eq!((mixed.search().as_str(), left_out), ("?region=eu-west-1", vec!["by=shoe".to_owned()]));
        let long = UsageUrl::parse("?from=2020-01-01&to=2026-01-01").0.period.unwrap();
        assert_eq!(((long.to - long.from).num_days(), long.to), (MAX_DAYS, day("2026-01-01")));
    }

    #[test]
    fn what_is_compared_with_is_asked_of_numbers_and_days_alike() {
        let asked = |search: &str| {
            let (url, _) = UsageUrl::parse(search);
            (url.summary().compare, url.trend().compare)
        };
        assert_eq!(asked("?by=region"), (None, None));
        for one in ["previous", "month", "year"] {
            assert_eq!(asked(&format!("?compare={one}")), (Some(one.to_owned()), Some(one.to_owned())));
        }
    }

    #[test]
    fn periods_are_days_and_months() {
        let today = day("2026-01-15");
        assert_eq!(Period::last(7, today), Period { from: day("2026-01-09"), to: day("2026-01-16") });
        assert_eq!(Period::month(today), Period { from: day("2026-01-01"), to: day("2026-02-01") });
        assert_eq!(Period::month_before(today), Period { from: day("2025-12-01"), to: day("2026-01-01") });
    }

    #[test]
    fn what_is_taken_along_is_what_is_shown() {
        let export =
            |search: &str| serde_urlencoded::to_string(UsageUrl::parse(search).0.export(day("2026-01-30"))).unwrap();
        assert_eq!(export(""), "from=2026-01-01&to=2026-01-31");
        assert_eq!(
            export("?from=2026-11-01&to=2026-12-01&by=region&order=least&q=ana&region=eu-west-1&state=STOPPED"),
            "from=2026-11-01&to=2026-12-01&q=ana&region=eu-west-1"
        );
    }

    #[test]
    fn a_group_leads_to_its_own_usage() {
        let (url, _) = UsageUrl::parse("?region=eu-west-1&by=tag%3ATeam");
        let main = FacetValue { value: "7".into(), label: "Main".into(), count: 1, directory_id: None };
        let narrowed = |by: &str, key: &str| url.narrowed(by, key, std::slice::from_ref(&main), &[]);
        assert_eq!(narrowed("tag:Team", "R&D").unwrap().search(), "?by=tag%3ATeam&region=eu-west-1&tag=Team%3DR%26D");
        assert_eq!(narrowed("bundle", "wsb-1").unwrap().filters.query.bundle.as_deref(), Some("wsb-1"));
        assert_eq!(narrowed("account", "Main").unwrap().filters.query.account.as_deref(), Some("7"));
        assert_eq!(narrowed("account", "Gone"), None, "which account that was is not known");
        assert_eq!(narrowed("team", "Night"), None);
        assert_eq!(narrowed("bundle", ""), None);
    }
}
