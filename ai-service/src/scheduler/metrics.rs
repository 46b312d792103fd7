//! Figures of the scheduler: counted where things happen, read by the scheduler itself and told to whoever keeps metrics.
//!
//! They are told to the recorder that is in force when [`Metrics::new`] makes them. What each means is in
//! `platform::metrics::catalog`. To add one: its line there, a field here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::metrics::{counter, gauge, histogram};

/// Something that only grows.
#[derive(Debug)]
pub struct Counter {
    so_far: AtomicU64,
    told: ::metrics::Counter,
}

impl Counter {
    fn new(told: ::metrics::Counter) -> Self {
        Self { so_far: AtomicU64::new(0), told }
    }

    /// So many more.
    pub fn add(&self, count: usize) {
        self.so_far.fetch_add(count as u64, Ordering::Relaxed);
        self.told.increment(count as u64);
    }

    /// So far.
    pub fn get(&self) -> u64 {
        self.so_far.load(Ordering::Relaxed)
    }
}

/// Something that is so at the moment.
#[derive(Debug)]
pub struct Gauge {
    now: AtomicU64,
    told: ::metrics::Gauge,
}

impl Gauge {
    fn new(told: ::metrics::Gauge) -> Self {
        Self { now: AtomicU64::new(0), told }
    }

    /// It is this now.
    pub fn set(&self, value: usize) {
        self.now.store(value as u64, Ordering::Relaxed);
        self.told.set(value as f64);
    }

    /// What it is.
    pub fn get(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }
}

/// How often something was done and how long it took.
#[derive(Debug)]
pub struct Timing {
    count: AtomicU64,
    micros: AtomicU64,
    told: ::metrics::Histogram,
}

impl Timing {
    fn new(told: ::metrics::Histogram) -> Self {
        Self { count: AtomicU64::new(0), micros: AtomicU64::new(0), told }
    }

    /// Once more.
    pub fn note(&self, took: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.told.record(took.as_secs_f64());
    }

    /// How long on average, in seconds; 0 before the first.
    pub fn mean(&self) -> f64 {
        let count = self.count.load(Ordering::Relaxed).max(1);
        self.micros.load(Ordering::Relaxed) as f64 / 1e6 / count as f64
    }
}

/// All figures.
#[derive(Debug)]
pub struct Metrics {
    /// Requests that got a whole answer.
    pub finished: Counter,
    /// Requests that failed after they were taken.
    pub failed: Counter,
    /// Requests whose caller went away.
    pub cancelled: Counter,
    /// Requests refused because the queue was full.
    pub refused: Counter,
    /// Tokens of prompts taken.
    pub prompt: Counter,
    /// Of them found in the cache.
    pub cached: Counter,
    /// Tokens of answers.
    pub generated: Counter,
    /// Tokens the model computed.
    pub computed: Counter,
    /// Times a request gave its pages up.
    pub preempted: Counter,
    /// Times the engine was started again after it broke.
    pub restarts: Counter,
    /// Requests that wait.
    pub waiting: Gauge,
    /// Requests that run.
    pub running: Gauge,
    /// Pages of the cache.
    pub pages: Gauge,
    /// Of them held by requests.
    pub pages_held: Gauge,
    /// Of them kept for requests that begin alike.
    pub pages_kept: Gauge,
    /// Whether the model is ready: 1 or 0.
    pub ready: Gauge,
    /// Steps of the model.
    pub steps: Timing,
    /// From asking to the first token.
    pub first_token: Timing,
    /// From asking to the end.
    pub requests: Timing,
}

impl Metrics {
    /// Nothing yet; told to the recorder in force.
    pub fn new() -> Self {
        let requests =
            |outcome: &'static str| Counter::new(counter!("wheelhouse_ai_requests_total", "outcome" => outcome));
        Self {
            finished: requests("finished"),
            failed: requests("failed"),
            cancelled: requests("cancelled"),
            refused: requests("refused"),
            prompt: Counter::new(counter!("wheelhouse_ai_prompt_tokens_total")),
            cached: Counter::new(counter!("wheelhouse_ai_prompt_tokens_cached_total")),
            generated: Counter::new(counter!("wheelhouse_ai_generated_tokens_total")),
            computed: Counter::new(counter!("wheelhouse_ai_computed_tokens_total")),
            preempted: Counter::new(counter!("wheelhouse_ai_preemptions_total")),
            restarts: Counter::new(counter!("wheelhouse_ai_engine_restarts_total")),
            waiting: Gauge::new(gauge!("wheelhouse_ai_requests_waiting")),
            running: Gauge::new(gauge!("wheelhouse_ai_requests_running")),
            pages: Gauge::new(gauge!("wheelhouse_ai_cache_pages")),
            pages_held: Gauge::new(gauge!("wheelhouse_ai_cache_pages_held")),
            pages_kept: Gauge::new(gauge!("wheelhouse_ai_cache_pages_kept")),
            ready: Gauge::new(gauge!("wheelhouse_ai_ready")),
            steps: Timing::new(histogram!("wheelhouse_ai_step_seconds")),
            first_token: Timing::new(histogram!("wheelhouse_ai_first_token_seconds")),
            requests: Timing::new(histogram!("wheelhouse_ai_request_seconds")),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::metrics::{Exporter, catalog::CATALOG};

    #[tokio::test]
    async fn every_figure_is_told_under_a_name_that_is_explained() {
        let exporter = Exporter::new();
        let metrics = exporter.told_here(Metrics::new);
        metrics.generated.add(7);
        metrics.waiting.set(3);
        metrics.steps.note(Duration::from_millis(1500));
        assert_eq!((metrics.generated.get(), metrics.waiting.get()), (7, 3));
        assert!((metrics.steps.mean() - 1.5).abs() < 1e-9);
        let text = exporter.text().await;
        assert!(text.contains("wheelhouse_ai_generated_tokens_total 7\n"));
        assert!(text.contains("wheelhouse_ai_requests_waiting 3\n"));
        assert!(text.contains("wheelhouse_ai_step_seconds_sum 1.5\nwheelhouse_ai_step_seconds_count 1\n"));
        let told: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        assert!(told.iter().all(|name| CATALOG.iter().any(|metric| metric.name == *name)), "{told:?}");
        assert_eq!(told.len(), CATALOG.iter().filter(|metric| metric.name.starts_with("wheelhouse_ai_")).count());
    }
}
