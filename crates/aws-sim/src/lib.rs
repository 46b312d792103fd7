//! A simulated AWS: Amazon WorkSpaces, Directory Service, STS, CloudWatch, CloudTrail, Cost Explorer and Price List over their
//! real wire protocols.
//!
//! The AWS SDKs, boto3 and the AWS CLI talk to it as to AWS, with `endpoint_url` set; so Wheelhouse's demo, its tests and
//! its trials run the same client code as production. It is not a mock of our own client and shares no type with it.
//! Its fleet is drawn from a seed (same seed, same fleet) and lives: people connect and leave by their habits, desktops
//! start and stop with them, commands take their time.
//!
//! ```no_run
//! # async fn example(clock: aws_sim::SimClock) -> std::io::Result<()> {
//! let simulator = aws_sim::Simulator::new(aws_sim::SimOptions::new(200, 7, clock));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:5066").await?;
//! aws_sim::serve(listener, simulator, tokio_util::sync::CancellationToken::new()).await
//! # }
//! ```
//!
//! # The control surface
//!
//! Beside AWS's one path `/` there is `/_sim`, plain JSON, for tests and trials:
//!
//! | request | effect |
//! |---|---|
//! | `GET /_sim/ledger` | requests by operation, WorkSpaces by state, the time, the limit, the faults |
//! | `GET /_sim/ledger?account=…&region=…&month=2026-01` | what that month really was, WorkSpace by WorkSpace |
//! | `PUT /_sim/faults` `{"faults":["throttle:DescribeWorkspaces:0.2"]}` | replaces all faults ([`Fault`]) |
//! | `PUT /_sim/throttle` `{"rate":2,"burst":5}` or `{"throttle":"off"}` | changes the request limit |
//! | `POST /_sim/advance` `{"seconds":60}` | moves the simulator's time |
//! | `DELETE /_sim/workspaces/{id}` | makes a WorkSpace disappear at once |
//!
//! # Adding an operation
//!
//! Write its handler in `ops/<topic>.rs` (`fn(&Call) -> Result<Vec<u8>, ApiError>`), add its line to the table in
//! `ops/mod.rs`, and use it from boto3 in `tests/python/aws_sim_boto3.py`.

mod billing;
mod control;
mod fault;
mod fleet;
mod history;
mod ledger;
mod ops;
mod options;
mod pricing;
mod rng;
mod simulator;
#[cfg(test)]
mod tests;
mod throttle;
mod trail;
mod wire;

pub use fault::{Fault, FaultKind, FaultParseError};
pub use fleet::export::SimDesktop;
pub use history::export::SimUsage;
pub use ledger::OperationCount;
pub use options::{
    DEFAULT_ACCOUNT, DEFAULT_EXTERNAL_ID, DEFAULT_HISTORY_DAYS, DEFAULT_OPEN_ROLE, DEFAULT_ROLE, SimAccount, SimClock,
    SimOptions, SimRole,
};
pub use simulator::{Simulator, serve};
pub use throttle::{Throttle, ThrottleParseError, ThrottleSetting};
