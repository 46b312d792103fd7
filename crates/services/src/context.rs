//! What every use case is given: the database, AWS, time and randomness, the bus, and the policy.
//! Made once per process by the `compose.rs` of a tier. Not a place for state: whatever must outlive a call is in the database.

use std::sync::Arc;
use std::time::Duration;

use domain::cloud::CloudConnector;
use domain::env::Env;
use platform::config::{Config, RetentionConfig, SyncConfig};
use platform::events::EventBus;
use store::Db;

use crate::identity::PasswordHasher;

/// What every use case is given. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The database. It is also the job queue.
    pub db: Db,
    /// Time and randomness.
    pub env: Env,
    /// AWS.
    pub cloud: Arc<dyn CloudConnector>,
    /// Nudges to those who watch events ([`crate::events::CHANNEL`]).
    pub bus: EventBus,
    /// Argon2id with its limit.
    pub passwords: PasswordHasher,
    /// Durations and limits.
    pub policy: Policy,
}

/// Durations and limits that the use cases keep to.
#[derive(Debug, Clone)]
pub struct Policy {
    /// A session ends after this time without a request.
    pub session_idle: Duration,
    /// A session ends this time after sign-in.
    pub session_absolute: Duration,
    /// WorkSpaces in a passing state are read again after this time.
    pub fast_period: Duration,
    /// WorkSpaces whose tags are read in one run at most.
    pub tags_per_run: u32,
    /// The configured periods of the schedules; what holds is [`crate::schedules::Setting`].
    pub sync: SyncConfig,
    /// How long things are kept.
    pub retention: RetentionConfig,
}

impl From<&Config> for Policy {
    fn from(config: &Config) -> Self {
        Self {
            session_idle: config.session.idle(),
            session_absolute: config.session.absolute(),
            fast_period: config.sync.fast_period(),
            tags_per_run: config.sync.tags_per_run,
            sync: config.sync.clone(),
            retention: config.retention.clone(),
        }
    }
}

impl Context {
    /// Says that events were committed, to those who pass them on. Never fails, never waits. Workers need no word: the
    /// queue wakes them.
    pub fn announce(&self) {
        self.bus.nudge(crate::events::CHANNEL);
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("policy", &self.policy).finish_non_exhaustive()
    }
}
