//! What is kept: reckoned once for many, never given out for another state, and no more than there is room for.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use domain::cost::proration::Spread;
use domain::ids::WorkspaceId;
use domain::usage::Month;
use futures::future::join_all;
use store::StoreError;
use uuid::Uuid;

use super::*;
use crate::cost::NotReckoned;
use crate::cost::reckoned::{Kind, Reckoned};

fn key(number: u128) -> Key {
    let month: Month = "2026-02".parse().unwrap();
    let at: DateTime<Utc> = month.end();
    let frame = Frame { month, to: month.next().first_day(), spread: Spread::Even, known_to: at, watched_from: at };
    (AccountId(Uuid::from_u128(number)), frame)
}

fn state(sum: i64) -> EstimateVersion {
    EstimateVersion { marks: 1, sum }
}

fn rows(count: usize) -> Rows {
    let kind = Kind {
        account_id: AccountId(Uuid::nil()),
        account_name: String::new(),
        region: "eu-central-1".parse().unwrap(),
        directory_aws_id: String::new(),
        directory_name: None,
        bundle_aws_id: String::new(),
        bundle_name: None,
        running_mode: String::new(),
    };
    let one = Reckoned {
        id: WorkspaceId(Uuid::nil()),
        user_name: "".into(),
        kind: Arc::new(kind),
        charges: Err(NotReckoned::NoPrice),
        hours_known: true,
        uncertain: false,
        active: false,
    };
    Arc::new(vec![one; count])
}

/// Estimates, and how often one was reckoned.
#[derive(Default)]
struct Trial {
    kept: KeptEstimates,
    made: AtomicUsize,
}

impl Trial {
    async fn ask(&self, key: Key, version: EstimateVersion, count: usize, stayed: bool) -> Rows {
        let make = async {
            self.made.fetch_add(1, Ordering::SeqCst);
            // Others come meanwhile.
            tokio::task::yield_now().await;
            Ok((rows(count), stayed))
        };
        self.kept.get(key, version, make).await.unwrap()
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn many_who_ask_at_once_wait_for_one() {
    let trial = Trial::default();
    let found = join_all((0..8).map(|_| trial.ask(key(1), state(1), 3, true))).await;
    assert_eq!(trial.made(), 1);
    assert!(found.iter().all(|rows| Arc::ptr_eq(rows, &found[0]) && rows.len() == 3));
    join_all([trial.ask(key(1), state(1), 4, true), trial.ask(key(2), state(1), 5, true)]).await;
    assert_eq!(trial.made(), 2, "another account is another estimate");
}

#[tokio::test]
async fn another_state_is_reckoned_anew() {
    let trial = Trial::default();
    assert_eq!(trial.ask(key(1), state(1), 3, true).await.len(), 3);
    assert_eq!(trial.ask(key(1), state(2), 4, true).await.len(), 4);
    assert_eq!(trial.ask(key(1), state(2), 5, true).await.len(), 4);
    let mut other = key(1);
    other.1.spread = Spread::AsCharged;
    assert_eq!(trial.ask(other, state(2), 6, true).await.len(), 6, "other days are another estimate");
    assert_eq!(trial.made(), 3);
}

#[tokio::test]
async fn what_changed_while_it_was_reckoned_is_for_those_who_waited_only() {
    let trial = Trial::default();
    join_all((0..8).map(|_| trial.ask(key(1), state(1), 3, false))).await;
    // The second began after all the others had asked.
    assert_eq!(trial.made(), 2);
    trial.ask(key(1), state(1), 3, false).await;
    assert_eq!(trial.made(), 3);
}

#[tokio::test]
async fn what_could_not_be_reckoned_is_tried_again() {
    let trial = Trial::default();
    let failed = trial.kept.get(key(1), state(1), async { Err(StoreError::BadCursor.into()) }).await;
    assert!(matches!(failed, Err(CostError::Store(StoreError::BadCursor))));
    assert_eq!(trial.ask(key(1), state(1), 3, true).await.len(), 3);
}

#[tokio::test]
async fn what_nobody_asks_for_makes_room() {
    let trial = Trial::default();
    let (large, small) = (MOST * 3 / 4, MOST / 5);
    trial.ask(key(1), state(1), large, true).await;
    trial.ask(key(2), state(1), small, true).await;
    trial.ask(key(1), state(1), large, true).await;
    assert_eq!(trial.made(), 2);
    trial.ask(key(3), state(1), small, true).await;
    trial.ask(key(1), state(1), large, true).await;
    assert_eq!(trial.made(), 3, "it was asked for after the second");
    trial.ask(key(4), state(1), MOST, true).await;
    trial.ask(key(3), state(1), small, true).await;
    assert_eq!(trial.made(), 4, "what has no room by itself takes none from others");
    trial.ask(key(2), state(1), small, true).await;
    assert_eq!(trial.made(), 5, "it had gone");
    let weights: usize = trial.kept.entries().by_key.values().map(|entry| entry.weight).sum();
    assert!(weights <= MOST, "{weights}");
}

#[test]
fn nothing_is_kept_for_long() {
    let made_at = Instant::now();
    let kept = Kept { version: Some(state(1)), began: 1, made_at, rows: rows(1) };
    assert!(kept.answers(2, state(1), made_at + LASTS - Duration::from_secs(1)));
    assert!(!kept.answers(2, state(1), made_at + LASTS));
    assert!(!kept.answers(2, state(2), made_at));
}
