//! Syncs against the simulated AWS: whole, partial, interrupted, and what is gone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use contract::accounts::{AccountView, SyncRunView};
use contract::jobs::JobDetailView;
use contract::page::Page;
use contract::paths::{ACCOUNT, SYNC_RUNS, WORKSPACE, with_id};
use contract::workspaces::WorkspaceDetailView;
use domain::jobs::{AttemptOutcome, JobState};
use domain::sync::{SyncOutcome, SyncReport};
use testkit::app::{TestApp, TestAppOptions};
use testkit::{app_test, outside};

use crate::support::{looks_at_what_moves, workspaces};

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 160, seed: 5, transition_seconds: Some(1), ..TestAppOptions::default() }
}

/// The newest run of each region, in the order of the regions.
async fn runs(app: &TestApp, account: &AccountView) -> Result<Vec<SyncRunView>> {
    let view: AccountView = app.client().get(&with_id(ACCOUNT, account.id)).await?.ok()?;
    Ok(view.regions.into_iter().filter_map(|region| region.last_run).collect())
}

/// All reports as one.
fn sum(runs: &[SyncRunView]) -> SyncReport {
    let mut total = SyncReport::default();
    for run in runs {
        let r = &run.report;
        total.seen += r.seen;
        total.added += r.added;
        total.changed += r.changed;
        total.unchanged += r.unchanged;
        total.gone += r.gone;
        total.tags_read += r.tags_read;
        total.connections += r.connections;
        total.aws_calls += r.aws_calls;
        r.problems.iter().for_each(|p| total.note(p.clone()));
    }
    total
}

fn outcomes(runs: &[SyncRunView]) -> BTreeSet<String> {
    runs.iter().map(|run| run.outcome.to_string()).collect()
}

fn only(outcome: SyncOutcome) -> BTreeSet<String> {
    BTreeSet::from([outcome.to_string()])
}

app_test! {
    async fn whole_and_again(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        let first = runs(app, &account).await?;
        assert_eq!((first.len(), outcomes(&first)), (2, only(SyncOutcome::Whole)), "{first:?}");
        let report = sum(&first);
        assert_eq!((report.seen, report.added, report.changed, report.gone), (160, 160, 0, 0), "{report:?}");
        assert_eq!((report.tags_read, report.connections), (160, 160), "{report:?}");
        let asked: u64 = app.simulator().counts().values().map(|count| count.requests).sum();
        // What one region's sync found moving may be looked at again, a request each, before the other region's has ended.
        let looks = looks_at_what_moves(app).await?;
        assert!((report.aws_calls..=report.aws_calls + looks).contains(&asked), "{asked} requests: {report:?}");

        let mut states = BTreeMap::<String, usize>::new();
        for row in workspaces(app.client(), "").await? {
            *states.entry(row.state.to_string()).or_default() += 1;
            assert!(row.bundle_name.is_some() && row.directory_name.is_some(), "{row:?}");
            assert_eq!(row.account_name, account.name);
        }
        let theirs = app.simulator().states().into_iter().map(|(state, count)| (state.to_owned(), count)).collect();
        assert_eq!(states, theirs, "as AWS has them");

        app.sync(account.id).await?;
        let again = sum(&runs(app, &account).await?);
        assert_eq!((again.seen, again.unchanged, again.added, again.changed, again.gone), (160, 160, 0, 0, 0), "{again:?}");
        let page: Page<SyncRunView> = app.client().get(&format!("{SYNC_RUNS}?account={}&limit=3", account.id)).await?.ok()?;
        assert_eq!((page.items.len(), page.total), (3, 4));
        assert!(page.items.iter().all(|run| run.finished_at.is_some() && run.job_id.is_some()));
        Ok(())
    }
}

app_test! {
    async fn what_is_denied_is_named_and_the_rest_is_in(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        app.faults(&["deny:DescribeTags", "deny:DescribeWorkspacesConnectionStatus"])?;
        for job in app.sync(account.id).await? {
            assert_eq!(job.job.state, JobState::Done, "what is missing is reported, not retried for ever: {job:?}");
        }
        let partial = runs(app, &account).await?;
        assert_eq!(outcomes(&partial), only(SyncOutcome::Partial));
        let report = sum(&partial);
        assert_eq!((report.seen, report.added, report.tags_read, report.connections), (160, 160, 0, 0));
        let missing: BTreeSet<_> = report.problems.iter().filter_map(|p| p.missing_permission.as_deref()).collect();
        let wanted = ["workspaces:DescribeTags", "workspaces:DescribeWorkspacesConnectionStatus"];
        assert_eq!(missing, BTreeSet::from(wanted));
        assert_eq!(workspaces(app.client(), "").await?.len(), 160);

        // Granted again: the next run brings in what was missing.
        app.faults(&[])?;
        app.sync(account.id).await?;
        let whole = runs(app, &account).await?;
        assert_eq!(outcomes(&whole), only(SyncOutcome::Whole));
        assert_eq!(sum(&whole).tags_read, 160);
        Ok(())
    }
}

app_test! {
    async fn without_the_inventory_nothing_is_gone(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        app.faults(&["deny:DescribeWorkspaces"])?;
        app.sync(account.id).await?;
        let failed = runs(app, &account).await?;
        assert_eq!(outcomes(&failed), only(SyncOutcome::Failed), "{failed:?}");
        assert!(sum(&failed).problems.iter().any(|p| p.missing_permission.as_deref() == Some("workspaces:DescribeWorkspaces")));
        assert_eq!(sum(&failed).gone, 0);
        assert_eq!(workspaces(app.client(), "").await?.len(), 160, "absence was not seen, so nobody is gone");
        Ok(())
    }
}

app_test! {
    async fn a_page_that_fails_once_is_asked_for_again(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        app.faults(&["page:DescribeWorkspaces:2*2", "throttle:DescribeTags:0.1", "malformed:DescribeDirectories*1"])?;
        for job in app.sync(account.id).await? {
            assert_eq!((job.job.state, job.job.attempts), (JobState::Done, 1), "{job:?}");
        }
        let whole = runs(app, &account).await?;
        assert_eq!(outcomes(&whole), only(SyncOutcome::Whole), "{whole:?}");
        assert_eq!(sum(&whole).added, 160);
        Ok(())
    }
}

app_test! {
    async fn a_page_that_keeps_failing_is_resumed_by_a_later_attempt(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_named_in("Resumed", &["us-east-1"]).await?;
        // us-east-1 has 112 WorkSpaces, five pages. The third fails for as long as one attempt of the job lasts.
        app.faults(&["page:DescribeWorkspaces:3*4"])?;
        let job: JobDetailView = app.sync(account.id).await?.remove(0);
        assert_eq!(job.job.state, JobState::Done, "{job:?}");
        let outcomes_seen: Vec<_> = job.attempts.iter().rev().filter_map(|a| a.outcome).collect();
        assert_eq!(outcomes_seen, [AttemptOutcome::Retry, AttemptOutcome::Done], "{job:?}");
        let asked = app.simulator().counts()["DescribeWorkspaces"];
        let looks = looks_at_what_moves(app).await?;
        assert!((5 + 4..=5 + 4 + looks).contains(&asked.requests), "it went on at the third page: {asked:?}");
        assert_eq!(asked.failed, 4, "{asked:?}");
        assert_eq!(workspaces(app.client(), "").await?.len(), 112);
        Ok(())
    }
}

app_test! {
    async fn what_aws_no_longer_shows_is_gone_and_may_come_back(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        let before = workspaces(app.client(), "").await?;
        let victims: BTreeSet<_> = before.iter().step_by(30).map(|w| w.aws_id.clone()).collect();
        for id in &victims {
            assert!(app.simulator().delete_workspace(id));
        }
        app.sync(account.id).await?;
        assert_eq!(sum(&runs(app, &account).await?).gone, victims.len() as u64);
        let left: BTreeSet<_> = workspaces(app.client(), "").await?.into_iter().map(|w| w.aws_id).collect();
        assert_eq!(left.len(), before.len() - victims.len());
        assert!(left.is_disjoint(&victims));
        let gone = workspaces(app.client(), "gone=true").await?;
        assert_eq!(gone.iter().map(|w| w.aws_id.clone()).collect::<BTreeSet<_>>(), victims);
        assert!(gone.iter().all(|w| w.gone_at.is_some()));
        let detail: WorkspaceDetailView = app.client().get(&with_id(WORKSPACE, gone[0].id)).await?.ok()?;
        assert!(detail.actions.iter().all(|a| !a.possible), "nothing can be done with it: {:?}", detail.actions);

        app.sync(account.id).await?;
        assert_eq!(sum(&runs(app, &account).await?).gone, 0, "told once");
        Ok(())
    }
}

app_test! {
    async fn what_boto3_stops_and_starts_is_seen_after_a_sync(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        let pick = async |state: &str| -> Result<_> {
            Ok(workspaces(app.client(), &format!("state={state}&running_mode=AUTO_STOP&region=us-east-1")).await?.remove(0))
        };
        let (running, stopped) = (pick("AVAILABLE").await?, pick("STOPPED").await?);
        let arguments = ["--endpoint", app.simulator_url(), "--stop", &running.aws_id, "--start", &stopped.aws_id];
        let Some(said) = outside::python("stop_start.py", &arguments).await? else { return Ok(()) };
        assert_eq!(said["failed"], serde_json::json!([]), "{said}");
        app.sync(account.id).await?;
        assert_eq!(sum(&runs(app, &account).await?).changed, 2);
        for (id, state) in [(running.id, "STOPPED"), (stopped.id, "AVAILABLE")] {
            let detail: WorkspaceDetailView = app.client().get(&with_id(WORKSPACE, id)).await?.ok()?;
            assert_eq!(detail.workspace.state.as_str(), state);
            assert_eq!(detail.history.len(), 2, "{:?}", detail.history);
        }
        Ok(())
    }
}
