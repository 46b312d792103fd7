//! Roles that people made. The built-in ones are code (`domain::access::Role`).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::RoleId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::entity::role;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// A role that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRecord {
    /// The id.
    pub id: RoleId,
    /// The name; unique without regard to case (`uq_role_name`).
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it lets somebody do.
    pub permissions: BTreeSet<Permission>,
    /// Rises with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The permissions in a stored list. A name that this version does not know gives nothing.
pub(crate) fn permissions_of(stored: &Value) -> BTreeSet<Permission> {
    let names = stored.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(|name| name.as_str()?.parse().ok()).collect()
}

fn stored(permissions: &BTreeSet<Permission>) -> Value {
    permissions.iter().map(|permission| permission.as_str()).collect()
}

/// Every role that somebody made, by name without regard to case.
///
/// # Errors
/// [`StoreError`].
pub async fn role_list(conn: &impl ConnectionTrait) -> Result<Vec<RoleRecord>, StoreError> {
    let rows: Vec<role::Model> = Sql::new(conn).text("SELECT * FROM role ORDER BY lower(name)").all_as(conn).await?;
    Ok(rows.into_iter().map(record).collect())
}

/// One of them.
///
/// # Errors
/// [`StoreError`].
pub async fn role_fetch(conn: &impl ConnectionTrait, id: RoleId) -> Result<Option<RoleRecord>, StoreError> {
    Ok(role::Entity::find_by_id(id.0).one(conn).await?.map(record))
}

/// Adds one.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_role_name` for a name that is taken.
pub async fn role_insert(conn: &impl ConnectionTrait, new: &RoleRecord) -> Result<(), StoreError> {
    let row = role::ActiveModel {
        id: Set(new.id.0),
        name: Set(new.name.clone()),
        description: Set(new.description.clone()),
        permissions: Set(stored(&new.permissions)),
        version: Set(new.version),
        created_at: Set(micros(new.created_at)),
        updated_at: Set(micros(new.updated_at)),
    };
    role::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Changes its name, description and permissions, if it still has the version; `false` when it has not. Its version rises.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_role_name` for a name that is taken.
pub async fn role_update(conn: &impl ConnectionTrait, changed: &RoleRecord) -> Result<bool, StoreError> {
    let row = role::ActiveModel {
        name: Set(changed.name.clone()),
        description: Set(changed.description.clone()),
        permissions: Set(stored(&changed.permissions)),
        updated_at: Set(micros(changed.updated_at)),
        ..Default::default()
    };
    let done = role::Entity::update_many()
        .set(row)
        .col_expr(role::Column::Version, Expr::cust("version + 1"))
        .filter(role::Column::Id.eq(changed.id.0))
        .filter(role::Column::Version.eq(changed.version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes one; `false` when there is none.
///
/// # Errors
/// [`StoreError::Missing`] when somebody holds it.
pub async fn role_delete(conn: &impl ConnectionTrait, id: RoleId) -> Result<bool, StoreError> {
    Ok(role::Entity::delete_by_id(id.0).exec(conn).await?.rows_affected == 1)
}

fn record(row: role::Model) -> RoleRecord {
    RoleRecord {
        id: RoleId(row.id),
        permissions: permissions_of(&row.permissions),
        name: row.name,
        description: row.description,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
