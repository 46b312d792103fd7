//! One request in the running batch: its tokens, its pages, and what of it is computed.

use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;

use super::output::Output;
use super::pages::{Node, Pages, root};
use super::request::{Event, Failure, Finish, Request, TokenInfo, Usage};
use crate::engine::{Chunk, ModelInfo, PageId, RopeFactors};
use crate::grammar::Constraint;
use crate::prompt::Language;
use crate::sampling::{Choice, Sampler};

/// A request that waits, with where its answer goes.
pub(super) struct Ticket {
    pub(super) request: Request,
    pub(super) answer: UnboundedSender<Event>,
    /// When it was asked for.
    pub(super) since: Instant,
}

impl Ticket {
    /// Whether somebody still wants the answer.
    pub(super) fn wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    pub(super) fn fail(self, failure: Failure) {
        // Nobody listening is fine.
        drop(self.answer.send(Event::Failed(failure)));
    }
}

/// What became of an answer by a token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Progress {
    /// It goes on.
    Runs,
    /// It is over; this is the last to be told.
    Over(Event),
}

/// A request that runs.
pub(super) struct Sequence {
    /// Prompt and answer.
    tokens: Vec<u32>,
    prompt: usize,
    max_tokens: usize,
    /// Found in the cache when it began.
    cached: Option<usize>,
    pages: Vec<PageId>,
    /// Tokens whose keys and values lie in the pages.
    computed: usize,
    /// Whole pages that are published, and the beginning that they make.
    published: usize,
    node: Node,
    rope: RopeFactors,
    sampler: Sampler,
    constraint: Option<Constraint>,
    output: Output,
    answer: UnboundedSender<Event>,
    /// When it was asked for.
    pub(super) since: Instant,
    /// Greater for those that came later.
    pub(super) serial: u64,
}

impl Sequence {
    /// Begins a request; nothing is computed and no page held.
    pub(super) fn new(ticket: Ticket, serial: u64, language: &dyn Language) -> Self {
        let Ticket { request, answer, since } = ticket;
        Self {
            prompt: request.prompt.len(),
            max_tokens: request.max_tokens,
            cached: None,
            pages: Vec::new(),
            computed: 0,
            published: 0,
            node: root(RopeFactors::Short),
            rope: RopeFactors::Short,
            sampler: Sampler::new(request.settings, &request.prompt),
            constraint: request.constraint,
            output: Output::new(request.stops, language),
            answer,
            since,
            serial,
            tokens: request.prompt,
        }
    }

    pub(super) fn wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    /// Tokens that are to be computed before the next one can be chosen.
    pub(super) fn pending(&self) -> usize {
        self.tokens.len() - self.computed
    }

    /// Whether it has all but its newest token in the cache.
    pub(super) fn decodes(&self) -> bool {
        self.pending() == 1 && self.computed > 0
    }

    /// Pages it will want for what it has now and the token after it, beyond those it holds.
    pub(super) fn wants(&self, size: usize) -> usize {
        (self.tokens.len() + 1).div_ceil(size).saturating_sub(self.pages.len())
    }

    /// Holds what of it is in the cache already.
    pub(super) fn begin(&mut self, pages: &mut Pages, info: &ModelInfo) {
        self.turn_long(pages, info);
        // The last token is always computed: its logits are wanted.
        let most = (self.tokens.len() - 1) / pages.size();
        let (found, node) = pages.find(self.rope, &self.tokens, most);
        self.computed = found.len() * pages.size();
        (self.published, self.node, self.pages) = (found.len(), node, found);
    }

    /// Notes what was found when it first ran; `None` when it did before.
    pub(super) fn note_cached(&mut self) -> Option<usize> {
        self.cached.is_none().then(|| *self.cached.insert(self.computed))
    }

    /// A sequence that outgrew the first length of the model is computed again with the other factors. Says whether.
    pub(super) fn turn_long(&mut self, pages: &mut Pages, info: &ModelInfo) -> bool {
        let outgrown = info.original_context.is_some_and(|most| self.tokens.len() > most);
        if !outgrown || self.rope == RopeFactors::Long {
            return false;
        }
        self.let_go(pages);
        self.rope = RopeFactors::Long;
        self.node = root(RopeFactors::Long);
        true
    }

    /// Gives its pages back; it is to be computed again, or over.
    pub(super) fn let_go(&mut self, pages: &mut Pages) {
        pages.release(&self.pages);
        self.pages.clear();
        (self.computed, self.published, self.node) = (0, 0, root(self.rope));
    }

    pub(super) fn holds_pages(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Gets pages for the next `count` tokens; says whether there were enough.
    pub(super) fn extend(&mut self, count: usize, pages: &mut Pages) -> bool {
        while self.pages.len() * pages.size() < self.computed + count {
            let Some(page) = pages.take() else { return false };
            self.pages.push(page);
        }
        true
    }

    /// The next `count` tokens for the model.
    pub(super) fn chunk(&self, count: usize) -> Chunk<'_> {
        Chunk {
            pages: &self.pages,
            start: self.computed,
            tokens: &self.tokens[self.computed..self.computed + count],
            rope: self.rope,
            logits: count == self.pending(),
        }
    }

    /// The next `count` tokens are computed. Says whether its logits are there.
    pub(super) fn advance(&mut self, count: usize, pages: &mut Pages) -> bool {
        self.computed += count;
        let size = pages.size();
        while (self.published + 1) * size <= self.computed {
            let at = self.published;
            let tokens = &self.tokens[at * size..(at + 1) * size];
            (self.pages[at], self.node) = pages.publish(self.pages[at], self.node, tokens);
            self.published += 1;
        }
        self.pending() == 0
    }

    /// Chooses the next token and tells it; gives what became of the answer by it.
    pub(super) fn choose(&mut self, logits: &mut [f32], language: &dyn Language, most: usize) -> Progress {
        let choice = match self.pick(logits) {
            Ok(choice) => choice,
            Err(failure) => return Progress::Over(Event::Failed(failure)),
        };
        if language.ends().contains(&choice.token) {
            return self.finish(Finish::Stop);
        }
        self.tokens.push(choice.token);
        let info =
            choice.logprobs.map(|found| TokenInfo { token: choice.token, logprob: found.chosen, top: found.top });
        let piece = self.output.push(language.bytes(choice.token), info);
        piece.event.into_iter().for_each(|event| self.tell(event));
        let complete = self.constraint.as_ref().is_some_and(Constraint::is_over);
        if piece.stopped || complete {
            return self.finish(Finish::Stop);
        }
        if self.answered() >= self.max_tokens || self.tokens.len() >= most {
            return self.finish(Finish::Length);
        }
        Progress::Runs
    }

    /// Tokens of the answer.
    pub(super) fn answered(&self) -> usize {
        self.tokens.len() - self.prompt
    }

    fn pick(&mut self, logits: &mut [f32]) -> Result<Choice, Failure> {
        let mask = match &mut self.constraint {
            Some(constraint) => Some(constraint.mask().map_err(|error| Failure::Shape(error.to_string()))?),
            None => None,
        };
        let none = || Failure::Model("it gave no token that may come next".to_owned());
        let choice = self.sampler.next(logits, mask).ok_or_else(none)?;
        if let Some(constraint) = &mut self.constraint {
            constraint.take(choice.token).map_err(|error| Failure::Shape(error.to_string()))?;
        }
        Ok(choice)
    }

    fn finish(&mut self, reason: Finish) -> Progress {
        if let Some(event) = self.output.finish() {
            self.tell(event);
        }
        let usage = Usage { prompt: self.prompt, cached: self.cached.unwrap_or(0), completion: self.answered() };
        Progress::Over(Event::Finished { reason, usage })
    }

    pub(super) fn tell(&self, event: Event) {
        // Who does not listen any more is found at the next step.
        drop(self.answer.send(event));
    }
}
