//! Many clients that stream at once and go away whenever they like: every answer is whole or plainly cancelled, no page
//! stays held, no place stays taken, and no memory is kept for requests that are over. With the scripted model, whose pages
//! are checked, and with a real engine. The scripted one's queue holds everybody, the real one's refuses some.
//!
//! Short by default; `WHEELHOUSE_SOAK_SECONDS` and `WHEELHOUSE_SOAK_CLIENTS` make it the long run (300 and 200).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ai_service::engine::scripted::ScriptedOptions;
use ai_service::sampling::random::Generator;
use futures::StreamExt as _;
use platform::config::AiConfig;
use serde_json::{Value, json};

use crate::support::{Server, pieces, question, streamed, with};
use crate::whole;

/// So many requests each client makes before memory is looked at for the first time: by then every thread, connection and
/// buffer there will be has been there.
const FIRST: u64 = 20;
/// So much more memory may be held at the end than was then, whatever the number of requests in between: six times what
/// allocators were seen to keep in reserve for 200 clients. It is a bound on what a request leaves behind, and a closer one the
/// more there are: of 100,000 requests each may leave 335 bytes, which is less than what its text and tokens take.
const RESERVE: u64 = 32 << 20;
/// So many streams are open at the same moment, at least, in the run whose queue holds everybody.
const TOGETHER: u64 = 200;
/// Tokens of the real engine's answers, at most: more than one page of its cache.
const LENGTH: u64 = 64;

/// What became of the requests.
#[derive(Default)]
struct Tally {
    whole: AtomicU64,
    left: AtomicU64,
    refused: AtomicU64,
    broken: AtomicU64,
}

/// A question.
#[derive(Clone)]
struct Posed {
    body: Value,
    /// What a whole answer says.
    answer: String,
    /// Tokens of it, at most.
    length: u64,
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaks_and_nothing_is_stuck() {
    // Few pages and places for so many: they wait, are paused and computed again, and pages are shared.
    let model = ScriptedOptions {
        pages: 96,
        page_tokens: 16,
        context: 600,
        original_context: Some(300),
        ..ScriptedOptions::default()
    };
    let everybody = clients().max(TOGETHER);
    let queue = usize::try_from(everybody).unwrap();
    let server = Server::new(model, |options| (options.scheduler.queue, options.scheduler.slots) = (queue, 12)).await;
    all_at_once(&server, everybody).await;
    eprintln!("{}", soak(server, echo).await);
}

/// Everybody asks and stays. Nothing is computed until all of them are there at once; then each gets its whole answer.
async fn all_at_once(server: &Server, everybody: u64) {
    let ask = move |number: u64| async move {
        let posed = echo(&mut Generator::new(number));
        let own = json!({ "user": format!("u{}", number % 10), "stream": true });
        let response = server.post("/v1/chat/completions", &with(posed.body, own)).await;
        let (pieces, done) = pieces(response).await;
        assert!(done && streamed(&pieces) == posed.answer, "{pieces:?}");
    };
    let there = async {
        server.until(|metric| metric("requests_running") + metric("requests_waiting") >= everybody).await;
        server.controls.release();
    };
    server.controls.hold();
    tokio::join!(futures::future::join_all((0..everybody).map(ask)), there);
}

/// Clients of a run.
fn clients() -> u64 {
    setting("WHEELHOUSE_SOAK_CLIENTS", 40)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaks_with_a_real_engine() {
    let file = whole::file();
    // Its cache holds fewer of these conversations than may run together.
    let server = whole::serve(&AiConfig { context: 256, queue: 32, ..whole::configured(&file) }).await;
    server.until_ready().await;
    let mut known = Vec::new();
    for number in 0..8 {
        let body = whole::ask(&format!("Question {number}: how many are running?"));
        let body = with(body, json!({ "max_tokens": LENGTH }));
        let answer = said(&server.chat(&body).await);
        known.push(Posed { body, answer, length: LENGTH });
    }
    let told = soak(server, move |random| known[(random.draw() % known.len() as u64) as usize].clone()).await;
    eprintln!("{told}");
}

/// What the scripted model repeats: a text, after facts that everybody has.
fn echo(random: &mut Generator) -> Posed {
    let length = 1 + random.draw() % 200;
    let text: String = (0..length).map(|_| char::from(b'a' + (random.draw() % 26) as u8)).collect();
    let mut body = question(&text);
    let shared = "the facts that everybody has: the WorkSpaces are running. ";
    body["messages"].as_array_mut().unwrap().insert(0, json!({ "role": "system", "content": shared }));
    Posed { body, answer: text, length }
}

/// Lets the clients ask until the time is over, and looks at what they leave behind: the figures of it.
async fn soak(server: Server, pose: impl Fn(&mut Generator) -> Posed + Send + Sync + 'static) -> String {
    let (seconds, clients) = (setting("WHEELHOUSE_SOAK_SECONDS", 4), clients());
    let (server, pose, tally) = (Arc::new(server), Arc::new(pose), Arc::new(Tally::default()));
    crowd(&server, &pose, &tally, clients, |made| made < FIRST).await;
    let before = resident(&server).await;
    let until = Instant::now() + Duration::from_secs(seconds);
    crowd(&server, &pose, &tally, clients, move |_| Instant::now() < until).await;
    let after = resident(&server).await;

    let count = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
    let (whole, left, refused) = (count(&tally.whole), count(&tally.left), count(&tally.refused));
    assert_eq!(count(&tally.broken), 0, "an answer was neither whole nor plainly cancelled");
    assert!(whole > 0 && left > 0, "{whole} whole, {left} left, {refused} refused");
    // Whoever comes now finds everything free.
    let pages = (server.metric("cache_pages_held").await, server.metric("engine_restarts_total").await);
    assert_eq!(pages, (0, 0));
    let last = pose(&mut Generator::new(clients));
    assert_eq!(said(&server.chat(&last.body).await), last.answer);
    let preempted = server.metric("preemptions_total").await;
    if let (Some(before), Some(after)) = (before, after) {
        assert!(after <= before + RESERVE, "{before} bytes were held after the first requests, {after} at the end");
    }
    Arc::into_inner(server).unwrap().end().await;
    let answers = format!("{whole} whole, {left} left early, {refused} refused");
    format!("{answers}, {preempted} times pages were given up; bytes held at first {before:?}, at the end {after:?}")
}

/// Memory of this process while nobody asks for anything; `None` where the system does not tell.
async fn resident(server: &Server) -> Option<u64> {
    server.until(|metric| metric("requests_running") + metric("requests_waiting") == 0).await;
    platform::memory::resident().map(|memory| memory.current_bytes)
}

/// So many clients, each of which asks for as long as `more` says of the requests it made.
async fn crowd<P: Fn(&mut Generator) -> Posed + Send + Sync + 'static>(
    server: &Arc<Server>,
    pose: &Arc<P>,
    tally: &Arc<Tally>,
    clients: u64,
    more: impl Fn(u64) -> bool + Copy + Send + 'static,
) {
    let mut tasks = Vec::new();
    for number in 0..clients {
        let (server, pose, tally) = (server.clone(), pose.clone(), tally.clone());
        tasks.push(tokio::spawn(async move {
            let (mut random, mut made) = (Generator::new(number), 0);
            while more(made) {
                let posed = pose(&mut random);
                one(&server, number, &posed, &mut random, &tally).await;
                made += 1;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// One request, read to its end or left at some place.
async fn one(server: &Server, number: u64, posed: &Posed, random: &mut Generator, tally: &Tally) {
    let own = json!({ "user": format!("u{}", number % 10), "stream": !random.draw().is_multiple_of(4) });
    let body = with(posed.body.clone(), own);
    let leaves_after = random.draw().is_multiple_of(3).then(|| random.draw() % posed.length);
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
    let heard = match body["stream"].as_bool() {
        Some(true) if !answer.ends_with("data: [DONE]\n\n") => None,
        Some(true) => Some(answer.lines().filter_map(|line| line.strip_prefix("data: {")).map(content).collect()),
        _ => Some(said(&serde_json::from_str(&answer).unwrap())),
    };
    let counter = if heard.as_ref() == Some(&posed.answer) { &tally.whole } else { &tally.broken };
    counter.fetch_add(1, Ordering::SeqCst);
}

fn content(object: &str) -> String {
    let piece: Value = serde_json::from_str(&format!("{{{object}")).unwrap();
    piece["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
}

/// What an answer that came whole says.
fn said(answer: &Value) -> String {
    answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}
