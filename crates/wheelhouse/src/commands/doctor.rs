//! `wheelhouse doctor`: whether this installation can work, check by check, with the fix.

use std::process::ExitCode;

use serde::Serialize;

use crate::compose::{self, Load};
use crate::output;

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
}

/// Runs every check; fails when one does.
pub async fn run(load: &Load, json: bool) -> anyhow::Result<ExitCode> {
    let findings = findings(load).await;
    if json {
        output::json(&findings)?;
    } else {
        for Finding { check, ok, detail } in &findings {
            output::line(format_args!("{}  {check:<14} {detail}", if *ok { "ok  " } else { "FAIL" }));
        }
    }
    Ok(if findings.iter().all(|f| f.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn findings(load: &Load) -> Vec<Finding> {
    let config = match load.resolve().await {
        Ok(config) => config,
        Err(error) => return vec![Finding { check: "configuration", ok: false, detail: format!("{error:#}") }],
    };
    let mut findings = vec![Finding { check: "configuration", ok: true, detail: "every value is valid".to_owned() }];
    findings.push(match compose::database(&config).await {
        Err(error) => Finding { check: "database", ok: false, detail: format!("{error:#}") },
        Ok(db) => match db.ping().await {
            Err(error) => Finding { check: "database", ok: false, detail: error.to_string() },
            Ok(()) => Finding { check: "database", ok: true, detail: format!("{:?} answers", db.backend()) },
        },
    });
    findings.push(match compose::redis(&config) {
        Err(error) => Finding { check: "redis", ok: false, detail: format!("{error:#}") },
        Ok(None) => {
            Finding { check: "redis", ok: true, detail: "not configured; right for a single process".to_owned() }
        }
        Ok(Some(link)) => match link.ping().await {
            Ok(()) => Finding { check: "redis", ok: true, detail: "answers".to_owned() },
            Err(why) => Finding { check: "redis", ok: false, detail: why },
        },
    });
    findings.push(match crate::artefacts::configured(&config, compose::env()) {
        Err(error) => Finding { check: "reports", ok: false, detail: error.to_string() },
        Ok(artefacts) => match artefacts.check().await {
            Err(error) => Finding { check: "reports", ok: false, detail: error.to_string() },
            Ok(()) => {
                let folder = || config.reports.folder(config.database.url.expose()).display().to_string();
                Finding { check: "reports", ok: true, detail: config.reports.bucket_url().unwrap_or_else(folder) }
            }
        },
    });
    let folder = config.portal.folder();
    let built = folder.join("index.html").is_file();
    let advice = if built { String::new() } else { "; build it with: cargo xtask build-web".to_owned() };
    findings.push(Finding { check: "portal", ok: built, detail: format!("{}{advice}", folder.display()) });
    findings
}
