//! The dashboards: every panel's query, against a real Prometheus that reads a real process.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use testkit::outside::root;
use tokio::time::Instant;

use super::expressions::wrong_names;
use super::process::Watched;
use super::prometheus::Prometheus;
use super::trouble::Trouble;

/// Longest wait for data to be there.
const PATIENCE: Duration = Duration::from_secs(150);

/// Queries by dashboard and panel.
fn queries() -> Result<Vec<(String, String)>> {
    let mut queries = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("deploy/grafana/dashboards"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a file without a name")?.to_string_lossy().into_owned();
        let dashboard: Value = serde_json::from_slice(&std::fs::read(&path)?).with_context(|| name.clone())?;
        assert!(ids.insert(dashboard["uid"].as_str().with_context(|| name.clone())?.to_owned()), "{name}: its uid");
        for panel in dashboard["panels"].as_array().with_context(|| name.clone())? {
            let title = format!("{name}/{}", panel["title"].as_str().unwrap_or_default());
            assert_eq!(panel["datasource"]["uid"], "prometheus", "{title}");
            let targets = panel["targets"].as_array().with_context(|| title.clone())?;
            assert!(!targets.is_empty(), "{title} asks nothing");
            for target in targets {
                queries.push((title.clone(), target["expr"].as_str().with_context(|| title.clone())?.to_owned()));
            }
        }
    }
    Ok(queries)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_panel_and_every_rule_gets_its_data_from_a_real_process() -> Result<()> {
    let trouble = Trouble::begin().await?;
    let Some(mut watched) = Watched::start_with(&trouble.settings()).await? else { return Ok(()) };
    let Some(prometheus) = Prometheus::start(Some(&watched.metrics)).await? else { return Ok(()) };
    let owner = watched.owner().await?;
    let stream = owner.events(None).await?;
    trouble.make(&watched, &owner).await?;
    let rules = prometheus.rules().await?;
    let recorded: BTreeSet<String> = rules.iter().filter(|rule| !rule.alert).map(|rule| rule.name.clone()).collect();
    let queries = queries()?;
    assert!(queries.len() > 50, "{}", queries.len());
    let mut waiting: BTreeMap<&str, &str> = BTreeMap::new();
    for (panel, query) in &queries {
        assert_eq!(wrong_names(query, &recorded), Vec::<String>::new(), "{panel}: {query}");
        prometheus.count(query).await.with_context(|| panel.clone())?;
        waiting.insert(query, panel);
    }
    waiting.extend(recorded.iter().map(|name| (name.as_str(), "recorded")));

    let give_up = Instant::now() + PATIENCE;
    while !waiting.is_empty() {
        anyhow::ensure!(Instant::now() < give_up, "no data: {waiting:#?}");
        // Something to count.
        owner.get(contract::paths::OVERVIEW).await?;
        for query in waiting.keys().copied().collect::<Vec<_>>() {
            if prometheus.count(query).await? > 0 {
                waiting.remove(query);
            }
        }
    }
    drop(stream);
    for rule in prometheus.rules().await? {
        assert_eq!(rule.health, "ok", "{rule:?}");
    }
    assert!(watched.stop().await?.success(), "it ends well");
    Ok(())
}
