//! A model without weights: the next token is a function of the sequence, and the page contract is checked to the letter.
//!
//! For tests of what stands above the engine, and to try the service without a file. It remembers what was written at
//! each position of each page; a step that reads what was never written, or another sequence's, is refused as
//! [`ModelError::BadChunk`] and counted in [`Controls::violations`]. It is not a language model.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::model::{Chunk, Model, ModelError, ModelInfo, PageId, RopeFactors};

/// Begins every sequence. The tokens below it are bytes.
pub const BEGIN: u32 = 256;
/// Ends a message.
pub const END: u32 = 257;
/// Begins the system's message.
pub const SYSTEM: u32 = 258;
/// Begins a question.
pub const USER: u32 = 259;
/// Begins an answer.
pub const ASSISTANT: u32 = 260;
/// The words that are one token, after [`ASSISTANT`].
pub const WORDS: [&str; 9] = ["the", "the ", " are", " running", "WorkSpace", "WorkSpaces", "null", "\":", "\u{1f600}"];
/// Tokens there are.
pub const VOCABULARY: usize = 261 + WORDS.len();
/// How far the wanted token stands above the others, which lie between 0 and [`NOISE`].
const WANTED: f32 = 12.0;
const NOISE: f32 = 4.0;
/// Tokens that [`Controls::said`] remembers.
const MOST_SAID: usize = 4096;

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Script {
    /// In a conversation, the last question, word for word. Elsewhere the next letter of the alphabet.
    #[default]
    Echo,
    /// A token that nobody can foresee, but always the same after the same sequence. It seldom ends.
    Babble,
}

/// Its size and what it says.
#[derive(Debug, Clone)]
pub struct ScriptedOptions {
    /// See [`ModelInfo::context`].
    pub context: usize,
    /// See [`ModelInfo::original_context`].
    pub original_context: Option<usize>,
    /// See [`ModelInfo::page_tokens`].
    pub page_tokens: usize,
    /// See [`ModelInfo::pages`].
    pub pages: usize,
    /// See [`ModelInfo::batch_tokens`].
    pub batch_tokens: usize,
    /// What it says.
    pub script: Script,
}

impl Default for ScriptedOptions {
    fn default() -> Self {
        Self {
            context: 4096,
            original_context: None,
            page_tokens: 16,
            pages: 1024,
            batch_tokens: 256,
            script: Script::Echo,
        }
    }
}

/// What a test holds in its hand: how the model behaves and what was asked of it. Outlives the model.
#[derive(Debug, Default)]
pub struct Controls {
    gate: Mutex<Gate>,
    opened: Condvar,
    steps: AtomicU64,
    tokens: AtomicU64,
    widest: AtomicUsize,
    violations: AtomicU64,
    said: Mutex<Vec<u32>>,
}

#[derive(Debug, Default)]
struct Gate {
    held: bool,
    waiting: bool,
    panic_in: Option<u64>,
    not_finite_in: Option<u64>,
    pause: Option<std::time::Duration>,
}

impl Controls {
    /// The next step waits until [`release`](Self::release).
    pub fn hold(&self) {
        self.gate().held = true;
    }

    /// Steps go on.
    pub fn release(&self) {
        self.gate().held = false;
        self.opened.notify_all();
    }

    /// Waits until a step has come to the closed gate.
    pub fn wait_until_held(&self) {
        let mut gate = self.gate();
        while !gate.waiting {
            gate = self.opened.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Each step takes at least so long.
    pub fn slow(&self, pause: std::time::Duration) {
        self.gate().pause = Some(pause);
    }

    /// Panics in the step after `steps` more.
    pub fn panic_in(&self, steps: u64) {
        self.gate().panic_in = Some(steps);
    }

    /// The step after `steps` more gives no numbers.
    pub fn not_finite_in(&self, steps: u64) {
        self.gate().not_finite_in = Some(steps);
    }

    /// Steps so far, over all models with these controls.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::SeqCst)
    }

    /// Tokens computed so far.
    pub fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::SeqCst)
    }

    /// Most sequences in one step.
    pub fn widest(&self) -> usize {
        self.widest.load(Ordering::SeqCst)
    }

    /// The likeliest tokens of all rows so far, in the order in which they were computed; the first thousands of them.
    pub fn said(&self) -> Vec<u32> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Steps that broke the page contract. Anything but 0 is an error in the scheduler.
    pub fn violations(&self) -> u64 {
        self.violations.load(Ordering::SeqCst)
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits at the gate; says whether the step shall give no numbers.
    fn pass(&self) -> bool {
        let mut gate = self.gate();
        gate.waiting = gate.held;
        self.opened.notify_all();
        while gate.held {
            gate = self.opened.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        gate.waiting = false;
        let mut due = |field: fn(&mut Gate) -> &mut Option<u64>| match field(&mut gate) {
            Some(0) => {
                *field(&mut gate) = None;
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        };
        let (panics, not_finite) = (due(|gate| &mut gate.panic_in), due(|gate| &mut gate.not_finite_in));
        let pause = gate.pause;
        drop(gate);
        if let Some(pause) = pause {
            std::thread::sleep(pause);
        }
        assert!(!panics, "the scripted model was told to panic");
        not_finite
    }
}

/// What lies at a position of a page.
#[derive(Clone, Copy)]
struct Slot {
    position: usize,
    token: u32,
    rope: RopeFactors,
    /// Of this token and all before it.
    chain: u64,
}

/// The model.
pub struct Scripted {
    info: ModelInfo,
    script: Script,
    slots: Vec<Option<Slot>>,
    controls: Arc<Controls>,
}

impl Scripted {
    /// An empty one.
    pub fn new(options: &ScriptedOptions, controls: Arc<Controls>) -> Self {
        let info = ModelInfo {
            name: "scripted".to_owned(),
            vocabulary: VOCABULARY,
            context: options.context,
            original_context: options.original_context,
            page_tokens: options.page_tokens,
            pages: options.pages,
            batch_tokens: options.batch_tokens,
            weight_bytes: 0,
            cache_bytes: (options.pages * options.page_tokens * size_of::<Option<Slot>>()) as u64,
            kernels: "scripted",
        };
        let slots = vec![None; options.pages * options.page_tokens];
        Self { info, script: options.script, slots, controls }
    }

    fn check(&self, chunks: &[Chunk<'_>]) -> Result<(), &'static str> {
        let mut users: HashSet<PageId> = HashSet::new();
        let mut written: HashSet<PageId> = HashSet::new();
        if chunks.iter().map(|chunk| chunk.tokens.len()).sum::<usize>() > self.info.batch_tokens {
            return Err("more tokens than a step takes");
        }
        for chunk in chunks {
            let end = chunk.start + chunk.tokens.len();
            let size = self.info.page_tokens;
            if chunk.tokens.is_empty() || end > self.info.context || chunk.pages.len() * size < end {
                return Err("no tokens, too many, or too few pages for them");
            }
            if chunk.tokens.iter().any(|token| *token as usize >= VOCABULARY) {
                return Err("a token that there is not");
            }
            let mut own = HashSet::new();
            if !chunk.pages.iter().all(|page| (*page as usize) < self.info.pages && own.insert(*page)) {
                return Err("a page that there is not, or twice the same");
            }
            let writes: HashSet<PageId> = chunk.pages[chunk.start / size..end.div_ceil(size)].iter().copied().collect();
            if !users.is_disjoint(&writes) || !written.is_disjoint(&own) {
                return Err("a page is written that another sequence of this step uses");
            }
            users.extend(own);
            written.extend(writes);
            if self.info.original_context.is_some_and(|most| chunk.rope == RopeFactors::Short && end > most) {
                return Err("short factors for a long sequence");
            }
            let mut chain = 0;
            for position in 0..chunk.start {
                let Some(slot) = self.slots[self.slot(chunk.pages, position)] else {
                    return Err("a position is read that was never written");
                };
                chain = follow(chain, slot.token, chunk.rope);
                if slot.position != position || slot.rope != chunk.rope || slot.chain != chain {
                    return Err("a page holds another sequence's past");
                }
            }
        }
        Ok(())
    }

    fn slot(&self, pages: &[PageId], position: usize) -> usize {
        pages[position / self.info.page_tokens] as usize * self.info.page_tokens + position % self.info.page_tokens
    }

    fn at(&self, pages: &[PageId], position: usize) -> Option<Slot> {
        self.slots[self.slot(pages, position)]
    }

    fn next(&self, tokens: &[u32], chain: u64) -> u32 {
        match self.script {
            Script::Babble => (mix(chain) % VOCABULARY as u64) as u32,
            Script::Echo => echo(tokens),
        }
    }
}

/// The next token of the last question, said again.
fn echo(tokens: &[u32]) -> u32 {
    let Some(answer) = tokens.iter().rposition(|token| *token == ASSISTANT) else {
        return match tokens.last() {
            Some(letter @ 97..=121) => letter + 1,
            _ => u32::from(b'a'),
        };
    };
    let question =
        tokens[..answer].iter().rposition(|token| *token == USER).map_or(&[][..], |at| &tokens[at + 1..answer]);
    question.get(tokens.len() - answer - 1).copied().unwrap_or(END)
}

fn follow(chain: u64, token: u32, rope: RopeFactors) -> u64 {
    mix(chain ^ u64::from(token) ^ if rope == RopeFactors::Long { 1 << 40 } else { 1 << 41 })
}

/// Spreads the bits of a number (the finisher of SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Model for Scripted {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn forward(&mut self, chunks: &[Chunk<'_>], logits: &mut Vec<f32>) -> Result<(), ModelError> {
        logits.clear();
        let not_finite = self.controls.pass();
        self.controls.steps.fetch_add(1, Ordering::SeqCst);
        self.controls.widest.fetch_max(chunks.len(), Ordering::SeqCst);
        if let Err(what) = self.check(chunks) {
            self.controls.violations.fetch_add(1, Ordering::SeqCst);
            return Err(ModelError::BadChunk(what));
        }
        if not_finite {
            return Err(ModelError::NotFinite);
        }
        for chunk in chunks {
            self.controls.tokens.fetch_add(chunk.tokens.len() as u64, Ordering::SeqCst);
            let mut chain =
                chunk.start.checked_sub(1).and_then(|last| self.at(chunk.pages, last)).map_or(0, |slot| slot.chain);
            for (offset, token) in chunk.tokens.iter().enumerate() {
                let position = chunk.start + offset;
                chain = follow(chain, *token, chunk.rope);
                let slot = self.slot(chunk.pages, position);
                self.slots[slot] = Some(Slot { position, token: *token, rope: chunk.rope, chain });
            }
            if chunk.logits {
                let end = chunk.start + chunk.tokens.len();
                let tokens: Vec<u32> =
                    (0..end).filter_map(|position| self.at(chunk.pages, position)).map(|slot| slot.token).collect();
                let wanted = self.next(&tokens, chain);
                let mut said = self.controls.said.lock().unwrap_or_else(PoisonError::into_inner);
                if said.len() < MOST_SAID {
                    said.push(wanted);
                }
                logits.extend((0..VOCABULARY as u32).map(|token| match token {
                    _ if token == wanted => WANTED,
                    _ => (mix(chain ^ u64::from(token) << 8) >> 40) as f32 / (1 << 24) as f32 * NOISE,
                }));
            }
        }
        Ok(())
    }
}
