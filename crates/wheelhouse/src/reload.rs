//! Settings that are read again while a process serves: on SIGHUP, as servers do.
//!
//! All layers are read as at the start. What is faulty changes nothing; what can't change before the next start is named
//! ([`platform::config::is_live`] says which can). Not here: what people change in the portal, which is in the database.

use std::future::Future;
use std::io::IsTerminal as _;

use platform::config::{Config, LiveConfig, Retaken};
use platform::shutdown::Shutdown;
use services::LivePolicy;

use crate::compose::Load;

/// Hears SIGHUP until the end; not where a terminal is, whose end it tells then. `made` is what a process makes of the configuration that it read.
///
/// # Errors
/// The signal's handler could not be registered.
pub fn on_hangup(
    load: &Load,
    made: fn(Config) -> Config,
    live: &LiveConfig,
    policy: Option<&LivePolicy>,
    shutdown: &Shutdown,
) -> std::io::Result<()> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    let mut hangups = Hangups::new()?;
    let (load, live, policy, end) = (load.clone(), live.clone(), policy.cloned(), shutdown.token());
    shutdown.spawn(async move {
        while end.run_until_cancelled(hangups.next()).await.is_some() {
            let read = async { anyhow::Ok(made(load.resolve().await?)) };
            if end.run_until_cancelled(again(read, &live, policy.as_ref())).await.is_none() {
                break;
            }
        }
    });
    Ok(())
}

async fn again(read: impl Future<Output = anyhow::Result<Config>>, live: &LiveConfig, policy: Option<&LivePolicy>) {
    let read = match read.await {
        Ok(read) => read,
        Err(error) => return tracing::error!("settings were read again and are left as they were: {error:#}"),
    };
    let Retaken { taken, waiting } = live.take(&read);
    if let Some(policy) = policy {
        policy.take(&live.now());
    }
    platform::telemetry::set_filter(&live.now().telemetry.log_filter);
    tracing::info!(taken = taken.join(", "), "settings were read again");
    if !waiting.is_empty() {
        tracing::warn!(waiting = waiting.join(", "), "these settings hold from the next start");
    }
}

#[cfg(unix)]
struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::hangup())?))
    }

    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use platform::config::Loader;

    use super::*;

    #[tokio::test]
    async fn what_is_faulty_changes_nothing() {
        let read = |value: &'static str| async move {
            anyhow::Ok(Loader::new().environment([("WHEELHOUSE_SESSION__IDLE_MINUTES", value)]).load()?)
        };
        let live = LiveConfig::new(read("30").await.unwrap());
        let policy = LivePolicy::of(&live.now());
        again(read("soon"), &live, Some(&policy)).await;
        assert_eq!(live.now().session.idle_minutes, 30);
        again(read("45"), &live, Some(&policy)).await;
        assert_eq!(live.now().session.idle_minutes, 45);
        assert_eq!(policy.now().session_idle, live.now().session.idle());
    }
}
