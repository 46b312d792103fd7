//! The queue of one worker process, on both databases: behind apalis, what it holds, what it tells runs.

use domain::jobs::rules::ACTION_PRIORITY;

use super::*;
use crate::sql::Sql;

db_test! {
    async fn the_queue_runs_behind_apalis(test) {
        use apalis_core::worker::builder::WorkerBuilder;
        use apalis_core::worker::context::WorkerContext;

        let jobs = (0..200).map(|_| NewJob { max_attempts: 9, ..job("noop") }).collect();
        enqueue_many(&test.db, &test.env, jobs).await.unwrap();
        let queue = JobQueue::start(test.db.clone(), test.env.clone(), QueueOptions::new("w1", vec![], 16));
        let runner = queue.clone();
        let service = move |job: ClaimedJob, ctx: WorkerContext| {
            let queue = runner.clone();
            async move {
                assert!(queue.held() <= 16);
                let finish = Finish::Done { result: None };
                queue.finish(&job.lease, finish).await.unwrap();
                let done = JobFilter { states: vec![JobState::Done], ..JobFilter::default() };
                if job_count(queue.db(), &JobScope::everything(), &done).await.unwrap() == 200 {
                    // The last one stops the worker; another may have done so just before.
                    drop(ctx.stop());
                }
            }
        };
        let worker = WorkerBuilder::new("w1").backend(queue.backend()).build(service);
        tokio::time::timeout(Wait::from_secs(120), worker.run()).await.unwrap().unwrap();
        assert_eq!(queue.held(), 0);
        let mut times: HashMap<JobId, usize> = HashMap::new();
        for record in events_after(&test.db, 0, 10_000).await.unwrap() {
            if let Event::Job { id, state: JobState::Done, .. } = record.event {
                *times.entry(id).or_default() += 1;
            }
        }
        assert_eq!((times.len(), times.values().all(|n| *n == 1)), (200, true));
    }

    async fn a_held_job_is_told_to_stop_and_handed_back(test) {
        let mut queue = JobQueue::start(
            test.db.clone(),
            test.env.clone(),
            QueueOptions { heartbeat_interval: Wait::from_millis(50), ..QueueOptions::new("w1", vec![], 4) },
        );
        let (a, b) = (put(test, job("a")).await, put(test, job("b")).await);
        let held = queue.next().await;
        assert_eq!((held.len(), queue.held()), (2, 2));
        let lease = |id| &held.iter().find(|job| job.id() == id).unwrap().lease;
        let mut stop = queue.stop_signal(lease(a));
        assert_eq!(stop.reason(), None);
        cancel(&test.db, a, test.now()).await.unwrap();
        let reason = tokio::time::timeout(Wait::from_secs(20), stop.stopped()).await.unwrap();
        assert_eq!(reason, StopReason::Cancelled);
        assert_eq!(queue.stop_signal(lease(b)).reason(), None);
        queue.stop_claiming();
        queue.stop_runs();
        assert_eq!(queue.stop_signal(lease(b)).reason(), Some(StopReason::Shutdown));
        assert_eq!(queue.hand_back_rest().await.unwrap(), 2);
        assert_eq!((state(test, a).await, state(test, b).await), (JobState::Cancelled, JobState::Queued));
    }

    async fn a_wish_to_cancel_is_seen_between_the_signs_of_life_though_no_nudge_tells_of_it(test) {
        let an_hour = Wait::from_secs(3600);
        let options = QueueOptions { heartbeat_interval: an_hour, ..QueueOptions::new("w1", vec![], 4) };
        let mut queue = JobQueue::start(test.db.clone(), test.env.clone(), options);
        let (a, b) = (put(test, job("a")).await, put(test, job("b")).await);
        let held = queue.next().await;
        let signal = |id| queue.stop_signal(&held.iter().find(|job| job.id() == id).unwrap().lease);
        let (mut stop, other) = (signal(a), signal(b));
        // What `cancel` writes, without its nudge.
        Sql::new(&test.db)
            .text("UPDATE job SET cancel_requested = true WHERE id = ")
            .bind(a.0)
            .execute(&test.db)
            .await
            .unwrap();
        let reason = tokio::time::timeout(Wait::from_secs(20), stop.stopped()).await.expect("nobody looked");
        assert_eq!((reason, other.reason()), (StopReason::Cancelled, None));
    }

    async fn no_account_has_every_place_of_a_worker(test) {
        let options = QueueOptions { poll_interval: Wait::from_millis(300), ..QueueOptions::new("w1", vec![], 4) };
        let mut queue = JobQueue::start(test.db.clone(), test.env.clone(), options);
        let (slow, other) = (test.account().await.account_id, test.account().await.account_id);
        let of = |account, kind| NewJob { account_id: Some(account), ..job(kind) };
        let mut waiting = Vec::new();
        for _ in 0..6 {
            waiting.push(put(test, of(slow, "sync")).await);
        }
        let kinds = |jobs: Vec<ClaimedJob>| jobs.into_iter().map(|job| (job.account_id, job.kind)).collect::<Vec<_>>();
        let first = queue.next().await;
        assert_eq!(first.len(), 3, "one place is left");
        assert_eq!(queue.next().await.len(), 0, "and kept");
        // Another account has it at once; so has an action that somebody waits for, and work of no account.
        put(test, of(other, "sync")).await;
        let theirs = queue.next().await;
        assert_eq!(kinds(theirs.clone()), [(Some(other), "sync".to_owned())]);
        let done = Finish::Done { result: None };
        queue.finish(&theirs[0].lease, done.clone()).await.unwrap();
        put(test, NewJob { priority: ACTION_PRIORITY, ..of(slow, "stop") }).await;
        let action = queue.next().await;
        assert_eq!(kinds(action.clone()), [(Some(slow), "stop".to_owned())]);
        queue.finish(&action[0].lease, done.clone()).await.unwrap();
        put(test, job("prune")).await;
        let aside = queue.next().await;
        assert_eq!(kinds(aside.clone()), [(None, "prune".to_owned())]);
        queue.finish(&aside[0].lease, done.clone()).await.unwrap();
        // When one of the account's ends, its next one follows without waiting for the next look.
        assert_eq!(queue.next().await.len(), 0);
        queue.finish(&first[0].lease, done).await.unwrap();
        assert_eq!(queue.next().await.len(), 1);
        assert_eq!(queue.held(), 3);
        assert_eq!(waiting.len(), 6);
    }

    async fn a_job_that_comes_back_to_its_worker_is_held_anew(test) {
        let mut queue = JobQueue::start(
            test.db.clone(),
            test.env.clone(),
            QueueOptions { heartbeat_interval: Wait::from_millis(50), ..QueueOptions::new("w1", vec![], 4) },
        );
        let id = put(test, job("a")).await;
        let first = queue.next().await.remove(0).lease;
        let mut old = queue.stop_signal(&first);
        let silent = test.now() + Duration::seconds(1);
        // A row that its heartbeat holds at this very moment is left to the next look.
        let requeued = loop {
            let requeued = reap_orphans(&test.db, silent, test.now()).await.unwrap().requeued;
            if !requeued.is_empty() {
                break requeued;
            }
        };
        assert_eq!(requeued, [id]);
        let second = loop {
            if let Some(again) = queue.next().await.pop() {
                break again.lease;
            }
        };
        assert_eq!((second.id, first.claim, second.claim), (id, 1, 2));
        assert_eq!(tokio::time::timeout(Wait::from_secs(20), old.stopped()).await.unwrap(), StopReason::Lost);
        // The end of the run before neither ends the job nor takes it from the run that has it now.
        let finish = Finish::Done { result: None };
        assert_eq!(queue.finish(&first, finish.clone()).await.unwrap(), Finished::LostClaim);
        assert_eq!((queue.held(), queue.stop_signal(&first).reason()), (1, Some(StopReason::Lost)));
        let mut new = queue.stop_signal(&second);
        assert_eq!(new.reason(), None);
        cancel(&test.db, id, test.now()).await.unwrap();
        let reason = tokio::time::timeout(Wait::from_secs(20), new.stopped()).await.unwrap();
        assert_eq!(reason, StopReason::Cancelled);
        assert_eq!(queue.finish(&second, Finish::Cancelled).await.unwrap(), Finished::Saved(JobState::Cancelled));
        assert_eq!(queue.held(), 0);
    }
}
