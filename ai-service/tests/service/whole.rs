//! The whole way with a real engine: a tiny Phi-3 of random weights in a GGUF file, named in the configuration, asked over
//! HTTP. What it says is babble; that it is the same babble alone, in company, streamed and from the cache is the point.

use std::io::Write as _;
use std::sync::Arc;

use ai_service::AiOptions;
use ai_service::engine::scripted::Controls;
use ai_service::files::{Phi3Config, random};
use platform::config::AiConfig;
use serde_json::{Value, json};

use crate::support::{Server, options, pieces, streamed, with};

/// Tokens of the tiny model.
const VOCABULARY: usize = 512;

/// The tiny model, in a file that is there as long as this.
pub fn file() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::with_suffix(".gguf").unwrap();
    file.write_all(&tiny()).unwrap();
    file
}

fn tiny() -> Vec<u8> {
    let config = Phi3Config {
        layers: 2,
        hidden: 64,
        ffn: 128,
        heads: 4,
        kv_heads: 2,
        head_dim: 16,
        rope_dim: 16,
        rope_theta: 10_000.0,
        rms_eps: 1e-5,
        context: 1024,
        original_context: 1024,
        window: Some(300),
        longrope: None,
        tied: false,
        vocabulary: VOCABULARY,
    };
    random::model(&config, 0.25).finish()
}

/// A configuration that serves it.
pub fn configured(file: &tempfile::NamedTempFile) -> AiConfig {
    let usual = platform::config::Config::default().ai;
    AiConfig { model: Some(file.path().to_owned()), context: 512, threads: 2, parallel: 8, ..usual }
}

/// Serves what is configured.
pub async fn serve(config: &AiConfig) -> Server {
    let AiOptions { now, random, .. } = options();
    let options = AiOptions::of(config, move || now(), move |bytes| random(bytes));
    Server::start(options, Arc::new(Controls::default())).await
}

/// A conversation to be answered in a few tokens, the same ones each time.
pub fn ask(text: &str) -> Value {
    let messages = json!([
        { "role": "system", "content": "Facts: 42 WorkSpaces are running in eu-west-1." },
        { "role": "user", "content": text },
    ]);
    json!({ "messages": messages, "temperature": 0, "max_tokens": 24 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_file_is_served_and_says_the_same_however_it_is_asked() {
    let file = file();
    let server = serve(&configured(&file)).await;
    server.until_ready().await;
    let said = |answer: &Value| answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
    let questions: Vec<String> = (0..8).map(|at| format!("Question {at}: how many are running?")).collect();
    let mut alone = Vec::new();
    for question in &questions {
        let answer = server.chat(&ask(question)).await;
        assert!(answer["usage"]["completion_tokens"].as_u64().unwrap() <= 24);
        alone.push(said(&answer));
    }
    assert!(alone.iter().any(|answer| !answer.is_empty()), "it says something: {alone:?}");
    let again = server.chat(&ask(&questions[0])).await;
    assert_eq!(said(&again), alone[0]);
    assert!(again["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap() > 0);
    let bodies: Vec<Value> = questions.iter().map(|question| ask(question)).collect();
    let together = futures::future::join_all(bodies.iter().map(|body| server.chat(body))).await;
    assert_eq!(together.iter().map(said).collect::<Vec<_>>(), alone);
    let body = with(ask(&questions[3]), json!({ "stream": true }));
    let (pieces, done) = pieces(server.post("/v1/chat/completions", &body).await).await;
    assert!(done && streamed(&pieces) == alone[3]);

    let schema = json!({ "enum": ["count", "list", "cost"] });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "tool", "schema": schema } });
    let shaped = said(&server.chat(&with(ask("which tool?"), json!({ "response_format": format }))).await);
    assert!(["\"count\"", "\"list\"", "\"cost\""].contains(&shaped.as_str()), "{shaped}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_is_said_and_answers_503() {
    let mut file = tempfile::NamedTempFile::with_suffix(".gguf").unwrap();
    file.write_all(&tiny()[..4000]).unwrap();
    let server = serve(&configured(&file)).await;
    let why = loop {
        let ready = server.client.get(format!("{}/health/ready", server.base)).send().await.unwrap();
        assert_eq!(ready.status(), 503);
        let report: Value = ready.json().await.unwrap();
        let detail = report["checks"][0]["detail"].as_str().unwrap().to_owned();
        if detail != "the model is being loaded" {
            break detail;
        }
    };
    let (status, answer) = server.ask("/v1/chat/completions", &ask("q")).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("model_not_ready")));
    assert_eq!(answer["error"]["message"], why.as_str());
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_takes_too_much_is_refused_with_the_figure() {
    let file = file();
    let config = AiConfig { memory_mb: 1, context: 1 << 20, ..configured(&file) };
    let why = ai_service_error(&config).await;
    assert!(why.contains("the model needs") && why.contains("may take 1.0 MB"), "{why}");
}

/// Why the model of a configuration can't be loaded.
async fn ai_service_error(config: &AiConfig) -> String {
    let server = serve(config).await;
    loop {
        let (_, answer) = server.ask("/v1/chat/completions", &ask("q")).await;
        let message = answer["error"]["message"].as_str().unwrap();
        if message != "the model is being loaded" {
            let message = message.to_owned();
            server.end().await;
            return message;
        }
        tokio::task::yield_now().await;
    }
}
