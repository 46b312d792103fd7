//! The use cases of the list and of one WorkSpace. Everything starts from the actor's scope.

use domain::access::{Actor, Forbidden, Permission, Place, Scope};
use domain::audit::Entry;
use domain::ids::{AccountId, Region, TeamId, WorkspaceId};
use domain::workspace::{ComputeType, ConnectionState, RunningMode, Tags, WorkspaceAction, WorkspaceState};
use serde_json::json;
use store::repo::inventory;
use store::repo::workspaces::{
    self, GoneFilter, SortDirection, StateHistoryRecord, WorkspacePage, WorkspaceQuery, WorkspaceRecord, WorkspaceSort,
};

use super::error::WorkspaceError;
use crate::actions::plan;
use crate::{Context, Page, audit};

/// Most state changes that the detail shows.
const HISTORY: u64 = 100;

/// What the list is narrowed to. Within a field any value fits, fields narrow each other, an empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceFilter {
    /// Words that must all be found in user name, computer name, ids, address or tags.
    pub q: Option<String>,
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
    /// Directories, `d-…`.
    pub directories: Vec<String>,
    /// Bundles, `wsb-…`.
    pub bundles: Vec<String>,
    /// States.
    pub states: Vec<WorkspaceState>,
    /// Running modes.
    pub running_modes: Vec<RunningMode>,
    /// Compute types.
    pub compute_types: Vec<ComputeType>,
    /// Connection states.
    pub connections: Vec<ConnectionState>,
    /// A tag's key, and the value it must have, if that matters.
    pub tag: Option<(String, Option<String>)>,
    /// Our own teams: the desktops of the people in them. Only for who may see all people.
    pub teams: Vec<TeamId>,
    /// Whether those gone from AWS are shown, and only those.
    pub gone: bool,
}

/// A page of the list to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceListRequest {
    /// What it is narrowed to.
    pub filter: WorkspaceFilter,
    /// What it is sorted by.
    pub sort: WorkspaceSort,
    /// Which end comes first.
    pub direction: SortDirection,
    /// Rows at most.
    pub limit: u32,
    /// Where it begins: `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Without a cursor: how many rows come before it.
    pub offset: u32,
}

/// One WorkSpace in full.
#[derive(Debug, Clone)]
pub struct WorkspaceDetail {
    /// The row of the list; it has the registration code too.
    pub workspace: WorkspaceRecord,
    /// Its tags.
    pub tags: Tags,
    /// Its newest state changes, newest first, at most 100.
    pub history: Vec<StateHistoryRecord>,
    /// Each action, and why not when it can't be done now.
    pub actions: Vec<ActionAvailability>,
}

/// Whether an action can be done now, by this actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionAvailability {
    /// The action.
    pub action: WorkspaceAction,
    /// Whether it can be done now.
    pub possible: bool,
    /// Why not, in words.
    pub reason: Option<String>,
}

/// A page of the fleet.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`] (with `BadCursor` for a cursor of another list, filter or sort).
pub async fn list_workspaces(
    ctx: &Context,
    actor: &Actor,
    request: &WorkspaceListRequest,
) -> Result<Page<WorkspaceRecord>, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let mut query = WorkspaceQuery {
        filter: resolve(ctx, actor, &scope, &request.filter).await?,
        sort: request.sort,
        direction: request.direction,
        cursor: request.cursor.clone(),
        limit: request.limit,
    };
    let leap = query.cursor.is_none() && request.offset > 0;
    if leap {
        query.cursor = workspaces::workspace_cursor_after(&ctx.db, &scope, &query, request.offset).await?;
    }
    let page = match query.cursor {
        // The list ends before.
        None if leap => WorkspacePage::default(),
        _ => workspaces::workspace_list(&ctx.db, &scope, &query).await?,
    };
    // A list that ends on its first page has told its total.
    let total = match (leap || query.cursor.is_some(), &page.next) {
        (false, None) => u64::try_from(page.rows.len()).unwrap_or(u64::MAX),
        _ => workspaces::workspace_count(&ctx.db, &scope, &query.filter).await?,
    };
    audit::note_read(ctx, actor, reading_of("workspace.list", &request.filter)).await?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}

/// One WorkSpace, gone or not; `None` when there is none that the actor may see.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`].
pub async fn fetch_workspace_detail(
    ctx: &Context,
    actor: &Actor,
    id: WorkspaceId,
) -> Result<Option<WorkspaceDetail>, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = &actor.scope(Permission::WorkspaceRead);
    let Some(workspace) = workspaces::workspace_fetch(&ctx.db, scope, id).await? else { return Ok(None) };
    let tags = workspaces::workspace_tags(&ctx.db, scope, id).await?;
    let history = workspaces::workspace_history(&ctx.db, scope, id, HISTORY).await?;
    let actions = WorkspaceAction::ALL.iter().map(|&action| availability(actor, action, &workspace)).collect();
    let entry = Entry::new("workspace.read", Permission::WorkspaceRead).on("workspace", id);
    audit::note_read(ctx, actor, entry.named(&workspace.user_name)).await?;
    Ok(Some(WorkspaceDetail { workspace, tags, history, actions }))
}

/// What the audit log says of a list: by what it was narrowed, not what it showed.
pub(crate) fn reading_of(action: &str, filter: &WorkspaceFilter) -> Entry {
    let WorkspaceFilter { q, accounts, regions, directories, bundles, states, running_modes, compute_types, .. } =
        filter;
    let WorkspaceFilter { connections, tag, teams, gone, .. } = filter;
    let entry = Entry::new(action, Permission::WorkspaceRead).after(json!({
        "accounts": accounts, "regions": regions, "directories": directories, "bundles": bundles, "states": states,
        "running_modes": running_modes, "compute_types": compute_types, "connections": connections, "teams": teams, "gone": gone,
    }));
    match (q, tag) {
        (None, None) => entry,
        // What somebody looks for may be a person's name.
        _ => entry.personal(json!({ "q": q, "tag": tag })),
    }
}

fn availability(actor: &Actor, action: WorkspaceAction, workspace: &WorkspaceRecord) -> ActionAvailability {
    let mode = workspace.running_mode.as_ref();
    let permission = action.permission();
    let place = Place {
        account_id: workspace.account_id,
        region: &workspace.region,
        directory_id: workspace.directory_id,
        user_name: &workspace.user_name,
    };
    let reason = match actor.scope(permission).reaches(&place) {
        false => Some(Forbidden { permission }.to_string()),
        true => plan::check(action, &workspace.state, mode, workspace.gone_at.is_some())
            .err()
            .map(|refusal| refusal.to_string()),
    };
    ActionAvailability { action, possible: reason.is_none(), reason }
}

/// The filter as the database takes it. AWS's ids of directories and bundles stand for their rows in every account and
/// region; a filter on one that nobody knows must match nothing, not everything. Who is in which team is for who may see all people, and
/// whether there is such a team, too: whoever reads by a filter comes through here.
pub(crate) async fn resolve(
    ctx: &Context,
    actor: &Actor,
    scope: &Scope,
    filter: &WorkspaceFilter,
) -> Result<workspaces::WorkspaceFilter, WorkspaceError> {
    if !filter.teams.is_empty() {
        actor.require_everywhere(Permission::UserRead)?;
    }
    let mut directory_ids = Vec::new();
    if !filter.directories.is_empty() {
        let known = inventory::directory_list(&ctx.db, scope, None).await?;
        directory_ids =
            known.into_iter().filter(|row| filter.directories.contains(&row.aws_id)).map(|row| row.id).collect();
        if directory_ids.is_empty() {
            directory_ids.push(uuid::Uuid::nil().into());
        }
    }
    let mut bundle_ids = Vec::new();
    if !filter.bundles.is_empty() {
        let known = inventory::bundle_list(&ctx.db, scope, None).await?;
        bundle_ids = known.into_iter().filter(|row| filter.bundles.contains(&row.aws_id)).map(|row| row.id).collect();
        if bundle_ids.is_empty() {
            bundle_ids.push(uuid::Uuid::nil().into());
        }
    }
    Ok(workspaces::WorkspaceFilter {
        account_ids: filter.accounts.clone(),
        regions: filter.regions.clone(),
        directory_ids,
        bundle_ids,
        states: filter.states.clone(),
        running_modes: filter.running_modes.clone(),
        compute_types: filter.compute_types.clone(),
        connections: filter.connections.clone(),
        tags: filter.tag.clone().into_iter().collect(),
        team_ids: filter.teams.clone(),
        gone: if filter.gone { GoneFilter::Gone } else { GoneFilter::Present },
        q: filter.q.clone(),
    })
}
