//! Cost Explorer's cube: rows of all regions of an account, filtered, grouped and summed by day or month.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days as Count, NaiveDate};

use super::{
    Clock, Month,
    charges::Sum,
    filter::{Filter, Row},
    other,
};
use crate::simulator::Simulator;

/// `SERVICE` of WorkSpaces.
const SERVICE: &str = "Amazon WorkSpaces";
const OPERATION: &str = "WorkSpaces";

/// `DAILY` or `MONTHLY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Granularity {
    Daily,
    Monthly,
}

/// What rows are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Group {
    Dimension(String),
    Tag(String),
}

/// A question.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) account: &'a str,
    pub(crate) from: NaiveDate,
    /// Not included.
    pub(crate) to: NaiveDate,
    pub(crate) granularity: Granularity,
    pub(crate) filter: Option<&'a Filter>,
    pub(crate) groups: &'a [Group],
}

/// The total of a group in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) amount: i128,
    pub(crate) quantity: i128,
    /// `None` before the first row; `N/A` when units differ.
    pub(crate) unit: Option<&'static str>,
}

impl Total {
    fn add(&mut self, sum: Sum, unit: &'static str) {
        self.amount += i128::from(sum.amount);
        self.quantity += i128::from(sum.quantity);
        self.unit = Some(match self.unit {
            Some(known) if known != unit => "N/A",
            _ => unit,
        });
    }
}

/// A day or month of the answer.
#[derive(Debug)]
pub(crate) struct Period {
    pub(crate) from: NaiveDate,
    /// Not included.
    pub(crate) to: NaiveDate,
    pub(crate) estimated: bool,
    pub(crate) groups: BTreeMap<Vec<String>, Total>,
}

/// A row of costs without its days.
struct Cell<'a> {
    account: &'a str,
    region: &'a str,
    service: &'a str,
    usage_type: &'a str,
    operation: &'a str,
    tag_keys: &'a [String],
    tags: &'a [Option<String>],
}

impl Row for Cell<'_> {
    fn dimension(&self, key: &str) -> Option<&str> {
        Some(match key {
            "SERVICE" => self.service,
            "REGION" => self.region,
            "USAGE_TYPE" => self.usage_type,
            "LINKED_ACCOUNT" => self.account,
            "OPERATION" => self.operation,
            "RECORD_TYPE" => "Usage",
            "PURCHASE_TYPE" => "On Demand Instances",
            "BILLING_ENTITY" => "AWS",
            "LEGAL_ENTITY_NAME" => "Amazon Web Services, Inc.",
            _ => return None,
        })
    }

    fn tag(&self, key: &str) -> Option<&str> {
        let at = self.tag_keys.iter().position(|known| known == key)?;
        self.tags.get(at)?.as_deref()
    }
}

impl Question<'_> {
    /// The tag keys that rows must be told apart by.
    pub(super) fn tag_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if let Some(filter) = self.filter {
            filter.tag_keys(&mut keys);
        }
        for group in self.groups {
            if let Group::Tag(key) = group
                && !keys.contains(key)
            {
                keys.push(key.clone());
            }
        }
        keys
    }

    fn keys(&self, cell: &Cell<'_>) -> Vec<String> {
        self.groups
            .iter()
            .map(|group| match group {
                Group::Dimension(key) => cell.dimension(key).map_or_else(|| format!("No{key}"), str::to_owned),
                Group::Tag(key) => format!("{key}${}", cell.tag(key).unwrap_or_default()),
            })
            .collect()
    }

    /// The periods asked for, each with its groups (one without keys when nothing is grouped).
    pub(super) fn answer(&self, simulator: &Simulator) -> Vec<Period> {
        let clock = Clock { now: simulator.now().timestamp() };
        let mut periods = self.periods(clock);
        let tag_keys = self.tag_keys();
        for region in &simulator.0.options.regions {
            let mut month = Month::of(self.from);
            while month.first_day() < self.to {
                self.month(simulator, clock, region, month, &tag_keys, &mut periods);
                month = month.next();
            }
        }
        periods
    }

    fn periods(&self, clock: Clock) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let next = match self.granularity {
                Granularity::Daily => from + Count::new(1),
                Granularity::Monthly => Month::of(from).next().first_day(),
            };
            let to = next.min(self.to);
            periods.push(Period { from, to, estimated: clock.is_open(to - Count::new(1)), groups: BTreeMap::new() });
            from = to;
        }
        periods
    }

    /// Where a day's costs go.
    fn index(&self, day: NaiveDate) -> usize {
        match self.granularity {
            Granularity::Daily => (day - self.from).num_days() as usize,
            Granularity::Monthly => {
                let months = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
                (months(day) - months(self.from)) as usize
            }
        }
    }

    fn month(
        &self,
        simulator: &Simulator,
        clock: Clock,
        region: &str,
        month: Month,
        tag_keys: &[String],
        periods: &mut [Period],
    ) {
        let asked = |day: NaiveDate| self.from <= day && day < self.to;
        let days: Vec<NaiveDate> =
            (0..u64::from(month.days())).map(|day| month.first_day() + Count::new(day)).collect();
        let mut cell = Cell {
            account: self.account,
            region,
            service: SERVICE,
            usage_type: "",
            operation: OPERATION,
            tag_keys,
            tags: &[],
        };
        let bill = simulator.0.books.month(simulator, self.account, region, month, tag_keys);
        for line in &bill.lines {
            let usage_type = line.usage.charge.usage_type(region, line.usage.edition, line.usage.number);
            let cell = Cell { usage_type: &usage_type, tags: &line.tags, ..cell };
            if self.filter.is_some_and(|filter| !filter.takes(&cell)) {
                continue;
            }
            let keys = self.keys(&cell);
            for (day, sum) in days.iter().zip(line.days) {
                if asked(*day) && sum != Sum::default() {
                    let groups = &mut periods[self.index(*day)].groups;
                    add(groups, &keys, sum, line.usage.charge.unit());
                }
            }
        }
        let fleet = simulator.fleet(self.account, region);
        for day in days.into_iter().filter(|day| asked(*day) && super::start_of(*day) < clock.horizon()) {
            for other in other::of_day(simulator.0.options.seed, &fleet, day) {
                (cell.service, cell.operation) = (other.service, other.operation);
                let cell = Cell { usage_type: &other.usage_type, ..cell };
                if self.filter.is_none_or(|filter| filter.takes(&cell)) {
                    let sum = Sum { amount: other.amount, quantity: other.quantity };
                    add(&mut periods[self.index(day)].groups, &self.keys(&cell), sum, other.unit);
                }
            }
        }
    }
}

fn add(groups: &mut BTreeMap<Vec<String>, Total>, keys: &[String], sum: Sum, unit: &'static str) {
    if let Some(total) = groups.get_mut(keys) {
        total.add(sum, unit);
    } else {
        groups.entry(keys.to_vec()).or_default().add(sum, unit);
    }
}
