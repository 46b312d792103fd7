//! Queue, cancelling, deadline, draining, a breaking engine, health: how the service behaves and not what it says.

use std::sync::Arc;
use std::time::Duration;

use ai_service::engine::scripted::{Controls, Script, ScriptedOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, options, pieces, question, scripted, streamed, with};

/// A request in the background.
fn spawn(server: &Server, body: Value) -> tokio::task::JoinHandle<reqwest::Response> {
    let (client, url) = (server.client.clone(), format!("{}/v1/chat/completions", server.base));
    tokio::spawn(async move { client.post(url).json(&body).send().await.unwrap() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_answers_429_with_the_time_to_come_again() {
    let server = Server::new(ScriptedOptions::default(), |options| {
        (options.scheduler.queue, options.scheduler.slots) = (1, 1);
    })
    .await;
    server.controls.hold();
    let runs = spawn(&server, question("runs"));
    server.until(|metric| metric("requests_running") == 1).await;
    let waits = spawn(&server, question("waits"));
    server.until(|metric| metric("requests_waiting") == 1).await;
    let refused = server.post("/v1/chat/completions", &question("too many")).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["type"], "rate_limit_error");
    server.controls.release();
    for (task, text) in [(runs, "runs"), (waits, "waits")] {
        let answer: Value = task.await.unwrap().json().await.unwrap();
        assert_eq!(answer["choices"][0]["message"]["content"], text);
    }
    server.end().await;
}

/// Sends a request and goes away: before any answer, or after its first bytes.
async fn go_away(server: &Server, body: &Value, after_first_bytes: bool) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let body = body.to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    if after_first_bytes {
        assert!(stream.read(&mut [0; 512]).await.unwrap() > 0);
    } else {
        server.until(|metric| metric("requests_running") + metric("requests_waiting") > 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_disconnects_is_cancelled_streaming_or_not() {
    let model = ScriptedOptions { script: Script::Babble, context: 4000, ..ScriptedOptions::default() };
    for (stream, after) in [(false, false), (true, false), (true, true)] {
        let server = Server::new(model.clone(), |_| ()).await;
        server.controls.slow(Duration::from_millis(2));
        // Without its end it babbles for thousands of steps.
        let body = with(question("q"), json!({ "stream": stream, "max_tokens": 3900, "logit_bias": { "257": -100 } }));
        go_away(&server, &body, after).await;
        server.until(|metric| metric("requests_running") == 0).await;
        assert!(server.metric("generated_tokens_total").await < 3900, "it was not cancelled but ended");
        server.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_cancelled_and_says_so() {
    let server = Server::new(ScriptedOptions::default(), |options| options.deadline = Duration::from_millis(300)).await;
    server.controls.hold();
    let response = server.post("/v1/chat/completions", &question("never")).await;
    assert_eq!((response.status().as_u16(), response.headers()["x-should-retry"].to_str().unwrap()), (504, "false"));
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], "deadline_exceeded");
    server.controls.release();
    // In a stream that has begun it is the last event, and there is no [DONE].
    server.controls.slow(Duration::from_millis(40));
    let body = with(question(&"never whole ".repeat(20)), json!({ "stream": true }));
    let response = server.post("/v1/chat/completions", &body).await;
    if response.status() == 200 {
        let (pieces, done) = pieces(response).await;
        assert_eq!((pieces.last().unwrap()["error"]["code"].as_str(), done), (Some("deadline_exceeded"), false));
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_fails_the_request_in_flight_and_the_service_goes_on() {
    let server = Server::usual().await;
    server.controls.panic_in(0);
    let (status, answer) = server.ask("/v1/chat/completions", &question("lost")).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("engine_restarted")));
    server.until_ready().await;
    assert_eq!(server.chat(&question("found")).await["choices"][0]["message"]["content"], "found");
    server.controls.panic_in(4);
    let broken =
        server.post("/v1/chat/completions", &with(question("lost on the way"), json!({ "stream": true }))).await;
    let (pieces, done) = pieces(broken).await;
    assert!(!done && streamed(&pieces).len() < "lost on the way".len());
    assert_eq!(pieces.last().unwrap()["error"]["code"], "engine_restarted");
    server.until_ready().await;
    assert_eq!(server.metric("engine_restarts_total").await, 2);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_finishes_what_has_begun() {
    let server = Server::usual().await;
    server.controls.hold();
    let running = spawn(&server, with(question("to the end"), json!({ "stream": true })));
    server.until(|metric| metric("requests_running") == 1).await;
    server.shutdown.trigger();
    let (address, controls) = (server.address, server.controls.clone());
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    controls.release();
    let (pieces, done) = pieces(running.await.unwrap()).await;
    assert!(done && streamed(&pieces) == "to the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_outlasts_the_drain_time_is_told_so_before_it_is_cut_off() {
    let model = ScriptedOptions { script: Script::Babble, context: 4000, ..ScriptedOptions::default() };
    let controls = Arc::new(Controls::default());
    let options = scripted(model, controls.clone());
    let server = Server::draining(options, controls, Duration::from_secs(2)).await;
    server.until_ready().await;
    server.controls.slow(Duration::from_millis(20));
    // Without its end it babbles for more than a minute.
    let endless = with(question("q"), json!({ "max_tokens": 3900, "logit_bias": { "257": -100 } }));
    let streams = spawn(&server, with(endless.clone(), json!({ "stream": true })));
    let whole = spawn(&server, endless);
    server.until(|metric| metric("requests_running") == 2).await;
    server.shutdown.trigger();
    let (pieces, done) = pieces(streams.await.unwrap()).await;
    assert!(!streamed(&pieces).is_empty() && !done, "{pieces:?}");
    assert_eq!(pieces.last().unwrap()["error"]["code"], "stopping");
    let whole = whole.await.unwrap();
    assert_eq!(whole.status(), 503);
    assert_eq!(whole.json::<Value>().await.unwrap()["error"]["code"], "stopping");
    server.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_only_when_the_model_is_warm() {
    let controls = Arc::new(Controls::default());
    controls.hold();
    let server = Server::start(scripted(ScriptedOptions::default(), controls.clone()), controls).await;
    let get = async |path: &str| {
        let response = server.client.get(format!("{}{path}", server.base)).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(get("/health/live").await.0, 200);
    let (status, report) = get("/health/ready").await;
    assert_eq!((status, &report["checks"][0]["detail"]), (503, &json!("the model is being loaded")));
    let response = server.post("/v1/chat/completions", &question("early")).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], "model_not_ready");
    assert_eq!(get("/v1/models").await.1["data"], json!([]));
    server.controls.release();
    server.until_ready().await;
    assert_eq!(server.controls.steps(), 2, "it was warmed by two steps");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_it_says_so_plainly() {
    let server = Server::start(options(), Arc::new(Controls::default())).await;
    server.until_ready().await;
    let (status, answer) = server.ask("/v1/chat/completions", &question("q")).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("model_not_loaded")));
    let models = server.client.get(format!("{}/v1/models", server.base)).send().await.unwrap();
    assert_eq!(models.json::<Value>().await.unwrap(), json!({ "object": "list", "data": [] }));
    server.shutdown.trigger();
    tokio::time::timeout(PATIENCE, async { while TcpStream::connect(server.address).await.is_ok() {} }).await.unwrap();
}
