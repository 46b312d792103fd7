//! What the charts and sentences of the page are made of. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use contract::usage::{
    TAG_GROUP, UsageBinView, UsageDayView, UsageHeatMapView, UsageKnownView, UsagePeriodView, UsageTotalsView,
    UsageTrendView, UsageWeekdayView,
};

use super::compared::compared_words;
use crate::components::charts::data::{Dated, Mark, Series};
use crate::components::charts::histogram::Bin;
use crate::components::charts::scale::{Unit, days_words, number};
use crate::components::charts::taken::Of;
use crate::format::{counted, sentence, thousands};

/// What a trend shows of each day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Measure {
    /// Connected hours.
    #[default]
    Hours,
    /// WorkSpaces that were connected.
    WorkSpaces,
    /// Sessions that began.
    Sessions,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hours, Self::WorkSpaces, Self::Sessions];

    /// As in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::WorkSpaces => "workspaces",
            Self::Sessions => "sessions",
        }
    }

    /// The one that an address names.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Hours => "Connected hours",
            Self::WorkSpaces => "WorkSpaces in use",
            Self::Sessions => "Sessions",
        }
    }

    /// What it is counted in.
    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Hours => Unit::Hours,
            Self::WorkSpaces => Unit::Count("WorkSpaces"),
            Self::Sessions => Unit::Count("sessions"),
        }
    }

    /// Whether values of several days may be added up: the same WorkSpace is in use on many days.
    pub(super) fn adds_up(self) -> bool {
        self != Self::WorkSpaces
    }

    /// What it is of such sums.
    pub(super) fn of(self, totals: &UsageTotalsView) -> f64 {
        match self {
            Self::Hours => hours(totals.connected_minutes),
            Self::WorkSpaces => float(totals.workspaces),
            Self::Sessions => float(totals.sessions),
        }
    }
}

/// The ways to tell apart by tags, as in the address: by each known key, and by the one that is named though it is not known.
pub fn tag_groups<'a>(keys: impl IntoIterator<Item = &'a str>, named: Option<String>) -> Vec<String> {
    let mut ways: Vec<String> = keys.into_iter().map(|key| format!("{TAG_GROUP}{key}")).collect();
    let missing = named.filter(|by| by.starts_with(TAG_GROUP) && !ways.contains(by));
    ways.extend(missing);
    ways
}

/// A count as a number to draw with.
pub fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Minutes as hours.
pub fn hours(minutes: u64) -> f64 {
    float(minutes) / 60.0
}

/// Hours in words: `12.5 h`, `1,234 h`.
pub fn hours_words(minutes: u64) -> String {
    Unit::Hours.words(hours(minutes))
}

/// The days of a trend, with earlier ones laid over them by their number.
pub fn trend(view: &UsageTrendView, measure: Measure) -> Dated {
    let values = |days: &[UsageDayView]| days.iter().map(|d| d.totals.as_ref().map(|t| measure.of(t))).collect();
    let mut series = vec![Series::new(measure.words(), 0, values(&view.days))];
    if let Some(previous) = &view.previous {
        let before: Vec<Option<f64>> = values(previous);
        let first = previous.first().map_or(view.period.from, |day| day.day);
        let label = sentence(compared_words(&view.period, first));
        series.push(Series::rest(label, before).dashed());
    }
    Dated { days: view.days.iter().map(|d| d.day).collect(), series, unit: measure.unit(), adds_up: measure.adds_up() }
}

/// Today, if it is among the days: its usage is not all there yet.
pub fn marks(view: &UsageTrendView, today: NaiveDate) -> Vec<Mark> {
    marked(view.days.iter().map(|d| d.day), today)
}

/// Today, if it is one of these days.
pub(super) fn marked(mut days: impl Iterator<Item = NaiveDate>, today: NaiveDate) -> Vec<Mark> {
    days.any(|day| day == today).then(|| Mark { day: today, label: "today".to_owned() }).into_iter().collect()
}

/// How many WorkSpaces are connected in each hour of the week, on average.
pub fn week(weekdays: &[UsageWeekdayView]) -> [[f64; 24]; 7] {
    let mut week = [[0.0; 24]; 7];
    for (row, weekday) in week.iter_mut().zip(weekdays) {
        for (value, (minutes, out_of)) in row.iter_mut().zip(weekday.minutes.iter().zip(&weekday.out_of)) {
            *value = if *out_of == 0 { 0.0 } else { float(*minutes) / float(*out_of) };
        }
    }
    week
}

/// A time zone in words: `Europe/Berlin`, `America/New York`.
pub fn zone_words(zone: &str) -> String {
    zone.replace('_', " ")
}

/// What a heat map shows, on whose clock, of which days; and how hours are counted that lie across two of the clock's.
pub fn week_words(what: &str, view: &UsageHeatMapView) -> String {
    let shares = view.weekdays.iter().flat_map(|day| &day.minutes).any(|minutes| minutes % 60 != 0);
    let shared = if shares {
        " What is known by the hour of UTC lies across two hours of that clock and is shared out."
    } else {
        ""
    };
    format!("{what}, on the clock of {}. {}.{shared}", zone_words(&view.zone), period_words(&view.period))
}

/// When most are connected, in words.
pub fn busiest(week: &[[f64; 24]; 7]) -> String {
    let hours =
        week.iter().enumerate().flat_map(|(day, row)| row.iter().enumerate().map(move |(hour, n)| (day, hour, *n)));
    let most = hours.max_by(|a, b| a.2.total_cmp(&b.2)).filter(|(.., n)| *n > 0.0);
    match most {
        Some((day, hour, n)) => {
            let day = crate::components::charts::heat_map::WEEKDAYS[day];
            format!("Most on {day} at {hour:02}:00: {}", connected_words(n))
        }
        None => "Nobody was connected".to_owned(),
    }
}

/// An average number of WorkSpaces in words.
pub fn connected_words(n: f64) -> String {
    let decimals = if n < 10.0 && n.fract() > 0.05 { 1 } else { 0 };
    let text = number(n, decimals);
    format!("{text} {}", if text == "1" { "WorkSpace" } else { "WorkSpaces" })
}

/// The bins, those that were not used before them.
pub fn bins(unused: u64, bins: &[UsageBinView]) -> Vec<Bin> {
    let none = Bin { label: "none".to_owned(), ends: None, count: float(unused) };
    let bin = |bin: &UsageBinView| Bin {
        label: match bin.from_hours {
            0 => format!("< {}", bin.to_hours),
            from => format!("{from}–{}", bin.to_hours),
        },
        ends: Some((bin.from_hours, bin.to_hours)),
        count: float(bin.workspaces),
    };
    std::iter::once(none).chain(bins.iter().map(bin)).collect()
}

/// The days of a period as what a chart is of.
pub fn of_period(period: &UsagePeriodView) -> Of {
    Of::days(period.from, period.to.pred_opt().unwrap_or(period.from), &period.zone)
}

/// The hours of a week as what a chart is of.
pub fn of_week(view: &UsageHeatMapView) -> Of {
    of_period(&view.period).and(format!("on the clock of {}", zone_words(&view.zone)))
}

/// The days in words, with their zone.
pub fn period_words(period: &UsagePeriodView) -> String {
    let last = period.to.pred_opt().unwrap_or(period.from);
    format!("{} ({})", days_words(period.from, last.max(period.from)), period.zone)
}

/// What is missing of what is shown, a sentence each. None when everything is there. `compared` is the first of the days that the
/// reader asked to compare with.
pub fn missing(period: &UsagePeriodView, compared: Option<NaiveDate>, now: DateTime<Utc>) -> Vec<String> {
    let UsageKnownView { workspaces, unread, from, to, gaps } = &period.known;
    let mut words = Vec::new();
    if *unread > 0 {
        let all = if unread == workspaces {
            "No usage was read yet".to_owned()
        } else {
            format!("The usage of {} was not read yet", counted(*unread, "WorkSpace", "WorkSpaces"))
        };
        words.push(format!("{all}."));
    }
    let first = compared.map_or(period.from, |first| first.min(period.from));
    if let Some(from) = from.map(|from| from.date_naive()).filter(|from| *from > first && *from < period.to) {
        words.push(format!("Before {from} not every WorkSpace's usage is known."));
    }
    if let Some(to) = to.filter(|to| to.date_naive() < period.to && now - *to > chrono::TimeDelta::days(1)) {
        words.push(format!("Known of all up to {}.", to.format("%Y-%m-%d %H:%M UTC")));
    }
    match gaps.as_slice() {
        [] => {}
        [one] => words.push(format!(
            "{} is missing from {} to {}: {}",
            one.region,
            one.from.format("%Y-%m-%d %H:%M"),
            one.to.format("%Y-%m-%d %H:%M"),
            one.reason
        )),
        many => words.push(format!("{} stretches of time are missing.", thousands(many.len() as u64))),
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_the_contract() {
        assert_eq!(Measure::ALL.map(Measure::as_str), contract::usage::MEASURES);
        assert_eq!((Measure::named("sessions"), Measure::named("shoes")), (Some(Measure::Sessions), None));
    }

    #[test]
    fn known_tags_can_be_chosen_and_one_that_the_address_names() {
        let keys = || ["Team", "aws:stack"];
        let known = ["tag:Team", "tag:aws:stack"];
        assert_eq!(tag_groups(keys(), None), known);
        assert_eq!(tag_groups(keys(), Some("tag:Team".to_owned())), known, "each once");
        assert_eq!(tag_groups(keys(), Some("region".to_owned())), known, "which is no tag");
        assert_eq!(tag_groups(keys(), Some("tag:Stage".to_owned())), ["tag:Team", "tag:aws:stack", "tag:Stage"]);
        assert_eq!(tag_groups([], Some("tag:Stage".to_owned())), ["tag:Stage"], "nothing is known yet");
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn view() -> UsageTrendView {
        let totals = |minutes| Some(UsageTotalsView { connected_minutes: minutes, sessions: 2, ..Default::default() });
        UsageTrendView {
            period: period(),
            days: vec![
                UsageDayView { day: day("2026-11-20"), totals: totals(90) },
                UsageDayView { day: day("2026-11-21"), totals: None },
            ],
            previous: Some(vec![
                UsageDayView { day: day("2026-11-18"), totals: totals(30) },
                UsageDayView { day: day("2026-11-19"), totals: totals(0) },
            ]),
        }
    }

    fn period() -> UsagePeriodView {
        UsagePeriodView {
            from: day("2026-11-20"),
            to: day("2026-11-22"),
            zone: "UTC".into(),
            known: UsageKnownView {
                workspaces: 9,
                unread: 0,
                from: Some(at("2026-01-01T00:00:00Z")),
                to: Some(at("2026-11-21T09:00:00Z")),
                gaps: Vec::new(),
            },
        }
    }

    #[test]
    fn a_trend_lies_over_the_days_before() {
        let dated = trend(&view(), Measure::Hours);
        assert_eq!(dated.series[0].values, [Some(1.5), None]);
        assert_eq!((dated.series[1].values.clone(), dated.series[1].dashed), (vec![Some(0.5), Some(0.0)], true));
        assert!(dated.adds_up && !trend(&view(), Measure::WorkSpaces).adds_up);
        assert_eq!(marks(&view(), day("2026-11-21")).len(), 1);
        assert_eq!(marks(&view(), day("2026-11-22")), []);
    }

    #[test]
    fn the_days_beside_a_trend_are_named() {
        let named = |first: &str| {
            let mut view = view();
            view.previous = Some(vec![UsageDayView { day: day(first), totals: None }]);
            trend(&view, Measure::Hours).series[1].label.clone()
        };
        assert_eq!(named("2026-11-18"), "The days before");
        assert_eq!(named("2026-10-20"), "A month before");
        assert_eq!(named("2025-11-20"), "A year before");
    }

    #[test]
    fn what_is_compared_with_before_it_is_known_is_said() {
        let now = at("2026-11-21T10:00:00Z");
        let words = |compared| missing(&period(), compared, now);
        assert_eq!(words(None), Vec::<String>::new());
        assert_eq!(words(Some(day("2026-10-20"))), Vec::<String>::new());
        assert_eq!(words(Some(day("2025-11-20"))), ["Before 2026-01-01 not every WorkSpace's usage is known."]);
    }

    #[test]
    fn the_week_is_an_average() {
        let (hours, minutes, out_of) = (vec![0; 24], vec![0; 24], vec![240; 24]);
        let mut weekdays = vec![UsageWeekdayView { days: 4, hours, minutes, out_of }; 7];
        weekdays[2].minutes[9] = 600;
        (weekdays[6].minutes[9], weekdays[6].out_of[9]) = (600, 0);
        let mut view =
            UsageHeatMapView { period: view().period, zone: "America/New_York".into(), weekdays: weekdays.clone() };
        assert_eq!(
            of_week(&view).words(Vec::new()),
            ["20–21 Nov 2026 (UTC)", "on the clock of America/New York"],
            "what is taken along says it too"
        );
        let words = week_words("How many", &view);
        assert!(
            words.starts_with("How many, on the clock of America/New York. ") && words.ends_with("(UTC)."),
            "{words}"
        );
        view.weekdays[0].minutes[0] = 45;
        assert!(week_words("How many", &view).ends_with("is shared out."));
        let week = week(&weekdays);
        assert_eq!((week[2][9], week[6][9]), (2.5, 0.0));
        assert_eq!(busiest(&week), "Most on Wednesday at 09:00: 2.5 WorkSpaces");
        assert_eq!(busiest(&[[0.0; 24]; 7]), "Nobody was connected");
        assert_eq!(connected_words(1.0), "1 WorkSpace");
    }

    #[test]
    fn what_is_missing_is_said() {
        let now = at("2026-11-21T10:00:00Z");
        assert_eq!(missing(&period(), None, now), Vec::<String>::new());
        let mut late = period();
        late.known.unread = 2;
        late.known.from = Some(at("2026-11-21T00:00:00Z"));
        late.known.to = Some(at("2026-11-20T01:00:00Z"));
        let words = missing(&late, None, at("2026-11-21T10:00:00Z"));
        assert_eq!(words.len(), 3, "{words:?}");
        assert_eq!(words[0], "The usage of 2 WorkSpaces was not read yet.");
        late.known.unread = 9;
        assert_eq!(missing(&late, None, now)[0], "No usage was read yet.");
        assert_eq!(period_words(&late), "20–21 Nov 2026 (UTC)");
    }

    #[test]
    fn bins_begin_with_those_not_used() {
        let bins = bins(
            3,
            &[
                UsageBinView { from_hours: 0, to_hours: 20, workspaces: 1 },
                UsageBinView { from_hours: 20, to_hours: 40, workspaces: 2 },
            ],
        );
        let words: Vec<_> = bins.iter().map(|b| (b.label.as_str(), b.count)).collect();
        assert_eq!(words, [("none", 3.0), ("< 20", 1.0), ("20–40", 2.0)]);
        assert_eq!(bins.iter().map(|b| b.ends).collect::<Vec<_>>(), [None, Some((0, 20)), Some((20, 40))]);
    }
}
