//! `wheelhouse config`.

use std::process::ExitCode;

use crate::cli::ConfigCommand;
use crate::compose::Load;
use crate::output;

/// Prints every value with its source, or the table of environment variables.
pub async fn run(load: &Load, what: &ConfigCommand, json: bool) -> anyhow::Result<ExitCode> {
    match what {
        ConfigCommand::EnvTable => output::line(platform::config::env_table().trim_end()),
        ConfigCommand::Show => {
            let config = load.resolve().await?;
            if json {
                output::json(&config.to_json())?;
            } else {
                output::line(config.to_text().trim_end());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
