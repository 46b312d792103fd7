//! What the errors of the audit log mean on the wire.

use services::audit::AuditError;

use crate::error::ApiError;

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Forbidden(forbidden) => forbidden.into(),
            AuditError::Store(cause) => cause.into(),
            other @ (AuditError::Broken(_) | AuditError::Seal(_)) => Self::internal(other),
        }
    }
}
