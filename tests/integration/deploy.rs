//! What deploys, runs and watches Wheelhouse elsewhere: the switch between two releases, the Helm chart, the Terraform files, the
//! workflows, the file of compose, who is told of alerts. Each is tried by a program that knows it: a real caddy, Helm's own engine, a parser of Terraform's
//! language, GitHub's schema, a real Prometheus and Alertmanager. They are scripts in `tests/python/deploy`; to add one: a test here that runs it.

use anyhow::Result;
use testkit::outside::{needed, root};
use tokio::process::Command;

/// Runs a script of `tests/python/deploy` with the packages of `tests/python/deploy.txt`; fails with what it printed.
async fn script(name: &str) -> Result<()> {
    let Some(python) = needed("WHEELHOUSE_TEST_DEPLOY_PYTHON")? else { return Ok(()) };
    let script = root().join("tests/python/deploy").join(name);
    let output = Command::new(python).arg(script).kill_on_drop(true).output().await?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {printed}", output.status);
    Ok(())
}

#[tokio::test]
async fn a_switch_between_two_releases_fails_no_request() -> Result<()> {
    if needed("WHEELHOUSE_TEST_CADDY")?.is_none() {
        return Ok(());
    }
    script("bluegreen_test.py").await
}

#[tokio::test]
async fn the_chart_renders_and_kubernetes_takes_it() -> Result<()> {
    script("chart_test.py").await
}

#[tokio::test]
async fn the_terraform_files_fit_together() -> Result<()> {
    script("terraform_test.py").await
}

#[tokio::test]
async fn what_makes_a_release_and_looks_at_it_works() -> Result<()> {
    script("release_test.py").await
}

#[tokio::test]
async fn what_compose_starts_fits_its_machine() -> Result<()> {
    if needed("WHEELHOUSE_TEST_CADDY")?.is_none() {
        return Ok(());
    }
    script("compose_test.py").await
}

#[tokio::test]
async fn somebody_is_told_of_what_the_rules_find() -> Result<()> {
    if needed("WHEELHOUSE_TEST_PROMETHEUS")?.is_none() || needed("WHEELHOUSE_TEST_ALERTMANAGER")?.is_none() {
        return Ok(());
    }
    script("alerts_test.py").await
}
