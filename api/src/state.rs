//! What every handler can reach. Cloning is cheap. Not a place for a feature's own things: those are in `services`.

use std::sync::Arc;

use contract::settings::SettingsView;
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
    settings: SettingsView,
}

impl AppState {
    /// A state of these parts.
    #[must_use]
    pub fn new(
        context: Context,
        limiter: RateLimiter,
        strangers: Strangers,
        live: Live,
        settings: SettingsView,
    ) -> Self {
        let reading = context.reading();
        Self(Arc::new(Inner { context, reading, limiter, strangers, live, exports: Gate::default(), settings }))
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

    /// What this process was started with.
    #[must_use]
    pub fn settings(&self) -> &SettingsView {
        &self.0.settings
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
