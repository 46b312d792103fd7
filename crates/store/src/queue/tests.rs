//! The promises of the queue, on both databases.

use std::collections::{HashMap, HashSet};
use std::time::Duration as Wait;

use chrono::Duration;
use domain::event::Event;
use domain::ids::JobId;
use domain::jobs::{AttemptOutcome, JobProgress, JobState, LogLevel};
use serde_json::json;

use super::*;
use crate::db::Db;
use crate::repo::events::{events_after, events_latest_id};
use crate::repo::jobs::{JobFilter, JobQuery, JobScope, job_attempts, job_count, job_fetch, job_list, job_log_tail};
use crate::testing::{TestDb, db_test};

mod runtime;

fn job(kind: &str) -> NewJob {
    NewJob::new(kind, "a test", json!({ "n": 1 }))
}

async fn put(test: &TestDb, job: NewJob) -> JobId {
    match enqueue(&test.db, &test.env, job).await.unwrap() {
        Enqueued::New(id) => id,
        Enqueued::Existing(id) => panic!("{id} is there already"),
    }
}

async fn claim_one(test: &TestDb, worker: &str) -> ClaimedJob {
    claim(&test.db, worker, &[], 1, test.now()).await.unwrap().pop().expect("a job is due")
}

async fn end(test: &TestDb, lease: &Lease, finish: Finish) -> Finished {
    finish_many(&test.db, &test.env, &[(lease.clone(), finish)]).await.unwrap()[0]
}

async fn state(test: &TestDb, id: JobId) -> JobState {
    job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap().state
}

fn retry() -> Finish {
    Finish::Retry { error: "no luck".to_owned() }
}

db_test! {
    async fn a_job_goes_from_queued_to_done_and_tells(test) {
        let id = put(test, NewJob { account_id: None, priority: 3, ..job("sync") }).await;
        let claimed = claim_one(test, "w1").await;
        assert_eq!((claimed.id(), claimed.lease.claim, claimed.attempt), (id, 1, 1));
        assert_eq!(claimed.payload, json!({ "n": 1 }));
        assert!(claim(&test.db, "w2", &[], 5, test.now()).await.unwrap().is_empty());
        let running = job_attempts(&test.db, id).await.unwrap();
        assert_eq!((running.len(), running[0].outcome), (1, None));
        let done = end(test, &claimed.lease, Finish::Done { result: Some(json!({ "seen": 3 })) }).await;
        assert_eq!(done, Finished::Saved(JobState::Done));
        let row = job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap();
        assert_eq!((row.state, row.result, row.worker), (JobState::Done, Some(json!({ "seen": 3 })), None));
        assert_eq!(row.finished_at, Some(test.now()));
        let attempts = job_attempts(&test.db, id).await.unwrap();
        assert_eq!(attempts.iter().map(|a| a.outcome).collect::<Vec<_>>(), [Some(AttemptOutcome::Done)]);
        let told: Vec<_> = events_after(&test.db, 0, 10).await.unwrap().into_iter().map(|e| match e.event {
            Event::Job { id: of, state, .. } => { assert_eq!(of, id); state }
            other => panic!("{other:?}"),
        }).collect();
        assert_eq!(told, [JobState::Queued, JobState::Running, JobState::Done]);
    }

    async fn eight_claimers_share_500_jobs_each_once(test) {
        let jobs = (0..500).map(|_| job("noop")).collect();
        assert_eq!(enqueue_many(&test.db, &test.env, jobs).await.unwrap().len(), 500);
        let mut claimers = Vec::new();
        for number in 0..8 {
            let (db, env, now) = (test.another().await, test.env.clone(), test.now());
            claimers.push(tokio::spawn(async move {
                let worker = format!("w{number}");
                let mut mine = Vec::new();
                loop {
                    let some = claim(&db, &worker, &[], 7, now).await.unwrap();
                    if some.is_empty() {
                        db.close().await.unwrap();
                        return mine;
                    }
                    assert!(some.len() <= 7);
                    let ends: Vec<_> = some.iter().map(|job| (job.lease.clone(), Finish::Done { result: None })).collect();
                    let ended = finish_many(&db, &env, &ends).await.unwrap();
                    assert!(ended.iter().all(|end| *end == Finished::Saved(JobState::Done)), "{ended:?}");
                    mine.extend(some.into_iter().map(|job| job.id()));
                }
            }));
        }
        let mut all = Vec::new();
        for claimer in claimers {
            all.extend(claimer.await.unwrap());
        }
        assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (500, 500));
        let done = JobFilter { states: vec![JobState::Done], ..JobFilter::default() };
        assert_eq!(job_count(&test.db, &JobScope::everything(), &done).await.unwrap(), 500);
    }

    async fn a_void_lease_changes_nothing(test) {
        let id = put(test, job("slow")).await;
        let zombie = claim_one(test, "w1").await;
        test.advance(Duration::seconds(20));
        let reaped = reap_orphans(&test.db, test.now() - Duration::seconds(10), test.now()).await.unwrap();
        assert_eq!(reaped.requeued, [id]);
        let heir = claim_one(test, "w2").await;
        assert_eq!(heir.lease.claim, 2);
        assert_eq!(end(test, &zombie.lease, Finish::Done { result: None }).await, Finished::LostClaim);
        let lost = heartbeat(&test.db, "w1", std::slice::from_ref(&zombie.lease), test.now()).await.unwrap();
        assert_eq!(lost.lost, [id]);
        assert!(!progress(&test.db, &zombie.lease, &JobProgress::default(), test.now()).await.unwrap());
        assert!(!checkpoint_set(&test.db, &zombie.lease, &json!(1)).await.unwrap());
        assert_eq!(state(test, id).await, JobState::Running);
        assert_eq!(end(test, &heir.lease, Finish::Done { result: None }).await, Finished::Saved(JobState::Done));
        // The same worker again is no better than another one.
        assert_eq!(end(test, &heir.lease, retry()).await, Finished::LostClaim);
        let outcomes: Vec<_> = job_attempts(&test.db, id).await.unwrap().into_iter().map(|a| a.outcome).collect();
        assert_eq!(outcomes, [Some(AttemptOutcome::Orphaned), Some(AttemptOutcome::Done)]);
    }

    async fn a_heartbeat_keeps_a_job(test) {
        let id = put(test, job("slow")).await;
        let held = claim_one(test, "w1").await;
        for _ in 0..5 {
            test.advance(Duration::seconds(8));
            let beat = heartbeat(&test.db, "w1", std::slice::from_ref(&held.lease), test.now()).await.unwrap();
            assert_eq!(beat, Heartbeat::default());
            let reaped = reap_orphans(&test.db, test.now() - Duration::seconds(10), test.now()).await.unwrap();
            assert_eq!(reaped, Reaped::default());
        }
        assert_eq!(state(test, id).await, JobState::Running);
    }

    async fn one_job_for_each_key_waits_or_runs(test) {
        let keyed = || NewJob { unique_key: Some("sync:a".to_owned()), ..job("sync") };
        let id = put(test, keyed()).await;
        assert_eq!(enqueue(&test.db, &test.env, keyed()).await.unwrap(), Enqueued::Existing(id));
        let claimed = claim_one(test, "w1").await;
        assert_eq!(enqueue(&test.db, &test.env, keyed()).await.unwrap(), Enqueued::Existing(id));
        end(test, &claimed.lease, Finish::Fail { error: "broken".to_owned() }).await;
        let next = put(test, keyed()).await;
        assert_ne!(next, id);
        let refused = retry_by_hand(&test.db, id, test.now()).await.unwrap_err();
        assert!(refused.is_conflict("uq_job_unique_key"), "{refused:?}");
        let batch = vec![keyed(), job("other"), keyed()];
        let put = enqueue_many(&test.db, &test.env, batch).await.unwrap();
        assert_eq!((put[0], put[2]), (Enqueued::Existing(next), Enqueued::Existing(next)));
        assert!(matches!(put[1], Enqueued::New(_)));
    }

    async fn a_rolled_back_change_leaves_no_job(test) {
        let tx = test.db.begin().await.unwrap();
        let id = enqueue(&tx, &test.env, job("sync")).await.unwrap().id();
        tx.rollback().await.unwrap();
        assert_eq!(job_fetch(&test.db, &JobScope::everything(), id).await.unwrap(), None);
        assert_eq!(events_latest_id(&test.db).await.unwrap(), 0);
    }

    async fn a_job_that_kills_its_workers_is_dead_the_third_time(test) {
        let id = put(test, job("poison")).await;
        for round in 1..=3 {
            assert_eq!(state(test, id).await, JobState::Queued, "round {round}");
            let claimed = claim_one(test, &format!("w{round}")).await;
            assert_eq!(claimed.lease.claim, round);
            test.advance(Duration::seconds(20));
            reap_orphans(&test.db, test.now() - Duration::seconds(10), test.now()).await.unwrap();
        }
        let row = job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap();
        assert_eq!(row.state, JobState::Dead);
        assert!(row.error.as_deref().is_some_and(|e| e.contains("vanished 3 times") && e.contains("w3")), "{row:?}");
        assert_eq!(job_attempts(&test.db, id).await.unwrap().len(), 3);
        assert!(claim(&test.db, "w4", &[], 1, test.now()).await.unwrap().is_empty());
        assert_eq!(retry_by_hand(&test.db, id, test.now()).await.unwrap(), RetryOutcome::Queued);
        let again = claim_one(test, "w5").await;
        end(test, &again.lease, Finish::Done { result: None }).await;
        assert_eq!(state(test, id).await, JobState::Done);
        let late = retry_by_hand(&test.db, id, test.now()).await.unwrap();
        assert_eq!(late, RetryOutcome::WrongState(JobState::Done));
        assert_eq!(retry_by_hand(&test.db, JobId(test.env.new_id()), test.now()).await.unwrap(), RetryOutcome::NotFound);
    }

    async fn an_end_in_between_forgives_the_silence(test) {
        let id = put(test, NewJob { max_attempts: 99, ..job("flaky") }).await;
        for round in 0..4 {
            claim_one(test, "w1").await;
            test.advance(Duration::seconds(20));
            reap_orphans(&test.db, test.now() - Duration::seconds(10), test.now()).await.unwrap();
            let claimed = claim_one(test, "w2").await;
            assert_eq!(end(test, &claimed.lease, retry()).await, Finished::Saved(JobState::Queued), "{round}");
            test.advance(Duration::minutes(20));
        }
        assert_eq!(state(test, id).await, JobState::Queued);
    }

    async fn retries_wait_and_end(test) {
        let id = put(test, NewJob { max_attempts: 3, ..job("flaky") }).await;
        for attempt in 1..=2 {
            let claimed = claim_one(test, "w1").await;
            assert_eq!(claimed.attempt, attempt);
            assert_eq!(end(test, &claimed.lease, retry()).await, Finished::Saved(JobState::Queued));
            let row = job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap();
            let most = Duration::seconds(2 << (attempt - 1));
            assert!(row.run_at >= test.now() && row.run_at <= test.now() + most, "{row:?}");
            test.advance(Duration::seconds(60));
        }
        let last = claim_one(test, "w1").await;
        assert_eq!(end(test, &last.lease, retry()).await, Finished::Saved(JobState::Dead));
        let row = job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap();
        assert_eq!(row.error.as_deref(), Some("no luck (attempt 3, the last)"));
        let at = test.now() + Duration::hours(3);
        let later = put(test, job("later")).await;
        let claimed = claim_one(test, "w1").await;
        end(test, &claimed.lease, Finish::RetryAt { at, error: "not yet".to_owned() }).await;
        assert_eq!(job_fetch(&test.db, &JobScope::everything(), later).await.unwrap().unwrap().run_at, at);
        test.advance(Duration::hours(2));
        assert!(claim(&test.db, "w1", &[], 1, test.now()).await.unwrap().is_empty());
        test.advance(Duration::hours(1));
        assert_eq!(claim_one(test, "w1").await.id(), later);
    }

    async fn a_tick_is_taken_once_by_eight_racers(test) {
        let at = test.now();
        let mut racers = Vec::new();
        for _ in 0..8 {
            let (db, env) = (test.another().await, test.env.clone());
            racers.push(tokio::spawn(async move {
                let tx = db.begin().await.unwrap();
                let put = tick(&tx, &env, "sync", at, job("sync")).await.unwrap();
                tx.commit().await.unwrap();
                db.close().await.unwrap();
                put
            }));
        }
        let mut taken = 0;
        for racer in racers {
            taken += usize::from(racer.await.unwrap().is_some());
        }
        assert_eq!((taken, job_count(&test.db, &JobScope::everything(), &JobFilter::default()).await.unwrap()), (1, 1));
        assert!(tick(&test.db, &test.env, "sync", at + Duration::minutes(1), job("sync")).await.unwrap().is_some());
    }

    async fn waiting_jobs_are_cancelled_at_once_running_ones_are_asked(test) {
        let id = put(test, job("waiting")).await;
        assert_eq!(cancel(&test.db, id, test.now()).await.unwrap(), CancelOutcome::Cancelled);
        assert_eq!(cancel(&test.db, id, test.now()).await.unwrap(), CancelOutcome::TooLate(JobState::Cancelled));
        assert_eq!(job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap().finished_at, Some(test.now()));
        let id = put(test, job("running")).await;
        let claimed = claim_one(test, "w1").await;
        assert_eq!(cancel(&test.db, id, test.now()).await.unwrap(), CancelOutcome::Asked);
        assert_eq!(job_fetch(&test.db, &JobScope::everything(), id).await.unwrap().unwrap().finished_at, None);
        let beat = heartbeat(&test.db, "w1", std::slice::from_ref(&claimed.lease), test.now()).await.unwrap();
        assert_eq!(beat, Heartbeat { cancelled: vec![id], lost: vec![] });
        assert_eq!(end(test, &claimed.lease, Finish::Cancelled).await, Finished::Saved(JobState::Cancelled));
        // A failure that comes in after the wish to cancel is not tried again.
        let id = put(test, job("running")).await;
        let claimed = claim_one(test, "w1").await;
        cancel(&test.db, id, test.now()).await.unwrap();
        assert_eq!(end(test, &claimed.lease, retry()).await, Finished::Saved(JobState::Cancelled));
        let nobody = JobId(test.env.new_id());
        assert_eq!(cancel(&test.db, nobody, test.now()).await.unwrap(), CancelOutcome::NotFound);
    }

    async fn a_job_handed_back_costs_no_attempt(test) {
        let id = put(test, NewJob { max_attempts: 1, ..job("long") }).await;
        for round in 1..=5 {
            let claimed = claim_one(test, "w1").await;
            assert_eq!((claimed.lease.claim, claimed.attempt), (round, 1));
            assert!(checkpoint_set(&test.db, &claimed.lease, &json!({ "page": round })).await.unwrap());
            assert_eq!(end(test, &claimed.lease, Finish::HandBack).await, Finished::Saved(JobState::Queued));
        }
        let claimed = claim_one(test, "w1").await;
        assert_eq!(claimed.checkpoint, Some(json!({ "page": 5 })));
        assert_eq!(checkpoint_get(&test.db, id).await.unwrap(), Some(json!({ "page": 5 })));
    }

    async fn effects_happen_once(test) {
        let id = put(test, job("act")).await;
        assert!(effect_once(&test.db, id, "stop ws-1", test.now()).await.unwrap());
        assert!(!effect_once(&test.db, id, "stop ws-1", test.now()).await.unwrap());
        assert!(effect_once(&test.db, id, "stop ws-2", test.now()).await.unwrap());
    }

    async fn claims_go_by_priority_time_and_kind(test) {
        let late = put(test, NewJob { run_at: Some(test.now() + Duration::seconds(5)), ..job("a") }).await;
        let usual = put(test, job("a")).await;
        let urgent = put(test, NewJob { priority: 9, ..job("b") }).await;
        let only_a = ["a".to_owned()];
        test.advance(Duration::seconds(6));
        let ids = |jobs: Vec<ClaimedJob>| jobs.into_iter().map(|job| job.id()).collect::<Vec<_>>();
        assert_eq!(ids(claim(&test.db, "w", &only_a, 1, test.now()).await.unwrap()), [usual]);
        assert_eq!(ids(claim(&test.db, "w", &[], 9, test.now()).await.unwrap()), [urgent, late]);
    }

    async fn progress_log_and_list(test) {
        let mut ids = Vec::new();
        for number in 0..5 {
            test.advance(Duration::seconds(1));
            ids.push(put(test, job(if number % 2 == 0 { "even" } else { "odd" })).await);
        }
        let claimed = claim_one(test, "w1").await;
        let half = JobProgress { done: 5, total: Some(10), note: "page 2".to_owned() };
        assert!(progress(&test.db, &claimed.lease, &half, test.now()).await.unwrap());
        log(&test.db, ids[0], LogLevel::Warn, "slow\0 down", test.now()).await.unwrap();
        log(&test.db, ids[0], LogLevel::Info, "again", test.now()).await.unwrap();
        assert!(log(&test.db, JobId(test.env.new_id()), LogLevel::Info, "x", test.now()).await.is_err());
        assert_eq!(job_fetch(&test.db, &JobScope::everything(), ids[0]).await.unwrap().unwrap().progress, half);
        log(&test.db, ids[1], LogLevel::Info, "another's", test.now()).await.unwrap();
        log(&test.db, ids[0], LogLevel::Info, "and again", test.now()).await.unwrap();
        for (limit, expected) in [(9, vec!["slow down", "again", "and again"]), (2, vec!["again", "and again"]), (0, vec![])] {
            let lines = job_log_tail(&test.db, ids[0], limit).await.unwrap();
            assert_eq!(lines.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), expected, "the last {limit}");
        }
        let mut query = JobQuery { limit: 2, ..JobQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = job_list(&test.db, &JobScope::everything(), &query).await.unwrap();
            seen.extend(page.rows.into_iter().map(|row| row.id));
            query.cursor = page.next;
            if query.cursor.is_none() { break }
        }
        ids.reverse();
        assert_eq!(seen, ids);
        let even = JobQuery { filter: JobFilter { kinds: vec!["even".to_owned()], ..JobFilter::default() }, limit: 0, ..query };
        assert_eq!(job_list(&test.db, &JobScope::everything(), &even).await.unwrap().rows.len(), 3);
    }

    async fn what_ended_long_ago_is_forgotten_dead_jobs_later(test) {
        let (done, dead, waiting) = (put(test, job("a")).await, put(test, job("b")).await, put(test, job("c")).await);
        for (kind, finish) in [("a", Finish::Done { result: None }), ("b", Finish::Fail { error: "x".to_owned() })] {
            let claimed = claim(&test.db, "w", &[kind.to_owned()], 1, test.now()).await.unwrap().remove(0);
            effect_once(&test.db, claimed.id(), "e", test.now()).await.unwrap();
            end(test, &claimed.lease, finish).await;
        }
        test.advance(Duration::days(8));
        let pruned = prune(&test.db, test.now() - Duration::days(7), test.now() - Duration::days(90)).await.unwrap();
        assert_eq!(pruned.jobs, 1);
        assert_eq!(job_fetch(&test.db, &JobScope::everything(), done).await.unwrap(), None);
        assert_eq!((state(test, dead).await, state(test, waiting).await), (JobState::Dead, JobState::Queued));
        assert!(!effect_once(&test.db, dead, "e", test.now()).await.unwrap());
    }

    async fn a_nudge_comes_with_the_commit(test) {
        let mut wake = QueueWake::start(&test.db);
        let other: Db = test.another().await;
        // Until Postgres listens: the listener nudges once when it begins.
        if test.db.backend() == crate::db::Backend::Postgres {
            tokio::time::timeout(Wait::from_secs(20), wake.jobs()).await.unwrap();
        }
        wake.mark_jobs();
        let tx = other.begin().await.unwrap();
        enqueue(&tx, &test.env, job("a")).await.unwrap();
        tx.commit().await.unwrap();
        tokio::time::timeout(Wait::from_secs(20), wake.jobs()).await.unwrap();
        assert_eq!(claim(&test.db, "w", &[], 5, test.now()).await.unwrap().len(), 1);
        other.close().await.unwrap();
    }
}
