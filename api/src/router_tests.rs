//! The layers, tried on toy routes: every error is a problem with the request id, every answer has its headers.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use contract::session::SignInRequest;
use http::{Method, Request, StatusCode, header};
use platform::config::Config;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tower::ServiceExt;

use super::*;
use crate::extract::{Json, Path};

/// Longer than any answer of these routes takes, and than a test should.
const LIMIT: u64 = 30;

fn config(portal: &std::path::Path) -> Config {
    let mut config = Config::default();
    config.server.body_limit_bytes = 256;
    config.server.request_timeout_seconds = LIMIT;
    config.server.public_url = Some("https://fleet.example".to_owned());
    config.portal.dir = Some(portal.to_owned());
    config
}

fn app_at(portal: &std::path::Path) -> Router {
    let ids = RequestIds::new(Arc::new(|| "made".to_owned()));
    let routes = Router::new()
        .route("/api/v1/toy", post(async |Json(body): Json<SignInRequest>| body.email))
        .route("/api/v1/toys/{toy_id}", get(async |Path(id): Path<uuid::Uuid>| id.to_string()))
        .route("/api/v1/panic", get(async || -> &'static str { panic!("the secret is hunter2") }))
        .route("/api/v1/slow", get(async || tokio::time::sleep(Duration::from_secs(10 * LIMIT)).await))
        .route("/api/v1/large", get(async || axum::Json(vec!["again"; 1000])))
        .route("/api/v1/stream", get(stream));
    let config = config(portal);
    layered(routes.merge(pages(&config)), &config, ids)
}

async fn stream() -> impl axum::response::IntoResponse {
    let frames = (0..1000).map(|i| Ok::<_, std::convert::Infallible>(Event::default().data(i.to_string())));
    Sse::new(futures::stream::iter(frames))
}

fn app() -> Router {
    app_at(std::path::Path::new("/nowhere"))
}

async fn ask(app: Router, request: http::request::Builder, body: impl Into<Body>) -> Response {
    app.oneshot(request.body(body.into()).unwrap()).await.unwrap()
}

async fn problem_of(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let body = axum::body::to_bytes(response.into_body(), 65_536).await.unwrap();
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["type"], format!("/problems/{}", problem["code"].as_str().unwrap()));
    (status, problem)
}

async fn refused(request: http::request::Builder, body: impl Into<Body>) -> (u16, String) {
    let (status, problem) = problem_of(ask(app(), request, body).await).await;
    assert_eq!(problem["request_id"], "made");
    (status.as_u16(), problem["code"].as_str().unwrap().to_owned())
}

fn json(uri: &str) -> http::request::Builder {
    Request::post(uri).header(header::CONTENT_TYPE, "application/json")
}

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let is = |code: &str, status: u16| (status, code.to_owned());
    assert_eq!(refused(Request::get("/api/v1/nowhere"), "").await, is("not_found", 404));
    assert_eq!(refused(Request::get("/api"), "").await, is("not_found", 404));
    assert_eq!(refused(Request::put("/api/v1/toy"), "").await, is("method_not_allowed", 405));
    assert_eq!(refused(Request::get("/api/v1/toys/7"), "").await, is("invalid_path", 400));
    assert_eq!(refused(Request::post("/api/v1/toy"), "{}").await, is("unsupported_media_type", 415));
    assert_eq!(refused(json("/api/v1/toy"), "{").await, is("malformed_json", 400));
    assert_eq!(refused(json("/api/v1/toy"), "{}").await, is("invalid_body", 422));
    assert_eq!(refused(json("/api/v1/toy"), "x".repeat(257)).await, is("body_too_large", 413));
    assert_eq!(refused(Request::get("/api/v1/panic"), "").await, is("internal", 500));
    let foreign =
        json("/api/v1/toy").header(header::HOST, "fleet.example").header(header::ORIGIN, "https://evil.example");
    assert_eq!(refused(foreign, "{}").await, is("cross_site", 403));
    assert_eq!(refused(Request::post("/workspaces"), "").await, is("method_not_allowed", 405));
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_cut_off_too() {
    let chunks = futures::stream::iter((0..9).map(|_| Ok::<_, std::io::Error>("x".repeat(100))));
    assert_eq!(refused(json("/api/v1/toy"), Body::from_stream(chunks)).await.0, 413);
}

/// Sends a request whose body does not tell its length over a real connection, to the end; then reads the status.
async fn send_all(address: std::net::SocketAddr, head: &str, megabytes: usize) -> std::io::Result<String> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.write_all(format!("{head}\r\nHost: fleet.example\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes()).await?;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x1_0000));
    for _ in 0..megabytes * 16 {
        stream.write_all(chunk.as_bytes()).await?;
    }
    stream.write_all(b"0\r\n\r\n").await?;
    let mut lines = tokio::io::BufReader::new(stream).lines();
    let status = lines.next_line().await?.unwrap_or_default();
    while let Some(line) = lines.next_line().await? {
        if line.contains("application/problem+json") {
            return Ok(status);
        }
    }
    Err(std::io::Error::other(format!("{status}: no problem")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_a_client_that_sends_on() {
    const LIMIT: usize = 1 << 20;
    let mut config = config(std::path::Path::new("/nowhere"));
    config.server.body_limit_bytes = LIMIT;
    let routes = Router::new().route("/api/v1/toy", post(async |Json(body): Json<SignInRequest>| body.email));
    let ids = RequestIds::new(Arc::new(|| "made".to_owned()));
    let router = layered(routes.merge(pages(&config)), &config, ids);
    let (shutdown, listener) = (Shutdown::new(), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (address, stop) = (listener.local_addr().unwrap(), shutdown.clone());
    let server = tokio::spawn(async move {
        platform::shutdown::serve(listener, router, &stop, Duration::from_secs(1)).await.unwrap();
    });
    let json = "Content-Type: application/json";
    // More than the connection's buffers hold: a server that stopped reading would break the sending off.
    for (head, status) in [
        (format!("POST /api/v1/toy HTTP/1.1\r\n{json}"), 413),
        ("POST /api/v1/toy HTTP/1.1\r\nContent-Type: text/plain".to_owned(), 415),
        (format!("PUT /api/v1/toy HTTP/1.1\r\n{json}"), 405),
        (format!("POST /api/v1/nowhere HTTP/1.1\r\n{json}"), 404),
        (format!("POST /api/v1/toy HTTP/1.1\r\n{json}\r\nOrigin: https://evil.example"), 403),
    ] {
        let told = send_all(address, &head, 7).await;
        let told = told.unwrap_or_else(|error| panic!("the answer is lost: {error}; {head}"));
        assert!(told.starts_with(&format!("HTTP/1.1 {status} ")), "{told}; {head}");
    }
    shutdown.trigger();
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_given_up() {
    assert_eq!(refused(Request::get("/api/v1/slow"), "").await, (408, "timeout".to_owned()));
}

#[tokio::test]
async fn a_panic_tells_nothing() {
    let (_, problem) = problem_of(ask(app(), Request::get("/api/v1/panic"), "").await).await;
    assert!(!problem.to_string().contains("hunter2"), "{problem}");
}

#[tokio::test]
async fn the_allowed_methods_are_named() {
    let response = ask(app(), Request::put("/api/v1/toy"), "").await;
    assert_eq!(response.headers()[header::ALLOW], "POST");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    for (uri, status) in [("/api/v1/large", 200), ("/api/v1/panic", 500), ("/", 200), ("/x.js", 404)] {
        let response = ask(app(), Request::get(uri), "").await;
        let headers = response.headers();
        assert_eq!(response.status().as_u16(), status, "{uri}");
        assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("base-uri 'none'"), "{uri}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000; includeSubDomains");
        assert_eq!(headers["cross-origin-embedder-policy"], "require-corp");
        assert_eq!(headers["x-request-id"], "made");
        if uri.starts_with("/api") {
            assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{uri}");
        }
    }
}

#[tokio::test]
async fn large_answers_are_compressed_and_streams_never() {
    let get = |uri: &str| Request::get(uri).header(header::ACCEPT_ENCODING, "gzip, br");
    let large = ask(app(), get("/api/v1/large"), "").await;
    assert!(large.headers().contains_key(header::CONTENT_ENCODING));
    let stream = ask(app(), get("/api/v1/stream"), "").await;
    assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert!(!stream.headers().contains_key(header::CONTENT_ENCODING));
}

#[tokio::test]
async fn the_portal_is_served_from_its_folder_and_pages_lead_to_its_index() {
    let folder = std::env::temp_dir().join(format!("wheelhouse-portal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in [
        ("index.html", "<p>the portal"),
        ("app-0123456789abcdef.js", "let it;"),
        ("app-0123456789abcdef.js.br", "small"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let get = |uri: &str| Request::get(uri).header(header::ACCEPT, "text/html");
    for page in ["/", "/workspaces/42?tab=usage", "/index.html"] {
        let response = ask(app_at(&folder), get(page), "").await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache", "{page}");
        let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        assert_eq!(body, "<p>the portal", "{page}");
    }
    let script = Request::get("/app-0123456789abcdef.js").header(header::ACCEPT_ENCODING, "br");
    let response = ask(app_at(&folder), script, "").await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    assert_eq!(axum::body::to_bytes(response.into_body(), 1024).await.unwrap(), "small");
    for outside in ["/../Cargo.toml", "/..%2fCargo.toml", "/nothing.js"] {
        assert_eq!(ask(app_at(&folder), Request::get(outside), "").await.status(), 404, "{outside}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let response = ask(app(), Request::builder().method(Method::GET).uri("/"), "").await;
    let body = axum::body::to_bytes(response.into_body(), 65_536).await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("cargo xtask build-web"));
}
