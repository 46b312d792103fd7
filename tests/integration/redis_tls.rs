//! Redis over TLS: whose certificate is checked against ours, and whose is not is not spoken to.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use platform::config::RedisConfig;
use platform::events::EventBus;
use platform::redis::{InvalidRedis, RedisLink};
use testkit::redis::Redis;
use tokio::time::timeout;

/// What has not been heard by then never will be.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether it answers. Each connection reads the system's authorities first, which may take longer than a call on a busy machine.
async fn answers(link: &RedisLink) -> bool {
    for _ in 0..20 {
        if link.ping().await.is_ok() {
            return true;
        }
    }
    false
}

fn config(url: String, ca_file: Option<std::path::PathBuf>) -> RedisConfig {
    RedisConfig { url: Some(url.into()), ca_file }
}

#[tokio::test]
async fn a_server_is_spoken_to_whose_certificate_is_by_our_authority() -> Result<()> {
    let Some(redis) = Redis::take_with_tls().await? else { return Ok(()) };
    let link = RedisLink::configured(&config(redis.url(), Some(redis.ca_file())))?.context("no link")?;
    assert!(answers(&link).await, "it does not answer");
    // What listens has a connection of its own.
    let (here, there) = (EventBus::new(Some(link.clone())), EventBus::new(Some(link)));
    let mut heard = there.subscribe("events");
    timeout(PATIENCE, heard.next()).await.context("it announces itself")?;
    here.nudge("events");
    timeout(PATIENCE, heard.next()).await.context("it is heard")?;

    let strange = RedisLink::configured(&config(redis.url(), None))?.context("no link")?;
    assert!(!answers(&strange).await, "the system knows no such authority");
    let clear = RedisLink::configured(&config(redis.url().replace("rediss:", "redis:"), None))?.context("no link")?;
    assert!(!answers(&clear).await, "nothing is said in the clear");
    Ok(())
}

#[tokio::test]
async fn what_checks_nothing_or_can_not_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let unchecked = config("rediss://cache:6379/#insecure".to_owned(), None);
    assert_eq!(RedisLink::configured(&unchecked).map(drop), Err(InvalidRedis::Unchecked));
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "")?;
    for path in [empty, folder.path().join("missing.pem")] {
        let refused = RedisLink::configured(&config("rediss://cache:6379".to_owned(), Some(path))).map(drop);
        let said = refused.err().context("it was taken")?.to_string();
        assert!(said.starts_with("redis.ca_file: ") && said.ends_with("name a PEM file with certificates"), "{said}");
    }
    Ok(())
}
