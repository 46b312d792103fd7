//! Teams.

use contract::page::Page;
use contract::paths;
use contract::teams::{
    CreateTeamRequest, SetTeamMembersRequest, TeamDetailView, TeamQuery, TeamView, UpdateTeamRequest,
};
use domain::ids::TeamId;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &TeamQuery) -> Result<Page<TeamView>, ApiError> {
    client::get_query(paths::TEAMS, query).await
}

/// Every one, by name.
pub async fn all() -> Result<Vec<TeamView>, ApiError> {
    let mut query = TeamQuery { limit: Some(200), ..TeamQuery::default() };
    let mut teams = Vec::new();
    loop {
        let page = list(&query).await?;
        teams.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(teams);
        }
    }
}

/// One of them, with its members.
pub async fn get(id: TeamId) -> Result<TeamDetailView, ApiError> {
    client::get(&paths::with_id(paths::TEAM, id)).await
}

/// Makes one.
pub async fn create(request: &CreateTeamRequest) -> Result<TeamDetailView, ApiError> {
    client::post(paths::TEAMS, request).await
}

/// Changes the version that was read; gives what is there now.
pub async fn update(id: TeamId, request: &UpdateTeamRequest, version: i64) -> Result<TeamDetailView, ApiError> {
    client::patch_version(&paths::with_id(paths::TEAM, id), request, version).await
}

/// Replaces the members, whatever version is there.
pub async fn set_members(id: TeamId, request: &SetTeamMembersRequest) -> Result<(), ApiError> {
    client::put(&paths::with_id(paths::TEAM_MEMBERS, id), request, None).await
}

/// Deletes the version that was read.
pub async fn delete(id: TeamId, version: i64) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::TEAM, id), Some(version)).await
}
