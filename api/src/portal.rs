//! The portal's static files: hashed ones for ever, `index.html` for every page address, precompressed where there is a
//! `.br` or `.gz` beside the file. Not the portal itself (crate `web`), nor how it is built (`cargo xtask build-web`).

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::error::ApiError;
use crate::middleware::for_programs;
use crate::middleware::problem::{method_not_allowed, no_such_address};

/// Bytes of the longest file name that file systems take.
const LONGEST_NAME: usize = 255;
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// Shown at page addresses while there is no built portal.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Wheelhouse</title>\n\
    <h1>Wheelhouse runs, but its portal is not built</h1>\n\
    <p>Build it with <code>cargo xtask build-web</code> (or start with <code>cargo xtask up</code>, which does), then reload \
    this page. The folder is set by <code>portal.dir</code>; by default it is <code>portal</code> beside the executable.</p>\n\
    <p>The API works already: <a href=\"/api/v1/openapi.json\">its OpenAPI document</a>.</p>\n</html>\n";

/// Where the built portal lies. It may come and go while the process runs.
#[derive(Debug, Clone)]
pub struct Portal(Arc<PathBuf>);

impl Portal {
    /// Serves that folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(Arc::new(folder))
    }
}

/// Everything that no route of the API took.
///
/// # Errors
/// 404 and 405 problems.
pub async fn portal(State(portal): State<Portal>, request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path().to_owned();
    if for_programs(&path) {
        return Err(no_such_address());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(method_not_allowed());
    }
    let page = is_page(&path, request.headers());
    let index = portal.0.join("index.html");
    if page {
        if !tokio::fs::try_exists(&index).await.unwrap_or(false) {
            return Ok(([(CACHE_CONTROL, ASK_EACH_TIME)], Html(NOT_BUILT)).into_response());
        }
        let file = ServeFile::new(index).precompressed_br().precompressed_gzip();
        return Ok(cached(settle(file.oneshot(request).await), ASK_EACH_TIME));
    }
    // Longer names than a file system takes are no file of ours, and not a fault of it either.
    if path.split('/').any(|part| part.len() > LONGEST_NAME) {
        return Err(no_such_address());
    }
    let files = ServeDir::new(portal.0.as_path())
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let response = settle(files.oneshot(request).await);
    if response.status() == StatusCode::NOT_FOUND {
        return Err(no_such_address());
    }
    if response.status().is_server_error() {
        // Never to be kept for ever, as the policy of a hashed name would have it.
        return Ok(response);
    }
    Ok(cached(response, if is_hashed(&path) { FOR_EVER } else { ASK_EACH_TIME }))
}

fn settle<B>(result: Result<http::Response<B>, Infallible>) -> Response
where
    B: http_body_util::BodyExt + axum::body::HttpBody<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    match result {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn cached(mut response: Response, policy: HeaderValue) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, policy);
    response
}

/// Whether a browser asks for a page of the portal: the address looks like no file, and HTML is welcome.
fn is_page(path: &str, headers: &HeaderMap) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let html = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_none_or(|accept| {
        accept.split(',').any(|part| {
            let media = part.split(';').next().unwrap_or_default().trim();
            matches!(media, "text/html" | "application/xhtml+xml" | "text/*" | "*/*")
        })
    });
    name == "index.html" || (html && !name.contains('.'))
}

/// Whether the file's name carries a hash of its content, so that the name never means anything else: a part of at least
/// eight hexadecimal digits, one of them a decimal one.
fn is_hashed(path: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|n| n.to_str()).unwrap_or_default();
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit()) && part.bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_files() {
        let accept = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(value));
            headers
        };
        let html = accept("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
        assert!(is_page("/", &html) && is_page("/workspaces/42", &html) && is_page("/index.html", &html));
        assert!(is_page("/jobs", &HeaderMap::new()));
        assert!(!is_page("/app-1a2b3c4d.js", &html));
        assert!(!is_page("/workspaces", &accept("application/json")));
    }

    #[test]
    fn hashed_names_are_told() {
        for name in ["/app-1a2b3c4d5e6f.js", "/assets/app-0011aabbccdd_bg.wasm", "/style.deadbeef1.css"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["/index.html", "/favicon.ico", "/decade.css", "/feedface.js", "/portal_bg.wasm"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
