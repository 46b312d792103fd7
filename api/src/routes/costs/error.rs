//! What the errors of costs mean on the wire.

use services::cost::CostError;

use crate::error::ApiError;

impl From<CostError> for ApiError {
    fn from(error: CostError) -> Self {
        match error {
            CostError::Forbidden(forbidden) => forbidden.into(),
            CostError::Store(cause) => cause.into(),
            other @ CostError::Money(_) => Self::internal(other),
        }
    }
}
