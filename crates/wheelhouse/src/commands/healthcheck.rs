//! `wheelhouse healthcheck`: for container health checks, where there is no curl.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use platform::config::Stores;

use crate::cli::Healthcheck;
use crate::compose::Load;
use crate::output;

const DEADLINE: Duration = Duration::from_secs(5);

/// Asks, and fails unless the answer is a success.
pub async fn run(load: &Load, options: &Healthcheck) -> anyhow::Result<ExitCode> {
    let url = match &options.url {
        Some(url) => address(url),
        None => address(&format!("http://{}", reachable(listens(load)?))),
    };
    let answer = platform::http::client(DEADLINE)?.get(&url).send().await.with_context(|| format!("ask {url}"))?;
    let status = answer.status();
    output::line(answer.text().await?);
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where the process listens, as this machine says; stores in AWS are not asked every few seconds.
fn listens(load: &Load) -> anyhow::Result<SocketAddr> {
    let loader = load.here();
    anyhow::ensure!(
        loader.stores() == Stores::default(),
        "settings stand in AWS, which is not asked for this; name --url"
    );
    Ok(loader.load()?.server.listen)
}

/// Where there is no path, readiness is asked for. With one the address is whole: workers serve nothing but `/metrics`.
fn address(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let place = url.split_once("://").map_or(url, |(_, place)| place);
    if place.contains('/') { url.to_owned() } else { format!("{url}/health/ready") }
}

/// Who listens everywhere is asked over loopback.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        let loopback: IpAddr = if listen.is_ipv6() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        listen.set_ip(loopback);
    }
    listen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_is_asked_for_where_no_path_is_named() {
        for (url, asked) in [
            ("http://api:8080", "http://api:8080/health/ready"),
            ("http://api:8080/", "http://api:8080/health/ready"),
            ("http://127.0.0.1:9464/metrics", "http://127.0.0.1:9464/metrics"),
            ("https://wheelhouse.example.org/health", "https://wheelhouse.example.org/health"),
        ] {
            assert_eq!(address(url), asked, "{url}");
        }
    }

    #[test]
    fn who_listens_everywhere_is_asked_over_loopback() {
        for (listen, asked) in
            [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:8080", "[::1]:8080"), ("10.0.0.7:80", "10.0.0.7:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap(), "{listen}");
        }
    }
}
