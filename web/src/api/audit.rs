//! Our own audit log.

use contract::audit::{AuditEntryDetailView, AuditEntryView, AuditFacetsView, AuditQuery, AuditStateView};
use contract::page::Page;
use contract::paths;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &AuditQuery) -> Result<Page<AuditEntryView>, ApiError> {
    client::get_query(paths::AUDIT_LOG, query).await
}

/// What there is to filter by, counted in what the query leaves.
pub async fn facets(query: &AuditQuery) -> Result<AuditFacetsView, ApiError> {
    client::get_query(paths::AUDIT_FACETS, query).await
}

/// One entry in full.
pub async fn entry(seq: i64) -> Result<AuditEntryDetailView, ApiError> {
    client::get(&paths::with_id(paths::AUDIT_ENTRY, seq)).await
}

/// How the log stands.
pub async fn state() -> Result<AuditStateView, ApiError> {
    client::get(paths::AUDIT_STATE).await
}
