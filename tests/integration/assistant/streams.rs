//! Answers on their way that nobody waits for any more, or whose asker may not hear them any more.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::api_keys::MadeApiKeyView;
use contract::assistant::{AssistantView, ConversationDetailView, TurnState, TurnView};
use contract::paths::{
    API_KEY, API_KEYS, ASSISTANT, CONVERSATION, SESSION, TURN_ANSWER, TURN_RETRY, USER_GRANTS, with_id,
};
use domain::access::Role;
use domain::assistant::Level;
use domain::ids::{ConversationId, TurnId};
use platform::config::AiConfig;
use serde_json::json;
use testkit::app::TestApp;
use testkit::client::{ApiClient, Request, SESSION_COOKIE};
use testkit::db::Backend;
use testkit::model::{Model, Says};
use testkit::sse::EventStream;

use super::{PATIENCE, QUESTION, answered, ask, begin, no_models, with_models};
use crate::authz::objects::person;

on_both! {
    who_goes_away_has_asked_nothing
    an_answer_ends_with_what_its_asker_may
}

/// Begins to listen to an answer, by a header that says who: until somebody writes it.
async fn listening(base: &str, turn: TurnId, who: (&str, &str)) -> Result<EventStream> {
    let http = platform::http::builder(Duration::from_secs(60)).build()?;
    let request = http.post(format!("{base}{}", with_id(TURN_ANSWER, turn))).header(who.0, who.1);
    let mut stream = EventStream::new(request.header("x-wheelhouse", "1").send().await?);
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "writing") {
        names.push(stream.next_event(PATIENCE).await?.context("an event in time")?.event);
    }
    assert_eq!(names, ["sources", "writing"]);
    Ok(stream)
}

fn cookie(client: &ApiClient) -> Result<String> {
    Ok(format!("{SESSION_COOKIE}={}", client.session().context("signed in")?))
}

/// Waits until the question stands as if nobody had begun to answer it.
async fn asked_again(client: &ApiClient, conversation: ConversationId) -> Result<TurnView> {
    let give_up = tokio::time::Instant::now() + PATIENCE;
    loop {
        let mut detail: ConversationDetailView = client.get(&with_id(CONVERSATION, conversation)).await?.ok()?;
        if detail.turns.items[0].state == TurnState::Asked {
            return Ok(detail.turns.items.remove(0));
        }
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "{detail:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn who_goes_away_has_asked_nothing(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Stuck("There".to_owned()));
    let client = app.client();
    let conversation = begin(client).await?;
    let turn = ask(client, conversation.id, QUESTION).await?;
    let stream = listening(app.url(), turn.id, ("cookie", &cookie(client)?)).await?;
    client.post_empty(&with_id(TURN_ANSWER, turn.id)).await?.refused(409, "conflict")?;
    client.post_empty(&with_id(TURN_RETRY, turn.id)).await?.refused(409, "conflict")?;
    drop(stream);
    model.until_cut(1).await?;
    // It is as if nobody had begun, but for the tokens.
    asked_again(client, conversation.id).await?;
    assert!(client.get(ASSISTANT).await?.ok::<AssistantView>()?.quota.used > 0);
    model.says(Says::Text(String::new()));
    let (_, turn) = answered(client, turn.id).await?;
    assert_eq!((turn.state, turn.level), (TurnState::Answered, Some(Level::Template)));
    app.stop().await
}

/// Reads a stream to its end, and gives what came.
async fn rest(mut stream: EventStream) -> Result<Vec<String>> {
    let mut names = Vec::new();
    loop {
        match stream.next(PATIENCE).await {
            Ok(Some(frame)) => names.push(frame.event),
            Ok(None) => anyhow::bail!("the answer goes on"),
            Err(_) => return Ok(names),
        }
    }
}

async fn an_answer_ends_with_what_its_asker_may(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Stuck("There".to_owned()));
    let replica = app.replica().await?;

    // A session that is ended, here and in another process.
    for (cut, base) in [app.url(), replica.base()].into_iter().enumerate() {
        let ada = app.create_user(Role::Viewer).await?;
        let turn = ask(&ada, begin(&ada).await?.id, QUESTION).await?;
        let stream = listening(base, turn.id, ("cookie", &cookie(&ada)?)).await?;
        assert_eq!(ada.delete(SESSION).await?.status, 204);
        assert_eq!(rest(stream).await?, Vec::<String>::new(), "nothing more is told");
        model.until_cut(cut as u64 + 1).await?;
    }

    // A key that is revoked. Its owner finds the question as it was.
    let owner = app.client();
    let made: MadeApiKeyView = owner
        .post(API_KEYS, &json!({ "name": "asks", "permissions": ["assistant:use", "workspace:read"] }))
        .await?
        .ok()?;
    let conversation = begin(owner).await?;
    let turn = ask(owner, conversation.id, QUESTION).await?;
    let stream = listening(app.url(), turn.id, ("authorization", &format!("Bearer {}", made.secret))).await?;
    assert_eq!(owner.delete(&with_id(API_KEY, made.key.id)).await?.status, 204);
    assert_eq!(rest(stream).await?, Vec::<String>::new());
    model.until_cut(3).await?;
    assert!(asked_again(owner, conversation.id).await?.answer.is_empty());

    // Somebody who may see less from now on.
    let email = "grace@example.com";
    let grace = app.create_user_named(email, Role::Viewer).await?;
    let conversation = begin(&grace).await?;
    let turn = ask(&grace, conversation.id, QUESTION).await?;
    let stream = listening(app.url(), turn.id, ("cookie", &cookie(&grace)?)).await?;
    narrowed(&app, email).await?;
    assert_eq!(rest(stream).await?, Vec::<String>::new());
    model.until_cut(4).await?;
    asked_again(&grace, conversation.id).await?;
    model.says(Says::Text(String::new()));
    let (_, turn) = answered(&grace, turn.id).await?;
    assert!(turn.answer.iter().all(|sentence| !sentence.contains("40")), "of one region: {:?}", turn.answer);
    app.stop().await
}

/// Lets somebody see one region only.
async fn narrowed(app: &TestApp, email: &str) -> Result<()> {
    let grants = json!({ "grants": [{ "role": "viewer", "reach": "region", "region": "eu-central-1" }] });
    let path = with_id(USER_GRANTS, person(app, email).await?);
    let answer = app.client().send(Request::new(Method::PUT, path).json(&grants)).await?;
    anyhow::ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    Ok(())
}
