//! Tools nobody here wrote read the simulated AWS as they read AWS: Cloud Custodian and the MCP server for WorkSpaces
//! administrators, both unmodified. What each is asked is in `tests/python`.

use anyhow::Result;
use testkit::app::{TestApp, TestAppOptions};
use testkit::outside;

/// 70 % of them are in us-east-1, where the tools look.
const WORKSPACES: u32 = 100;

async fn fleet() -> Result<TestApp> {
    let options = TestAppOptions {
        simulated_workspaces: WORKSPACES,
        seed: 11,
        transition_seconds: Some(2),
        worker: false,
        ..TestAppOptions::default()
    };
    Ok(TestApp::start(options).await?.expect("SQLite is always there"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cloud_custodian_reads_the_simulator_as_aws() -> Result<()> {
    let Some(custodian) = outside::needed("WHEELHOUSE_TEST_CUSTODIAN")? else { return Ok(()) };
    let app = fleet().await?;
    let arguments = ["--endpoint", app.simulator_url(), "--custodian", &custodian];
    let Some(found) = outside::python("custodian.py", &arguments).await? else { return Ok(()) };
    assert_eq!((&found["all-workspaces"], &found["directories"]), (&70.into(), &3.into()), "{found}");
    assert_eq!(found["images"], 3, "{found}");
    for policy in ["known-connections", "always-on-and-idle", "of-a-team", "used-this-week"] {
        let count = found[policy].as_u64().unwrap_or_default();
        assert!((1..=70).contains(&count), "{policy}: {found}");
    }
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mcp_server_for_administrators_reads_the_simulator_as_aws() -> Result<()> {
    let app = fleet().await?;
    let Some(said) = outside::python("euc_mcp.py", &["--endpoint", app.simulator_url()]).await? else { return Ok(()) };
    assert_eq!((&said["ok"], &said["workspaces"]), (&true.into(), &70.into()), "{said}");
    let tools = said["tools"].as_array().map_or(0, Vec::len);
    assert!(tools >= 20, "every tool that can be asked was: {said}");
    // A STANDARD with Windows and its licence in us-east-1, as the tool reads and reckons it.
    let prices = &said["prices"];
    assert_eq!(
        (&prices["alwayson_monthly_usd"], &prices["autostop_hourly_usd"]),
        (&35.0.into(), &0.3.into()),
        "{said}"
    );
    assert_eq!(prices["autostop_breakeven_hours_per_month"], 84.2, "{said}");
    app.stop().await
}
