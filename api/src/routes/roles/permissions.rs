//! `GET /api/v1/permissions`.

use contract::paths;
use contract::roles::{PermissionView, PermissionsView};
use domain::access::{Permission, Role, marker};

use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;

/// The permissions
///
/// Each with what it lets somebody do and the built-in roles that have it. Needs `user:read`.
#[utoipa::path(
    get,
    path = paths::PERMISSIONS,
    tag = "roles",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The permissions.", body = PermissionsView), SignedInErrors),
)]
pub async fn list_permissions(_user: Require<marker::UserRead>) -> Result<Json<PermissionsView>, ApiError> {
    let view = |permission: &Permission| {
        let having = Role::ALL.iter().filter(|role| role.permissions().contains(permission));
        PermissionView {
            name: permission.to_string(),
            words: permission.words().to_owned(),
            built_in_roles: having.map(ToString::to_string).collect(),
        }
    };
    Ok(Json(PermissionsView { items: Permission::ALL.iter().map(view).collect() }))
}
