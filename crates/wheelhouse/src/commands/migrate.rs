//! `wheelhouse migrate`.

use std::process::ExitCode;

use anyhow::Context as _;
use domain::access::Actor;
use store::Backend;
use store::repo::audit::{audit_app_role, audit_app_role_problem};

use crate::cli::Migrate;
use crate::compose::Load;
use crate::output;

/// Brings the schema up; replicas that ask at once wait for the one that does it.
pub async fn run(load: &Load, options: &Migrate, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let db = crate::compose::database(&config).await?;
    store::db::migrate(&db).await?;
    let context = crate::compose::context(&config).await?;
    if let Err(error) = services::vault::seal_plain(&context, &Actor::system()).await {
        // The schema is up whether or not there is a key yet; everything works with what is not sealed.
        output::note(format_args!("secrets that are not sealed yet stay so: {error}"));
    }
    if let Some(role) = &options.app_role {
        grant(&db, role).await?;
    }
    if json {
        output::json(&serde_json::json!({ "schema": "up to date", "app_role": options.app_role }))?;
    } else {
        output::line("the schema is up to date");
        if let Some(role) = &options.app_role {
            output::line(format_args!("{role} may use it, and only add to the audit log"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn grant(db: &store::Db, role: &str) -> anyhow::Result<()> {
    anyhow::ensure!(db.backend() == Backend::Postgres, "--app-role is for Postgres; SQLite has no roles");
    if let Some(problem) = audit_app_role_problem(db, role).await? {
        anyhow::bail!("--app-role: {problem}");
    }
    // All or nothing: between two of the statements the role could do more than it should.
    let tx = db.begin().await?;
    audit_app_role(&tx, role).await.context("give the role its rights; run this as the owner of the tables")?;
    Ok(tx.commit().await?)
}
