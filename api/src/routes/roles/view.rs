//! Roles on the wire.

use std::collections::BTreeSet;

use contract::roles::RoleView;
use domain::access::{Permission, Role};
use services::access::roles::RoleDetail;

use crate::error::ApiError;

pub(super) fn role(detail: RoleDetail) -> RoleView {
    match detail {
        RoleDetail::BuiltIn(role, holders) => RoleView {
            id: None,
            name: role.to_string(),
            built_in: true,
            description: words(role).to_owned(),
            permissions: role.permissions().iter().map(ToString::to_string).collect(),
            holders,
            created_at: None,
            updated_at: None,
            version: None,
        },
        RoleDetail::Custom(role, holders) => RoleView {
            id: Some(role.id),
            name: role.name,
            built_in: false,
            description: role.description,
            permissions: role.permissions.iter().map(ToString::to_string).collect(),
            holders,
            created_at: Some(role.created_at),
            updated_at: Some(role.updated_at),
            version: Some(role.version),
        },
    }
}

/// What a built-in role is for.
fn words(role: Role) -> &'static str {
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

/// The permissions that a body names.
pub(super) fn permissions(names: &[String]) -> Result<BTreeSet<Permission>, ApiError> {
    let read = |(at, name): (usize, &String)| {
        name.parse().map_err(|_| {
            let field = format!("permissions[{at}]");
            ApiError::body_field(&field, "unknown_value", "is no permission, such as workspace:read")
        })
    };
    names.iter().enumerate().map(read).collect()
}
