//! What stands in a table: typed columns, and cells that know what they are, so that each format writes them as it should.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::Value;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words, names, ids.
    Text,
    /// A number; its unit is in the column.
    Number,
    /// A moment, UTC.
    Time,
    /// A calendar day.
    Day,
    /// True or false.
    Flag,
    /// JSON; as text where a format has no such thing.
    Json,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in the API's answers.
    pub name: &'static str,
    /// What is in it.
    pub kind: Kind,
    /// The unit of its numbers, such as `hours`.
    pub unit: Option<&'static str>,
}

impl Column {
    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, kind: Kind::Text, unit: None }
    }

    pub(crate) const fn number(name: &'static str) -> Self {
        Self { name, kind: Kind::Number, unit: None }
    }

    pub(crate) const fn time(name: &'static str) -> Self {
        Self { name, kind: Kind::Time, unit: None }
    }

    pub(crate) const fn day(name: &'static str) -> Self {
        Self { name, kind: Kind::Day, unit: None }
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Self { name, kind: Kind::Flag, unit: None }
    }

    pub(crate) const fn json(name: &'static str) -> Self {
        Self { name, kind: Kind::Json, unit: None }
    }

    /// With this unit.
    pub(crate) const fn in_unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A number in decimal notation, exact.
    Number(String),
    /// A moment.
    Time(DateTime<Utc>),
    /// A calendar day.
    Day(NaiveDate),
    /// True or false.
    Flag(bool),
    /// JSON.
    Json(Value),
}

impl Cell {
    /// Words.
    pub(crate) fn text(value: impl Display) -> Self {
        Self::Text(value.to_string())
    }

    /// Words that may be missing.
    pub(crate) fn maybe(value: Option<impl Display>) -> Self {
        value.map_or(Self::Empty, Self::text)
    }

    /// A number. `Display` of what is given must be decimal notation, as that of integers and of `Decimal` is.
    pub(crate) fn number(value: impl Display) -> Self {
        Self::Number(value.to_string())
    }

    /// A number that may be missing.
    pub(crate) fn maybe_number(value: Option<impl Display>) -> Self {
        value.map_or(Self::Empty, Self::number)
    }

    /// A moment that may be missing.
    pub(crate) fn maybe_time(value: Option<DateTime<Utc>>) -> Self {
        value.map_or(Self::Empty, Self::Time)
    }

    /// JSON that may be missing.
    pub(crate) fn maybe_json(value: Option<Value>) -> Self {
        value.map_or(Self::Empty, Self::Json)
    }

    /// As the API writes it, where it must be text.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Number(text) => text.clone(),
            Self::Time(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Self::Day(day) => day.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Json(value) => value.to_string(),
        }
    }
}
