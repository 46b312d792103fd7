//! Teams on the wire.

use contract::teams::{TeamDetailView, TeamMemberView, TeamView};
use services::access::teams::Team;
use services::access::teams::TeamDetail;

pub(super) fn team(team: Team, member_count: u64) -> TeamView {
    TeamView {
        id: team.id,
        name: team.name,
        description: team.description,
        member_count,
        created_at: team.created_at,
        updated_at: team.updated_at,
        version: team.version,
    }
}

pub(super) fn detail(detail: TeamDetail) -> TeamDetailView {
    let members: Vec<_> = detail
        .members
        .into_iter()
        .map(|user| TeamMemberView {
            id: user.id,
            email: user.email,
            display_name: user.display_name,
            enabled: user.enabled,
        })
        .collect();
    TeamDetailView { team: team(detail.team, members.len() as u64), members }
}
