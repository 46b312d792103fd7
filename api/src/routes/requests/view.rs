//! Requests on the wire.

use contract::requests::{RequestDesktopView, RequestDetailView, RequestStepView, RequestView};
use domain::ids::UserId;
use services::requests::{RequestDetail, RequestRecord, RequestStep};

/// A request as somebody sees it.
pub(super) fn request(record: RequestRecord, asker: Option<UserId>) -> RequestView {
    RequestView {
        id: record.id,
        own: asker == Some(record.user_id),
        user_id: record.user_id,
        email: record.email,
        kind: record.kind,
        status: record.status,
        desktop: record.desktop.map(|desktop| RequestDesktopView {
            id: desktop.id,
            aws_id: desktop.aws_id,
            computer_name: desktop.computer_name,
        }),
        bundle: record.bundle,
        note: record.note,
        created_at: record.created_at,
        updated_at: record.updated_at,
        version: record.version,
    }
}

/// A request with its steps.
pub(super) fn detail(detail: RequestDetail, asker: Option<UserId>) -> RequestDetailView {
    let step = |RequestStep { at, status, email, .. }| RequestStepView { at, status, email };
    RequestDetailView { request: request(detail.request, asker), steps: detail.steps.into_iter().map(step).collect() }
}
