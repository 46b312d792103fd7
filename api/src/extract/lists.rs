//! What the query of a list may say: limits, comma lists and sorts. Not the cursor, which only the list's own service can read.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use contract::lists::listed;
use contract::page::{DEFAULT_LIMIT, MAX_LIMIT};

use crate::error::ApiError;

/// The most values one comma list may have.
const MAX_VALUES: usize = 100;

/// The rows of a page: what was asked for, or the default.
///
/// # Errors
/// 400 `invalid_query` unless it is 1 to 200.
pub fn limit(asked: Option<u32>) -> Result<u32, ApiError> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(rows @ 1..=MAX_LIMIT) => Ok(rows),
        Some(_) => Err(ApiError::query("limit", "out_of_range", format!("must be 1 to {MAX_LIMIT}"))),
    }
}

/// Which page is asked for.
///
/// # Errors
/// As [`limit`].
pub fn page_request(rows: Option<u32>, cursor: Option<String>) -> Result<services::PageRequest, ApiError> {
    Ok(services::PageRequest { limit: limit(rows)?, cursor })
}

/// Ok unless a stretch of time ends before it begins.
///
/// # Errors
/// 400 `invalid_query` that names `to`.
pub fn in_order(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<(), ApiError> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(ApiError::query("to", "out_of_range", "must not be before `from`")),
        _ => Ok(()),
    }
}

/// Most characters of a search text.
const LONGEST_SEARCH: usize = 200;

/// A search text without blanks around it; `None` for an empty one.
///
/// # Errors
/// 400 `invalid_query` when it is longer than 200 characters.
pub fn search_text(q: Option<String>) -> Result<Option<String>, ApiError> {
    let q = q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
    if q.as_ref().is_some_and(|q| q.chars().count() > LONGEST_SEARCH) {
        return Err(ApiError::query("q", "too_long", format!("takes at most {LONGEST_SEARCH} characters")));
    }
    Ok(q)
}

/// The values of a comma list, blanks trimmed, empty ones left out.
///
/// # Errors
/// 400 `invalid_query` when there are more than 100.
pub fn text_list(parameter: &str, text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let values = text.unwrap_or_default().split(',').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
    few(parameter, values.collect())
}

/// The values of a list of names that may have commas themselves, as [`contract::lists`] writes it.
///
/// # Errors
/// As [`text_list`].
pub fn name_list(parameter: &str, text: Option<&str>) -> Result<Vec<String>, ApiError> {
    few(parameter, listed(text))
}

fn few(parameter: &str, values: Vec<String>) -> Result<Vec<String>, ApiError> {
    if values.len() > MAX_VALUES {
        return Err(ApiError::query(parameter, "too_many", format!("takes at most {MAX_VALUES} values")));
    }
    Ok(values)
}

/// The values of a comma list, each parsed.
///
/// # Errors
/// 400 `invalid_query` with the value that could not be parsed.
pub fn parsed_list<T>(parameter: &str, text: Option<&str>, what: &str) -> Result<Vec<T>, ApiError>
where
    T: FromStr,
{
    text_list(parameter, text)?
        .iter()
        .map(|value| {
            value.parse().map_err(|_| ApiError::query(parameter, "invalid", format!("{value:?} is not {what}")))
        })
        .collect()
}

/// The values of a comma list out of a fixed list of names.
///
/// # Errors
/// 400 `invalid_query` that names the choices.
pub fn closed_list<T>(parameter: &str, text: Option<&str>, choices: &[T]) -> Result<Vec<T>, ApiError>
where
    T: Copy + Display,
{
    text_list(parameter, text)?.iter().map(|value| choice(parameter, value, choices)).collect()
}

/// One value out of a fixed list of names; `None` where nothing is said. An empty value is none of them.
///
/// # Errors
/// As [`closed_list`].
pub fn closed_value<T>(parameter: &str, text: Option<&str>, choices: &[T]) -> Result<Option<T>, ApiError>
where
    T: Copy + Display,
{
    text.map(|value| choice(parameter, value, choices)).transpose()
}

fn choice<T>(parameter: &str, value: &str, choices: &[T]) -> Result<T, ApiError>
where
    T: Copy + Display,
{
    choices.iter().copied().find(|choice| choice.to_string() == value).ok_or_else(|| {
        let names = choices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        ApiError::query(parameter, "unknown_value", format!("{value:?} is not one of: {names}"))
    })
}

/// A sort out of a fixed list of names, and whether `-` before it asks for the largest first.
///
/// # Errors
/// 400 `invalid_query` that names the choices.
pub fn sort_by<T>(text: &str, choices: &[&str], named: impl FnOnce(&str) -> Option<T>) -> Result<(T, bool), ApiError> {
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let sort = choices.contains(&name).then(|| named(name)).flatten().ok_or_else(|| {
        let choices = choices.join(", ");
        let message = format!("{name:?} is not one of: {choices} (with `-` before it for descending)");
        ApiError::query("sort", "unknown_value", message)
    })?;
    Ok((sort, descending))
}

#[cfg(test)]
mod tests {
    use domain::jobs::JobState;

    use super::*;

    #[test]
    fn limits_have_bounds() {
        assert_eq!(limit(None).unwrap(), DEFAULT_LIMIT);
        assert_eq!(limit(Some(200)).unwrap(), 200);
        assert!(limit(Some(0)).is_err());
        assert!(limit(Some(201)).is_err());
    }

    #[test]
    fn lists_name_the_choices() {
        let states = closed_list("state", Some("dead, running,"), JobState::ALL).unwrap();
        assert_eq!(states, [JobState::Dead, JobState::Running]);
        let error = closed_list("state", Some("asleep"), JobState::ALL).unwrap_err();
        assert_eq!(error.errors()[0].field, "state");
        assert!(error.errors()[0].message.contains("queued, running, done, dead, cancelled"));
    }

    #[test]
    fn one_value_is_one_of_the_choices() {
        let orders = ["most", "least"];
        assert_eq!(closed_value("order", None, &orders).unwrap(), None);
        assert_eq!(closed_value("order", Some("least"), &orders).unwrap(), Some("least"));
        for wrong in ["", " ", "least ", "least,most", "some"] {
            let error = closed_value("order", Some(wrong), &orders).unwrap_err();
            assert_eq!(error.errors()[0].field, "order", "{wrong:?}");
        }
    }

    #[test]
    fn a_sort_is_one_of_the_choices_either_way_round() {
        let by = |text: &str| sort_by(text, &["name", "age"], |name| Some(name.len()));
        assert_eq!(by("name").unwrap(), (4, false));
        assert_eq!(by("-age").unwrap(), (3, true));
        for wrong in ["", "-", "--age", "size", " age"] {
            let error = by(wrong).unwrap_err();
            assert_eq!(error.errors()[0].field, "sort", "{wrong:?}");
            assert!(error.errors()[0].message.contains("is not one of: name, age (with `-` before it"), "{wrong:?}");
        }
        assert!(sort_by("name", &["name"], |_| None::<()>).is_err(), "nothing is sorted by that name");
    }

    #[test]
    fn ids_must_be_ids() {
        assert!(parsed_list::<uuid::Uuid>("account", Some("7"), "an account id").is_err());
        assert!(parsed_list::<uuid::Uuid>("account", None, "an account id").unwrap().is_empty());
    }
}
