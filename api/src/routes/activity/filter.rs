//! What a query narrows both records to.

use contract::activity::ActivityQuery;
use services::activity::ActivityFilter;

use crate::error::ApiError;

/// The filter of a query.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn of(query: &ActivityQuery) -> Result<ActivityFilter, ApiError> {
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from > to
    {
        return Err(ApiError::query("to", "out_of_range", "must not be before `from`"));
    }
    Ok(ActivityFilter { workspace: query.workspace, from: query.from, to: query.to })
}
