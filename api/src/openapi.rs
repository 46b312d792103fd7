//! The OpenAPI 3.1 document: what stands around the operations, and the error answers they share. Each operation's own doc is
//! beside its handler. The document is committed, and CI proves it fresh (`wheelhouse openapi`).
//! To add an error to an operation: name its set below in the handler's `responses(…)`.

use std::collections::BTreeMap;

use contract::problem::{MEDIA_TYPE, Problem, code};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema};

use crate::error::kind_of;
use crate::extract::SESSION_COOKIE;

/// What stands around the operations.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Wheelhouse",
        description = "The control room for a fleet of Amazon WorkSpaces. Lists take `limit`, `cursor`, `sort`, `q` and named \
            filters, and answer `items`, `next_cursor` and `total`. Every error is an RFC 9457 problem with a stable `code`. \
            Sign in with `POST /api/v1/session`; the cookie it sets identifies you from then on.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This installation")),
    components(schemas(Problem)),
    tags(
        (name = "setup", description = "First run: creating the owner with the one-time link."),
        (name = "session", description = "Signing in and out."),
        (name = "overview", description = "The fleet in numbers."),
        (name = "accounts", description = "Connected AWS accounts and their syncs."),
        (name = "workspaces", description = "The WorkSpaces and what can be done with them."),
        (name = "jobs", description = "What runs, ran and will run."),
        (name = "schedules", description = "What runs by itself, and how fresh that keeps the data."),
        (name = "events", description = "The live stream."),
        (name = "meta", description = "The API itself."),
    ),
    modifiers(&Schemes),
)]
pub(crate) struct Frame;

/// The whole document as pretty JSON, ending with a newline.
#[must_use]
pub fn openapi_json() -> String {
    let mut text = crate::router::document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Finishes a document whose operations are in: what holds for all of them.
pub(crate) fn finish(document: &mut Document) {
    Statuses.modify(document);
}

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let cookie = ApiKeyValue::with_description(SESSION_COOKIE, "Set by signing in; for browsers.");
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("whk_…".to_owned());
        bearer.description = Some("API keys; reserved, not issued yet.".to_owned());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

/// The columns a list can be sorted by, in words; the contract's own docstring points to a constant instead.
fn sort_description() -> String {
    let choices = contract::workspaces::SORTS.join("`, `");
    format!("One of `{choices}`, with `-` before it for descending; `user_name` when absent.")
}

/// Every operation may meet a time-out, a body beyond the limit, a fault of ours and an absent database.
struct Statuses;

impl Modify for Statuses {
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let operations: [&mut Option<Operation>; 5] =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                for parameter in operation.parameters.iter_mut().flatten() {
                    if let RefOr::T(parameter) = parameter
                        && parameter.name == "sort"
                    {
                        parameter.description = Some(sort_description());
                    }
                }
                for (status, response) in
                    answers(&[code::TIMEOUT, code::BODY_TOO_LARGE, code::INTERNAL, code::UNAVAILABLE])
                {
                    operation.responses.responses.entry(status).or_insert(response);
                }
            }
        }
    }
}

/// Problem answers by status, each naming its codes.
fn answers(codes: &[&str]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for code in codes {
        let (status, title) = kind_of(code);
        let (titles, names) = by_status.entry(status.as_str().to_owned()).or_default();
        if !titles.is_empty() {
            titles.push_str("; ");
        }
        titles.push_str(title);
        names.push(format!("`{code}`"));
    }
    let schema = Ref::from_schema_name(Problem::name());
    by_status
        .into_iter()
        .map(|(status, (titles, names))| {
            let content = ContentBuilder::new().schema(Some(schema.clone())).build();
            let description = format!("{titles} ({}).", names.join(", "));
            let response = ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build();
            (status, RefOr::T(response))
        })
        .collect()
}

macro_rules! error_sets {
    ($($(#[$meta:meta])* $name:ident = $($code:ident),+;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum $name {}

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                answers(&[$(code::$code),+])
            }
        }
    )+};
}

error_sets! {
    /// An operation of signed-in users that only reads.
    SignedInErrors = UNAUTHENTICATED, FORBIDDEN;
    /// An operation of signed-in users that changes something.
    ChangeErrors = UNAUTHENTICATED, FORBIDDEN, CROSS_SITE;
    /// An operation that changes something and that anybody may try.
    OpenChangeErrors = CROSS_SITE, RATE_LIMITED;
    /// A list.
    ListErrors = INVALID_QUERY, BAD_CURSOR;
    /// A query without pages.
    QueryErrors = INVALID_QUERY;
    /// An object named in the path.
    ObjectErrors = INVALID_PATH, NOT_FOUND;
    /// A JSON body.
    BodyErrors = MALFORMED_JSON, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_BODY;
    /// Something stands against it.
    ConflictErrors = CONFLICT;
    /// AWS is asked.
    CloudErrors = CLOUD;
    /// Signing in.
    CredentialErrors = BAD_CREDENTIALS;
    /// The one-time link.
    LinkErrors = LINK_SPENT;
    /// Only the origin of the request matters.
    CrossSiteErrors = CROSS_SITE;
    /// Only a session is needed, no permission.
    SessionErrors = UNAUTHENTICATED;
}
