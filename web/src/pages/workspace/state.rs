//! The address of the detail: the tab, and what each tab is narrowed to. Pure.

use chrono::{DateTime, Utc};
use contract::timeline::TimelineQuery;
use domain::access::Permission;
use domain::timeline::TimelineKind;
use domain::usage::Month;
use domain::workspace::WorkspaceAction;

use crate::format::query_pairs;
use crate::pages::usage::Period;

/// Rows of a page of the timeline.
pub const ROWS: u32 = 50;

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailTab {
    /// What matters first.
    Overview,
    /// Who was connected when.
    Usage,
    /// What it costs.
    Cost,
    /// What would cost less.
    Recommendations,
    /// What happened to it.
    Activity,
    /// How it is set up.
    Configuration,
}

impl DetailTab {
    /// In order.
    pub const ALL: &'static [Self] =
        &[Self::Overview, Self::Usage, Self::Cost, Self::Recommendations, Self::Activity, Self::Configuration];

    /// Its text in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Usage => "usage",
            Self::Cost => "cost",
            Self::Recommendations => "recommendations",
            Self::Activity => "activity",
            Self::Configuration => "configuration",
        }
    }

    /// What one must be allowed to see for it, besides the WorkSpace.
    pub fn needs(self) -> Option<Permission> {
        match self {
            Self::Usage => Some(Permission::UsageRead),
            Self::Cost | Self::Recommendations => Some(Permission::CostRead),
            Self::Overview | Self::Activity | Self::Configuration => None,
        }
    }

    /// The tab an address asks for; the overview when it asks for none that there is.
    pub fn of(search: &str) -> Self {
        let asked = query_pairs(search).into_iter().find(|(key, _)| key == "tab");
        asked.and_then(|(_, name)| Self::named(&name)).unwrap_or(Self::Overview)
    }

    /// The tab of that name. Tabs that there were once lead on.
    fn named(name: &str) -> Option<Self> {
        match name {
            "history" => Some(Self::Activity),
            "tags" => Some(Self::Configuration),
            name => Self::ALL.iter().copied().find(|tab| tab.key() == name),
        }
    }

    /// Its address on a page.
    pub fn href(self, path: &str) -> String {
        if self == Self::Overview { path.to_owned() } else { format!("{path}?tab={}", self.key()) }
    }
}

fn address(path: &str, tab: DetailTab, pairs: &[(&str, String)]) -> String {
    let text = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let href = tab.href(path);
    if text.is_empty() { href } else { format!("{href}&{text}") }
}

/// The value of a key, if it can be read.
fn value<T: std::str::FromStr>(search: &str, key: &str) -> Option<T> {
    query_pairs(search).into_iter().find(|(name, _)| name == key).and_then(|(_, value)| value.trim().parse().ok())
}

/// What an address asks to do with it.
pub fn asked_of(search: &str) -> Option<WorkspaceAction> {
    value(search, "do")
}

/// What of an address's query string there is not: no such tab, nothing that can be done, or nothing that its tab is narrowed to.
pub fn left_out(search: &str) -> Vec<String> {
    let tab = DetailTab::of(search);
    let (period, month, activity) = (period_of(search), month_of(search), ActivityUrl::parse(search));
    let mut left_out = Vec::new();
    for (key, value) in query_pairs(search) {
        let value = value.trim();
        let known = match (tab, key.as_str()) {
            _ if value.is_empty() => true,
            (_, "tab") => DetailTab::named(value).is_some(),
            (_, "do") => value.parse::<WorkspaceAction>().is_ok(),
            (DetailTab::Usage, "from" | "to") => period.is_some(),
            (DetailTab::Cost, "month") => month.is_some(),
            (DetailTab::Activity, "from") => activity.from.is_some(),
            (DetailTab::Activity, "to") => activity.to.is_some(),
            (DetailTab::Activity, "cursor") => true,
            (DetailTab::Activity, "kind") => {
                let unknown =
                    value.split(',').filter(|name| TimelineKind::ALL.iter().all(|kind| kind.as_str() != *name));
                left_out.extend(unknown.map(|name| format!("kind={name}")));
                true
            }
            _ => false,
        };
        if !known {
            left_out.push(format!("{key}={value}"));
        }
    }
    left_out
}

/// The address of what is shown, without what was left out.
pub fn tidy(path: &str, search: &str) -> String {
    match DetailTab::of(search) {
        DetailTab::Usage => usage_path(path, period_of(search)),
        DetailTab::Cost => cost_path(path, month_of(search)),
        DetailTab::Activity => ActivityUrl::parse(search).path(path),
        tab => tab.href(path),
    }
}

/// The days that the tab of usage shows; the last 30 when absent.
pub fn period_of(search: &str) -> Option<Period> {
    Period::read(search)
}

/// The address of the tab of usage.
pub fn usage_path(path: &str, period: Option<Period>) -> String {
    let pairs = period.map(|p| vec![("from", p.from.to_string()), ("to", p.to.to_string())]);
    address(path, DetailTab::Usage, &pairs.unwrap_or_default())
}

/// The month that the tab of costs shows; the running one when absent.
pub fn month_of(search: &str) -> Option<Month> {
    value(search, "month").filter(|month: &Month| (2000..2100).contains(&month.year()))
}

/// The address of the tab of costs.
pub fn cost_path(path: &str, month: Option<Month>) -> String {
    address(path, DetailTab::Cost, &month.map(|month| ("month", month.to_string())).into_iter().collect::<Vec<_>>())
}

/// What the timeline is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityUrl {
    /// The kinds; empty for all.
    pub kinds: Vec<TimelineKind>,
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The end.
    pub to: Option<DateTime<Utc>>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

impl ActivityUrl {
    /// Reads an address's query string. What is unknown or wrong is left out; [`left_out`] tells it.
    pub fn parse(search: &str) -> Self {
        let kinds: String = value(search, "kind").unwrap_or_default();
        let (from, mut to) = (value(search, "from"), value(search, "to"));
        // An end before the beginning shows nothing: the beginning holds.
        if from.zip(to).is_some_and(|(from, to): (DateTime<Utc>, DateTime<Utc>)| to < from) {
            to = None;
        }
        Self {
            kinds: TimelineKind::ALL
                .iter()
                .copied()
                .filter(|kind| kinds.split(',').any(|k| k == kind.as_str()))
                .collect(),
            from,
            to,
            cursor: value(search, "cursor").filter(|cursor: &String| !cursor.is_empty()),
        }
    }

    /// Its address.
    pub fn path(&self, path: &str) -> String {
        let mut pairs = Vec::new();
        if let Some(kind) = self.kind() {
            pairs.push(("kind", kind));
        }
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        pairs.extend(self.from.map(|at| ("from", moment(at))));
        pairs.extend(self.to.map(|at| ("to", moment(at))));
        pairs.extend(self.cursor.clone().map(|cursor| ("cursor", cursor)));
        address(path, DetailTab::Activity, &pairs)
    }

    fn kind(&self) -> Option<String> {
        let names: Vec<_> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        (!names.is_empty()).then(|| names.join(","))
    }

    /// Whether something is left out.
    pub fn filtered(&self) -> bool {
        !self.kinds.is_empty() || self.from.is_some() || self.to.is_some()
    }

    /// The first page with a kind chosen, or no longer.
    pub fn toggled(&self, kind: TimelineKind) -> Self {
        let chosen = |k: &&TimelineKind| self.kinds.contains(k) != (**k == kind);
        let kinds: Vec<_> = TimelineKind::ALL.iter().filter(chosen).copied().collect();
        // All of them are as good as none.
        let kinds = if kinds.len() == TimelineKind::ALL.len() { Vec::new() } else { kinds };
        Self { kinds, cursor: None, ..self.clone() }
    }

    /// The question.
    pub fn query(&self) -> TimelineQuery {
        let (from, to, cursor) = (self.from, self.to, self.cursor.clone());
        TimelineQuery { kind: self.kind(), from, to, limit: Some(ROWS), cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(path: &str) -> &str {
        path.find('?').map_or("", |at| &path[at..])
    }

    #[test]
    fn tabs_survive_the_address() {
        for &tab in DetailTab::ALL {
            assert_eq!(DetailTab::of(search(&tab.href("/workspaces/7"))), tab);
        }
        assert_eq!(DetailTab::of("?tab=shoes"), DetailTab::Overview);
        assert_eq!(DetailTab::of("?tab=history"), DetailTab::Activity);
        assert_eq!(DetailTab::of("?tab=tags"), DetailTab::Configuration);
    }

    #[test]
    fn what_a_tab_is_narrowed_to_survives_the_address() {
        let period = Period::valid("2026-11-01".parse().unwrap(), "2026-11-08".parse().unwrap());
        assert_eq!(period_of(search(&usage_path("/w/7", period))), period);
        assert_eq!(usage_path("/w/7", None), "/w/7?tab=usage");
        let month = "2026-10".parse().ok();
        assert_eq!(month_of(search(&cost_path("/w/7", month))), month);
        let url = ActivityUrl {
            kinds: vec![TimelineKind::Action, TimelineKind::Aws],
            from: "2026-11-01T00:00:00Z".parse().ok(),
            to: "2026-11-03T00:00:00Z".parse().ok(),
            cursor: Some("a-b_c".to_owned()),
        };
        assert_eq!(ActivityUrl::parse(search(&url.path("/w/7"))), url);
        assert_eq!(ActivityUrl::default().path("/w/7"), "/w/7?tab=activity");
        assert_eq!(url.query().kind.as_deref(), Some("action,aws"));
    }

    #[test]
    fn what_is_wrong_is_left_out() {
        assert_eq!(period_of("?from=2026-11-08&to=2026-11-01"), None);
        assert_eq!(month_of("?month=13"), None);
        assert_eq!(ActivityUrl::parse("?kind=weather&from=soon&cursor="), ActivityUrl::default());
        let turned = ActivityUrl::parse("?from=2026-11-03T00:00:00Z&to=2026-11-01T00:00:00Z");
        assert_eq!((turned.from.is_some(), turned.to), (true, None));
    }

    #[test]
    fn what_is_left_out_is_told_and_what_is_shown_has_an_address() {
        for (search, told, address) in [
            ("?tab=shoes", "?tab=shoes", "/w/7"),
            ("?tab=history&kind=", "", "/w/7?tab=activity"),
            ("?tab=usage&from=soon&to=2026-11-01", "?from=soon&to=2026-11-01", "/w/7?tab=usage"),
            ("?tab=cost&month=2026-10&from=2026-11-01", "?from=2026-11-01", "/w/7?tab=cost&month=2026-10"),
            ("?tab=cost&month=13", "?month=13", "/w/7?tab=cost"),
            ("?tab=activity&kind=aws,weather&cursor=x", "?kind=weather", "/w/7?tab=activity&kind=aws&cursor=x"),
            ("?tab=activity&to=never", "?to=never", "/w/7?tab=activity"),
            ("?tab=cost&do=stop", "", "/w/7?tab=cost"),
            ("?do=shoe", "?do=shoe", "/w/7"),
        ] {
            assert_eq!(left_out(search).join("&"), told.trim_start_matches('?'), "{search}");
            assert_eq!(tidy("/w/7", search), address, "{search}");
        }
    }

    #[test]
    fn an_address_asks_for_an_action_that_there_is() {
        assert_eq!(asked_of("?tab=cost&do=reboot"), Some(WorkspaceAction::Reboot));
        assert_eq!((asked_of("?do=shoe"), asked_of("?tab=cost")), (None, None));
    }

    #[test]
    fn kinds_are_chosen_and_taken_back() {
        let one = ActivityUrl { cursor: Some("x".into()), ..Default::default() }.toggled(TimelineKind::Aws);
        assert_eq!((one.kinds.as_slice(), &one.cursor), ([TimelineKind::Aws].as_slice(), &None));
        assert_eq!(one.toggled(TimelineKind::Aws), ActivityUrl::default());
        let all = TimelineKind::ALL.iter().fold(ActivityUrl::default(), |url, kind| url.toggled(*kind));
        assert_eq!(all, ActivityUrl::default());
    }
}
