//! A few threads that share the pieces of a step.
//!
//! The caller works too; the others are asked for each stage and take pieces until none is left, so that one that is late
//! (the machine is busy with something else) only takes fewer. Between the stages of a step they look for work for some
//! microseconds, then they sleep: idle, they cost nothing. Which thread does a piece never changes its result.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::raw::{Lent, lend};

/// How often a thread without work looks for some before it sleeps: some ten microseconds.
const LOOKS: usize = 2_000;

/// Threads; they end with it.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    lent: Lent,
    round: AtomicU64,
    stop: AtomicBool,
    sleepers: Mutex<usize>,
    wake: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// `threads` in all, the caller's among them; at least one.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let mut pool = Self { shared: Arc::default(), threads: Vec::new() };
        for worker in 1..threads {
            let shared = Arc::clone(&pool.shared);
            let name = format!("model-{worker}");
            pool.threads.push(std::thread::Builder::new().name(name).spawn(move || shared.serve(worker))?);
        }
        Ok(pool)
    }

    /// How many threads work, the caller's among them; workers are numbered below it.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.len() + 1
    }

    /// Does all pieces `0..pieces`: `piece(worker, number)`.
    ///
    /// # Panics
    /// A piece did; the others that had begun are finished then.
    pub fn run(&self, pieces: usize, piece: &(dyn Fn(usize, usize) + Sync)) {
        if self.threads.is_empty() || pieces < 2 {
            (0..pieces).for_each(|number| piece(0, number));
            return;
        }
        let next = AtomicUsize::new(0);
        let panicked: Mutex<Option<Box<dyn Any + Send>>> = Mutex::new(None);
        let work = |worker| {
            let result = catch_unwind(AssertUnwindSafe(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= pieces {
                        return;
                    }
                    piece(worker, number);
                }
            }));
            if let Err(payload) = result {
                next.store(pieces, Ordering::Relaxed);
                lock(&panicked).get_or_insert(payload);
            }
        };
        lend(&self.shared.lent, &work, || {
            self.shared.call();
            work(0);
        });
        let payload = lock(&panicked).take();
        if let Some(payload) = payload {
            resume_unwind(payload);
        }
    }

    /// Gives each item to one piece: `piece(worker, number, item)`.
    ///
    /// # Panics
    /// As [`Pool::run`].
    pub fn each<T: Send>(&self, items: impl IntoIterator<Item = T>, piece: impl Fn(usize, usize, T) + Sync) {
        if self.threads.is_empty() {
            items.into_iter().enumerate().for_each(|(number, item)| piece(0, number, item));
            return;
        }
        let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
        self.run(items.len(), &|worker, number| {
            let item = lock(&items[number]).take();
            if let Some(item) = item {
                piece(worker, number, item);
            }
        });
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.call();
        for thread in self.threads.drain(..) {
            // A thread catches what its pieces do; there is nothing to be told here.
            thread.join().unwrap_or_default();
        }
    }
}

impl Shared {
    fn call(&self) {
        self.round.fetch_add(1, Ordering::Release);
        if *lock(&self.sleepers) > 0 {
            self.wake.notify_all();
        }
    }

    fn serve(&self, worker: usize) {
        let mut seen = 0;
        loop {
            self.wait(seen);
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            seen = self.round.load(Ordering::Acquire);
            self.lent.join(worker);
        }
    }

    fn wait(&self, seen: u64) {
        for _ in 0..LOOKS {
            if self.round.load(Ordering::Acquire) != seen {
                return;
            }
            std::hint::spin_loop();
        }
        let mut sleepers = lock(&self.sleepers);
        *sleepers += 1;
        while self.round.load(Ordering::Acquire) == seen {
            sleepers = self.wake.wait(sleepers).unwrap_or_else(PoisonError::into_inner);
        }
        *sleepers -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_and_sees_its_own_item() {
        for threads in [1, 2, 5] {
            let pool = Pool::new(threads).expect("threads");
            let mut values = vec![0_usize; 1000];
            for round in 0..200 {
                pool.each(values.chunks_mut(7), |worker, number, chunk| {
                    assert!(worker < threads);
                    chunk.iter_mut().for_each(|value| *value += number + round);
                });
            }
            let rounds: usize = (0..200).sum();
            for (i, value) in values.iter().enumerate() {
                assert_eq!(*value, 200 * (i / 7) + rounds);
            }
        }
    }

    #[test]
    fn a_panic_in_a_piece_reaches_the_caller_and_the_pool_goes_on() {
        let pool = Pool::new(3).expect("threads");
        for _ in 0..20 {
            let result =
                catch_unwind(AssertUnwindSafe(|| pool.run(50, &|_, number| assert!(number != 33, "the piece"))));
            assert!(result.is_err());
        }
        let done = AtomicUsize::new(0);
        pool.run(50, &|_, _| {
            done.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(done.into_inner(), 50);
    }
}
