//! `wheelhouse aws-sim`: the simulated AWS by itself.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use aws_sim::{Fault, SimOptions, Simulator, ThrottleSetting};
use platform::shutdown::Shutdown;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::cli::AwsSim;
use crate::output;

/// What it says once it listens, in one line.
#[derive(Debug, Serialize)]
struct Started {
    endpoint_url: String,
    workspaces: u32,
    regions: Vec<String>,
    seed: u64,
    throttle: String,
}

impl fmt::Display for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint_url, workspaces, regions, seed, throttle } = self;
        let regions = regions.join(", ");
        write!(
            f,
            "simulated AWS with {workspaces} WorkSpaces in {regions} on {endpoint_url} (seed {seed}, throttle {throttle})"
        )
    }
}

/// Serves until interrupted.
pub async fn run(options: &AwsSim, json: bool) -> anyhow::Result<ExitCode> {
    let shutdown = Shutdown::install()?;
    let throttle: ThrottleSetting = options.throttle.parse().context("--throttle")?;
    let faults = options.fault.iter().map(|f| f.parse::<Fault>()).collect::<Result<Vec<_>, _>>().context("--fault")?;
    let mut sim = SimOptions::new(options.workspaces as usize, options.seed, Arc::new(platform::os::now));
    sim.throttle = throttle.0;
    sim.faults = faults;
    sim.history_days = options.history_days;
    sim.transition = options.transition_seconds.map(|s| Duration::from_secs(s.into()));
    if !options.region.is_empty() {
        sim.regions.clone_from(&options.region);
    }
    let listener = TcpListener::bind(options.listen).await.with_context(|| format!("listen on {}", options.listen))?;
    let started = Started {
        endpoint_url: format!("http://{}", listener.local_addr()?),
        workspaces: options.workspaces,
        regions: sim.regions.clone(),
        seed: options.seed,
        throttle: throttle.to_string(),
    };
    if json {
        output::json_line(&started)?
    } else {
        output::line(&started)
    }
    aws_sim::serve(listener, Simulator::new(sim), shutdown.token()).await?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_one_line_for_people_and_one_object_for_programs() {
        let started = Started {
            endpoint_url: "http://127.0.0.1:5066".to_owned(),
            workspaces: 60,
            regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
            seed: 7,
            throttle: "off".to_owned(),
        };
        assert_eq!(
            started.to_string(),
            "simulated AWS with 60 WorkSpaces in eu-west-1, us-east-1 on http://127.0.0.1:5066 (seed 7, throttle off)"
        );
        let object = serde_json::to_value(&started).unwrap();
        let expected = serde_json::json!({
            "endpoint_url": "http://127.0.0.1:5066", "workspaces": 60, "regions": ["eu-west-1", "us-east-1"],
            "seed": 7, "throttle": "off",
        });
        assert_eq!(object, expected);
    }
}
