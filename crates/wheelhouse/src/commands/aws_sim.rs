//! `wheelhouse aws-sim`: the simulated AWS by itself.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use aws_sim::{Fault, SimOptions, Simulator, ThrottleSetting};
use platform::shutdown::Shutdown;
use tokio::net::TcpListener;

use crate::cli::AwsSim;
use crate::output;

/// Serves until interrupted.
pub async fn run(options: &AwsSim) -> anyhow::Result<ExitCode> {
    let shutdown = Shutdown::install()?;
    let throttle: ThrottleSetting = options.throttle.parse().context("--throttle")?;
    let faults = options.fault.iter().map(|f| f.parse::<Fault>()).collect::<Result<Vec<_>, _>>().context("--fault")?;
    let mut sim = SimOptions::new(options.workspaces as usize, options.seed, Arc::new(platform::os::now));
    sim.throttle = throttle.0;
    sim.faults = faults;
    sim.transition = options.transition_seconds.map(|s| Duration::from_secs(s.into()));
    if !options.region.is_empty() {
        sim.regions.clone_from(&options.region);
    }
    let listener = TcpListener::bind(options.listen).await.with_context(|| format!("listen on {}", options.listen))?;
    output::line(format_args!(
        "simulated AWS with {} WorkSpaces in {} on http://{} (seed {}, throttle {throttle})",
        options.workspaces,
        sim.regions.join(", "),
        listener.local_addr()?,
        options.seed,
    ));
    aws_sim::serve(listener, Simulator::new(sim), shutdown.token()).await?;
    Ok(ExitCode::SUCCESS)
}
