//! Roles on the wire.

use std::collections::BTreeSet;

use contract::roles::RoleView;
use domain::access::Permission;
use services::access::roles::{RoleDetail, built_in_words};

use crate::error::ApiError;

pub(super) fn role(detail: RoleDetail) -> RoleView {
    match detail {
        RoleDetail::BuiltIn(role, holders) => RoleView {
            id: None,
            name: role.to_string(),
            built_in: true,
            description: built_in_words(role).to_owned(),
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
