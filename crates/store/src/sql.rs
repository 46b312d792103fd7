//! Statements that sea-query can't say well: text with bound values ([`Sql`]), and whole sets of rows handed over as one
//! JSON value ([`Sql::rows`]), so that a batch is one statement with one parameter and one plan, on both databases.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use sea_orm::{ConnectionTrait, DbBackend, ExecResult, FromQueryResult, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::error::StoreError;

/// The type of a column in [`Sql::rows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Uuid,
    Text,
    Int,
    Long,
    Float,
    Date,
    Bool,
    Time,
    Json,
}

/// A statement being written.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// An empty statement for the database behind `conn`.
    pub(crate) fn new(conn: &impl ConnectionTrait) -> Self {
        Self::of(conn.get_database_backend())
    }

    /// An empty statement for that kind of database.
    pub(crate) fn of(backend: DbBackend) -> Self {
        Self { backend, text: String::with_capacity(512), values: Vec::new() }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// Adds text as it is. Never a value that came from outside.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds the text for Postgres or the one for SQLite.
    pub(crate) fn either(self, postgres: &str, sqlite: &str) -> Self {
        let text = if self.is_postgres() { postgres } else { sqlite };
        self.text(text)
    }

    /// Adds a value.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        if self.is_postgres() {
            self.text.push('$');
            self.text.push_str(&self.values.len().to_string());
        } else {
            self.text.push('?');
        }
        self
    }

    /// Adds ` column IN (values)`; nothing at all is in an empty list.
    pub(crate) fn bind_in<V: Into<Value>>(self, column: &str, values: impl IntoIterator<Item = V>) -> Self {
        let mut sql = self.text(column).text(" IN (");
        let mut first = true;
        for value in values {
            sql = if first { sql } else { sql.text(", ") }.bind(value);
            first = false;
        }
        if first { sql.text("NULL)") } else { sql.text(")") }
    }

    /// Adds ` AND column IN (values)`; nothing for an empty list, which narrows nothing.
    pub(crate) fn any_of<V: Into<Value>>(self, column: &str, values: impl ExactSizeIterator<Item = V>) -> Self {
        if values.len() == 0 { self } else { self.text(" AND ").bind_in(column, values) }
    }

    /// Adds a row source named `x`: the objects of a JSON array as rows of typed columns, in the array's order.
    pub(crate) fn rows(mut self, json: String, columns: &[(&str, Column)]) -> Self {
        let json = without_nul(json);
        if self.is_postgres() {
            self = self.text("json_to_recordset(").bind(json).text("::json) AS x(");
            for (at, (name, kind)) in columns.iter().enumerate() {
                let kind = match kind {
                    Column::Uuid => "uuid",
                    Column::Text => "text",
                    Column::Int => "int",
                    Column::Long => "bigint",
                    Column::Float => "double precision",
                    Column::Date => "date",
                    Column::Bool => "boolean",
                    Column::Time => "timestamptz",
                    Column::Json => "jsonb",
                };
                let comma = if at == 0 { "" } else { ", " };
                self = self.text(&format!("{comma}\"{name}\" {kind}"));
            }
            return self.text(")");
        }
        self = self.text("(SELECT ");
        for (at, (name, kind)) in columns.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            self = self.text(&match kind {
                Column::Uuid => format!("{comma}unhex(replace(value ->> '$.{name}', '-', '')) AS \"{name}\""),
                Column::Json => format!("{comma}value -> '$.{name}' AS \"{name}\""),
                _ => format!("{comma}value ->> '$.{name}' AS \"{name}\""),
            });
        }
        self.text(" FROM json_each(").bind(json).text(")) AS x")
    }

    /// The finished statement.
    pub(crate) fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }

    /// The statement with its values written into it, for EXPLAIN and benches.
    pub(crate) fn inlined(self) -> String {
        self.statement().to_string()
    }

    pub(crate) async fn execute(self, conn: &impl ConnectionTrait) -> Result<ExecResult, StoreError> {
        Ok(conn.execute_raw(self.statement()).await?)
    }

    pub(crate) async fn all(self, conn: &impl ConnectionTrait) -> Result<Vec<QueryResult>, StoreError> {
        Ok(conn.query_all_raw(self.statement()).await?)
    }

    pub(crate) async fn one(self, conn: &impl ConnectionTrait) -> Result<Option<QueryResult>, StoreError> {
        Ok(conn.query_one_raw(self.statement()).await?)
    }

    /// All rows, read into `R`.
    pub(crate) async fn all_as<R: FromQueryResult>(self, conn: &impl ConnectionTrait) -> Result<Vec<R>, StoreError> {
        self.all(conn).await?.iter().map(|row| Ok(R::from_query_result(row, "")?)).collect()
    }

    /// The first row, read into `R`.
    pub(crate) async fn one_as<R: FromQueryResult>(self, conn: &impl ConnectionTrait) -> Result<Option<R>, StoreError> {
        Ok(self.one(conn).await?.map(|row| R::from_query_result(&row, "")).transpose()?)
    }

    /// The first column of the first row as a count.
    pub(crate) async fn count(self, conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
        let count: Option<i64> = self.one(conn).await?.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}

/// The first and the last second that both databases write with four digits for the year: as text, moments within them sort
/// by time on SQLite, and Postgres reads no other.
const WRITABLE_SECS: (i64, i64) = (-62_135_596_800, 253_402_300_799);

/// The moment cut to microseconds, which is what Postgres keeps: a value written and read again is then the same. A moment
/// beyond the years 1 to 9999, which some answer may hold, becomes the nearest one within.
pub(crate) fn micros(at: DateTime<Utc>) -> DateTime<Utc> {
    let (first, last) = WRITABLE_SECS;
    let secs = at.timestamp().clamp(first, last);
    if secs == at.timestamp() { at.trunc_subsecs(6) } else { DateTime::from_timestamp(secs, 0).unwrap_or(at) }
}

/// The moment as both databases take it from JSON, and exactly as the SQLite driver writes a bound one.
pub(crate) fn time_text(at: DateTime<Utc>) -> String {
    micros(at).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// The JSON text without the character NUL, which Postgres keeps neither in text nor in JSON. A backslash that is
/// itself escaped, as in the six letters `\u0000` somebody typed, stays what it is.
fn without_nul(json: String) -> String {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return json;
    }
    let mut clean = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        // What serde_json writes after a backslash is one letter, or u and four digits.
        let escape = if rest.starts_with("\\u") { 6 } else { 2 };
        let (escape, after) = rest.split_at(escape.min(rest.len()));
        if escape != NUL {
            clean.push_str(escape);
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// A JSON array of ids for [`Sql::rows`].
pub(crate) fn id_rows(ids: impl IntoIterator<Item = Uuid>) -> String {
    let rows: Vec<_> = ids.into_iter().map(|id| serde_json::json!({ "id": id })).collect();
    serde_json::Value::Array(rows).to_string()
}

/// The most words of a search text that are looked for.
const MOST_WORDS: usize = 8;

/// The words of a search text in small letters; those after the eighth are left out.
pub(crate) fn search_words(q: Option<&str>) -> impl Iterator<Item = String> {
    q.into_iter().flat_map(str::split_whitespace).take(MOST_WORDS).map(str::to_lowercase)
}

/// The word as a LIKE pattern that finds it anywhere, its own wildcards taken literally.
pub(crate) fn like_anywhere(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_goes_and_nothing_else() {
        let odd = serde_json::json!(["a\0b", "\\u0000", "\\", "\\\0", "\n\"\u{1}", "end\0"]);
        let clean: Vec<String> = serde_json::from_str(&without_nul(odd.to_string())).unwrap();
        assert_eq!(clean, ["ab", "\\u0000", "\\", "\\", "\n\"\u{1}", "end"]);
    }

    #[test]
    fn moments_beyond_the_calendar_are_the_nearest_within() {
        for (at, text) in [
            (DateTime::<Utc>::MIN_UTC, "0001-01-01T00:00:00+00:00"),
            (DateTime::<Utc>::MAX_UTC, "9999-12-31T23:59:59+00:00"),
            (DateTime::from_timestamp(253_402_300_799, 999_999_999).unwrap(), "9999-12-31T23:59:59.999999+00:00"),
            (DateTime::from_timestamp(1, 0).unwrap(), "1970-01-01T00:00:01+00:00"),
        ] {
            assert_eq!(time_text(at), text);
        }
    }

    #[test]
    fn an_empty_list_narrows_nothing() {
        let sql = || Sql::of(DbBackend::Sqlite).text("WHERE true");
        assert_eq!(sql().any_of("a", [1, 2].into_iter()).inlined(), "WHERE true AND a IN (1, 2)");
        assert_eq!(sql().any_of("a", Vec::<i32>::new().into_iter()).inlined(), "WHERE true");
    }

    #[test]
    fn words_are_small_and_few() {
        assert_eq!(search_words(Some(" Ada  B ")).collect::<Vec<_>>(), ["ada", "b"]);
        assert_eq!(search_words(None).count(), 0);
        assert_eq!(search_words(Some(&"a ".repeat(MOST_WORDS + 1))).count(), MOST_WORDS);
    }

    #[test]
    fn wildcards_are_taken_literally() {
        assert_eq!(like_anywhere("50%_\\x"), "%50\\%\\_\\\\x%");
    }
}
