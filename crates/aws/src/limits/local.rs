//! Token buckets in the process. The algorithm is the one of the script in `platform::limits`: a change here is a change
//! there.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{BucketKey, NoToken, Rate, TokenBucket};

/// However long an endpoint asks us to wait, it is asked again after this.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_secs(60);
/// A lowered rate never falls below this many requests per second (unless the limit itself is lower).
pub(super) const FLOOR: f64 = 0.2;
/// Growth of a lowered rate per second without a throttled answer: it doubles in about 14 s.
const RECOVERY_PER_SECOND: f64 = 1.05;
/// Throttled answers closer together than this count as one: they answer requests that were already on their way.
const ONE_EVENT: Duration = Duration::from_millis(200);
/// The slowest limit there is: one request in about a quarter of an hour.
const SLOWEST: f64 = 0.001;

/// Buckets of this process.
#[derive(Debug, Default)]
pub(crate) struct LocalBuckets {
    buckets: Mutex<HashMap<BucketKey, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Below zero when tokens are promised to callers who still wait.
    tokens: f64,
    rate: f64,
    at: Instant,
    /// AWS asked for silence until then (Retry-After).
    silent_until: Option<Instant>,
    throttled_at: Option<Instant>,
}

impl Bucket {
    fn full(limit: Rate, now: Instant) -> Self {
        Self { tokens: limit.burst, rate: limit.per_second, at: now, silent_until: None, throttled_at: None }
    }

    fn refill(&mut self, limit: Rate, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.rate = self.rate.min(limit.per_second);
        self.tokens = (self.tokens + seconds * self.rate).min(limit.burst);
        self.rate = (self.rate * RECOVERY_PER_SECOND.powf(seconds)).min(limit.per_second);
        self.at = now;
    }

    fn reserve(&mut self, limit: Rate, now: Instant, longest_wait: Duration) -> Result<Duration, NoToken> {
        let silence = self.silent_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let wait = if limit.per_second.is_finite() {
            self.refill(limit, now);
            let missing = (1.0 - self.tokens).max(0.0);
            let seconds = Duration::try_from_secs_f64(missing / self.rate).map_err(|_| NoToken::InTime)?;
            silence.saturating_add(seconds)
        } else {
            silence
        };
        if wait > longest_wait {
            return Err(NoToken::InTime);
        }
        if limit.per_second.is_finite() {
            self.tokens -= 1.0;
        }
        Ok(wait)
    }

    fn throttled(&mut self, limit: Rate, now: Instant, retry_after: Option<Duration>) {
        if let Some(until) = retry_after.and_then(|wait| now.checked_add(wait.min(LONGEST_SILENCE))) {
            self.silent_until = Some(self.silent_until.map_or(until, |earlier| earlier.max(until)));
        }
        let same_event = self.throttled_at.is_some_and(|at| now.saturating_duration_since(at) < ONE_EVENT);
        if same_event || !limit.per_second.is_finite() {
            return;
        }
        self.refill(limit, now);
        self.throttled_at = Some(now);
        self.rate = (self.rate / 2.0).max(FLOOR.min(limit.per_second));
        self.tokens = self.tokens.min(0.0);
    }
}

impl LocalBuckets {
    fn with<T>(&self, key: &BucketKey, rate: Rate, act: impl FnOnce(&mut Bucket, Rate, Instant) -> T) -> T {
        let limit = sane(rate);
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(key.clone()).or_insert_with(|| Bucket::full(limit, now));
        act(bucket, limit, now)
    }

    #[cfg(test)]
    pub(super) fn rate(&self, key: &BucketKey, rate: Rate) -> f64 {
        self.with(key, rate, |bucket, limit, now| {
            bucket.refill(limit, now);
            bucket.rate
        })
    }
}

/// A limit that can be kept, whatever was configured.
fn sane(rate: Rate) -> Rate {
    let per_second = if rate.per_second.is_nan() { FLOOR } else { rate.per_second.max(SLOWEST) };
    let burst = if rate.burst.is_nan() { 1.0 } else { rate.burst.max(1.0) };
    Rate { per_second, burst }
}

#[async_trait]
impl TokenBucket for LocalBuckets {
    async fn reserve(&self, key: &BucketKey, rate: Rate, longest_wait: Duration) -> Result<Duration, NoToken> {
        self.with(key, rate, |bucket, limit, now| bucket.reserve(limit, now, longest_wait))
    }

    async fn throttled(&self, key: &BucketKey, rate: Rate, retry_after: Option<Duration>) -> Result<(), NoToken> {
        self.with(key, rate, |bucket, limit, now| bucket.throttled(limit, now, retry_after));
        Ok(())
    }

    async fn drain(&self, key: &BucketKey, rate: Rate) -> Result<(), NoToken> {
        self.with(key, rate, |bucket, limit, now| {
            bucket.refill(limit, now);
            bucket.tokens = bucket.tokens.min(0.0);
        });
        Ok(())
    }

    fn replicas(&self) -> u32 {
        1
    }
}
