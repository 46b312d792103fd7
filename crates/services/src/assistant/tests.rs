//! Claims, limits and suggestions, without a model. Whole answers are tests of the application.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use domain::access::{Actor, Grant, Role};
use domain::assistant::rules::{self, Lexicon};
use domain::assistant::{Level, LevelFailure, Tool};
use domain::ids::TurnId;
use tokio::sync::mpsc;

use super::conversations::{asker, own_turn};
use super::*;
use crate::Context;
use crate::idempotency::Keep;
use crate::identity::{self, NewUser};
use crate::testing::{FakeFleet, Harness, both_databases};

async fn person(ctx: &Context, email: &str) -> Actor {
    let new =
        NewUser { email: email.into(), grants: vec![Grant::usual(Role::Owner)], password: "moth in relay 70".into() };
    let id = identity::create_user(ctx, &Actor::system(), new).await.unwrap();
    Actor::user(id, email, Role::Owner)
}

async fn asked(ctx: &Context, actor: &Actor) -> TurnId {
    let talk = create_conversation_once(ctx, actor, None, Keep::none()).await.unwrap();
    ask_once(ctx, actor, talk.id, "How many WorkSpaces are there?", Keep::none()).await.unwrap().id
}

/// The steps of an answer to its end.
async fn steps(answer: Answer) -> Vec<Step> {
    let Answer::Begun(answering) = answer else { panic!("it was answered") };
    let (out, mut steps) = mpsc::channel(100);
    answering.run(out, std::future::pending()).await;
    let mut told = Vec::new();
    while let Some(step) = steps.recv().await {
        told.push(step);
    }
    told
}

both_databases! {
    async fn a_dead_answer_is_taken_over_and_changes_nothing_when_it_returns(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let ada = person(ctx, "ada@example.com").await;
        let turn = asked(ctx, &ada).await;
        let dead = begin_answer(ctx, &ada, turn).await.unwrap();
        assert!(matches!(begin_answer(ctx, &ada, turn).await, Err(AssistantError::Answering)));
        harness.advance(31);
        let alive = begin_answer(ctx, &ada, turn).await.unwrap();
        assert!(matches!(steps(dead).await.last(), Some(Step::Failed(AssistantError::TakenOver))));
        assert!(matches!(begin_answer(ctx, &ada, turn).await, Err(AssistantError::Answering)), "the other still answers");
        let told = steps(alive).await;
        let Some(Step::Done(done)) = told.last() else { panic!("{told:?}") };
        assert_eq!((done.state, done.level), (TurnState::Answered, Some(Level::Template)));
        assert!(matches!(begin_answer(ctx, &ada, turn).await, Ok(Answer::Told(_))));
        let stats = fetch_stats(ctx, &ada, 1).await.unwrap();
        assert_eq!((stats.answers(), stats.levels[4].answers), (1, 1));
        assert!(stats.levels.iter().all(|level| level.failures.is_empty()), "{stats:?}");
    }

    async fn a_claim_is_renewed_while_the_answer_is_made_and_soon_runs_out_when_its_process_ends(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let ada = person(ctx, "ada@example.com").await;
        let (user, turn) = (asker(&ada).unwrap(), asked(ctx, &ada).await);
        let Answer::Begun(mut answering) = begin_answer(ctx, &ada, turn).await.unwrap() else { panic!("it was answered") };
        answering.renewed_each = Duration::from_millis(10);
        // Nobody takes what is told, so that the answer stays under way.
        let (out, told) = mpsc::channel(1);
        let going_on = tokio::spawn(answering.run(out, std::future::pending()));
        for _ in 0..3 {
            harness.advance(20);
            let nearly = ctx.env.now() + TimeDelta::seconds(29);
            let renewed = async {
                while own_turn(&ctx.db, user, turn).await.unwrap().claimed_until.is_none_or(|until| until < nearly) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), renewed).await.expect("the claim is renewed");
            assert!(matches!(begin_answer(ctx, &ada, turn).await, Err(AssistantError::Answering)));
        }
        going_on.abort();
        assert!(going_on.await.unwrap_err().is_cancelled());
        drop(told);
        harness.advance(28);
        assert!(matches!(begin_answer(ctx, &ada, turn).await, Err(AssistantError::Answering)), "it may be alive");
        harness.advance(3);
        assert!(matches!(begin_answer(ctx, &ada, turn).await, Ok(Answer::Begun(_))), "half a minute, whatever a model may take");
    }

    async fn so_many_at_a_time_and_no_more(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let (ada, grace) = (person(ctx, "ada@example.com").await, person(ctx, "grace@example.com").await);
        for _ in 0..4 {
            let turn = asked(ctx, &ada).await;
            begin_answer(ctx, &ada, turn).await.unwrap();
        }
        let fifth = asked(ctx, &ada).await;
        assert!(matches!(begin_answer(ctx, &ada, fifth).await, Err(AssistantError::TooMany(4))));
        let theirs = asked(ctx, &grace).await;
        assert!(begin_answer(ctx, &grace, theirs).await.is_ok());
        assert!(matches!(begin_answer(ctx, &grace, fifth).await, Err(AssistantError::NotFound(_))));
        harness.advance(31);
        assert!(begin_answer(ctx, &ada, fifth).await.is_ok());
    }
}

#[tokio::test]
async fn without_models_only_written_sentences_are_there() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ada = person(&harness.ctx, "ada@example.com").await;
    let status = fetch_status(&harness.ctx, &ada).await.unwrap();
    let (last, others) = status.levels.split_last().unwrap();
    assert_eq!((last.level, last.unavailable), (Level::Template, None));
    assert!(others.iter().all(|level| level.unavailable == Some(LevelFailure::NotConfigured)));
    assert_eq!(status.suggestions.len(), status::SUGGESTIONS.len());
    assert!(fetch_status(&harness.ctx, &Actor::system()).await.is_err(), "it is for people");
}

#[test]
fn the_rules_understand_what_is_suggested() {
    let today: NaiveDate = "2026-03-01".parse().unwrap();
    for (question, _) in status::SUGGESTIONS {
        let plan = rules::plan(question, &Lexicon::default(), today, None);
        let tools: Vec<Tool> = plan.iter().flat_map(|plan| &plan.calls).map(|call| call.tool).collect();
        assert!(!tools.is_empty() && !tools.contains(&Tool::Help), "{question}: {tools:?}");
    }
}
