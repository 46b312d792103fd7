//! A damaged model file that is taken for a model is loaded, warmed and asked, in bounded memory and time: it answers, or
//! says plainly why not, and nothing panics.
//!
//! Opening alone, and what that allocates, is in `hostile_files`; the settings of a folder are in `files::folder_tests`.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ai_service::engine::LoadOptions;
use ai_service::files::writer::{Writer, small};
use ai_service::files::{LongRope, Phi3Config, TensorType};
use ai_service::sampling::Settings;
use ai_service::scheduler::{Event, Ready, Request, Scheduler, SchedulerOptions, State};
use proptest::prelude::*;
use tokio::sync::mpsc::error::TryRecvError;

/// Files that are tried.
const CASES: u32 = 96;
/// Most bytes that one may take.
const MOST_BYTES: u64 = 64 << 20;
/// Longest that loading one and an answer of it may take, on a slow machine.
const LONGEST: Duration = Duration::from_secs(60);
/// Between two looks at what the engine does.
const LOOK: Duration = Duration::from_millis(1);
/// Where in the file its figures are, each of four bytes.
const FIGURES: [&str; 13] = [
    "phi3.block_count",
    "phi3.attention.head_count",
    "phi3.attention.head_count_kv",
    "phi3.rope.dimension_count",
    "phi3.rope.freq_base",
    "phi3.attention.layer_norm_rms_epsilon",
    "phi3.context_length",
    "phi3.rope.scaling.original_context_length",
    "phi3.attention.sliding_window",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.eot_token_id",
    "tokenizer.ggml.unknown_token_id",
];

static ANSWERED: AtomicUsize = AtomicUsize::new(0);
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Types of weights that rows of 32 can have, and those that take rows of 256, as files that people use have them.
const NARROW: [TensorType; 5] =
    [TensorType::F32, TensorType::F16, TensorType::Q4_0, TensorType::Q5_1, TensorType::Q8_0];
const WIDE: [TensorType; 5] = [TensorType::BF16, TensorType::Q4_1, TensorType::Q4K, TensorType::Q5K, TensorType::Q6K];

/// Small models of every make, each with the types that its weights are given.
fn models() -> [(Phi3Config, [TensorType; 5]); 5] {
    let longrope = LongRope { short: vec![1.0, 1.5, 2.0, 2.5], long: vec![1.0, 2.0, 4.0, 8.0], attention_factor: 1.25 };
    [
        (small(), NARROW),
        (Phi3Config { heads: 16, kv_heads: 8, head_dim: 2, rope_dim: 2, window: Some(1), ..small() }, NARROW),
        (
            Phi3Config { original_context: 16, longrope: Some(longrope), window: Some(20), tied: true, ..small() },
            NARROW,
        ),
        (Phi3Config { layers: 1, heads: 2, kv_heads: 1, head_dim: 16, rope_dim: 6, ..small() }, NARROW),
        (wide(), WIDE),
    ]
}

/// One whose rows are whole blocks of every type.
fn wide() -> Phi3Config {
    Phi3Config { layers: 1, hidden: 256, ffn: 256, head_dim: 64, rope_dim: 64, ..small() }
}

/// A file whose weights are this byte over and over.
fn file(config: &Phi3Config, kind: TensorType, byte: u8) -> Vec<u8> {
    let bytes_of = |shape: &[usize]| kind.bytes_of(shape).expect("rows are whole blocks");
    Writer::phi3_with(config, |_, shape| (kind, vec![byte; bytes_of(shape)])).vocabulary(config.vocabulary).finish()
}

/// Writes four bytes behind the name of a figure, where the file has it.
fn set(bytes: &mut [u8], figure: &str, value: u32) {
    let name = figure.as_bytes();
    if let Some(at) = bytes.windows(name.len()).position(|window| window == name) {
        // The name, the kind of the value, the value.
        let at = at + name.len() + 4;
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

/// Serves a file and asks it: tokens of the answer, or why there is none.
fn served(bytes: &[u8]) -> Result<usize, String> {
    let mut file = tempfile::NamedTempFile::with_suffix(".gguf").expect("a file");
    file.write_all(bytes).expect("room on the disk");
    let scheduler = start(file.path().to_owned());
    let answer = ready(&scheduler).and_then(|ready| answer(&scheduler, &ready));
    let restarts = scheduler.metrics().restarts.get();
    scheduler.stop();
    assert_eq!(restarts, 0, "the engine broke");
    answer
}

fn start(path: PathBuf) -> Scheduler {
    let options = LoadOptions { context: 64, batch_tokens: 32, sequences: 1, threads: 1, ..LoadOptions::default() };
    let load = move || ai_service::load(&path, &options, Some(MOST_BYTES));
    Scheduler::start(Arc::new(load), SchedulerOptions::default()).expect("a thread")
}

/// The model, once it is loaded and warm, or why it can't be.
fn ready(scheduler: &Scheduler) -> Result<Arc<Ready>, String> {
    let begun = Instant::now();
    loop {
        match scheduler.state() {
            State::Loading => sleep(LOOK),
            State::Ready(ready) => {
                let held = ready.info.weight_bytes + ready.info.cache_bytes;
                assert!(held <= MOST_BYTES, "{held} bytes");
                return Ok(ready);
            }
            State::Failed(why) => {
                assert!(!why.contains("broke off"), "loading it panicked");
                return Err(why);
            }
            State::Restarting(_) | State::Stopped => panic!("nobody stopped it"),
        }
        assert!(begun.elapsed() < LONGEST, "it is still being loaded");
    }
}

fn answer(scheduler: &Scheduler, ready: &Ready) -> Result<usize, String> {
    let mut prompt = ready.language.raw("the fleet has");
    // A damaged vocabulary may cut no text.
    prompt.push(0);
    prompt.truncate(ready.context() - 1);
    let max_tokens = 3.min(ready.context() - prompt.len());
    let settings = Settings { temperature: 0.0, ..Settings::default() };
    let request = Request { caller: String::new(), prompt, max_tokens, settings, stops: Vec::new(), constraint: None };
    let mut events = scheduler.submit(request).expect("a free place");
    let begun = Instant::now();
    loop {
        match events.try_recv() {
            Ok(Event::Text { .. }) => {}
            Ok(Event::Finished { usage, .. }) => return Ok(usage.completion),
            Ok(Event::Failed(failure)) => return Err(failure.to_string()),
            Err(TryRecvError::Empty) => sleep(LOOK),
            Err(TryRecvError::Disconnected) => panic!("the engine broke under a request"),
        }
        assert!(begun.elapsed() < LONGEST, "it is still being answered");
    }
}

#[test]
fn whole_models_of_every_make_answer() {
    for (config, kinds) in models() {
        for kind in kinds {
            let answer = served(&file(&config, kind, 7));
            assert!(answer.is_ok(), "{kind} {config:?}: {answer:?}");
        }
    }
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    let narrow = [TensorType::F16, TensorType::Q4_0, TensorType::Q5_1, TensorType::Q8_0].map(|kind| (small(), kind));
    let wide = [TensorType::Q4K, TensorType::Q5K, TensorType::Q6K].map(|kind| (wide(), kind));
    for (config, kind) in narrow.into_iter().chain(wide) {
        // As half floats, which scales are: no number.
        let why = served(&file(&config, kind, 0x7c)).expect_err("it computes nothing");
        assert!(why.contains("not a number"), "{kind}: {why}");
    }
}

#[test]
fn damaged_models_answer_or_are_refused() {
    damaged_models();
    let (answered, refused) = (ANSWERED.load(Ordering::Relaxed), REFUSED.load(Ordering::Relaxed));
    // Otherwise they are damaged too much, or too little, to try anything.
    assert!(answered >= 5 && refused >= 5, "{answered} answered, {refused} refused");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: CASES, ..ProptestConfig::default() })]

    fn damaged_models(
        model in 0_usize..5,
        kind in 0_usize..5,
        figures in proptest::collection::vec(
            (0_usize..FIGURES.len(), prop_oneof![0_u32..40, 0_u32..600, any::<u32>()]),
            0..3,
        ),
        flips in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..5),
    ) {
        let (config, kinds) = &models()[model];
        let mut bytes = file(config, kinds[kind], 7);
        for (figure, value) in figures {
            set(&mut bytes, FIGURES[figure], value);
        }
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let counter = if served(&bytes).is_ok() { &ANSWERED } else { &REFUSED };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
