//! The rate limit of one operation in one account and region: a token bucket whose rate adapts to what AWS says.
//!
//! The seam for a limit shared between processes is this type: everything else only calls [`Limiter::acquire`] and
//! [`Limiter::throttled`]. It is not a queue with priorities: callers go in the order in which they asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// However long an endpoint asks us to wait, it is asked again after this.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);
/// The rate never falls below this many requests per second.
const FLOOR: f64 = 0.2;
/// Growth of a lowered rate per second without a throttled answer: it doubles in about 14 s.
const RECOVERY_PER_SECOND: f64 = 1.05;
/// Throttled answers closer together than this count as one: they answer requests that were already on their way.
const ONE_EVENT: Duration = Duration::from_millis(200);

/// There would be no token before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTokenInTime;

/// A token bucket with an adaptive rate.
#[derive(Debug)]
pub(crate) struct Limiter {
    base: f64,
    burst: f64,
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
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
    fn refill(&mut self, base: f64, burst: f64, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + seconds * self.rate).min(burst);
        self.rate = (self.rate * RECOVERY_PER_SECOND.powf(seconds)).min(base);
        self.at = now;
    }
}

impl Limiter {
    /// A full bucket of `burst` tokens that refills with `requests_per_second`.
    pub(crate) fn new(requests_per_second: f64, burst: f64) -> Self {
        let base = if requests_per_second.is_nan() { FLOOR } else { requests_per_second.max(FLOOR) };
        let burst = if burst.is_nan() { 1.0 } else { burst.max(1.0) };
        let bucket = Bucket { tokens: burst, rate: base, at: Instant::now(), silent_until: None, throttled_at: None };
        Self { base, burst, bucket: Mutex::new(bucket) }
    }

    /// Waits for a token.
    ///
    /// # Errors
    /// [`NoTokenInTime`], at once and without taking a token, when none would come before the deadline.
    pub(crate) async fn acquire(&self, deadline: Instant) -> Result<(), NoTokenInTime> {
        let ready_at = self.reserve(Instant::now(), deadline)?;
        tokio::time::sleep_until(ready_at).await;
        Ok(())
    }

    fn reserve(&self, now: Instant, deadline: Instant) -> Result<Instant, NoTokenInTime> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let start = bucket.silent_until.filter(|&until| until > now).unwrap_or(now);
        let ready_at = if self.base.is_finite() {
            bucket.refill(self.base, self.burst, now);
            let missing = (1.0 - bucket.tokens).max(0.0);
            start.checked_add(Duration::from_secs_f64(missing / bucket.rate)).ok_or(NoTokenInTime)?
        } else {
            start
        };
        if ready_at > deadline {
            return Err(NoTokenInTime);
        }
        if self.base.is_finite() {
            bucket.tokens -= 1.0;
        }
        Ok(ready_at)
    }

    /// AWS answered that this was too fast: halves the rate, empties the bucket, and is silent for as long as AWS asked.
    pub(crate) fn throttled(&self, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = retry_after.and_then(|wait| now.checked_add(wait.min(LONGEST_SILENCE))) {
            bucket.silent_until = Some(bucket.silent_until.map_or(until, |earlier| earlier.max(until)));
        }
        let same_event = bucket.throttled_at.is_some_and(|at| now.saturating_duration_since(at) < ONE_EVENT);
        if same_event || !self.base.is_finite() {
            return;
        }
        bucket.refill(self.base, self.burst, now);
        bucket.throttled_at = Some(now);
        bucket.rate = (bucket.rate / 2.0).max(FLOOR);
        bucket.tokens = bucket.tokens.min(0.0);
    }

    #[cfg(test)]
    fn rate(&self) -> f64 {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.refill(self.base, self.burst, Instant::now());
        bucket.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    async fn time_for(limiter: &Limiter, count: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            limiter.acquire(far()).await.unwrap();
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn five_at_once_then_two_a_second() {
        let limiter = Limiter::new(2.0, 5.0);
        assert!(time_for(&limiter, 5).await < 0.01);
        let seconds = time_for(&limiter, 10).await;
        assert!((4.9..5.2).contains(&seconds), "{seconds}");
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(time_for(&limiter, 5).await < 0.01, "a rest fills the bucket, not beyond its size");
        assert!(time_for(&limiter, 1).await > 0.4);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_callers_share_the_rate() {
        let limiter = std::sync::Arc::new(Limiter::new(2.0, 1.0));
        let start = Instant::now();
        let tasks: Vec<_> = (0..9)
            .map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move { limiter.acquire(far()).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let seconds = start.elapsed().as_secs_f64();
        assert!((3.9..4.2).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_deadline_is_refused_at_once_and_takes_nothing() {
        let limiter = Limiter::new(1.0, 1.0);
        limiter.acquire(far()).await.unwrap();
        let start = Instant::now();
        let soon = start + Duration::from_millis(500);
        assert_eq!(limiter.acquire(soon).await, Err(NoTokenInTime));
        assert_eq!(limiter.acquire(soon).await, Err(NoTokenInTime));
        assert_eq!(start.elapsed(), Duration::ZERO);
        let seconds = time_for(&limiter, 1).await;
        assert!((0.9..1.1).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_answer_halves_the_rate_and_it_recovers_slowly() {
        let limiter = Limiter::new(2.0, 5.0);
        limiter.throttled(None);
        limiter.throttled(None);
        assert!((limiter.rate() - 1.0).abs() < 0.01, "two answers of one event count once: {}", limiter.rate());
        assert!(time_for(&limiter, 1).await > 0.9, "the bucket was emptied");
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(limiter.rate() < 1.5);
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!((limiter.rate() - 2.0).abs() < 0.01);
        for _ in 0..100 {
            limiter.throttled(None);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(limiter.rate() >= FLOOR);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_kept_to_even_without_a_limit() {
        for rate in [100.0, f64::INFINITY] {
            let limiter = Limiter::new(rate, 100.0);
            limiter.throttled(Some(Duration::from_secs(7)));
            let seconds = time_for(&limiter, 1).await;
            assert!((6.9..7.2).contains(&seconds), "{rate}: {seconds}");
        }
    }
}
