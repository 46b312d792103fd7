//! The alert rules: each is tried by promtool both ways, names its page in the runbook, and is of metrics that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use testkit::outside::{needed, root};
use tokio::process::Command;

use super::expressions::wrong_names;
use super::prometheus::Prometheus;

/// The files of a folder that end like this.
fn files(folder: &Path, end: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        files.extend(path.to_string_lossy().ends_with(end).then_some(path));
    }
    files.sort();
    Ok(files)
}

/// Of each alert that the cases ask about: how many expect it, and how many do not.
fn cases(text: &str) -> Result<BTreeMap<String, (usize, usize)>> {
    let mut cases: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut asked = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("- alertname: ") {
            asked = Some(name.to_owned());
        } else if let Some(expected) = line.strip_prefix("exp_alerts:") {
            let case = cases.entry(asked.take().context("a case without a name")?).or_default();
            if expected.trim() == "[]" { case.1 += 1 } else { case.0 += 1 }
        }
    }
    Ok(cases)
}

#[tokio::test]
async fn each_alert_fires_when_it_should_and_only_then() -> Result<()> {
    let Some(promtool) = needed("WHEELHOUSE_TEST_PROMTOOL")? else { return Ok(()) };
    let folder = root().join("deploy/prometheus");
    let tests = files(&folder.join("tests"), ".yml")?;
    let output = Command::new(&promtool).args(["test", "rules"]).args(&tests).output().await?;
    let said = |output: &std::process::Output| {
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    assert!(output.status.success(), "{}", said(&output));
    let output =
        Command::new(&promtool).args(["check", "config", "prometheus.yml"]).current_dir(&folder).output().await?;
    assert!(output.status.success(), "{}", said(&output));

    let texts: Vec<String> = tests.iter().map(std::fs::read_to_string).collect::<Result<_, _>>()?;
    let tried = cases(&texts.concat())?;
    let rules: Vec<String> =
        files(&folder.join("rules"), ".yml")?.iter().map(std::fs::read_to_string).collect::<Result<_, _>>()?;
    let alerts: BTreeSet<&str> =
        rules.iter().flat_map(|text| text.lines()).filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() >= 15, "{alerts:?}");
    for alert in &alerts {
        let (fires, quiet) = tried.get(*alert).copied().unwrap_or_default();
        assert!(fires > 0 && quiet > 0, "{alert}: {fires} cases that fire, {quiet} that do not");
    }
    assert!(tried.keys().all(|name| alerts.contains(name.as_str())), "{tried:?}");
    Ok(())
}

#[tokio::test]
async fn each_rule_reads_what_there_is_and_each_alert_has_its_page() -> Result<()> {
    let Some(prometheus) = Prometheus::start(None).await? else { return Ok(()) };
    let rules = prometheus.rules().await?;
    let recorded: BTreeSet<String> = rules.iter().filter(|rule| !rule.alert).map(|rule| rule.name.clone()).collect();
    for rule in &rules {
        assert_eq!(wrong_names(&rule.expression, &recorded), Vec::<String>::new(), "{}", rule.name);
        prometheus.count(&rule.expression).await?;
    }
    let folder = root().join("docs/runbook");
    let index = std::fs::read_to_string(folder.join("README.md"))?;
    let mut pages: BTreeSet<PathBuf> = files(&folder, ".md")?.into_iter().collect();
    pages.remove(&folder.join("README.md"));
    for alert in rules.iter().filter(|rule| rule.alert) {
        let name = &alert.name;
        assert!(["page", "ticket"].contains(&alert.labels["severity"].as_str().unwrap_or_default()), "{name}");
        assert!(alert.annotations["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        let page = format!("docs/runbook/{name}.md");
        // The label is where `docs` is read.
        let link = format!("{{{{ $externalLabels.docs }}}}/runbook/{name}.md");
        assert_eq!(alert.annotations["runbook_url"], link, "{name}");
        let text = std::fs::read_to_string(root().join(&page)).with_context(|| page.clone())?;
        for part in [&format!("# {name}\n"), "\n## What is seen\n", "\n## How to find the cause\n", "\n## What to do\n"]
        {
            assert!(text.contains(part), "{page} lacks {part:?}");
        }
        assert!(index.contains(&format!("[{name}]({name}.md)")), "{name} is not in the runbook's list");
        pages.remove(&root().join(&page));
    }
    assert_eq!(pages, BTreeSet::new(), "pages of no alert");
    Ok(())
}
