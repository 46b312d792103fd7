//! Makes the application's state out of what the process has. The parts come ready from the binary: no `store` and no `aws` here.

use std::sync::Arc;

use async_trait::async_trait;
use platform::config::{Config, LiveConfig};
use platform::health::{HealthRegistry, Severity};
use platform::limits::RateLimiter;
use platform::redis::RedisLink;
use platform::shutdown::Shutdown;
use services::Context;

use crate::extract::Strangers;
use crate::live::{Kept, Live, Outbox, OutboxError, Recorded};
use crate::state::AppState;

/// What the API needs of its process.
#[derive(Debug, Clone)]
pub struct ApiDeps {
    /// The configuration, as the process was started with it.
    pub config: Arc<Config>,
    /// The configuration in force, which is shown.
    pub live: LiveConfig,
    /// What the use cases take first.
    pub context: Context,
    /// Redis, where there is one: rate limits are shared through it.
    pub redis: Option<RedisLink>,
    /// The checks behind `/health`; the API adds its own.
    pub health: HealthRegistry,
}

/// The state, with its background task and health checks begun. Must be called inside a tokio runtime.
pub(crate) fn state(deps: &ApiDeps, shutdown: &Shutdown) -> AppState {
    register_checks(deps);
    let live = Live::new(Arc::new(Table(deps.context.clone())), shutdown.token());
    let nudges = deps.context.bus.subscribe(services::events::CHANNEL);
    shutdown.spawn(live.clone().tail(nudges));
    let strangers = Strangers::new(deps.config.limits.unknown_per_minute);
    AppState::new(deps.context.clone(), RateLimiter::new(deps.redis.clone()), strangers, live, deps.live.clone())
}

fn register_checks(deps: &ApiDeps) {
    let db = deps.context.db.clone();
    deps.health.register("database", Severity::Critical, move || {
        let db = db.clone();
        async move { db.ping().await.map(|()| None).map_err(|error| error.to_string()) }
    });
    if deps.context.db.replica().is_some() {
        // Without it everything goes on: the primary is read.
        let context = deps.context.clone();
        deps.health.register("replica", Severity::Degraded, move || {
            std::future::ready(services::watching::replica_health(&context))
        });
    }
    if let Some(redis) = deps.redis.clone() {
        deps.health.register("redis", Severity::Degraded, move || {
            let redis = redis.clone();
            async move { redis.ping().await.map(|()| None) }
        });
    }
    let bus = deps.context.bus.clone();
    deps.health.register("events", Severity::Degraded, move || std::future::ready(bus.health().map(|()| None)));
}

/// The outbox in the database.
struct Table(Context);

#[async_trait]
impl Outbox for Table {
    async fn kept(&self) -> Result<Kept, OutboxError> {
        // The newest first: what is pruned in between only makes resuming stricter.
        let newest = services::events::latest_event_id(&self.0).await?;
        let oldest = services::events::oldest_event_id(&self.0).await?;
        Ok(Kept { resumable_from: oldest.map_or(newest, |oldest| oldest - 1), newest })
    }

    async fn after(&self, id: i64, limit: u32) -> Result<Vec<Recorded>, OutboxError> {
        let events = services::events::events_after(&self.0, id, u64::from(limit)).await?;
        Ok(events.into_iter().map(|record| Recorded { id: record.id, event: record.event }).collect())
    }
}
