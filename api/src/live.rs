//! The live stream's engine: one task per process tails the outbox and hands each event to every connection.
//!
//! The table is the truth. A connection first subscribes, then reads from the table what it missed, then goes on with what
//! the tail hands out, leaving out ids it has had: no gap, no event twice. One that falls behind reads from the table again.
//! A session or key has a limited number of [`Seat`]s. Who may see an event, and how it looks on the wire, is in `routes::events`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use contract::events::Event;
use futures::{Stream, StreamExt};
use services::credentials::Principal;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// The tail looks by itself this often, since a nudge may be lost.
const POLL: Duration = Duration::from_secs(1);
/// Events per read of the table.
const BATCH: u32 = 500;
/// Events that may wait for one connection before it has to read from the table again.
const BACKLOG: usize = 1024;
/// A connection that missed more than this is told to read everything again, which is cheaper for both.
const MOST_MISSED: usize = 10_000;
/// How often a connection is checked: whether its session is good, whether the client knows where the stream stands.
const CHECK: Duration = Duration::from_secs(3);

/// Streams of one session or key that one process serves at a time: many tabs, and no more than a process can bear.
pub const SEATS: usize = 20;

/// An event of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the outbox; later ones are greater.
    pub id: i64,
    /// What happened.
    pub event: Event,
}

/// What is in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The smallest id a client may have last seen without having missed anything that is no longer kept.
    pub resumable_from: i64,
    /// The newest id ever given out; 0 before the first.
    pub newest: i64,
}

/// Why the outbox could not be read.
pub type OutboxError = Box<dyn std::error::Error + Send + Sync>;

/// The outbox as the stream sees it: the database, or a list in tests.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// What is in it.
    ///
    /// # Errors
    /// The database failed.
    async fn kept(&self) -> Result<Kept, OutboxError>;

    /// At most `limit` events after that id, in order.
    ///
    /// # Errors
    /// The database failed.
    async fn after(&self, id: i64, limit: u32) -> Result<Vec<Recorded>, OutboxError>;
}

/// What a connection is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// The stream stands here; nothing happened.
    Position(i64),
    /// Events were missed for good; the stream goes on from here.
    Reset(i64),
    /// An event.
    Event(Arc<Recorded>),
}

/// The engine. Cloning is cheap; all clones are one.
#[derive(Clone)]
pub struct Live {
    outbox: Arc<dyn Outbox>,
    sender: broadcast::Sender<Arc<Recorded>>,
    position: watch::Sender<Option<i64>>,
    end: CancellationToken,
    seats: Arc<Mutex<HashMap<Principal, usize>>>,
}

/// The right of a session or key to one stream; it is free again when this goes.
#[derive(Debug)]
pub struct Seat {
    holder: Principal,
    seats: Arc<Mutex<HashMap<Principal, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("wheelhouse_live_streams").decrement(1.0);
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.holder) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.holder);
            }
        }
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("position", &*self.position.borrow()).finish_non_exhaustive()
    }
}

impl Live {
    /// An engine whose [`tail`](Self::tail) somebody has to run. It and all its connections end with `end`.
    #[must_use]
    pub fn new(outbox: Arc<dyn Outbox>, end: CancellationToken) -> Self {
        let (sender, position) = (broadcast::Sender::new(BACKLOG), watch::Sender::new(None));
        Self { outbox, sender, position, end, seats: Arc::default() }
    }

    /// A place for one more stream of the session or key; `None` when it has [`SEATS`] already.
    #[must_use]
    pub fn seat(&self, holder: Principal) -> Option<Seat> {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(holder).or_default();
        if *taken >= SEATS {
            return None;
        }
        *taken += 1;
        metrics::gauge!("wheelhouse_live_streams").increment(1.0);
        Some(Seat { holder, seats: self.seats.clone() })
    }

    /// Reads the outbox after each nudge, and each second, and hands out what is new, until the end.
    pub async fn tail(self, nudges: impl Stream<Item = ()> + Unpin) {
        let end = self.end.clone();
        end.run_until_cancelled(self.tail_for_ever(nudges)).await;
    }

    async fn tail_for_ever(&self, mut nudges: impl Stream<Item = ()> + Unpin) {
        let mut failing = false;
        let mut position = None;
        loop {
            match self.hand_out(&mut position).await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(
                        causes = crate::error::chain(&*error),
                        "the outbox can't be read; the live stream waits"
                    );
                }
                Err(_) => {}
            }
            tokio::select! {
                Some(()) = nudges.next() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    async fn hand_out(&self, position: &mut Option<i64>) -> Result<(), OutboxError> {
        let mut at = match *position {
            Some(at) => at,
            None => self.outbox.kept().await?.newest,
        };
        loop {
            // Until nothing is left: a short batch may only lack events of a kind that this version does not know.
            let events = self.outbox.after(at, BATCH).await?;
            let last = events.is_empty();
            for recorded in events {
                at = recorded.id;
                // Nobody listening is no error.
                self.sender.send(Arc::new(recorded)).unwrap_or_default();
            }
            *position = Some(at);
            self.position.send_replace(Some(at));
            if last {
                return Ok(());
            }
        }
    }

    /// Hands a connection its events, from after `last_seen` or from now on, until the client is gone, the session is no
    /// longer `good` or the process drains.
    ///
    /// # Errors
    /// The outbox could not be read; the client should come back with the last id it has.
    pub async fn follow<Fut: Future<Output = bool> + Send>(
        &self,
        last_seen: Option<i64>,
        visible: impl Fn(&Event) -> bool + Send,
        good: impl Fn() -> Fut + Send,
        out: mpsc::Sender<Out>,
    ) -> Result<(), OutboxError> {
        // Subscribed before anything is read: what is recorded from here on arrives one way or the other.
        let mut events = self.sender.subscribe();
        let end = self.end.clone();
        let gone = out.clone();
        let feed = async {
            let mut connection = Connection { live: self, visible, out, at: 0, told: 0 };
            connection.catch_up(last_seen).await?;
            let mut check = tokio::time::interval_at(tokio::time::Instant::now() + CHECK, CHECK);
            check.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    received = events.recv() => match received {
                        Ok(recorded) => connection.offer(recorded).await,
                        Err(RecvError::Lagged(_)) => connection.read_on().await?,
                        Err(RecvError::Closed) => return Ok(()),
                    },
                    _ = check.tick() => {
                        if !good().await {
                            return Ok(());
                        }
                        connection.tell_position().await;
                    }
                }
            }
        };
        tokio::select! {
            result = feed => result,
            () = end.cancelled() => Ok(()),
            () = gone.closed() => Ok(()),
        }
    }
}

/// One client of the stream.
struct Connection<'a, V> {
    live: &'a Live,
    visible: V,
    out: mpsc::Sender<Out>,
    /// The last id that was looked at.
    at: i64,
    /// The last id that the client knows of.
    told: i64,
}

impl<V: Fn(&Event) -> bool> Connection<'_, V> {
    async fn catch_up(&mut self, last_seen: Option<i64>) -> Result<(), OutboxError> {
        let mut position = self.live.position.subscribe();
        // The engine outlives its connections, so that this ends with a position.
        let now = position.wait_for(Option::is_some).await?.unwrap_or_default();
        let Some(last_seen) = last_seen else {
            self.at = now;
            self.told = now;
            self.send(Out::Position(now)).await;
            return Ok(());
        };
        let kept = self.live.outbox.kept().await?;
        if last_seen > kept.newest || last_seen < kept.resumable_from {
            self.reset(kept.newest).await;
            return Ok(());
        }
        self.at = last_seen;
        self.told = last_seen;
        // At once, so that the client's headers and its notion of where it is are there before the first event.
        self.send(Out::Position(last_seen)).await;
        self.read_on().await
    }

    /// Reads from the table what was recorded after the last id looked at.
    async fn read_on(&mut self) -> Result<(), OutboxError> {
        let mut missed = 0;
        loop {
            let events = self.live.outbox.after(self.at, BATCH).await?;
            let last = events.is_empty();
            missed += events.len();
            if missed > MOST_MISSED {
                let newest = self.live.outbox.kept().await?.newest;
                self.reset(newest).await;
                return Ok(());
            }
            for recorded in events {
                self.offer(Arc::new(recorded)).await;
            }
            if last {
                return Ok(());
            }
        }
    }

    async fn offer(&mut self, recorded: Arc<Recorded>) {
        if recorded.id <= self.at {
            return;
        }
        self.at = recorded.id;
        if (self.visible)(&recorded.event) {
            self.told = recorded.id;
            self.send(Out::Event(recorded)).await;
        }
    }

    async fn reset(&mut self, newest: i64) {
        self.at = newest;
        self.told = newest;
        self.send(Out::Reset(newest)).await;
    }

    /// Events that the client may not see move the stream on as well; else it would come back with an id that is too old.
    async fn tell_position(&mut self) {
        if self.told < self.at {
            self.told = self.at;
            self.send(Out::Position(self.at)).await;
        }
    }

    /// A client that is gone is noticed in [`Live::follow`].
    async fn send(&self, out: Out) {
        self.out.send(out).await.unwrap_or_default();
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
