//! Roles and permissions.

use contract::paths;
use contract::roles::{CreateRoleRequest, PermissionsView, RoleView, RolesView, UpdateRoleRequest};
use domain::ids::RoleId;

use super::{ApiError, client};

/// Every permission.
pub async fn permissions() -> Result<PermissionsView, ApiError> {
    client::get(paths::PERMISSIONS).await
}

/// Every role.
pub async fn list() -> Result<RolesView, ApiError> {
    client::get(paths::ROLES).await
}

/// Makes one.
pub async fn create(request: &CreateRoleRequest) -> Result<RoleView, ApiError> {
    client::post(paths::ROLES, request).await
}

/// Changes the version that was read.
pub async fn update(id: RoleId, request: &UpdateRoleRequest, version: i64) -> Result<RoleView, ApiError> {
    client::patch_version(&paths::with_id(paths::ROLE, id), request, version).await
}

/// Deletes the version that was read.
pub async fn delete(id: RoleId, version: Option<i64>) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::ROLE, id), version).await
}
