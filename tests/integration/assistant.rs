//! The assistant over HTTP: conversations, answers at each level, what happens when a level can't speak, tokens, and that what is
//! one person's is nobody else's.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::Datelike as _;
use contract::assistant::{
    AnswerEvent, AssistantStatsView, AssistantView, ConversationDetailView, ConversationView, Thumb, TurnState,
    TurnView,
};
use contract::page::Page;
use contract::paths::{
    ASSISTANT, ASSISTANT_STATS, CONVERSATION, CONVERSATION_TURNS, CONVERSATIONS, TURN, TURN_ANSWER, TURN_RETRY, with_id,
};
use domain::access::Role;
use domain::assistant::{Level, LevelFailure};
use domain::ids::{ConversationId, TurnId};
use platform::config::{AiConfig, Config};
use serde_json::{Value, json};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request, SESSION_COOKIE};
use testkit::db::Backend;
use testkit::model::{Model, Says, TOKENS};
use testkit::sse::EventStream;

use crate::authz::objects::person;
use crate::support::number;

const QUESTION: &str = "How many WorkSpaces are there by state?";
const PATIENCE: Duration = Duration::from_secs(20);

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 40, ..TestAppOptions::default() }
}

/// An application with a fleet and its models, signed in as its owner.
async fn with_models(backend: Backend, ai: AiConfig) -> Result<Option<TestApp>> {
    let Some(app) = TestApp::start(TestAppOptions { backend, ai: Some(ai), ..quiet() }).await? else {
        return Ok(None);
    };
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    Ok(Some(app))
}

/// Runs the same on both databases.
macro_rules! on_both {
    ($($name:ident)+) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> anyhow::Result<()> {
                super::$name(super::Backend::Sqlite).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> anyhow::Result<()> {
                super::$name(super::Backend::Postgres).await
            }
        }
    )+};
}

on_both! {
    each_level_speaks_where_it_is_the_best
    one_level_after_the_other_is_tried
    what_a_model_makes_up_is_never_shown
    who_has_used_up_their_tokens_is_answered_in_written_sentences
    who_goes_away_has_asked_nothing
}

async fn begin(client: &ApiClient) -> Result<ConversationView> {
    client.post(CONVERSATIONS, &json!({})).await?.ok()
}

async fn ask(client: &ApiClient, conversation: ConversationId, question: &str) -> Result<TurnView> {
    client.post(&with_id(CONVERSATION_TURNS, conversation), &json!({ "question": question })).await?.ok()
}

/// The events of an answer that was read to its end.
fn events(answer: &Answer) -> Result<Vec<AnswerEvent>> {
    anyhow::ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    anyhow::ensure!(answer.header("content-type") == "text/event-stream", "{:?}", answer.headers);
    let text = answer.text();
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|data| serde_json::from_str(data.trim()).with_context(|| data.to_owned())).collect()
}

async fn answered(client: &ApiClient, turn: TurnId) -> Result<(Vec<AnswerEvent>, TurnView)> {
    let events = events(&client.post_empty(&with_id(TURN_ANSWER, turn)).await?)?;
    match events.last() {
        Some(AnswerEvent::Done { turn }) => Ok((events.clone(), TurnView::clone(turn))),
        last => anyhow::bail!("no end: {last:?} of {events:?}"),
    }
}

/// Asks in a conversation of its own.
async fn asked_anew(client: &ApiClient, question: &str) -> Result<TurnView> {
    let conversation = begin(client).await?;
    let turn = ask(client, conversation.id, question).await?;
    Ok(answered(client, turn.id).await?.1)
}

fn told(events: &[AnswerEvent]) -> Vec<String> {
    let text = |event: &AnswerEvent| match event {
        AnswerEvent::Sentence { text } => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

fn reasons(turn: &TurnView) -> Vec<(Level, LevelFailure)> {
    turn.passed_over.iter().map(|passed| (passed.level, passed.reason)).collect()
}

fn no_models() -> AiConfig {
    Config::default().ai
}

app_test! {
    async fn a_conversation_from_its_beginning_to_its_end(app: quiet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let client = app.client();
        let conversation = begin(client).await?;
        let turn = ask(client, conversation.id, QUESTION).await?;
        assert_eq!((turn.state, turn.level), (TurnState::Asked, None));
        let (events, done) = answered(client, turn.id).await?;
        assert!(matches!(&events[0], AnswerEvent::Sources { sources } if sources == &done.sources), "{events:?}");
        assert!(matches!(events[1], AnswerEvent::Writing { level: Level::Template }), "{events:?}");
        assert_eq!(told(&events), done.answer);
        assert!(!done.answer.is_empty() && done.answer.iter().any(|sentence| sentence.contains("40")), "{:?}", done.answer);
        assert!(done.sources.iter().any(|source| source.href.starts_with("/workspaces")), "{:?}", done.sources);
        assert_eq!((done.state, done.level), (TurnState::Answered, Some(Level::Template)));
        assert!(reasons(&done).iter().all(|(_, reason)| *reason == LevelFailure::NotConfigured));
        // An answer that is there is told again, and nothing is looked up for it.
        let (again, same) = answered(client, turn.id).await?;
        assert_eq!((told(&again), &same), (done.answer.clone(), &done));

        // The conversation is called like its first question.
        let page: Page<ConversationView> = client.get(CONVERSATIONS).await?.ok()?;
        assert_eq!((page.total, page.items[0].title.as_str()), (1, QUESTION));
        let rated = client.send(Request::new(Method::PATCH, with_id(TURN, turn.id)).json(&json!({ "thumb": "up" }))).await?;
        assert_eq!(rated.ok::<TurnView>()?.thumb, Some(Thumb::Up));
        let second = ask(client, conversation.id, "And in us-east-1?").await?;
        client.send(Request::new(Method::PATCH, with_id(TURN, second.id)).json(&json!({ "thumb": "up" }))).await?
            .refused(409, "conflict")?;
        let (_, second) = answered(client, second.id).await?;
        assert_ne!(second.answer, done.answer);
        let retried: TurnView = client.post_empty(&with_id(TURN_RETRY, turn.id)).await?.ok()?;
        assert_eq!((retried.state, retried.thumb, retried.answer.len()), (TurnState::Asked, None, 0));
        let (_, anew) = answered(client, turn.id).await?;
        assert_eq!(anew.answer, done.answer);

        let address = with_id(CONVERSATION, conversation.id);
        let read = client.get(&format!("{address}?limit=1")).await?;
        let newest: ConversationDetailView = read.ok()?;
        assert_eq!((newest.turns.items[0].id, newest.turns.total), (second.id, 2));
        let older = newest.turns.next_cursor.context("there are older ones")?;
        let older: ConversationDetailView = client.get(&format!("{address}?limit=1&cursor={older}")).await?.ok()?;
        assert_eq!((older.turns.items[0].id, older.turns.next_cursor), (turn.id, None));
        let rename = |tag: &str, title: &str| {
            Request::new(Method::PATCH, address.clone()).header("if-match", tag).json(&json!({ "title": title }))
        };
        client.send(rename("\"77\"", "States")).await?.refused(412, "precondition_failed")?;
        let renamed = client.send(rename(read.header("etag"), "States")).await?;
        assert_eq!(renamed.ok::<ConversationView>()?.title, "States");
        assert_ne!(renamed.header("etag"), read.header("etag"));
        client.send(rename("*", "two\nlines")).await?.refused(422, "invalid_body")?;
        assert_eq!(client.delete(&address).await?.status, 204);
        client.get(&address).await?.refused(404, "not_found")?;
        client.post_empty(&with_id(TURN_ANSWER, turn.id)).await?.refused(404, "not_found")?;
        Ok(())
    }

    async fn asking_again_with_the_same_key_asks_once(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let create = Request::new(Method::POST, CONVERSATIONS).header("idempotency-key", "begin").json(&json!({ "title": "Mine" }));
        let first: ConversationView = client.send(create.clone()).await?.ok()?;
        assert_eq!(client.send(create).await?.ok::<ConversationView>()?, first);
        let address = with_id(CONVERSATION_TURNS, first.id);
        let question = Request::new(Method::POST, address).header("idempotency-key", "ask").json(&json!({ "question": QUESTION }));
        let turn: TurnView = client.send(question.clone()).await?.ok()?;
        let again = client.send(question).await?;
        assert_eq!((again.header("idempotency-replayed"), again.ok::<TurnView>()?), ("true", turn));
        assert_eq!(number(&app.database().await?, "SELECT count(*) FROM conversation_turn").await?, 1);
        client.post(&with_id(CONVERSATION_TURNS, first.id), &json!({ "question": "  \n " })).await?.refused(422, "invalid_body")?;
        client.post(&with_id(CONVERSATION_TURNS, first.id), &json!({ "question": "x".repeat(2001) })).await?
            .refused(422, "invalid_body")?;
        Ok(())
    }

    async fn what_is_one_s_own_is_nobody_else_s(app: quiet()) {
        app.create_owner().await?;
        let (ada, owner) = (app.create_user(Role::Admin).await?, app.client());
        let conversation = begin(&ada).await?;
        let turn = ask(&ada, conversation.id, QUESTION).await?;
        let (talk, turns) = (with_id(CONVERSATION, conversation.id), with_id(CONVERSATION_TURNS, conversation.id));
        assert_eq!(owner.get(CONVERSATIONS).await?.ok::<Page<Value>>()?.total, 0);
        for request in [
            Request::new(Method::GET, talk.clone()),
            Request::new(Method::PATCH, talk.clone()).json(&json!({ "title": "Taken" })),
            Request::new(Method::DELETE, talk),
            Request::new(Method::POST, turns).json(&json!({ "question": QUESTION })),
            Request::new(Method::PATCH, with_id(TURN, turn.id)).json(&json!({ "thumb": null })),
            Request::new(Method::POST, with_id(TURN_ANSWER, turn.id)),
            Request::new(Method::POST, with_id(TURN_RETRY, turn.id)),
        ] {
            owner.send(request).await?.refused(404, "not_found")?;
        }
        let (_, turn) = answered(&ada, turn.id).await?;
        assert_eq!(turn.state, TurnState::Answered);
        ada.get(ASSISTANT_STATS).await?.ok::<AssistantStatsView>()?;
        app.create_user(Role::Viewer).await?.get(ASSISTANT_STATS).await?.refused(403, "forbidden")?;
        owner.get(&format!("{ASSISTANT_STATS}?days=0")).await?.refused(400, "invalid_query")?;
        // It is in what somebody takes along, and gone with them.
        let export = ada.get(contract::paths::PROFILE_EXPORT).await?.text();
        assert!(export.contains("conversations.json") && export.contains(QUESTION));
        assert_eq!(ada.delete(contract::paths::PROFILE).await?.status, 204);
        assert_eq!(number(&app.database().await?, "SELECT count(*) FROM conversation_turn").await?, 0);
        Ok(())
    }
}

async fn each_level_speaks_where_it_is_the_best(backend: Backend) -> Result<()> {
    let written = {
        let Some(app) = with_models(backend, no_models()).await? else { return Ok(()) };
        let written = asked_anew(app.client(), QUESTION).await?;
        assert_eq!(written.level, Some(Level::Template));
        app.stop().await?;
        written.answer
    };
    let levels =
        [(Level::Accelerator, "cuda"), (Level::Processor, "cpu"), (Level::Small, "cpu"), (Level::Remote, "unknown")];
    for (level, device) in levels {
        let model = Model::start(device).await?;
        model.says(Says::Text(written.join(" ")));
        let mut ai = no_models();
        match level {
            Level::Small => ai.small_url = Some(model.url().to_owned()),
            Level::Remote => {
                (ai.remote_url, ai.remote_model) = (Some(format!("{}/v1/", model.url())), Some("far".to_owned()));
            }
            _ => ai.url = Some(model.url().to_owned()),
        }
        let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
        let status: AssistantView = app.client().get(ASSISTANT).await?.ok()?;
        let available: Vec<_> =
            status.levels.iter().filter(|one| one.unavailable.is_none()).map(|one| one.level).collect();
        assert_eq!(available, [level, Level::Template]);
        let turn = asked_anew(app.client(), QUESTION).await?;
        assert_eq!((turn.level, &turn.answer), (Some(level), &written), "{turn:?}");
        let better: Vec<_> = Level::ALL.iter().take_while(|one| **one != level).copied().collect();
        assert_eq!(turn.passed_over.iter().map(|passed| passed.level).collect::<Vec<_>>(), better);
        let asked = model.asked();
        let name = if level == Level::Remote { "far" } else { "scripted" };
        assert_eq!((asked.len(), &asked[0]["model"]), (1, &json!(name)));
        // Nobody elsewhere learns who asks.
        assert_eq!(asked[0].get("user").is_some(), level != Level::Remote);
        let stats: AssistantStatsView = app.client().get(ASSISTANT_STATS).await?.ok()?;
        let counted: Vec<_> = stats.levels.iter().map(|one| (one.level, one.answers)).filter(|(_, n)| *n > 0).collect();
        assert_eq!((stats.answers, counted), (1, vec![(level, 1)]));
        app.stop().await?;
    }
    Ok(())
}

async fn one_level_after_the_other_is_tried(backend: Backend) -> Result<()> {
    let (local, small, remote) =
        (Model::start("cpu").await?, Model::start("cpu").await?, Model::start("unknown").await?);
    let ai = AiConfig {
        url: Some(local.url().to_owned()),
        small_url: Some(small.url().to_owned()),
        remote_url: Some(remote.url().to_owned()),
        answer_seconds: 1,
        ..no_models()
    };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    local.says(Says::Status(503));
    small.says(Says::Status(429));
    remote.says(Says::Garbage);
    let turn = asked_anew(app.client(), QUESTION).await?;
    let nobody = (Level::Accelerator, LevelFailure::NotConfigured);
    let expected = [
        nobody,
        (Level::Processor, LevelFailure::Unreachable),
        (Level::Small, LevelFailure::Busy),
        (Level::Remote, LevelFailure::Failed),
    ];
    assert_eq!((turn.level, reasons(&turn)), (Some(Level::Template), expected.to_vec()));
    let written = turn.answer;
    // One that does not come to a word in time is passed over; the next one speaks.
    local.says(Says::Stuck(String::new()));
    small.says(Says::Text(written.join(" ")));
    let turn = asked_anew(app.client(), QUESTION).await?;
    assert_eq!((turn.level, &turn.answer), (Some(Level::Small), &written));
    assert_eq!(reasons(&turn), [nobody, (Level::Processor, LevelFailure::TooSlow)]);
    let stats: AssistantStatsView = app.client().get(&format!("{ASSISTANT_STATS}?days=7")).await?.ok()?;
    let processor = &stats.levels[1];
    let failures: Vec<_> = processor.failures.iter().map(|one| (one.reason, one.count)).collect();
    assert_eq!(failures, [(LevelFailure::Unreachable, 1), (LevelFailure::TooSlow, 1)]);
    assert_eq!((stats.days, stats.answers, stats.levels[0].failures.len()), (7, 2, 0));
    app.stop().await
}

async fn what_a_model_makes_up_is_never_shown(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Text(
        "There are 987,654 WorkSpaces. Mallory has them all. See https://evil.example/x. Ask again at 9 o'clock."
            .to_owned(),
    ));
    let turn = asked_anew(app.client(), QUESTION).await?;
    assert_eq!(turn.level, Some(Level::Template));
    assert_eq!(reasons(&turn).last(), Some(&(Level::Processor, LevelFailure::Refused)));
    let text = turn.answer.join(" ");
    assert!(!["987", "Mallory", "evil", "clock"].iter().any(|invented| text.contains(invented)), "{text}");
    // One true sentence among others is let out, and the rest is said in written ones.
    let truth = turn.answer[0].clone();
    model.says(Says::Text(format!("Zorb has 5 moons. {truth} And 12,345 more.")));
    let mixed = asked_anew(app.client(), QUESTION).await?;
    let (mut found, mut expected) = (mixed.answer.clone(), turn.answer.clone());
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let stats: AssistantStatsView = app.client().get(ASSISTANT_STATS).await?.ok()?;
    assert!(stats.levels[1].refused_sentences >= 4, "{stats:?}");
    app.stop().await
}

async fn who_has_used_up_their_tokens_is_answered_in_written_sentences(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), tokens_per_person: 10_000, ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Text("Nothing that holds.".to_owned()));
    let client = app.client();
    let quota = async || Ok::<_, anyhow::Error>(client.get(ASSISTANT).await?.ok::<AssistantView>()?.quota);
    asked_anew(client, QUESTION).await?;
    let used = quota().await?;
    assert_eq!((used.used, used.limit, used.warning), (TOKENS.0 + TOKENS.1, Some(10_000), false));
    let (ctx, owner) = (app.context(), person(&app, OWNER_EMAIL).await?);
    let month = ctx.env.now().date_naive().with_day(1).context("a first day")?;
    let add = async |tokens| store::repo::assistant::assistant_tokens_add(&ctx.db, owner, month, tokens).await;
    add(8000 - used.used).await?;
    assert!(quota().await?.warning, "four fifths");
    assert_eq!(model.asked().len(), 1);
    add(2000).await?;
    let status: AssistantView = client.get(ASSISTANT).await?.ok()?;
    assert_eq!(status.levels[1].unavailable, Some(LevelFailure::Quota));
    let turn = asked_anew(client, QUESTION).await?;
    assert_eq!(turn.level, Some(Level::Template));
    assert_eq!(reasons(&turn)[1], (Level::Processor, LevelFailure::Quota));
    assert_eq!((model.asked().len(), quota().await?.used), (1, 10_000), "nobody was asked");
    app.stop().await
}

async fn who_goes_away_has_asked_nothing(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Stuck("There".to_owned()));
    let client = app.client();
    let conversation = begin(client).await?;
    let turn = ask(client, conversation.id, QUESTION).await?;
    let address = with_id(TURN_ANSWER, turn.id);
    let http = platform::http::builder(Duration::from_secs(60)).build()?;
    let cookie = format!("{SESSION_COOKIE}={}", client.session().context("signed in")?);
    let request = http.post(format!("{}{address}", app.url())).header("cookie", cookie).header("x-wheelhouse", "1");
    let mut stream = EventStream::new(request.send().await?);
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "writing") {
        names.push(stream.next_event(PATIENCE).await?.context("an event in time")?.event);
    }
    assert_eq!(names, ["sources", "writing"]);
    client.post_empty(&address).await?.refused(409, "conflict")?;
    client.post_empty(&with_id(TURN_RETRY, turn.id)).await?.refused(409, "conflict")?;
    drop(stream);
    model.until_cut(1).await?;
    // It is as if nobody had begun, but for the tokens.
    let give_up = tokio::time::Instant::now() + PATIENCE;
    loop {
        let detail: ConversationDetailView = client.get(&with_id(CONVERSATION, conversation.id)).await?.ok()?;
        if detail.turns.items[0].state == TurnState::Asked {
            break;
        }
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "{detail:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(client.get(ASSISTANT).await?.ok::<AssistantView>()?.quota.used > 0);
    model.says(Says::Text(String::new()));
    let (_, turn) = answered(client, turn.id).await?;
    assert_eq!((turn.state, turn.level), (TurnState::Answered, Some(Level::Template)));
    app.stop().await
}
