//! Noting reads: many at once in one transaction, each awaited. A read that could not be noted is not answered. The same read
//! again within [`FOLD_WINDOW`] stands in the log already; what is remembered of that is one process's, and bounded.
//!
//! Whoever comes first starts a task that writes what waits, again and again until nothing does; who comes meanwhile is in
//! its next transaction. The task goes on when the one who started it is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Actor;
use domain::audit::{Entry, Outcome, is_look};
use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::repo::audit::{NewEntry, audit_append};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::record::prepared;
use crate::Context;

/// The same read by the same actor is one entry for so long: pages ask again whenever something happens in the fleet.
pub const FOLD_WINDOW: TimeDelta = TimeDelta::minutes(10);
/// Reads that are remembered at most, some 64 bytes each.
const MOST_NOTED: usize = 20_000;
/// Reads that wait at most; whoever comes then waits for room.
const ROOM: usize = 4096;
/// Entries in one transaction at most.
const BATCH: usize = 512;

struct Waiting {
    entry: NewEntry,
    done: oneshot::Sender<Result<(), StoreError>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    running: bool,
}

/// The queue of one process.
#[derive(Clone)]
pub(super) struct Reads {
    queue: Arc<Mutex<Queue>>,
    room: Arc<Semaphore>,
    noted: Arc<Mutex<Noted>>,
}

impl Default for Reads {
    fn default() -> Self {
        Self { queue: Arc::default(), room: Arc::new(Semaphore::new(ROOM)), noted: Arc::default() }
    }
}

impl Reads {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Reads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reads")
    }
}

/// The one task that writes. However it ends, the next who comes starts another; those who wait are told.
struct Writer {
    queue: Arc<Mutex<Queue>>,
    ended: bool,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.ended {
            // It was stopped in the middle: whoever waits learns it by the end of their channel.
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.running = false;
            queue.waiting.clear();
        }
    }
}

/// Notes a read of personal data, before it is answered. Returns when the entry is lasting, or when the same read by the same
/// actor is in the log from less than [`FOLD_WINDOW`] ago. Never call it with a transaction open: on SQLite it would wait for it.
///
/// # Errors
/// [`StoreError`]: don't answer the read then.
pub async fn note_read(ctx: &Context, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
    let reads = &ctx.audit.reads;
    let entry = look(ctx, actor, entry);
    // What was refused or failed is no look at anything: each stands for itself.
    let (at, same) = (entry.at, (entry.record.outcome == Outcome::Done.as_str()).then(|| same(&entry)));
    if same.is_some_and(|same| reads.noted().covers(&same, at)) {
        return Ok(());
    }
    write_one(ctx, entry).await?;
    // Only now: who reads the same meanwhile writes an entry of their own, and nobody relies on one that fails.
    if let Some(same) = same {
        reads.noted().add(same, at);
    }
    Ok(())
}

/// [`note_read`] for what is an entry each time: taking data along.
///
/// # Errors
/// As [`note_read`].
pub(crate) async fn note_each(ctx: &Context, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
    write_one(ctx, look(ctx, actor, entry)).await
}

/// A look as it is written. What was refused may have been a change that somebody tried.
fn look(ctx: &Context, actor: &Actor, entry: Entry) -> NewEntry {
    debug_assert!(!entry.is_done() || is_look(entry.action()), "{}: its verb is not in LOOKS", entry.action());
    prepared(ctx, actor, entry)
}

async fn write_one(ctx: &Context, entry: NewEntry) -> Result<(), StoreError> {
    let reads = &ctx.audit.reads;
    // It is never closed; should it be, the entry is written all the same.
    let _permit = reads.room.acquire().await.ok();
    let (done, written) = oneshot::channel();
    let start = {
        let mut queue = reads.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push(Waiting { entry, done });
        !std::mem::replace(&mut queue.running, true)
    };
    if start {
        let (db, queue) = (ctx.db.clone(), Arc::clone(&reads.queue));
        tokio::spawn(drain(db, Writer { queue, ended: false }));
    }
    written.await.unwrap_or(Err(StoreError::Unavailable { source: None }))
}

/// What tells one read from another: everything that the entry says but when, in which request, and its id.
fn same(entry: &NewEntry) -> Same {
    let mut record = entry.record.clone();
    (record.id, record.at, record.request_id) = (Uuid::nil(), String::new(), None);
    let mut hash = Sha256::new().chain_update(record.text());
    for part in &entry.personal {
        hash.update(part.body.len().to_be_bytes());
        hash.update(&part.body);
    }
    hash.finalize().into()
}

type Same = [u8; 32];

/// Reads that are in the log, with when they were written: hashes, which name nobody.
#[derive(Default)]
struct Noted(HashMap<Same, DateTime<Utc>>);

impl Noted {
    fn covers(&self, same: &Same, now: DateTime<Utc>) -> bool {
        // From the first one on, not from the last: who looks all day is in the log all day. A clock that was put back covers
        // nothing.
        self.0.get(same).is_some_and(|at| *at <= now && now - *at < FOLD_WINDOW)
    }

    fn add(&mut self, same: Same, at: DateTime<Utc>) {
        if self.0.len() >= MOST_NOTED {
            self.0.retain(|_, noted| *noted <= at && at - *noted < FOLD_WINDOW);
        }
        if self.0.len() >= MOST_NOTED {
            // Too much at once: more entries are written than would have to be, never fewer.
            self.0.clear();
        }
        self.0.insert(same, at);
    }
}

async fn drain(db: store::Db, mut writer: Writer) {
    while let Some(batch) = next(&writer.queue) {
        write(&db, batch).await;
    }
    writer.ended = true;
}

/// What is written next; `None`, and no longer running, when nothing waits.
fn next(queue: &Mutex<Queue>) -> Option<Vec<Waiting>> {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let most = queue.waiting.len().min(BATCH);
    queue.running = most > 0;
    queue.running.then(|| queue.waiting.drain(..most).collect())
}

/// Writes all of them; one by one if that fails for another reason than that the database is away.
async fn write(db: &store::Db, batch: Vec<Waiting>) {
    let entries = batch.iter().map(|waiting| waiting.entry.clone()).collect();
    match append(db, entries).await {
        Ok(()) => batch.into_iter().for_each(|waiting| drop(waiting.done.send(Ok(())))),
        Err(error) if error.retryable() || batch.len() == 1 => {
            tracing::warn!(error = &error as &dyn std::error::Error, reads = batch.len(), "reads could not be noted");
            for waiting in batch {
                drop(waiting.done.send(Err(StoreError::Unavailable { source: None })));
            }
        }
        Err(_) => {
            for waiting in batch {
                let written = append(db, vec![waiting.entry]).await;
                drop(waiting.done.send(written));
            }
        }
    }
}

async fn append(db: &store::Db, entries: Vec<NewEntry>) -> Result<(), StoreError> {
    let tx = db.begin().await?;
    audit_append(&tx, entries).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut noted, start) = (Noted::default(), DateTime::UNIX_EPOCH);
        let name = |number: usize| -> Same { Sha256::digest(number.to_be_bytes()).into() };
        for number in 0..MOST_NOTED * 2 + 5 {
            noted.add(name(number), start);
            assert!(noted.0.len() <= MOST_NOTED);
        }
        assert!(noted.covers(&name(MOST_NOTED * 2 + 4), start), "the newest one is always known");
        assert!(!noted.covers(&name(0), start));
        // What is old goes first.
        let mut noted = Noted::default();
        for number in 0..MOST_NOTED {
            noted.add(name(number), if number < 7 { start + FOLD_WINDOW } else { start });
        }
        noted.add(name(MOST_NOTED), start + FOLD_WINDOW);
        assert_eq!(noted.0.len(), 8);
    }
}
