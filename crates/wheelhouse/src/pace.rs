//! Joins the buckets of Redis (`platform`) to the pace towards AWS (`aws`), which do not know of each other, and says in
//! `/health` when they part. Decides nothing: rates are `aws`'s, the algorithm is in both.

use std::sync::Arc;
use std::time::Duration;

use aws::{BucketKey, Limits, NoToken, Rate, TokenBucket};
use domain::env::Env;
use platform::health::{HealthRegistry, Severity};
use platform::limits::{Pace, RedisBuckets};
use platform::redis::RedisLink;

/// [`RedisBuckets`] as `aws` takes them.
#[derive(Debug)]
struct RedisPace(RedisBuckets);

fn pace(rate: Rate) -> Pace {
    Pace { per_second: rate.per_second, burst: rate.burst }
}

#[async_trait::async_trait]
impl TokenBucket for RedisPace {
    async fn reserve(&self, key: &BucketKey, rate: Rate, longest_wait: Duration) -> Result<Duration, NoToken> {
        match self.0.reserve(&key.to_string(), pace(rate), longest_wait).await {
            Some(answer) => answer.map_err(|_| NoToken::InTime),
            None => Err(NoToken::Away),
        }
    }

    async fn throttled(&self, key: &BucketKey, rate: Rate, retry_after: Option<Duration>) -> Result<(), NoToken> {
        self.0.throttled(&key.to_string(), pace(rate), retry_after).await.ok_or(NoToken::Away)
    }

    async fn drain(&self, key: &BucketKey, rate: Rate) -> Result<(), NoToken> {
        self.0.drain(&key.to_string(), pace(rate)).await.ok_or(NoToken::Away)
    }

    fn replicas(&self) -> u32 {
        self.0.replicas()
    }
}

/// The limits towards AWS: shared through Redis where there is one, else of this process alone.
pub fn limits(redis: Option<&RedisLink>, at_least: u32, env: &Env) -> Arc<Limits> {
    Arc::new(match redis {
        Some(link) => {
            let instance = env.new_id().to_string();
            Limits::shared(Arc::new(RedisPace(RedisBuckets::new(link.clone(), &instance))), at_least)
        }
        None => Limits::in_process(),
    })
}

/// The check `aws-limits`: degraded while the limits are not shared though they should be.
pub fn register(health: &HealthRegistry, redis: Option<&RedisLink>, limits: &Arc<Limits>) {
    let Some(link) = redis.cloned() else { return };
    let limits = Arc::clone(limits);
    health.register("aws-limits", Severity::Degraded, move || {
        let (link, limits) = (link.clone(), Arc::clone(&limits));
        async move {
            let there = link.ping().await.is_ok();
            match limits.share() {
                Some(share) if !there => {
                    Err(format!("Redis is away: this process keeps to 1/{share} of each limit towards AWS"))
                }
                _ => Ok(None),
            }
        }
    });
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
