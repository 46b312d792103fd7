//! An answer before it is written in a protocol: text, numbers, times, lists and maps, with long columns of numbers and
//! times kept as the arrays they come from.

use std::{borrow::Cow, fmt::Write as _};

use chrono::{DateTime, SecondsFormat};

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    /// Unix seconds.
    Time(i64),
    List(Vec<Tree<'a>>),
    Map(Vec<(&'static str, Tree<'a>)>),
    Numbers(&'a [f64]),
    /// Unix seconds.
    Times(&'a [i64]),
}

impl<'a> Tree<'a> {
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        let mut out = String::new();
        self.push_json(&mut out);
        out.into_bytes()
    }

    fn push_json(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(&serde_json::Value::from(text.as_ref()).to_string()),
            Self::Number(number) => push_number(out, *number),
            Self::Time(at) => push_time(out, *at),
            Self::List(items) => push_list(out, items, |out, item| item.push_json(out)),
            Self::Numbers(numbers) => push_list(out, numbers, |out, number| push_number(out, *number)),
            Self::Times(times) => push_list(out, times, |out, at| push_time(out, *at)),
            Self::Map(members) => {
                out.push('{');
                for (place, (name, member)) in members.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    let _ = write!(out, "{comma}\"{name}\":");
                    member.push_json(out);
                }
                out.push('}');
            }
        }
    }
}

fn push_list<T>(out: &mut String, items: &[T], push: impl Fn(&mut String, &T)) {
    out.push('[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

fn push_time(out: &mut String, at: i64) {
    let _ = write!(out, "{at}");
}

/// A number, or the text that AWS writes for what JSON has no number for.
fn push_number(out: &mut String, number: f64) {
    let _ = if number.is_finite() { write!(out, "{number}") } else { write!(out, "\"{}\"", odd(number)) };
}

/// What is no number, in words.
pub(super) fn odd(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// A time as text.
pub(super) fn iso(at: i64) -> String {
    DateTime::from_timestamp(at, 0).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_json() {
        let tree = Tree::Map(vec![
            ("Text", Tree::text("a \"b\"\n")),
            ("Numbers", Tree::Numbers(&[0.0, 1.5, f64::NAN, 1e300])),
            ("Times", Tree::Times(&[1, 2])),
            ("List", Tree::List(vec![Tree::Number(3.0), Tree::Time(4)])),
        ]);
        let value: serde_json::Value = serde_json::from_slice(&tree.json()).unwrap();
        assert_eq!(
            value,
            serde_json::json!({ "Text": "a \"b\"\n", "Numbers": [0, 1.5, "NaN", 1e300], "Times": [1, 2], "List": [3, 4] })
        );
    }
}
