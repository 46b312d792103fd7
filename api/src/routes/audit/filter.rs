//! What the query of the list narrows the log to.

use contract::audit::AuditQuery;
use domain::audit::Outcome;
use services::audit::AuditFilter;

use crate::error::ApiError;
use crate::extract::{closed_list, in_order, text_list};

/// The filter of a query.
pub(crate) fn of(query: &AuditQuery) -> Result<AuditFilter, ApiError> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    in_order(query.from, query.to)?;
    Ok(AuditFilter {
        actor: query.actor,
        actions: text_list("action", query.action.as_deref())?,
        object_kind: given(&query.object_kind),
        object_id: given(&query.object_id),
        outcomes: closed_list("outcome", query.outcome.as_deref(), Outcome::ALL)?,
        changes_only: false,
        from: query.from,
        to: query.to,
        q: given(&query.q),
    })
}
