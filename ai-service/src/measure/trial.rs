//! Trials of a loaded model: prompts are read, tokens written, and the time that takes is counted.
//!
//! What is read means nothing. To add a trial: a variant of [`Trial`] and its arm in [`Trial::run`].

use std::time::Instant;

use crate::engine::{Chunk, Model, PageId, RopeFactors};

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// A prompt of so many tokens is read.
    Read {
        /// Tokens.
        prompt: usize,
    },
    /// Tokens are written behind prompts.
    Write {
        /// Tokens of each prompt.
        prompt: usize,
        /// Requests that are answered together.
        requests: usize,
        /// Tokens of each answer.
        steps: usize,
    },
}

/// The time a trial took.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Tokens read or written in it.
    pub tokens: usize,
    /// Seconds that passed.
    pub wall_seconds: f64,
    /// Seconds that this process's threads ran; `None` where there is no `/proc`.
    pub processor_seconds: Option<f64>,
}

impl Spent {
    /// Tokens a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.tokens as f64 / self.wall_seconds.max(f64::MIN_POSITIVE)
    }

    /// Tokens a second of one processor: the figure to compare on a machine that has other work too.
    #[must_use]
    pub fn per_processor_second(&self) -> Option<f64> {
        self.processor_seconds.map(|seconds| self.tokens as f64 / seconds.max(f64::MIN_POSITIVE))
    }
}

/// A moment, in wall and processor time.
pub struct Watch {
    wall: Instant,
    processor: Option<f64>,
}

impl Watch {
    /// Now.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: Instant::now(), processor: processor_seconds() }
    }

    /// What has been spent since, on so many tokens.
    #[must_use]
    pub fn spent(&self, tokens: usize) -> Spent {
        let processor_seconds = self.processor.and_then(|before| Some(processor_seconds()? - before));
        Spent { tokens, wall_seconds: self.wall.elapsed().as_secs_f64(), processor_seconds }
    }
}

/// Time that the threads which this process has now have run, in seconds.
fn processor_seconds() -> Option<f64> {
    let mut nanoseconds = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()?.flatten() {
        // A thread that ends meanwhile is none of the model's.
        let Ok(text) = std::fs::read_to_string(task.path().join("schedstat")) else { continue };
        nanoseconds += text.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}

impl Trial {
    /// Tries it. Prompts and answers are cut to what the cache has room for.
    ///
    /// # Errors
    /// A sentence: the model computes no numbers.
    pub fn run(self, model: &mut dyn Model) -> Result<Spent, String> {
        let mut logits = Vec::new();
        match self {
            Self::Read { prompt } => {
                let mut sequence = Sequence::new(model, 0, 1);
                let watch = Watch::start();
                let tokens = sequence.read(model, prompt, &mut logits)?;
                Ok(watch.spent(tokens))
            }
            Self::Write { prompt, requests, steps } => {
                let mut all: Vec<Sequence> =
                    (0..requests).map(|number| Sequence::new(model, number, requests)).collect();
                for sequence in &mut all {
                    let prompt = prompt.min(sequence.room().saturating_sub(steps)).max(1);
                    sequence.read(model, prompt, &mut logits)?;
                }
                let steps = all.iter().map(Sequence::room).min().unwrap_or_default().min(steps);
                let watch = Watch::start();
                for _ in 0..steps {
                    write(model, &mut all, &mut logits)?;
                }
                Ok(watch.spent(steps * requests))
            }
        }
    }
}

/// Tokens that follow each other, and the pages they have.
struct Sequence {
    pages: Vec<PageId>,
    positions: usize,
    length: usize,
}

impl Sequence {
    /// The `number`th of `of`, each with an equal part of the cache.
    fn new(model: &dyn Model, number: usize, of: usize) -> Self {
        let info = model.info();
        let each = info.pages / of.max(1);
        let pages: Vec<PageId> = (0..).skip(number * each).take(each).collect();
        Self { positions: info.context.min(pages.len() * info.page_tokens), pages, length: 0 }
    }

    /// Positions that are free.
    fn room(&self) -> usize {
        self.positions - self.length
    }

    /// Reads so many tokens, in steps of what the model takes. Says how many.
    fn read(&mut self, model: &mut dyn Model, count: usize, logits: &mut Vec<f32>) -> Result<usize, String> {
        let most = model.info().batch_tokens.max(1);
        let count = count.min(self.room());
        let end = self.length + count;
        while self.length < end {
            let tokens: Vec<u32> = (self.length..end.min(self.length + most)).map(|at| token(model, at)).collect();
            let last = self.length + tokens.len() == end;
            model.forward(&[self.chunk(&tokens, last)], logits).map_err(|error| error.to_string())?;
            self.length += tokens.len();
        }
        Ok(count)
    }

    fn chunk<'a>(&'a self, tokens: &'a [u32], logits: bool) -> Chunk<'a> {
        Chunk { pages: &self.pages, start: self.length, tokens, rope: RopeFactors::Short, logits }
    }
}

/// One token of each.
fn write(model: &mut dyn Model, all: &mut [Sequence], logits: &mut Vec<f32>) -> Result<(), String> {
    let tokens: Vec<[u32; 1]> = all.iter().map(|sequence| [token(model, sequence.length)]).collect();
    let chunks: Vec<_> = all.iter().zip(&tokens).map(|(sequence, token)| sequence.chunk(token, true)).collect();
    model.forward(&chunks, logits).map_err(|error| error.to_string())?;
    all.iter_mut().for_each(|sequence| sequence.length += 1);
    Ok(())
}

/// The token at a position.
fn token(model: &dyn Model, position: usize) -> u32 {
    u32::try_from(position * 37 % model.info().vocabulary.max(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::scripted::{Controls, Scripted, ScriptedOptions};

    #[test]
    fn trials_keep_to_the_cache_and_count_their_tokens() {
        let options = ScriptedOptions { pages: 16, page_tokens: 16, context: 200, ..ScriptedOptions::default() };
        let controls = Arc::new(Controls::default());
        let mut model = Scripted::new(&options, controls.clone());
        let mut tokens = |trial: Trial| trial.run(&mut model).unwrap().tokens;
        assert_eq!(tokens(Trial::Read { prompt: 100 }), 100);
        assert_eq!(tokens(Trial::Read { prompt: 1000 }), 200);
        assert_eq!(tokens(Trial::Write { prompt: 20, requests: 4, steps: 5 }), 20);
        assert_eq!(tokens(Trial::Write { prompt: 1000, requests: 8, steps: 5 }), 40);
        assert_eq!(controls.violations(), 0);
        let spent = Spent { tokens: 10, wall_seconds: 2.0, processor_seconds: Some(4.0) };
        assert_eq!((spent.per_second(), spent.per_processor_second()), (5.0, Some(2.5)));
    }
}
