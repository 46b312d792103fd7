//! What the errors of data sets mean on the wire.

use services::data_sets::DataSetError;

use crate::error::ApiError;

impl From<DataSetError> for ApiError {
    fn from(error: DataSetError) -> Self {
        match error {
            DataSetError::Forbidden(forbidden) => forbidden.into(),
            DataSetError::Store(cause) => cause.into(),
        }
    }
}
