//! The dashboards: every panel's query of figures, against a real Prometheus that reads a real process; what panels ask of lines is
//! what there is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use testkit::outside::root;
use tokio::time::Instant;

use super::expressions::wrong_names;
use super::lines::Lines;
use super::process::Watched;
use super::prometheus::Prometheus;
use super::trouble::Trouble;

/// Longest wait for data to be there.
const PATIENCE: Duration = Duration::from_secs(150);

/// What answers queries, by its name at Grafana.
fn sources() -> Result<BTreeMap<String, String>> {
    let mut sources = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("deploy/grafana/provisioning/datasources"))? {
        let text = std::fs::read_to_string(entry?.path())?;
        let told = |key: &str| text.lines().find_map(|line| line.trim().strip_prefix(key)).map(str::to_owned);
        sources.insert(told("uid: ").context("a source's uid")?, told("type: ").context("its type")?);
    }
    Ok(sources)
}

/// Queries of sources of this type, by dashboard and panel.
fn queries(kind: &str) -> Result<Vec<(String, String)>> {
    let (mut queries, sources) = (Vec::new(), sources()?);
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("deploy/grafana/dashboards"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a file without a name")?.to_string_lossy().into_owned();
        let dashboard: Value = serde_json::from_slice(&std::fs::read(&path)?).with_context(|| name.clone())?;
        assert!(ids.insert(dashboard["uid"].as_str().with_context(|| name.clone())?.to_owned()), "{name}: its uid");
        for panel in dashboard["panels"].as_array().with_context(|| name.clone())? {
            let title = format!("{name}/{}", panel["title"].as_str().unwrap_or_default());
            let source = panel["datasource"]["uid"].as_str().and_then(|uid| sources.get(uid));
            let source = source.with_context(|| format!("{title} asks nobody that there is"))?;
            assert_eq!(panel["datasource"]["type"], source.as_str(), "{title}");
            assert!(["prometheus", "loki"].contains(&source.as_str()), "{title}: how is what {source} is asked tried?");
            let targets = panel["targets"].as_array().with_context(|| title.clone())?;
            assert!(!targets.is_empty(), "{title} asks nothing");
            for target in targets.iter().filter(|_| source == kind) {
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
    let queries = queries("prometheus")?;
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

#[test]
fn every_panel_of_lines_asks_for_labels_and_fields_that_there_are() -> Result<()> {
    let (lines, mut queries) = (Lines::read()?, queries("loki")?);
    assert!(!queries.is_empty(), "no panel shows lines");
    let page = std::fs::read_to_string(root().join("docs/staging.md"))?;
    let told = page.split('`').find(|part| part.starts_with('{')).context("staging.md tells no query")?;
    queries.push(("docs/staging.md".to_owned(), told.to_owned()));
    for (panel, query) in queries {
        assert_eq!(lines.wrong_names(&query), Vec::<String>::new(), "{panel}: {query}");
    }
    Ok(())
}
