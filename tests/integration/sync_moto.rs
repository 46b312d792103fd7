//! A second peer: `moto_server`, which knows less than AWS. What it has comes in, what it lacks is named.

use std::collections::{BTreeMap, BTreeSet};

use contract::accounts::AccountView;
use contract::paths::{ACCOUNT, with_id};
use domain::jobs::JobState;
use domain::sync::SyncOutcome;
use serde_json::Value;
use testkit::app::TestAppOptions;
use testkit::{app_test, outside};

use crate::support::workspaces;

app_test! {
    async fn sixty_come_in_and_five_go(app: TestAppOptions { simulated_workspaces: 0, ..TestAppOptions::default() }) {
        let Some(moto) = outside::Moto::start().await? else { return Ok(()) };
        let Some(made) = outside::python("moto_fleet.py", &["--endpoint", &moto.url, "create", "--count", "60"]).await? else {
            return Ok(());
        };
        let theirs: BTreeMap<String, Value> = made["workspaces"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|w| (w["WorkspaceId"].as_str().unwrap_or_default().to_owned(), w.clone()))
            .collect();
        assert_eq!(theirs.len(), 60);

        app.create_owner().await?;
        let account: AccountView = app.connect(&serde_json::json!({
            "name": "Moto", "regions": ["us-east-1"], "credentials": "simulated", "endpoint_url": moto.url,
        })).await?;
        let jobs = app.sync(account.id).await?;
        assert!(jobs.iter().all(|job| job.job.state == JobState::Done), "no crash: {jobs:?}");
        let ours = workspaces(app.client(), "").await?;
        assert_eq!(ours.len(), 60);
        for row in &ours {
            let w = &theirs[&row.aws_id];
            assert_eq!(row.user_name.as_str(), w["UserName"]);
            assert_eq!(row.bundle_id.as_str(), w["BundleId"]);
            assert_eq!(row.directory_id.as_str(), w["DirectoryId"]);
            assert_eq!(row.state.as_str(), w["State"]);
        }
        let users: BTreeSet<_> = ours.iter().map(|w| w.user_name.as_str()).collect();
        assert_eq!(users.len(), 60, "everybody has their own");

        let run = async || -> anyhow::Result<_> {
            let view: AccountView = app.client().get(&with_id(ACCOUNT, account.id)).await?.ok()?;
            view.regions[0].last_run.clone().ok_or_else(|| anyhow::anyhow!("no run"))
        };
        let partial = run().await?;
        assert_eq!(partial.outcome, SyncOutcome::Partial, "{partial:?}");
        let lacking: BTreeSet<_> = partial.report.problems.iter().map(|p| p.operation.as_str()).collect();
        for operation in ["workspaces:DescribeWorkspaceBundles", "workspaces:DescribeWorkspacesConnectionStatus"] {
            assert!(lacking.contains(operation), "{operation} in {:?}", partial.report.problems);
        }

        let gone: BTreeSet<_> = theirs.keys().take(5).cloned().collect();
        let mut arguments = vec!["--endpoint", &moto.url, "delete"];
        arguments.extend(gone.iter().map(String::as_str));
        outside::python("moto_fleet.py", &arguments).await?;
        app.sync(account.id).await?;
        assert_eq!(run().await?.report.gone, 5);
        let marked: BTreeSet<_> = workspaces(app.client(), "gone=true").await?.into_iter().map(|w| w.aws_id).collect();
        assert_eq!(marked, gone);
        assert_eq!(workspaces(app.client(), "").await?.len(), 55);
        Ok(())
    }
}
