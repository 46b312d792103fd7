//! Jobs: list, detail, cancelling and trying again.

use contract::accounts::AccountView;
use contract::jobs::{JobDetailView, JobView};
use contract::page::Page;
use contract::paths::{JOB, JOB_CANCEL, JOB_RETRY, JOBS, with_id};
use domain::jobs::{AttemptOutcome, JobState};
use testkit::app::TestAppOptions;
use testkit::app_test;
use uuid::Uuid;

use crate::support::whole_list;

app_test! {
    async fn jobs_are_listed_with_their_attempts_and_logs(app: TestAppOptions::default()) {
        app.create_owner().await?;
        let account: AccountView = app.connect_simulated_and_sync().await?;
        let client = app.client();
        let (jobs, _) = whole_list::<JobView>(client, JOBS, "kind=sync-workspaces").await?;
        assert_eq!(jobs.len(), 2);
        for job in &jobs {
            assert_eq!((job.state, job.attempts, job.account_id), (JobState::Done, 1, Some(account.id)));
            assert_eq!(job.progress.total, Some(job.progress.done), "{:?}", job.progress);
            assert!(job.subject.contains(&account.name), "{}", job.subject);
            let detail: JobDetailView = client.get(&with_id(JOB, job.id)).await?.ok()?;
            assert_eq!(&detail.job, job);
            assert_eq!(detail.attempts.len(), 1);
            assert_eq!(detail.attempts[0].outcome, Some(AttemptOutcome::Done));
            assert!(detail.attempts[0].finished_at >= Some(detail.attempts[0].started_at));
            let report = detail.result.expect("a sync reports");
            assert_eq!(report["report"]["problems"], serde_json::json!([]), "{report}");
        }
        // Pages, newest first, each once; filters that match nothing.
        let (paged, pages) = whole_list::<JobView>(client, JOBS, "limit=1&kind=sync-workspaces").await?;
        assert_eq!((paged.len(), pages), (2, 2));
        assert!(paged[0].created_at >= paged[1].created_at);
        let none: Page<JobView> = client.get(&format!("{JOBS}?kind=sync-workspaces&state=dead,cancelled")).await?.ok()?;
        assert_eq!((none.items.len(), none.total), (0, 0));
        let problem = client.get(&format!("{JOBS}?state=asleep")).await?.refused(400, "invalid_query")?;
        assert!(problem.errors[0].message.contains("queued"), "the choices are named: {problem:?}");
        client.get(&format!("{JOBS}?cursor=nonsense")).await?.refused(400, "bad_cursor")?;
        client.get(&with_id(JOB, Uuid::nil())).await?.refused(404, "not_found")?;
        client.post_empty(&with_id(JOB_CANCEL, jobs[0].id)).await?.refused(409, "conflict")?;
        client.post_empty(&with_id(JOB_RETRY, jobs[0].id)).await?.refused(409, "conflict")?;
        Ok(())
    }
}

app_test! {
    async fn a_waiting_job_can_be_cancelled_and_tried_again(app: TestAppOptions { worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        let ids = app.start_sync(account.id).await?;
        let client = app.client();
        let waiting: JobDetailView = client.get(&with_id(JOB, ids[0])).await?.ok()?;
        assert_eq!((waiting.job.state, waiting.attempts.len()), (JobState::Queued, 0));
        let cancelled: JobView = client.post_empty(&with_id(JOB_CANCEL, ids[0])).await?.ok()?;
        assert_eq!(cancelled.state, JobState::Cancelled);
        client.post_empty(&with_id(JOB_CANCEL, ids[0])).await?.refused(409, "conflict")?;
        let again: JobView = client.post_empty(&with_id(JOB_RETRY, ids[0])).await?.ok()?;
        assert_eq!((again.id, again.state), (ids[0], JobState::Queued));
        client.post_empty(&with_id(JOB_RETRY, ids[0])).await?.refused(409, "conflict")?;
        for path in [JOB_CANCEL, JOB_RETRY] {
            client.post_empty(&with_id(path, Uuid::nil())).await?.refused(404, "not_found")?;
        }
        app.leave_open_jobs();
        Ok(())
    }
}

app_test! {
    async fn a_running_job_sees_that_it_is_cancelled(app: TestAppOptions { simulated_workspaces: 400, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        app.faults(&["slow:DescribeTags:400ms", "slow:DescribeWorkspaces:400ms"])?;
        let ids = app.start_sync(account.id).await?;
        let mut stream = app.client().events(None).await?;
        stream
            .until("it runs", std::time::Duration::from_secs(20), |event| {
                matches!(event, contract::events::Event::Job { id, state: JobState::Running, .. } if *id == ids[0])
            })
            .await?;
        let asked: JobView = app.client().post_empty(&with_id(JOB_CANCEL, ids[0])).await?.ok()?;
        assert!(asked.cancel_requested);
        let ended = app.wait_for_job(ids[0]).await?;
        assert_eq!(ended.job.state, JobState::Cancelled, "{ended:?}");
        assert_eq!(ended.attempts.last().and_then(|a| a.outcome), Some(AttemptOutcome::Cancelled));
        app.faults(&[])?;
        for id in &ids[1..] {
            app.wait_for_job(*id).await?;
        }
        Ok(())
    }
}
