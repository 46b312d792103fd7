//! The values that the newest events have, with how many have each: what to filter by. Not all events, of which there are
//! millions: as many as can be looked at while somebody waits, and how many that were is said.

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
    /// How many events were looked at.
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
