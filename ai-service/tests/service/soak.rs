//! Many clients that stream at once and go away whenever they like: every answer is whole or plainly cancelled, no page
//! stays held, no place stays taken.
//!
//! Short by default; `WHEELHOUSE_SOAK_SECONDS` and `WHEELHOUSE_SOAK_CLIENTS` make it the long run (300 and 200).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ai_service::engine::scripted::ScriptedOptions;
use ai_service::sampling::random::Generator;
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{Server, question, with};

/// What became of the requests.
#[derive(Default)]
struct Tally {
    whole: AtomicU64,
    left: AtomicU64,
    refused: AtomicU64,
    broken: AtomicU64,
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaks_and_nothing_is_stuck() {
    let (seconds, clients) = (setting("WHEELHOUSE_SOAK_SECONDS", 4), setting("WHEELHOUSE_SOAK_CLIENTS", 40));
    // Few pages and places for so many: they wait, are paused and computed again, and pages are shared.
    let model = ScriptedOptions {
        pages: 96,
        page_tokens: 16,
        context: 600,
        original_context: Some(300),
        ..ScriptedOptions::default()
    };
    let server =
        Arc::new(Server::new(model, |options| (options.scheduler.queue, options.scheduler.slots) = (32, 12)).await);
    let (until, tally) = (Instant::now() + Duration::from_secs(seconds), Arc::new(Tally::default()));
    let mut tasks = Vec::new();
    for number in 0..clients {
        let (server, tally) = (server.clone(), tally.clone());
        tasks.push(tokio::spawn(async move {
            let mut random = Generator::new(number);
            while Instant::now() < until {
                one(&server, number, &mut random, &tally).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
    let (whole, left, refused) = (count(&tally.whole), count(&tally.left), count(&tally.refused));
    assert_eq!(count(&tally.broken), 0, "an answer was neither whole nor plainly cancelled");
    assert!(whole > 0 && left > 0, "{whole} whole, {left} left, {refused} refused");
    // Whoever comes now finds everything free.
    server.until(|metric| metric("requests_running") + metric("requests_waiting") == 0).await;
    let pages = (server.metric("cache_pages_held").await, server.metric("engine_restarts_total").await);
    assert_eq!(pages, (0, 0));
    assert_eq!(server.chat(&question("still here")).await["choices"][0]["message"]["content"], "still here");
    let preempted = server.metric("preemptions_total").await;
    eprintln!("{whole} whole, {left} left early, {refused} refused, {preempted} times pages were given up");
    Arc::into_inner(server).unwrap().end().await;
}

/// One request, read to its end or left at some place.
async fn one(server: &Server, number: u64, random: &mut Generator, tally: &Tally) {
    let length = 1 + random.draw() % 200;
    let text: String = (0..length).map(|_| char::from(b'a' + (random.draw() % 26) as u8)).collect();
    let shared = "the facts that everybody has: the WorkSpaces are running. ";
    let mut body = with(
        question(&text),
        json!({ "user": format!("u{}", number % 10), "stream": !random.draw().is_multiple_of(4) }),
    );
    body["messages"].as_array_mut().unwrap().insert(0, json!({ "role": "system", "content": shared }));
    let leaves_after = random.draw().is_multiple_of(3).then(|| random.draw() % length);
    let request = server.client.post(format!("{}/v1/chat/completions", server.base)).json(&body).send();
    let response = match leaves_after {
        // Gone before anything came, at times.
        Some(0..3) => match tokio::time::timeout(Duration::from_millis(random.draw() % 20), request).await {
            Ok(response) => response.unwrap(),
            Err(_) => {
                tally.left.fetch_add(1, Ordering::SeqCst);
                return;
            }
        },
        _ => request.await.unwrap(),
    };
    match response.status().as_u16() {
        200 => {}
        429 => {
            assert!(response.headers().contains_key("retry-after"));
            tally.refused.fetch_add(1, Ordering::SeqCst);
            return tokio::time::sleep(Duration::from_millis(5 + random.draw() % 40)).await;
        }
        other => panic!("{other}: {:?}", response.text().await),
    }
    let (mut bytes, mut events) = (Vec::new(), 0);
    let mut stream = response.bytes_stream();
    while let Some(piece) = stream.next().await {
        bytes.extend(piece.unwrap());
        events += 1;
        if leaves_after.is_some_and(|most| events > most) {
            tally.left.fetch_add(1, Ordering::SeqCst);
            return;
        }
    }
    let answer = String::from_utf8(bytes).unwrap();
    let said = match body["stream"].as_bool() {
        Some(true) if !answer.ends_with("data: [DONE]\n\n") => String::new(),
        Some(true) => answer.lines().filter_map(|line| line.strip_prefix("data: {")).map(content).collect(),
        _ => serde_json::from_str::<Value>(&answer).unwrap()["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .to_owned(),
    };
    let counter = if said == text { &tally.whole } else { &tally.broken };
    counter.fetch_add(1, Ordering::SeqCst);
}

fn content(object: &str) -> String {
    let piece: Value = serde_json::from_str(&format!("{{{object}")).unwrap();
    piece["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
}
