//! How the service runs, as a composition root hands it over: the model, the limits, time and randomness.

use std::sync::Arc;
use std::time::Duration;

use platform::config::AiConfig;
use platform::metrics::Exporter;

use crate::load;
use crate::scheduler::{Loader, SchedulerOptions};

/// The present moment, in seconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;
/// Fills a slice with bytes that nobody can foresee.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// How the service runs.
#[derive(Clone)]
pub struct AiOptions {
    /// What loads the model; `None`: there is none, and requests are refused.
    pub model: Option<Loader>,
    /// Limits of the queue and the batch.
    pub scheduler: SchedulerOptions,
    /// An answer that is not whole after this is cancelled.
    pub deadline: Duration,
    /// The clock.
    pub now: Now,
    /// Randomness, for ids and for seeds that nobody gave.
    pub random: Random,
    /// Where the model's figures are kept; one of its own unless the process has one.
    pub metrics: Exporter,
}

impl AiOptions {
    /// Without a model.
    pub fn new(
        now: impl Fn() -> i64 + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        let (now, random) = (Arc::new(now), Arc::new(random));
        Self {
            model: None,
            scheduler: SchedulerOptions::default(),
            deadline: Duration::from_secs(300),
            now,
            random,
            metrics: Exporter::new(),
        }
    }

    /// As the configuration says.
    pub fn of(
        config: &AiConfig,
        now: impl Fn() -> i64 + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        let scheduler = SchedulerOptions { queue: config.queue, slots: config.parallel, ..SchedulerOptions::default() };
        Self { model: load::loader(config), scheduler, deadline: config.deadline(), ..Self::new(now, random) }
    }
}
