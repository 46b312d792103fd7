//! What a query narrows both records to.

use contract::activity::ActivityQuery;
use domain::activity::ActivitySource;
use domain::audit::Outcome;
use services::activity::ActivityFilter;

use crate::error::ApiError;
use crate::extract::{closed_value, in_order};

/// The filter of a query.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn of(query: &ActivityQuery) -> Result<ActivityFilter, ApiError> {
    in_order(query.from, query.to)?;
    Ok(ActivityFilter {
        source: closed_value("source", query.source.as_deref(), ActivitySource::ALL)?,
        workspace: query.workspace,
        outcome: closed_value("outcome", query.outcome.as_deref(), Outcome::ALL)?,
        changes_only: query.changes.unwrap_or_default(),
        from: query.from,
        to: query.to,
    })
}
