//! Schedules: a change replaces the one before; the last tick of each name is found.

use chrono::{Duration, DurationRound as _};
use domain::jobs::JobState;

use super::*;
use crate::queue::{NewJob, tick};
use crate::repo::jobs::{JobScope, job_fetch};
use crate::testing::db_test;

db_test! {
    async fn a_change_replaces_the_one_before(test) {
        let by = UserId(test.env.new_id());
        let change = ScheduleUpdate {
            name: "sync-usage".to_owned(),
            period_secs: Some(600),
            paused: false,
            by: Some(by),
            by_name: "ops@example.com".to_owned(),
            at: test.now(),
        };
        assert_eq!(schedule_fetch(&test.db, "sync-usage").await.unwrap(), None);
        schedule_put(&test.db, &change).await.unwrap();
        let first = ScheduleRecord {
            name: "sync-usage".to_owned(),
            period_secs: Some(600),
            paused: false,
            updated_at: test.now(),
            updated_by: Some(by),
            updated_by_name: "ops@example.com".to_owned(),
        };
        assert_eq!(schedule_fetch(&test.db, "sync-usage").await.unwrap(), Some(first.clone()));
        test.advance(Duration::seconds(1));
        let back = ScheduleUpdate {
            period_secs: None, paused: true, by: None, by_name: "system".to_owned(), at: test.now(), ..change.clone()
        };
        schedule_put(&test.db, &back).await.unwrap();
        let endless = ScheduleUpdate { name: "prune".to_owned(), period_secs: Some(u32::MAX), ..change };
        schedule_put(&test.db, &endless).await.unwrap();
        let listed = schedule_list(&test.db).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["prune", "sync-usage"]);
        assert_eq!(listed[0].period_secs, Some(2_147_483_647));
        let expected = ScheduleRecord {
            period_secs: None, paused: true, updated_at: test.now(), updated_by: None, updated_by_name: "system".to_owned(), ..first
        };
        assert_eq!(listed[1], expected);
    }

    async fn the_last_tick_of_each_name(test) {
        assert_eq!(schedule_last_ticks(&test.db).await.unwrap(), []);
        let start = test.now().duration_trunc(Duration::minutes(5)).unwrap();
        for (name, times) in [("sync-usage:b", 3), ("prune", 1), ("sync-usage:a", 2)] {
            for number in 0..times {
                let mut job = NewJob::new("prune", "Housekeeping", serde_json::json!({}));
                job.unique_key = Some(name.to_owned());
                tick(&test.db, &test.env, name, start + Duration::minutes(5 * number), job).await.unwrap();
            }
        }
        let last = schedule_last_ticks(&test.db).await.unwrap();
        let at: Vec<_> = last.iter().map(|one| (one.name.as_str(), (one.tick - start).num_minutes())).collect();
        assert_eq!(at, [("prune", 0), ("sync-usage:a", 5), ("sync-usage:b", 10)]);
        let job = job_fetch(&test.db, &JobScope::everything(), last[0].job_id.unwrap()).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Queued);
    }
}
