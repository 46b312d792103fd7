//! The OpenAPI 3.1 document: what stands around the operations, and the error answers they share. Each operation's own doc is
//! beside its handler. The document is committed, and CI proves it fresh (`wheelhouse openapi`).
//! To add an error to an operation: name its set below in the handler's `responses(…)`.

mod choices;
mod exports;

pub(crate) use self::exports::ExportedFile;
use std::collections::BTreeMap;

use contract::problem::{MEDIA_TYPE, Problem, code};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema};

use crate::error::kind_of;
use crate::extract::SESSION_COOKIE;
use crate::middleware::deprecation;

/// What stands around the operations.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Wheelhouse",
        description = "The control room for a fleet of Amazon WorkSpaces. Lists take `limit`, `cursor`, `sort`, `q` and named \
            filters, and answer `items`, `next_cursor` and `total`. Every error is an RFC 9457 problem with a stable `code`. \
            A person signs in with `POST /api/v1/session`; the cookie it sets identifies them from then on. A program sends an API \
            key, `Authorization: Bearer whk_…`, made with `POST /api/v1/api-keys`: it can do what it was made for, and never more \
            than its owner can at that time. Send one of the two, not both. What is dangerous answers `step_up_required` until \
            you confirm with `POST /api/v1/session/proof`; a key can't. A session or key that is ended, wherever, is refused \
            everywhere within a second.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This installation")),
    components(schemas(Problem, contract::assistant::AnswerEvent, exports::ExportedRow)),
    tags(
        (name = "setup", description = "First run: creating the owner with the one-time link."),
        (name = "session", description = "Signing in and out."),
        (name = "profile", description = "Oneself: sessions and what else is one's own."),
        (name = "api-keys", description = "Keys for programs."),
        (name = "password-reset", description = "A new password by a mailed link."),
        (name = "users", description = "People and what they hold."),
        (name = "roles", description = "Roles and the permissions they are made of."),
        (name = "teams", description = "Teams and who is in them."),
        (name = "invitations", description = "Links with which people make themselves users."),
        (name = "overview", description = "The fleet in numbers."),
        (name = "accounts", description = "Connected AWS accounts and their syncs."),
        (name = "workspaces", description = "The WorkSpaces and what can be done with them."),
        (name = "costs", description = "What was billed, what the month will come to, and why the bill is another than expected."),
        (name = "budgets", description = "Monthly amounts for parts of what is billed, and how they stand."),
        (name = "usage", description = "How long WorkSpaces were connected: in all, by hour, day, group, one by one."),
        (name = "jobs", description = "What runs, ran and will run."),
        (name = "schedules", description = "What runs by itself, and how fresh that keeps the data."),
        (name = "audit", description = "Our own audit log: who did what to what, from where, and how it ended."),
        (name = "trail", description = "AWS's events: who did what in the connected accounts."),
        (name = "activity", description = "Our own audit log and AWS's events in one order."),
        (name = "views", description = "The filters of pages, kept under names, one's own and shared."),
        (name = "desktop", description = "One's own desktops, in plain words."),
        (name = "requests", description = "What people with desktops ask for."),
        (name = "reports", description = "What is made again and again, and the files that were made."),
        (name = "exports", description = "Every table as a file."),
        (name = "assistant", description = "Conversations, and answers that state only what was found out."),
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
    exports::finish(document);
    deprecation::mark(document, deprecation::DEPRECATED);
    // What fits nothing is found by a test of the module.
    drop(choices::name(document));
}

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let cookie = ApiKeyValue::with_description(
            SESSION_COOKIE,
            "Set by signing in; for browsers. With it, everything that changes something needs the header `X-Wheelhouse: 1`.",
        );
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("whk_…".to_owned());
        bearer.description = Some("An API key, for programs: `Authorization: Bearer whk_…`.".to_owned());
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

/// Every operation may meet a time-out, a body beyond the limit, the end of a quota, a fault of ours and an absent database.
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
                        && parameter.description.as_deref().is_some_and(|text| text.contains("[`SORTS`]"))
                    {
                        parameter.description = Some(sort_description());
                    }
                }
                tell_errors(operation);
            }
        }
    }
}

/// What every operation may answer.
const ALWAYS: [&str; 5] = [code::TIMEOUT, code::BODY_TOO_LARGE, code::RATE_LIMITED, code::INTERNAL, code::UNAVAILABLE];

/// The codes of an operation's sets, which stand there as `status/code`, become one answer for each status; a header that goes
/// with a code becomes a parameter.
fn tell_errors(operation: &mut Operation) {
    let mut codes: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
    for (key, response) in std::mem::take(&mut operation.responses.responses) {
        match key.split_once('/') {
            Some((_, code)) => codes.push(code.to_owned()),
            None => drop(operation.responses.responses.insert(key.clone(), as_problem(&key, response))),
        }
    }
    codes.sort();
    codes.dedup();
    let has = |wanted: &str| codes.iter().any(|code| code == wanted);
    if has(code::IDEMPOTENCY_MISMATCH) {
        let about = "A text of your choice, up to 255 visible characters: the same request sent again with it is done once \
                     and answered the same each time, for 72 hours.";
        add_header(operation, "Idempotency-Key", about, "^[!-~]{1,255}$");
    }
    if has(code::PRECONDITION_FAILED) {
        let about = "The `ETag` of what you have seen: it is changed only if nobody changed it meanwhile.";
        add_header(operation, "If-Match", about, r#"^(\*|(W/)?"[ !#-~]*")$"#);
    }
    for (status, response) in answers(&codes.iter().map(String::as_str).collect::<Vec<_>>()) {
        operation.responses.responses.entry(status).or_insert(response);
    }
}

/// An error that was described by hand is a problem too.
fn as_problem(status: &str, mut response: RefOr<Response>) -> RefOr<Response> {
    if let RefOr::T(response) = &mut response
        && status >= "400"
        && response.content.is_empty()
    {
        let schema = Ref::from_schema_name(Problem::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        response.content.insert(MEDIA_TYPE.to_owned(), RefOr::T(content));
    }
    response
}

fn add_header(operation: &mut Operation, name: &str, about: &str, pattern: &str) {
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
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
                // Two sets may have codes of one status: `tell_errors` puts them together.
                [$(code::$code),+]
                    .into_iter()
                    .flat_map(|code| answers(&[code]).into_iter().map(move |(status, it)| (format!("{status}/{code}"), it)))
                    .collect()
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
    /// An edit on a condition (`If-Match`).
    EditErrors = INVALID_HEADER, PRECONDITION_FAILED;
    /// A change that can be repeated without being made twice (`Idempotency-Key`).
    OnceErrors = INVALID_HEADER, IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_MISMATCH;
    /// A dangerous action of signed-in users.
    ProvenChangeErrors = UNAUTHENTICATED, FORBIDDEN, STEP_UP, CROSS_SITE;
    /// Tries are counted.
    RateErrors = RATE_LIMITED;
    /// An operation that only so many may be tried of.
    TriesErrors = RATE_LIMITED;
    /// Something that this installation may not have.
    AbsentErrors = NOT_FOUND;
    /// The sign-in service is asked.
    SignInServiceErrors = SIGN_IN_SERVICE;
    /// Signing in.
    CredentialErrors = BAD_CREDENTIALS;
    /// A code is asked for.
    CodeErrors = BAD_CODE;
    /// A sign-in that waits for a second factor.
    ChallengeErrors = BAD_CODE, CHALLENGE_OVER;
    /// Mail is sent.
    MailErrors = MAIL_OFF;
    /// The one-time link.
    LinkErrors = LINK_SPENT;
    /// Only the origin of the request matters.
    CrossSiteErrors = CROSS_SITE;
    /// Only a session is needed, no permission; an API key is refused.
    SessionErrors = UNAUTHENTICATED, FORBIDDEN;
}
