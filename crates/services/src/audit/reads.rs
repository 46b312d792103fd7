//! Noting reads: many at once in one transaction, each awaited. A read that could not be noted is not answered.
//!
//! Whoever comes first starts a task that writes what waits, again and again until nothing does; who comes meanwhile is in
//! its next transaction. The task goes on when the one who started it is gone.

use std::sync::{Arc, Mutex, PoisonError};

use domain::access::Actor;
use domain::audit::Entry;
use store::StoreError;
use store::repo::audit::{NewEntry, audit_append};
use tokio::sync::{Semaphore, oneshot};

use super::record::prepared;
use crate::Context;

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
}

impl Default for Reads {
    fn default() -> Self {
        Self { queue: Arc::default(), room: Arc::new(Semaphore::new(ROOM)) }
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

/// Notes a read of personal data, before it is answered. Returns when the entry is lasting. Never call it with a transaction
/// open: on SQLite it would wait for it.
///
/// # Errors
/// [`StoreError`]: don't answer the read then.
pub async fn note_read(ctx: &Context, actor: &Actor, entry: Entry) -> Result<(), StoreError> {
    let reads = &ctx.audit.reads;
    let entry = prepared(ctx, actor, entry);
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
