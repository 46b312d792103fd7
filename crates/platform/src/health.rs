//! Whether this process can do its work: named checks, and the three addresses that probes ask.
//!
//! A failed critical check means "send me nothing", a failed degraded one "working, with less". Checks have a deadline
//! and their answers are kept for a second, so that probing is cheap. To add a check, register it where its subject is
//! made, in a composition root.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::future::{BoxFuture, join_all};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::shutdown::Shutdown;

/// Longest time one check may take.
pub const CHECK_DEADLINE: Duration = Duration::from_secs(2);
const KEEP: Duration = Duration::from_secs(1);

/// What a failing check means for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot work; readiness turns false.
    Critical,
    /// It works with less; readiness stays.
    Degraded,
}

/// State of a check, or of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Working, with less.
    Degraded,
    /// Not working, or about to end.
    Down,
}

/// The answer of all checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthReport {
    /// The worst of the checks; `down` while draining.
    pub status: Status,
    /// Whether the process is about to end.
    pub draining: bool,
    /// In the order of registration.
    pub checks: Vec<CheckReport>,
}

/// The answer of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The name it was registered under.
    pub name: String,
    /// Its state.
    pub status: Status,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// What it said: why it fails, or a remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

type Run = dyn Fn() -> BoxFuture<'static, Result<Option<String>, String>> + Send + Sync;

struct Check {
    name: String,
    severity: Severity,
    run: Box<Run>,
}

/// The checks of a process. Cloning is cheap; all clones are one.
#[derive(Clone)]
pub struct HealthRegistry(Arc<Inner>);

struct Inner {
    shutdown: Shutdown,
    deadline: Duration,
    keep: Duration,
    checks: RwLock<Vec<Arc<Check>>>,
    kept: Mutex<Option<(Instant, Vec<CheckReport>)>>,
}

impl HealthRegistry {
    /// No checks yet; draining is taken from `shutdown`.
    pub fn new(shutdown: Shutdown) -> Self {
        Self::with_times(shutdown, CHECK_DEADLINE, KEEP)
    }

    fn with_times(shutdown: Shutdown, deadline: Duration, keep: Duration) -> Self {
        Self(Arc::new(Inner { shutdown, deadline, keep, checks: RwLock::default(), kept: Mutex::default() }))
    }

    /// Adds a check. `Ok` may carry a remark; `Err` says why, for people, without addresses or secrets.
    pub fn register<F, Fut>(&self, name: &str, severity: Severity, run: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, String>> + Send + 'static,
    {
        let check = Check { name: name.to_owned(), severity, run: Box::new(move || Box::pin(run())) };
        self.0.checks.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(check));
    }

    /// Runs the checks side by side, or gives the answers of the last second.
    pub async fn report(&self) -> HealthReport {
        // The lock is held while checking: of many probes at once one asks and the others get its answer.
        let mut kept = self.0.kept.lock().await;
        let checks = match kept.as_ref() {
            Some((at, checks)) if at.elapsed() < self.0.keep => checks.clone(),
            _ => {
                let checks = self.0.checks.read().unwrap_or_else(PoisonError::into_inner).clone();
                let reports = join_all(checks.iter().map(|check| check.report(self.0.deadline))).await;
                *kept = Some((Instant::now(), reports.clone()));
                reports
            }
        };
        let draining = self.0.shutdown.draining();
        let worst = checks.iter().map(|check| check.status).max().unwrap_or(Status::Ok);
        HealthReport { status: if draining { Status::Down } else { worst }, draining, checks }
    }
}

impl fmt::Debug for HealthRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks = self.0.checks.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(checks.iter().map(|check| &check.name)).finish()
    }
}

impl Check {
    async fn report(&self, deadline: Duration) -> CheckReport {
        let start = Instant::now();
        let result = match timeout(deadline, (self.run)()).await {
            Ok(result) => result,
            Err(_) => Err(format!("no answer within {deadline:?}")),
        };
        let latency_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status, detail) = match (result, self.severity) {
            (Ok(remark), _) => (Status::Ok, remark),
            (Err(why), Severity::Critical) => (Status::Down, Some(why)),
            (Err(why), Severity::Degraded) => (Status::Degraded, Some(why)),
        };
        CheckReport { name: self.name.clone(), status, latency_ms, detail }
    }
}

/// `/health/live`: 200 while the process runs. `/health/ready`: 503 while a critical check fails or the process
/// drains, with details. `/health`: the same without details, fit for the public.
pub fn router(registry: HealthRegistry) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/health", get(summary))
        .with_state(registry)
}

async fn live() -> Response {
    answer(StatusCode::OK, &serde_json::json!({ "status": Status::Ok }))
}

async fn ready(State(registry): State<HealthRegistry>) -> Response {
    let report = registry.report().await;
    answer(code(&report), &report)
}

async fn summary(State(registry): State<HealthRegistry>) -> Response {
    let mut report = registry.report().await;
    report.checks.iter_mut().for_each(|check| check.detail = None);
    answer(code(&report), &report)
}

fn code(report: &HealthReport) -> StatusCode {
    if report.status == Status::Down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

fn answer(code: StatusCode, body: &impl Serialize) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (code, [no_store], Json(serde_json::json!(body))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use serde_json::Value;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use tower::ServiceExt;

    async fn ask(registry: &HealthRegistry, path: &str) -> (u16, Value) {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = router(registry.clone()).oneshot(request).await.unwrap();
        let code = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 65_536).await.unwrap();
        (code, serde_json::from_slice(&body).unwrap())
    }

    /// A registry with one check that can be switched off.
    fn switchable(severity: Severity) -> (HealthRegistry, Arc<AtomicBool>, Shutdown) {
        let (healthy, shutdown) = (Arc::new(AtomicBool::new(true)), Shutdown::new());
        let registry = HealthRegistry::with_times(shutdown.clone(), CHECK_DEADLINE, Duration::ZERO);
        let seen = healthy.clone();
        registry.register("thing", severity, move || {
            let healthy = seen.load(Ordering::SeqCst);
            async move { if healthy { Ok(None) } else { Err("it is away".to_owned()) } }
        });
        (registry, healthy, shutdown)
    }

    #[tokio::test]
    async fn a_critical_failure_turns_readiness_false_but_not_liveness() {
        let (registry, healthy, _) = switchable(Severity::Critical);
        assert_eq!(ask(&registry, "/health/ready").await.0, 200);
        healthy.store(false, Ordering::SeqCst);
        let (code, body) = ask(&registry, "/health/ready").await;
        assert_eq!((code, &body["status"], &body["checks"][0]["detail"]), (503, &"down".into(), &"it is away".into()));
        let (code, body) = ask(&registry, "/health").await;
        assert_eq!((code, &body["checks"][0]["status"]), (503, &"down".into()));
        assert!(!body.to_string().contains("it is away"), "{body}");
        assert_eq!(ask(&registry, "/health/live").await.0, 200);
    }

    #[tokio::test]
    async fn a_degraded_failure_is_shown_and_no_more() {
        let (registry, healthy, _) = switchable(Severity::Degraded);
        healthy.store(false, Ordering::SeqCst);
        let (code, body) = ask(&registry, "/health/ready").await;
        assert_eq!((code, &body["status"]), (200, &"degraded".into()));
    }

    #[tokio::test]
    async fn draining_is_not_ready_though_all_is_well() {
        let (registry, _, shutdown) = switchable(Severity::Critical);
        shutdown.trigger();
        let (code, body) = ask(&registry, "/health/ready").await;
        assert_eq!((code, &body["draining"], &body["checks"][0]["status"]), (503, &true.into(), &"ok".into()));
        assert_eq!(ask(&registry, "/health/live").await.0, 200);
    }

    #[tokio::test]
    async fn answers_are_kept_and_hanging_checks_end() {
        let (deadline, hour) = (Duration::from_millis(10), Duration::from_secs(3600));
        for (keep, expected_runs) in [(hour, 1), (Duration::ZERO, 2)] {
            let registry = HealthRegistry::with_times(Shutdown::new(), deadline, keep);
            let runs = Arc::new(AtomicUsize::new(0));
            let counted = runs.clone();
            registry.register("hangs", Severity::Critical, move || {
                counted.fetch_add(1, Ordering::SeqCst);
                std::future::pending()
            });
            let report = registry.report().await;
            assert_eq!(report.checks[0].detail.as_deref(), Some("no answer within 10ms"));
            registry.report().await;
            assert_eq!(runs.load(Ordering::SeqCst), expected_runs);
        }
    }
}
