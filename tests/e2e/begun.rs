//! What most browser tests begin with: one process on SQLite that serves the portal, its owner, and a simulated fleet that was synced.
//! Not what a test then adds to it. To begin otherwise: `TestApp::start`.

use anyhow::{Context as _, Result};
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use testkit::app::{TestApp, TestAppOptions};

/// A fleet of so many WorkSpaces over all regions.
pub async fn fleet(workspaces: u32) -> Result<TestApp> {
    fleet_with(TestAppOptions { simulated_workspaces: workspaces, ..TestAppOptions::default() }).await
}

/// A fleet that moves: a WorkSpace is in between for two seconds when it is started, stopped or changed.
pub async fn moving_fleet(workspaces: u32) -> Result<TestApp> {
    let options =
        TestAppOptions { simulated_workspaces: workspaces, transition_seconds: Some(2), ..TestAppOptions::default() };
    fleet_with(options).await
}

/// A fleet with other options.
pub async fn fleet_with(options: TestAppOptions) -> Result<TestApp> {
    let app = TestApp::start(TestAppOptions { portal: true, ..options }).await?.context("SQLite is always there")?;
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    Ok(app)
}

/// The first WorkSpace that a query finds, such as `state=STOPPED`.
pub async fn first(app: &TestApp, query: &str) -> Result<WorkspaceView> {
    let page: Page<WorkspaceView> = app.client().get(&format!("{}?limit=1&{query}", paths::WORKSPACES)).await?.ok()?;
    page.items.into_iter().next().with_context(|| format!("the fleet has none with {query}"))
}
