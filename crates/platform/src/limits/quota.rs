//! Quotas for every request: token buckets that say how much is left, cheap enough to be asked each time.
//!
//! With Redis the replicas share a bucket: each takes a few tokens at once and spends them here, so that most requests cost no
//! round trip ([`LEASE_SHARE`]). What a replica took and did not spend within [`LEASE_LIFE`] is lost, so replicas together give
//! less rather than more. While Redis is away each process counts for itself. Many strangers share one bucket once there is no
//! room for more ([`ROOM`]): the table can't be filled up to lift anybody's limit.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::Script;
use tokio::time::Instant;

use super::Limit;
use crate::redis::RedisLink;

/// Buckets kept in the process.
const ROOM: usize = 50_000;
/// The bucket of those for whom there is no room.
const OVERFLOW: &str = "everybody else";
/// Full buckets, which say nothing, are dropped at most this often.
const SWEEP: Duration = Duration::from_secs(1);
/// A replica takes this part of a bucket at once, at least one token and at most [`LEASE_MOST`].
const LEASE_SHARE: u32 = 50;
const LEASE_MOST: u32 = 50;
/// How long taken tokens may be spent.
const LEASE_LIFE: Duration = Duration::from_secs(2);
/// A request waits no longer for Redis than this.
const PATIENCE: Duration = Duration::from_millis(250);

/// Where somebody stands after asking for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether there was one.
    pub allowed: bool,
    /// Tokens in a full bucket.
    pub limit: u32,
    /// Tokens that are left.
    pub remaining: u32,
    /// How long until the bucket is full again if nothing more is taken.
    pub reset: Duration,
    /// How long until the next token; zero if one was taken.
    pub retry_after: Duration,
}

/// A set of quotas by key. Cloning is cheap and shares them.
#[derive(Clone, Debug)]
pub struct Quotas {
    redis: Option<RedisLink>,
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    buckets: HashMap<Box<str>, Bucket>,
    swept: Option<Instant>,
}

/// What is known of a bucket here: all of it without Redis, a part of it with.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Tokens that may be spent here.
    tokens: f64,
    /// Tokens that were left in Redis when these were taken; 0 without Redis.
    beyond: f64,
    /// When that was known.
    at: Instant,
    /// Until when leased tokens are good, or until when Redis has none; `None` for a bucket of our own.
    until: Option<Instant>,
    limit: Limit,
}

impl Bucket {
    fn full(limit: Limit, now: Instant) -> Self {
        Self { tokens: f64::from(limit.capacity), beyond: 0.0, at: now, until: None, limit }
    }

    fn refilled(mut self, limit: Limit, now: Instant) -> Self {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * limit.refill_per_second;
        self.tokens = (self.tokens + gained).min(f64::from(limit.capacity));
        Self { at: now, limit, ..self }
    }

    /// Whether it says no more than a bucket that is not there.
    fn is_idle(&self, now: Instant) -> bool {
        match self.until {
            Some(until) => until <= now,
            None => self.refilled(self.limit, now).tokens >= f64::from(self.limit.capacity),
        }
    }

    fn standing(&self, allowed: bool, now: Instant) -> Standing {
        let capacity = f64::from(self.limit.capacity);
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let gained = if self.until.is_some() { passed * self.limit.refill_per_second } else { 0.0 };
        let left = (self.tokens + self.beyond + gained).clamp(0.0, capacity);
        let after = |tokens: f64| {
            Duration::try_from_secs_f64(tokens.max(0.0) / self.limit.refill_per_second).unwrap_or(Duration::MAX)
        };
        Standing {
            allowed,
            limit: self.limit.capacity,
            remaining: if allowed { whole(left) } else { 0 },
            reset: after(capacity - left),
            retry_after: if allowed { Duration::ZERO } else { after(1.0 - left) },
        }
    }
}

/// The whole tokens of so many.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within 0 and a capacity, which is a u32"
)]
fn whole(tokens: f64) -> u32 {
    // A token that came back but for a rounding of time is one.
    (tokens + 1e-6).floor() as u32
}

/// Takes up to so many tokens. Answers how many, and the rest in thousandths. Time is that of the Redis server.
static LEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local capacity, refill, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + clock[2] / 1000
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens, at = tonumber(bucket[1]) or capacity, tonumber(bucket[2]) or now
        tokens = math.min(capacity, tokens + math.max(0, now - at) * refill / 1000)
        local taken = math.min(want, math.floor(tokens + 0.000001))
        tokens = tokens - taken
        redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.3f', now))
        redis.call('PEXPIRE', KEYS[1], math.ceil(capacity * 1000 / refill) + 1000)
        return {taken, math.floor(tokens * 1000)}
        ",
    )
});

impl Quotas {
    /// Shared through Redis, or of this process where there is none.
    #[must_use]
    pub fn new(redis: Option<RedisLink>) -> Self {
        Self { redis, table: Arc::default() }
    }

    /// Takes one token from the bucket of `key`, such as `reads:user:…`. The same key always has the same limit.
    pub async fn take(&self, key: &str, limit: Limit) -> Standing {
        let now = Instant::now();
        let Some(link) = &self.redis else { return self.take_own(key, limit, now) };
        if let Some(standing) = self.take_leased(key, limit, now) {
            return standing;
        }
        let want = (limit.capacity / LEASE_SHARE).clamp(1, LEASE_MOST);
        let lease = |mut redis| async move {
            let mut call = LEASE.key(format!("wheelhouse:quota:{key}"));
            call.arg(limit.capacity).arg(limit.refill_per_second).arg(want);
            call.invoke_async::<(u32, i64)>(&mut redis).await
        };
        match link.call_within(PATIENCE, lease).await {
            Some((taken, rest)) => self.leased(key, limit, taken, rest, Instant::now()),
            None => self.take_own(key, limit, now),
        }
    }

    /// Gives a token back that was taken for what turned out not to count. In this process alone: with Redis what was leased and
    /// not spent is lost after a while anyway.
    pub fn give_back(&self, key: &str) {
        let mut table = self.table();
        let key = if table.buckets.contains_key(key) { key } else { OVERFLOW };
        if let Some(bucket) = table.buckets.get_mut(key) {
            bucket.tokens = (bucket.tokens + 1.0).min(f64::from(bucket.limit.capacity));
        }
    }

    /// From a bucket of this process alone.
    fn take_own(&self, key: &str, limit: Limit, now: Instant) -> Standing {
        let mut table = self.table();
        let bucket = table.bucket(key, limit, now);
        // What was leased before Redis went away is forgotten.
        let current = if bucket.until.is_some() { Bucket::full(limit, now) } else { bucket.refilled(limit, now) };
        *bucket = current;
        let allowed = whole(bucket.tokens) >= 1;
        if allowed {
            bucket.tokens = (bucket.tokens - 1.0).max(0.0);
        }
        bucket.standing(allowed, now)
    }

    /// From what was leased; `None` when Redis must be asked.
    fn take_leased(&self, key: &str, limit: Limit, now: Instant) -> Option<Standing> {
        let mut table = self.table();
        let bucket = table.buckets.get_mut(key)?;
        if bucket.limit != limit || bucket.until.is_none_or(|until| until <= now) {
            return None;
        }
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Some(bucket.standing(true, now));
        }
        // Redis had no more, and has none yet.
        let standing = bucket.standing(false, now);
        (bucket.beyond < 1.0 && standing.retry_after > Duration::ZERO).then_some(standing)
    }

    fn leased(&self, key: &str, limit: Limit, taken: u32, rest: i64, now: Instant) -> Standing {
        let beyond = f64::from(i32::try_from(rest.max(0)).unwrap_or(i32::MAX)) / 1000.0;
        let mut table = self.table();
        let bucket = table.bucket(key, limit, now);
        // Two requests may have asked at once: what both got is here.
        let unspent = if bucket.until.is_some_and(|until| until > now) { bucket.tokens } else { 0.0 };
        let allowed = taken >= 1;
        let tokens = unspent + f64::from(taken) - if allowed { 1.0 } else { 0.0 };
        *bucket = Bucket { tokens: tokens.max(0.0), beyond, at: now, until: Some(now + LEASE_LIFE), limit };
        let standing = bucket.standing(allowed, now);
        if !allowed {
            bucket.until = Some(now + standing.retry_after.min(LEASE_LIFE));
        }
        standing
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn bucket(&mut self, key: &str, limit: Limit, now: Instant) -> &mut Bucket {
        if self.buckets.len() >= ROOM && self.swept.is_none_or(|swept| now >= swept + SWEEP) {
            self.swept = Some(now);
            self.buckets.retain(|_, bucket| !bucket.is_idle(now));
        }
        let key = if self.buckets.len() >= ROOM && !self.buckets.contains_key(key) { OVERFLOW } else { key };
        self.buckets.entry(key.into()).or_insert_with(|| Bucket::full(limit, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::tests::{dead_link, test_link};

    /// Ten a minute: one comes back every six seconds.
    fn ten() -> Limit {
        Limit::per(10, Duration::from_secs(60))
    }

    #[tokio::test(start_paused = true)]
    async fn the_figures_are_exact() {
        let quotas = Quotas::new(None);
        for taken in 1..=10_u32 {
            let standing = quotas.take("a", ten()).await;
            let reset = Duration::from_secs(6 * u64::from(taken));
            let expected =
                Standing { allowed: true, limit: 10, remaining: 10 - taken, reset, retry_after: Duration::ZERO };
            assert_eq!(standing, expected);
        }
        let refused = quotas.take("a", ten()).await;
        let (reset, retry_after) = (Duration::from_secs(60), Duration::from_secs(6));
        assert_eq!(refused, Standing { allowed: false, limit: 10, remaining: 0, reset, retry_after });
        tokio::time::advance(Duration::from_millis(5500)).await;
        assert_eq!(quotas.take("a", ten()).await.retry_after, Duration::from_millis(500));
        tokio::time::advance(Duration::from_millis(500)).await;
        let standing = quotas.take("a", ten()).await;
        assert!(standing.allowed && standing.remaining == 0 && !quotas.take("a", ten()).await.allowed);
        assert_eq!(quotas.take("b", ten()).await.remaining, 9, "another's bucket is full");
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(quotas.take("a", ten()).await.remaining, 9, "never more than the limit");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_given_back_can_be_taken_again_and_no_more() {
        let quotas = Quotas::new(None);
        for _ in 0..50 {
            assert!(quotas.take("a", ten()).await.allowed);
            quotas.give_back("a");
        }
        quotas.give_back("a");
        quotas.give_back("nobody");
        for _ in 0..10 {
            assert!(quotas.take("a", ten()).await.allowed);
        }
        assert!(!quotas.take("a", ten()).await.allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn those_for_whom_there_is_no_room_share_one_bucket() {
        let quotas = Quotas::new(None);
        for stranger in 0..ROOM {
            assert!(quotas.take(&format!("stranger {stranger}"), ten()).await.allowed);
        }
        for _ in 0..9 {
            quotas.take("stranger 7", ten()).await;
        }
        assert!(!quotas.take("stranger 7", ten()).await.allowed, "who is known keeps their own");
        let allowed = async |name: String| quotas.take(&name, ten()).await.allowed;
        for late in 0..10 {
            assert!(allowed(format!("late {late}")).await, "{late}");
        }
        assert!(!allowed("late 11".to_owned()).await);
        // A token is back in each after six seconds: most of them are full again and make room.
        tokio::time::advance(Duration::from_secs(7)).await;
        assert!(allowed("later".to_owned()).await);
        assert!(!quotas.table().buckets.contains_key("stranger 8"));
    }

    #[tokio::test]
    async fn replicas_share_a_bucket_and_give_no_more_than_it_holds() {
        let Some(link) = test_link() else { return };
        let key = format!("test-{:?}-{}", std::ptr::from_ref(&link), std::process::id());
        let name = format!("wheelhouse:quota:{key}");
        let forget = |mut redis| async move { redis::cmd("DEL").arg(name).query_async::<()>(&mut redis).await };
        link.call(forget).await.unwrap();
        let limit = Limit { capacity: 500, refill_per_second: 1.0 / 3600.0 };
        let replicas = [Quotas::new(Some(link.clone())), Quotas::new(Some(link))];
        let (mut allowed, mut last) = (0, None);
        for turn in 0..700 {
            let standing = replicas[turn % 2].take(&key, limit).await;
            allowed += u32::from(standing.allowed);
            last = Some(standing);
        }
        // A slow machine may lose a lease or two; it never gives more.
        assert!((400..=500).contains(&allowed), "{allowed}");
        let last = last.unwrap();
        assert!(!last.allowed && last.remaining == 0 && last.retry_after > Duration::from_secs(60), "{last:?}");
    }

    #[tokio::test]
    async fn a_dead_redis_still_limits() {
        let quotas = Quotas::new(Some(dead_link()));
        let limit = Limit { capacity: 3, refill_per_second: 1.0 / 3600.0 };
        for left in [2, 1, 0] {
            let standing = quotas.take("a", limit).await;
            assert!(standing.allowed && standing.remaining == left, "{standing:?}");
        }
        assert!(!quotas.take("a", limit).await.allowed);
    }
}
