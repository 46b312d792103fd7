//! Pages of sums that are made in memory: there are as many as groups, not as days.

use super::sums::CostSum;
use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;

/// A page of sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostPage {
    /// The sums.
    pub rows: Vec<CostSum>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// The sums of a list behind `cursor`, at most `limit` of them. `list` must tell every two lists apart.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list, and for a sum that is no longer there.
pub fn cost_page(sums: Vec<CostSum>, list: &str, cursor: Option<&str>, limit: u32) -> Result<CostPage, StoreError> {
    let name = list_name(list);
    let from = match cursor {
        None => 0,
        Some(text) => {
            let cursor: Cursor<String> = Cursor::decode(text, &name)?;
            let is_it = |sum: &CostSum| sum.key == cursor.key && sum.amount.currency.as_str() == cursor.id;
            sums.iter().position(is_it).ok_or(StoreError::BadCursor)? + 1
        }
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = sums.len() > from.saturating_add(limit);
    let rows: Vec<_> = sums.into_iter().skip(from).take(limit).collect();
    let last = rows.last().filter(|_| more);
    let next = last.map(|sum| Cursor::new(&name, sum.key.clone(), sum.amount.currency.to_string()).encode());
    Ok(CostPage { rows, next })
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Money};

    use super::*;

    fn sum(key: &str, amount: &str, currency: &str) -> CostSum {
        let currency: Currency = currency.parse().unwrap();
        CostSum { key: key.to_owned(), amount: Money::parse(amount, currency).unwrap(), estimated: false }
    }

    #[test]
    fn pages_are_the_list_and_a_cursor_of_another_is_refused() {
        let all = vec![sum("a", "9", "EUR"), sum("a", "8", "USD"), sum("b", "8", "USD"), sum("", "1", "USD")];
        let (mut walked, mut cursor) = (Vec::new(), None);
        for _ in 0..4 {
            let page = cost_page(all.clone(), "list", cursor.as_deref(), 1).unwrap();
            walked.extend(page.rows);
            cursor = page.next;
        }
        assert_eq!((walked, cursor), (all.clone(), None));
        let next = cost_page(all.clone(), "list", None, 1).unwrap().next;
        assert!(matches!(cost_page(all.clone(), "other", next.as_deref(), 1), Err(StoreError::BadCursor)));
        assert!(matches!(cost_page(all[1..].to_vec(), "list", next.as_deref(), 1), Err(StoreError::BadCursor)));
    }
}
