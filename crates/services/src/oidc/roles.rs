//! What somebody's groups give them: the roles named in `[oidc] roles`. Nobody becomes an owner, or stops being one, because of
//! what another service says.

use std::collections::BTreeSet;

use domain::access::{Grant, GrantReach, GrantedRole, Role};
use domain::ids::{GrantId, UserId};
use store::repo::grants::{GrantRecord, NewGrant, grant_delete, grant_insert, grant_list};
use store::repo::roles::role_list;
use store::{StoreError, Tx};

use crate::Context;

/// The roles that the groups give.
pub(super) async fn given(ctx: &Context, tx: &Tx, groups: &[String]) -> Result<BTreeSet<Grant>, StoreError> {
    let named = ctx.sso.roles.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| role.as_str());
    let named: BTreeSet<&str> = named.collect();
    let mut grants = BTreeSet::new();
    for name in named {
        match name.parse::<Role>() {
            Ok(Role::Owner) => tracing::warn!("[oidc] roles: a group can't make owners"),
            Ok(role) => _ = grants.insert(Grant::usual(role)),
            Err(_) => match role_list(tx).await?.into_iter().find(|role| role.name.eq_ignore_ascii_case(name)) {
                Some(role) => {
                    grants.insert(Grant { role: GrantedRole::Custom(role.id), reach: GrantReach::Everything });
                }
                None => tracing::warn!(role = name, "[oidc] roles: there is no such role"),
            },
        }
    }
    Ok(grants)
}

/// What somebody held before and holds now.
pub(super) struct Changed {
    pub(super) before: Vec<Grant>,
    pub(super) after: Vec<Grant>,
}

/// Gives somebody these roles and takes others, but never an owner's. `None` when they had just these.
pub(super) async fn set(
    ctx: &Context,
    tx: &Tx,
    user: UserId,
    wanted: &BTreeSet<Grant>,
) -> Result<Option<Changed>, StoreError> {
    let has = grant_list(tx, user).await?;
    let gone: Vec<GrantId> =
        has.iter().filter(|g| !g.grant.is_owner() && !wanted.contains(&g.grant)).map(|g| g.id).collect();
    let new: Vec<&Grant> = wanted.iter().filter(|grant| has.iter().all(|has| has.grant != **grant)).collect();
    grant_delete(tx, &gone).await?;
    for grant in &new {
        let id = GrantId(ctx.env.new_id());
        grant_insert(tx, &NewGrant { id, user_id: user, grant: (*grant).clone(), at: ctx.env.now() }).await?;
    }
    if gone.is_empty() && new.is_empty() {
        return Ok(None);
    }
    let after = grant_list(tx, user).await?;
    let grants = |all: Vec<GrantRecord>| all.into_iter().map(|held| held.grant).collect();
    Ok(Some(Changed { before: grants(has), after: grants(after) }))
}
