//! A real Prometheus with the rules of `deploy/prometheus`.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use testkit::client::ApiClient;
use testkit::outside::{needed, root};
use testkit::process::{Child, free_port};
use tokio::process::Command;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(200);

/// The server, which ends with this value.
pub struct Prometheus {
    client: ApiClient,
    _child: Child,
    _folder: tempfile::TempDir,
}

/// A rule as the server has it.
#[derive(Debug)]
pub struct Rule {
    /// The alert's or the recorded series' name.
    pub name: String,
    /// Whether it is an alert.
    pub alert: bool,
    /// What it asks.
    pub expression: String,
    /// Labels it adds.
    pub labels: Value,
    /// What is said with it.
    pub annotations: Value,
    /// `ok`, `err` or `unknown` before it was asked.
    pub health: String,
}

impl Prometheus {
    /// Starts one that reads this address as api, worker and ai, each second; `None` without one to start.
    pub async fn start(target: Option<&str>) -> Result<Option<Self>> {
        let Some(program) = needed("WHEELHOUSE_TEST_PROMETHEUS")? else { return Ok(None) };
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let rules = root().join("deploy/prometheus/rules/*.yml");
        let mut config = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [\"{}\"]\nscrape_configs:\n",
            rules.display()
        );
        for job in target.map(|_| ["api", "worker", "ai"]).into_iter().flatten() {
            let target = target.unwrap_or_default().trim_start_matches("http://");
            config.push_str(&format!("  - {{ job_name: {job}, static_configs: [{{ targets: [\"{target}\"] }}] }}\n"));
        }
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config)?;
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}")).arg("--log.level=error");
        let child = Child::spawn(command.current_dir(folder.path()).stdout(Stdio::null()))?;
        let server =
            Self { client: ApiClient::new(&format!("http://127.0.0.1:{port}"))?, _child: child, _folder: folder };
        let give_up = Instant::now() + PATIENCE;
        while !server.client.get("/-/ready").await.is_ok_and(|answer| answer.status == 200) {
            anyhow::ensure!(Instant::now() < give_up, "Prometheus did not get ready");
            tokio::time::sleep(LOOK).await;
        }
        Ok(Some(server))
    }

    /// How many series an expression gives now.
    pub async fn count(&self, expression: &str) -> Result<usize> {
        let query: String = url::form_urlencoded::byte_serialize(expression.as_bytes()).collect();
        let answer: Value = self.client.get(&format!("/api/v1/query?query={query}")).await?.value()?;
        anyhow::ensure!(answer["status"] == "success", "{expression}: {answer}");
        Ok(answer["data"]["result"].as_array().with_context(|| answer.to_string())?.len())
    }

    /// Every rule.
    pub async fn rules(&self) -> Result<Vec<Rule>> {
        let answer: Value = self.client.get("/api/v1/rules").await?.ok()?;
        let groups = answer["data"]["groups"].as_array().context("no groups")?;
        let rules = groups.iter().flat_map(|group| group["rules"].as_array().into_iter().flatten());
        let text = |rule: &Value, field: &str| rule[field].as_str().unwrap_or_default().to_owned();
        let read = |rule: &Value| Rule {
            name: text(rule, "name"),
            alert: rule["type"] == "alerting",
            expression: text(rule, "query"),
            labels: rule["labels"].clone(),
            annotations: rule["annotations"].clone(),
            health: text(rule, "health"),
        };
        Ok(rules.map(read).collect())
    }
}
