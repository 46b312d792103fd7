//! What the errors of budgets mean on the wire.

use contract::problem::code;
use services::budgets::BudgetError;

use crate::error::{ApiError, sentence};

impl From<BudgetError> for ApiError {
    fn from(error: BudgetError) -> Self {
        let words = error.to_string();
        match error {
            BudgetError::NotFound => Self::not_found("budget"),
            BudgetError::Changed => Self::precondition_failed(),
            BudgetError::NameTaken => Self::new(code::CONFLICT, sentence(&words)).field("name", "taken", words),
            BudgetError::Field { field, code, message } => Self::body_field(field, code, message),
            BudgetError::Forbidden(forbidden) => forbidden.into(),
            BudgetError::Store(cause) => cause.into(),
            other @ BudgetError::Cost(_) => Self::internal(other),
        }
    }
}
