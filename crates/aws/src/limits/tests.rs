//! The buckets in the process, and what becomes of shared ones that go away.

use std::sync::atomic::AtomicU32;

use super::local::FLOOR;
use super::*;

const RATE: Rate = Rate { per_second: 2.0, burst: 5.0 };

fn key(operation: &'static str) -> BucketKey {
    let account: uuid::Uuid = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    BucketKey { account: account.into(), region: "us-east-1".parse().unwrap(), operation }
}

fn far() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

async fn time_for(limits: &Limits, rate: Rate, count: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..count {
        limits.acquire(&key("a:B"), rate, far()).await.unwrap();
    }
    start.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn five_at_once_then_two_a_second() {
    let limits = Limits::in_process();
    assert!(time_for(&limits, RATE, 5).await < 0.01);
    let seconds = time_for(&limits, RATE, 10).await;
    assert!((4.9..5.2).contains(&seconds), "{seconds}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(time_for(&limits, RATE, 5).await < 0.01, "a rest fills the bucket, not beyond its size");
    assert!(time_for(&limits, RATE, 1).await > 0.4);
    limits.acquire(&key("a:Other"), RATE, Instant::now()).await.expect("another operation has its own");
    assert_eq!((limits.share(), limits.on_our_own()), (None, false));
}

#[tokio::test(start_paused = true)]
async fn waiting_callers_share_the_rate() {
    let limits = Arc::new(Limits::in_process());
    let start = Instant::now();
    let tasks: Vec<_> = (0..9)
        .map(|_| {
            let limits = limits.clone();
            tokio::spawn(async move { limits.acquire(&key("a:B"), Rate { burst: 1.0, ..RATE }, far()).await })
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
    let limits = Limits::in_process();
    let slow = Rate { per_second: 1.0, burst: 1.0 };
    limits.acquire(&key("a:B"), slow, far()).await.unwrap();
    let start = Instant::now();
    let soon = start + Duration::from_millis(500);
    assert_eq!(limits.acquire(&key("a:B"), slow, soon).await, Err(NoToken::InTime));
    assert_eq!(limits.acquire(&key("a:B"), slow, soon).await, Err(NoToken::InTime));
    assert_eq!(start.elapsed(), Duration::ZERO);
    let seconds = time_for(&limits, slow, 1).await;
    assert!((0.9..1.1).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_answer_halves_the_rate_and_it_recovers_slowly() {
    let limits = Limits::in_process();
    let rate = || limits.local.rate(&key("a:B"), RATE);
    limits.throttled(&key("a:B"), RATE, None).await;
    limits.throttled(&key("a:B"), RATE, None).await;
    assert!((rate() - 1.0).abs() < 0.01, "two answers of one event count once: {}", rate());
    assert!(time_for(&limits, RATE, 1).await > 0.9, "the bucket was emptied");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(rate() < 1.5);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!((rate() - 2.0).abs() < 0.01);
    for _ in 0..100 {
        limits.throttled(&key("a:B"), RATE, None).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(rate() >= FLOOR);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_kept_to_even_without_a_limit() {
    for per_second in [100.0, f64::INFINITY] {
        let limits = Limits::in_process();
        let rate = Rate { per_second, burst: 100.0 };
        limits.throttled(&key("a:B"), rate, Some(Duration::from_secs(7))).await;
        let seconds = time_for(&limits, rate, 1).await;
        assert!((6.9..7.2).contains(&seconds), "{per_second}: {seconds}");
    }
}

#[tokio::test]
async fn odd_rates_are_still_limits() {
    for per_second in [f64::NAN, 0.0, -1.0] {
        let odd = Rate { per_second, burst: f64::NAN };
        let local = LocalBuckets::default();
        assert_eq!(local.reserve(&key("a:B"), odd, Duration::ZERO).await, Ok(Duration::ZERO));
        assert_eq!(local.reserve(&key("a:B"), odd, Duration::ZERO).await, Err(NoToken::InTime));
    }
}

/// Buckets that several connectors share and that can be cut off.
#[derive(Debug, Default)]
struct Remote {
    buckets: LocalBuckets,
    away: AtomicBool,
    replicas: AtomicU32,
    drains: AtomicU32,
}

impl Remote {
    fn there(&self) -> Result<(), NoToken> {
        if self.away.load(Ordering::SeqCst) { Err(NoToken::Away) } else { Ok(()) }
    }
}

#[async_trait]
impl TokenBucket for Remote {
    async fn reserve(&self, key: &BucketKey, rate: Rate, longest_wait: Duration) -> Result<Duration, NoToken> {
        self.there()?;
        self.buckets.reserve(key, rate, longest_wait).await
    }

    async fn throttled(&self, key: &BucketKey, rate: Rate, retry_after: Option<Duration>) -> Result<(), NoToken> {
        self.there()?;
        self.buckets.throttled(key, rate, retry_after).await
    }

    async fn drain(&self, key: &BucketKey, rate: Rate) -> Result<(), NoToken> {
        self.there()?;
        self.drains.fetch_add(1, Ordering::SeqCst);
        self.buckets.drain(key, rate).await
    }

    fn replicas(&self) -> u32 {
        self.replicas.load(Ordering::SeqCst)
    }
}

/// Asks for tokens for `seconds` from two processes, and says when each token was given.
async fn drive(processes: &[Arc<Limits>], seconds: u64) -> Vec<Instant> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let tasks = processes.iter().map(|limits| {
        let limits = limits.clone();
        tokio::spawn(async move {
            let mut given = Vec::new();
            while limits.acquire(&key("a:B"), RATE, end).await.is_ok() {
                given.push(Instant::now());
            }
            tokio::time::sleep_until(end).await;
            given
        })
    });
    let mut all = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        all.extend(task.await.unwrap());
    }
    all.sort();
    all
}

#[tokio::test(start_paused = true)]
async fn processes_share_one_limit_also_while_the_shared_buckets_are_away() {
    let remote = Arc::new(Remote::default());
    remote.replicas.store(2, Ordering::SeqCst);
    let processes = [Limits::shared(remote.clone(), 1), Limits::shared(remote.clone(), 1)].map(Arc::new);
    let start = Instant::now();
    let mut given = drive(&processes, 20).await;
    assert!((40..=46).contains(&given.len()), "5 and 2 a second: {}", given.len());

    remote.away.store(true, Ordering::SeqCst);
    let meanwhile = drive(&processes, 20).await;
    assert!((36..=41).contains(&meanwhile.len()), "each goes on at one a second: {}", meanwhile.len());
    assert!(processes.iter().all(|limits| limits.on_our_own() && limits.share() == Some(2)));
    given.extend(meanwhile);

    remote.away.store(false, Ordering::SeqCst);
    let after = drive(&processes, 20).await;
    assert!((36..=41).contains(&after.len()), "shared again, with nothing saved up: {}", after.len());
    assert!(!processes.iter().any(|limits| limits.on_our_own()));
    assert_eq!(remote.drains.load(Ordering::SeqCst), 2, "each said once that it went on without");
    given.extend(after);

    for (index, from) in given.iter().enumerate() {
        for (later, to) in given.iter().enumerate().skip(index) {
            let allowed = 5.0 + 2.0 * to.duration_since(*from).as_secs_f64() + 1.0;
            assert!((later - index + 1) as f64 <= allowed, "{from:?} to {to:?} after {start:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn buckets_that_were_never_there_leave_a_safe_share() {
    let remote = Arc::new(Remote::default());
    remote.away.store(true, Ordering::SeqCst);
    let limits = Arc::new(Limits::shared(remote, 4));
    assert_eq!((limits.share(), limits.on_our_own()), (Some(4), false));
    let given = drive(std::slice::from_ref(&limits), 40).await;
    assert!((18..=20).contains(&given.len()), "half a request per second: {}", given.len());
    // A throttled answer is heard all the same.
    limits.throttled(&key("a:B"), RATE, Some(Duration::from_secs(30))).await;
    let soon = Instant::now() + Duration::from_secs(20);
    assert_eq!(limits.acquire(&key("a:B"), RATE, soon).await, Err(NoToken::InTime));
}

#[tokio::test(start_paused = true)]
async fn throttled_answers_reach_the_shared_buckets() {
    let remote = Arc::new(Remote::default());
    let (one, other) = (Limits::shared(remote.clone(), 1), Limits::shared(remote.clone(), 1));
    one.throttled(&key("a:B"), RATE, Some(Duration::from_secs(9))).await;
    let start = Instant::now();
    other.acquire(&key("a:B"), RATE, far()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(9));
    // What has no limit does not ask.
    remote.away.store(true, Ordering::SeqCst);
    let endless = Rate { per_second: f64::INFINITY, burst: 1.0 };
    one.acquire(&key("a:C"), endless, start).await.ok();
    assert!(!one.on_our_own());
}
