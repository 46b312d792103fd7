//! Our own audit log.

use contract::audit::{AuditEntryDetailView, AuditEntryView, AuditExportQuery, AuditQuery, AuditStateView};
use contract::page::Page;
use contract::paths;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &AuditQuery) -> Result<Page<AuditEntryView>, ApiError> {
    client::get_query(paths::AUDIT_LOG, query).await
}

/// One entry in full.
pub async fn entry(seq: i64) -> Result<AuditEntryDetailView, ApiError> {
    client::get(&paths::with_id(paths::AUDIT_ENTRY, seq)).await
}

/// How the log stands.
pub async fn state() -> Result<AuditStateView, ApiError> {
    client::get(paths::AUDIT_STATE).await
}

/// Where the browser fetches what a query finds as a file: `csv` or `jsonl`.
pub fn export_href(query: &AuditQuery, format: &str) -> String {
    let query = query.clone();
    let wanted = AuditExportQuery {
        format: Some(format.to_owned()),
        actor: query.actor,
        action: query.action,
        object_kind: query.object_kind,
        object_id: query.object_id,
        outcome: query.outcome,
        from: query.from,
        to: query.to,
        q: query.q,
    };
    format!("{}?{}", paths::AUDIT_EXPORT, serde_urlencoded::to_string(wanted).unwrap_or_default())
}
