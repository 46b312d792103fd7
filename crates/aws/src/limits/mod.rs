//! The pace towards AWS: token buckets per account, region and operation ([`BucketKey`]), whose rate adapts to what AWS
//! says. [`Limits`] is what every call waits for; it has buckets in the process, and may have shared ones
//! ([`TokenBucket`] over Redis, made by the composition root) with those of the process as the way out while they are
//! away. Not a queue with priorities: callers go in the order in which they asked.
//! To add a place for buckets: implement [`TokenBucket`]; to change a rate: `rates`.

mod local;

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{AccountId, Region};
use tokio::time::Instant;

use local::LocalBuckets;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketKey {
    /// The account, as Wheelhouse knows it.
    pub account: AccountId,
    /// The region whose endpoint is called.
    pub region: Region,
    /// The operation as IAM writes it, such as `workspaces:DescribeTags`.
    pub operation: &'static str,
}

impl fmt::Display for BucketKey {
    /// One text per bucket, fit for a key of Redis.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.account, self.region, self.operation)
    }
}

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Tokens per second. Infinite: no limit.
    pub per_second: f64,
    /// Tokens in a full bucket: requests that may go at once after a rest. At least 1.
    pub burst: f64,
}

impl Rate {
    /// The part of one of `replicas` processes that do not know of each other.
    #[must_use]
    pub fn share(self, replicas: u32) -> Self {
        let part = f64::from(replicas.max(1));
        Self { per_second: self.per_second / part, burst: (self.burst / part).max(1.0) }
    }
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// None would come in time; none was taken.
    #[error("no token in time")]
    InTime,
    /// The buckets can't be reached; whether one was taken is unknown.
    #[error("the shared buckets are away")]
    Away,
}

/// A place for token buckets. Each starts full; a throttled answer halves its rate, which then recovers slowly.
#[async_trait]
pub trait TokenBucket: fmt::Debug + Send + Sync {
    /// Takes a token, which may be used after the duration that is answered: at most `longest_wait`.
    ///
    /// # Errors
    /// [`NoToken`].
    async fn reserve(&self, key: &BucketKey, rate: Rate, longest_wait: Duration) -> Result<Duration, NoToken>;

    /// AWS answered that this was too fast: halves the rate, empties the bucket, and keeps silent for as long as AWS asked.
    ///
    /// # Errors
    /// [`NoToken::Away`].
    async fn throttled(&self, key: &BucketKey, rate: Rate, retry_after: Option<Duration>) -> Result<(), NoToken>;

    /// Empties the bucket without slowing it down: requests have been sent that it does not know of.
    ///
    /// # Errors
    /// [`NoToken::Away`].
    async fn drain(&self, key: &BucketKey, rate: Rate) -> Result<(), NoToken>;

    /// Processes that take from these buckets, this one included, as far as was seen last; 0 where that is unknown.
    fn replicas(&self) -> u32;
}

/// What every call waits for.
#[derive(Debug)]
pub struct Limits {
    local: LocalBuckets,
    shared: Option<Shared>,
}

#[derive(Debug)]
struct Shared {
    buckets: Arc<dyn TokenBucket>,
    at_least: u32,
    away: AtomicBool,
    /// Those that were last taken from in the process, so that the shared bucket does not know of it.
    on_our_own: Mutex<HashSet<BucketKey>>,
}

impl Shared {
    fn replicas(&self) -> u32 {
        self.buckets.replicas().max(self.at_least).max(1)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<BucketKey>> {
        self.on_our_own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token of the shared bucket, which hears first that this process went on without it.
    async fn reserve(&self, key: &BucketKey, rate: Rate, longest_wait: Duration) -> Result<Duration, NoToken> {
        let unknown = self.lock().contains(key);
        if unknown {
            self.buckets.drain(key, rate).await?;
            self.lock().remove(key);
        }
        self.buckets.reserve(key, rate, longest_wait).await
    }

    fn seen(&self, there: bool) {
        if self.away.swap(!there, Ordering::SeqCst) != there {
            return;
        }
        if there {
            tracing::info!("the limits towards AWS are shared again");
        } else {
            let replicas = self.replicas();
            tracing::warn!(
                replicas,
                "the shared limits towards AWS are away: this process keeps to its share, 1/{replicas} of each rate"
            );
        }
    }
}

impl Limits {
    /// Limits of this process alone: right for a single process.
    #[must_use]
    pub fn in_process() -> Self {
        Self { local: LocalBuckets::default(), shared: None }
    }

    /// Limits shared through `buckets`. While these are away this process keeps to its share by itself: as many processes
    /// are assumed as were seen last, and at least `at_least` (which is taken as 1 where it is 0). Where only some processes
    /// lost the way to `buckets`, these add their share to what the others take; AWS's throttled answers make up for it.
    #[must_use]
    pub fn shared(buckets: Arc<dyn TokenBucket>, at_least: u32) -> Self {
        let shared = Shared { buckets, at_least, away: AtomicBool::new(false), on_our_own: Mutex::default() };
        Self { local: LocalBuckets::default(), shared: Some(shared) }
    }

    /// By how many this process divides each rate if the shared buckets are away; `None` where there are none.
    #[must_use]
    pub fn share(&self) -> Option<u32> {
        self.shared.as_ref().map(Shared::replicas)
    }

    /// Whether the shared buckets did not answer when they were last asked.
    #[must_use]
    pub fn on_our_own(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| shared.away.load(Ordering::SeqCst))
    }

    /// Waits for a token.
    ///
    /// # Errors
    /// [`NoToken::InTime`], at once and without taking a token, when none would come before the deadline.
    pub async fn acquire(&self, key: &BucketKey, rate: Rate, deadline: Instant) -> Result<(), NoToken> {
        let wait = self.reserve(key, rate, deadline.saturating_duration_since(Instant::now())).await?;
        // Asking took its time.
        match Instant::now().checked_add(wait) {
            Some(ready_at) if ready_at <= deadline => {
                tokio::time::sleep_until(ready_at).await;
                Ok(())
            }
            _ => Err(NoToken::InTime),
        }
    }

    async fn reserve(&self, key: &BucketKey, rate: Rate, longest_wait: Duration) -> Result<Duration, NoToken> {
        let Some(shared) = self.shared.as_ref().filter(|_| rate.per_second.is_finite()) else {
            return self.local.reserve(key, rate, longest_wait).await;
        };
        match shared.reserve(key, rate, longest_wait).await {
            Err(NoToken::Away) => shared.seen(false),
            answer => {
                shared.seen(true);
                return answer;
            }
        }
        let share = rate.share(shared.replicas());
        if shared.lock().insert(key.clone()) {
            // What the others took is not known here: nothing goes at once.
            self.local.drain(key, share).await?;
        }
        self.local.reserve(key, share, longest_wait).await
    }

    /// AWS answered that this was too fast.
    pub(crate) async fn throttled(&self, key: &BucketKey, rate: Rate, retry_after: Option<Duration>) {
        let mut rate = rate;
        if let Some(shared) = self.shared.as_ref().filter(|_| rate.per_second.is_finite()) {
            if shared.buckets.throttled(key, rate, retry_after).await.is_ok() {
                return;
            }
            rate = rate.share(shared.replicas());
        }
        // A bucket in the process is always there.
        let _ = self.local.throttled(key, rate, retry_after).await;
    }
}

#[cfg(test)]
mod tests;
