//! boto3 uses the simulated AWS as it uses AWS: what it finds is in `tests/python/aws_sim_boto3.py`.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::outside;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_uses_the_simulator_as_aws() -> Result<()> {
    let options = TestAppOptions {
        simulated_workspaces: 1000,
        seed: 7,
        transition_seconds: Some(2),
        worker: false,
        ..TestAppOptions::default()
    };
    let app = TestApp::start(options).await?.expect("SQLite is always there");
    let Some(said) = outside::python("aws_sim_boto3.py", &["--endpoint", app.simulator_url()]).await? else {
        return Ok(());
    };
    assert_eq!(
        (&said["ok"], &said["distinct_ids"], &said["pages"]),
        (&true.into(), &1000.into(), &40.into()),
        "{said}"
    );
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_reads_metrics_events_costs_and_prices_that_agree() -> Result<()> {
    let options =
        TestAppOptions { simulated_workspaces: 200, seed: 7, alive: true, worker: false, ..TestAppOptions::default() };
    let app = TestApp::start(options).await?.expect("SQLite is always there");
    let script = "aws_sim_boto3_data.py";
    let Some(said) = outside::python(script, &["--endpoint", app.simulator_url()]).await? else { return Ok(()) };
    assert_eq!(said["ok"], true, "{said}");
    for (part, count) in [("metrics", "connected"), ("metrics", "pages"), ("trail", "events")] {
        assert!(said[part][count].as_u64() > Some(1), "{part} {count}: {said}");
    }
    app.stop().await
}
