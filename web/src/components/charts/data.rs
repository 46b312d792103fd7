//! What charts over days are made of: days, series of values, and the table of them that is the chart's equivalent for who
//! can't see it and what is taken along as CSV. Pure.

use chrono::NaiveDate;

use super::scale::Unit;

/// The colours of series; one that is beyond them is drawn as the rest.
const INKS: usize = 5;

/// What a series is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// The colour of the series of that number.
    Nth(usize),
    /// What is none of the named ones, or is only compared with.
    Rest,
}

impl Ink {
    /// The class of an area.
    pub fn area(self) -> &'static str {
        match self {
            Self::Nth(n) => ["area-0", "area-1", "area-2", "area-3", "area-4"].get(n).copied().unwrap_or("area-rest"),
            Self::Rest => "area-rest",
        }
    }

    /// The class of a line.
    pub fn line(self) -> &'static str {
        match self {
            Self::Nth(n) => ["line-0", "line-1", "line-2", "line-3", "line-4"].get(n).copied().unwrap_or("line-rest"),
            Self::Rest => "line-rest",
        }
    }
}

/// A series: a value for each day.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is, in words.
    pub label: String,
    /// What it is drawn in.
    pub ink: Ink,
    /// Whether its line is dashed: what is compared with, or not measured.
    pub dashed: bool,
    /// Its values, one for each day; `None` where it is not known.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// The series of that number.
    pub fn new(label: impl Into<String>, nth: usize, values: Vec<Option<f64>>) -> Self {
        Self { label: label.into(), ink: Ink::Nth(nth), dashed: false, values }
    }

    /// What is none of the named ones.
    pub fn rest(label: impl Into<String>, values: Vec<Option<f64>>) -> Self {
        Self { ink: Ink::Rest, ..Self::new(label, INKS, values) }
    }

    /// The same, dashed.
    #[must_use]
    pub fn dashed(self) -> Self {
        Self { dashed: true, ..self }
    }

    /// Its value on the day of that number.
    pub fn at(&self, i: usize) -> Option<f64> {
        self.values.get(i).copied().flatten()
    }
}

/// Where something lies for certain: between two values on each day.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// What it is, in words, as in `8 of 10 times`.
    pub label: String,
    /// The lower and the upper end of each day.
    pub values: Vec<Option<(f64, f64)>>,
}

/// Something about one day, written into the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The day.
    pub day: NaiveDate,
    /// What it is, as in `today`.
    pub label: String,
}

/// Series over days.
#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    /// The days, one after the other.
    pub days: Vec<NaiveDate>,
    /// The series, the first at the bottom of a stack.
    pub series: Vec<Series>,
    /// What the values are counted in.
    pub unit: Unit,
    /// Whether values of several days may be added up.
    pub adds_up: bool,
}

impl Dated {
    /// The sum of all series on the day of that number; `None` where none is known.
    pub fn total(&self, i: usize) -> Option<f64> {
        sum(self.series.iter().map(|s| s.at(i)))
    }

    /// The table: a row for each day, a column for each series, and their sum where there is more than one and they are stacked.
    pub fn table(&self, stacked: bool) -> Table {
        let mut columns = vec![Column::text("Day")];
        let unit = self.unit.axis();
        columns.extend(self.series.iter().map(|s| Column::number(format!("{} ({unit})", s.label))));
        let with_total = stacked && self.series.len() > 1;
        if with_total {
            columns.push(Column::number(format!("Total ({unit})")));
        }
        let row = |(i, day): (usize, &NaiveDate)| {
            let total = with_total.then(|| self.total(i));
            let values = self.series.iter().map(|s| s.at(i)).chain(total);
            std::iter::once(day.to_string()).chain(values.map(|v| v.map_or_else(String::new, plain))).collect()
        };
        Table { columns, rows: self.days.iter().enumerate().map(row).collect() }
    }
}

/// The sum of what is known; `None` when nothing is.
pub fn sum(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    values.into_iter().flatten().fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

/// A number as a program reads it: no separators, at most two decimals.
pub fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it is called, with its unit.
    pub name: String,
    /// Whether its cells are numbers.
    pub number: bool,
}

impl Column {
    /// Of text.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), number: false }
    }

    /// Of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), number: true }
    }
}

/// What a chart shows, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The CSV file of it. Cells that a spreadsheet would run are harmless; negative numbers in columns of numbers stay numbers.
    pub fn csv(&self) -> String {
        let mut out = domain::csv::line(self.columns.iter().map(|c| &c.name));
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(i, text)| {
                    let number = self.columns.get(i).is_some_and(|c| c.number) && text.parse::<f64>().is_ok();
                    if number { text.clone() } else { domain::csv::cell(text) }
                })
                .collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated() -> Dated {
        Dated {
            days: vec!["2026-11-01".parse().unwrap(), "2026-11-02".parse().unwrap()],
            series: vec![
                Series::new("AutoStop", 0, vec![Some(1.5), None]),
                Series::rest("=Other", vec![Some(-2.0), Some(3.0)]),
            ],
            unit: Unit::Hours,
            adds_up: true,
        }
    }

    #[test]
    fn the_table_says_what_the_chart_shows() {
        let table = dated().table(true);
        assert_eq!(table.columns[3].name, "Total (hours)");
        assert_eq!(table.rows[0], ["2026-11-01", "1.5", "-2", "-0.5"]);
        assert_eq!(table.rows[1], ["2026-11-02", "", "3", "3"]);
        assert_eq!(dated().table(false).columns.len(), 3);
    }

    #[test]
    fn csv_runs_nothing_and_keeps_numbers() {
        let csv = dated().table(false).csv();
        assert_eq!(csv, "Day,AutoStop (hours),'=Other (hours)\r\n2026-11-01,1.5,-2\r\n2026-11-02,,3\r\n");
        let named = Table { columns: vec![Column::text("User")], rows: vec![vec!["-1".into()], vec!["@x".into()]] };
        assert_eq!(named.csv(), "User\r\n'-1\r\n'@x\r\n");
    }

    #[test]
    fn sums_and_numbers() {
        assert_eq!(sum([None, None]), None);
        assert_eq!(dated().total(0), Some(-0.5));
        assert_eq!([plain(0.0), plain(-0.001), plain(100.0), plain(0.126)], ["0", "0", "100", "0.13"]);
        assert_eq!(Ink::Nth(9).area(), "area-rest");
    }
}
