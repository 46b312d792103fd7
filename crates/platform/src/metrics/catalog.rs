//! Every metric there is: its name, its kind, its labels, what it means. The table of `docs/metrics.md` and the help lines of
//! `/metrics` are made of it. Names are those of OpenTelemetry's semantic conventions as Prometheus writes them where there is
//! a convention, and begin with `wheelhouse_` where there is none. To add one: see the folder's page.

use std::fmt::Write as _;

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, as Prometheus reads it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it means, in one sentence.
    pub help: &'static str,
}

/// What a metric is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Only grows while the process lives.
    Counter,
    /// So at the moment.
    Gauge,
    /// Measurements, by how many lay at or below each of these bounds. Each bound is a series for each set of labels.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Its name in the text format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// Seconds of a request; 0.5 is what the latency objective is about.
const REQUEST: &[f64] = &[0.025, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Seconds until a connection is there; ten are what is waited at most unless it is configured.
const CONNECTION: &[f64] = &[0.001, 0.01, 0.1, 1.0, 10.0];
/// Seconds of a call to AWS.
const CALL: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Seconds of a job's attempt.
const JOB: &[f64] = &[0.1, 1.0, 10.0, 60.0, 600.0, 3600.0];
/// Seconds of what the model does.
const MODEL: &[f64] = &[0.01, 0.05, 0.25, 1.0, 5.0, 30.0];

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(
    name: &'static str,
    bounds: &'static [f64],
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram(bounds), labels, help }
}

/// All of them.
pub const CATALOG: &[Metric] = &[
    histogram(
        "http_server_request_duration_seconds",
        REQUEST,
        &["http_request_method", "http_route", "http_response_status_code"],
        "From a request's headers to its answer's; 499 where the client left first. Paths that no route has are the route unmatched.",
    ),
    gauge("http_server_active_requests", &["http_request_method"], "Requests whose answer has not begun."),
    gauge("wheelhouse_live_streams", &[], "Live event streams that are open."),
    gauge(
        "db_client_connection_count",
        &["db_client_connection_pool_name", "db_client_connection_state"],
        "Connections of a pool that are used or idle; the pools are primary, and replica where there is one.",
    ),
    gauge("db_client_connection_max", &["db_client_connection_pool_name"], "The most connections that the pool opens."),
    gauge(
        "db_client_connection_pending_requests",
        &["db_client_connection_pool_name"],
        "Calls that wait for a connection of the pool.",
    ),
    histogram(
        "db_client_connection_wait_time_seconds",
        CONNECTION,
        &["db_client_connection_pool_name"],
        "How long calls waited for a connection that they got.",
    ),
    counter(
        "db_client_connection_timeouts_total",
        &["db_client_connection_pool_name"],
        "Calls that got no connection in time.",
    ),
    gauge("wheelhouse_replica_usable", &[], "Whether the replica is read; where one is configured."),
    gauge(
        "wheelhouse_replica_behind_seconds",
        &[],
        "How old what is read from it is at most, when that was last known.",
    ),
    gauge(
        "wheelhouse_database_up",
        &[],
        "Whether the database answered when this was read; while it is 0, figures that are read from the database are old.",
    ),
    gauge(
        "wheelhouse_archive_failing",
        &[],
        "Whether the database's newest try to archive its log failed; where it archives one (docs/point-in-time.md).",
    ),
    gauge(
        "wheelhouse_archive_backup_state",
        &["state"],
        "1 for what the newest backup is that the archived log continues: fresh (within two days and ten minutes), stale, or never made; where docs/point-in-time.md's service makes them.",
    ),
    gauge("wheelhouse_archive_backup_age_seconds", &[], "How long ago that backup was whole."),
    histogram(
        "db_client_operation_duration_seconds",
        CONNECTION,
        &["db_system_name", "outcome"],
        "Calls to Redis: answered, or failed, which is an error or no answer in time.",
    ),
    gauge("wheelhouse_redis_up", &[], "Whether Redis did as it was last asked; where one is configured."),
    gauge("wheelhouse_jobs", &["kind", "state"], "Jobs that wait, run or are dead, of all processes together."),
    gauge(
        "wheelhouse_job_age_seconds",
        &["kind", "state"],
        "How long the oldest of them has been due, has run or has been dead.",
    ),
    histogram(
        "wheelhouse_job_duration_seconds",
        JOB,
        &["kind", "outcome"],
        "Attempts of jobs that this process ran, by how they ended: done, again, dead, cancelled or lost.",
    ),
    counter(
        "wheelhouse_jobs_orphaned_total",
        &["became"],
        "Jobs taken over from a worker that vanished, by what became of them.",
    ),
    gauge("wheelhouse_worker_slots", &[], "Jobs that this process runs at the same time at most."),
    gauge("wheelhouse_worker_slots_used", &[], "Jobs that this process runs now."),
    gauge(
        "wheelhouse_data_sets",
        &["kind", "state"],
        "Data sets read on a schedule: fresh (within two periods and ten minutes), stale, or never read.",
    ),
    gauge("wheelhouse_data_set_age_seconds", &["kind"], "How long ago the oldest data set of the kind was read whole."),
    gauge(
        "wheelhouse_backup_state",
        &["state"],
        "1 for what the newest backup is: fresh (within two periods and ten minutes), stale, or never made; where backups are configured.",
    ),
    gauge("wheelhouse_backup_age_seconds", &[], "How long ago the newest backup was whole."),
    gauge("wheelhouse_backup_size_bytes", &[], "Its size."),
    histogram(
        "rpc_client_call_duration_seconds",
        CALL,
        &["rpc_system", "rpc_service", "rpc_method"],
        "Requests to AWS, each attempt by itself.",
    ),
    counter(
        "wheelhouse_aws_requests_total",
        &["rpc_service", "rpc_method", "cloud_region", "error_type"],
        "Requests to AWS, each attempt by itself; without error_type where AWS did as it was asked.",
    ),
    counter(
        "wheelhouse_aws_held_back_total",
        &["rpc_service", "rpc_method"],
        "Calls to AWS given up because our own rate limit had no room for them in time.",
    ),
    gauge("wheelhouse_aws_requests_running", &["rpc_service"], "Requests to AWS whose answer has not come."),
    gauge(
        "wheelhouse_aws_requests_waiting",
        &["rpc_service"],
        "Calls to AWS that wait until our own rate limit has room for them.",
    ),
    gauge(
        "wheelhouse_breakers",
        &["breaker", "state", "rpc_service", "cloud_region"],
        "Circuit breakers of this process by how they stand: closed, open (nobody asks), half_open (one question decides). Those before AWS (aws) by service and region too; assistant is that of the remote model.",
    ),
    gauge(
        "wheelhouse_aws_paid_requests",
        &["rpc_service"],
        "Requests to AWS that cost something, in this month (UTC).",
    ),
    gauge("wheelhouse_aws_paid_usd", &["rpc_service"], "What those cost, in US dollars."),
    counter("wheelhouse_assistant_tokens_total", &[], "Tokens of models that answers of the assistant took."),
    counter("wheelhouse_ai_requests_total", &["outcome"], "Requests to the model by what became of them."),
    counter("wheelhouse_ai_prompt_tokens_total", &[], "Tokens of prompts."),
    counter("wheelhouse_ai_prompt_tokens_cached_total", &[], "Tokens of prompts found in the prefix cache."),
    counter("wheelhouse_ai_generated_tokens_total", &[], "Tokens of answers."),
    counter("wheelhouse_ai_computed_tokens_total", &[], "Tokens the model computed."),
    counter("wheelhouse_ai_preemptions_total", &[], "Times a request gave its cache pages up to another."),
    counter("wheelhouse_ai_engine_restarts_total", &[], "Times the engine was started again after it broke."),
    gauge("wheelhouse_ai_requests_waiting", &[], "Requests in the model's queue."),
    gauge("wheelhouse_ai_requests_running", &[], "Requests in the running batch."),
    gauge("wheelhouse_ai_cache_pages", &[], "Pages of the key-value cache."),
    gauge("wheelhouse_ai_cache_pages_held", &[], "Pages held by requests."),
    gauge("wheelhouse_ai_cache_pages_kept", &[], "Pages kept for requests that begin alike."),
    gauge("wheelhouse_ai_ready", &[], "Whether the model is loaded and warm."),
    histogram("wheelhouse_ai_step_seconds", MODEL, &[], "Steps of the model."),
    histogram("wheelhouse_ai_first_token_seconds", MODEL, &[], "From asking to the first token."),
    histogram("wheelhouse_ai_request_seconds", MODEL, &[], "From asking to the end of a whole answer."),
    counter("wheelhouse_portal_errors_total", &[], "Times that the portal said it had stopped in somebody's browser."),
    counter(
        "wheelhouse_error_events_total",
        &["outcome"],
        "Errors for the server of [errors], by what became of them: sent, dropped (the queue was full), limited (it wants no more for now), refused or failed (it was away).",
    ),
    gauge("wheelhouse_disk_free_bytes", &["folder"], "Room on the disk of one of our folders."),
    gauge("wheelhouse_disk_size_bytes", &["folder"], "Size of the disk of one of our folders."),
    gauge(
        "wheelhouse_memory_limit_bytes",
        &[],
        "The most memory that the process's container may hold; where it has a limit.",
    ),
    gauge("wheelhouse_build_info", &["version"], "1; the version is the label."),
    counter("process_cpu_seconds_total", &[], "Processor time of the process."),
    gauge("process_open_fds", &[], "Files and sockets that are open."),
    gauge("process_max_fds", &[], "The most that may be."),
    gauge("process_virtual_memory_bytes", &[], "Virtual memory."),
    gauge("process_virtual_memory_max_bytes", &[], "The most that it may be."),
    gauge("process_resident_memory_bytes", &[], "Memory of the process."),
    gauge("process_start_time_seconds", &[], "When the process began, since 1970."),
    gauge("process_threads", &[], "Threads of the process."),
];

/// Tells the recorder in force what each metric means.
pub(super) fn describe() {
    for metric in CATALOG {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram(_) => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
}

/// The page of the documentation.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "# Metrics\n\nGenerated by `cargo xtask gen`. Every process serves these at `/metrics` on `metrics.listen`, as far as \
         they concern it; the model service also on its own address. Names follow OpenTelemetry's semantic conventions where \
         there is one.\n\n| metric | kind | labels | meaning |\n|---|---|---|---|\n",
    );
    for metric in CATALOG {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let kind = metric.kind.as_str();
        // Writing to a String does not fail.
        let _ = writeln!(page, "| `{}` | {kind} | {} | {} |", metric.name, labels.join(", "), metric.help);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_metric_is_named_once_as_the_conventions_have_it() {
        let names: BTreeSet<&str> = CATALOG.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), CATALOG.len());
        for metric in CATALOG {
            let ours = ["wheelhouse_", "http_", "db_", "rpc_", "process_"];
            assert!(ours.iter().any(|prefix| metric.name.starts_with(prefix)), "{}", metric.name);
            assert_eq!(matches!(metric.kind, Kind::Counter), metric.name.ends_with("_total"), "{}", metric.name);
            assert!(metric.help.ends_with('.') && !metric.help.contains('|'), "{}", metric.name);
            if let Kind::Histogram(bounds) = metric.kind {
                assert!(
                    !bounds.is_empty() && bounds.is_sorted() && metric.name.ends_with("_seconds"),
                    "{}",
                    metric.name
                );
            }
        }
    }

    #[test]
    fn the_page_has_a_line_for_each() {
        let page = page();
        assert!(CATALOG.iter().all(|metric| page.contains(&format!("\n| `{}` | ", metric.name))), "{page}");
    }
}
