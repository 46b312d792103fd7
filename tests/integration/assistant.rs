//! The assistant over HTTP: conversations from their beginning to their end, and that what is one person's is nobody else's. Who
//! phrases answers is `levels`, what is looked up for them `plans`, how they end early `streams`, what they take `tokens`, how
//! long they are kept `retention`, what holds a model's plan `schema`, and that nobody talks it into anything `injection`.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::assistant::{
    AnswerEvent, AssistantStatsView, ConversationDetailView, ConversationView, Thumb, TurnState, TurnView,
};
use contract::page::Page;
use contract::paths::{
    ASSISTANT_STATS, CONVERSATION, CONVERSATION_TURNS, CONVERSATIONS, TURN, TURN_ANSWER, TURN_RETRY, with_id,
};
use domain::access::Role;
use domain::assistant::{Level, LevelFailure};
use domain::ids::{ConversationId, TurnId};
use platform::config::{AiConfig, Config};
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request};
use testkit::db::Backend;

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
            use testkit::db::Backend;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> anyhow::Result<()> {
                super::$name(Backend::Sqlite).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> anyhow::Result<()> {
                super::$name(Backend::Postgres).await
            }
        }
    )+};
}

mod attacks;
mod injection;
mod levels;
mod plans;
mod retention;
mod schema;
mod streams;
mod tokens;

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
