//! `wheelhouse audit`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use domain::access::Actor;
use serde_json::json;
use services::Context;
use services::audit::{self, Evidence, PublicKey, Report};

use crate::cli::Audit;
use crate::compose::{self, Load};
use crate::output;

/// Progress is said each so many entries.
const SAID_EACH: u64 = 100_000;

/// Verifies or prunes.
pub async fn run(load: &Load, what: &Audit, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let ctx = compose::context(&config).await?;
    match what {
        Audit::Verify { checkpoints, public_key } => {
            let evidence = evidence(&ctx, checkpoints, public_key).await?;
            verify(&ctx, &evidence, json).await
        }
        Audit::Prune { before, checkpoints, public_key } => {
            let days = config.retention.audit_days;
            let before = match (before, days) {
                (Some(day), _) => day.and_time(NaiveTime::MIN).and_utc(),
                (None, 0) => anyhow::bail!("say --before DATE, or set retention.audit_days"),
                (None, days) => ctx.env.now() - Duration::days(days.into()),
            };
            let evidence = evidence(&ctx, checkpoints, public_key).await?;
            prune(&ctx, &evidence, before, json).await
        }
    }
}

async fn evidence(ctx: &Context, folders: &[PathBuf], keys: &[PathBuf]) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::own(ctx).await?;
    for folder in folders {
        anyhow::ensure!(folder.is_dir(), "{} is no folder", folder.display());
        evidence.add_folder(folder)?;
    }
    for file in keys {
        let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
        let key: PublicKey = text.parse().with_context(|| file.display().to_string())?;
        evidence.trusted.push(key);
    }
    Ok(evidence)
}

async fn verify(ctx: &Context, evidence: &Evidence, json: bool) -> anyhow::Result<ExitCode> {
    let mut said = SAID_EACH;
    let report = audit::verify(ctx, evidence, |entries| {
        if entries >= said && !json {
            output::note(format_args!("{entries} entries …"));
            said += SAID_EACH;
        }
        true
    })
    .await?
    .context("the verification was stopped")?;
    let keys: Vec<_> = evidence.trusted.iter().map(|key| json!({ "id": key.id(), "key": key.to_string() })).collect();
    if json {
        output::json(&json!({ "report": report, "public_keys": keys, "torn_lines": evidence.torn }))?;
    } else {
        say(&report, evidence);
    }
    Ok(if report.whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(report: &Report, evidence: &Evidence) {
    for key in &evidence.trusted {
        output::line(format_args!("signatures of the key {} count: {key}", key.id()));
    }
    for finding in &report.findings {
        let place = finding.seq.map_or_else(|| "checkpoint".to_owned(), |seq| format!("entry {seq}"));
        output::line(format_args!("WRONG  {place}: {}", finding.words));
    }
    for place in &evidence.torn {
        output::note(format_args!("{place} was torn off while it was written, and says nothing"));
    }
    let Report { first_seq, last_seq, entries, erased_parts, checkpoints, .. } = report;
    output::line(format_args!(
        "{entries} entries from {first_seq} to {last_seq}, {erased_parts} personal parts erased, {checkpoints} signed lines"
    ));
    if *checkpoints == 0 && report.whole {
        output::note("there is no signed checkpoint: that entries are missing at the end could not be seen");
    }
    match (report.whole, report.bad_seq()) {
        (true, _) => output::line("the audit log is whole"),
        (false, Some(seq)) => output::line(format_args!("the audit log is NOT whole: look at entry {seq} first")),
        (false, None) => output::line("the audit log could not be proved whole: see the checkpoints above"),
    }
}

async fn prune(ctx: &Context, evidence: &Evidence, before: DateTime<Utc>, json: bool) -> anyhow::Result<ExitCode> {
    let outcome = audit::prune_before(ctx, &Actor::system(), evidence, before)
        .await
        .context("prune the audit log; in Postgres this takes the owner of the tables")?;
    if json {
        output::json(&json!({ "before": before, "outcome": outcome }))?;
    } else {
        match outcome.cut_seq {
            Some(seq) => output::line(format_args!("{} entries up to {seq} were removed", outcome.removed)),
            None => output::line(format_args!("nothing is from before {before}; {} removed", outcome.removed)),
        }
    }
    Ok(ExitCode::SUCCESS)
}
