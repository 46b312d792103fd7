//! People on the wire.

use contract::users::{GrantBody, GrantView, TeamNameView, UserView};
use services::access::grants::GrantDetail;
use services::access::users::UserDetail;

pub(crate) fn user(detail: UserDetail) -> UserView {
    let UserDetail { user, grants, teams } = detail;
    UserView {
        id: user.id,
        email: user.email,
        display_name: user.display_name,
        enabled: user.enabled,
        grants: grants.into_iter().map(grant).collect(),
        teams: teams.into_iter().map(|team| TeamNameView { id: team.id, name: team.name }).collect(),
        created_at: user.created_at,
        last_sign_in_at: user.last_sign_in_at,
        version: user.version,
    }
}

pub(crate) fn grant(detail: GrantDetail) -> GrantView {
    let grant = GrantBody::from(&detail.record.grant);
    GrantView { grant, role_name: detail.record.role_name, reach_name: detail.reach_name }
}
