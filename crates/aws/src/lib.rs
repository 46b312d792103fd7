//! AWS as the rest of the house sees it: [`Connector`] implements [`domain::cloud::CloudConnector`] with the AWS SDK.
//!
//! This is the only crate that names an SDK type, and none leaves it. It decides nothing about WorkSpaces: it carries
//! questions to AWS and brings back observed types or a typed [`domain::cloud::CloudError`]. Every call goes through one
//! place (`call`; [`settings`] and [`MachineKeys`], which no account has part in, apart): deadline, rate limit, retry, circuit breaker, counting and tracing live there and nowhere else; the
//! SDK's own retries are off, so that each request takes a token and is counted.
//!
//! To add an operation: a constant [`Operation`] and a method in `client/<api>.rs`, its mapping in `map`, its line in
//! [`OPERATIONS`] (the least-privilege policy is made from it), its rate in `rates`, and the method of
//! [`domain::cloud::FleetApi`] or [`domain::cloud::DataApi`].
//! To add an API family: a file in `client/`, its SDK client in `connector`.
//!
//! # TLS
//! The SDK's `default-https-client` is rustls with the aws-lc-rs provider, which it names explicitly; it never asks for the
//! process-wide default. reqwest (aws-lc-rs unless a default is installed) and sqlx (ring) name theirs too. So both
//! providers may be linked into one binary without a conflict, and no `install_default` is needed for this crate.
//! The SDK's HTTP client honours `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.

mod call;
mod client;
mod connector;
mod credentials;
mod error;
mod figures;
mod guarded;
mod limits;
mod machine;
mod map;
mod options;
mod policy;
mod rates;
pub mod settings;
mod traces;

#[cfg(test)]
mod testing;

pub use connector::Connector;
pub use limits::{BucketKey, Limits, NoToken, Rate, TokenBucket};
pub use machine::{MachineKey, MachineKeys, NoMachineKey};
pub use options::AwsOptions;
pub use policy::{Effect, OPERATIONS, Operation, iam_policy};
