//! A cache of bytes with a time to live: in the process, or shared through Redis.
//!
//! It may forget anything at any time; a Redis that is away is a miss. Nothing that must survive belongs here.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moka::Expiry;
use moka::future::Cache as Local;

use crate::redis::RedisLink;

/// Most bytes the in-process cache keeps, keys included.
const LOCAL_BYTES: u64 = 32 << 20;

/// A cache. Cloning is cheap and shares the content.
#[derive(Clone)]
pub struct Cache(Place);

#[derive(Clone)]
enum Place {
    Local(Local<String, Entry>),
    Redis(RedisLink),
}

#[derive(Clone)]
struct Entry {
    value: Bytes,
    ttl: Duration,
}

struct EntryTtl;

impl Expiry<String, Entry> for EntryTtl {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(&self, _: &String, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.ttl)
    }
}

impl Cache {
    /// A cache in Redis, or in the process where there is none.
    pub fn new(redis: Option<RedisLink>) -> Self {
        Self(match redis {
            Some(link) => Place::Redis(link),
            None => Place::Local(
                Local::builder()
                    .max_capacity(LOCAL_BYTES)
                    .weigher(|key: &String, entry: &Entry| {
                        u32::try_from(key.len() + entry.value.len()).unwrap_or(u32::MAX)
                    })
                    .expire_after(EntryTtl)
                    .build(),
            ),
        })
    }

    /// The value, unless it is absent, too old, or Redis is away.
    pub async fn get(&self, key: &str) -> Option<Bytes> {
        match &self.0 {
            Place::Local(cache) => cache.get(key).await.map(|entry| entry.value),
            Place::Redis(link) => {
                let get = |mut redis| async move {
                    redis::cmd("GET").arg(name(key)).query_async::<Option<Vec<u8>>>(&mut redis).await
                };
                link.call(get).await.flatten().map(Bytes::from)
            }
        }
    }

    /// Keeps a value for `ttl` (at least a millisecond).
    pub async fn set(&self, key: &str, value: impl Into<Bytes>, ttl: Duration) {
        let value = value.into();
        match &self.0 {
            Place::Local(cache) => cache.insert(key.to_owned(), Entry { value, ttl }).await,
            Place::Redis(link) => {
                let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
                let set = |mut redis| async move {
                    let mut set = redis::cmd("SET");
                    set.arg(name(key)).arg(&value[..]).arg("PX").arg(milliseconds);
                    set.query_async::<()>(&mut redis).await
                };
                link.call(set).await.unwrap_or_default();
            }
        }
    }

    /// Forgets a value.
    pub async fn delete(&self, key: &str) {
        match &self.0 {
            Place::Local(cache) => cache.invalidate(key).await,
            Place::Redis(link) => {
                let delete =
                    |mut redis| async move { redis::cmd("DEL").arg(name(key)).query_async::<()>(&mut redis).await };
                link.call(delete).await.unwrap_or_default();
            }
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Place::Local(_) => "Cache(in-process)",
            Place::Redis(_) => "Cache(redis)",
        })
    }
}

fn name(key: &str) -> String {
    format!("wheelhouse:cache:{key}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::tests::{dead_link, test_link};

    async fn keeps_and_forgets(cache: &Cache) {
        let (long, short) = (Duration::from_secs(60), Duration::from_millis(1));
        cache.set("a", "one", long).await;
        assert_eq!(cache.get("a").await.as_deref(), Some(&b"one"[..]));
        cache.set("a", "two", long).await;
        assert_eq!(cache.get("a").await.as_deref(), Some(&b"two"[..]));
        cache.delete("a").await;
        assert_eq!(cache.get("a").await, None);
        cache.set("b", "brief", short).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(cache.get("b").await, None);
    }

    #[tokio::test]
    async fn in_process() {
        keeps_and_forgets(&Cache::new(None)).await;
    }

    #[tokio::test]
    async fn in_redis() {
        let Some(link) = test_link() else { return };
        keeps_and_forgets(&Cache::new(Some(link))).await;
    }

    #[tokio::test]
    async fn a_dead_redis_is_a_miss() {
        let cache = Cache::new(Some(dead_link()));
        cache.set("a", "one", Duration::from_secs(60)).await;
        assert_eq!(cache.get("a").await, None);
        cache.delete("a").await;
    }
}
