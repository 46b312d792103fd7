//! What the errors of WorkSpaces and their actions mean on the wire. What becomes of each WorkSpace of an action is no error.

use services::actions::ActionError;
use services::workspaces::WorkspaceError;

use crate::error::ApiError;

impl From<WorkspaceError> for ApiError {
    fn from(error: WorkspaceError) -> Self {
        match error {
            WorkspaceError::Forbidden(forbidden) => forbidden.into(),
            WorkspaceError::Store(cause) => cause.into(),
        }
    }
}

impl From<ActionError> for ApiError {
    fn from(error: ActionError) -> Self {
        let words = error.to_string();
        match error {
            ActionError::Empty | ActionError::TooMany { .. } => Self::body_field("workspace_ids", "invalid", words),
            ActionError::Values(fault) => Self::body_field(fault.field, "invalid", words),
            ActionError::StepUp(needed) => needed.into(),
            ActionError::Forbidden(forbidden) => forbidden.into(),
            ActionError::Store(cause) => cause.into(),
        }
    }
}
