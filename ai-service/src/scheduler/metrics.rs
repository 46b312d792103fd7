//! Figures of the scheduler: counted where things happen, read by `/metrics`.
//!
//! To add one: a field, its line in [`Metrics::text`].

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Something that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// So many more.
    pub fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// So far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Something that is so at the moment.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// It is this now.
    pub fn set(&self, value: usize) {
        self.0.store(value as u64, Ordering::Relaxed);
    }

    /// What it is.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often something was done and how long it took altogether.
#[derive(Debug, Default)]
pub struct Timing {
    count: AtomicU64,
    micros: AtomicU64,
}

impl Timing {
    /// Once more.
    pub fn note(&self, took: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How often.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How long altogether, in seconds.
    pub fn seconds(&self) -> f64 {
        self.micros.load(Ordering::Relaxed) as f64 / 1e6
    }

    /// How long on average, in seconds; 0 before the first.
    pub fn mean(&self) -> f64 {
        self.seconds() / self.count().max(1) as f64
    }
}

/// All figures.
#[derive(Debug, Default)]
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
    /// In the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |kind: &str, name: &str, help: &str, value: String| {
            // Writing to a String does not fail.
            let _ = write!(text, "# HELP wheelhouse_ai_{name} {help}\n# TYPE wheelhouse_ai_{name} {kind}\n{value}");
        };
        let outcomes = [
            ("finished", &self.finished),
            ("failed", &self.failed),
            ("cancelled", &self.cancelled),
            ("refused", &self.refused),
        ];
        let outcomes = outcomes.map(|(outcome, counter)| {
            format!("wheelhouse_ai_requests_total{{outcome=\"{outcome}\"}} {}\n", counter.get())
        });
        line("counter", "requests_total", "Requests by what became of them.", outcomes.concat());
        for (name, help, counter) in [
            ("prompt_tokens_total", "Tokens of prompts.", &self.prompt),
            ("prompt_tokens_cached_total", "Tokens of prompts found in the prefix cache.", &self.cached),
            ("generated_tokens_total", "Tokens of answers.", &self.generated),
            ("computed_tokens_total", "Tokens the model computed.", &self.computed),
            ("preemptions_total", "Times a request gave its cache pages up to another.", &self.preempted),
            ("engine_restarts_total", "Times the engine was started again after it broke.", &self.restarts),
        ] {
            line("counter", name, help, format!("wheelhouse_ai_{name} {}\n", counter.get()));
        }
        for (name, help, gauge) in [
            ("requests_waiting", "Requests in the queue.", &self.waiting),
            ("requests_running", "Requests in the running batch.", &self.running),
            ("cache_pages", "Pages of the key-value cache.", &self.pages),
            ("cache_pages_held", "Pages held by requests.", &self.pages_held),
            ("cache_pages_kept", "Pages kept for requests that begin alike.", &self.pages_kept),
            ("ready", "Whether the model is loaded and warm.", &self.ready),
        ] {
            line("gauge", name, help, format!("wheelhouse_ai_{name} {}\n", gauge.get()));
        }
        for (name, help, timing) in [
            ("step_seconds", "Steps of the model.", &self.steps),
            ("first_token_seconds", "From asking to the first token.", &self.first_token),
            ("request_seconds", "From asking to the end of a whole answer.", &self.requests),
        ] {
            let value = format!(
                "wheelhouse_ai_{name}_sum {}\nwheelhouse_ai_{name}_count {}\n",
                timing.seconds(),
                timing.count()
            );
            line("summary", name, help, value);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_named_explained_and_there() {
        let metrics = Metrics::default();
        metrics.generated.add(7);
        metrics.waiting.set(3);
        metrics.steps.note(Duration::from_millis(1500));
        let text = metrics.text();
        assert!(text.contains("wheelhouse_ai_generated_tokens_total 7\n"));
        assert!(text.contains("wheelhouse_ai_requests_waiting 3\n"));
        assert!(text.contains("wheelhouse_ai_step_seconds_sum 1.5\nwheelhouse_ai_step_seconds_count 1\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("wheelhouse_ai_") && value.parse::<f64>().is_ok(), "{line}");
        }
        assert_eq!(text.matches("# HELP").count(), text.matches("# TYPE").count());
    }
}
