//! What the errors of requests mean on the wire.

use contract::problem::code;
use services::requests::RequestError;

use crate::error::{ApiError, sentence};

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        let words = error.to_string();
        match error {
            RequestError::NotFound => Self::not_found("request"),
            RequestError::NotOpen | RequestError::TooMany(_) => Self::new(code::CONFLICT, sentence(&words)),
            RequestError::Fields(fields) => {
                let problem = Self::new(code::INVALID_BODY, "Some fields are wrong; `errors` names each.");
                fields.into_iter().fold(problem, |problem, bad| problem.field(bad.field, bad.code, bad.message))
            }
            RequestError::Forbidden(forbidden) => forbidden.into(),
            RequestError::Store(cause) => cause.into(),
        }
    }
}
