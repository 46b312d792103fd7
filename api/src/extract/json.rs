//! `Json<T>`: a body of the right type and with valid values, and `Json` as an answer.
//!
//! In order: 415 unless `application/json`, 413 over the limit, 400 `malformed_json` with line and column when it is not
//! JSON, 422 `invalid_body` with the field's path for a wrong type or an unknown field, 422 with every field that breaks a
//! rule (garde), all at once.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use contract::object::Object;
use contract::problem::{FieldError, code};
use garde::Validate;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::NUL_MESSAGE;
use super::query::backticked;
use crate::error::ApiError;

/// The body limit in bytes, as a request extension (`middleware::body_limit` puts it there).
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// The limit where no middleware set one.
const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// A JSON body, checked; or a JSON answer.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response(),
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            let detail = "Send the body as JSON, with the header Content-Type: application/json.";
            return Err(ApiError::new(code::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let limit = request.extensions().get::<BodyLimit>().map_or(DEFAULT_BODY_LIMIT, |limit| limit.0);
        let body = http_body_util::Limited::new(request.into_body(), limit).collect().await;
        let bytes = body.map_err(|error| unread(error, limit))?.to_bytes();
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

fn unread(error: Box<dyn std::error::Error + Send + Sync>, limit: usize) -> ApiError {
    if error.is::<http_body_util::LengthLimitError>() {
        too_large(limit)
    } else {
        ApiError::new(code::MALFORMED_JSON, "The body broke off before its end.").caused_by(error)
    }
}

/// 413 with the limit.
pub(crate) fn too_large(limit: usize) -> ApiError {
    ApiError::new(code::BODY_TOO_LARGE, format!("The body may have at most {limit} bytes."))
}

fn parse<T>(bytes: &[u8]) -> Result<T, ApiError>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize::<_, Object<T>>(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        unparsed(bytes, error.inner(), path)
    })?;
    deserializer.end().map_err(|error| unparsed(bytes, &error, String::new()))?;
    refuse_nul(bytes)?;
    value.validate().map_err(|report| {
        let errors = report.iter().map(|(path, error)| FieldError {
            field: path.to_string(),
            code: "invalid".to_owned(),
            message: error.message().to_owned(),
        });
        errors.fold(ApiError::new(code::INVALID_BODY, "Some fields are wrong; `errors` names each."), |problem, e| {
            problem.field(&e.field, &e.code, e.message)
        })
    })?;
    Ok(value)
}

fn unparsed(bytes: &[u8], error: &serde_json::Error, path: String) -> ApiError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        // A syntax error further down must not hide behind a type error, nor the other way round: what is not JSON at all is 400.
        Category::Data if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() => {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            let (field, field_code) = match backticked(&message) {
                Some(name) if message.starts_with("missing field") => (join(&path, &name), "missing"),
                Some(_) if message.starts_with("unknown field") => (path, "unknown"),
                Some(name) if message.starts_with("duplicate field") => {
                    (if path.ends_with(&name) { path } else { join(&path, &name) }, "duplicate")
                }
                _ => (path, "wrong_type"),
            };
            ApiError::body_field(&field, field_code, message)
        }
        _ if bytes.is_empty() => ApiError::new(code::MALFORMED_JSON, "The body is empty; a JSON object is wanted."),
        _ => {
            let what = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).err().map(|e| e.to_string());
            let what = what.unwrap_or_else(|| format!("{error} at line {line} column {column}"));
            ApiError::new(code::MALFORMED_JSON, format!("The body is not JSON: {what}."))
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// JSON can hold U+0000 only as an escape, so a body without that escape needs no second look.
fn refuse_nul(bytes: &[u8]) -> Result<(), ApiError> {
    if !bytes.windows(6).any(|window| window.eq_ignore_ascii_case(b"\\u0000")) {
        return Ok(());
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(ApiError::internal)?;
    match nul_path(&value, String::new()) {
        Some(path) => Err(ApiError::body_field(&path, "nul", NUL_MESSAGE)),
        None => Ok(()),
    }
}

fn nul_path(value: &serde_json::Value, path: String) -> Option<String> {
    match value {
        serde_json::Value::String(text) => text.contains('\0').then_some(path),
        serde_json::Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| nul_path(item, format!("{path}[{i}]")))
        }
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, field)| nul_path(field, join(&path, name))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use contract::accounts::CreateAccountRequest;
    use contract::session::CreateOwnerRequest;

    use super::*;

    fn owner(body: &str) -> ApiError {
        parse::<CreateOwnerRequest>(body.as_bytes()).err().expect("refused")
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", "{\"token\":1", "nope", "{\"token\": 7} x", "{\"token\":5,}", "{\"nope\":1"] {
            assert_eq!(owner(body).code(), code::MALFORMED_JSON, "{body}");
        }
        let detail = owner("{\n  \"token\": }").problem("").detail;
        assert!(detail.contains("line 2 column 12"), "{detail}");
    }

    #[test]
    fn wrong_shapes_name_the_field() {
        let first = |body: &str| {
            let error = owner(body);
            assert_eq!(error.code(), code::INVALID_BODY, "{body}");
            (error.errors()[0].field.clone(), error.errors()[0].code.clone())
        };
        let pair = |f: &str, c: &str| (f.to_owned(), c.to_owned());
        assert_eq!(first(r#"{"token":1,"email":"a@b.c","password":"12345678"}"#), pair("token", "wrong_type"));
        assert_eq!(first(r#"{"token":"x"}"#), pair("email", "missing"));
        assert_eq!(first(r#"{"token":"x","extra":true}"#), pair("extra", "unknown"));
        assert_eq!(first(r#"{"token":"x","token":"y"}"#), pair("token", "duplicate"));
        assert_eq!(first(r#"{"token":"\u0000","email":"a@b.co","password":"12345678"}"#), pair("token", "nul"));
        for array in ["[]", r#"["token","a@b.co","correct horse"]"#] {
            assert_eq!(first(array), pair("", "wrong_type"), "{array}");
        }
    }

    #[test]
    fn nested_paths_are_dotted() {
        let body = br#"{"name":"x","regions":["eu-west-1","moon"],"credentials":"chain"}"#;
        let error = parse::<CreateAccountRequest>(body).unwrap_err();
        assert_eq!(error.errors()[0].field, "regions[1]");
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        let error = owner(r#"{"token":"","email":"nobody","password":"short"}"#);
        let mut fields: Vec<_> = error.errors().iter().map(|e| e.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["email", "password", "token"]);
    }

    #[test]
    fn an_escaped_backslash_is_not_a_nul() {
        assert!(refuse_nul(br#"{"a":"\\u0000"}"#).is_ok());
    }

    #[test]
    fn content_types() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            is_json(&headers)
        };
        assert!(with("application/json") && with("Application/JSON; charset=utf-8"));
        assert!(!with("text/plain") && !with("application/jsonp") && !is_json(&HeaderMap::new()));
    }
}
