//! Several values in one parameter of a query, separated by commas, where a value may have a comma itself: one that belongs to a value
//! has a `\` before it, and so has a `\` that is meant as one. A `\` before anything else stands for itself, so that a single value
//! is a list of one. Ids and names of our own have neither: for those a plain comma list does.

use std::mem;

/// The values of the text: blanks around each trimmed, empty ones left out, each once.
#[must_use]
pub fn listed(text: Option<&str>) -> Vec<String> {
    let (mut values, mut value) = (Vec::new(), String::new());
    let mut letters = text.unwrap_or_default().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => value.push(letters.next_if(|next| matches!(next, ',' | '\\')).unwrap_or('\\')),
            ',' => add(&mut values, &mem::take(&mut value)),
            other => value.push(other),
        }
    }
    add(&mut values, &value);
    values
}

fn add(values: &mut Vec<String>, value: &str) {
    let value = value.trim();
    if !value.is_empty() && !values.iter().any(|one| one == value) {
        values.push(value.to_owned());
    }
}

/// The text that says these values; `None` for none.
#[must_use]
pub fn list_of(values: &[String]) -> Option<String> {
    let written: Vec<_> = values.iter().map(|value| value.replace('\\', "\\\\").replace(',', "\\,")).collect();
    Some(written.join(",")).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_value_is_a_list_of_one() {
        for value in ["StopWorkspaces", "Admin/ada@example.com", "CORP\\ada", "a b"] {
            assert_eq!(listed(Some(value)), [value]);
        }
        assert_eq!(listed(None), Vec::<String>::new());
        assert_eq!(listed(Some(" ,, ")), Vec::<String>::new());
        assert_eq!(list_of(&[]), None);
    }

    #[test]
    fn values_are_separated_by_commas_and_there_once() {
        assert_eq!(listed(Some("ada, bob,,ada")), ["ada", "bob"]);
        assert_eq!(list_of(&["ada".to_owned(), "bob".to_owned()]).as_deref(), Some("ada,bob"));
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        for values in [["last, first", "b"], ["CORP\\ada", "\\"], ["a\\,b", "c\\"], [",", "\\\\,"]] {
            let values = values.map(str::to_owned);
            let text = list_of(&values);
            assert_eq!(listed(text.as_deref()), values, "{text:?}");
        }
        assert_eq!(listed(Some("last\\, first,b")), ["last, first", "b"]);
    }
}
