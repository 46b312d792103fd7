//! What the errors of people, roles, teams and invitations mean on the wire.

use contract::problem::code;
use contract::users::GrantBody;
use domain::access::Grant;
use services::access::AccessError;

use crate::error::{ApiError, sentence};

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        let words = error.to_string();
        match error {
            AccessError::NotFound(what) => Self::not_found(what),
            AccessError::Changed => Self::precondition_failed(),
            AccessError::LastOwner | AccessError::RoleInUse { .. } | AccessError::TooMany { .. } => {
                Self::new(code::CONFLICT, sentence(&words))
            }
            AccessError::NotOpen => Self::new(code::CONFLICT, sentence(&words)),
            AccessError::NameTaken { .. } => Self::new(code::CONFLICT, sentence(&words)).field("name", "taken", words),
            AccessError::EmailTaken(_) => Self::new(code::CONFLICT, sentence(&words)).field("email", "taken", words),
            AccessError::OwnersOnly | AccessError::TooMuch { .. } => Self::new(code::FORBIDDEN, sentence(&words)),
            AccessError::Field { field, code, message } => Self::body_field(&field, code, message),
            AccessError::LinkSpent => Self::new(code::LINK_SPENT, sentence(&words)),
            AccessError::Forbidden(forbidden) => forbidden.into(),
            AccessError::StepUp(needed) => needed.into(),
            AccessError::Identity(cause) => cause.into(),
            AccessError::Store(cause) => cause.into(),
        }
    }
}

/// The grants that a body describes.
///
/// # Errors
/// 422 `invalid_body` with the first field that is wrong.
pub(crate) fn grants(bodies: &[GrantBody]) -> Result<Vec<Grant>, ApiError> {
    let read = |(at, body): (usize, &GrantBody)| {
        body.grant().map_err(|no| ApiError::body_field(&format!("grants[{at}].{}", no.field), no.code, no.message))
    };
    bodies.iter().enumerate().map(read).collect()
}
