//! Sixty questions to the assistant, and what it may say: each figure is one of the simulated AWS's books or of the list that
//! was held against them, and no other is told. Asked with a model that babbles, whose every sentence must be refused, and
//! without one.
//!
//! What is true is in `truth`, what money comes to in `bills`, the questions in `expected`, and how an answer is looked at in
//! `figures`.

mod bills;
mod expected;
mod figures;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ai_service::files::{random, writer};
use ai_service::{AiOptions, load};
use anyhow::{Context as _, Result};
use contract::assistant::{AnswerEvent, ConversationView, TurnView};
use contract::paths::{CONVERSATION_TURNS, CONVERSATIONS, TURN_ANSWER, with_id};
use domain::assistant::{Level, LevelFailure};
use platform::shutdown::Shutdown;
use serde_json::{Value, json};
use testkit::app::TestApp;
use tokio::net::TcpListener;

use self::bills::{Plans, savings};
use self::expected::{Bills, questions};
use self::truth::Truth;
use super::{Known, april};
use crate::support::say;

/// A service with a tiny Phi-3 whose weights are random: it speaks, and means nothing.
pub(super) struct Babble {
    shutdown: Shutdown,
    running: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

impl Babble {
    /// Starts it at an address that the application was told before.
    pub(super) fn start(listener: std::net::TcpListener) -> Result<Self> {
        let mut config = writer::small();
        (config.context, config.original_context) = (4096, 4096);
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("babble.gguf");
        std::fs::write(&file, random::model(&config, 0.5).finish())?;
        let options = ai_service::engine::LoadOptions { context: 8192, threads: 1, ..Default::default() };
        let loader: ai_service::scheduler::Loader = Arc::new(move || load(&file, &options, None));
        let options = AiOptions { model: Some(loader), ..AiOptions::new(|| 0, |bytes| bytes.fill(7)) };
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let shutdown = Shutdown::new();
        let running = tokio::spawn(ai_service::run(listener, shutdown.clone(), Duration::from_secs(5), options));
        Ok(Self { shutdown, running, _folder: folder })
    }

    async fn end(self) -> Result<()> {
        self.shutdown.trigger();
        Ok(self.running.await??)
    }
}

/// The figures of an answer: what tells whether something was found out, and whether it was told alike.
fn figures_of(text: &str) -> BTreeSet<String> {
    let figure = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ';' | ':' | '"' | '`' | '/'));
    // Ids, names and dates are told as they are; what is left of digits alone is a figure.
    let plain = words.map(|word| word.trim_end_matches(['.', ',', '?'])).filter(|word| !word.is_empty());
    plain.filter(|word| word.chars().all(figure)).map(str::to_owned).collect()
}

async fn asked(app: &TestApp, conversation: &mut Option<ConversationView>, question: &str) -> Result<TurnView> {
    let client = app.client();
    if !question.starts_with(char::is_lowercase) || conversation.is_none() {
        *conversation = Some(client.post(CONVERSATIONS, &json!({})).await?.ok()?);
    }
    let id = conversation.as_ref().context("a conversation")?.id;
    let turn: TurnView = client.post(&with_id(CONVERSATION_TURNS, id), &json!({ "question": question })).await?.ok()?;
    let answer = client.post_empty(&with_id(TURN_ANSWER, turn.id)).await?;
    anyhow::ensure!(answer.status == 200, "{question}: {}", answer.text());
    let last = answer.text().lines().filter_map(|line| line.strip_prefix("data:")).next_back().map(str::to_owned);
    match serde_json::from_str(last.context("no event")?.trim())? {
        AnswerEvent::Done { turn } => Ok(*turn),
        other => anyhow::bail!("{question}: {other:?}"),
    }
}

/// Asks all of them, with the babble and without it.
pub(super) async fn sixty(
    app: &TestApp,
    babble: Babble,
    known: &Known,
    books: &BTreeMap<String, Value>,
    plans: &Plans,
) -> Result<()> {
    let (march, may) = (super::truth(app, april().previous()).await?, super::truth(app, april().next()).await?);
    let truth = Truth::read(app, books).await?;
    let savings = savings(&truth, &known.rows, plans)?;
    let questions = questions(&truth, &Bills { march: &march, may: &may, savings })?;
    assert_eq!(questions.len(), 60);
    let mut wrong = Vec::new();
    let mut answers = Vec::new();
    let mut conversation = None;
    for (question, expected) in &questions {
        let turn = asked(app, &mut conversation, question).await?;
        let text = turn.answer.join(" ");
        if turn.level != Some(Level::Template) {
            wrong.push(format!("{question}: babble was shown at {:?}: {text}", turn.level));
        }
        // Where nothing was found out, as with how something is done, no model is asked.
        let asked = !figures_of(&text).is_empty();
        if asked && !turn.passed_over.iter().any(|passed| passed.reason == LevelFailure::Refused) {
            wrong.push(format!("{question}: nothing was refused: {:?}", turn.passed_over));
        }
        wrong.extend(expected.wrong(&text).into_iter().map(|what| format!("{question}: {what} in: {text}")));
        answers.push(text);
    }
    babble.end().await?;
    for ((question, expected), before) in questions.iter().zip(&answers) {
        let turn = asked(app, &mut conversation, question).await?;
        let text = turn.answer.join(" ");
        let unreachable = turn.passed_over.iter().any(|passed| passed.reason == LevelFailure::Unreachable);
        if turn.level != Some(Level::Template) || (unreachable == figures_of(&text).is_empty()) {
            wrong.push(format!("{question}: {:?} {:?}", turn.level, turn.passed_over));
        }
        let found = expected.wrong(&text).into_iter();
        wrong.extend(found.map(|what| format!("{question}: without the model, {what} in: {text}")));
        // Our own log tells of these questions as well, and jobs become due meanwhile.
        let moves = ["Wheelhouse today", "jobs", "fresh"].iter().any(|word| question.contains(word));
        if figures_of(&text) != figures_of(before) && !moves {
            wrong.push(format!("{question}: other figures without the model: {text}\n  before: {before}"));
        }
    }
    for ((question, _), answer) in questions.iter().zip(&answers) {
        say(&format!("{question}\n    {answer}"));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
