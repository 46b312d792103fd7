//! The scheduler over the scripted model, whose answers are known and whose pages are checked.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::engine::scripted::{Controls, Script, Scripted, ScriptedOptions};
use crate::grammar::Shape;
use crate::prompt::bytes::Bytes;
use crate::prompt::{Message, Role};
use crate::sampling::Settings;

/// A scheduler over a scripted model, and what holds the model.
struct Bench {
    scheduler: Scheduler,
    controls: Arc<Controls>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.controls.release();
        self.scheduler.stop();
        if !std::thread::panicking() {
            assert_eq!(self.controls.violations(), 0, "the page contract was broken");
            let metrics = self.scheduler.metrics();
            assert_eq!((metrics.pages_held.get(), metrics.running.get(), metrics.waiting.get()), (0, 0, 0));
        }
    }
}

impl Bench {
    fn new(model: ScriptedOptions, options: SchedulerOptions) -> Self {
        let controls = Arc::new(Controls::default());
        let load = loader(model, controls.clone());
        let bench = Self { scheduler: Scheduler::start(load, options).unwrap(), controls };
        bench.until(|| matches!(bench.scheduler.state(), State::Ready(_)));
        bench
    }

    fn usual() -> Self {
        Self::new(ScriptedOptions::default(), SchedulerOptions::default())
    }

    fn until(&self, done: impl Fn() -> bool) {
        while !done() {
            std::thread::yield_now();
        }
    }

    fn ask(&self, caller: &str, question: &str) -> Answer {
        self.scheduler.submit(chat(caller, question, 500)).unwrap()
    }
}

fn loader(model: ScriptedOptions, controls: Arc<Controls>) -> Loader {
    Arc::new(move || {
        let model = Box::new(Scripted::new(&model, controls.clone()));
        Ok(Loaded { model, language: Arc::new(Bytes::new()) })
    })
}

fn chat(caller: &str, question: &str, max_tokens: usize) -> Request {
    let messages = [
        Message { role: Role::System, content: "These are the facts, and they are long enough for a page.".to_owned() },
        Message { role: Role::User, content: question.to_owned() },
    ];
    Request {
        caller: caller.to_owned(),
        prompt: Bytes::new().chat(&messages).unwrap(),
        max_tokens,
        settings: Settings { temperature: 0.0, ..Settings::default() },
        stops: Vec::new(),
        constraint: None,
    }
}

/// The whole answer and how it ended; `Err` with what there was when it did not.
fn read(mut answer: Answer) -> Result<(String, Finish, Usage), (String, Option<Failure>)> {
    let mut whole = String::new();
    while let Some(event) = answer.blocking_recv() {
        match event {
            Event::Text { text, .. } => whole.push_str(&text),
            Event::Finished { reason, usage } => return Ok((whole, reason, usage)),
            Event::Failed(failure) => return Err((whole, Some(failure))),
        }
    }
    Err((whole, None))
}

fn text(answer: Answer) -> String {
    let (text, reason, _) = read(answer).unwrap();
    assert_eq!(reason, Finish::Stop);
    text
}

#[test]
fn requests_join_a_running_batch_and_each_gets_its_own_answer() {
    let bench = Bench::usual();
    bench.controls.hold();
    let first = bench.ask("a", "how many WorkSpaces are running?");
    bench.controls.wait_until_held();
    let others: Vec<_> = (0..7).map(|at| bench.ask("a", &format!("question {at} größer \u{1f600}"))).collect();
    bench.controls.release();
    assert_eq!(text(first), "how many WorkSpaces are running?");
    for (at, other) in others.into_iter().enumerate() {
        assert_eq!(text(other), format!("question {at} größer \u{1f600}"));
    }
    assert_eq!(bench.controls.widest(), 8);
    assert_eq!(bench.scheduler.metrics().finished.get(), 8);
}

#[test]
fn usage_counts_what_there_was() {
    let bench = Bench::usual();
    let request = chat("a", "abc", 500);
    let prompt = request.prompt.len();
    let (_, _, usage) = read(bench.scheduler.submit(request).unwrap()).unwrap();
    assert_eq!(usage, Usage { prompt, cached: 0, completion: 3 });
    let request = chat("a", "abcdef", 4);
    let prompt = request.prompt.len();
    let (text, reason, usage) = read(bench.scheduler.submit(request).unwrap()).unwrap();
    assert_eq!((text.as_str(), reason, usage.completion), ("abcd", Finish::Length, 4));
    assert_eq!(usage.cached % 16, 0);
    assert!(usage.cached >= 48 && usage.cached < prompt, "{usage:?}");
}

#[test]
fn a_shared_beginning_is_computed_once() {
    let bench = Bench::usual();
    assert_eq!(text(bench.ask("a", "one")), "one");
    let before = bench.controls.tokens();
    assert_eq!(text(bench.ask("b", "two")), "two");
    let computed = bench.controls.tokens() - before;
    let metrics = bench.scheduler.metrics();
    assert!(metrics.cached.get() >= 48 && computed < 30, "{computed} computed, {} cached", metrics.cached.get());
}

#[test]
fn who_goes_away_is_out_within_one_step() {
    let bench = Bench::usual();
    bench.controls.hold();
    let gone = bench.ask("a", "a question that would take many steps to say again");
    let stays = bench.ask("b", "short");
    bench.controls.wait_until_held();
    drop(gone);
    let before = bench.scheduler.metrics().generated.get();
    bench.controls.release();
    assert_eq!(text(stays), "short");
    let metrics = bench.scheduler.metrics();
    // The held step may have had one token for it; the rest are those of the other.
    assert!(metrics.generated.get() - before <= 1 + "short".len() as u64);
    assert_eq!(metrics.cancelled.get(), 1);
}

#[test]
fn a_full_queue_refuses_and_says_when_to_come_again() {
    let bench =
        Bench::new(ScriptedOptions::default(), SchedulerOptions { queue: 2, slots: 1, ..SchedulerOptions::default() });
    bench.controls.hold();
    let runs = bench.ask("a", "runs");
    bench.controls.wait_until_held();
    let (waits, last) = (bench.ask("a", "waits"), bench.ask("a", "waits too"));
    match bench.scheduler.submit(chat("a", "too many", 5)) {
        Err(Refused::Full { retry_after }) => assert!((1..=60).contains(&retry_after)),
        other => panic!("{:?}", other.err()),
    }
    // Another caller gets in; the newest of the first has to go.
    let other = bench.ask("b", "other");
    assert_eq!(read(last), Err((String::new(), Some(Failure::Displaced))));
    bench.controls.release();
    assert_eq!([text(runs), text(waits), text(other)], ["runs", "waits", "other"]);
    assert_eq!(bench.scheduler.metrics().refused.get(), 2);
}

#[test]
fn callers_take_turns() {
    let bench = Bench::new(ScriptedOptions::default(), SchedulerOptions { slots: 1, ..SchedulerOptions::default() });
    bench.controls.hold();
    let first = bench.ask("a", "1");
    bench.controls.wait_until_held();
    let waiting =
        [("a", "2"), ("a", "3"), ("a", "4"), ("b", "5")].map(|(caller, question)| bench.ask(caller, question));
    bench.controls.release();
    assert_eq!((text(first), waiting.map(text)), ("1".to_owned(), ["2", "3", "4", "5"].map(str::to_owned)));
    let said: Vec<u32> = bench.controls.said().into_iter().filter(|token| (49..=57).contains(token)).collect();
    assert_eq!(said, [49, 50, 53, 51, 52], "the other caller is not behind all of the first");
}

#[test]
fn when_pages_run_out_the_youngest_is_computed_again_and_nothing_is_lost() {
    // Four answers of 120 tokens want 4 × 13 pages; there are 20.
    let model =
        ScriptedOptions { page_tokens: 16, pages: 20, context: 300, batch_tokens: 24, ..ScriptedOptions::default() };
    let bench = Bench::new(model, SchedulerOptions::default());
    let questions: Vec<String> = (0..4).map(|at| format!("{at}{}", "x".repeat(90 + at))).collect();
    let mut requests: Vec<Request> = questions.iter().map(|question| chat("a", question, 120)).collect();
    // Without a shared beginning.
    requests.iter_mut().enumerate().for_each(|(at, request)| request.prompt[2] = at as u32);
    bench.controls.hold();
    let answers: Vec<_> = requests.into_iter().map(|request| bench.scheduler.submit(request).unwrap()).collect();
    bench.controls.release();
    for (question, answer) in questions.iter().zip(answers) {
        assert_eq!(text(answer), *question);
    }
}

#[test]
fn pages_are_given_up_when_answers_grow() {
    // Babble never ends by itself: three answers of 100 tokens each, prompts of one page, 12 pages for 3 × 8.
    let model = ScriptedOptions {
        page_tokens: 16,
        pages: 12,
        context: 160,
        script: Script::Babble,
        ..ScriptedOptions::default()
    };
    let alone = |prompt: Vec<u32>| {
        let bench = Bench::new(ScriptedOptions { pages: 64, ..model.clone() }, SchedulerOptions::default());
        let request = Request { prompt, ..chat("a", "", 100) };
        read(bench.scheduler.submit(request).unwrap()).unwrap()
    };
    let prompts = [vec![256, 1], vec![256, 2], vec![256, 3]];
    let expected = prompts.clone().map(alone);
    let bench = Bench::new(model.clone(), SchedulerOptions::default());
    bench.controls.hold();
    let answers = prompts.map(|prompt| bench.scheduler.submit(Request { prompt, ..chat("a", "", 100) }).unwrap());
    bench.controls.release();
    assert_eq!(answers.map(|answer| read(answer).unwrap()), expected);
    assert!(bench.scheduler.metrics().preempted.get() > 0, "pages ran out");
}

#[test]
fn a_sequence_that_outgrows_the_first_length_is_computed_again_with_long_factors() {
    let model = ScriptedOptions { original_context: Some(100), ..ScriptedOptions::default() };
    let bench = Bench::new(model, SchedulerOptions::default());
    let question = "q".repeat(60);
    assert_eq!(text(bench.ask("a", &question)), question);
    // The second time it begins with the short factors again, and finds both kinds of pages.
    assert_eq!(text(bench.ask("a", &question)), question);
    let long = "l".repeat(150);
    assert_eq!(text(bench.ask("a", &long)), long);
}

#[test]
fn a_panic_fails_what_runs_and_nothing_else() {
    let bench = Bench::new(ScriptedOptions::default(), SchedulerOptions { slots: 2, ..SchedulerOptions::default() });
    bench.controls.hold();
    let running = [bench.ask("a", "in flight, one"), bench.ask("a", "in flight, two")];
    bench.controls.wait_until_held();
    let waiting = [bench.ask("a", "waits, one"), bench.ask("b", "waits, two")];
    bench.controls.panic_in(3);
    bench.controls.release();
    for answer in running {
        assert!(matches!(read(answer), Err((_, None))));
    }
    for (answer, question) in waiting.into_iter().zip(["waits, one", "waits, two"]) {
        assert_eq!(text(answer), question);
    }
    assert_eq!(text(bench.ask("a", "after")), "after");
    let metrics = bench.scheduler.metrics();
    assert_eq!((metrics.restarts.get(), metrics.failed.get(), metrics.finished.get()), (1, 2, 3));
}

#[test]
fn a_step_without_numbers_fails_its_requests_and_the_engine_goes_on() {
    let bench = Bench::usual();
    bench.controls.not_finite_in(2);
    assert!(matches!(read(bench.ask("a", "lost")), Err((_, Some(Failure::Model(_))))));
    assert_eq!(text(bench.ask("a", "lost")), "lost");
    assert_eq!(bench.scheduler.metrics().restarts.get(), 0);
}

#[test]
fn stopping_fails_what_is_left() {
    let bench = Bench::new(ScriptedOptions::default(), SchedulerOptions { slots: 1, ..SchedulerOptions::default() });
    bench.controls.hold();
    let left = [bench.ask("a", "runs"), bench.ask("a", "waits")];
    bench.controls.wait_until_held();
    bench.scheduler.shared.stop();
    bench.controls.release();
    for answer in left {
        assert!(matches!(read(answer), Err((_, Some(Failure::Stopping)))));
    }
    assert_eq!(bench.scheduler.submit(chat("a", "late", 5)).err(), Some(Refused::Stopping));
}

#[test]
fn a_model_that_cannot_be_loaded_is_said_and_tried_again() {
    let attempts = Arc::new(AtomicU64::new(0));
    let (count, controls) = (attempts.clone(), Arc::new(Controls::default()));
    let good = loader(ScriptedOptions::default(), controls.clone());
    let load: Loader = Arc::new(move || match count.fetch_add(1, Ordering::SeqCst) {
        0 => Err("the file ends too early".to_owned()),
        1 => panic!("a loader that breaks"),
        _ => good(),
    });
    let options = SchedulerOptions { retry: Duration::from_millis(1), ..SchedulerOptions::default() };
    let bench = Bench { scheduler: Scheduler::start(load, options).unwrap(), controls };
    bench.until(|| matches!(bench.scheduler.state(), State::Ready(_)));
    assert_eq!(text(bench.ask("a", "hello")), "hello");
    assert_eq!(attempts.load(Ordering::SeqCst), 3);

    let options = SchedulerOptions { retry: Duration::from_secs(3600), ..SchedulerOptions::default() };
    let never = Scheduler::start(Arc::new(|| Err("no such file".to_owned())), options).unwrap();
    while !matches!(never.state(), State::Failed(_)) {
        std::thread::yield_now();
    }
    assert_eq!(never.submit(chat("a", "b", 1)).err(), Some(Refused::NotReady("no such file".to_owned())));
    never.stop();
}

#[test]
fn what_can_never_fit_is_refused_at_once() {
    let model = ScriptedOptions { pages: 8, page_tokens: 16, context: 4096, ..ScriptedOptions::default() };
    let bench = Bench::new(model, SchedulerOptions::default());
    let request = chat("a", "q", 500);
    let wanted = request.prompt.len() + 500;
    assert_eq!(bench.scheduler.submit(request).err(), Some(Refused::TooLong { wanted, context: 128 }));
    let request = chat("a", "q", 1);
    let most = 128 - request.prompt.len();
    assert_eq!(text(bench.scheduler.submit(Request { max_tokens: most, ..request }).unwrap()), "q");
}

#[test]
fn stop_strings_and_shapes_end_answers() {
    let bench = Bench::usual();
    let request = Request { stops: vec!["are ru".to_owned()], ..chat("a", "the WorkSpaces are running", 100) };
    let (text, reason, usage) = read(bench.scheduler.submit(request).unwrap()).unwrap();
    assert_eq!((text.as_str(), reason), ("the WorkSpaces ", Finish::Stop));
    assert!(usage.completion > 2);
    let State::Ready(ready) = bench.scheduler.state() else { panic!("it was ready") };
    let shape = Shape::Schema(serde_json::json!({ "enum": ["count", "list"] }));
    let constraint = ready.grammars.as_ref().unwrap().constraint(&shape).unwrap();
    let request = Request { constraint: Some(constraint), ..chat("a", "anything at all", 100) };
    let (text, reason, _) = read(bench.scheduler.submit(request).unwrap()).unwrap();
    assert!(["\"count\"", "\"list\""].contains(&text.as_str()) && reason == Finish::Stop, "{text}");
}
