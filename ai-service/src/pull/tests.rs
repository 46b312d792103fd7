use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use axum::body::{Body, Bytes};
use axum::extract::{Path as Route, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use futures::StreamExt;
use serde_json::json;
use tempfile::TempDir;

use super::*;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A hub on this machine. The line breaks after `breaks_after` bytes of each answer while `breaks` are left.
#[derive(Clone, Default)]
struct TestHub {
    files: Arc<Vec<(String, Vec<u8>)>>,
    breaks: Arc<AtomicUsize>,
    breaks_after: usize,
    ignores_ranges: bool,
    damages: bool,
    seen: Arc<Mutex<Vec<String>>>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn list(State(hub): State<TestHub>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_some_and(|value| value != "Bearer good") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let siblings = hub.files.iter().map(|(name, bytes)| {
        let blob = [format!("blob {}\0", bytes.len()).into_bytes(), bytes.clone()].concat();
        let blob = hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, &blob).as_ref());
        if bytes.len() > 1000 {
            let sum = hex(digest(&SHA256, bytes).as_ref());
            json!({"rfilename": name, "size": bytes.len(), "blobId": blob, "lfs": {"sha256": sum, "size": bytes.len(), "pointerSize": 1}})
        } else {
            json!({"rfilename": name, "size": bytes.len(), "blobId": blob})
        }
    });
    let siblings = siblings.collect::<Vec<_>>();
    axum::Json(json!({"sha": COMMIT, "siblings": siblings, "private": false})).into_response()
}

async fn resolve(Route((_, _, commit, file)): Route<(String, String, String, String)>) -> Redirect {
    assert_eq!(commit, COMMIT);
    Redirect::temporary(&format!("/cdn/{file}"))
}

async fn cdn(State(hub): State<TestHub>, Route(file): Route<String>, headers: HeaderMap) -> Response {
    let Some((_, bytes)) = hub.files.iter().find(|(name, _)| *name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let range = headers.get(header::RANGE).map(|range| range.to_str().unwrap().to_owned());
    hub.seen.lock().unwrap().push(format!("{file} {}", range.as_deref().unwrap_or("whole")));
    let start: usize = range.map_or(0, |range| range["bytes=".len()..range.len() - 1].parse().unwrap());
    let start = if hub.ignores_ranges { 0 } else { start };
    let mut rest = bytes[start..].to_vec();
    if hub.damages {
        rest[0] ^= 1;
    }
    let whole = rest.len();
    let breaks = hub.breaks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    let body = if breaks && whole > hub.breaks_after {
        rest.truncate(hub.breaks_after);
        // The break waits until what came before it is on its way.
        let breaks = futures::stream::once(async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            Err(std::io::Error::other("the line breaks"))
        });
        Body::from_stream(futures::stream::iter([Ok(Bytes::from(rest))]).chain(breaks))
    } else {
        Body::from(rest)
    };
    let mut answer = Response::new(body);
    if start > 0 {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len());
        answer.headers_mut().insert(header::CONTENT_RANGE, range.parse().unwrap());
    }
    answer
}

async fn serve(hub: TestHub) -> String {
    let router = axum::Router::new()
        .route("/api/models/{owner}/{name}/revision/{revision}", get(list))
        .route("/{owner}/{name}/resolve/{commit}/{file}", get(resolve))
        .route("/cdn/{file}", get(cdn))
        .with_state(hub);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

fn hub(files: &[(&str, usize)]) -> TestHub {
    let files = files.iter().map(|(name, length)| ((*name).to_owned(), content(*length))).collect();
    TestHub { files: Arc::new(files), ..TestHub::default() }
}

async fn request(hub: &TestHub, reference: &str) -> (Request, TempDir) {
    let into = tempfile::tempdir().unwrap();
    let mut request = Request::new(reference.parse().unwrap(), into.path());
    request.hub = serve(hub.clone()).await;
    request.patience = Duration::from_millis(1);
    (request, into)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_comes_whole_and_is_not_fetched_twice() {
    let hub = hub(&[("tiny-q4.gguf", 20_000), ("README.md", 10)]);
    let (request, into) = request(&hub, "someone/tiny-GGUF").await;
    let mut reports = Vec::new();
    let pulled = pull(&request, |progress| reports.push((progress.done, progress.size))).await.unwrap();
    assert_eq!(pulled.path, into.path().join("tiny-q4.gguf"));
    assert_eq!((pulled.fetched, pulled.size, pulled.commit.as_str()), (20_000, 20_000, COMMIT));
    assert_eq!(std::fs::read(&pulled.path).unwrap(), content(20_000));
    assert_eq!(pulled.sha256, Some(hex(digest(&SHA256, &content(20_000)).as_ref())));
    assert_eq!(reports.last(), Some(&(20_000, 20_000)));
    assert_eq!(names(into.path()), ["tiny-q4.gguf"]);
    assert_eq!(pull(&request, |_| ()).await.unwrap().fetched, 0);
    assert_eq!(hub.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_broken_line_goes_on_where_it_broke() {
    let mut hub = hub(&[("tiny.gguf", 50_000)]);
    (hub.breaks, hub.breaks_after) = (Arc::new(3.into()), 15_000);
    let (request, _into) = request(&hub, "someone/tiny").await;
    let pulled = pull(&request, |_| ()).await.unwrap();
    assert_eq!(std::fs::read(&pulled.path).unwrap(), content(50_000));
    assert_eq!(pulled.fetched, 50_000);
    let seen = hub.seen.lock().unwrap().join(", ");
    assert_eq!(seen, "tiny.gguf whole, tiny.gguf bytes=15000-, tiny.gguf bytes=30000-, tiny.gguf bytes=45000-");
}

#[tokio::test]
async fn a_later_call_goes_on_with_what_an_earlier_one_left() {
    let mut hub = hub(&[("tiny.gguf", 50_000)]);
    (hub.breaks, hub.breaks_after) = (Arc::new(usize::MAX.into()), 0);
    let (request, into) = request(&hub, "someone/tiny").await;
    assert!(matches!(pull(&request, |_| ()).await, Err(PullError::Line { .. })));
    hub.breaks.store(0, Ordering::SeqCst);
    // As if 12,345 bytes had come before the power went.
    let part = into.path().join(&names(into.path())[0]);
    std::fs::write(&part, &content(50_000)[..12_345]).unwrap();
    let held = std::fs::File::open(&part).unwrap();
    held.lock().unwrap();
    assert!(matches!(pull(&request, |_| ()).await, Err(PullError::Busy(path)) if path == part));
    held.unlock().unwrap();
    let pulled = pull(&request, |_| ()).await.unwrap();
    assert_eq!(pulled.fetched, 50_000 - 12_345);
    assert_eq!(std::fs::read(&pulled.path).unwrap(), content(50_000));
    assert_eq!(names(into.path()), ["tiny.gguf"]);
}

#[tokio::test]
async fn a_server_without_ranges_begins_again() {
    let mut hub = hub(&[("tiny.gguf", 50_000)]);
    (hub.breaks, hub.breaks_after, hub.ignores_ranges) = (Arc::new(1.into()), 15_000, true);
    let (request, _into) = request(&hub, "someone/tiny").await;
    let pulled = pull(&request, |_| ()).await.unwrap();
    assert_eq!(std::fs::read(&pulled.path).unwrap(), content(50_000));
    assert_eq!(pulled.fetched, 65_000);
}

#[tokio::test]
async fn what_does_not_add_up_is_removed() {
    let mut hub = hub(&[("tiny.gguf", 5000)]);
    hub.damages = true;
    let (request, into) = request(&hub, "someone/tiny").await;
    let refused = pull(&request, |_| ()).await.unwrap_err();
    assert!(matches!(refused, PullError::Checksum { .. }), "{refused}");
    assert_eq!(names(into.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_folder_has_all_that_is_read_and_its_config_last() {
    let hub = hub(&[
        ("config.json", 300),
        ("model-00001-of-00002.safetensors", 3000),
        ("model-00002-of-00002.safetensors", 2000),
        ("tokenizer.json", 1500),
        ("pytorch_model.bin", 9000),
        ("sample.py", 100),
    ]);
    let (request, into) = request(&hub, "someone/tiny").await;
    let mut order = Vec::new();
    let pulled = pull(&request, |progress| order.push(progress.file.to_owned())).await.unwrap();
    assert_eq!(pulled.path, into.path().join("tiny"));
    assert_eq!((pulled.size, pulled.sha256), (6800, None));
    let expected =
        ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "tokenizer.json"];
    assert_eq!(names(&pulled.path), expected);
    assert_eq!(order.last().unwrap(), "config.json");
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let several = hub(&[("a-q8_0.gguf", 10), ("a-q5_k_m.gguf", 10)]);
    let (request_, _into) = request(&several, "someone/tiny").await;
    let sentence = pull(&request_, |_| ()).await.unwrap_err().to_string();
    assert_eq!(sentence, "someone/tiny has several files; name one of them: a-q8_0.gguf, a-q5_k_m.gguf");
    let named = Request { reference: "someone/tiny:a-q8_0.gguf".parse().unwrap(), ..request_.clone() };
    assert_eq!(pull(&named, |_| ()).await.unwrap().size, 10);
    let other = Request { reference: "someone/tiny:b.gguf".parse().unwrap(), ..request_.clone() };
    assert_eq!(pull(&other, |_| ()).await.unwrap_err().to_string(), "the hub has no someone/tiny@main:b.gguf");
    let wrong = Request { token: Some("bad".to_owned()), ..request_.clone() };
    assert!(matches!(pull(&wrong, |_| ()).await, Err(PullError::NotAllowed(_))));

    let preferred = hub(&[("a-Q8_0.gguf", 10), ("a-Q4_K_M.gguf", 20)]);
    let (request_, _into) = request(&preferred, "someone/tiny").await;
    assert_eq!(pull(&request_, |_| ()).await.unwrap().size, 20);
    let nothing = hub(&[("../../evil.gguf", 10), ("README.md", 10)]);
    let (request_, into) = request(&nothing, "someone/tiny").await;
    assert!(matches!(pull(&request_, |_| ()).await, Err(PullError::NothingToRun(_))));
    assert!(names(into.path()).is_empty());
}

#[test]
fn references_are_read_strictly() {
    let reference: Reference = "microsoft/Phi-3-mini-4k-instruct-gguf@v1:sub/phi-3.gguf".parse().unwrap();
    assert_eq!(reference.to_string(), "microsoft/Phi-3-mini-4k-instruct-gguf@v1:sub/phi-3.gguf");
    for bad in ["phi3", "a/b/c", "../etc", "a/..", "a/b:../x", "a/b@../x", "a/b:", "a/b c", "a/b?x=1", ""] {
        assert!(bad.parse::<Reference>().is_err(), "{bad}");
    }
}
