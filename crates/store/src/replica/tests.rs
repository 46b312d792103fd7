use super::*;
use crate::db::{Backend, DbOptions, connect, connect_replica};

/// A moment so many seconds after another.
fn after(start: Instant, seconds: u64) -> Instant {
    start + Duration::from_secs(seconds)
}

#[test]
fn it_is_as_old_as_the_newest_place_that_it_has_replayed() {
    let (mut known, start) = (Positions::default(), Instant::now());
    assert_eq!(known.replayed(100), None, "nobody knows what 100 means");
    known.written(100, start);
    assert_eq!(known.replayed(99), None);
    known.written(200, after(start, 1));
    known.written(300, after(start, 2));
    assert_eq!(known.replayed(250), Some(after(start, 1)));
    assert_eq!(known.replayed(250), Some(after(start, 1)), "it stands still");
    assert_eq!(known.replayed(300), Some(after(start, 2)));
}

#[test]
fn a_primary_that_writes_nothing_leaves_nobody_behind() {
    let (mut known, start) = (Positions::default(), Instant::now());
    for second in 0..10 {
        known.written(100, after(start, second));
        assert_eq!(known.replayed(100), Some(after(start, second)));
    }
    known.written(100, after(start, 10));
    known.written(100, after(start, 11));
    assert_eq!(known.replayed(100), Some(after(start, 11)));
}

#[test]
fn of_one_that_is_days_behind_an_hour_is_remembered() {
    let (mut known, start) = (Positions::default(), Instant::now());
    for second in 0..10_000 {
        known.written(i64::try_from(second).unwrap(), after(start, second));
        assert_eq!(known.replayed(-1), None);
    }
    assert_eq!(known.replayed(6_399), None, "forgotten");
    assert_eq!(known.replayed(6_400), Some(after(start, 6_400)));
    assert_eq!(known.replayed(9_999), Some(after(start, 9_999)));
}

/// Whether it says so in the end. Looks every second, as the replica is looked at.
async fn becomes(replica: &Replica, state: ReplicaState) {
    let mut seen = replica.0.state.subscribe();
    let seen = timeout(Duration::from_secs(60), seen.wait_for(|seen| *seen == state)).await;
    assert!(seen.is_ok_and(|seen| seen.is_ok()), "{}", replica.state());
}

#[tokio::test]
async fn what_is_no_replica_is_not_asked_and_nothing_is_missed() {
    let Some(database) = crate::test_database::TestDatabase::migrated(Backend::Postgres).await.unwrap() else { return };
    let primary = connect(&database.options()).await.unwrap();
    // The same server takes writes itself; where nobody listens nothing answers.
    let away = DbOptions::new("postgres://nobody@127.0.0.1:1/nothing");
    for (options, state) in [(database.options(), ReplicaState::Stranger), (away, ReplicaState::Away)] {
        let replica = connect_replica(&options, Duration::from_secs(10)).await.unwrap();
        let reading = primary.clone().with_replica(replica.clone()).reading();
        assert_eq!(Sql::new(&reading).text("SELECT COUNT(*) FROM workspace").count(&reading).await.unwrap(), 0);
        tokio::select! {
            () = replica.watch(&primary) => {}
            () = becomes(&replica, state) => {}
        }
        assert_eq!(Sql::new(&reading).text("SELECT COUNT(*) FROM workspace").count(&reading).await.unwrap(), 0);
    }
    assert!(primary.replica().is_none(), "it was given to others");
}
