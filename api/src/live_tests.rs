//! The promises of the live stream, tried on a list instead of a database.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::{AccountId, SessionId, UserId};
use tokio::time::timeout;
use uuid::Uuid;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct List {
    events: Mutex<Vec<Recorded>>,
    resumable_from: i64,
}

fn event(rows: u64) -> Event {
    Event::FleetChanged { account_id: AccountId(Uuid::nil()), region: None, rows }
}

impl List {
    fn record(&self, count: i64) {
        let mut events = self.events.lock().unwrap();
        for _ in 0..count {
            let id = events.last().map_or(1, |e| e.id + 1);
            events.push(Recorded { id, event: event(id as u64) });
        }
    }
}

#[async_trait]
impl Outbox for List {
    async fn kept(&self) -> Result<Kept, OutboxError> {
        let newest = self.events.lock().unwrap().last().map_or(0, |e| e.id);
        Ok(Kept { resumable_from: self.resumable_from, newest })
    }

    async fn after(&self, id: i64, limit: u32) -> Result<Vec<Recorded>, OutboxError> {
        tokio::task::yield_now().await;
        let events = self.events.lock().unwrap();
        Ok(events.iter().filter(|e| e.id > id).take(limit as usize).cloned().collect())
    }
}

struct Trial {
    list: Arc<List>,
    live: Live,
    end: CancellationToken,
    nudge: mpsc::Sender<()>,
}

fn trial(recorded: i64, resumable_from: i64) -> Trial {
    let list = Arc::new(List { resumable_from, ..List::default() });
    list.record(recorded);
    let end = CancellationToken::new();
    let live = Live::new(list.clone(), end.clone());
    let (nudge, nudges) = mpsc::channel(8);
    tokio::spawn(live.clone().tail(tokio_stream::wrappers::ReceiverStream::new(nudges)));
    Trial { list, live, end, nudge }
}

fn follow(trial: &Trial, last_seen: Option<i64>) -> mpsc::Receiver<Out> {
    let (out, received) = mpsc::channel(4);
    let live = trial.live.clone();
    tokio::spawn(async move { live.follow(last_seen, |_| true, || async { true }, out).await });
    received
}

async fn next(received: &mut mpsc::Receiver<Out>) -> Option<Out> {
    timeout(PATIENCE, received.recv()).await.unwrap()
}

async fn ids(received: &mut mpsc::Receiver<Out>, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    while ids.len() < count {
        match next(received).await {
            Some(Out::Event(recorded)) => ids.push(recorded.id),
            Some(Out::Position(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    ids
}

#[tokio::test]
async fn a_new_client_begins_now() {
    let trial = trial(3, 0);
    let mut received = follow(&trial, None);
    assert_eq!(next(&mut received).await, Some(Out::Position(3)));
    trial.list.record(2);
    trial.nudge.send(()).await.unwrap();
    assert_eq!(ids(&mut received, 2).await, [4, 5]);
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed_once_and_in_order_while_more_comes() {
    let trial = trial(2_000, 0);
    let mut received = follow(&trial, Some(10));
    for _ in 0..50 {
        trial.list.record(40);
        trial.nudge.send(()).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(ids(&mut received, 3_990).await, (11..=4_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_falls_behind_reads_from_the_table() {
    let trial = trial(0, 0);
    let mut received = follow(&trial, None);
    assert_eq!(next(&mut received).await, Some(Out::Position(0)));
    // Nothing is received meanwhile, and far more is recorded than may wait.
    for _ in 0..5 {
        trial.list.record(1_000);
        trial.nudge.send(()).await.unwrap();
        trial
            .live
            .position
            .subscribe()
            .wait_for(|at| *at == Some(trial.list.events.lock().unwrap().len() as i64))
            .await
            .unwrap();
    }
    assert_eq!(ids(&mut received, 5_000).await, (1..=5_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn ids_that_can_t_be_resumed_are_reset() {
    let trial = trial(100, 50);
    assert_eq!(next(&mut follow(&trial, Some(49))).await, Some(Out::Reset(100)));
    assert_eq!(next(&mut follow(&trial, Some(101))).await, Some(Out::Reset(100)));
    assert_eq!(ids(&mut follow(&trial, Some(50)), 50).await, (51..=100).collect::<Vec<_>>());
    trial.list.record(MOST_MISSED as i64);
    let mut far_behind = follow(&trial, Some(60));
    let last = loop {
        match next(&mut far_behind).await {
            Some(Out::Reset(id)) => break id,
            Some(_) => {}
            None => panic!("ended"),
        }
    };
    assert_eq!(last, 100 + MOST_MISSED as i64);
}

#[tokio::test]
async fn it_ends_when_the_process_drains() {
    let trial = trial(1, 0);
    let mut received = follow(&trial, None);
    next(&mut received).await;
    trial.end.cancel();
    assert_eq!(next(&mut received).await, None);
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_session_does_and_tells_where_it_stands_until_then() {
    let trial = trial(1, 0);
    let good = Arc::new(AtomicBool::new(true));
    let (out, mut received) = mpsc::channel(4);
    let (live, seen) = (trial.live.clone(), good.clone());
    tokio::spawn(async move {
        let good = || {
            let good = seen.load(Ordering::SeqCst);
            async move { good }
        };
        live.follow(None, |_| false, good, out).await
    });
    assert_eq!(next(&mut received).await, Some(Out::Position(1)));
    trial.list.record(5);
    assert_eq!(next(&mut received).await, Some(Out::Position(6)), "hidden events move it on");
    good.store(false, Ordering::SeqCst);
    assert_eq!(next(&mut received).await, None);
}

#[test]
fn a_session_has_so_many_seats_and_gets_them_back() {
    let live = Live::new(Arc::new(List::default()), CancellationToken::new());
    let holder = |session| {
        let (user_id, session_id) = (UserId(Uuid::nil()), SessionId(Uuid::from_u128(session)));
        Principal::Session { user_id, session_id }
    };
    let (mine, other) = (holder(1), holder(2));
    let mut taken: Vec<_> = (0..SEATS).map(|_| live.seat(mine).expect("a seat")).collect();
    assert!(live.seat(mine).is_none() && live.seat(other).is_some(), "each session has its own");
    taken.pop();
    taken.push(live.seat(mine).expect("one was given back"));
    assert!(live.seat(mine).is_none());
    taken.clear();
    assert!(live.seats.lock().unwrap().is_empty(), "a session without streams is not kept");
}
