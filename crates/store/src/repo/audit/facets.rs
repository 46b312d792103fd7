//! What the newest entries are about, to filter by: what was done, and who did it, each with how many entries. Not all entries, of
//! which there are millions: the newest [`FACET_WINDOW`] places, found by their key.

use domain::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::Sql;

/// Places that are looked at, at most.
pub const FACET_WINDOW: i64 = 20_000;
/// Most values of one kind.
const MOST: i64 = 100;

/// The values of the newest entries, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFacets {
    /// What was done.
    pub actions: Vec<(String, u64)>,
    /// Who acted, with the name in their newest entry; none when that was erased.
    pub actors: Vec<(UserId, Option<String>, u64)>,
}

/// The values of the newest entries.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_facets(conn: &impl ConnectionTrait) -> Result<AuditFacets, StoreError> {
    #[derive(FromQueryResult)]
    struct Action {
        action: String,
        n: i64,
    }
    #[derive(FromQueryResult)]
    struct Actor {
        actor_id: Uuid,
        body: Option<String>,
        n: i64,
    }
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let actions: Vec<Action> = actions(Sql::new(conn)).all_as(conn).await?;
    let actors: Vec<Actor> = actors(Sql::new(conn)).all_as(conn).await?;
    Ok(AuditFacets {
        actions: actions.into_iter().map(|found| (found.action, count(found.n))).collect(),
        actors: actors.into_iter().map(|found| (UserId(found.actor_id), name(found.body), count(found.n))).collect(),
    })
}

/// The name in an actor's personal part.
fn name(body: Option<String>) -> Option<String> {
    let part: Value = serde_json::from_str(&body?).ok()?;
    part.get("name").and_then(Value::as_str).map(str::to_owned)
}

fn newest(sql: Sql) -> Sql {
    sql.text(" FROM audit_entry WHERE seq > (SELECT max(seq) FROM audit_entry) - ").bind(FACET_WINDOW)
}

fn actions(sql: Sql) -> Sql {
    newest(sql.text("SELECT action, count(*) AS n")).text(" GROUP BY action ORDER BY n DESC, action LIMIT ").bind(MOST)
}

fn actors(sql: Sql) -> Sql {
    let sql = sql.text("SELECT f.actor_id, f.n, p.body FROM (SELECT actor_id, count(*) AS n, max(seq) AS newest");
    newest(sql)
        .text(" AND actor_id IS NOT NULL GROUP BY actor_id) f ")
        .text("LEFT JOIN audit_personal p ON p.seq = f.newest AND p.subject = 'actor' ORDER BY f.n DESC, f.actor_id LIMIT ")
        .bind(MOST)
}
