//! `wheelhouse migrate`.

use std::process::ExitCode;

use crate::compose::Load;
use crate::output;

/// Brings the schema up; replicas that ask at once wait for the one that does it.
pub async fn run(load: &Load, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry()?;
    let db = crate::compose::database(&config).await?;
    store::db::migrate(&db).await?;
    if json {
        output::json(&serde_json::json!({ "schema": "up to date" }))?;
    } else {
        output::line("the schema is up to date");
    }
    Ok(ExitCode::SUCCESS)
}
