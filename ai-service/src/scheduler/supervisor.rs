//! The engine's thread: loads the model, warms it, runs the batch, and brings it back when it breaks.
//!
//! A panic in the model or around it ends the batch and what was in it; what waits goes on waiting for the next one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::batch::Batch;
use super::request::Failure;
use super::shared::{Ready, Shared, State};
use super::{Loaded, Loader};
use crate::engine::{Chunk, Model, PageId, RopeFactors};
use crate::grammar::Grammars;
use crate::prompt::Language;

/// Tokens computed before anybody asks, so that memory is touched and threads are up.
const WARM_TOKENS: usize = 16;
/// Longest time between two attempts to load.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Runs until the service ends.
pub(super) fn run(shared: &Shared, load: &Loader, slots: usize, retry: Duration) {
    let mut pause = retry;
    while !shared.stopping() {
        let attempt = catch_unwind(AssertUnwindSafe(|| prepare(load)));
        let (model, ready) = match attempt.unwrap_or_else(|_| Err("loading the model broke off".to_owned())) {
            Ok(prepared) => prepared,
            Err(why) => {
                tracing::error!(%why, "the model can't be loaded");
                shared.set(State::Failed(why));
                shared.fail_waiting(&Failure::Unavailable);
                shared.pause(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
                continue;
            }
        };
        pause = retry;
        let (name, kernels) = (ready.info.name.clone(), ready.info.kernels);
        tracing::info!(model = %name, kernels, context = ready.info.context, pages = ready.info.pages, "model ready");
        let ready = Arc::new(ready);
        let mut batch = Batch::new(model, ready.language.clone(), slots, shared.metrics().clone());
        shared.set(State::Ready(ready.clone()));
        match catch_unwind(AssertUnwindSafe(|| serve(shared, &mut batch))) {
            Ok(()) => break,
            Err(_) => {
                let lost = shared.metrics().running.get();
                tracing::error!(requests = lost, "the engine broke; it is started again");
                shared.metrics().failed.add(usize::try_from(lost).unwrap_or(0));
                shared.metrics().running.set(0);
                shared.metrics().pages_held.set(0);
                shared.metrics().restarts.add(1);
                shared.set(State::Restarting(ready));
                // Last: whoever was in it learns of it now, and finds all of this when they look.
                drop(batch);
            }
        }
    }
    shared.set(State::Stopped);
    shared.fail_waiting(&Failure::Stopping);
}

/// A model that is loaded and warm.
fn prepare(load: &Loader) -> Result<(Box<dyn Model>, Ready), String> {
    let Loaded { mut model, language } = load()?;
    let info = model.info().clone();
    if language.vocabulary() > info.vocabulary {
        let (words, rows) = (language.vocabulary(), info.vocabulary);
        return Err(format!("the tokenizer has {words} tokens and the model only {rows}; they don't belong together"));
    }
    warm(model.as_mut(), language.as_ref()).map_err(|error| error.to_string())?;
    let grammars = Grammars::new(language.as_ref(), info.vocabulary);
    Ok((model, Ready { info, language, grammars }))
}

/// Computes a short prompt and one token after it.
fn warm(model: &mut dyn Model, language: &dyn Language) -> Result<(), crate::engine::ModelError> {
    let info = model.info().clone();
    let most = WARM_TOKENS
        .min(info.batch_tokens)
        .min(info.context.saturating_sub(1))
        .min((info.page_tokens * info.pages).saturating_sub(1));
    let mut tokens = language.raw("The fleet has");
    tokens.resize(most.max(1), language.ends()[0]);
    let count = (tokens.len() + 1).div_ceil(info.page_tokens);
    let pages: Vec<PageId> = (0..PageId::try_from(count).unwrap_or(1)).collect();
    let rope = if info.original_context.is_some_and(|first| tokens.len() + 1 > first) {
        RopeFactors::Long
    } else {
        RopeFactors::Short
    };
    let mut logits = Vec::new();
    model.forward(&[Chunk { pages: &pages, start: 0, tokens: &tokens, rope, logits: true }], &mut logits)?;
    let next = [tokens[0]];
    model.forward(&[Chunk { pages: &pages, start: tokens.len(), tokens: &next, rope, logits: true }], &mut logits)
}

/// Steps while there is something to do. Returns when the service ends.
fn serve(shared: &Shared, batch: &mut Batch) {
    loop {
        if shared.stopping() {
            return batch.abandon(&Failure::Stopping);
        }
        batch.tidy();
        while batch.has_slot() {
            let Some(ticket) = shared.take() else { break };
            batch.admit(ticket);
        }
        if batch.is_empty() {
            if !shared.wait() {
                return;
            }
        } else {
            batch.step();
        }
    }
}
