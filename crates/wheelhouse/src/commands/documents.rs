//! `wheelhouse openapi`, `wheelhouse iam-policy` and `wheelhouse metrics`: documents made from the code.

use std::process::ExitCode;

use crate::cli::IamPolicy;
use crate::output;

/// Prints the OpenAPI 3.1 document.
pub fn openapi() -> anyhow::Result<ExitCode> {
    output::line(api::openapi::openapi_json().trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Prints the table of metrics.
pub fn metrics() -> anyhow::Result<ExitCode> {
    output::line(platform::metrics::catalog::page().trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Prints the least-privilege policy.
pub fn iam_policy(options: &IamPolicy) -> anyhow::Result<ExitCode> {
    output::line(aws::iam_policy(options.read_only).trim_end());
    Ok(ExitCode::SUCCESS)
}
