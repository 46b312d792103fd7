//! What a process counts and measures, for Prometheus: `GET /metrics` on a listener of its own.
//!
//! Code counts where things happen, through the macros of the crate `metrics`; while nothing is installed they do nothing.
//! [`Exporter`] keeps what was counted and asks, when somebody reads it, for what nobody counts ([`Exporter::look`]). What
//! there is, by which labels, is in [`catalog`]. Not here: what a figure means for the fleet (`services::watching`), what is
//! wrong with it (`deploy/prometheus/rules`).
//!
//! To add a metric: its line in [`catalog`], the macro where it happens, `cargo xtask gen`. A label's values must be few and
//! known: never an id, a path, an address or a name of somebody.

pub mod catalog;
pub mod process;
pub mod requests;

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use futures::future::{BoxFuture, join_all};
use http::header;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::shutdown::Shutdown;
use catalog::{CATALOG, Kind};

/// The longest one [look](Exporter::look) may take. Prometheus waits ten seconds by default.
pub const LOOK_DEADLINE: Duration = Duration::from_secs(5);
/// Whoever reads again within this time gets what was looked up before.
const KEEP: Duration = Duration::from_secs(1);
/// How often single measurements are put into their histograms where nobody reads.
const UPKEEP: Duration = Duration::from_secs(5);

type Look = dyn Fn() -> BoxFuture<'static, ()> + Send + Sync;

/// Keeps what was counted. Cloning is cheap; all clones are one.
#[derive(Clone)]
pub struct Exporter(Arc<Inner>);

struct Inner {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    looks: RwLock<Vec<Arc<Look>>>,
    looked: Mutex<Option<Instant>>,
}

impl Exporter {
    /// Keeps nothing yet, and is told nothing before [`install`](Self::install) or [`told_here`](Self::told_here).
    pub fn new() -> Self {
        let builder = CATALOG.iter().fold(PrometheusBuilder::new(), |builder, metric| match metric.kind {
            Kind::Histogram(bounds) => builder
                .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)
                .expect("every histogram of the catalog has bounds; a test checks it"),
            Kind::Counter | Kind::Gauge => builder,
        });
        let recorder = Arc::new(builder.build_recorder());
        let handle = recorder.handle();
        let exporter = Self(Arc::new(Inner { recorder, handle, looks: RwLock::default(), looked: Mutex::default() }));
        exporter.told_here(catalog::describe);
        exporter
    }

    /// From now on the process's counts come here. The first call in a process decides; later ones, as tests make them,
    /// change nothing.
    pub fn install(&self) {
        if metrics::set_global_recorder(Arc::clone(&self.0.recorder)).is_err() {
            tracing::debug!("counts went elsewhere before; they still do");
        }
    }

    /// What `work` counts on this thread, and the handles it makes, belong here.
    pub fn told_here<T>(&self, work: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.0.recorder, work)
    }

    /// Looks, when somebody reads, and sets gauges of what nobody counts, within [`LOOK_DEADLINE`].
    pub fn look<F, Fut>(&self, look: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let look = Arc::new(move || -> BoxFuture<'static, ()> { Box::pin(look()) });
        self.0.looks.write().unwrap_or_else(PoisonError::into_inner).push(look);
    }

    /// All of it in the text format of Prometheus.
    pub async fn text(&self) -> String {
        // The lock is held while looking: of many readers at once one looks and the others get what it saw.
        let mut looked = self.0.looked.lock().await;
        if looked.is_none_or(|at| at.elapsed() >= KEEP) {
            let looks = self.0.looks.read().unwrap_or_else(PoisonError::into_inner).clone();
            let late = join_all(looks.iter().map(|look| timeout(LOOK_DEADLINE, look()))).await;
            if late.iter().any(Result::is_err) {
                tracing::warn!(deadline = ?LOOK_DEADLINE, "figures could not be looked up in time");
            }
            *looked = Some(Instant::now());
        }
        drop(looked);
        self.0.handle.render()
    }

    /// Keeps single measurements from piling up where nobody reads, until the end.
    pub async fn upkeep(self, end: CancellationToken) {
        while end.run_until_cancelled(tokio::time::sleep(UPKEEP)).await.is_some() {
            self.0.handle.run_upkeep();
        }
    }

    /// `GET /metrics` and nothing else.
    pub fn router(self) -> Router {
        Router::new().route("/metrics", get(text)).with_state(self)
    }

    /// Serves [`router`](Self::router) until draining begins.
    ///
    /// # Errors
    /// The listener has no address any more.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown, drain: Duration) -> io::Result<()> {
        tokio::spawn(self.clone().upkeep(shutdown.token()));
        crate::shutdown::serve(listener, self.router(), &shutdown, drain).await
    }
}

impl Default for Exporter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exporter")
    }
}

async fn text(State(exporter): State<Exporter>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], exporter.text().await)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tower::ServiceExt;

    #[tokio::test]
    async fn what_was_counted_is_read_with_its_meaning() {
        let exporter = Exporter::new();
        exporter.told_here(|| {
            metrics::counter!("wheelhouse_aws_held_back_total", "rpc_service" => "ds", "rpc_method" => "X")
                .increment(2);
            metrics::histogram!("wheelhouse_ai_step_seconds").record(0.2);
        });
        let request = http::Request::get("/metrics").body(Body::empty()).unwrap();
        let response = exporter.clone().router().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        let text = axum::body::to_bytes(response.into_body(), 65_536).await.unwrap();
        let text = std::str::from_utf8(&text).unwrap();
        let count = "wheelhouse_aws_held_back_total{rpc_service=\"ds\",rpc_method=\"X\"} 2\n";
        for wanted in [
            "# TYPE wheelhouse_aws_held_back_total counter\n",
            "# HELP wheelhouse_aws_held_back_total ",
            count,
            "wheelhouse_ai_step_seconds_bucket{le=\"0.25\"} 1\n",
            "wheelhouse_ai_step_seconds_bucket{le=\"0.05\"} 0\n",
            "wheelhouse_ai_step_seconds_count 1\n",
        ] {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
        let elsewhere = http::Request::get("/").body(Body::empty()).unwrap();
        assert_eq!(exporter.router().oneshot(elsewhere).await.unwrap().status(), 404);
    }

    #[tokio::test(start_paused = true)]
    async fn readers_at_once_look_once_and_a_look_that_hangs_is_left() {
        let (exporter, looks) = (Exporter::new(), Arc::new(AtomicUsize::new(0)));
        let seen = looks.clone();
        exporter.look(move || {
            seen.fetch_add(1, Ordering::SeqCst);
            std::future::pending()
        });
        tokio::join!(exporter.text(), exporter.text());
        assert_eq!(looks.load(Ordering::SeqCst), 1);
        tokio::time::sleep(KEEP).await;
        exporter.text().await;
        assert_eq!(looks.load(Ordering::SeqCst), 2);
    }
}
