//! Token buckets shared by all replicas through Redis, or kept in the process.
//!
//! [`RateLimiter`] is made for sign-in attempts, one round trip each; [`Quotas`] for every request. While Redis is away each process counts for itself: weaker, never open.
//! The pace towards a service that throttles us is another matter (`pace`): there a caller waits for its token, and the
//! rate adapts to what the service says.

mod pace;
mod quota;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use redis::Script;
use serde::Serialize;
use tokio::time::Instant;

use crate::redis::RedisLink;

pub use pace::{Pace, RedisBuckets, TooLate};
pub use quota::{Quotas, Standing};

/// Buckets kept in the process before the full ones, which say nothing, are dropped.
const LOCAL_BUCKETS: usize = 10_000;

/// Size and refill of a bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Tokens in a full bucket: what may be taken at once. At least 1.
    pub capacity: u32,
    /// Tokens that come back per second. More than 0.
    pub refill_per_second: f64,
}

impl Limit {
    /// `count` takes per `period`, all of them at once if need be.
    pub fn per(count: u32, period: Duration) -> Self {
        Self { capacity: count, refill_per_second: f64::from(count) / period.as_secs_f64() }
    }
}

/// What became of an attempt to take a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether a token was taken.
    pub allowed: bool,
    /// How long until the next token; zero if this one was taken.
    pub retry_after: Duration,
}

/// A set of token buckets by key. Cloning is cheap and shares them.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    redis: Option<RedisLink>,
    local: Arc<Mutex<HashMap<String, Bucket>>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
    limit: Limit,
}

impl Bucket {
    fn refilled(mut self, limit: Limit, now: Instant) -> Self {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * limit.refill_per_second;
        self.tokens = (self.tokens + gained).min(f64::from(limit.capacity));
        Self { at: now, limit, ..self }
    }
}

/// Answers how many milliseconds until the next token; 0 if one was taken. Time is that of the Redis server, so that
/// replicas with different clocks agree.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local capacity, refill = tonumber(ARGV[1]), tonumber(ARGV[2])
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + clock[2] / 1000
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens, at = tonumber(bucket[1]) or capacity, tonumber(bucket[2]) or now
        tokens = math.min(capacity, tokens + math.max(0, now - at) * refill / 1000)
        local wait = 0
        if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) * 1000 / refill) end
        redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.3f', now))
        redis.call('PEXPIRE', KEYS[1], math.ceil(capacity * 1000 / refill) + 1000)
        return wait
        ",
    )
});

impl RateLimiter {
    /// Buckets in Redis, or in the process where there is none.
    pub fn new(redis: Option<RedisLink>) -> Self {
        Self { redis, local: Arc::default() }
    }

    /// Takes one token from the bucket of `key`, such as `sign-in:203.0.113.9`.
    pub async fn take(&self, key: &str, limit: Limit) -> Decision {
        if let Some(link) = &self.redis {
            let take = |mut redis| async move {
                let mut call = TAKE.key(format!("wheelhouse:limit:{key}"));
                call.arg(limit.capacity).arg(limit.refill_per_second);
                call.invoke_async::<u64>(&mut redis).await
            };
            if let Some(milliseconds) = link.call(take).await {
                let retry_after = Duration::from_millis(milliseconds);
                return Decision { allowed: retry_after.is_zero(), retry_after };
            }
        }
        self.take_local(key, limit, Instant::now())
    }

    fn take_local(&self, key: &str, limit: Limit, now: Instant) -> Decision {
        let mut buckets = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= LOCAL_BUCKETS {
            buckets.retain(|_, bucket| {
                let full = f64::from(bucket.limit.capacity);
                bucket.refilled(bucket.limit, now).tokens < full
            });
        }
        let full = Bucket { tokens: f64::from(limit.capacity), at: now, limit };
        let bucket = buckets.entry(key.to_owned()).or_insert(full);
        *bucket = bucket.refilled(limit, now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Decision { allowed: true, retry_after: Duration::ZERO };
        }
        let seconds = (1.0 - bucket.tokens) / limit.refill_per_second;
        let retry_after = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        Decision { allowed: false, retry_after }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::tests::{dead_link, test_link};

    /// Three at once, then one per hour: no test is slow enough to see the refill.
    const LIMIT: Limit = Limit { capacity: 3, refill_per_second: 1.0 / 3600.0 };

    async fn allows_three_per_key(limiter: &RateLimiter, key: &str) {
        for _ in 0..3 {
            assert!(limiter.take(key, LIMIT).await.allowed);
        }
        let refused = limiter.take(key, LIMIT).await;
        assert!(!refused.allowed);
        assert!(refused.retry_after > Duration::from_secs(3000), "{refused:?}");
        assert!(limiter.take(&format!("{key}-other"), LIMIT).await.allowed);
    }

    #[tokio::test]
    async fn in_process() {
        allows_three_per_key(&RateLimiter::new(None), "a").await;
    }

    #[tokio::test]
    async fn in_redis() {
        let Some(link) = test_link() else { return };
        // A fresh key each time, since the Redis may outlive the test.
        let key = format!("test-{:?}", std::ptr::from_ref(&link));
        let forget = |mut redis| async move {
            let keys = [format!("wheelhouse:limit:{key}"), format!("wheelhouse:limit:{key}-other")];
            redis::cmd("DEL").arg(&keys[..]).query_async::<()>(&mut redis).await.map(|()| key)
        };
        let key = link.call(forget).await.unwrap();
        allows_three_per_key(&RateLimiter::new(Some(link.clone())), &key).await;
        // A second replica sees the same bucket.
        assert!(!RateLimiter::new(Some(link)).take(&key, LIMIT).await.allowed);
    }

    #[tokio::test]
    async fn a_dead_redis_still_limits() {
        allows_three_per_key(&RateLimiter::new(Some(dead_link())), "a").await;
    }

    #[test]
    fn tokens_come_back_and_never_beyond_the_capacity() {
        let limiter = RateLimiter::new(None);
        let limit = Limit::per(2, Duration::from_secs(2));
        let start = Instant::now();
        let at = |seconds| limiter.take_local("a", limit, start + Duration::from_secs_f64(seconds));
        assert!(at(0.0).allowed && at(0.0).allowed && !at(0.0).allowed);
        assert_eq!(at(0.5).retry_after, Duration::from_millis(500));
        assert!(at(1.0).allowed && !at(1.0).allowed);
        assert!(at(600.0).allowed && at(600.0).allowed && !at(600.0).allowed);
    }
}
