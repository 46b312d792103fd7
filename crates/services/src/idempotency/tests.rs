//! Keys on both databases: reserved, answered, taken over, given back, forgotten.

use std::time::Duration;

use domain::access::{Actor, Role};
use domain::ids::{ApiKeyId, SessionId, UserId};
use sea_orm::{ConnectionTrait as _, Statement};
use store::Backend;
use store::repo::idempotency::idempotency_prune;
use store::repo::users::{self, NewUser};
use uuid::Uuid;

use super::{Answer, Begun, KEPT_HOURS, Keep, OnceError, Pending, begin};
use crate::testing::{FakeFleet, Harness, both_databases};

const REQUEST: &[u8] = b"POST /things {}";

fn answer(made: &u64) -> Answer {
    let body = format!("{{\"secret\":\"thing {made}\"}}").into_bytes();
    Answer { status: 201, headers: Vec::new(), body, secret: false }.header("location", format!("/things/{made}"))
}

/// Users 1 and 2, who do nothing else.
async fn harness(backend: Backend) -> Option<Harness> {
    let harness = Harness::on(backend, FakeFleet::default()).await?;
    for number in [1, 2] {
        let new = NewUser {
            id: UserId(Uuid::from_u128(number)),
            email: format!("user{number}@example.com"),
            display_name: String::new(),
            password_hash: None,
            at: harness.ctx.env.now(),
        };
        users::user_insert(&harness.ctx.db, &new).await.unwrap();
    }
    Some(harness)
}

fn actor(number: u128) -> Actor {
    Actor::user(UserId(Uuid::from_u128(number)), "someone@example.com", Role::Admin)
}

async fn fresh(harness: &Harness, by: &Actor, key: &str) -> Pending {
    match begin(&harness.ctx, by, key, REQUEST).await.unwrap() {
        Begun::Fresh(pending) => *pending,
        Begun::Done(answer) => panic!("it was answered: {answer:?}"),
    }
}

async fn done(harness: &Harness, by: &Actor, key: &str) -> Answer {
    match begin(&harness.ctx, by, key, REQUEST).await.unwrap() {
        Begun::Done(answer) => answer,
        Begun::Fresh(_) => panic!("it was not answered"),
    }
}

/// The change and its answer in one transaction.
async fn make(harness: &Harness, pending: &Pending, thing: u64) -> Result<(), store::StoreError> {
    let tx = harness.ctx.db.begin().await?;
    Keep::new(Some(pending), answer).answer(&tx, &thing).await?;
    tx.commit().await
}

async fn text(harness: &Harness, sql: &str) -> Vec<String> {
    let db = &harness.ctx.db;
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}

async fn rows(harness: &Harness) -> usize {
    text(harness, "SELECT actor AS line FROM idempotency_key").await.len()
}

both_databases! {
    async fn the_answer_is_given_again_to_whom_it_was_given(backend) {
        let Some(harness) = harness(backend).await else { return };
        let (one, two) = (actor(1), actor(2));
        let pending = fresh(&harness, &one, "k").await;
        let waits = begin(&harness.ctx, &one, "k", REQUEST).await;
        assert!(matches!(waits, Err(OnceError::InProgress { .. })), "{waits:?}");
        make(&harness, &pending, 7).await.unwrap();
        pending.finish(&answer(&7)).await.unwrap();
        for _ in 0..2 {
            assert_eq!(done(&harness, &one, "k").await, answer(&7));
        }
        for other in [&b"POST /things {\"a\":1}"[..], b"POST /others {}", b""] {
            let refused = begin(&harness.ctx, &one, "k", other).await;
            assert!(matches!(refused, Err(OnceError::Mismatch)), "{refused:?}");
        }
        // The same key of somebody else, and of a program of the same person, is another key.
        let mut program = actor(1);
        program.origin.key_id = Some(ApiKeyId(Uuid::from_u128(9)));
        for another in [&two, &program] {
            fresh(&harness, another, "k").await.release().await;
        }
        fresh(&harness, &one, "K").await.release().await;
    }

    async fn a_secret_is_given_again_to_the_session_that_got_it(backend) {
        let Some(harness) = harness(backend).await else { return };
        let in_session = |number: u128| {
            let mut actor = actor(1);
            actor.origin.session_id = Some(SessionId(Uuid::from_u128(number)));
            actor
        };
        let secret = |thing: &u64| answer(thing).secret();
        let (here, there) = (in_session(1), in_session(2));
        let pending = fresh(&harness, &here, "k").await;
        let tx = harness.ctx.db.begin().await.unwrap();
        Keep::new(Some(&pending), secret).answer(&tx, &7).await.unwrap();
        tx.commit().await.unwrap();
        pending.finish(&secret(&7)).await.unwrap();
        assert_eq!(done(&harness, &here, "k").await, secret(&7));
        for other in [&there, &actor(1)] {
            let refused = begin(&harness.ctx, other, "k", REQUEST).await;
            assert!(matches!(refused, Err(OnceError::OtherSession)), "not told, and not done again: {refused:?}");
        }
        assert_eq!(done(&harness, &here, "k").await, secret(&7));
        // What holds none is told to the person, wherever they are.
        fresh(&harness, &here, "plain").await.finish(&answer(&8)).await.unwrap();
        assert_eq!(done(&harness, &there, "plain").await, answer(&8));
        // A program has no session; its key is its own.
        let mut program = actor(1);
        program.origin.key_id = Some(ApiKeyId(Uuid::from_u128(9)));
        fresh(&harness, &program, "k").await.finish(&secret(&9)).await.unwrap();
        assert_eq!(done(&harness, &program, "k").await, secret(&9));
    }

    async fn nothing_readable_is_stored(backend) {
        let Some(harness) = harness(backend).await else { return };
        let key = "a-key-of-the-client";
        let pending = fresh(&harness, &actor(1), key).await;
        make(&harness, &pending, 7).await.unwrap();
        drop(pending);
        let sql = "SELECT actor || ' ' || key_hash || ' ' || request_hash || ' ' || answer AS line FROM idempotency_key";
        let stored = text(&harness, sql).await;
        assert_eq!(stored.len(), 1);
        for readable in ["thing", "secret", "location", key, "POST", "eyJzdGF0dXMi"] {
            assert!(!stored[0].contains(readable), "{readable} in {}", stored[0]);
        }
        // What was sealed for one row opens in no other.
        let (second, db) = (fresh(&harness, &actor(2), key).await, &harness.ctx.db);
        make(&harness, &second, 8).await.unwrap();
        drop(second);
        let swap = "UPDATE idempotency_key SET answer = (SELECT k.answer FROM idempotency_key k WHERE k.actor <> idempotency_key.actor)";
        db.execute_unprepared(swap).await.unwrap();
        let moved = begin(&harness.ctx, &actor(1), key, REQUEST).await;
        assert!(matches!(moved, Err(OnceError::Vault(_))), "{moved:?}");
    }

    async fn change_and_answer_are_there_together_or_not_at_all(backend) {
        let Some(harness) = harness(backend).await else { return };
        let one = actor(1);
        let pending = fresh(&harness, &one, "k").await;
        let tx = harness.ctx.db.begin().await.unwrap();
        Keep::new(Some(&pending), answer).answer(&tx, &7).await.unwrap();
        tx.rollback().await.unwrap();
        // As when the client leaves before the commit: the key comes back by itself.
        drop(pending);
        tokio::time::timeout(Duration::from_secs(20), async {
            while rows(&harness).await > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("the key is given back");
        // And after it: the answer stays.
        let pending = fresh(&harness, &one, "k").await;
        make(&harness, &pending, 8).await.unwrap();
        drop(pending);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(done(&harness, &one, "k").await, answer(&8));
        // What was refused can be asked for again, even otherwise.
        fresh(&harness, &one, "refused").await.release().await;
        let otherwise = begin(&harness.ctx, &one, "refused", b"POST /things {\"better\":true}").await.unwrap();
        let Begun::Fresh(pending) = otherwise else { panic!("{otherwise:?}") };
        pending.finish(&answer(&9)).await.unwrap();
    }

    async fn a_reservation_whose_process_died_is_taken_over_and_its_change_lost(backend) {
        let Some(harness) = harness(backend).await else { return };
        let one = actor(1);
        let dead = fresh(&harness, &one, "k").await;
        harness.advance(29);
        assert!(matches!(begin(&harness.ctx, &one, "k", REQUEST).await, Err(OnceError::InProgress { .. })));
        harness.advance(2);
        let second = fresh(&harness, &one, "k").await;
        let late = make(&harness, &dead, 7).await;
        assert!(matches!(late, Err(store::StoreError::Unavailable { .. })), "its change must not be committed: {late:?}");
        dead.release().await;
        make(&harness, &second, 8).await.unwrap();
        assert_eq!(done(&harness, &one, "k").await, answer(&8));
        assert!(make(&harness, &second, 9).await.is_err(), "one answer for each reservation");
    }

    async fn of_many_at_once_one_is_fresh(backend) {
        let Some(harness) = harness(backend).await else { return };
        let one = actor(1);
        let tries = (0..50).map(|_| begin(&harness.ctx, &one, "k", REQUEST));
        let begun = futures::future::join_all(tries).await;
        let fresh = begun.iter().filter(|begun| matches!(begun, Ok(Begun::Fresh(_)))).count();
        let waits = begun.iter().filter(|begun| matches!(begun, Err(OnceError::InProgress { .. }))).count();
        assert_eq!((fresh, waits), (1, 49), "{begun:?}");
    }

    async fn after_three_days_it_is_another_request(backend) {
        let Some(harness) = harness(backend).await else { return };
        let one = actor(1);
        let pending = fresh(&harness, &one, "k").await;
        make(&harness, &pending, 7).await.unwrap();
        drop(pending);
        harness.advance(KEPT_HOURS * 3600 - 1);
        assert_eq!(idempotency_prune(&harness.ctx.db, harness.ctx.env.now(), 10).await.unwrap(), 0);
        assert_eq!(done(&harness, &one, "k").await, answer(&7));
        harness.advance(1);
        fresh(&harness, &one, "k").await.finish(&answer(&8)).await.unwrap();
        assert_eq!(done(&harness, &one, "k").await, answer(&8));
        harness.advance(KEPT_HOURS * 3600);
        assert_eq!(idempotency_prune(&harness.ctx.db, harness.ctx.env.now(), 10).await.unwrap(), 1);
        assert_eq!(rows(&harness).await, 0);
    }
}
