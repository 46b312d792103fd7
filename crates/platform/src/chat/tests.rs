//! The protocol: what is sent, what is read however it is cut, and what each way of failing is called.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::stream::Lines;
use super::*;

const ANSWER: &str = concat!(
    ": hello\n\n",
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":null}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"caf\u{e9} \"}}]}\r\n\r\n",
    "data:{\"choices\":[{\"delta\":{\"content\":\"is \\\"open\\\".\\n\"},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5}}\n\n",
    "data: [DONE]\n\n",
);

fn pieces() -> Vec<Piece> {
    let text = |text: &str| Piece::Text(text.to_owned());
    vec![text("caf\u{e9} "), text("is \"open\".\n"), Piece::Usage { prompt: 12, completion: 5 }]
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn client(url: &str) -> ChatClient {
    ChatClient::new(url, Some("hush".to_owned().into()), Duration::from_secs(20)).unwrap()
}

#[test]
fn however_it_is_cut_the_pieces_are_the_same() {
    for size in 1..ANSWER.len() {
        let mut lines = Lines::default();
        for part in ANSWER.as_bytes().chunks(size) {
            lines.push(part).unwrap();
        }
        assert_eq!(Vec::from(lines.pieces), pieces(), "{size}");
        assert!(lines.done);
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    for wrong in ["data: {\n", "data: nonsense\n", "data: {\"error\":{\"message\":\"the engine broke\"}}\n"] {
        let mut lines = Lines::default();
        assert!(matches!(lines.push(wrong.as_bytes()), Err(ChatError::Unreadable(_))), "{wrong}");
    }
    let endless = vec![b'x'; (256 << 10) + 1];
    assert!(matches!(Lines::default().push(&endless), Err(ChatError::Unreadable(_))));
}

#[tokio::test]
async fn what_is_asked_goes_out_as_the_protocol_says() {
    let asked = Arc::new(Mutex::new(None));
    let kept = asked.clone();
    let router = Router::new().route(
        "/v1/chat/completions",
        post(move |headers: HeaderMap, axum::Json(body): axum::Json<Value>| async move {
            let key = headers["authorization"].to_str().unwrap().to_owned();
            *kept.lock().unwrap() = Some((key, body));
            ANSWER
        }),
    );
    let client = client(&serve(router).await);
    let request = ChatRequest {
        model: Some("phi".to_owned()),
        messages: vec![Message { role: "user", content: "Is it open?".to_owned() }],
        max_tokens: 20,
        schema: Some(json!({ "type": "object" })),
        user: None,
    };
    let mut stream = client.chat(&request).await.unwrap();
    let mut read = Vec::new();
    while let Some(piece) = stream.next().await.unwrap() {
        read.push(piece);
    }
    assert_eq!(read, pieces());
    let (key, body) = asked.lock().unwrap().take().unwrap();
    assert_eq!(key, "Bearer hush");
    assert_eq!((&body["model"], &body["stream"], &body["max_tokens"]), (&json!("phi"), &json!(true), &json!(20)));
    assert_eq!(body["stream_options"], json!({ "include_usage": true }));
    let format = json!({ "type": "json_schema", "json_schema": { "name": "answer", "schema": { "type": "object" } } });
    assert_eq!(body["response_format"], format, "not as strict, whose rules it does not keep");
    assert!(body.get("user").is_none());
}

#[tokio::test]
async fn an_address_with_a_path_is_asked_there_and_one_without_at_the_protocols_own() {
    // The first path is Amazon Bedrock's.
    let router = Router::new()
        .route("/openai/v1/chat/completions", post(|| async { ANSWER }))
        .route("/v1/chat/completions", post(|| async { "data: [DONE]\n\n" }));
    let url = serve(router).await;
    for (address, wanted) in [("/openai/v1", pieces()), ("/openai/v1/", pieces()), ("", vec![]), ("/", vec![])] {
        let mut stream = client(&format!("{url}{address}")).chat(&ChatRequest::default()).await.unwrap();
        let mut read = Vec::new();
        while let Some(piece) = stream.next().await.unwrap() {
            read.push(piece);
        }
        assert_eq!(read, wanted, "{address}");
    }
}

#[tokio::test]
async fn each_failure_has_its_name() {
    let status = |status: StatusCode| post(move || async move { status });
    let router = Router::new()
        .route("/busy/chat/completions", status(StatusCode::TOO_MANY_REQUESTS))
        .route("/away/chat/completions", status(StatusCode::SERVICE_UNAVAILABLE))
        .route("/slow/chat/completions", status(StatusCode::GATEWAY_TIMEOUT))
        .route("/key/chat/completions", status(StatusCode::UNAUTHORIZED))
        .route("/cut/chat/completions", post(|| async { "data: {\"choices\":[]}\n\n" }))
        .route("/v1/models", get(|| async { r#"{"data":[{"id":"phi","device":"cpu","object":"model"},{"id":"b"}]}"# }));
    let url = serve(router).await;
    let ask = async |at: &str| {
        let mut stream = client(&format!("{url}{at}")).chat(&ChatRequest::default()).await?;
        while stream.next().await?.is_some() {}
        Ok::<_, ChatError>(())
    };
    assert!(matches!(ask("/busy").await, Err(ChatError::Busy)));
    assert!(matches!(ask("/away/").await, Err(ChatError::Unreachable(None))));
    assert!(matches!(ask("/slow").await, Err(ChatError::TooSlow)));
    assert!(matches!(ask("/key").await, Err(ChatError::Refused(401))));
    assert!(matches!(ask("/cut").await, Err(ChatError::Unreadable(_))));
    let models = client(&url).models().await.unwrap();
    assert_eq!(models[0], ModelCard { id: "phi".to_owned(), device: Some("cpu".to_owned()) });
    assert_eq!(models[1].device, None);
    assert!(matches!(client("http://127.0.0.1:1").models().await, Err(ChatError::Unreachable(Some(_)))));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_too_slow() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = ChatClient::new(&url, None, Duration::from_millis(50)).unwrap();
    assert!(matches!(client.chat(&ChatRequest::default()).await, Err(ChatError::TooSlow)));
}
