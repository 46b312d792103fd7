//! The running batch: requests join, each step computes a piece of every one, and they leave when they are over.
//!
//! A step takes the newest token of every running answer first, then fills up with pieces of prompts, shared evenly
//! between those that still have some. Where pages run out, the request that came last gives up its own and is computed
//! again later: what was told stays told, since its tokens are kept.

use std::collections::VecDeque;
use std::sync::Arc;

use super::metrics::Metrics;
use super::pages::Pages;
use super::request::{Event, Failure};
use super::sequence::{Progress, Sequence, Ticket};
use crate::engine::{Model, ModelError, ModelInfo};
use crate::prompt::Language;

/// Tokens of a prompt that are worth a place in a step, where there is room for more than one prompt.
const LEAST_PIECE: usize = 32;

/// Everything that runs on one loaded model.
pub(super) struct Batch {
    model: Box<dyn Model>,
    info: ModelInfo,
    language: Arc<dyn Language>,
    pages: Pages,
    /// In the order in which they came.
    running: Vec<Sequence>,
    /// Gave their pages up; they come before everybody who waits.
    paused: VecDeque<Sequence>,
    slots: usize,
    /// Most tokens of a sequence.
    most: usize,
    serial: u64,
    /// Where the next step begins among the decodes, when not all of them fit in one.
    turn: usize,
    logits: Vec<f32>,
    metrics: Arc<Metrics>,
}

/// Most tokens of one sequence: what the model takes and the cache holds.
pub(super) fn longest(info: &ModelInfo) -> usize {
    info.context.min(info.pages * info.page_tokens)
}

/// A piece of a sequence in a step.
#[derive(Clone, Copy)]
struct Piece {
    at: usize,
    count: usize,
}

impl Batch {
    pub(super) fn new(model: Box<dyn Model>, language: Arc<dyn Language>, slots: usize, metrics: Arc<Metrics>) -> Self {
        let info = model.info().clone();
        Self {
            model,
            language,
            pages: Pages::new(info.pages, info.page_tokens),
            running: Vec::new(),
            paused: VecDeque::new(),
            slots: slots.max(1),
            most: longest(&info),
            serial: 0,
            turn: 0,
            logits: Vec::new(),
            metrics,
            info,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.paused.is_empty()
    }

    /// Whether there is a place for one more.
    pub(super) fn has_slot(&self) -> bool {
        self.running.len() < self.slots && self.paused.is_empty()
    }

    /// Lets go of what nobody wants any more, and takes paused ones back while there are pages.
    pub(super) fn tidy(&mut self) {
        let (kept, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.running).into_iter().partition(Sequence::wanted);
        self.running = kept;
        self.metrics.cancelled.add(gone.len());
        gone.into_iter().for_each(|mut sequence| sequence.let_go(&mut self.pages));
        let before = self.paused.len();
        self.paused.retain(Sequence::wanted);
        self.metrics.cancelled.add(before - self.paused.len());
        while self.running.len() < self.slots
            && let Some(sequence) = self.paused.pop_front()
        {
            if let Some(sequence) = self.enter(sequence) {
                self.paused.push_front(sequence);
                break;
            }
        }
        self.show();
    }

    /// Takes a request in. Where there are no pages for it now, nobody else gets in before it.
    pub(super) fn admit(&mut self, ticket: Ticket) {
        self.serial += 1;
        let sequence = Sequence::new(ticket, self.serial, self.language.as_ref());
        if let Some(sequence) = self.enter(sequence) {
            self.paused.push_back(sequence);
        }
    }

    /// Fails everything that runs.
    pub(super) fn abandon(&mut self, failure: &Failure) {
        self.running.extend(self.paused.drain(..));
        self.leave((0..self.running.len()).map(|at| (at, Event::Failed(failure.clone()))).collect());
    }

    /// One step of everything that runs.
    pub(super) fn step(&mut self) {
        for sequence in &mut self.running {
            if sequence.turn_long(&mut self.pages, &self.info) {
                sequence.begin(&mut self.pages, &self.info);
            }
        }
        let pieces = self.plan();
        if pieces.is_empty() {
            return;
        }
        let chunks: Vec<_> = pieces.iter().map(|piece| self.running[piece.at].chunk(piece.count)).collect();
        self.show();
        let begun = std::time::Instant::now();
        let result = self.model.forward(&chunks, &mut self.logits);
        self.metrics.steps.note(begun.elapsed());
        self.metrics.computed.add(pieces.iter().map(|piece| piece.count).sum());
        let over = match result {
            Ok(()) => self.tell(&pieces),
            Err(error) => self.fail(&pieces, &error),
        };
        self.leave(over);
    }

    /// Lets go of what is over. It is told last, so that who hears of it finds its place and its pages free.
    fn leave(&mut self, mut over: Vec<(usize, Event)>) {
        over.sort_unstable_by_key(|(at, _)| std::cmp::Reverse(*at));
        let mut left = Vec::new();
        for (at, event) in over {
            let mut sequence = self.running.remove(at);
            sequence.let_go(&mut self.pages);
            match event {
                Event::Finished { .. } => {
                    self.metrics.finished.add(1);
                    self.metrics.requests.note(sequence.since.elapsed());
                }
                _ => self.metrics.failed.add(1),
            }
            left.push((sequence, event));
        }
        self.show();
        left.into_iter().for_each(|(sequence, event)| sequence.tell(event));
    }

    /// Chooses the next tokens; gives those that are over, and what is to be told of them.
    fn tell(&mut self, pieces: &[Piece]) -> Vec<(usize, Event)> {
        let mut rows = self.logits.chunks_exact_mut(self.info.vocabulary);
        let mut over = Vec::new();
        for piece in pieces {
            let sequence = &mut self.running[piece.at];
            if !sequence.advance(piece.count, &mut self.pages) {
                continue;
            }
            let Some(row) = rows.next() else {
                over.push((piece.at, Event::Failed(Failure::Model("it gave too few rows".to_owned()))));
                continue;
            };
            let before = sequence.answered();
            let progress = sequence.choose(row, self.language.as_ref(), self.most);
            self.metrics.generated.add(sequence.answered() - before);
            if before == 0 {
                self.metrics.first_token.note(sequence.since.elapsed());
            }
            if let Progress::Over(event) = progress {
                over.push((piece.at, event));
            }
        }
        over
    }

    /// A step that gave nothing fails those in it; their pages hold nothing that may be relied on.
    fn fail(&self, pieces: &[Piece], error: &ModelError) -> Vec<(usize, Event)> {
        tracing::error!(%error, requests = pieces.len(), "a step of the model failed");
        pieces.iter().map(|piece| (piece.at, Event::Failed(Failure::Model(error.to_string())))).collect()
    }

    /// What the next step computes, with pages for all of it.
    fn plan(&mut self) -> Vec<Piece> {
        let decodes: Vec<usize> = (0..self.running.len()).filter(|at| self.running[*at].decodes()).collect();
        let prompts: Vec<usize> = (0..self.running.len()).filter(|at| !self.running[*at].decodes()).collect();
        let mut left = self.info.batch_tokens;
        let mut wanted: Vec<Piece> = Vec::new();
        // The step goes on where the last one ended, when there are more decodes than it takes.
        let first = if decodes.len() > left { self.turn % decodes.len() } else { 0 };
        for offset in 0..decodes.len().min(left) {
            wanted.push(Piece { at: decodes[(first + offset) % decodes.len()], count: 1 });
        }
        self.turn = first + decodes.len().min(left);
        left -= wanted.len();
        let mut rest = prompts.len();
        for at in prompts {
            // An even share of what is left, of a useful size; those that need less leave it to the others.
            let share = (left / rest.max(1)).max(LEAST_PIECE).min(left);
            let count = self.running[at].pending().min(share);
            rest -= 1;
            if count > 0 {
                left -= count;
                wanted.push(Piece { at, count });
            }
        }
        // The oldest first, so that pages are taken from those that came last and the oldest always moves on.
        wanted.sort_unstable_by_key(|piece| piece.at);
        self.supply(wanted)
    }

    /// Gets pages for every piece; those that had to give theirs up are out of the step and paused.
    fn supply(&mut self, wanted: Vec<Piece>) -> Vec<Piece> {
        let mut supplied: Vec<Piece> = Vec::new();
        let mut gone: Vec<usize> = Vec::new();
        for piece in wanted {
            while !gone.contains(&piece.at) && !self.running[piece.at].extend(piece.count, &mut self.pages) {
                let mut youngest = (0..self.running.len()).rev();
                let victim =
                    youngest.find(|at| *at >= piece.at && !gone.contains(at) && self.running[*at].holds_pages());
                let victim = victim.unwrap_or(piece.at);
                self.running[victim].let_go(&mut self.pages);
                supplied.retain(|other| other.at != victim);
                gone.push(victim);
                self.metrics.preempted.add(1);
            }
            if !gone.contains(&piece.at) {
                supplied.push(piece);
            }
        }
        gone.sort_unstable_by(|a, b| b.cmp(a));
        for at in gone {
            let sequence = self.running.remove(at);
            self.paused.push_front(sequence);
            supplied.iter_mut().filter(|piece| piece.at > at).for_each(|piece| piece.at -= 1);
        }
        supplied
    }

    /// Lets a sequence run, or gives it back where there are too few pages for it and others run.
    fn enter(&mut self, mut sequence: Sequence) -> Option<Sequence> {
        sequence.begin(&mut self.pages, &self.info);
        if !self.running.is_empty() && self.spare() < sequence.wants(self.pages.size()) {
            sequence.let_go(&mut self.pages);
            return Some(sequence);
        }
        if let Some(cached) = sequence.note_cached() {
            self.metrics.cached.add(cached);
        }
        let at = self.running.partition_point(|other| other.serial < sequence.serial);
        self.running.insert(at, sequence);
        None
    }

    /// Pages that nobody who runs will want soon.
    fn spare(&self) -> usize {
        let size = self.pages.size();
        let wanted: usize = self.running.iter().map(|sequence| sequence.wants(size)).sum();
        self.pages.available().saturating_sub(wanted)
    }

    /// Shows what is used now.
    fn show(&self) {
        self.metrics.running.set(self.running.len() + self.paused.len());
        self.metrics.pages.set(self.pages.count());
        self.metrics.pages_held.set(self.pages.held());
        self.metrics.pages_kept.set(self.pages.kept());
    }
}
