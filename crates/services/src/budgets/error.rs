//! What can go wrong with budgets.

use domain::access::Forbidden;
use store::StoreError;

use crate::cost::CostError;

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is none, or none that the actor may see.
    #[error("there is no such budget")]
    NotFound,
    /// It has another version than the one that was to be changed.
    #[error("the budget was changed meanwhile")]
    Changed,
    /// Another budget has the name.
    #[error("another budget has this name")]
    NameTaken,
    /// A field is wrong.
    #[error("{message}")]
    Field {
        /// The field.
        field: &'static str,
        /// A stable code.
        code: &'static str,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// Costs could not be summed.
    #[error("the costs of the budget could not be read")]
    Cost(#[source] CostError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<CostError> for BudgetError {
    fn from(error: CostError) -> Self {
        match error {
            CostError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            CostError::Store(error) => Self::Store(error),
            other @ CostError::Money(_) => Self::Cost(other),
        }
    }
}
