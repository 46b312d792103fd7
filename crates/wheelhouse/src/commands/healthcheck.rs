//! `wheelhouse healthcheck`: for container health checks, where there is no curl.

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
            let listen = load.resolve()?.config.server.listen;
            let host = if listen.ip().is_unspecified() { "127.0.0.1".to_owned() } else { listen.ip().to_string() };
            format!("http://{host}:{}", listen.port())
        }
    };
    let url = format!("{base}/health/ready");
    let answer = platform::http::client(DEADLINE)?.get(&url).send().await.with_context(|| format!("ask {url}"))?;
    let status = answer.status();
    output::line(answer.text().await?);
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
