//! What entries are about, to filter by: what was done, who did it, to what kind of object and how it ended, each with how many
//! entries. They are counted among those that the filter leaves, of which there are millions: the newest [`FACET_WINDOW`] of them.
//! What is chosen of one kind does not narrow that kind, so that there is something to choose beside it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use domain::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::find::Find;
use super::query::{AuditFilter, narrowed};
use crate::error::StoreError;
use crate::sql::Sql;

/// Entries that are looked at, at most.
pub const FACET_WINDOW: i64 = 20_000;
/// Most values of one kind.
const MOST: usize = 100;

/// The values of the newest entries that a filter leaves, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFacets {
    /// Among so many entries they were counted; of several numbers the largest.
    pub looked_at: u64,
    /// Whether those are all that the filter leaves.
    pub whole: bool,
    /// What was done.
    pub actions: Vec<(String, u64)>,
    /// Who acted, with the name in their newest entry; none when that was erased. Who is filtered by is among them, if need be with 0.
    pub actors: Vec<(UserId, Option<String>, u64)>,
    /// The kinds of objects.
    pub object_kinds: Vec<(String, u64)>,
    /// How it ended.
    pub outcomes: Vec<(String, u64)>,
}

/// How many of the newest entries are alike.
#[derive(FromQueryResult)]
struct Row {
    action: String,
    object_kind: Option<String>,
    outcome: String,
    actor_id: Option<Uuid>,
    n: i64,
    newest: i64,
}

/// The newest entries that a filter leaves.
struct Counted {
    rows: Vec<Row>,
    whole: bool,
}

/// The values of the newest entries that the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_facets(conn: &impl ConnectionTrait, filter: &AuditFilter) -> Result<AuditFacets, StoreError> {
    let all = counted(conn, filter).await?;
    let of_actions = without(conn, filter, |other| other.actions.clear()).await?;
    let of_actors = without(conn, filter, |other| other.actor = None).await?;
    let of_kinds = without(conn, filter, |other| other.object_kind = None).await?;
    let of_outcomes = without(conn, filter, |other| other.outcomes.clear()).await?;
    let sets = [&of_actions, &of_actors, &of_kinds, &of_outcomes].map(|set| set.as_ref().unwrap_or(&all));
    let [of_actions, of_actors, of_kinds, of_outcomes] = sets;
    let mut actors = named(conn, of_actors).await?;
    if let Some(chosen) = filter.actor
        && !actors.iter().any(|(id, ..)| *id == chosen)
    {
        // Who is chosen has a name, though others have more of these entries, or none is theirs.
        let theirs = of_actors.rows.iter().filter(|row| row.actor_id == Some(chosen.0)).map(|row| count(row.n)).sum();
        actors.extend(newest_name(conn, chosen).await?.map(|name| (chosen, Some(name), theirs)));
    }
    Ok(AuditFacets {
        looked_at: sets.into_iter().map(Counted::entries).max().unwrap_or(0),
        whole: sets.into_iter().all(|set| set.whole),
        actions: of_actions.values(|row| Some(row.action.as_str())),
        actors,
        object_kinds: of_kinds.values(|row| row.object_kind.as_deref()),
        outcomes: of_outcomes.values(|row| Some(row.outcome.as_str())),
    })
}

/// The entries that the changed filter leaves; `None` where it is the same filter.
async fn without(
    conn: &impl ConnectionTrait,
    filter: &AuditFilter,
    change: fn(&mut AuditFilter),
) -> Result<Option<Counted>, StoreError> {
    let mut other = filter.clone();
    change(&mut other);
    if other == *filter { Ok(None) } else { counted(conn, &other).await.map(Some) }
}

async fn counted(conn: &impl ConnectionTrait, filter: &AuditFilter) -> Result<Counted, StoreError> {
    let find = Find::of(conn, filter, None).await?;
    let rows = newest(Sql::new(conn), filter, &find).all_as(conn).await?;
    let found = Counted { rows, whole: find.floor().is_none() };
    if !found.whole || found.entries() < FACET_WINDOW.unsigned_abs() {
        return Ok(found);
    }
    // As many as are looked at: there is one more, or there is not.
    let next = narrowed(Sql::new(conn).text("SELECT e.seq FROM audit_entry e WHERE true"), filter, &find);
    let next = next.text(" ORDER BY e.seq DESC LIMIT 1 OFFSET ").bind(FACET_WINDOW).one(conn).await?;
    Ok(Counted { whole: next.is_none(), ..found })
}

/// The statement of what is counted.
pub(super) fn newest(sql: Sql, filter: &AuditFilter, find: &Find) -> Sql {
    let sql = sql.text(
        "SELECT f.action, f.object_kind, f.outcome, f.actor_id, count(*) AS n, max(f.seq) AS newest FROM (\
         SELECT e.seq, e.action, e.object_kind, e.outcome, e.actor_id FROM audit_entry e WHERE true",
    );
    narrowed(sql, filter, find)
        .text(" ORDER BY e.seq DESC LIMIT ")
        .bind(FACET_WINDOW)
        .text(") f GROUP BY f.action, f.object_kind, f.outcome, f.actor_id")
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

impl Counted {
    fn entries(&self) -> u64 {
        self.rows.iter().map(|row| count(row.n)).sum()
    }

    /// The values of one kind, the most frequent first.
    fn values<'a>(&'a self, value: impl Fn(&'a Row) -> Option<&'a str>) -> Vec<(String, u64)> {
        let mut counts = BTreeMap::<&str, u64>::new();
        for row in &self.rows {
            if let Some(value) = value(row) {
                *counts.entry(value).or_default() += count(row.n);
            }
        }
        let mut values: Vec<_> = counts.into_iter().map(|(value, n)| (value.to_owned(), n)).collect();
        values.sort_by_key(|(_, n)| Reverse(*n));
        values.truncate(MOST);
        values
    }
}

/// Who acted, the most frequent first.
async fn named(conn: &impl ConnectionTrait, found: &Counted) -> Result<Vec<(UserId, Option<String>, u64)>, StoreError> {
    let mut actors = BTreeMap::<Uuid, (u64, i64)>::new();
    for row in &found.rows {
        if let Some(id) = row.actor_id {
            let (n, newest) = actors.entry(id).or_default();
            *n += count(row.n);
            *newest = row.newest.max(*newest);
        }
    }
    let mut actors: Vec<_> = actors.into_iter().collect();
    actors.sort_by_key(|(_, (n, _))| Reverse(*n));
    actors.truncate(MOST);
    let rows = Sql::new(conn)
        .text("SELECT p.seq, p.body FROM audit_personal p WHERE p.subject = 'actor' AND ")
        .bind_in("p.seq", actors.iter().map(|(_, (_, newest))| *newest))
        .all(conn)
        .await?;
    let mut names = HashMap::<i64, String>::new();
    for row in &rows {
        let (seq, body): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        names.extend(name(&body).map(|name| (seq, name)));
    }
    Ok(actors.into_iter().map(|(id, (n, newest))| (UserId(id), names.remove(&newest), n)).collect())
}

/// The name in somebody's newest entry.
async fn newest_name(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<String>, StoreError> {
    let row = Sql::new(conn)
        .text("SELECT p.body FROM audit_personal p WHERE p.subject = 'actor' AND p.seq = ")
        .text("(SELECT max(e.seq) FROM audit_entry e WHERE e.actor_id = ")
        .bind(id.0)
        .text(")")
        .one(conn)
        .await?;
    let body: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(body.and_then(|body| name(&body)))
}

/// The name in an actor's personal part.
fn name(body: &str) -> Option<String> {
    let part: Value = serde_json::from_str(body).ok()?;
    part.get("name").and_then(Value::as_str).map(str::to_owned)
}
