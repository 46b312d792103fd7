//! What every use case is given: the database, AWS, time and randomness, the bus, and the policy.
//! Made once per process by the `compose.rs` of a tier. Not a place for state: whatever must outlive a call is in the database.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::cloud::CloudConnector;
use domain::env::Env;
use platform::artefacts::Artefacts;
use platform::config::{Config, RetentionConfig, SyncConfig};
use platform::events::EventBus;
use platform::http::guard::Guard;
use platform::mail::Mailer;
use platform::vault::Vault;
use store::Db;

use crate::assistant::Assistant;
use crate::audit::AuditLog;
use crate::backups::BackupPolicy;
use crate::cost::KeptEstimates;
use crate::credentials::Known;
use crate::identity::PasswordHasher;
use crate::oidc::SingleSignOn;

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
    /// What was just read of those who ask; whoever ends a session or key, or changes what somebody may do, says so there.
    pub known: Known,
    /// What was just reckoned of costs; never what no longer holds.
    pub estimates: KeptEstimates,
    /// Argon2id with its limit.
    pub passwords: PasswordHasher,
    /// Where URLs that users give may lead.
    pub outgoing: Guard,
    /// Secrets at rest; which columns are sealed is said in [`crate::vault`].
    pub vault: Vault,
    /// Outgoing mail; off where no server is configured.
    pub mail: Mailer,
    /// Where the files of reports are kept, which every process sees.
    pub artefacts: Arc<dyn Artefacts>,
    /// Our own audit log: the queue of noted reads, the files of checkpoints.
    pub audit: AuditLog,
    /// Sign-in at an OpenID provider, where one is configured.
    pub sso: SingleSignOn,
    /// Who can phrase answers, where models are configured.
    pub assistant: Assistant,
    /// Durations and limits, which may change while the process runs.
    pub policy: LivePolicy,
}

/// The policy that holds now. All clones are one.
#[derive(Clone)]
pub struct LivePolicy(Arc<ArcSwap<Policy>>);

impl LivePolicy {
    /// In force from the start.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(policy)))
    }

    /// As these settings say.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self::new(Policy::from(config))
    }

    /// What holds now. What is under way keeps to what it has taken.
    #[must_use]
    pub fn now(&self) -> Arc<Policy> {
        self.0.load_full()
    }

    /// Takes over what these settings say, for what begins from now on.
    pub fn take(&self, config: &Config) {
        self.0.store(Arc::new(Policy::from(config)));
    }

    /// Changes some of it. Not for two callers at once.
    pub fn change(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = Policy::clone(&self.now());
        change(&mut policy);
        self.0.store(Arc::new(policy));
    }
}

/// Durations and limits that the use cases keep to.
#[derive(Debug, Clone)]
pub struct Policy {
    /// A session ends after this time without a request.
    pub session_idle: Duration,
    /// A session ends this time after sign-in.
    pub session_absolute: Duration,
    /// A proof of who is there allows dangerous actions for this time.
    pub proof_window: chrono::Duration,
    /// The address that browsers use, without a slash at its end: what links in mails begin with.
    pub base_url: String,
    /// The longest a request takes; what it reserved is free again afterwards.
    pub request_timeout: Duration,
    /// WorkSpaces in a passing state are read again after this time.
    pub fast_period: Duration,
    /// WorkSpaces whose tags are read in one run at most.
    pub tags_per_run: u32,
    /// The configured periods of the schedules; what holds is [`crate::schedules::Setting`].
    pub sync: SyncConfig,
    /// How long things are kept.
    pub retention: RetentionConfig,
    /// Where backups go, and what goes into them.
    pub backup: BackupPolicy,
}

impl From<&Config> for Policy {
    fn from(config: &Config) -> Self {
        Self {
            session_idle: config.session.idle(),
            session_absolute: config.session.absolute(),
            proof_window: config.session.proof(),
            base_url: config.server.base_url(),
            request_timeout: config.server.request_timeout(),
            fast_period: config.sync.fast_period(),
            tags_per_run: config.sync.tags_per_run,
            sync: config.sync.clone(),
            retention: config.retention.clone(),
            backup: BackupPolicy::from(config),
        }
    }
}

impl Context {
    /// Says that events were committed, to those who pass them on. Never fails, never waits. Workers need no word: the
    /// queue wakes them.
    pub fn announce(&self) {
        self.bus.nudge(crate::events::CHANNEL);
    }

    /// The same for reads that bear to be a little old: they go to a replica of Postgres where there is a usable one
    /// ([`store::replica`]).
    ///
    /// The rule, decided in ADR 16: it is taken by pages of usage, costs and CloudTrail's events, which only syncs write, and for
    /// the rows of exports and reports. Never for who asks and what they may do, never for what people change here and look at right
    /// after (WorkSpaces, jobs, people, settings), never for what follows a write, and never by jobs for what they decide.
    #[must_use]
    pub fn reading(&self) -> Self {
        Self { db: self.db.reading(), ..self.clone() }
    }

    /// The same for what must be of one state, such as what is kept with the state that it is of: it stays with the primary.
    #[must_use]
    pub fn primary(&self) -> Self {
        Self { db: self.db.primary(), ..self.clone() }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("policy", &self.policy.now()).finish_non_exhaustive()
    }
}
