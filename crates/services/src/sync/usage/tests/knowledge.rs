//! What usage claims to know, and what one bad answer does to the others.

use super::*;

both_databases! {
    async fn a_question_that_always_fails_holds_up_no_other(backend) {
        // Which ones share a question is chance; five of them are in each of the first.
        let Some(trial) = Trial::new(backend, 40).await else { return };
        for number in 0..40 {
            trial.watch.connect(number, "2026-03-01T07:00:00Z", "2026-03-01T09:00:00Z");
        }
        let mut ids: Vec<_> = (0..40).map(|number| (trial.id(number), number)).collect();
        ids.sort_unstable();
        let first = ids[0].1;
        let refused = CloudError::Refused {
            operation: OPERATION.to_owned(), code: "ValidationError".to_owned(), reason: "no such metric".to_owned(),
        };
        let timed_out = CloudError::Unavailable { operation: OPERATION.to_owned(), reason: "it took too long".to_owned() };
        for error in [timed_out, refused] {
            let passing = error.is_transient();
            *trial.watch.0.cursed.lock().unwrap() = Some((format!("ws-{first:09}"), error));
            let run = RecordedRun::new(trial.harness.job_id());
            for _ in 0..2 {
                match trial.attempt(&run).await {
                    Err(JobError::Retry { .. }) if passing => {}
                    Ok(done) if !passing => assert_eq!(done.outcome, SyncOutcome::Partial),
                    other => panic!("{other:?}"),
                }
                trial.harness.advance(3600);
            }
            crate::sync::close_run(&trial.harness.ctx, run.id, "no attempt is left").await.unwrap();
            let state = trial.state(40).await;
            let read = state.iter().filter(|(days, _, _)| days.len() == 1).count();
            assert!((20..40).contains(&read), "{read} of 40");
            assert!(state.iter().filter(|(_, _, measures)| *measures > 0).count() >= read - 10, "and the measures");
        }
        *trial.watch.0.cursed.lock().unwrap() = None;
        assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
        assert!(trial.state(40).await.iter().all(|(days, _, _)| days.len() == 1));
    }

    async fn what_is_forgotten_at_once_is_not_read_again_and_again(backend) {
        let Some(trial) = Trial::new(backend, 3).await else { return };
        trial.harness.ctx.policy.change(|policy| policy.retention.usage_interval_days = 10);
        trial.sync().await;
        let asked = trial.watch.0.asked.lock().unwrap().clone();
        assert_eq!(asked[0].from, "2026-02-19T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        trial.harness.advance(86_400);
        let before = "2026-02-20T00:00:00Z".parse().unwrap();
        usage_coverage::usage_coverage_forget(&trial.harness.ctx.db, before, 100).await.unwrap();
        trial.watch.0.asked.lock().unwrap().clear();
        assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
        let asked = trial.watch.0.asked.lock().unwrap().clone();
        assert_eq!(asked[0].from, "2026-03-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap(), "only what is new");
    }

    async fn what_is_forgotten_meanwhile_is_not_taken_for_known_again(backend) {
        let Some(trial) = Trial::new(backend, 2).await else { return };
        trial.sync().await;
        trial.harness.advance(3600);
        let (before, db) = ("2026-02-20T00:00:00Z".parse().unwrap(), trial.harness.ctx.db.clone());
        *trial.watch.0.forget.lock().unwrap() = Some((db, before));
        trial.sync().await;
        let kind = SyncKind::Usage;
        let set = data_set_fetch(&trial.harness.ctx.db, trial.account, &trial.harness.region(), kind).await.unwrap();
        assert_eq!(set.covered_from, Some(before));
        assert_eq!(set.covered_to, Some("2026-03-01T13:00:00Z".parse().unwrap()));
    }

    async fn a_longer_past_joins_what_is_known(backend) {
        let Some(trial) = Trial::new(backend, 2).await else { return };
        trial.harness.advance(10 * 86_400);
        trial.harness.ctx.policy.change(|policy| policy.sync.usage_backfill_days = 10);
        trial.sync().await;
        trial.harness.ctx.policy.change(|policy| policy.sync.usage_backfill_days = 100);
        trial.harness.advance(3600);
        trial.sync().await;
        let kind = SyncKind::Usage;
        let set = data_set_fetch(&trial.harness.ctx.db, trial.account, &trial.harness.region(), kind).await.unwrap();
        assert_eq!(set.covered_from, Some("2025-12-01T00:00:00Z".parse().unwrap()));
        assert_eq!(set.covered_to, Some("2026-03-11T13:00:00Z".parse().unwrap()));
        trial.harness.advance(3600);
        trial.watch.0.asked.lock().unwrap().clear();
        trial.sync().await;
        assert_eq!(trial.watch.0.asked.lock().unwrap().len(), 1, "it is not read again");
    }

    async fn one_that_was_never_read_is_a_gap_of_the_place(backend) {
        let Some(trial) = Trial::new(backend, 2).await else { return };
        trial.sync().await;
        trial.harness.fleet.change(|s| {
            let found = observed(9, WorkspaceState::Available);
            s.workspaces.insert(found.aws_id.clone(), found);
        });
        trial.watch.0.partial.lock().unwrap().push("ws-000000009".to_owned());
        trial.harness.advance(3600);
        trial.inventory().await;
        assert_eq!(trial.sync().await.outcome, SyncOutcome::Partial);
        let kind = SyncKind::Usage;
        let region = trial.harness.region();
        let set = data_set_fetch(&trial.harness.ctx.db, trial.account, &region, kind).await.unwrap();
        assert_eq!(set.gaps.len(), 1, "{set:?}");
        assert_eq!((Some(set.gaps[0].from), Some(set.gaps[0].to)), (set.covered_from, set.covered_to));
        trial.watch.0.partial.lock().unwrap().clear();
        trial.harness.advance(3600);
        trial.sync().await;
        let set = data_set_fetch(&trial.harness.ctx.db, trial.account, &region, kind).await.unwrap();
        assert_eq!((set.gaps.len(), set.covered_to), (0, Some("2026-03-01T14:00:00Z".parse().unwrap())));
    }
}

#[tokio::test]
async fn what_a_nonsense_point_hides_is_not_taken_for_known() {
    let trial = Trial::new(store::Backend::Sqlite, 1).await.unwrap();
    trial.watch.connect(0, "2026-02-10T10:00:00Z", "2026-02-10T10:30:00Z");
    let hidden = "2026-02-10T10:10:00Z".parse::<DateTime<Utc>>().unwrap();
    *trial.watch.0.noise.lock().unwrap() = vec![(hidden.timestamp(), f64::NAN)];
    let done = trial.sync().await;
    // The questions by the hour get it too, and it is outside of what they ask for.
    assert_eq!((done.outcome, done.report.skipped), (SyncOutcome::Whole, 2), "{:?}", done.report);
    let kind = SyncKind::Usage;
    let covered_to = async || {
        let (db, region) = (&trial.harness.ctx.db, trial.harness.region());
        data_set_fetch(db, trial.account, &region, kind).await.unwrap().covered_to
    };
    assert_eq!(covered_to().await, Some(hidden), "known before it");
    trial.harness.advance(3600);
    assert_eq!(trial.sync().await.report.skipped, 1, "it is read again once");
    assert_eq!(covered_to().await, Some("2026-03-01T13:00:00Z".parse().unwrap()), "and stays as it is");
}

#[tokio::test]
async fn a_permission_that_is_taken_away_in_the_middle_ends_the_questions() {
    let trial = Trial::new(store::Backend::Sqlite, 200).await.unwrap();
    let denied = CloudError::Denied { operation: OPERATION.to_owned(), permission: OPERATION.to_owned() };
    for request in 12..2000 {
        trial.watch.fail(request, denied.clone());
    }
    let done = trial.sync().await;
    assert_eq!(done.outcome, SyncOutcome::Partial, "{:?}", done.report);
    assert!(trial.watch.calls() < 30, "{} questions", trial.watch.calls());
}
