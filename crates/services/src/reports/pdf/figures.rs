//! What the figures of a PDF show, added up while the rows of its table pass: by day, or by what stands in a column. What is kept
//! grows with the days and the names in a column, not with the rows. Usage by day is in no table: its figure is made in `mod`.
//!
//! To add one: a line in [`wanted`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::cost::{CostGrouping, EstimateBy};
use domain::reports::ReportTemplate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::chart::{Bars, Chart};
use crate::exports::{Cell, Column, Kind};
use crate::reports::tables::Shape;

/// What is said of rows that name nothing.
const UNNAMED: &str = "not known";
/// What a group of costs without a key is called, such as that of what has no such tag.
pub(super) const WITHOUT: &str = "without a value";
/// The column of the names of what an estimate is told apart by; their keys are beside it.
const LABEL: &str = "label";

/// The figures of a report: what is added up, and the title and column of each.
struct Wanted {
    of: Of,
    each: Vec<(String, &'static str)>,
}

/// What is added up.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// Rows, and what they are.
    Rows(&'static str),
    /// The amounts of a column, in the currency of another.
    Amounts(&'static str),
}

fn wanted(shape: Shape<'_>) -> Wanted {
    match shape {
        Shape::Groups(by) => {
            let (title, amount, group) =
                if by.is_estimate() { ("Estimate", "estimate", LABEL) } else { ("Cost", "amount", "key") };
            Wanted { of: Of::Amounts(amount), each: vec![(format!("{title} by {}", by.words()), group)] }
        }
        Shape::Whole(ReportTemplate::Inventory) => Wanted {
            of: Of::Rows("WorkSpaces"),
            each: titled(&[("Fleet by state", "state"), ("Fleet by running mode", "running_mode")]),
        },
        Shape::Whole(ReportTemplate::Usage) => Wanted { of: Of::Rows("WorkSpaces"), each: Vec::new() },
        Shape::Whole(ReportTemplate::Cost) => {
            Wanted { of: Of::Amounts("amount"), each: titled(&[("Cost by day", "day")]) }
        }
        Shape::Whole(ReportTemplate::Savings) => {
            Wanted { of: Of::Amounts("saving"), each: titled(&[("Saving by advice", "advice")]) }
        }
        Shape::Whole(ReportTemplate::Audit) => Wanted {
            of: Of::Rows("entries"),
            each: titled(&[("Activity by day", "at"), ("Activity by action", "action")]),
        },
    }
}

fn titled(each: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    each.iter().map(|&(title, column)| (title.to_owned(), column)).collect()
}

/// The figures of a report, as far as rows have passed.
pub(super) struct Figures {
    of: Of,
    /// Not where a row may be of what another has too: somebody may be in several teams.
    adds_up: bool,
    /// The zone of its days.
    zone: Tz,
    /// Where the amount and its currency are.
    amount: Option<usize>,
    currency: Option<usize>,
    currencies: BTreeSet<String>,
    each: Vec<Figure>,
}

struct Figure {
    title: String,
    at: usize,
    /// Where the keys of what has a name are: several may have one name.
    key: Option<usize>,
    kind: Kind,
    days: BTreeMap<NaiveDate, Decimal>,
    /// By name and key.
    kinds: BTreeMap<(String, String), Decimal>,
}

impl Figure {
    fn add(&mut self, name: String, row: &[Cell], value: Decimal) {
        let key = self.key.and_then(|at| row.get(at)).map(Cell::shown).unwrap_or_default();
        *self.kinds.entry((name, key)).or_default() += value;
    }
}

impl Figures {
    /// Nothing has passed yet.
    pub(super) fn new<'a>(shape: impl Into<Shape<'a>>, columns: &[Column], zone: Tz) -> Self {
        let find = |name: &str| columns.iter().position(|column| column.name == name);
        let shape: Shape<'a> = shape.into();
        let adds_up = !matches!(shape, Shape::Groups(CostGrouping::Estimated(EstimateBy::Team)));
        let Wanted { of, each } = wanted(shape);
        let amount = if let Of::Amounts(name) = of { find(name) } else { None };
        let figure = |(title, name): (String, &'static str)| {
            let at = find(name)?;
            let key = if name == LABEL { find("key") } else { None };
            Some(Figure { title, at, key, kind: columns[at].kind, days: BTreeMap::new(), kinds: BTreeMap::new() })
        };
        let each = each.into_iter().filter_map(figure).collect();
        Self { of, adds_up, zone, amount, currency: find("currency"), currencies: BTreeSet::new(), each }
    }

    /// A row passes.
    pub(super) fn add(&mut self, row: &[Cell]) {
        let value = match self.of {
            Of::Rows(_) => Decimal::ONE,
            Of::Amounts(_) => match self.amount.and_then(|at| row.get(at)) {
                Some(Cell::Number(amount)) => amount.parse().unwrap_or(Decimal::ZERO),
                // What comes to nothing that is known has no currency either.
                _ => return,
            },
        };
        if let Some(currency) = self.currency.and_then(|at| row.get(at)) {
            self.currencies.insert(currency.shown());
        }
        for figure in &mut self.each {
            match row.get(figure.at) {
                Some(Cell::Day(day)) => *figure.days.entry(*day).or_default() += value,
                Some(Cell::Time(at)) => {
                    *figure.days.entry(at.with_timezone(&self.zone).date_naive()).or_default() += value
                }
                Some(Cell::Text(text)) if text.is_empty() => figure.add(WITHOUT.to_owned(), row, value),
                None | Some(Cell::Empty) => figure.add(UNNAMED.to_owned(), row, value),
                Some(other) => figure.add(other.shown(), row, value),
            }
        }
    }

    /// The figures of what has passed; none of nothing, and none of several currencies, which can't stand on one axis.
    pub(super) fn charts(self, period: Option<(NaiveDate, NaiveDate)>) -> Vec<Chart> {
        let unit = match self.of {
            Of::Rows(unit) => unit.to_owned(),
            Of::Amounts(_) => {
                let mut currencies = self.currencies.into_iter();
                let (Some(only), None) = (currencies.next(), currencies.next()) else { return Vec::new() };
                only
            }
        };
        // A day without an entry had none; a day without a bill may still get one.
        let otherwise = if let Of::Rows(_) = self.of { Some(0.0) } else { None };
        let chart = |figure: Figure| {
            let bars = match figure.kind {
                Kind::Day | Kind::Time => by_day(&figure.days, period?, otherwise)?,
                _ => by_kind(figure.kinds)?,
            };
            Some(Chart { title: figure.title, unit: unit.clone(), bars, adds_up: self.adds_up })
        };
        self.each.into_iter().filter_map(chart).collect()
    }
}

fn by_day(
    days: &BTreeMap<NaiveDate, Decimal>,
    (first, last): (NaiveDate, NaiveDate),
    otherwise: Option<f64>,
) -> Option<Bars> {
    let value = |day: NaiveDate| days.get(&day).map_or(otherwise, Decimal::to_f64);
    let bars = first.iter_days().take_while(|day| *day <= last).map(|day| (day, value(day)));
    (!days.is_empty()).then(|| Bars::Days(bars.collect()))
}

/// The largest first; of the same size, by name.
fn by_kind(kinds: BTreeMap<(String, String), Decimal>) -> Option<Bars> {
    let several = of_several(kinds.keys().map(|(name, key)| (name.as_str(), key.as_str())));
    let named = kinds.into_iter().map(|((name, key), value)| (told_apart(name, &key, &several), value));
    let mut kinds: Vec<(String, Decimal)> = named.collect();
    kinds.sort_by_key(|(_, value)| Reverse(*value));
    let bars = kinds.into_iter().filter_map(|(name, value)| Some((name, value.to_f64()?)));
    let bars: Vec<(String, f64)> = bars.collect();
    (!bars.is_empty()).then_some(Bars::Kinds(bars))
}

/// The names that stand beside more than one key.
fn of_several<'a>(named: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeSet<String> {
    let mut keys: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, key) in named {
        keys.entry(name).or_default().insert(key);
    }
    keys.into_iter().filter(|(_, keys)| keys.len() > 1).map(|(name, _)| name.to_owned()).collect()
}

/// A name, with its key where it is one of several.
fn told_apart(name: String, key: &str, several: &BTreeSet<String>) -> String {
    if key.is_empty() || !several.contains(&name) { name } else { format!("{name} ({key})") }
}

/// The same of the names that rows begin with, whose keys these are.
pub(super) fn tell_apart(rows: &mut [Vec<String>], keys: &[String]) {
    let named = rows.iter().zip(keys).filter_map(|(row, key)| Some((row.first()?.as_str(), key.as_str())));
    let several = of_several(named);
    for (row, key) in rows.iter_mut().zip(keys) {
        if let Some(name) = row.first_mut() {
            *name = told_apart(std::mem::take(name), key, &several);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exports::tables::{AuditTable, WorkspaceTable};
    use crate::exports::{Row, Table as _};
    use crate::reports::pdf::tests::each_shape;
    use crate::reports::tables::SAVINGS;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A row of a table in which only these columns hold anything.
    fn row(columns: &[Column], cells: &[(&str, Cell)]) -> Row {
        let cell = |column: &Column| cells.iter().find(|(name, _)| *name == column.name).map(|(_, cell)| cell.clone());
        columns.iter().map(|column| cell(column).unwrap_or(Cell::Empty)).collect()
    }

    fn kinds(named: &[(&str, f64)]) -> Bars {
        Bars::Kinds(named.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect())
    }

    #[test]
    fn a_fleet_by_state_and_by_running_mode() {
        let table = WorkspaceTable::default();
        let mut figures = Figures::new(ReportTemplate::Inventory, table.columns(), Tz::UTC);
        for (state, mode) in [("STOPPED", Some("AUTO_STOP")), ("AVAILABLE", Some("AUTO_STOP")), ("STOPPED", None)] {
            figures.add(&row(table.columns(), &[("state", Cell::text(state)), ("running_mode", Cell::maybe(mode))]));
        }
        let charts = figures.charts(None);
        let bars: Vec<(&str, &str, &Bars)> =
            charts.iter().map(|chart| (chart.title.as_str(), chart.unit.as_str(), &chart.bars)).collect();
        let (states, modes) =
            (kinds(&[("STOPPED", 2.0), ("AVAILABLE", 1.0)]), kinds(&[("AUTO_STOP", 2.0), (UNNAMED, 1.0)]));
        assert_eq!(bars, [("Fleet by state", "WorkSpaces", &states), ("Fleet by running mode", "WorkSpaces", &modes)]);
    }

    #[test]
    fn savings_add_up_by_advice_in_one_currency() {
        let saving = |advice: &str, amount: &str, currency: &str| {
            let cells =
                [("advice", Cell::text(advice)), ("saving", Cell::number(amount)), ("currency", Cell::text(currency))];
            row(SAVINGS, &cells)
        };
        let found = [("remove", "33.25"), ("auto-stop", "0.5"), ("remove", "7"), ("always-on", "12.5")];
        let mut figures = Figures::new(ReportTemplate::Savings, SAVINGS, Tz::UTC);
        for (advice, amount) in found {
            figures.add(&saving(advice, amount, "USD"));
        }
        let charts = figures.charts(None);
        assert_eq!(charts.len(), 1);
        assert_eq!(charts[0].bars, kinds(&[("remove", 40.25), ("always-on", 12.5), ("auto-stop", 0.5)]));
        assert_eq!(charts[0].unit, "USD");

        let mut figures = Figures::new(ReportTemplate::Savings, SAVINGS, Tz::UTC);
        for currency in ["USD", "CNY"] {
            figures.add(&saving("remove", "1", currency));
        }
        assert!(figures.charts(None).is_empty(), "two currencies on one axis");
        assert!(Figures::new(ReportTemplate::Savings, SAVINGS, Tz::UTC).charts(None).is_empty(), "nothing to show");
    }

    #[test]
    fn entries_by_day_and_by_action() {
        let table = AuditTable::default();
        let mut figures = Figures::new(ReportTemplate::Audit, table.columns(), chrono_tz::Europe::Berlin);
        for (at, action) in [
            ("2026-03-01T22:59:59Z", "session.begin"),
            ("2026-03-02T23:00:00Z", "session.begin"),
            ("2026-03-03T10:00:00Z", "budget.create"),
        ] {
            let at = at.parse().unwrap();
            figures.add(&row(table.columns(), &[("at", Cell::Time(at)), ("action", Cell::text(action))]));
        }
        let charts = figures.charts(Some((day("2026-03-01"), day("2026-03-03"))));
        let days = [("2026-03-01", 1.0), ("2026-03-02", 0.0), ("2026-03-03", 2.0)];
        let days = Bars::Days(days.iter().map(|(at, count)| (day(at), Some(*count))).collect());
        let bars: Vec<&Bars> = charts.iter().map(|chart| &chart.bars).collect();
        assert_eq!(bars, [&days, &kinds(&[("session.begin", 2.0), ("budget.create", 1.0)])]);
    }

    #[test]
    fn memory_grows_with_the_names_and_not_with_the_rows() {
        let table = AuditTable::default();
        let mut figures = Figures::new(ReportTemplate::Audit, table.columns(), Tz::UTC);
        let at = "2026-03-01T12:00:00Z".parse().unwrap();
        let one = row(table.columns(), &[("at", Cell::Time(at)), ("action", Cell::text("session.begin"))]);
        for _ in 0..10_000 {
            figures.add(&one);
        }
        let kept: usize = figures.each.iter().map(|figure| figure.days.len() + figure.kinds.len()).sum();
        assert_eq!(kept, 2);
        let charts = figures.charts(Some((day("2026-03-01"), day("2026-03-01"))));
        assert_eq!(charts[1].bars, kinds(&[("session.begin", 10_000.0)]));
    }

    #[test]
    fn groups_of_costs_add_up_and_have_a_name_each() {
        let columns = &[Column::text("key"), Column::number("amount"), Column::text("currency")];
        let by: CostGrouping = "tag:Stage".parse().unwrap();
        let mut figures = Figures::new(Shape::Groups(&by), columns, Tz::UTC);
        for (key, amount) in [("", "40"), ("live", "4.5"), ("test", "0.5")] {
            let cells = [("key", Cell::text(key)), ("amount", Cell::number(amount)), ("currency", Cell::text("USD"))];
            figures.add(&row(columns, &cells));
        }
        let charts = figures.charts(None);
        assert_eq!((charts.len(), charts[0].title.as_str(), charts[0].unit.as_str()), (1, "Cost by tag Stage", "USD"));
        assert_eq!(charts[0].bars, kinds(&[(WITHOUT, 40.0), ("live", 4.5), ("test", 0.5)]));
    }

    #[test]
    fn a_group_without_an_estimate_is_no_other_currency() {
        let columns = &[Column::text("label"), Column::number("estimate"), Column::text("currency")];
        let by: CostGrouping = "estimate:bundle".parse().unwrap();
        let mut figures = Figures::new(Shape::Groups(&by), columns, Tz::UTC);
        let cells =
            [("label", Cell::text("Standard")), ("estimate", Cell::number("33.5")), ("currency", Cell::text("USD"))];
        figures.add(&row(columns, &cells));
        figures.add(&row(columns, &[("label", Cell::text("Old"))]));
        let charts = figures.charts(None);
        assert_eq!((charts[0].title.as_str(), charts[0].unit.as_str()), ("Estimate by bundle", "USD"));
        assert_eq!(charts[0].bars, kinds(&[("Standard", 33.5)]));
    }

    #[test]
    fn groups_of_one_name_are_told_apart_by_their_keys() {
        let columns =
            &[Column::text("key"), Column::text("label"), Column::number("estimate"), Column::text("currency")];
        let by: CostGrouping = "estimate:bundle".parse().unwrap();
        let mut figures = Figures::new(Shape::Groups(&by), columns, Tz::UTC);
        for (key, label, estimate) in [
            ("wsb-1", "Standard", "33.5"),
            ("wsb-2", "Standard", "7"),
            ("wsb-3", "Power", "2"),
            ("wsb-2", "Standard", "1"),
        ] {
            let cells = [
                ("key", Cell::text(key)),
                ("label", Cell::text(label)),
                ("estimate", Cell::number(estimate)),
                ("currency", Cell::text("USD")),
            ];
            figures.add(&row(columns, &cells));
        }
        let bars = [("Standard (wsb-1)", 33.5), ("Standard (wsb-2)", 8.0), ("Power", 2.0)];
        let charts = figures.charts(None);
        assert_eq!((&charts[0].bars, charts[0].adds_up), (&kinds(&bars), true));
        let by: CostGrouping = "estimate:team".parse().unwrap();
        let mut figures = Figures::new(Shape::Groups(&by), columns, Tz::UTC);
        for team in ["Day", "Night"] {
            let cells = [("label", Cell::text(team)), ("estimate", Cell::number("1")), ("currency", Cell::text("USD"))];
            figures.add(&row(columns, &cells));
        }
        assert!(!figures.charts(None)[0].adds_up, "somebody may be in both");

        let texts = |each: &[&str]| each.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
        let mut rows = ["Standard", "Standard", "Power", "Power"].map(|name| texts(&[name, "1"])).to_vec();
        tell_apart(&mut rows, &texts(&["wsb-1", "wsb-2", "wsb-3", "wsb-3"]));
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["Standard (wsb-1)", "Standard (wsb-2)", "Power", "Power"], "one in two currencies is one");
    }

    #[test]
    fn each_is_of_a_column_that_is_there() {
        for (filter, template, columns) in each_shape() {
            let shape = filter.shape(template);
            assert_eq!(Figures::new(shape, columns, Tz::UTC).each.len(), wanted(shape).each.len(), "{shape:?}");
        }
    }
}
