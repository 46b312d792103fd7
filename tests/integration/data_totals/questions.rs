//! Sixty questions to the assistant, and what it may say: each figure is one of the simulated AWS's books or of the list that
//! was held against them. Asked with a model that babbles, whose every sentence must be refused, and without one.

mod figures;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ai_service::files::{random, writer};
use ai_service::{AiOptions, load};
use anyhow::{Context as _, Result};
use contract::assistant::{AnswerEvent, ConversationView, TurnView};
use contract::paths::{CONVERSATION_TURNS, CONVERSATIONS, TURN_ANSWER, with_id};
use contract::workspaces::WorkspaceView;
use domain::assistant::{FactValue, Level, LevelFailure};
use domain::money::{Currency, Money};
use platform::shutdown::Shutdown;
use serde_json::{Value, json};
use testkit::app::TestApp;
use tokio::net::TcpListener;

use super::{Known, april, e10, int, lines};
use crate::support::{say, workspaces};

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

/// What is true, in the words in which it is told.
struct Truth {
    rows: Vec<WorkspaceView>,
    books: BTreeMap<String, Value>,
    running: BTreeMap<String, Value>,
    /// Region and connected slots of each WorkSpace that is there, by its id.
    figures: BTreeMap<String, (String, i64)>,
    /// Sessions that began in April; the books count those as well that were open when it began.
    sessions: u64,
}

/// Slots of five minutes, as hours are told.
fn hours(slots: i64) -> String {
    let exact = format!("{:.6}", slots as f64 / 12.0);
    exact.parse().map(|hours| FactValue::Hours(hours).to_string()).unwrap_or_default()
}

impl Truth {
    fn count(&self, fits: impl Fn(&WorkspaceView) -> bool) -> String {
        FactValue::Count(self.rows.iter().filter(|row| fits(row)).count() as u64).to_string()
    }

    fn state(&self, state: &str) -> String {
        self.count(|row| row.state.as_str() == state)
    }

    fn mode(&self, mode: &str) -> String {
        self.count(|row| row.running_mode.as_ref().is_some_and(|one| one.as_str() == mode))
    }

    fn region(&self, region: &str) -> String {
        self.count(|row| row.region.as_str() == region)
    }

    /// Connected hours of April of those that are there.
    fn hours(&self, fits: impl Fn(&str, &str) -> bool) -> String {
        let slots = self.figures.iter().filter(|(id, (region, _))| fits(id, region)).map(|(_, (_, slots))| slots);
        hours(slots.sum())
    }

    fn sessions(&self) -> String {
        FactValue::Count(self.sessions).to_string()
    }

    /// Who was connected longest, and how long.
    fn longest(&self) -> Vec<String> {
        let longest = self.figures.values().map(|(_, slots)| *slots).max().unwrap_or_default();
        let of = |id: &str| self.figures[id].1 == longest;
        let who = self.rows.iter().filter(|row| self.figures.contains_key(&row.aws_id) && of(&row.aws_id));
        who.take(1).map(|row| row.user_name.clone()).chain([hours(longest)]).collect()
    }

    fn unused(&self) -> String {
        self.count(|row| self.figures.get(&row.aws_id).is_none_or(|(_, slots)| *slots == 0))
    }

    fn cost(books: &BTreeMap<String, Value>, region: Option<&str>) -> Result<String> {
        let books = books.iter().filter(|(of, _)| region.is_none_or(|region| region == of.as_str()));
        let total = books.map(|(_, book)| e10(&book["cost"]["total"])).sum::<Result<i64>>()?;
        Ok(FactValue::Money(Money::from_e10(total, Currency::USD)).to_string())
    }
}

/// The questions, each with what must be in its answer. One that begins with a small letter follows the one before.
fn questions(truth: &Truth) -> Result<Vec<(&'static str, Vec<String>)>> {
    let t = truth;
    let all = || t.count(|_| true);
    let april = || Truth::cost(&t.books, None);
    let two = |state: &str, mode: &str| {
        t.count(|row| row.state.as_str() == state && row.running_mode.as_ref().is_some_and(|one| one.as_str() == mode))
    };
    let compute = |compute: &str| t.count(|row| row.compute_type.as_ref().is_some_and(|one| one.as_str() == compute));
    let connection = |is: &str| t.count(|row| row.connection.as_ref().is_some_and(|one| one.as_str() == is));
    let none = Vec::new;
    Ok(vec![
        ("How many WorkSpaces do we have?", vec![all()]),
        ("and how many of them are stopped?", vec![t.state("STOPPED")]),
        ("which ones?", vec![t.state("STOPPED")]),
        ("How many WorkSpaces are running?", vec![t.state("AVAILABLE")]),
        (
            "and in eu-central-1?",
            vec![t.count(|row| row.state.as_str() == "AVAILABLE" && row.region.as_str() == "eu-central-1")],
        ),
        ("How many WorkSpaces are in us-east-1?", vec![t.region("us-east-1")]),
        ("How many WorkSpaces are there per region?", vec![t.region("us-east-1"), t.region("eu-central-1")]),
        ("WorkSpaces by state", vec![all(), t.state("STOPPED"), t.state("AVAILABLE")]),
        ("by running mode?", vec![t.mode("AUTO_STOP"), t.mode("ALWAYS_ON")]),
        ("How many AutoStop WorkSpaces are there?", vec![t.mode("AUTO_STOP")]),
        ("and always on?", vec![t.mode("ALWAYS_ON")]),
        ("How many stopped auto stop WorkSpaces are there?", vec![two("STOPPED", "AUTO_STOP")]),
        ("How many Standard WorkSpaces do we have?", vec![compute("STANDARD")]),
        ("How many Power desktops are there?", vec![compute("POWER")]),
        ("fleet by compute type", vec![all(), compute("STANDARD")]),
        ("How many people are connected right now?", vec![connection("CONNECTED")]),
        ("How many WorkSpaces are disconnected?", vec![connection("DISCONNECTED")]),
        ("Are there any unhealthy WorkSpaces?", vec![t.state("UNHEALTHY")]),
        ("Which region has the most WorkSpaces?", vec![t.region("us-east-1").max(t.region("eu-central-1"))]),
        ("How is the fleet doing?", vec![all()]),
        ("How many WorkSpaces are there per bundle?", vec![all()]),
        ("WorkSpaces per directory", vec![all()]),
        ("How many desktops does each team have?", vec![all()]),
        ("How many WorkSpaces are in Paris?", vec!["no WorkSpaces".to_owned()]),
        ("How many hours were the WorkSpaces used last month?", vec![t.hours(|_, _| true), t.sessions()]),
        ("by region?", vec![t.hours(|_, of| of == "us-east-1"), t.hours(|_, of| of == "eu-central-1")]),
        ("How many hours were the desktops used in April?", vec![t.hours(|_, _| true)]),
        ("Usage in eu-central-1 in April", vec![t.hours(|_, of| of == "eu-central-1")]),
        ("Who used their WorkSpace the most last month?", t.longest()),
        ("top 5 users by hours in April", t.longest()),
        ("Which WorkSpaces were never used last month?", vec![t.unused()]),
        ("How many sessions were there in April?", vec![t.sessions()]),
        ("Usage per team in April", vec![t.hours(|_, _| true)]),
        ("connected hours per day last week", none()),
        ("How many hours were the WorkSpaces used this month?", none()),
        ("compared with last month?", vec![t.hours(|_, _| true)]),
        ("What did we spend last month?", vec![april()?]),
        ("by region?", vec![Truth::cost(&t.books, Some("us-east-1"))?, Truth::cost(&t.books, Some("eu-central-1"))?]),
        ("What did we pay in April?", vec![april()?]),
        ("What did us-east-1 cost in April?", vec![Truth::cost(&t.books, Some("us-east-1"))?]),
        ("What did eu-central-1 cost in April?", vec![Truth::cost(&t.books, Some("eu-central-1"))?]),
        ("Which account cost the most last month?", vec![april()?]),
        ("How much have we spent so far this month?", vec![Truth::cost(&t.running, None)?]),
        ("Cost by team in April", vec![april()?]),
        ("costs per day between 1 and 3 April", none()),
        ("What will this month cost?", none()),
        ("Where can we save money?", none()),
        ("Which WorkSpaces should be AutoStop?", none()),
        ("What happened in AWS yesterday?", none()),
        ("and in eu-central-1?", none()),
        ("Who did what in Wheelhouse today?", none()),
        ("Which jobs failed?", vec!["0 are dead".to_owned()]),
        ("How fresh is the data?", none()),
        ("Show me the first 3 WorkSpaces in eu-central-1", vec![t.region("eu-central-1")]),
        ("What can I ask you?", none()),
        ("How do I connect an account?", none()),
        ("Stop all WorkSpaces in us-east-1", none()),
        ("How do I invite somebody?", none()),
        ("How are costs reckoned?", none()),
        ("What is the meaning of life?", none()),
    ])
}

/// Every figure that is true of something that was asked about.
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
    running: &BTreeMap<String, Value>,
) -> Result<()> {
    let rows = workspaces(app.client(), "").await?;
    let mut figures = BTreeMap::new();
    for row in &rows {
        let Some(line) = lines(books)?.get(&row.aws_id).copied().cloned() else { continue };
        let slots = int(&line["figures"]["connected_slots"])?;
        figures.insert(row.aws_id.clone(), (row.region.to_string(), slots));
    }
    let april = april().start().timestamp()..april().end().timestamp();
    let began = known.rows.iter().flat_map(|row| known.intervals(row.id)).filter(|one| april.contains(&one.start));
    let sessions = began.count() as u64;
    let truth = Truth { rows, books: books.clone(), running: running.clone(), figures, sessions };
    let questions = questions(&truth)?;
    assert_eq!(questions.len(), 60);
    let mut wrong = Vec::new();
    let mut answers = Vec::new();
    let mut conversation = None;
    for (question, must) in &questions {
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
        wrong.extend(
            must.iter()
                .filter(|must| !figures::says(&text, must))
                .map(|must| format!("{question}: no {must} in: {text}")),
        );
        answers.push(text);
    }
    babble.end().await?;
    for ((question, _), before) in questions.iter().zip(&answers) {
        let turn = asked(app, &mut conversation, question).await?;
        let text = turn.answer.join(" ");
        let unreachable = turn.passed_over.iter().any(|passed| passed.reason == LevelFailure::Unreachable);
        if turn.level != Some(Level::Template) || (unreachable == figures_of(&text).is_empty()) {
            wrong.push(format!("{question}: {:?} {:?}", turn.level, turn.passed_over));
        }
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
