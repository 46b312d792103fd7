//! The plans of the list queries at 50,000 rows: each page comes out of an index, in order. Jobs and sync runs are here, what
//! syncs bring in is in [`data`], both records of what happened are in [`activity`], what the overview asks is in [`overview`], and
//! those of the WorkSpaces are beside their queries.

use domain::access::{Reach, Scope};
use domain::ids::AccountId;
use domain::jobs::JobState;
use domain::sync::SyncReport;
use sea_orm::ConnectionTrait;

use crate::db::Backend;
use crate::repo::jobs::{self, JobFilter, JobQuery, JobScope, job_list};
use crate::repo::sync_runs::{self, sync_run_list};
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, plan};

mod activity;
mod data;
mod overview;
mod sums;

/// A series `n` from 1 to 50,000, an id that rises with it, and what a JSON and a moment are.
fn words(postgres: bool) -> (&'static str, &'static str, &'static str, &'static str) {
    if postgres {
        (
            "generate_series(1, 50000) AS s(n)",
            "lpad(to_hex(n), 32, '0')::uuid",
            "'{}'::jsonb",
            "TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 second'",
        )
    } else {
        (
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 50000) SELECT n FROM s)",
            "unhex(printf('%032x', n))",
            "'{}'",
            "'2026-01-01T00:00:00+00:00'",
        )
    }
}

async fn fill(test: &TestDb, account: AccountId) {
    let postgres = test.db.backend() == Backend::Postgres;
    let (series, id, json, at) = words(postgres);
    let no = if postgres { "FALSE" } else { "0" };
    let jobs = format!(
        "INSERT INTO job (id, kind, subject, payload, state, priority, run_at, max_attempts, failed_attempts, claim_number, \
         silent_claims, cancel_requested, progress_done, progress_note, created_by_name, created_at, region, account_id) \
         SELECT {id}, CASE n % 3 WHEN 0 THEN 'prune' ELSE 'sync-workspaces' END, 'x', {json}, \
         CASE WHEN n % 1000 = 0 THEN 'dead' ELSE 'done' END, 0, {at}, 5, 0, 1, 0, {no}, 0, '', 'system', {at}, 'eu-west-1', "
    );
    Sql::new(&test.db).text(&jobs).bind(account.0).text(&format!(" FROM {series}")).execute(&test.db).await.unwrap();
    let report = serde_json::to_string(&SyncReport::default()).unwrap();
    let runs = format!(
        "INSERT INTO sync_run (id, region, kind, outcome, started_at, report, account_id) \
         SELECT {id}, 'eu-west-1', 'sync-workspaces', 'whole', {at}, '{report}', "
    );
    Sql::new(&test.db).text(&runs).bind(account.0).text(&format!(" FROM {series}")).execute(&test.db).await.unwrap();
    test.db.execute_unprepared("ANALYZE").await.unwrap();
}

/// The plan, when it reads a whole table or sorts what it found.
async fn walks(test: &TestDb, sql: &str) -> Option<String> {
    let lines = plan(&test.db, sql).await;
    let bad = |line: &String| {
        line.contains("Seq Scan")
            || line.contains("USE TEMP B-TREE")
            || (line.trim_start().starts_with("SCAN") && !line.contains("USING INDEX"))
    };
    lines.iter().any(bad).then(|| format!("{sql}\n{}", lines.join("\n")))
}

/// Everything, and what parts of it somebody may see: all of the rows, or nearly none.
fn scopes(test: &TestDb, account: AccountId) -> Vec<Scope> {
    let here = Reach::Region { region: "eu-west-1".parse().unwrap() };
    let elsewhere = Reach::Account { account_id: test.env.new_id().into() };
    let all = Scope::only(Reach::Account { account_id: account });
    vec![
        Scope::Everything,
        all.clone(),
        Scope::only(elsewhere.clone()),
        Scope::only(here.clone()),
        Scope::only(Reach::Directory { directory_id: test.env.new_id().into() }),
        all.union(Scope::only(here)).union(Scope::only(elsewhere)).union(Scope::desktops(["user00042"])),
    ]
}

/// The plan, when it reads a whole table; for who sees everything, when it sorts too: what somebody sees of it may be few rows,
/// found by an index and sorted.
async fn whole(test: &TestDb, scope: &Scope, sql: &str) -> Option<String> {
    let plan = walks(test, sql).await?;
    let whole = |line: &str| {
        let line = line.trim_start();
        // Postgres reads the accounts' few directories whole.
        (line.contains("Seq Scan") && !line.contains("on directory"))
            || (line.starts_with("SCAN") && !line.contains("USING INDEX"))
    };
    (scope.is_everything() || plan.lines().skip(1).any(whole)).then_some(plan)
}

db_test! {
    async fn pages_of_jobs_and_runs_come_out_of_an_index(test) {
        let account = test.account().await.account_id;
        fill(test, account).await;
        let backend = test.db.get_database_backend();
        let base = JobFilter::default();
        let filters = [
            base.clone(),
            JobFilter { states: vec![JobState::Done], ..base.clone() },
            JobFilter { states: vec![JobState::Queued], ..base.clone() },
            JobFilter { kinds: vec!["prune".to_owned()], ..base.clone() },
            JobFilter { account_ids: vec![account], ..base },
        ];
        for scope in scopes(test, account) {
            let jobs = JobScope { scope: scope.clone(), own: Some(test.env.new_id().into()) };
            for filter in &filters {
                let first = JobQuery { filter: filter.clone(), limit: 50, cursor: None };
                let sql = |query: &JobQuery| jobs::page(backend, &jobs, query).unwrap().inlined();
                assert_eq!(whole(test, &scope, &sql(&first)).await, None);
                if let Some(next) = job_list(&test.db, &jobs, &first).await.unwrap().next {
                    let second = JobQuery { cursor: Some(next), ..first };
                    assert_eq!(whole(test, &scope, &sql(&second)).await, None);
                }
            }
            let newest = sync_run_list(&test.db, &Scope::Everything, None, 1, None).await.unwrap().rows[0].id.0;
            for account in [None, Some(account)] {
                for before in [None, Some(newest)] {
                    let sql = sync_runs::page(backend, &scope, account, 50, before).inlined();
                    assert_eq!(whole(test, &scope, &sql).await, None);
                }
            }
        }
        // And the look at the plan does see a table that is read whole.
        let whole = "SELECT * FROM job WHERE subject = 'y' ORDER BY run_at";
        assert!(walks(test, whole).await.is_some());
    }
}
