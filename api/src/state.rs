//! What every handler can reach. Cloning is cheap. Not a place for a feature's own things: those are in `services`.

use std::sync::Arc;

use platform::config::{Config, LiveConfig};
use platform::limits::RateLimiter;
use services::Context;
use services::exports::Gate;

use crate::extract::Strangers;
use crate::live::Live;

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    context: Context,
    reading: Context,
    limiter: RateLimiter,
    strangers: Strangers,
    live: Live,
    exports: Gate,
    config: LiveConfig,
}

impl AppState {
    /// A state of these parts.
    #[must_use]
    pub fn new(context: Context, limiter: RateLimiter, strangers: Strangers, live: Live, config: LiveConfig) -> Self {
        let reading = context.reading();
        Self(Arc::new(Inner { context, reading, limiter, strangers, live, exports: Gate::default(), config }))
    }

    /// What the use cases take first.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// The same for figures, AWS's events and files, which may be a little old: see [`Context::reading`].
    #[must_use]
    pub fn reading(&self) -> &Context {
        &self.0.reading
    }

    /// Counts tries.
    #[must_use]
    pub fn limiter(&self) -> &RateLimiter {
        &self.0.limiter
    }

    /// Counts look-ups of secrets that nobody here was given.
    #[must_use]
    pub fn strangers(&self) -> &Strangers {
        &self.0.strangers
    }

    /// Counts the exports under way in this process.
    #[must_use]
    pub fn exports(&self) -> &Gate {
        &self.0.exports
    }

    /// The settings in force.
    #[must_use]
    pub fn config(&self) -> Arc<Config> {
        self.0.config.now()
    }

    /// The live stream.
    #[must_use]
    pub fn live(&self) -> &Live {
        &self.0.live
    }
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").finish_non_exhaustive()
    }
}
