//! Replacing sets of rows: telling apart what is known and what was read, and writing only what differs.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Column, Sql};

/// Rows in one statement at most.
const BATCH: usize = 2000;

/// What a replacement did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplaceOutcome {
    /// New rows.
    pub added: u64,
    /// Rows that read otherwise now.
    pub changed: u64,
    /// Rows that are no longer there.
    pub removed: u64,
    /// Rows as they were, which were not written.
    pub unchanged: u64,
}

impl ReplaceOutcome {
    /// The rows that were written or deleted.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.added + self.changed + self.removed
    }
}

/// What is to be written so that `known` becomes `wanted`.
#[derive(Debug)]
pub(crate) struct Changes<K, V> {
    /// To insert or overwrite, in order of key.
    pub(crate) write: Vec<(K, V)>,
    /// To delete, in order of key.
    pub(crate) remove: Vec<K>,
    /// How many there are of each sort.
    pub(crate) outcome: ReplaceOutcome,
}

/// Tells apart what is known and what is wanted.
pub(crate) fn changes<K: Ord, V>(
    known: BTreeMap<K, V>,
    wanted: BTreeMap<K, V>,
    same: impl Fn(&V, &V) -> bool,
) -> Changes<K, V> {
    let mut outcome = ReplaceOutcome::default();
    let mut known = known;
    let mut write = Vec::new();
    for (key, value) in wanted {
        match known.remove(&key) {
            Some(before) if same(&before, &value) => {
                outcome.unchanged += 1;
                continue;
            }
            Some(_) => outcome.changed += 1,
            None => outcome.added += 1,
        }
        write.push((key, value));
    }
    let remove: Vec<K> = known.into_keys().collect();
    outcome.removed = remove.len() as u64;
    Changes { write, remove, outcome }
}

/// A table whose rows belong to a place and are replaced in sets of JSON objects.
pub(crate) struct ReplacedTable<'a> {
    pub(crate) name: &'a str,
    /// The columns that say which place, with their values: the first of the primary key.
    pub(crate) place: &'a [(&'a str, sea_orm::Value)],
    /// The other columns of the primary key.
    pub(crate) key: &'a [(&'a str, Column)],
    /// The columns that are no key.
    pub(crate) rest: &'a [(&'a str, Column)],
}

impl ReplacedTable<'_> {
    /// Deletes the rows with these keys.
    pub(crate) async fn remove(&self, conn: &impl ConnectionTrait, keys: &[Value]) -> Result<(), StoreError> {
        let (key, from_x) = (names(self.key).join(", "), names(self.key).join(", x."));
        for batch in keys.chunks(BATCH) {
            let mut sql = Sql::new(conn).text(&format!("DELETE FROM {} WHERE ", self.name));
            for (column, value) in self.place {
                sql = sql.text(&format!("{column} = ")).bind(value.clone()).text(" AND ");
            }
            sql.text(&format!("({key}) IN (SELECT x.{from_x} FROM "))
                .rows(Value::Array(batch.to_vec()).to_string(), self.key)
                .text(")")
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    /// Inserts the rows, or overwrites those with the same key.
    pub(crate) async fn write(&self, conn: &impl ConnectionTrait, rows: &[Value]) -> Result<(), StoreError> {
        let columns = [self.key, self.rest].concat();
        let (all, from_x) = (names(&columns).join(", "), names(&columns).join(", x."));
        let place: Vec<_> = self.place.iter().map(|(column, _)| *column).collect();
        let (place, key) = (place.join(", "), names(self.key).join(", "));
        let set: Vec<_> = names(self.rest).iter().map(|name| format!("{name} = excluded.{name}")).collect();
        for batch in rows.chunks(BATCH) {
            let mut sql = Sql::new(conn).text(&format!("INSERT INTO {} ({place}, {all}) SELECT ", self.name));
            for (_, value) in self.place {
                sql = sql.bind(value.clone()).text(", ");
            }
            sql.text(&format!("x.{from_x} FROM "))
                .rows(Value::Array(batch.to_vec()).to_string(), &columns)
                .text(&format!(" WHERE true ON CONFLICT ({place}, {key}) DO UPDATE SET {}", set.join(", ")))
                .execute(conn)
                .await?;
        }
        Ok(())
    }
}

fn names<'a>(columns: &[(&'a str, Column)]) -> Vec<&'a str> {
    columns.iter().map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written() {
        let known = BTreeMap::from([(1, 'a'), (2, 'b'), (3, 'c')]);
        let wanted = BTreeMap::from([(2, 'b'), (3, 'd'), (4, 'e')]);
        let changes = changes(known, wanted, |a, b| a == b);
        assert_eq!((changes.write, changes.remove), (vec![(3, 'd'), (4, 'e')], vec![1]));
        let outcome = ReplaceOutcome { added: 1, changed: 1, removed: 1, unchanged: 1 };
        assert_eq!((changes.outcome, outcome.written()), (outcome, 3));
    }
}
