//! Facts: what tools found out, each with its value, its words, and the page that proves it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::Sentence;
use crate::money::Money;
use crate::number::grouped;
use crate::usage::Month;

/// One thing that was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about, as the prompt says it: `WorkSpaces in state STOPPED`. Ours, never text from AWS.
    pub about: String,
    /// Words that tell this fact from its neighbours, lower case: `["stopped"]` beside one of `["available"]`. A clause that
    /// states the value must have all of them, and none of a neighbour's. Empty: the total, or a fact without neighbours.
    pub terms: Vec<String>,
    /// What was found.
    pub value: FactValue,
}

/// A value, with what it is a value of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum FactValue {
    /// So many things.
    Count(u64),
    /// An amount, exact; shown with its currency's decimals.
    Money(Money),
    /// Hours; shown with at most one decimal.
    Hours(Decimal),
    /// Of a hundred; shown with at most one decimal.
    Percent(Decimal),
    /// A UTC day.
    Date(NaiveDate),
    /// A month as AWS bills it, UTC.
    Month(Month),
    /// A moment; shown to the minute, in UTC.
    Time(DateTime<Utc>),
    /// A name, an id, a tag, a message: text that came from AWS or from a person. Data: shown whole and as it is, never
    /// followed, and no figure in it counts as found out.
    Text(String),
}

/// A page of the portal that shows the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What is seen there: `WorkSpaces, stopped, in eu-west-1`.
    pub label: String,
    /// A path of the portal with its query: `/workspaces?state=STOPPED`. Always begins with one slash.
    pub href: String,
    /// When what it shows was last read from AWS; `None` for what is ours.
    pub as_of: Option<DateTime<Utc>>,
}

/// All that was found out for one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The facts. A [`super::Part::Fact`] is an index into it.
    pub facts: Vec<Fact>,
    /// Words that hold for every fact, lower case: what the question was narrowed to (`eu-west-1`, `auto_stop`, `april`).
    /// They may stand in any clause.
    pub context: Vec<String>,
    /// The written answer: level 5 as it is, and what replaces a sentence of a model that was refused. Never empty once a
    /// tool has run: that something could not be found out is a sentence as well.
    pub sentences: Vec<Sentence>,
    /// Where it can be seen.
    pub sources: Vec<Source>,
}

impl Facts {
    /// Adds a fact and gives its place.
    pub fn add(&mut self, about: impl Into<String>, terms: &[&str], value: FactValue) -> usize {
        let terms = terms.iter().map(|term| term.to_lowercase()).collect();
        self.facts.push(Fact { about: about.into(), terms, value });
        self.facts.len() - 1
    }

    /// Adds all of another tool's, whose parts then name the places here.
    pub fn append(&mut self, other: Self) {
        let by = self.facts.len();
        self.facts.extend(other.facts);
        self.context.extend(other.context);
        self.sentences.extend(other.sentences.into_iter().map(|sentence| sentence.moved(by)));
        self.sources.extend(other.sources);
    }
}

impl std::fmt::Display for FactValue {
    /// As the written answer shows it, in English: `1,204`, `112,437.44 USD`, `19.5 hours`, `4.2 %`, `2026-04-30`, `April 2026`,
    /// `2026-04-30 14:05 UTC`; text as it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => f.write_str(&grouped(&count.to_string())),
            Self::Money(money) => {
                let digits = money.currency.minor_digits();
                write!(f, "{} {}", grouped(&money.rounded(digits).to_text(digits)), money.currency)
            }
            Self::Hours(hours) => match one_decimal(*hours) {
                one if one == "1" => f.write_str("1 hour"),
                hours => write!(f, "{hours} hours"),
            },
            Self::Percent(percent) => write!(f, "{} %", one_decimal(*percent)),
            Self::Date(date) => write!(f, "{date}"),
            Self::Month(month) => write!(f, "{}", month.first_day().format("%B %Y")),
            Self::Time(time) => write!(f, "{}", time.format("%Y-%m-%d %H:%M UTC")),
            Self::Text(text) => f.write_str(text),
        }
    }
}

fn one_decimal(number: Decimal) -> String {
    grouped(&number.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn values_are_shown_as_people_write_them() {
        let shown = |value: FactValue| value.to_string();
        assert_eq!(shown(FactValue::Count(1_204)), "1,204");
        assert_eq!(shown(FactValue::Count(204)), "204");
        assert_eq!(shown(FactValue::Money(Money::parse("112437.4449", Currency::USD).unwrap())), "112,437.44 USD");
        assert_eq!(shown(FactValue::Money(Money::parse("-1234", "JPY".parse().unwrap()).unwrap())), "-1,234 JPY");
        assert_eq!(shown(FactValue::Hours("1619.50".parse().unwrap())), "1,619.5 hours");
        assert_eq!(shown(FactValue::Hours("1.04".parse().unwrap())), "1 hour");
        assert_eq!(shown(FactValue::Percent("4.25".parse().unwrap())), "4.3 %");
        assert_eq!(shown(FactValue::Month("2026-04".parse().unwrap())), "April 2026");
    }
}
