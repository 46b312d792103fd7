//! `POST /api/v1/portal-spans`.

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, Utc};
use contract::paths;
use contract::portal_spans::{PortalRequestBody, PortalSpanBody, RecordPortalSpansRequest};
use http::StatusCode;
use platform::traces::portal::{self, PortalRequest, PortalSpan};

use crate::extract::{Json, SignedIn};
use crate::openapi::{BodyErrors, ChangeErrors};
use crate::state::AppState;

/// Tell what the portal did
///
/// The portal itself does so where traces are sent (`traces` of the session): its pages and requests are spans of the same traces as
/// what they led to here. Where none are sent, nothing is done with them.
#[utoipa::path(
    post,
    path = paths::PORTAL_SPANS,
    tag = "meta",
    security(("session" = [])),
    request_body = RecordPortalSpansRequest,
    responses((status = 204, description = "They are taken."), ChangeErrors, BodyErrors),
)]
pub async fn record_portal_spans(
    State(state): State<AppState>,
    _user: SignedIn,
    Json(request): Json<RecordPortalSpansRequest>,
) -> StatusCode {
    let now = state.context().env.now();
    portal::record(request.spans.iter().map(|body| span(body, now)));
    StatusCode::NO_CONTENT
}

fn span(body: &PortalSpanBody, now: DateTime<Utc>) -> PortalSpan<'_> {
    PortalSpan {
        trace_id: &body.trace_id,
        span_id: &body.span_id,
        path: &body.path,
        ended: now - Duration::from_millis(body.ended_ms_ago.into()),
        lasted: Duration::from_millis(body.duration_ms.into()),
        request: body.request.as_ref().map(request),
    }
}

fn request(body: &PortalRequestBody) -> PortalRequest<'_> {
    PortalRequest { page_id: &body.page_id, method: &body.method, status: body.status }
}
