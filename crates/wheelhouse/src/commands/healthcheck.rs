//! `wheelhouse healthcheck`: for container health checks, where there is no curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::cli::Healthcheck;
use crate::compose::Load;
use crate::output;

const DEADLINE: Duration = Duration::from_secs(5);

/// Asks `/health/ready`; fails unless it answers 200.
pub async fn run(load: &Load, options: &Healthcheck) -> anyhow::Result<ExitCode> {
    let base = match &options.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => {
            let mut listen = load.resolve()?.server.listen;
            if listen.ip().is_unspecified() {
                let loopback: IpAddr =
                    if listen.is_ipv6() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
                listen.set_ip(loopback);
            }
            format!("http://{listen}")
        }
    };
    let url = format!("{base}/health/ready");
    let answer = platform::http::client(DEADLINE)?.get(&url).send().await.with_context(|| format!("ask {url}"))?;
    let status = answer.status();
    output::line(answer.text().await?);
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
