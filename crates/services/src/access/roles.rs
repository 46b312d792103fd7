//! Roles that people make: a name and a list of permissions, of which nobody can put in more than they hold everywhere.

use std::collections::{BTreeSet, HashMap};

use domain::access::{Actor, GrantedRole, Held, Permission, Role, Scope};
use domain::audit::Entry;
use domain::ids::RoleId;
use serde_json::json;
use store::StoreError;
use store::repo::grants::{role_holder_counts, role_holders};
use store::repo::invitations::invitations_to_role;
use store::repo::roles;
pub use store::repo::roles::RoleRecord;

use super::check::{self, Keeper, unchanged};
use super::error::AccessError;
use crate::Context;
use crate::idempotency::Keep;

/// Most roles that can be made.
pub const ROLES_MAX: u64 = 500;

/// A role with how many people hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleDetail {
    /// A built-in one.
    BuiltIn(Role, u64),
    /// One that somebody made.
    Custom(RoleRecord, u64),
}

/// What a built-in role is for.
#[must_use]
pub const fn built_in_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "May do everything, and makes other owners.",
        Role::Admin => "Manages users, accounts, keys and settings, and everything an operator may.",
        Role::Operator => "Runs the fleet.",
        Role::Approver => "Answers requests; sees the fleet.",
        Role::Auditor => "Reads everything, changes nothing.",
        Role::Viewer => "Sees the fleet.",
        Role::Member => "A person with a desktop: sees and runs their own only.",
    }
}

/// A role to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it lets somebody do.
    pub permissions: BTreeSet<Permission>,
}

/// What to change about a role. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleChange {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it lets somebody do, all of it.
    pub permissions: Option<BTreeSet<Permission>>,
}

/// Every role: the built-in ones, then the others by name.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::Store`].
pub async fn list_roles(ctx: &Context, actor: &Actor) -> Result<Vec<RoleDetail>, AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    let holders = role_holder_counts(&ctx.db).await?;
    let count = |role| holders.get(&role).copied().unwrap_or(0);
    let built_in = Role::ALL.iter().map(|role| RoleDetail::BuiltIn(*role, count(GrantedRole::BuiltIn(*role))));
    let custom = roles::role_list(&ctx.db).await?.into_iter().map(|role| {
        let held = count(GrantedRole::Custom(role.id));
        RoleDetail::Custom(role, held)
    });
    Ok(built_in.chain(custom).collect())
}

/// One of the roles that people made.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::NotFound`], [`AccessError::Store`].
pub async fn fetch_role(ctx: &Context, actor: &Actor, id: RoleId) -> Result<(RoleRecord, u64), AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    counted(&ctx.db, fetch(&ctx.db, id).await?).await
}

/// Makes a role.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::TooMuch`], [`AccessError::Field`],
/// [`AccessError::NameTaken`], [`AccessError::TooMany`], [`AccessError::Store`].
pub async fn create_role(ctx: &Context, actor: &Actor, new: NewRole) -> Result<(RoleRecord, u64), AccessError> {
    create_role_once(ctx, actor, new, Keep::none()).await
}

/// [`create_role`], with its answer kept.
///
/// # Errors
/// As [`create_role`].
pub async fn create_role_once(
    ctx: &Context,
    actor: &Actor,
    new: NewRole,
    keep: Keep<'_, (RoleRecord, u64)>,
) -> Result<(RoleRecord, u64), AccessError> {
    let (name, description) = (role_name(&new.name)?, check::description(&new.description)?);
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::RoleWrite).await?;
    may_add(&keeper, &new.permissions)?;
    if roles::role_list(&tx).await?.len() as u64 >= ROLES_MAX {
        return Err(AccessError::TooMany { limit: ROLES_MAX });
    }
    let now = ctx.env.now();
    let id = RoleId(ctx.env.new_id());
    let role = RoleRecord {
        id,
        name,
        description,
        permissions: new.permissions,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    roles::role_insert(&tx, &role).await.map_err(taken)?;
    let role = fetch(&tx, id).await?;
    let entry = Entry::new("role.create", Permission::RoleWrite).on("role", id).after(told(&role));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    let made = (role, 0);
    keep.answer(&tx, &made).await?;
    tx.commit().await?;
    Ok(made)
}

/// Changes a role, for everybody who holds it and at once.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::Changed`] when it has
/// another version than `expected`, [`AccessError::TooMuch`], [`AccessError::Field`], [`AccessError::NameTaken`],
/// [`AccessError::Store`].
pub async fn update_role(
    ctx: &Context,
    actor: &Actor,
    id: RoleId,
    expected: Option<i64>,
    change: RoleChange,
) -> Result<(RoleRecord, u64), AccessError> {
    let name = change.name.map(|name| role_name(&name)).transpose()?;
    let description = change.description.map(|text| check::description(&text)).transpose()?;
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::RoleWrite).await?;
    let before = fetch(&tx, id).await?;
    unchanged(expected, before.version)?;
    let mut after = RoleRecord {
        name: name.unwrap_or_else(|| before.name.clone()),
        description: description.unwrap_or_else(|| before.description.clone()),
        permissions: change.permissions.unwrap_or_else(|| before.permissions.clone()),
        ..before.clone()
    };
    if after == before {
        return counted(&tx, before).await;
    }
    // Both what is given to its holders and what is taken from them.
    may_add(&keeper, &after.permissions.symmetric_difference(&before.permissions).copied().collect())?;
    // Configurations name roles: whoever gives one another name gives all of it.
    if after.name != before.name {
        may_add(&keeper, &after.permissions)?;
    }
    after.updated_at = ctx.env.now();
    if !roles::role_update(&tx, &after).await.map_err(taken)? {
        return Err(AccessError::Changed);
    }
    let role = counted(&tx, fetch(&tx, id).await?).await?;
    let entry = Entry::new("role.change", Permission::RoleWrite).on("role", id);
    let entry = entry.before(told(&before)).after(told(&role.0));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_all();
    Ok(role)
}

/// Removes a role that nobody holds and nobody is invited to.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::Changed`] when it has
/// another version than `expected`, [`AccessError::RoleInUse`], [`AccessError::Store`].
pub async fn delete_role(ctx: &Context, actor: &Actor, id: RoleId, expected: Option<i64>) -> Result<(), AccessError> {
    let tx = ctx.db.begin().await?;
    Keeper::begin(&tx, ctx, actor, Permission::RoleWrite).await?;
    let role = fetch(&tx, id).await?;
    unchanged(expected, role.version)?;
    let holders = role_holders(&tx, id).await?.len() as u64;
    let invited = invitations_to_role(&tx, id, ctx.env.now()).await?;
    if holders > 0 || invited > 0 {
        return Err(AccessError::RoleInUse { holders, invited });
    }
    roles::role_delete(&tx, id).await?;
    let entry = Entry::new("role.delete", Permission::RoleWrite).on("role", id).before(told(&role));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Ok when the keeper holds these permissions over everything: a role can be given over anything.
fn may_add(keeper: &Keeper, permissions: &BTreeSet<Permission>) -> Result<(), AccessError> {
    for permission in permissions {
        let wanted = Held { permissions: BTreeSet::from([*permission]), scope: Scope::Everything };
        keeper.covers(&wanted, || permission.to_string())?;
    }
    Ok(())
}

async fn fetch(conn: &impl store::Connection, id: RoleId) -> Result<RoleRecord, AccessError> {
    roles::role_fetch(conn, id).await?.ok_or(AccessError::NotFound("role"))
}

async fn counted(conn: &impl store::Connection, role: RoleRecord) -> Result<(RoleRecord, u64), AccessError> {
    let holders: HashMap<GrantedRole, u64> = role_holder_counts(conn).await?;
    let count = holders.get(&GrantedRole::Custom(role.id)).copied().unwrap_or(0);
    Ok((role, count))
}

/// A name that is not a built-in role's: two roles of one name would be taken for each other.
fn role_name(text: &str) -> Result<String, AccessError> {
    let name = check::name("name", text)?;
    if name.to_lowercase().parse::<Role>().is_ok() {
        return Err(AccessError::field("name", "reserved", "this is the name of a built-in role"));
    }
    Ok(name)
}

fn taken(error: StoreError) -> AccessError {
    if error.is_conflict("uq_role_name") { AccessError::NameTaken { what: "role" } } else { error.into() }
}

fn told(role: &RoleRecord) -> serde_json::Value {
    json!({ "name": role.name, "description": role.description, "permissions": role.permissions })
}
