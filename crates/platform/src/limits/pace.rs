//! Token buckets in Redis for the pace towards a service that throttles: a caller takes a token, perhaps one of the
//! future, and waits for it. A throttled answer halves the rate for all replicas; Retry-After silences all of them.
//!
//! One script, one round trip, on the clock of the Redis server. While Redis is away nothing is answered and the caller
//! keeps to a pace of its own. The algorithm is the one of `aws`'s buckets in the process: a change here is a change there.
//! Not a limit on what others ask of us (`RateLimiter`).

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use crate::redis::RedisLink;

/// The longest that a caller waits for Redis. It is asked before every request, so it has to be quick.
const PATIENCE: Duration = Duration::from_millis(100);

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Tokens per second: finite, more than 0.
    pub per_second: f64,
    /// Tokens in a full bucket; at least 1.
    pub burst: f64,
}

/// There would be no token in time, and none was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate;

/// The buckets. Cloning is cheap and shares them.
#[derive(Clone, Debug)]
pub struct RedisBuckets {
    link: RedisLink,
    instance: Arc<str>,
    replicas: Arc<AtomicU32>,
}

/// Keys: the bucket, the replicas and when each was last here, the moment at which this Redis first saw us.
/// Arguments: `reserve`, `throttled` or `drain`; tokens per second; burst; seconds (the longest wait, or the silence that
/// was asked for; -1: none); the replica's name. Answers microseconds to wait (-1: too long) and the number of replicas.
///
/// A bucket that is not there is full, unless this Redis has just begun and may have lost it: then it fills from then on.
static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local FLOOR, RECOVERY, ONE_EVENT, LONGEST_SILENCE, REMEMBER = 0.2, 1.05, 0.2, 60, 600
        local act, base, burst, seconds = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
        local function text(number) return string.format('%.6f', number) end

        redis.call('ZADD', KEYS[2], text(now), ARGV[5])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - REMEMBER))
        redis.call('EXPIRE', KEYS[2], 2 * REMEMBER)
        local replicas = redis.call('ZCARD', KEYS[2])
        redis.call('SET', KEYS[3], text(now), 'NX')
        local began = tonumber(redis.call('GET', KEYS[3])) or now

        local known = redis.call('HMGET', KEYS[1], 'tokens', 'rate', 'at', 'silent', 'throttled')
        local tokens = tonumber(known[1]) or math.min(burst, math.max(0, now - began) * base)
        local rate = math.min(base, tonumber(known[2]) or base)
        local passed = math.max(0, now - (tonumber(known[3]) or now))
        local silent = math.min(tonumber(known[4]) or 0, now + LONGEST_SILENCE)
        local throttled = tonumber(known[5]) or 0
        tokens = math.min(burst, tokens + passed * rate)
        rate = math.min(base, rate * RECOVERY ^ passed)

        local wait = 0
        if act == 'reserve' then
            wait = math.max(0, silent - now) + math.max(0, 1 - tokens) / rate
            if wait > seconds then return {-1, replicas} end
            tokens = tokens - 1
        elseif act == 'drain' then
            tokens = math.min(tokens, 0)
        else
            if seconds >= 0 then silent = math.max(silent, now + math.min(seconds, LONGEST_SILENCE)) end
            if math.abs(now - throttled) >= ONE_EVENT then
                throttled = now
                rate = math.max(math.min(FLOOR, base), rate / 2)
                tokens = math.min(tokens, 0)
            end
        end
        redis.call('HSET', KEYS[1], 'tokens', text(tokens), 'rate', text(rate), 'at', text(now), 'silent', text(silent),
            'throttled', text(throttled))
        redis.call('EXPIRE', KEYS[1], math.ceil((burst - tokens) / rate) + REMEMBER)
        return {math.ceil(wait * 1000000), replicas}
        ",
    )
});

impl RedisBuckets {
    /// Buckets behind `link`, for a process whose name `instance` no other one has.
    pub fn new(link: RedisLink, instance: &str) -> Self {
        Self { link, instance: instance.into(), replicas: Arc::default() }
    }

    /// Takes a token of the bucket of `key`, which may be used after the duration that is answered. `None`: Redis is away.
    pub async fn reserve(&self, key: &str, pace: Pace, longest_wait: Duration) -> Option<Result<Duration, TooLate>> {
        let wait = self.run("reserve", key, pace, longest_wait.as_secs_f64()).await?;
        Some(u64::try_from(wait).map(Duration::from_micros).map_err(|_| TooLate))
    }

    /// The service said that this was too fast, and perhaps for how long it wants silence. `None`: Redis is away.
    pub async fn throttled(&self, key: &str, pace: Pace, retry_after: Option<Duration>) -> Option<()> {
        let seconds = retry_after.map_or(-1.0, |wait| wait.as_secs_f64());
        self.run("throttled", key, pace, seconds).await.map(drop)
    }

    /// Empties a bucket that does not know of what was sent meanwhile. `None`: Redis is away.
    pub async fn drain(&self, key: &str, pace: Pace) -> Option<()> {
        self.run("drain", key, pace, 0.0).await.map(drop)
    }

    /// Processes that used these buckets within ten minutes before Redis last answered; 0 when it never did.
    pub fn replicas(&self) -> u32 {
        self.replicas.load(Ordering::Relaxed)
    }

    /// The link to Redis.
    pub fn link(&self) -> &RedisLink {
        &self.link
    }

    async fn run(&self, act: &str, key: &str, pace: Pace, seconds: f64) -> Option<i64> {
        let call = |mut redis| async move {
            // One slot in a cluster: the part in braces.
            let mut call = SCRIPT.key(format!("wheelhouse:{{pace}}:bucket:{key}"));
            call.key("wheelhouse:{pace}:replicas").key("wheelhouse:{pace}:began");
            call.arg(act).arg(pace.per_second).arg(pace.burst).arg(seconds).arg(&*self.instance);
            call.invoke_async::<(i64, u32)>(&mut redis).await
        };
        let (wait, replicas) = self.link.call_within(PATIENCE, call).await?;
        self.replicas.store(replicas, Ordering::Relaxed);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::tests::{dead_link, test_link};

    const LONG: Duration = Duration::from_secs(3600);

    /// Buckets of two processes, and a key that no other test uses.
    async fn pair(test: &str) -> Option<(RedisBuckets, RedisBuckets, String)> {
        let link = test_link()?;
        let key = format!("test-{}-{test}", std::process::id());
        let keys = [format!("wheelhouse:{{pace}}:bucket:{key}")];
        let forget = |mut redis| async move {
            redis::cmd("DEL").arg(&keys[..]).query_async::<()>(&mut redis).await?;
            // This Redis has been there for ever.
            redis::cmd("SET").arg("wheelhouse:{pace}:began").arg("0.0").query_async::<()>(&mut redis).await
        };
        link.call(forget).await.unwrap();
        let other = RedisLink::open(&std::env::var("WHEELHOUSE_TEST_REDIS_URL").unwrap().into()).unwrap();
        Some((RedisBuckets::new(link, "one"), RedisBuckets::new(other, "two"), key))
    }

    /// Asks until Redis answers: a slow machine may miss the time there is.
    async fn sure<T>(ask: impl AsyncFn() -> Option<T>) -> T {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn reserve(buckets: &RedisBuckets, key: &str, pace: Pace, longest: Duration) -> Result<Duration, TooLate> {
        sure(async || buckets.reserve(key, pace, longest).await).await
    }

    async fn server_seconds(buckets: &RedisBuckets) -> f64 {
        let time = |mut redis| async move { redis::cmd("TIME").query_async::<(f64, f64)>(&mut redis).await };
        let (seconds, micros) = sure(async || buckets.link.call(time).await).await;
        seconds + micros / 1e6
    }

    #[tokio::test]
    async fn two_processes_get_no_more_than_burst_and_rate_together() {
        let Some((one, other, key)) = pair("together").await else { return };
        let pace = Pace { per_second: 2.0, burst: 5.0 };
        let start = server_seconds(&one).await;
        let mut usable = Vec::new();
        for turn in 0..40 {
            let buckets = if turn % 3 == 0 { &other } else { &one };
            let before = server_seconds(buckets).await;
            let wait = reserve(buckets, &key, pace, LONG).await.unwrap();
            usable.push(before - start + wait.as_secs_f64());
        }
        for (index, at) in usable.iter().enumerate() {
            // By the moment at which this token may be used, the bucket gave at most burst + rate × time.
            let granted = usable.iter().filter(|other| *other <= at).count() as f64;
            assert!(granted <= 5.0 + 2.0 * at + 1.0, "{granted} by {at} s ({index})");
        }
        assert!(usable[39] > 15.0, "the last of 40 is due after 17.5 s: {usable:?}");
        assert!(one.replicas() >= 2 && other.replicas() >= 2);
    }

    #[tokio::test]
    async fn no_token_in_time_takes_none() {
        let Some((one, other, key)) = pair("in-time").await else { return };
        let pace = Pace { per_second: 0.01, burst: 1.0 };
        assert_eq!(reserve(&one, &key, pace, LONG).await, Ok(Duration::ZERO));
        for _ in 0..5 {
            assert_eq!(reserve(&other, &key, pace, Duration::from_secs(1)).await, Err(TooLate));
        }
        let wait = reserve(&one, &key, pace, LONG).await.unwrap();
        assert!(wait <= Duration::from_secs(100), "the refused took nothing: {wait:?}");
    }

    #[tokio::test]
    async fn throttled_answers_slow_everybody_down() {
        let Some((one, other, key)) = pair("throttled").await else { return };
        let pace = Pace { per_second: 2.0, burst: 50.0 };
        reserve(&one, &key, pace, LONG).await.unwrap();
        sure(async || one.throttled(&key, pace, None).await).await;
        let first = reserve(&other, &key, pace, LONG).await.unwrap();
        let second = reserve(&other, &key, pace, LONG).await.unwrap();
        assert!(second > Duration::ZERO && first < second, "the bucket was emptied: {first:?} {second:?}");
        sure(async || other.throttled(&key, pace, Some(Duration::from_secs(40))).await).await;
        assert_eq!(reserve(&one, &key, pace, Duration::from_secs(5)).await, Err(TooLate), "silence is shared");
        sure(async || other.throttled(&key, pace, Some(Duration::from_secs(4000))).await).await;
        let wait = reserve(&one, &key, pace, LONG).await.unwrap();
        assert!(wait < Duration::from_secs(120), "an hour of silence is not kept: {wait:?}");
    }

    #[tokio::test]
    async fn a_drained_bucket_gives_nothing_at_once() {
        let Some((one, other, key)) = pair("drained").await else { return };
        let pace = Pace { per_second: 0.01, burst: 5.0 };
        sure(async || one.drain(&key, pace).await).await;
        let wait = reserve(&other, &key, pace, LONG).await.unwrap();
        assert!(wait > Duration::from_secs(10), "{wait:?}");
    }

    #[tokio::test]
    async fn a_dead_redis_answers_nothing() {
        let buckets = RedisBuckets::new(dead_link(), "one");
        let pace = Pace { per_second: 2.0, burst: 5.0 };
        assert_eq!(buckets.reserve("a", pace, LONG).await, None);
        assert_eq!(buckets.throttled("a", pace, None).await, None);
        assert_eq!((buckets.drain("a", pace).await, buckets.replicas()), (None, 0));
    }
}
