//! Settings of what people and programs call: the server, its limits, sessions and the portal's files.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::blank_is_none;
use crate::config::Cidr;

/// `[server]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Address browsers use, without a trailing slash; `None`: derive it from `listen`.
    #[serde(deserialize_with = "blank_is_none")]
    pub public_url: Option<String>,
    /// Networks whose forwarding headers are believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Seconds after which a request is given up.
    pub request_timeout_seconds: u64,
    /// Largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// Seconds for the headers of a request.
    pub header_timeout_seconds: u64,
    /// Most headers of a request.
    pub max_headers: usize,
    /// Most bytes of a request's headers.
    pub max_header_bytes: usize,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
}

/// `[limits]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Changes per minute.
    pub writes_per_minute: u32,
    /// Reads per minute.
    pub reads_per_minute: u32,
    /// Look-ups of unknown sessions and keys per minute.
    pub unknown_per_minute: u32,
}

impl ServerConfig {
    /// `request_timeout_seconds` as a duration.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }

    /// `header_timeout_seconds` as a duration.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout_seconds)
    }

    /// The address for links: `public_url`, or `http://` and the listen address (loopback when it listens everywhere).
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.listen.ip().is_unspecified() => format!("http://127.0.0.1:{}", self.listen.port()),
            None => format!("http://{}", self.listen),
        }
    }
}

/// `[session]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionConfig {
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u64,
    /// Hours after sign-in at which a session ends.
    pub absolute_hours: u64,
    /// Minutes for which a proof of who is there allows dangerous actions.
    pub proof_minutes: u32,
}

impl SessionConfig {
    /// `idle_minutes` as a duration.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_minutes * 60)
    }

    /// `proof_minutes` as a duration.
    pub fn proof(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::minutes(i64::from(self.proof_minutes))
    }

    /// `absolute_hours` as a duration.
    pub fn absolute(&self) -> Duration {
        Duration::from_secs(self.absolute_hours * 3600)
    }
}

/// `[portal]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    /// Folder with the built portal; `None`: the folder `portal` beside the executable.
    #[serde(deserialize_with = "blank_is_none")]
    pub dir: Option<PathBuf>,
}

impl PortalConfig {
    /// The folder to serve: `dir`, or `portal` beside the executable. It may not exist.
    pub fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| {
            let executable = std::env::current_exe().unwrap_or_default();
            executable.parent().map(|folder| folder.join("portal")).unwrap_or_else(|| PathBuf::from("portal"))
        })
    }
}
