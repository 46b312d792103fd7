//! What a process goes by while it runs: some settings are taken over from a configuration that was read again, the others wait for
//! the next start.
//!
//! Which those are is [`LIVE`], and nothing else: whoever uses a live setting asks for it each time. Here nothing is read and no signal
//! is heard. To make another setting live: have its users ask [`LiveConfig::now`] (or the use cases' policy), then name it in [`LIVE`].

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Config;

/// The settings that are taken over, by section or key.
const LIVE: &[&str] = &["session", "sync", "retention", "telemetry.log_filter"];

/// Whether a setting, such as `sync.enabled`, is taken over while the process runs.
#[must_use]
pub fn is_live(key: &str) -> bool {
    LIVE.iter().any(|live| key.strip_prefix(live).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// The configuration in force. All clones are one.
#[derive(Clone, Debug)]
pub struct LiveConfig(Arc<ArcSwap<Config>>);

/// What came of a configuration that was read again: keys of settings whose value is another now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retaken {
    /// Those that hold from now on.
    pub taken: Vec<String>,
    /// Those that hold from the next start.
    pub waiting: Vec<String>,
}

impl LiveConfig {
    /// In force from the start.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(config)))
    }

    /// What is in force.
    #[must_use]
    pub fn now(&self) -> Arc<Config> {
        self.0.load_full()
    }

    /// Takes over what may change. What may not, and is another value than the process was started with, is told.
    pub fn take(&self, read: &Config) -> Retaken {
        let mut after = Config::clone(&self.now());
        after.session = read.session.clone();
        after.sync = read.sync.clone();
        after.retention = read.retention.clone();
        after.telemetry.log_filter.clone_from(&read.telemetry.log_filter);
        for (key, source) in read.sources.iter().filter(|(key, _)| is_live(key)) {
            after.sources.insert(key.clone(), source.clone());
        }
        let mut told = Retaken::default();
        for (key, value) in &read.raw.0 {
            if !is_live(key) {
                told.waiting.extend((after.raw.0.get(key) != Some(value)).then(|| key.clone()));
            } else if after.raw.0.insert(key.clone(), value.clone()).as_ref() != Some(value) {
                told.taken.push(key.clone());
            }
        }
        self.0.store(Arc::new(after));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Loader, Source};
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Config {
        Loader::new().environment(variables.iter().copied()).load().unwrap()
    }

    #[test]
    fn what_is_live_is_taken_over_and_the_rest_is_told() {
        let live =
            LiveConfig::new(read(&[("WHEELHOUSE_SESSION__IDLE_MINUTES", "30"), ("REDIS_URL", "redis://:old@r:1/0")]));
        let told = live.take(&read(&[
            ("WHEELHOUSE_SESSION__IDLE_MINUTES", "60"),
            ("WHEELHOUSE_SYNC__ENABLED", "false"),
            ("WHEELHOUSE_TELEMETRY__LOG_FILTER", "debug"),
            ("WHEELHOUSE_TELEMETRY__LOG_FORMAT", "pretty"),
            ("REDIS_URL", "redis://:new@r:1/0"),
        ]));
        assert_eq!(told.taken, ["session.idle_minutes", "sync.enabled", "telemetry.log_filter"]);
        assert_eq!(told.waiting, ["redis.url", "telemetry.log_format"], "a password alone is a change too");
        let now = live.now();
        assert_eq!((now.session.idle_minutes, now.sync.enabled), (60, false));
        assert_eq!(now.telemetry.log_filter, "debug");
        assert!(now.redis.url.as_ref().is_some_and(|url| url.expose().contains("old")));
        assert_eq!(now.sources["redis.url"], Source::Environment { variable: "REDIS_URL".to_owned() });
        assert_eq!(now.sources["telemetry.log_format"], Source::Default);

        let again =
            live.take(&read(&[("WHEELHOUSE_SESSION__IDLE_MINUTES", "60"), ("REDIS_URL", "redis://:old@r:1/0")]));
        assert_eq!(again.taken, ["sync.enabled", "telemetry.log_filter"], "back to their defaults");
        assert_eq!(again.waiting, Vec::<String>::new());
        assert_eq!(live.now().sources["sync.enabled"], Source::Default);
    }

    #[test]
    fn what_is_live_names_settings_that_there_are() {
        let all = Config::default().provenance();
        for name in LIVE {
            assert!(all.keys().any(|key| is_live(key) && key.starts_with(name)), "{name}");
        }
        assert!(!is_live("telemetry.log_format") && !is_live("sessions.x"));
        assert!(!format!("{:?}", read(&[("REDIS_URL", "redis://:hush@r:1/0")])).contains("hush"));
    }
}
