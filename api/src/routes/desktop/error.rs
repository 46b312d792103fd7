//! What the errors of one's own desktops mean on the wire.

use services::desktop::DesktopError;

use crate::error::ApiError;

impl From<DesktopError> for ApiError {
    fn from(error: DesktopError) -> Self {
        match error {
            DesktopError::Forbidden(forbidden) => forbidden.into(),
            DesktopError::Store(cause) => cause.into(),
        }
    }
}
