//! Pages of rows that are made in memory, such as sums: there are as many as groups, not as days.

use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;

/// A page of such rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostPage<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// The rows of a list behind `cursor`, at most `limit` of them. `list` must tell every two lists apart; `place` tells a list's rows
/// apart, by their key and their currency (empty where each key is there once).
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list, and for a row that is no longer there.
pub fn cost_page<T>(
    rows: Vec<T>,
    list: &str,
    cursor: Option<&str>,
    limit: u32,
    place: impl Fn(&T) -> (&str, &str),
) -> Result<CostPage<T>, StoreError> {
    page(rows, list, cursor, limit, &place, |rows, behind| {
        rows.iter().position(|row| place(row) == behind).map(|at| at + 1)
    })
}

/// The same of rows in the order of their places: the row that a page ended with need not be there any more to go on behind it.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub fn ordered_page<T>(
    rows: Vec<T>,
    list: &str,
    cursor: Option<&str>,
    limit: u32,
    place: impl Fn(&T) -> (&str, &str),
) -> Result<CostPage<T>, StoreError> {
    page(rows, list, cursor, limit, &place, |rows, behind| Some(rows.partition_point(|row| place(row) <= behind)))
}

/// A page that begins where `begin` says, of the place that the page before ended with.
fn page<T>(
    rows: Vec<T>,
    list: &str,
    cursor: Option<&str>,
    limit: u32,
    place: impl Fn(&T) -> (&str, &str),
    begin: impl Fn(&[T], (&str, &str)) -> Option<usize>,
) -> Result<CostPage<T>, StoreError> {
    let name = list_name(list);
    let from = match cursor {
        None => 0,
        Some(text) => {
            let cursor: Cursor<String> = Cursor::decode(text, &name)?;
            begin(&rows, (&cursor.key, &cursor.id)).ok_or(StoreError::BadCursor)?
        }
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > from.saturating_add(limit);
    let rows: Vec<_> = rows.into_iter().skip(from).take(limit).collect();
    let last = rows.last().filter(|_| more).map(place);
    let next = last.map(|(key, beside)| Cursor::new(&name, key.to_owned(), beside.to_owned()).encode());
    Ok(CostPage { rows, next })
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Money};

    use super::*;
    use crate::repo::costs::CostSum;

    fn sum(key: &str, amount: &str, currency: &str) -> CostSum {
        let currency: Currency = currency.parse().unwrap();
        CostSum { key: key.to_owned(), amount: Money::parse(amount, currency).unwrap(), estimated: false }
    }

    fn page(sums: &[CostSum], list: &str, cursor: Option<&str>) -> Result<CostPage<CostSum>, StoreError> {
        cost_page(sums.to_vec(), list, cursor, 1, |sum| (sum.key.as_str(), sum.amount.currency.as_str()))
    }

    #[test]
    fn pages_are_the_list_and_a_cursor_of_another_is_refused() {
        let all = vec![sum("a", "9", "EUR"), sum("a", "8", "USD"), sum("b", "8", "USD"), sum("", "1", "USD")];
        let (mut walked, mut cursor) = (Vec::new(), None);
        for _ in 0..4 {
            let one = page(&all, "list", cursor.as_deref()).unwrap();
            walked.extend(one.rows);
            cursor = one.next;
        }
        assert_eq!((walked, cursor), (all.clone(), None));
        let next = page(&all, "list", None).unwrap().next;
        assert!(matches!(page(&all, "other", next.as_deref()), Err(StoreError::BadCursor)));
        assert!(matches!(page(&all[1..], "list", next.as_deref()), Err(StoreError::BadCursor)));
    }

    #[test]
    fn what_is_ordered_goes_on_behind_a_row_that_is_gone() {
        let page = |rows: &[&'static str], list: &str, cursor: Option<&str>| {
            ordered_page(rows.to_vec(), list, cursor, 2, |row| (*row, ""))
        };
        let first = page(&["a", "b", "c", "d"], "list", None).unwrap();
        assert_eq!(first.rows, ["a", "b"]);
        let rest = page(&["a", "c", "d"], "list", first.next.as_deref()).unwrap();
        assert_eq!((rest.rows, rest.next), (vec!["c", "d"], None));
        assert!(matches!(page(&["c"], "other", first.next.as_deref()), Err(StoreError::BadCursor)));
    }
}
