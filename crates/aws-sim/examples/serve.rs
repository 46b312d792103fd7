//! Serves a simulated AWS by itself, for trying clients against it:
//! `cargo run -p aws-sim --example serve -- 127.0.0.1:5066 1000 7 [off|2/5] [transition seconds] [alive] [fault …]`.

use std::{error::Error, sync::Arc, time::Duration};

use aws_sim::{SimOptions, Simulator, ThrottleSetting, serve};
use tokio_util::sync::CancellationToken;

#[expect(clippy::disallowed_methods, reason = "this is a composition root: the real clock is made here")]
fn clock() -> chrono::DateTime<chrono::Utc> {
    std::time::SystemTime::now().into()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize, usual: &str| arguments.get(at).map_or_else(|| usual.to_owned(), Clone::clone);
    let mut options = SimOptions::new(argument(1, "1000").parse()?, argument(2, "7").parse()?, Arc::new(clock));
    options.throttle = argument(3, "off").parse::<ThrottleSetting>()?.0;
    options.transition = Some(Duration::try_from_secs_f64(argument(4, "2").parse()?)?);
    options.alive = arguments.iter().any(|argument| argument == "alive");
    options.faults = arguments
        .iter()
        .skip(5)
        .filter(|argument| *argument != "alive")
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let listener = tokio::net::TcpListener::bind(argument(0, "127.0.0.1:5066")).await?;
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    serve(listener, Simulator::new(options), shutdown).await?;
    Ok(())
}
