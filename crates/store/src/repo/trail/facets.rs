//! The values that the newest events have, with how many have each: what to filter by. Not all events, of which there are
//! millions: as many as can be looked at while somebody waits, and how many that were is said. What is chosen of one kind does not
//! narrow that kind, so that there is something to choose beside it.

use domain::access::Scope;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::query::{self, TrailFilter};
use crate::error::StoreError;

/// A value and how many events have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailValue {
    /// The value, as a filter takes it.
    pub value: String,
    /// Events.
    pub count: u64,
}

/// The values of the newest events, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFacets {
    /// Among so many events they were counted; of several numbers the largest.
    pub looked_at: u64,
    /// Calls.
    pub names: Vec<TrailValue>,
    /// Who; empty where CloudTrail does not say.
    pub actors: Vec<TrailValue>,
    /// Accounts, by our id.
    pub accounts: Vec<TrailValue>,
    /// Regions.
    pub regions: Vec<TrailValue>,
    /// `done` and `refused`.
    pub outcomes: Vec<TrailValue>,
}

/// Takes away what is chosen of one kind, and takes the values of that kind over from what was counted so.
type Kind = (fn(&mut TrailFilter), fn(&mut TrailFacets, TrailFacets));

const KINDS: [Kind; 5] = [
    (|filter| filter.names.clear(), |facets, beside| facets.names = beside.names),
    (|filter| filter.actors.clear(), |facets, beside| facets.actors = beside.actors),
    (|filter| filter.account_ids.clear(), |facets, beside| facets.accounts = beside.accounts),
    (|filter| filter.regions.clear(), |facets, beside| facets.regions = beside.regions),
    (|filter| filter.refused = None, |facets, beside| facets.outcomes = beside.outcomes),
];

/// The values of the newest events that the filter leaves, at most so many of them.
///
/// # Errors
/// [`StoreError`].
pub async fn trail_facets(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &TrailFilter,
    newest: u32,
) -> Result<TrailFacets, StoreError> {
    let mut facets = counted(conn, scope, filter, newest).await?;
    for (clear, take) in KINDS {
        let mut other = filter.clone();
        clear(&mut other);
        if other != *filter {
            let beside = counted(conn, scope, &other, newest).await?;
            facets.looked_at = facets.looked_at.max(beside.looked_at);
            take(&mut facets, beside);
        }
    }
    Ok(facets)
}

/// The values of the newest events that the whole filter leaves.
async fn counted(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &TrailFilter,
    newest: u32,
) -> Result<TrailFacets, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        value: String,
        n: i64,
    }
    let rows: Vec<Row> = query::facets(conn.get_database_backend(), scope, filter, newest).all_as(conn).await?;
    let mut facets = TrailFacets::default();
    for Row { kind, value, n } in rows {
        let count = u64::try_from(n).unwrap_or(0);
        let (values, value) = match kind.as_str() {
            "name" => (&mut facets.names, value),
            "actor" => (&mut facets.actors, value),
            "region" => (&mut facets.regions, value),
            "account" => {
                // As text the two databases write it in different ways.
                let id: Uuid = value.parse().map_err(|e| StoreError::corrupt("account of an event", e))?;
                (&mut facets.accounts, id.to_string())
            }
            _ => {
                facets.looked_at += count;
                (&mut facets.outcomes, value)
            }
        };
        values.push(TrailValue { value, count });
    }
    let all = [&mut facets.names, &mut facets.actors, &mut facets.accounts, &mut facets.regions, &mut facets.outcomes];
    for values in all {
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    }
    Ok(facets)
}
