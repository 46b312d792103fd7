//! Settings of what tells how the process does: logs, metrics, errors and traces.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{blank_is_no_address, blank_is_none};
use crate::config::Secret;

/// `[telemetry]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Shape of a log line.
    pub log_format: LogFormat,
    /// Levels and targets, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
}

/// Shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    Pretty,
}

/// `[metrics]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where metrics are served; `None`: nowhere.
    #[serde(deserialize_with = "blank_is_no_address")]
    pub listen: Option<SocketAddr>,
}

/// `[errors]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorsConfig {
    /// The server and what it knows this installation by; `None`: errors stay in the logs.
    #[serde(deserialize_with = "blank_is_none")]
    pub dsn: Option<Secret<String>>,
    /// What this installation is to whoever reads them.
    pub environment: String,
}

/// `[traces]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TracesConfig {
    /// The collector; `None`: traces are not sent.
    #[serde(deserialize_with = "blank_is_none")]
    pub endpoint: Option<String>,
    /// The share of traces that is sent, 0 to 1.
    pub sample: f64,
}
