//! Accounts, people, sessions, runs and events, on both databases; and what the schema promises as a whole.

use chrono::Duration;
use domain::access::{Grant, Role, Scope};
use domain::account::Access;
use domain::event::Event;
use domain::ids::{AccountId, GrantId, JobId, SessionId, SyncRunId, UserId};
use domain::sync::{SyncKind, SyncOutcome, SyncReport};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::db::{Backend, Db, migrate};
use crate::error::StoreError;
use crate::repo::accounts::*;
use crate::repo::events::*;
use crate::repo::grants::*;
use crate::repo::sessions::*;
use crate::repo::sync_runs::*;
use crate::repo::users::*;
use crate::sql::Sql;
use crate::testing::{TestDb, db_test};

async fn user(test: &TestDb, email: &str) -> Result<UserId, StoreError> {
    let id = UserId(test.env.new_id());
    let new = NewUser {
        id,
        email: email.to_owned(),
        display_name: "A Person".to_owned(),
        password_hash: Some("$argon2id$…".to_owned()),
        at: test.now(),
    };
    user_insert(&test.db, &new).await?;
    let grant =
        NewGrant { id: GrantId(test.env.new_id()), user_id: id, grant: Grant::usual(Role::Owner), at: test.now() };
    grant_insert(&test.db, &grant).await.map(|()| id)
}

async fn session(test: &TestDb, user: UserId, hash: &str) -> Result<SessionId, StoreError> {
    let id = SessionId(test.env.new_id());
    let expires_at = test.now() + Duration::hours(12);
    let new = NewSession {
        id,
        user_id: user,
        token_hash: hash.to_owned(),
        at: test.now(),
        expires_at,
        user_agent: None,
        ip_address: None,
        method: "password".to_owned(),
    };
    session_insert(&test.db, &new).await.map(|()| id)
}

/// As long as a future is asked so many times for what it has not got yet.
async fn asked(times: u32) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

/// Whether no connection to this database stays in a transaction.
async fn comes_to_rest(watch: &Db) -> bool {
    let open = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..200 {
        if Sql::new(watch).text(open).count(watch).await.unwrap() == 0 {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    false
}

db_test! {
    async fn who_gives_up_in_the_middle_of_begin_leaves_no_transaction_open(test) {
        let watch = test.another().await;
        for times in (0..60).map(|step| step * step) {
            // Cut off at another moment each time; one that comes through would tidy up what an earlier one left.
            let cut = tokio::select! { biased; _ = test.db.begin() => false, () = asked(times) => true };
            if cut && test.db.backend() == Backend::Postgres {
                assert!(comes_to_rest(&watch).await, "{times}: a connection of the pool is in a transaction that nobody ends");
            }
        }
        // On SQLite one that stays open would keep every other writer out.
        watch.begin().await.unwrap().commit().await.unwrap();
    }

    async fn accounts_with_their_regions(test) {
        let id = AccountId(test.env.new_id());
        let region = |name: &str| name.parse().unwrap();
        let new = NewAccount {
            id,
            name: "Production".to_owned(),
            access: Access::Role { role_arn: "arn:aws:iam::1:role/x".to_owned(), external_id: Some("e".to_owned()) },
            endpoint_url: Some("http://127.0.0.1:5066".to_owned()),
            regions: vec![region("us-east-1"), region("eu-west-1")],
            at: test.now(),
        };
        account_insert(&test.db, &new).await.unwrap();
        let taken = NewAccount { id: AccountId(test.env.new_id()), name: "PRODUCTION".to_owned(), ..new.clone() };
        let refused = account_insert(&test.db, &taken).await.unwrap_err();
        assert!(refused.is_conflict("uq_account_name"), "{refused:?}");
        assert!(!refused.retryable() && refused.to_string().contains("uq_account_name"));
        account_region_insert(&test.db, id, &region("us-east-1")).await.unwrap();
        account_tested(&test.db, id, Some("123456789012"), &json!({ "ok": true }), test.now()).await.unwrap();
        let status = RegionStatus {
            status: "partial".to_owned(),
            last_error: Some("denied".to_owned()),
            missing_permission: Some("workspaces:DescribeTags".to_owned()),
            at: test.now(),
            whole: false,
        };
        account_region_set(&test.db, id, &region("eu-west-1"), &status).await.unwrap();
        let found = account_fetch_by_name(&test.db, "production").await.unwrap().unwrap();
        assert_eq!(Some(&found), account_fetch(&test.db, &Scope::Everything, id).await.unwrap().as_ref());
        assert_eq!(found.access, new.access);
        assert_eq!((found.aws_account_id.as_deref(), found.test_result), (Some("123456789012"), Some(json!({ "ok": true }))));
        let regions: Vec<_> = found.regions.iter().map(|r| (r.region.as_str(), r.status.as_str())).collect();
        assert_eq!(regions, [("eu-west-1", "partial"), ("us-east-1", "new")]);
        assert_eq!((found.regions[0].last_run_at, found.regions[0].last_whole_at), (Some(test.now()), None));
        let other = test.account().await;
        assert_eq!((account_list(&test.db, &Scope::Everything).await.unwrap().len(), account_count(&test.db).await.unwrap()), (2, 2));
        let nobody = AccountId(test.env.new_id());
        let missing = account_region_insert(&test.db, nobody, &region("eu-west-1")).await.unwrap_err();
        assert!(matches!(missing, StoreError::Missing { .. }), "{missing:?}");
        assert!(account_delete(&test.db, other.account_id).await.unwrap());
        assert!(!account_delete(&test.db, other.account_id).await.unwrap());
    }

    async fn people_and_their_sessions(test) {
        assert!(!owner_exists(&test.db).await.unwrap());
        let ada = user(test, "Ada@example.com").await.unwrap();
        assert!(owner_exists(&test.db).await.unwrap());
        assert!(user(test, "ada@EXAMPLE.com").await.unwrap_err().is_conflict("uq_app_user_email"));
        assert_eq!(user_fetch_by_email(&test.db, "ADA@example.com").await.unwrap().unwrap().id, ada);
        user_signed_in(&test.db, ada, test.now()).await.unwrap();
        assert!(user_password_set(&test.db, ada, "$new", test.now()).await.unwrap());
        let record = user_fetch(&test.db, ada).await.unwrap().unwrap();
        assert_eq!((record.password_hash.as_deref(), record.last_sign_in_at), (Some("$new"), Some(test.now())));
        assert!(!format!("{record:?}").contains("$new"));
        assert_eq!(user_list(&test.db).await.unwrap().len(), 1);

        let one = session(test, ada, "h1").await.unwrap();
        test.advance(Duration::seconds(1));
        let two = session(test, ada, "h2").await.unwrap();
        assert!(session(test, ada, "h1").await.unwrap_err().is_conflict("uq_session_token"));
        assert!(matches!(session(test, UserId(test.env.new_id()), "h3").await, Err(StoreError::Missing { .. })));
        let (found, whose, held) = session_fetch_by_token(&test.db, "h1", test.now()).await.unwrap().unwrap();
        assert_eq!((found.id, &whose), (one, &user_fetch(&test.db, ada).await.unwrap().unwrap()));
        assert_eq!((held.len(), &held[0].grant), (1, &Grant::usual(Role::Owner)));
        test.advance(Duration::minutes(1));
        session_touch(&test.db, two, test.now(), test.now()).await.unwrap();
        let used_after = test.now() - Duration::hours(1);
        let page = session_list(&test.db, ada, test.now(), used_after, 10, None).await.unwrap();
        let listed: Vec<_> = page.rows.iter().map(|s| s.id).collect();
        assert_eq!(listed, [two, one]);
        let mallory = UserId(test.env.new_id());
        assert!(!session_revoke(&test.db, mallory, one, test.now()).await.unwrap());
        assert!(session_revoke(&test.db, ada, one, test.now()).await.unwrap());
        assert_eq!(session_fetch_by_token(&test.db, "h1", test.now()).await.unwrap(), None);
        assert!(session_revoke_by_token(&test.db, "h2", test.now()).await.unwrap());
        assert_eq!(session_revoke_all(&test.db, ada, None, test.now()).await.unwrap(), 0);
        session(test, ada, "h4").await.unwrap();
        test.advance(Duration::hours(12));
        assert_eq!(session_fetch_by_token(&test.db, "h4", test.now()).await.unwrap(), None);
        test.advance(Duration::seconds(1));
        assert_eq!(session_prune(&test.db, test.now(), 2).await.unwrap(), 2);
        assert_eq!(session_prune(&test.db, test.now(), 2).await.unwrap(), 1);
    }

    async fn a_setup_link_is_spent_once_by_ten_racers(test) {
        let expires = test.now() + Duration::hours(1);
        setup_token_insert(&test.db, test.env.new_id(), "first", test.now(), expires).await.unwrap();
        setup_token_insert(&test.db, test.env.new_id(), "second", test.now(), expires).await.unwrap();
        assert!(!setup_token_consume(&test.db, "first", test.now()).await.unwrap());
        let mut racers = Vec::new();
        for _ in 0..10 {
            let (db, now) = (test.db.clone(), test.now());
            racers.push(tokio::spawn(async move {
                let tx = db.begin().await.unwrap();
                let spent = setup_token_consume(&tx, "second", now).await.unwrap();
                tx.commit().await.unwrap();
                spent
            }));
        }
        let mut spent = 0;
        for racer in racers {
            spent += usize::from(racer.await.unwrap());
        }
        assert_eq!(spent, 1);
        setup_token_insert(&test.db, test.env.new_id(), "late", test.now(), expires).await.unwrap();
        test.advance(Duration::hours(1));
        assert!(!setup_token_consume(&test.db, "late", test.now()).await.unwrap());
    }

    async fn one_of_ten_racers_offers_the_setup_link(test) {
        let expires = test.now() + Duration::hours(1);
        let mut racers = Vec::new();
        for number in 0..10 {
            let (db, now) = (test.db.clone(), test.now());
            racers.push(tokio::spawn(async move {
                let tx = db.begin().await.unwrap();
                let offered = setup_token_offer(&tx, &format!("racer {number}"), now, expires).await.unwrap();
                tx.commit().await.unwrap();
                offered
            }));
        }
        let mut offered = Vec::new();
        for (number, racer) in racers.into_iter().enumerate() {
            offered.extend(racer.await.unwrap().then_some(number));
        }
        let [winner] = offered[..] else { panic!("{offered:?} offered") };
        // One that was asked for replaces it, and then none is offered.
        setup_token_insert(&test.db, test.env.new_id(), "asked for", test.now(), expires).await.unwrap();
        assert!(!setup_token_offer(&test.db, "offered", test.now(), expires).await.unwrap());
        assert!(!setup_token_consume(&test.db, &format!("racer {winner}"), test.now()).await.unwrap());
        assert!(setup_token_consume(&test.db, "asked for", test.now()).await.unwrap());
        // What was spent or ran out is in nobody's way.
        assert!(setup_token_offer(&test.db, "after it", test.now(), expires).await.unwrap());
        test.advance(Duration::hours(1));
        let later = test.now() + Duration::hours(1);
        assert!(setup_token_offer(&test.db, "a day later", test.now(), later).await.unwrap());
        assert!(setup_token_consume(&test.db, "a day later", test.now()).await.unwrap());
    }

    async fn runs_of_a_sync(test) {
        let ctx = test.account().await;
        let mut ids = Vec::new();
        for number in 0..5 {
            test.advance(Duration::minutes(1));
            let id = SyncRunId(test.env.new_id());
            let job = JobId(test.env.new_id());
            let new = NewSyncRun {
                id, account_id: ctx.account_id, region: ctx.region.clone(), kind: SyncKind::Workspaces, job_id: Some(job),
                at: test.now(),
            };
            sync_run_start(&test.db, &new).await.unwrap();
            ids.push(id);
            let mut report = SyncReport { seen: 25, ..SyncReport::default() };
            sync_run_checkpoint(&test.db, id, &report, Some(&json!({ "token": "t" }))).await.unwrap();
            let open = sync_run_open_of_job(&test.db, job).await.unwrap().unwrap();
            assert_eq!((open.id, open.checkpoint), (id, Some(json!({ "token": "t" }))));
            report.seen = 60;
            let outcome = match number {
                0 | 2 => SyncOutcome::Whole,
                4 => SyncOutcome::Failed,
                _ => SyncOutcome::Partial,
            };
            sync_run_finish(&test.db, id, outcome, &report, None, test.now()).await.unwrap();
            assert_eq!(sync_run_open_of_job(&test.db, job).await.unwrap(), None);
            assert_eq!(sync_run_fetch(&test.db, id).await.unwrap().unwrap().report, report);
        }
        // What has ended stays as it ended, and says so to whoever would go on with it.
        let (empty, late) = (SyncReport::default(), Some(json!({ "token": "late" })));
        assert!(!sync_run_checkpoint(&test.db, ids[4], &empty, late.as_ref()).await.unwrap());
        let again = sync_run_finish(&test.db, ids[4], SyncOutcome::Whole, &empty, Some("no"), test.now()).await;
        assert!(!again.unwrap());
        assert_eq!(sync_run_fetch(&test.db, ids[4]).await.unwrap().unwrap().report.seen, 60);
        let last: Vec<_> = sync_run_latest(&test.db, &Scope::Everything, SyncKind::Workspaces).await.unwrap().iter().map(|run| run.id).collect();
        let whole: Vec<_> = sync_run_latest_whole(&test.db, &Scope::Everything, SyncKind::Workspaces).await.unwrap().iter().map(|run| run.id).collect();
        assert_eq!((last, whole), (vec![ids[4]], vec![ids[2]]));
        let page = sync_run_list(&test.db, &Scope::Everything, Some(ctx.account_id), 3, None).await.unwrap();
        let rest = sync_run_list(&test.db, &Scope::Everything, Some(ctx.account_id), 3, page.next.as_deref()).await.unwrap();
        let seen: Vec<_> = page.rows.iter().chain(&rest.rows).map(|run| run.id).collect();
        assert_eq!((seen, rest.next), (ids.iter().rev().copied().collect::<Vec<_>>(), None));
        assert!(matches!(sync_run_list(&test.db, &Scope::Everything, None, 3, page.next.as_deref()).await, Err(StoreError::BadCursor)));
        assert_eq!(sync_run_count(&test.db, &Scope::Everything, None).await.unwrap(), 5);
        // Another data set of the same place has runs of its own.
        let other = NewSyncRun {
            id: SyncRunId(test.env.new_id()), account_id: ctx.account_id, region: ctx.region.clone(),
            kind: SyncKind::Connections, job_id: None, at: test.now(),
        };
        sync_run_start(&test.db, &other).await.unwrap();
        for (kind, open) in [(SyncKind::Workspaces, vec![]), (SyncKind::Connections, vec![other.id])] {
            let found = sync_run_open_at(&test.db, ctx.account_id, &ctx.region, kind).await.unwrap();
            assert_eq!(found.iter().map(|run| run.id).collect::<Vec<_>>(), open);
        }
        assert_eq!(sync_run_prune(&test.db, test.now() + Duration::days(1), 3).await.unwrap(), 3);
        assert_eq!(sync_run_prune(&test.db, test.now() + Duration::days(1), 3).await.unwrap(), 1);
        assert_eq!(sync_run_latest(&test.db, &Scope::Everything, SyncKind::Workspaces).await.unwrap()[0].id, ids[4]);
        assert_eq!(sync_run_latest(&test.db, &Scope::Everything, SyncKind::Connections).await.unwrap()[0].id, other.id);
    }

    async fn events_are_read_in_the_order_of_commits(test) {
        let mut writers = Vec::new();
        for _ in 0..6 {
            let (db, env) = (test.db.clone(), test.env.clone());
            writers.push(tokio::spawn(async move {
                for _ in 0..20 {
                    let tx = db.begin().await.unwrap();
                    let two = [Event::Account { id: AccountId(env.new_id()) }, Event::Account { id: AccountId(env.new_id()) }];
                    events_append(&tx, env.now(), &two).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }));
        }
        // A reader who goes on from the last id it saw misses nothing.
        let (mut last, mut seen) = (0, 0);
        while seen < 240 {
            let some = events_after(&test.db, last, 50).await.unwrap();
            seen += some.len();
            last = some.last().map_or(last, |event| event.id);
            tokio::task::yield_now().await;
            if some.is_empty() && writers.iter().all(tokio::task::JoinHandle::is_finished) {
                let rest = events_after(&test.db, last, 500).await.unwrap();
                seen += rest.len();
                break;
            }
        }
        assert_eq!(seen, 240);
        for writer in writers {
            writer.await.unwrap();
        }
        assert!(events_oldest_id(&test.db).await.unwrap().is_some_and(|oldest| oldest <= last));
        assert!(events_latest_id(&test.db).await.unwrap() >= last);
        assert_eq!(events_prune(&test.db, test.now() + Duration::seconds(1)).await.unwrap(), 240);
        assert_eq!(events_oldest_id(&test.db).await.unwrap(), None);
    }

    async fn readers_and_writers_don_t_trip_each_other(test) {
        let ada = user(test, "ada@example.com").await.unwrap();
        let mut tasks = Vec::new();
        for task in 0..8 {
            let (db, env) = (if task % 2 == 0 { test.db.clone() } else { test.another().await }, test.env.clone());
            tasks.push(tokio::spawn(async move {
                for _ in 0..25 {
                    let tx = db.begin().await.unwrap();
                    // Reads first, writes then: what trips a deferred transaction on SQLite.
                    let before = user_fetch(&tx, ada).await.unwrap().unwrap();
                    assert_eq!(before.id, ada);
                    user_signed_in(&tx, ada, env.now()).await.unwrap();
                    tx.commit().await.unwrap();
                    user_list(&db).await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    }
}

async fn replicas_migrate_at_once(backend: Backend) {
    let Some(test) = TestDb::empty(backend).await else { return };
    let mut replicas = Vec::new();
    for _ in 0..5 {
        let db = test.another().await;
        replicas.push(tokio::spawn(async move {
            migrate(&db).await.unwrap();
            db.close().await.unwrap();
        }));
    }
    for replica in replicas {
        replica.await.unwrap();
    }
    migrate(&test.db).await.unwrap();
    assert_eq!(account_count(&test.db).await.unwrap(), 0);
    test.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_migrate_at_once_sqlite() {
    replicas_migrate_at_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_migrate_at_once_postgres() {
    replicas_migrate_at_once(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_connections_are_replaced() {
    let Some(test) = TestDb::migrated(Backend::Postgres).await else { return };
    let other = test.another().await;
    other.ping().await.unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    test.db.execute_unprepared(kill).await.unwrap();
    let mut failed = 0;
    while let Err(error) = other.ping().await {
        assert!(error.retryable(), "{error:?}");
        failed += 1;
        assert!(failed < 20, "the pool does not recover");
    }
    other.close().await.unwrap();
    test.close().await;
}
