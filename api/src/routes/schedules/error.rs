//! What the errors of schedules mean on the wire.

use services::schedules::ScheduleError;

use crate::error::ApiError;

impl From<ScheduleError> for ApiError {
    fn from(error: ScheduleError) -> Self {
        let words = error.to_string();
        match error {
            ScheduleError::NotFound => Self::not_found("schedule"),
            ScheduleError::Period { .. } => Self::body_field("period_secs", "out_of_range", words),
            ScheduleError::Forbidden(forbidden) => forbidden.into(),
            ScheduleError::StepUp(needed) => needed.into(),
            ScheduleError::Store(cause) => cause.into(),
        }
    }
}
