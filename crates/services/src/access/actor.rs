//! The actor that a person is: what they were given, role by role, each within its scope. Worked out anew with each request.

use std::collections::HashMap;

use domain::access::{Actor, GrantReach, GrantedRole, Held, Reach, Role, Scope};
use domain::ids::UserId;
use store::StoreError;
use store::repo::grants::{GrantRecord, grant_list, grant_list_of};
use store::repo::users::UserRecord;

/// What the person may do now.
///
/// # Errors
/// [`StoreError`].
pub async fn actor_of(conn: &impl store::Connection, user: &UserRecord) -> Result<Actor, StoreError> {
    Ok(actor_from(user, &grant_list(conn, user.id).await?))
}

/// The same, of grants that were read already.
#[must_use]
pub fn actor_from(user: &UserRecord, grants: &[GrantRecord]) -> Actor {
    Actor::new(user.id, &user.email, grants.iter().map(|grant| held(grant, &user.email)).collect())
}

/// What each of these people was given; who was given nothing is not there.
pub(crate) async fn grants_of(
    conn: &impl store::Connection,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<GrantRecord>>, StoreError> {
    let mut grants = HashMap::<_, Vec<_>>::new();
    for (user, grant) in grant_list_of(conn, users).await? {
        grants.entry(user).or_default().push(grant);
    }
    Ok(grants)
}

/// What a grant gives to somebody of that e-mail address.
pub(crate) fn held(grant: &GrantRecord, email: &str) -> Held {
    let team = grant.team.iter().map(String::as_str);
    Held { permissions: grant.permissions.clone(), scope: scope(&grant.grant.reach, email, team) }
}

/// What a reach is for somebody of that e-mail address, with the addresses of the team's members.
pub(crate) fn scope<'a>(reach: &GrantReach, email: &str, team: impl Iterator<Item = &'a str>) -> Scope {
    match reach {
        GrantReach::Everything => Scope::Everything,
        GrantReach::Account(id) => Scope::only(Reach::Account { account_id: *id }),
        GrantReach::Region(region) => Scope::only(Reach::Region { region: region.clone() }),
        GrantReach::Directory(id) => Scope::only(Reach::Directory { directory_id: *id }),
        GrantReach::Team(_) => team.fold(Scope::nothing(), |scope, member| scope.union(Scope::own(member))),
        GrantReach::Own => Scope::own(email),
    }
}

/// The one role to call somebody by: their highest built-in one, otherwise the first of the others by name, otherwise `none`.
#[must_use]
pub fn role_name(grants: &[GrantRecord]) -> String {
    let built_in = grants.iter().filter_map(|grant| match grant.grant.role {
        GrantedRole::BuiltIn(role) => Some(role),
        GrantedRole::Custom(_) => None,
    });
    // Declared from the highest down.
    let highest = built_in.min().map(Role::as_str);
    let named = || grants.iter().map(|grant| grant.role_name.as_str()).min();
    highest.or_else(named).unwrap_or("none").to_owned()
}
