//! The one way to Redis: a deadline on every call, quick answers while it is away, one log line per outage.
//!
//! Redis never holds the only copy of anything, so no call here returns an error: it answers `None` and the caller
//! goes on without. To add a use: write a module such as `limits` over [`RedisLink::call`].

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ConnectionAddr, ErrorKind, IntoConnectionInfo as _, RedisError, RedisResult, TlsCertificates};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::time::{Instant, timeout};

use crate::config::{RedisConfig, SecretUrl};
use crate::http::install_crypto_provider;

/// Longest wait for one call.
pub const DEADLINE: Duration = Duration::from_millis(250);

/// After a failed call Redis is left alone for this long, so that an outage does not slow every request.
const PAUSE: Duration = Duration::from_secs(1);

/// A shared connection to Redis. Cloning is cheap and shares the connection.
#[derive(Clone)]
pub struct RedisLink(Arc<Inner>);

struct Inner {
    client: Client,
    manager: ConnectionManager,
    outage: Mutex<Option<Outage>>,
}

struct Outage {
    since: Instant,
    retry_at: Instant,
}

impl RedisLink {
    /// The link of a configuration, where it names a Redis. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The URL is not one of Redis, or the file of certificates holds none.
    pub fn configured(config: &RedisConfig) -> Result<Option<Self>, InvalidRedis> {
        let Some(url) = &config.url else { return Ok(None) };
        let Some(path) = &config.ca_file else { return Self::open(url).map(Some) };
        let unread = |why: String| InvalidRedis::Certificates { path: path.display().to_string(), why };
        let pem = std::fs::read(path).map_err(|error| unread(error.to_string()))?;
        if CertificateDer::pem_slice_iter(&pem).next().is_none() {
            return Err(unread("there is no certificate in it".to_owned()));
        }
        let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem) };
        check(url)?;
        let client = Client::build_with_tls(url.expose(), certificates).map_err(|error| unread(error.to_string()))?;
        Self::over(client).map(Some)
    }

    /// Prepares a connection; it is made at the first call. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The URL is not one of Redis.
    pub fn open(url: &SecretUrl) -> Result<Self, InvalidRedis> {
        check(url)?;
        Self::over(Client::open(url.expose()).map_err(|_| InvalidRedis::Url)?)
    }

    fn over(client: Client) -> Result<Self, InvalidRedis> {
        install_crypto_provider();
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(DEADLINE - Duration::from_millis(50)))
            .set_response_timeout(Some(DEADLINE));
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|_| InvalidRedis::Url)?;
        Ok(Self(Arc::new(Inner { client, manager, outage: Mutex::new(None) })))
    }

    /// Runs commands within [`DEADLINE`]. `None`: Redis is away or answered with an error; that has been logged.
    pub async fn call<T, F, Fut>(&self, commands: F) -> Option<T>
    where
        F: FnOnce(ConnectionManager) -> Fut,
        Fut: Future<Output = RedisResult<T>>,
    {
        self.call_within(DEADLINE, commands).await
    }

    /// The same within a shorter time than [`DEADLINE`].
    pub async fn call_within<T, F, Fut>(&self, limit: Duration, commands: F) -> Option<T>
    where
        F: FnOnce(ConnectionManager) -> Fut,
        Fut: Future<Output = RedisResult<T>>,
    {
        if let Some(outage) = self.outage().as_mut() {
            let now = Instant::now();
            if now < outage.retry_at {
                return None;
            }
            // One caller finds out; the others go on without until it has.
            outage.retry_at = now + PAUSE;
        }
        let began = Instant::now();
        let result = match timeout(limit.min(DEADLINE), commands(self.0.manager.clone())).await {
            Ok(result) => result,
            Err(_) => Err(RedisError::from((ErrorKind::Io, "no answer within the deadline"))),
        };
        tell(began.elapsed(), result.is_ok());
        match result {
            Ok(value) => {
                self.note_success();
                Some(value)
            }
            Err(error) => {
                self.note_failure(&error);
                None
            }
        }
    }

    /// Whether the last call failed.
    pub fn is_down(&self) -> bool {
        self.outage().is_some()
    }

    /// Asks Redis for a sign of life, even during the pause after a failure. Made for a health check.
    ///
    /// # Errors
    /// A sentence for people, without addresses.
    pub async fn ping(&self) -> Result<(), String> {
        if let Some(outage) = self.outage().as_mut() {
            outage.retry_at = Instant::now();
        }
        let ping =
            |mut manager: ConnectionManager| async move { redis::cmd("PING").query_async::<()>(&mut manager).await };
        self.call(ping).await.ok_or_else(|| "Redis does not answer".to_owned())
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    fn outage(&self) -> std::sync::MutexGuard<'_, Option<Outage>> {
        self.0.outage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn note_success(&self) {
        if let Some(outage) = self.outage().take() {
            tracing::info!(outage_seconds = outage.since.elapsed().as_secs(), "Redis is back");
        }
    }

    fn note_failure(&self, error: &RedisError) {
        let now = Instant::now();
        let mut outage = self.outage();
        if outage.is_none() {
            tracing::warn!(%error, "Redis is away; going on without it");
        }
        let since = outage.as_ref().map_or(now, |outage| outage.since);
        *outage = Some(Outage { since, retry_at: now + PAUSE });
    }
}

/// What is watched of a call.
fn tell(took: Duration, answered: bool) {
    let outcome = if answered { "answered" } else { "failed" };
    metrics::histogram!("db_client_operation_duration_seconds", "db_system_name" => "redis", "outcome" => outcome)
        .record(took);
    metrics::gauge!("wheelhouse_redis_up").set(if answered { 1.0 } else { 0.0 });
}

impl fmt::Debug for RedisLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLink").field("down", &self.is_down()).finish_non_exhaustive()
    }
}

/// Refuses what is no URL of Redis, and TLS that checks nothing.
fn check(url: &SecretUrl) -> Result<(), InvalidRedis> {
    let info = url.expose().into_connection_info().map_err(|_| InvalidRedis::Url)?;
    match info.addr() {
        ConnectionAddr::TcpTls { insecure: true, .. } => Err(InvalidRedis::Unchecked),
        _ => Ok(()),
    }
}

/// Why there can be no link. The URL may hold a password, so it is not quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedis {
    /// It is not one of Redis.
    #[error("redis.url is not a Redis URL, such as redis://host:6379/0 or rediss://host:6379/0")]
    Url,
    /// It asks for TLS that would take any certificate.
    #[error("redis.url ends with #insecure; leave that out and name the server's certificates in redis.ca_file")]
    Unchecked,
    /// The certificates to check the server's against can't be had.
    #[error("redis.ca_file: {path} can't be used ({why}); name a PEM file with certificates")]
    Certificates {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::metrics::Exporter;

    /// The Redis that `cargo xtask test` starts, or `None` with a line that says the test was skipped.
    pub(crate) fn test_link() -> Option<RedisLink> {
        match std::env::var("WHEELHOUSE_TEST_REDIS_URL") {
            Ok(url) => Some(RedisLink::open(&SecretUrl::from(url)).unwrap()),
            Err(_) => {
                eprintln!("skipped: WHEELHOUSE_TEST_REDIS_URL is not set; cargo xtask test sets it");
                None
            }
        }
    }

    /// A link to a port where nobody listens.
    pub(crate) fn dead_link() -> RedisLink {
        RedisLink::open(&SecretUrl::from("redis://127.0.0.1:1")).unwrap()
    }

    #[tokio::test]
    async fn a_dead_redis_is_noticed_and_left_alone() {
        let link = dead_link();
        assert!(link.ping().await.is_err());
        assert!(link.is_down());
        // During the pause the commands are not even tried.
        let answer = link.call(|_| async { panic!("called during the pause") as RedisResult<()> }).await;
        assert_eq!(answer, None);
    }

    #[test]
    fn what_is_asked_is_told_with_how_it_went() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let entered = runtime.enter();
        let (exporter, dead, live) = (Exporter::new(), dead_link(), test_link());
        drop(entered);
        let told = async |link: RedisLink| {
            let _ = link.ping().await;
            exporter.text().await
        };
        let text = exporter.told_here(|| runtime.block_on(told(dead)));
        assert!(text.contains("wheelhouse_redis_up 0\n"), "{text}");
        let failed = "db_client_operation_duration_seconds_count{db_system_name=\"redis\",outcome=\"failed\"} 1\n";
        assert!(text.contains(failed), "{text}");
        let Some(live) = live else { return };
        let text = exporter.told_here(|| runtime.block_on(told(live)));
        assert!(text.contains("wheelhouse_redis_up 1\n"), "{text}");
    }

    #[tokio::test]
    async fn a_live_redis_answers() {
        let Some(link) = test_link() else { return };
        link.ping().await.unwrap();
        assert!(!link.is_down());
    }
}
