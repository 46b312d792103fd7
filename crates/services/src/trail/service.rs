//! The use cases of events: a page of them, one of them, the values to filter by, and how far back they go.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{AccountId, TrailEventId, WorkspaceId};
use domain::sync::SyncKind;
use serde_json::{Value, json};
use store::repo::accounts::account_names;
use store::repo::data_sets::{DataSetRecord, data_set_list};
use store::repo::trail::{
    TrailEventRecord, TrailFacets, TrailFilter, TrailQuery, trail_count, trail_facets, trail_fetch, trail_list,
};
use store::repo::workspaces::workspaces_fetch_many;

use super::error::TrailError;
use crate::{Context, Page, PageRequest, audit};

/// Events whose values are counted at most: as many as can be looked at while somebody waits.
pub const FACET_WINDOW: u32 = 20_000;

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

/// How far the events of a place are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCoverage {
    /// The account's name.
    pub account: Option<String>,
    /// What is known of the place.
    pub set: DataSetRecord,
}

/// What is named in events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventNames {
    /// The accounts' names.
    pub accounts: HashMap<AccountId, String>,
    /// Of WorkSpaces that are known: AWS's id and the directory user.
    pub workspaces: HashMap<WorkspaceId, (String, String)>,
}

/// The values to filter by, and what the accounts among them are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFacets {
    /// The values.
    pub facets: TrailFacets,
    /// The accounts' names by their id as text.
    pub accounts: HashMap<String, String>,
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
    audit::note_read(ctx, actor, looking(filter)).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total })
}

/// The values of the newest events that the filter leaves, of each kind without what is chosen of it, see [`FACET_WINDOW`]. They
/// name people: it is the same look at the log as the list by that filter.
///
/// # Errors
/// [`TrailError::Forbidden`], [`TrailError::Store`].
pub async fn event_facets(ctx: &Context, actor: &Actor, filter: &TrailFilter) -> Result<NamedFacets, TrailError> {
    actor.require(Permission::AuditRead)?;
    let scope = actor.scope(Permission::AuditRead);
    let facets = trail_facets(&ctx.db, &scope, filter, FACET_WINDOW).await?;
    let ids: Vec<_> = facets.accounts.iter().filter_map(|found| found.value.parse().ok()).collect();
    let accounts = account_names(&ctx.db, &ids).await?.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    audit::note_read(ctx, actor, looking(filter)).await?;
    Ok(NamedFacets { facets, accounts })
}

/// One event with AWS's record of it; `None` when there is none that the actor may see.
///
/// # Errors
/// [`TrailError::Forbidden`], [`TrailError::Store`].
pub async fn fetch_event(
    ctx: &Context,
    actor: &Actor,
    id: TrailEventId,
) -> Result<Option<(TrailEventRecord, Value)>, TrailError> {
    actor.require(Permission::AuditRead)?;
    let Some(found) = trail_fetch(&ctx.db, &actor.scope(Permission::AuditRead), id).await? else { return Ok(None) };
    audit::note_read(ctx, actor, Entry::new("trail.read", Permission::AuditRead).on("trail-event", id)).await?;
    Ok(Some(found))
}

/// What the accounts and WorkSpaces of events are called: who sees an event may know the name of its account; those of WorkSpaces
/// only who may see them.
///
/// # Errors
/// [`TrailError::Store`].
pub async fn event_names(ctx: &Context, actor: &Actor, events: &[TrailEventRecord]) -> Result<EventNames, TrailError> {
    let distinct: BTreeSet<_> = events.iter().map(|event| event.account_id).collect();
    let accounts = account_names(&ctx.db, &distinct.into_iter().collect::<Vec<_>>()).await?;
    let about: BTreeSet<_> = events.iter().flat_map(|event| event.workspaces.iter().copied()).collect();
    let scope = actor.scope(Permission::WorkspaceRead);
    let found = workspaces_fetch_many(&ctx.db, &scope, &about.into_iter().collect::<Vec<_>>()).await?;
    let workspaces = found.into_iter().map(|one| (one.id, (one.aws_id, one.user_name))).collect();
    Ok(EventNames { accounts, workspaces })
}

/// What the audit log says of a look at the events: by what they were narrowed, not what was shown.
pub(crate) fn looking(filter: &TrailFilter) -> Entry {
    let said = json!({
        "account": filter.account_ids, "region": filter.regions, "workspace": filter.workspace_id, "name": filter.names,
        "refused": filter.refused, "changes": filter.writes_only, "from": filter.from, "to": filter.to,
    });
    let entry = Entry::new("trail.list", Permission::AuditRead).after(said);
    match (&filter.q, filter.actors.as_slice()) {
        (None, []) => entry,
        // What somebody looks for may be a person's name.
        (q, actors) => entry.personal(json!({ "q": q, "actor": actors })),
    }
}

/// How far the events of each place are known: a region of an account that the actor may see.
///
/// # Errors
/// [`TrailError::Forbidden`], [`TrailError::Store`].
pub async fn coverage_by_place(ctx: &Context, actor: &Actor) -> Result<Vec<PlaceCoverage>, TrailError> {
    actor.require(Permission::AuditRead)?;
    let sets = data_set_list(&ctx.db, &actor.scope(Permission::AuditRead), None).await?;
    let sets: Vec<_> = sets.into_iter().filter(|set| set.kind == SyncKind::CloudTrail).collect();
    let ids: Vec<_> = sets.iter().map(|set| set.account_id).collect();
    let names = account_names(&ctx.db, &ids).await?;
    let named = |set: DataSetRecord| PlaceCoverage { account: names.get(&set.account_id).cloned(), set };
    Ok(sets.into_iter().map(named).collect())
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
