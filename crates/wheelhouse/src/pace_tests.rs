//! Two processes share one limit through a real Redis, which is cut off in the middle and comes back.

use std::time::Instant;

use platform::health::Status;
use platform::shutdown::Shutdown;
use testkit::proxy::{Mode, Proxy};

use super::*;

const RATE: Rate = Rate { per_second: 50.0, burst: 5.0 };

/// A process: limits with a link of their own, through the proxy.
fn process(proxy: &Proxy) -> (RedisLink, Arc<Limits>) {
    let link = RedisLink::open(&format!("redis://{}/0", proxy.address()).into()).expect("a URL of Redis");
    let limits = limits(Some(&link), 2, &crate::compose::env());
    (link, limits)
}

/// Takes tokens by turns until `enough`, and notes when each may be used, seconds after `start`.
async fn take(
    processes: &[Arc<Limits>],
    key: &BucketKey,
    (start, given): (Instant, &mut Vec<f64>),
    enough: impl Fn(usize) -> bool,
) {
    let mut taken = 0;
    while !enough(taken) {
        for limits in processes {
            let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
            limits.acquire(key, RATE, deadline).await.expect("a token within a minute");
            given.push(start.elapsed().as_secs_f64());
        }
        taken += 1;
    }
}

async fn check(link: &RedisLink, limits: &Arc<Limits>) -> (Status, String) {
    let health = HealthRegistry::new(Shutdown::new());
    register(&health, Some(link), limits);
    let report = health.report().await.checks.remove(0);
    (report.status, report.detail.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_kept_together_also_without_redis_and_after() {
    let Some(url) = testkit::outside::needed("WHEELHOUSE_TEST_REDIS_URL").expect("Redis") else { return };
    let upstream = url.trim_start_matches("redis://").split('/').next().unwrap_or_default().to_owned();
    let proxy = Proxy::start(upstream).await.expect("a port");
    let ((link, one), (_, other)) = (process(&proxy), process(&proxy));
    let processes = [one.clone(), other.clone()];
    let account = crate::compose::env().new_id().into();
    let key = BucketKey { account, region: "us-east-1".parse().expect("a region"), operation: "a:Test" };
    let start = Instant::now();
    let mut given = Vec::new();

    // A slow machine may lose Redis for a moment.
    let shared = || !processes.iter().any(|limits| limits.on_our_own());
    take(&processes, &key, (start, &mut given), |taken| taken >= 25 && shared()).await;
    assert!(processes.iter().all(|limits| limits.share() >= Some(2)));
    while check(&link, &one).await.0 != Status::Ok {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    proxy.set(Mode::Cut);
    take(&processes, &key, (start, &mut given), |taken| taken == 5).await;
    assert!(processes.iter().all(|limits| limits.on_our_own()), "calls go on without Redis");
    let (status, detail) = check(&link, &one).await;
    assert_eq!(status, Status::Degraded);
    assert!(detail.contains("keeps to 1/"), "{detail}");

    proxy.set(Mode::Pass);
    take(&processes, &key, (start, &mut given), |taken| taken >= 25 && shared()).await;
    while check(&link, &one).await.0 != Status::Ok {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    for (index, at) in given.iter().enumerate() {
        let allowed = RATE.burst + RATE.per_second * at + 1.0;
        assert!(index as f64 + 1.0 <= allowed, "{} tokens by {at} s", index + 1);
    }
}
