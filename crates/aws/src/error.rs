//! What went wrong, as a type: from the SDK's error of any operation to [`CloudError`]. Not the decision to retry, which
//! is `call`'s; it gets what it needs for that in [`Failure`].
//! To add an error code: a line in the list of its kind below, and a case in the tests.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::cloud::CloudError;

use crate::policy::Operation;

const THROTTLED: &[&str] = &[
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
    "SlowDown",
];
/// Services where `LimitExceededException` means "too many calls"; elsewhere it is a quota on things.
const LIMIT_IS_PACE: &[&str] = &["ce:", "cloudwatch:", "cloudtrail:", "pricing:"];
const DENIED: &[&str] = &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"];
const UNAUTHENTICATED: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "AuthFailure",
    "NotAuthorized",
    "RequestExpired",
    "RequestTimeTooSkewed",
];
const NOT_FOUND: &[&str] =
    &["ResourceNotFoundException", "ResourceNotFound", "EntityDoesNotExistException", "NotFoundException"];
const UNSUPPORTED: &[&str] =
    &["UnknownOperationException", "UnknownOperation", "NotImplemented", "NotImplementedException", "InvalidAction"];
const UNAVAILABLE: &[&str] = &[
    "InternalServerException",
    "InternalServerError",
    "InternalFailure",
    "InternalError",
    "InternalErrorException",
    "InternalServiceFault",
    "InternalServiceError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ServiceException",
    "RequestTimeout",
    "RequestTimeoutException",
];

/// The longest part of a foreign text that is kept.
const REASON_CHARS: usize = 300;

/// How far the request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// It was never sent: repeating it is harmless.
    NotSent {
        /// A connection was tried (as opposed to: there were no credentials to sign with).
        attempted: bool,
    },
    /// AWS answered, and did not do it.
    Refused,
    /// Nobody knows whether AWS did it.
    Unknown,
}

/// An error with what the retry decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: CloudError,
    pub(crate) reached: Reached,
    /// What the answer's Retry-After asked for.
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    fn new(error: CloudError, reached: Reached) -> Self {
        Self { error, reached, retry_after: None }
    }

    /// No answer came within the time there was.
    pub(crate) fn deadline(operation: &Operation, limit: Duration) -> Self {
        let reason = format!("no answer within {} s", limit.as_secs_f64());
        Self::new(unavailable(operation, reason), Reached::Unknown)
    }

    /// A 2xx answer that lacks what it must have.
    pub(crate) fn malformed(operation: &Operation, reason: String) -> Self {
        Self::new(CloudError::Malformed { operation: operation.action.to_owned(), reason }, Reached::Unknown)
    }
}

fn unavailable(operation: &Operation, reason: String) -> CloudError {
    CloudError::Unavailable { operation: operation.action.to_owned(), reason }
}

/// The typed form of an SDK error.
pub(crate) fn classify<E>(operation: &Operation, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(failure) = of_credentials(operation, error) {
        return failure;
    }
    match error {
        SdkError::ServiceError(answer) => {
            let meta = answer.err();
            answered(operation, answer.raw(), meta.code(), meta.message(), error)
        }
        SdkError::ResponseError(answer) => answered(operation, answer.raw(), None, None, error),
        SdkError::ConstructionFailure(_) => {
            let operation = operation.action.to_owned();
            let error = CloudError::Refused { operation, code: "InvalidRequest".to_owned(), reason: chain_text(error) };
            Failure::new(error, Reached::NotSent { attempted: false })
        }
        SdkError::TimeoutError(_) => Failure::new(unavailable(operation, chain_text(error)), Reached::Unknown),
        SdkError::DispatchFailure(dispatch) => {
            let reached = match dispatch.as_connector_error() {
                Some(connector) if never_connected(connector) => Reached::NotSent { attempted: true },
                _ => Reached::Unknown,
            };
            Failure::new(unavailable(operation, chain_text(error)), reached)
        }
        _ => Failure::new(unavailable(operation, chain_text(error)), Reached::Unknown),
    }
}

fn answered(
    operation: &Operation,
    response: &HttpResponse,
    code: Option<&str>,
    message: Option<&str>,
    error: &(dyn Error + 'static),
) -> Failure {
    let status = response.status().as_u16();
    let name = operation.action.to_owned();
    let body = response.body().bytes().unwrap_or_default();
    let reason = || match message.or(code) {
        Some(text) => shorten(text),
        None => format!("HTTP {status} without an explanation"),
    };
    let is = |codes: &[&str]| code.is_some_and(|code| codes.contains(&code));
    let retry_after = retry_after(response);
    // The order matters: a code says more than a status.
    let too_fast = code == Some("LimitExceededException")
        && LIMIT_IS_PACE.iter().any(|service| operation.action.starts_with(service));
    let (error, reached) = if is(THROTTLED) || too_fast || status == 429 {
        (CloudError::Throttled { operation: name }, Reached::Refused)
    } else if is(DENIED) {
        let permission = message.and_then(missing_permission).unwrap_or(operation.action).to_owned();
        (CloudError::Denied { operation: name, permission }, Reached::Refused)
    } else if is(UNAUTHENTICATED) {
        (CloudError::Unauthenticated { operation: name, reason: reason() }, Reached::Refused)
    } else if is(NOT_FOUND) {
        (CloudError::NotFound { operation: name, reason: reason() }, Reached::Refused)
    } else if is(UNSUPPORTED) || status == 501 || (status == 404 && code.is_none()) || lacks_operation(status, body) {
        (CloudError::Unsupported { operation: name }, Reached::Refused)
    } else if (200..300).contains(&status) {
        (CloudError::Malformed { operation: name, reason: chain_text(error) }, Reached::Unknown)
    } else if status >= 500 || status == 408 || is(UNAVAILABLE) {
        (unavailable(operation, format!("HTTP {status}: {}", reason())), Reached::Unknown)
    } else {
        let code = code.map_or_else(|| format!("HTTP {status}"), shorten);
        (CloudError::Refused { operation: name, code, reason: reason() }, Reached::Refused)
    };
    Failure { error, reached, retry_after }
}

/// An emulator that does not know the operation: moto answers 500 with Werkzeug's HTML page (for any exception of its
/// own), others name the Python exception. A 502–504 with an HTML page is a gateway in front of AWS, not this.
fn lacks_operation(status: u16, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let start = text.trim_start().get(..14).unwrap_or_default().to_ascii_lowercase();
    let html = start.starts_with("<!doctype html") || start.starts_with("<html");
    (status == 500 && html) || (status >= 500 && text.contains("NotImplementedError"))
}

/// The IAM action in "… is not authorized to perform: workspaces:DescribeTags on resource: …".
fn missing_permission(message: &str) -> Option<&str> {
    let rest = message.split_once("to perform:")?.1.trim_start();
    let action = rest.split(|c: char| c.is_whitespace() || c == ',').next()?.trim_end_matches('.');
    let (service, verb) = action.split_once(':')?;
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '*');
    (plain(service) && plain(verb)).then_some(action)
}

/// `Retry-After` in seconds (the form with a date is not used by AWS), or `x-amz-retry-after` in milliseconds.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let number = |name: &str| response.headers().get(name)?.trim().parse::<u64>().ok();
    number("x-amz-retry-after").map(Duration::from_millis).or_else(|| number("retry-after").map(Duration::from_secs))
}

/// Failures on the way to credentials, which the SDK reports as failures of the call.
fn of_credentials(operation: &Operation, error: &(dyn Error + 'static)) -> Option<Failure> {
    let mut found = None;
    for cause in chain(error) {
        if let Some(assume_role) = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            // The very error that is being classified may be of this type; only one below credentials counts.
            if found.is_some() {
                let mut failure = classify(&ASSUME_ROLE, assume_role);
                failure.reached = Reached::NotSent { attempted: false };
                return Some(failure);
            }
        }
        if let Some(credentials) = cause.downcast_ref::<CredentialsError>() {
            found.get_or_insert(credentials);
        }
    }
    let credentials = found?;
    let reason = chain_text(credentials);
    let error = match credentials {
        CredentialsError::ProviderTimedOut(_) => unavailable(operation, reason),
        _ => CloudError::Unauthenticated {
            operation: operation.action.to_owned(),
            reason: format!("no usable credentials were found: {reason}"),
        },
    };
    Some(Failure::new(error, Reached::NotSent { attempted: false }))
}

const ASSUME_ROLE: Operation = Operation::act("sts:AssumeRole");

/// Whether the connection could not even be made. The SDK keeps that to itself, so it is read from the causes.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| {
        let refused = cause.downcast_ref::<std::io::Error>().is_some_and(|io| {
            use std::io::ErrorKind as Kind;
            matches!(io.kind(), Kind::ConnectionRefused | Kind::HostUnreachable | Kind::NetworkUnreachable)
        });
        let text = cause.to_string();
        refused || text == "client error (Connect)" || text.starts_with("HTTP connect timeout")
    })
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// The causes in words, outermost first, each once. `Debug` forms are never used: they may hold headers.
fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in chain(error).map(ToString::to_string) {
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    shorten(&text)
}

fn shorten(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(REASON_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    const TAGS: Operation = Operation::read("workspaces:DescribeTags");

    fn answer(status: u16, code: Option<&str>, message: &str, body: &str) -> Failure {
        let response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        let mut meta = ErrorMetadata::builder();
        if let Some(code) = code {
            meta = meta.code(code).message(message);
        }
        classify(&TAGS, &SdkError::service_error(meta.build(), response))
    }

    fn kind(status: u16, code: Option<&str>, body: &str) -> &'static str {
        answer(status, code, "words", body).error.code()
    }

    #[test]
    fn codes_and_statuses_have_their_kinds() {
        for code in ["ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException"] {
            assert_eq!(kind(400, Some(code), "{}"), "throttled", "{code}");
        }
        assert_eq!(kind(429, None, ""), "throttled");
        assert_eq!(kind(503, Some("ThrottlingException"), ""), "throttled");
        for code in [
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "MissingAuthenticationToken",
            "InvalidSignatureException",
        ] {
            assert_eq!(kind(403, Some(code), "{}"), "unauthenticated", "{code}");
        }
        assert_eq!(kind(400, Some("ResourceNotFoundException"), "{}"), "not_found");
        assert_eq!(kind(400, Some("UnknownOperationException"), "{}"), "unsupported");
        assert_eq!(kind(404, None, ""), "unsupported");
        assert_eq!(kind(404, Some("NoSuchThing"), "{}"), "refused");
        assert_eq!(kind(501, None, ""), "unsupported");
        assert_eq!(kind(400, Some("InvalidParameterValuesException"), "{}"), "refused");
        assert_eq!(kind(500, None, ""), "unavailable");
        assert_eq!(kind(500, Some("InternalServerException"), "{}"), "unavailable");
        assert_eq!(kind(400, Some("ServiceUnavailable"), "{}"), "unavailable");
        assert_eq!(kind(200, None, "{"), "malformed");
    }

    #[test]
    fn a_page_of_html_is_an_emulator_only_as_500() {
        let page = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>";
        assert_eq!(kind(500, None, page), "unsupported");
        assert_eq!(kind(500, None, "  <HTML><body>oops"), "unsupported");
        assert_eq!(kind(502, None, page), "unavailable", "a gateway");
        assert_eq!(kind(503, None, "NotImplementedError: The start_workspaces action"), "unsupported");
        assert_eq!(kind(500, None, "<ErrorResponse><Error/></ErrorResponse>"), "unavailable");
        assert_eq!(kind(500, None, "é"), "unavailable");
    }

    #[test]
    fn a_denial_names_the_missing_permission() {
        let denied = |message: &str| match answer(400, Some("AccessDeniedException"), message, "{}").error {
            CloudError::Denied { permission, .. } => permission,
            other => other.to_string(),
        };
        let user = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform:";
        assert_eq!(denied(&format!("{user} kms:Decrypt on resource: arn:aws:kms:1")), "kms:Decrypt");
        assert_eq!(denied(&format!("{user} workspaces:DescribeTags because no policy")), "workspaces:DescribeTags");
        assert_eq!(denied(&format!("{user} workspaces:StopWorkspaces.")), "workspaces:StopWorkspaces");
        assert_eq!(denied("no"), "workspaces:DescribeTags", "else the call's own action");
        assert_eq!(denied("not authorized to perform: <script>:x"), "workspaces:DescribeTags");
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let with = |name: &'static str, value: &'static str| {
            let mut response = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
            response.headers_mut().insert(name, value);
            let meta = ErrorMetadata::builder().code("ThrottlingException").build();
            classify(&TAGS, &SdkError::service_error(meta, response)).retry_after
        };
        assert_eq!(with("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(with("x-amz-retry-after", "1500"), Some(Duration::from_millis(1500)));
        assert_eq!(with("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }

    #[test]
    fn reasons_are_cut() {
        let long = "ä".repeat(1000);
        match answer(400, Some("Odd"), &long, "{}").error {
            CloudError::Refused { reason, .. } => assert_eq!(reason.chars().count(), REASON_CHARS + 1),
            other => panic!("{other}"),
        }
    }
}
