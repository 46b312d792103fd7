//! `GET /api/v1/audit-log/export`.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::audit::{AuditEntryView, AuditExportQuery};
use contract::paths;
use domain::access::marker;
use domain::csv;
use futures::StreamExt as _;
use futures::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use services::audit::AuditRecord;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Query, Require};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

const COLUMNS: [&str; 18] = [
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "address",
    "session_id",
    "key_id",
    "permission",
    "action",
    "object_kind",
    "object_id",
    "object_name",
    "outcome",
    "reason",
    "request_id",
    "before",
    "after",
];

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

impl Format {
    fn named(name: Option<&str>) -> Result<Self, ApiError> {
        match name {
            None | Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::JsonLines),
            Some(_) => Err(ApiError::query("format", "unknown_value", "must be csv or jsonl")),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl",
        }
    }

    fn head(self) -> String {
        match self {
            Self::Csv => csv::line(COLUMNS),
            Self::JsonLines => String::new(),
        }
    }

    fn rows(self, found: Vec<AuditRecord>) -> Result<String, serde_json::Error> {
        let mut text = String::new();
        for row in found {
            match self {
                Self::Csv => text.push_str(&cells(&row)),
                Self::JsonLines => {
                    text.push_str(&serde_json::to_string(&view::detail(row))?);
                    text.push('\n');
                }
            }
        }
        Ok(text)
    }
}

fn cells(row: &AuditRecord) -> String {
    let AuditEntryView {
        seq,
        at,
        actor_kind,
        actor_id,
        actor_name,
        address,
        session_id,
        key_id,
        permission,
        action,
        object_kind,
        object_id,
        object_name,
        outcome,
        reason,
        request_id,
    } = view::entry(row);
    let shown = |value: Option<&dyn std::fmt::Display>| value.map(ToString::to_string).unwrap_or_default();
    let text = Option::unwrap_or_default;
    csv::line([
        seq.to_string(),
        at.to_rfc3339(),
        actor_kind,
        shown(actor_id.as_ref().map(|id| id as _)),
        text(actor_name),
        text(address),
        shown(session_id.as_ref().map(|id| id as _)),
        shown(key_id.as_ref().map(|id| id as _)),
        text(permission),
        action,
        text(object_kind),
        text(object_id),
        text(object_name),
        outcome,
        text(reason),
        text(request_id),
        shown(row.record.before.as_ref().map(|value| value as _)),
        shown(row.record.after.as_ref().map(|value| value as _)),
    ])
}

/// Take the audit log along
///
/// Everything that the filter leaves, newest first, as a file. Needs `audit:export` on everything, and is itself in the log. In
/// CSV, what a spreadsheet would run as a formula begins with an apostrophe.
#[utoipa::path(
    get,
    path = paths::AUDIT_EXPORT,
    tag = "audit",
    security(("session" = []), ("key" = [])),
    params(AuditExportQuery),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/csv; charset=utf-8"),
            (String = "application/jsonl"),
        )),
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_audit_log(
    State(state): State<AppState>,
    user: Require<marker::AuditExport>,
    Query(query): Query<AuditExportQuery>,
) -> Result<Response, ApiError> {
    let format = Format::named(query.format.as_deref())?;
    let filter = filter::of(&filter::of_export(query))?;
    let parts = services::audit::export_entries(state.context(), &user.actor, &filter, format.name()).await?;
    let parts = parts.map(move |part| -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        match part {
            Ok(found) => Ok(format.rows(found)?),
            Err(error) => {
                // The answer has begun: it can only end before its end, and the log says why.
                tracing::error!(error = &error as &dyn std::error::Error, "an export of the audit log broke off");
                Err(error.into())
            }
        }
    });
    let body = Body::from_stream(stream::once(async move { Ok(format.head()) }).chain(parts));
    let file = format!("attachment; filename=\"audit-log.{}\"", format.name());
    Ok(([(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_DISPOSITION, file)], body).into_response())
}
