//! Cursors of keyset paging: opaque to the reader, and tied to the list, filter and sort that made them. And where each of several
//! sources goes on that are merged into one list, in order of moment, source and id ([`Merged`]).

use std::cmp::Ordering;
use std::fmt::Display;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// Where a page ended: the value it was sorted by and the id that breaks ties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor<I> {
    /// The sort value, empty for none.
    #[serde(rename = "k")]
    pub(crate) key: String,
    /// The row.
    #[serde(rename = "i")]
    pub(crate) id: I,
    #[serde(rename = "h")]
    list: String,
}

/// A short name for a list with its filter and sort; `what` must tell every two lists apart.
pub(crate) fn list_name(what: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(what.as_bytes())[..9])
}

impl<I: Serialize + for<'de> Deserialize<'de>> Cursor<I> {
    pub(crate) fn new(list: &str, key: String, id: I) -> Self {
        Self { key, id, list: list.to_owned() }
    }

    pub(crate) fn encode(&self) -> String {
        // Strings and ids always serialise.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor that this list made.
    pub(crate) fn decode(text: &str, list: &str) -> Result<Self, StoreError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| StoreError::BadCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| StoreError::BadCursor)?;
        // Postgres' text can't hold NUL.
        if cursor.list == list && !cursor.key.contains('\0') { Ok(cursor) } else { Err(StoreError::BadCursor) }
    }

    /// A cursor of a list that is in order of moments.
    pub(crate) fn at(list: &str, moment: DateTime<Utc>, id: I) -> Self {
        Self::new(list, moment.timestamp_micros().to_string(), id)
    }

    /// The moment of such a cursor.
    pub(crate) fn moment(&self) -> Result<DateTime<Utc>, StoreError> {
        self.key.parse().ok().and_then(DateTime::from_timestamp_micros).map(micros).ok_or(StoreError::BadCursor)
    }
}

/// The last row of the page before, of a list that is merged of several sources, the newest first.
pub(crate) struct Merged<S> {
    pub(crate) at: DateTime<Utc>,
    pub(crate) source: S,
    pub(crate) id: String,
}

impl<S: FromStr + Ord + Display> Merged<S> {
    /// Reads a cursor that this list made; `None` for the first page.
    pub(crate) fn decode(text: Option<&str>, list: &str) -> Result<Option<Self>, StoreError> {
        let Some(text) = text else { return Ok(None) };
        let cursor: Cursor<(String, String)> = Cursor::decode(text, list)?;
        let at = cursor.moment()?;
        let (source, id) = cursor.id;
        let source = source.parse().map_err(|_| StoreError::BadCursor)?;
        Ok(Some(Self { at, source, id }))
    }

    /// The cursor of the page behind that row.
    pub(crate) fn encode(list: &str, at: DateTime<Utc>, source: &S, id: String) -> String {
        Cursor::at(list, at, (source.to_string(), id)).encode()
    }

    /// Where a source goes on behind the row.
    pub(crate) fn behind<I: FromStr>(start: Option<&Self>, source: &S) -> Result<Behind<I>, StoreError> {
        let Some(start) = start else { return Ok(Behind::Nothing) };
        Ok(match source.cmp(&start.source) {
            // Of the same moment, those of an earlier source were there before.
            Ordering::Less => Behind::Before(start.at),
            Ordering::Greater => Behind::UpTo(start.at),
            Ordering::Equal => Behind::Row(start.at, start.id.parse().map_err(|_| StoreError::BadCursor)?),
        })
    }
}

/// Where a source goes on whose rows are in order of moment and id, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Behind<I> {
    /// At its newest row.
    Nothing,
    /// With what is older than the moment.
    Before(DateTime<Utc>),
    /// With what is of the moment, or older.
    UpTo(DateTime<Utc>),
    /// Behind the row of that moment and id.
    Row(DateTime<Utc>, I),
}

impl<I: Into<Value>> Behind<I> {
    /// Adds the condition, to a statement that ends in one. The columns are those of the moment and the id.
    pub(crate) fn narrow(self, sql: Sql, at: &str, id: &str) -> Sql {
        match self {
            Self::Nothing => sql,
            Self::Before(moment) => sql.text(&format!(" AND {at} < ")).bind(moment),
            Self::UpTo(moment) => sql.text(&format!(" AND {at} <= ")).bind(moment),
            Self::Row(moment, row) => {
                sql.text(&format!(" AND ({at}, {id}) < (")).bind(moment).text(", ").bind(row).text(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let text = Cursor::new(&list_name("a"), "k".to_owned(), 7_i64).encode();
        assert_eq!(Cursor::<i64>::decode(&text, &list_name("a")).unwrap().id, 7);
        for (text, list) in [(text.as_str(), "b"), ("", "a"), ("!!", "a"), ("e30", "a"), ("bnVsbA", "a")] {
            let refused = Cursor::<i64>::decode(text, &list_name(list));
            assert!(matches!(refused, Err(StoreError::BadCursor)), "{text}");
        }
    }
}
