//! What a query narrows both records to.

use contract::activity::ActivityQuery;
use services::activity::ActivityFilter;

use crate::error::ApiError;
use crate::extract::in_order;

/// The filter of a query.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn of(query: &ActivityQuery) -> Result<ActivityFilter, ApiError> {
    in_order(query.from, query.to)?;
    Ok(ActivityFilter { workspace: query.workspace, from: query.from, to: query.to })
}
