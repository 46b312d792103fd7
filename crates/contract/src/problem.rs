//! Errors on the wire: RFC 9457 problem details with a stable code, the request id and field errors.

use serde::{Deserialize, Serialize};

/// The media type of every error answer.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference that names the kind of problem: `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words, the same for each occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code a program may rely on.
    pub code: String,
    /// This occurrence in words, with the fix.
    pub detail: String,
    /// The request's id, as in the logs.
    pub request_id: String,
    /// What is wrong field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field, as a dotted path into the body, or the query parameter's name.
    pub field: String,
    /// A stable code.
    pub code: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// The stable codes. A code is never renamed; its status is fixed.
pub mod code {
    /// 400: the body is not JSON.
    pub const MALFORMED_JSON: &str = "malformed_json";
    /// 422: the JSON does not have the right shape or values.
    pub const INVALID_BODY: &str = "invalid_body";
    /// 400: a query parameter is unknown or wrong.
    pub const INVALID_QUERY: &str = "invalid_query";
    /// 400: the cursor is damaged or belongs to another list.
    pub const BAD_CURSOR: &str = "bad_cursor";
    /// 400: a path parameter is not an id.
    pub const INVALID_PATH: &str = "invalid_path";
    /// 401: nobody is signed in.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// 401: e-mail address or password is wrong.
    pub const BAD_CREDENTIALS: &str = "bad_credentials";
    /// 401: the code is wrong, was used or has run out.
    pub const BAD_CODE: &str = "bad_code";
    /// 401: the sign-in that waited for a second factor is over; begin again.
    pub const CHALLENGE_OVER: &str = "challenge_over";
    /// 403: the role lacks a permission.
    pub const FORBIDDEN: &str = "forbidden";
    /// 403: a dangerous action, and it is long since the last proof of who is there: `POST /api/v1/session/proof`.
    pub const STEP_UP: &str = "step_up_required";
    /// 403: the request came from another site.
    pub const CROSS_SITE: &str = "cross_site";
    /// 400: a header is not what it must be.
    pub const INVALID_HEADER: &str = "invalid_header";
    /// 404: no such thing, or not yours to see.
    pub const NOT_FOUND: &str = "not_found";
    /// 405: the path does not take this method.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// 408: the request took too long.
    pub const TIMEOUT: &str = "timeout";
    /// 409: it stands against what is there.
    pub const CONFLICT: &str = "conflict";
    /// 409: another request with the same `Idempotency-Key` is still running; see `Retry-After`.
    pub const IDEMPOTENCY_IN_PROGRESS: &str = "idempotency_in_progress";
    /// 422: the `Idempotency-Key` was used for another request.
    pub const IDEMPOTENCY_MISMATCH: &str = "idempotency_mismatch";
    /// 412: it was changed meanwhile: `If-Match` names another version than the one there is.
    pub const PRECONDITION_FAILED: &str = "precondition_failed";
    /// 409: this installation sends no mail.
    pub const MAIL_OFF: &str = "mail_off";
    /// 410: the one-time link was used, replaced or ran out.
    pub const LINK_SPENT: &str = "link_spent";
    /// 413: the body is too large.
    pub const BODY_TOO_LARGE: &str = "body_too_large";
    /// 415: the content type is not `application/json`.
    pub const UNSUPPORTED_MEDIA_TYPE: &str = "unsupported_media_type";
    /// 429: too many tries; see `Retry-After`.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// 431: the headers are too many or too large.
    pub const HEADERS_TOO_LARGE: &str = "headers_too_large";
    /// 500: our fault; the request id finds it in the logs.
    pub const INTERNAL: &str = "internal";
    /// 502: AWS refused or failed.
    pub const CLOUD: &str = "cloud";
    /// 502: the sign-in service fails.
    pub const SIGN_IN_SERVICE: &str = "sign_in_service";
    /// 503: a part we need is away; see `Retry-After`.
    pub const UNAVAILABLE: &str = "unavailable";
}
