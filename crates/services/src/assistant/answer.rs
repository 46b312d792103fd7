//! One question from its plan to its answer. It is claimed first, so that nobody else answers it at the same time. The claim is a short
//! one that is renewed for as long as the answer is made: whoever dies leaves one that soon runs out. When nobody listens any more the
//! work is dropped, the model's connection with it, and the question stands as if nobody had begun.
//!
//! What a question knows of its conversation is one thing: the plan of the last answer before it, so that `And in Ireland?` goes on
//! from there. No earlier question and no earlier answer is ever shown to a model, so that a conversation of any length costs as
//! much as one question, and nothing that was said before can be taken for a fact: facts are found out anew for each. Those that
//! are too many for a model ([`prompt`]) are not left out but said in written sentences.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use domain::access::Actor;
use domain::assistant::check::Splitter;
use domain::assistant::{Call, Facts, Help, Level, LevelFailure, Plan, Source, Tool, rules};
use domain::ids::{TurnId, UserId};
use platform::chat::{ChatRequest, Piece};
use store::repo::assistant::{self as repo, Answered, PassedOver, TurnRecord, TurnState};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

use super::compose::Composer;
use super::conversations::{asker, own_turn};
use super::levels::{Rung, Unheard, Voice, failure};
use super::quota::{Quota, charge, quotas};
use super::stats::Tally;
use super::{AssistantError, planner, prompt, tools};
use crate::Context;

/// Answers of one person that are made at a time.
const MOST_AT_ONCE: u64 = 4;
/// How long a claim holds that nobody renews.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How often whoever answers renews it.
const RENEWED_EACH: Duration = Duration::from_secs(10);

/// What is told while an answer is made. It ends with `Done` or `Failed`.
#[derive(Debug)]
pub enum Step {
    /// What was found out can be seen there.
    Sources(Vec<Source>),
    /// Who phrases it.
    Writing(Level),
    /// A sentence that was checked.
    Sentence(String),
    /// The whole turn, as it is kept.
    Done(Box<TurnRecord>),
    /// It could not be answered.
    Failed(AssistantError),
}

/// What there is of an answer.
#[derive(Debug)]
pub enum Answer {
    /// It was made before.
    Told(Box<TurnRecord>),
    /// It is to be made.
    Begun(Box<Answering>),
}

/// A question that is claimed, to be answered by [`Answering::run`].
#[derive(Debug)]
pub struct Answering {
    ctx: Context,
    actor: Actor,
    user: UserId,
    turn: TurnRecord,
    claim: Uuid,
    tokens: Meter,
    /// How often it says that it is alive.
    pub(super) renewed_each: Duration,
}

/// Begins to answer one of the actor's questions, or gives the answer that it has.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::Answering`], [`AssistantError::TooMany`],
/// [`AssistantError::Store`].
pub async fn begin_answer(ctx: &Context, actor: &Actor, id: TurnId) -> Result<Answer, AssistantError> {
    let user = asker(actor)?;
    let turn = own_turn(&ctx.db, user, id).await?;
    if turn.state == TurnState::Answered {
        return Ok(Answer::Told(Box::new(turn)));
    }
    let (now, claim) = (ctx.env.now(), ctx.env.new_id());
    let tx = ctx.db.begin().await?;
    if repo::turn_claims_of(&tx, user, now).await? >= MOST_AT_ONCE {
        return Err(AssistantError::TooMany(MOST_AT_ONCE));
    }
    let claimed = repo::turn_claim(&tx, id, claim, now, now + LEASE).await?;
    tx.commit().await?;
    if !claimed {
        let turn = own_turn(&ctx.db, user, id).await?;
        let told = turn.state == TurnState::Answered;
        return if told { Ok(Answer::Told(Box::new(turn))) } else { Err(AssistantError::Answering) };
    }
    let (ctx, actor, tokens) = (ctx.clone(), actor.clone(), Meter::default());
    let answering = Answering { ctx, actor, user, turn, claim, tokens, renewed_each: RENEWED_EACH };
    Ok(Answer::Begun(Box::new(answering)))
}

impl Answering {
    /// Answers, and tells `out` what happens. Ends at once when nobody listens any more, or whoever asked may not any more, which
    /// is when `ended` is.
    pub async fn run(self, out: Sender<Step>, ended: impl Future<Output = ()> + Send) {
        let done = tokio::select! {
            biased;
            () = out.closed() => None,
            () = ended => None,
            done = Box::pin(self.answer(&out)) => Some(done),
            () = self.renew() => None,
        };
        // Tokens were used also for what nobody waited for.
        if let Err(error) = charge(&self.ctx, self.user, self.tokens.total()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the tokens of an answer were not counted");
        }
        let last = match done {
            Some(Ok(turn)) => Step::Done(Box::new(turn)),
            Some(Err(error)) => {
                self.release().await;
                Step::Failed(error)
            }
            None => return self.release().await,
        };
        // Who went away in between finds the answer where it is kept.
        drop(out.send(last).await);
    }

    /// Says again and again that this answer is alive, and never ends: who lost the claim is told so when the answer is to be kept.
    async fn renew(&self) {
        let mut ticks = tokio::time::interval(self.renewed_each);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            // One that takes long must not take the time of the next, or the claim runs out.
            match tokio::time::timeout(RENEWED_EACH / 2, self.keep_claim()).await {
                Ok(Ok(())) => {}
                Ok(Err(AssistantError::TakenOver)) => return std::future::pending().await,
                Ok(Err(error)) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the claim of a question was not renewed");
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the claim of a question was not renewed");
                }
            }
        }
    }

    async fn release(&self) {
        if let Err(error) = repo::turn_release(&self.ctx.db, self.turn.id, self.claim).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a question was not given back; its claim runs out"
            );
        }
    }

    async fn answer(&self, out: &Sender<Step>) -> Result<TurnRecord, AssistantError> {
        let ctx = &self.ctx;
        let mut tally = Tally::default();
        let mut rungs = self.rungs().await?;
        let plan = self.plan(&mut rungs, &mut tally).await?;
        let facts = tools::run(ctx, &self.actor, &plan, ctx.env.now()).await?;
        tell(out, Step::Sources(facts.sources.clone())).await;
        let mut composer = Composer::new(&facts);
        let mut passed_over = Vec::new();
        let level = self.phrase(&facts, rungs, &mut composer, &mut passed_over, &mut tally, out).await?;
        tally.answered(level);

        let answer = composer.into_answer();
        let at = ctx.env.now();
        let answered = Answered { plan, answer, sources: facts.sources, level, passed_over, at };
        let tx = ctx.db.begin().await?;
        if !repo::turn_finish(&tx, self.turn.id, self.claim, &answered).await? {
            return Err(AssistantError::TakenOver);
        }
        let turn = own_turn(&tx, self.user, self.turn.id).await?;
        tally.write(&tx, at.date_naive()).await?;
        tx.commit().await?;
        Ok(turn)
    }

    /// Who can phrase; nobody where the tokens are used up.
    async fn rungs(&self) -> Result<Vec<Rung>, AssistantError> {
        let spent = quotas(&self.ctx, self.user).await?.iter().any(Quota::used_up);
        let mut rungs = self.ctx.assistant.rungs(self.ctx.env.now()).await;
        for rung in rungs.iter_mut().filter(|rung| spent && rung.voice.is_ok()) {
            rung.voice = Err(LevelFailure::Quota);
        }
        Ok(rungs)
    }

    /// What to look up: by the rules, else by a model under the schema of plans, else what can be asked.
    async fn plan(&self, rungs: &mut [Rung], tally: &mut Tally) -> Result<Plan, AssistantError> {
        let (ctx, question) = (&self.ctx, self.turn.question.as_str());
        let lexicon = planner::lexicon(ctx, &self.actor).await?;
        let previous = repo::turn_plan_before(&ctx.db, self.turn.conversation_id, self.turn.id).await?;
        let today = ctx.env.now().date_naive();
        if let Some(plan) = rules::plan(question, &lexicon, today, previous.as_ref()) {
            return Ok(plan);
        }
        for rung in rungs {
            let Ok(voice) = rung.voice.clone() else { continue };
            self.keep_claim().await?;
            let schema = planner::plan_schema(&lexicon);
            let request = prompt::planning(planner::PROMPT, question, today, previous.as_ref(), schema);
            match voice.guarded(&ctx.env, self.whole(&voice, request)).await {
                Ok(text) => {
                    if let Some(plan) = planner::parse(&text, &lexicon) {
                        return Ok(plan);
                    }
                    tally.failed(rung.level, LevelFailure::Failed);
                    break;
                }
                Err(unheard) => {
                    tally.failed(rung.level, unheard.reason());
                    // Who takes no schema may phrase all the same.
                    if let Unheard::Level(reason) = unheard {
                        rung.voice = Err(reason);
                    }
                }
            }
        }
        Ok(Plan { calls: vec![Call { help: Some(Help::Assistant), ..Call::of(Tool::Help) }] })
    }

    /// Lets one level after the other try, and says in written sentences what is unsaid. Gives who phrased the answer.
    async fn phrase(
        &self,
        facts: &Facts,
        rungs: Vec<Rung>,
        composer: &mut Composer<'_>,
        passed_over: &mut Vec<PassedOver>,
        tally: &mut Tally,
        out: &Sender<Step>,
    ) -> Result<Level, AssistantError> {
        let mut level = Level::Template;
        // Where nothing was found out there is nothing to phrase.
        let rungs = if facts.facts.is_empty() { Vec::new() } else { rungs };
        for Rung { level: rung, voice, .. } in rungs {
            let voice = match voice {
                Ok(voice) => voice,
                Err(reason) => {
                    // Others were counted when it was found out, if there was anything to count.
                    if reason == LevelFailure::Quota {
                        tally.failed(rung, reason);
                    }
                    passed_over.push(PassedOver { level: rung, reason });
                    continue;
                }
            };
            self.keep_claim().await?;
            tell(out, Step::Writing(rung)).await;
            let failed = voice.guarded(&self.ctx.env, self.listen(&voice, facts, composer, out)).await.err();
            tally.refused(rung, composer.take_refused());
            let reason = failed.map_or(LevelFailure::Refused, Unheard::reason);
            if failed.is_some() || !composer.phrased() {
                tally.failed(rung, reason);
            }
            if composer.phrased() {
                level = rung;
                break;
            }
            passed_over.push(PassedOver { level: rung, reason });
            if composer.begun() {
                break;
            }
        }
        if level == Level::Template {
            tell(out, Step::Writing(level)).await;
        }
        while let Some(sentence) = composer.next_written() {
            tell(out, Step::Sentence(sentence)).await;
        }
        Ok(level)
    }

    /// Takes what a model says, sentence by sentence.
    async fn listen(
        &self,
        voice: &Voice,
        facts: &Facts,
        composer: &mut Composer<'_>,
        out: &Sender<Step>,
    ) -> Result<(), Unheard> {
        let mut splitter = Splitter::default();
        let mut stream = self.begin(voice, prompt::phrasing(&self.turn.question, facts)).await?;
        loop {
            let piece = stream.next().await.map_err(|error| failure(&error))?;
            let sentences = match &piece {
                Some(Piece::Text(text)) => splitter.push(text),
                Some(Piece::Usage { .. }) => Vec::new(),
                None => splitter.finish(),
            };
            self.tokens.piece(piece.as_ref());
            for sentence in sentences {
                if let Some(shown) = composer.take(&sentence) {
                    tell(out, Step::Sentence(shown)).await;
                }
                if composer.enough() {
                    return Ok(());
                }
            }
            if piece.is_none() {
                return Ok(());
            }
        }
    }

    /// The whole of an answer that nobody is shown.
    async fn whole(&self, voice: &Voice, request: ChatRequest) -> Result<String, Unheard> {
        let mut stream = self.begin(voice, request).await?;
        let mut whole = String::new();
        while let Some(piece) = stream.next().await.map_err(|error| failure(&error))? {
            self.tokens.piece(Some(&piece));
            if let Piece::Text(text) = piece {
                whole.push_str(&text);
            }
        }
        self.tokens.piece(None);
        Ok(whole)
    }

    async fn begin(&self, voice: &Voice, request: ChatRequest) -> Result<platform::chat::ChatStream, Unheard> {
        let estimate = prompt::estimate(&request);
        let stream = voice.ask(request, self.user).await?;
        self.tokens.begin(estimate);
        Ok(stream)
    }

    /// Says that this answer is alive.
    async fn keep_claim(&self) -> Result<(), AssistantError> {
        let until = self.ctx.env.now() + LEASE;
        let kept = repo::turn_claim_extend(&self.ctx.db, self.turn.id, self.claim, until).await?;
        if kept { Ok(()) } else { Err(AssistantError::TakenOver) }
    }
}

/// Nobody may listen any more; [`Answering::run`] notices.
async fn tell(out: &Sender<Step>, step: Step) {
    drop(out.send(step).await);
}

/// Counts the tokens of one answer: as the models tell them, and about as many where an answer was cut off before its model
/// had told.
#[derive(Debug, Default)]
struct Meter {
    settled: AtomicU64,
    running: AtomicU64,
}

impl Meter {
    fn begin(&self, prompt: u64) {
        self.settle();
        self.running.store(prompt, Ordering::Relaxed);
    }

    /// A piece of the answer; `None`: it is whole.
    fn piece(&self, piece: Option<&Piece>) {
        match piece {
            Some(Piece::Text(text)) => {
                let tokens = (text.chars().count() as u64).div_ceil(4);
                self.running.fetch_add(tokens, Ordering::Relaxed);
            }
            Some(Piece::Usage { prompt, completion }) => {
                self.running.store(prompt.saturating_add(*completion), Ordering::Relaxed);
            }
            None => self.settle(),
        }
    }

    fn settle(&self) {
        let tokens = self.running.swap(0, Ordering::Relaxed);
        self.settled.store(self.settled.load(Ordering::Relaxed).saturating_add(tokens), Ordering::Relaxed);
    }

    fn total(&self) -> u64 {
        self.settled.load(Ordering::Relaxed).saturating_add(self.running.load(Ordering::Relaxed))
    }
}
