//! The use cases of events: a page of them, and how far back they go.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::sync::SyncKind;
use serde_json::json;
use store::repo::data_sets::data_set_list;
use store::repo::trail::{TrailEventRecord, TrailFilter, TrailQuery, trail_count, trail_list};

use super::error::TrailError;
use crate::{Context, Page, PageRequest, audit};

/// How far events are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrailCoverage {
    /// Places in all: regions of accounts.
    pub places: u64,
    /// Places of which no run has ended yet.
    pub unread: u64,
    /// From when on all the others are known.
    pub from: Option<DateTime<Utc>>,
    /// Up to when all the others are known.
    pub to: Option<DateTime<Utc>>,
}

/// A page of events, newest first.
///
/// # Errors
/// [`TrailError::Forbidden`], [`TrailError::Store`] (with `BadCursor` for a cursor of another filter).
pub async fn list_events(
    ctx: &Context,
    actor: &Actor,
    filter: &TrailFilter,
    page: PageRequest,
) -> Result<Page<TrailEventRecord>, TrailError> {
    actor.require(Permission::AuditRead)?;
    let scope = actor.scope(Permission::AuditRead);
    let total = trail_count(&ctx.db, &scope, filter).await?;
    let query = TrailQuery { filter: filter.clone(), cursor: page.cursor, limit: page.limit };
    let found = trail_list(&ctx.db, &scope, &query).await?;
    let said = json!({ "account": filter.account_id, "region": filter.region, "from": filter.from, "to": filter.to });
    let entry = Entry::new("trail.list", Permission::AuditRead).after(said);
    let entry = match (&filter.q, &filter.actor) {
        (None, None) => entry,
        // What somebody looks for may be a person's name.
        (q, actor) => entry.personal(json!({ "q": q, "actor": actor })),
    };
    audit::note_read(ctx, actor, entry).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total })
}

/// How far the events that the actor may see are known.
///
/// # Errors
/// [`TrailError::Forbidden`], [`TrailError::Store`].
pub async fn trail_coverage(ctx: &Context, actor: &Actor) -> Result<TrailCoverage, TrailError> {
    actor.require(Permission::AuditRead)?;
    let mut coverage = TrailCoverage::default();
    for set in data_set_list(&ctx.db, &actor.scope(Permission::AuditRead), None).await? {
        if set.kind != SyncKind::CloudTrail {
            continue;
        }
        coverage.places += 1;
        match set.covered_from.zip(set.covered_to) {
            None => coverage.unread += 1,
            Some((from, to)) => {
                coverage.from = Some(coverage.from.map_or(from, |known| known.max(from)));
                coverage.to = Some(coverage.to.map_or(to, |known| known.min(to)));
            }
        }
    }
    Ok(coverage)
}
