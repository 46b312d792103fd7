//! The plans of what the overview and its cards ask: the fleet in numbers, quotas, jobs, the latest runs, what budgets have spent,
//! and what estimates are reckoned from. A fleet of 50,000 in twelve accounts; whatever grows with it is read along an index.

use domain::access::{Reach, Scope};
use domain::ids::WorkspaceId;
use domain::sync::{SyncKind, SyncReport};
use domain::workspace::{QUOTA_NEARLY_PERCENT, RunningMode};
use sea_orm::ConnectionTrait as _;

use super::sums::reads_whole;
use super::{fill, words};
use crate::db::Backend;
use crate::repo::costs::{
    CostFilter, CostGroup, billing_events_sql, cost_last_final_sql, cost_sums_sql, cost_tag_sums_sql, usage_known_sql,
};
use crate::repo::estimate_marks::versions_sql;
use crate::repo::inventory::SyncContext;
use crate::repo::jobs::{self, JobScope};
use crate::repo::sync_runs;
use crate::repo::workspaces::{WorkspaceFilter, quota_count_sql, workspace_facets_sql};
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, plan};

const ACCOUNTS: usize = 12;

/// Accounts in the order of their ids, so that the rows of each lie together as syncs leave them.
async fn accounts(test: &TestDb) -> Vec<SyncContext> {
    let mut all = Vec::new();
    for _ in 0..ACCOUNTS {
        all.push(test.account().await);
    }
    all.sort_by_key(|ctx| ctx.account_id.0);
    all
}

/// Runs `INSERT INTO table (columns, account_id) SELECT values` for each `n` up to 50,000, dealt out to the accounts.
async fn deal(test: &TestDb, accounts: &[SyncContext], table: &str, columns: &str, values: &str) {
    let (series, ..) = words(test.db.backend() == Backend::Postgres);
    for (number, ctx) in accounts.iter().enumerate() {
        Sql::new(&test.db)
            .text(&format!("INSERT INTO {table} ({columns}, account_id) SELECT {values}, "))
            .bind(ctx.account_id.0)
            .text(&format!(" FROM {series} WHERE n % {ACCOUNTS} = {number}"))
            .execute(&test.db)
            .await
            .unwrap();
    }
}

/// As autovacuum leaves it: an index can be read alone only where the visibility map says so.
async fn settled(test: &TestDb) {
    let text = if test.db.backend() == Backend::Postgres { "VACUUM ANALYZE" } else { "ANALYZE" };
    test.db.execute_unprepared(text).await.unwrap();
}

/// An id made of a number, in SQL.
fn id_of(test: &TestDb, number: &str) -> String {
    if test.db.backend() == Backend::Postgres {
        format!("lpad(to_hex({number}), 32, '0')::uuid")
    } else {
        format!("unhex(printf('%032x', {number}))")
    }
}

/// 50,000 WorkSpaces with rows as wide as real ones, in sixty directories and of forty bundles; one in a hundred is gone.
async fn fleet(test: &TestDb, accounts: &[SyncContext]) {
    let (_, id, _, at) = words(test.db.backend() == Backend::Postgres);
    let (directory, bundle) = (id_of(test, "(n % 60 + 1)"), id_of(test, "(n % 40 + 1)"));
    let columns = "id, region, aws_id, directory_id, directory_aws_id, bundle_id, bundle_aws_id, user_name, user_key, state, \
                   state_since, computer_name, ip_address, subnet_id, running_mode, compute_type, protocol, operating_system, \
                   root_volume_encrypted, user_volume_encrypted, connection_state, connection_checked_at, last_connected_at, \
                   tags_read_at, first_seen_at, changed_at, gone_at, fingerprint, tag_text, search";
    let tags =
        "'costcentre=4711 department=sales and marketing environment=production owner=user' || n || '@example.com'";
    let values = format!(
        "{id}, 'eu-central-1', 'ws-00000' || n, {directory}, 'd-90670000' || (n % 60), {bundle}, 'wsb-0000000' || (n % 40), \
         'User.' || n, 'user.' || n, CASE n % 5 WHEN 0 THEN 'AVAILABLE' WHEN 1 THEN 'IMPAIRED' ELSE 'STOPPED' END, {at}, \
         'WSAMZN-' || n, '10.0.12.' || (n % 250), 'subnet-0a1b2c3d4e', CASE n % 3 WHEN 0 THEN 'ALWAYS_ON' ELSE 'AUTO_STOP' END, \
         CASE n % 4 WHEN 0 THEN 'POWER' ELSE 'STANDARD' END, 'WSP', 'WINDOWS_SERVER_2022', true, true, \
         CASE n % 7 WHEN 0 THEN 'CONNECTED' ELSE 'DISCONNECTED' END, {at}, {at}, {at}, {at}, {at}, \
         CASE n % 100 WHEN 0 THEN {at} END, {id}, {tags}, 'user.' || n || ' wsamzn-' || n || ' ws-00000' || n || ' ' || {tags}"
    );
    deal(test, accounts, "workspace", columns, &values).await;
}

/// How often a plan goes to the WorkSpaces.
fn looks_at_workspaces(lines: &[String]) -> usize {
    let looks = |line: &&String| {
        let line = line.trim_start();
        line.contains(" on workspace w") || line.starts_with("SCAN w") || line.starts_with("SEARCH w")
    };
    lines.iter().filter(looks).count()
}

db_test! {
    async fn the_fleet_is_counted_along_its_index(test) {
        let accounts = accounts(test).await;
        fleet(test, &accounts).await;
        let (_, id, _, at) = words(test.db.backend() == Backend::Postgres);
        let columns = "id, region, aws_id, name, value, counts, adjustable, is_global, first_seen_at, changed_at";
        let values = format!(
            "{id}, 'eu-central-1', 'L-' || n, 'Quota ' || n, 500, CASE n % 3 WHEN 0 THEN 'workspaces' WHEN 1 THEN 'POWER' END, \
             true, false, {at}, {at}"
        );
        // Some eighty quotas an account.
        deal(test, &accounts, "quota", columns, &values).await;
        test.db.execute_unprepared("DELETE FROM quota WHERE length(aws_id) > 5").await.unwrap();
        settled(test).await;
        let backend = test.db.get_database_backend();
        let base = WorkspaceFilter::default();
        let own = Scope::only(Reach::Account { account_id: accounts[0].account_id });
        let directory = Scope::only(Reach::Directory { directory_id: uuid::Uuid::from_u128(7).into() });
        for scope in [&Scope::Everything, &own] {
            let sql = workspace_facets_sql(backend, scope, &base).inlined();
            let lines = plan(&test.db, &sql).await;
            assert_eq!(looks_at_workspaces(&lines), 1, "{sql}\n{}", lines.join("\n"));
            assert!(lines.iter().any(|line| line.contains("ix_workspace_counts")), "{sql}\n{}", lines.join("\n"));
            assert_eq!(reads_whole(test, &sql, "workspace", "w").await, None);
        }
        // What narrows them leads there, or is read off the same index.
        let narrow = WorkspaceFilter { running_modes: vec![RunningMode::AlwaysOn], ..base.clone() };
        let one = WorkspaceFilter { account_ids: vec![accounts[1].account_id], ..base.clone() };
        for (scope, filter) in [(&directory, &base), (&Scope::Everything, &narrow), (&Scope::Everything, &one)] {
            let sql = workspace_facets_sql(backend, scope, filter).inlined();
            assert_eq!(reads_whole(test, &sql, "workspace", "w").await, None);
        }
        // Every WorkSpace is looked at once, however many quotas there are.
        for scope in [&Scope::Everything, &own] {
            let sql = quota_count_sql(backend, scope, QUOTA_NEARLY_PERCENT).inlined();
            let lines = plan(&test.db, &sql).await;
            assert_eq!(looks_at_workspaces(&lines), 1, "{sql}\n{}", lines.join("\n"));
            let alone = lines.iter().any(|line| line.contains("Index Only Scan using ix_workspace_counts"));
            assert!(alone || test.db.backend() == Backend::Sqlite, "{sql}\n{}", lines.join("\n"));
        }
        // And the look at the plan does see it when the index is missing.
        test.db.execute_unprepared("DROP INDEX ix_workspace_counts").await.unwrap();
        // (On a new connection: SQLite's EXPLAIN does not notice that a schema it has read is out of date.)
        let fresh = test.another().await;
        let lines = plan(&fresh, &workspace_facets_sql(backend, &Scope::Everything, &base).inlined()).await;
        assert!(!lines.iter().any(|line| line.contains("ix_workspace_counts")), "{}", lines.join("\n"));
        fresh.close().await.unwrap();
    }

    async fn jobs_are_counted_without_their_rows(test) {
        let account = test.account().await.account_id;
        fill(test, account).await;
        settled(test).await;
        let backend = test.db.get_database_backend();
        let sql = jobs::state_counts(backend, &JobScope::everything()).inlined();
        let lines = plan(&test.db, &sql).await;
        let alone = if test.db.backend() == Backend::Postgres { "Index Only Scan" } else { "COVERING INDEX" };
        let by_state = lines.iter().any(|line| line.contains(alone) && line.contains("ix_job_state"));
        assert!(by_state, "{sql}\n{}", lines.join("\n"));
        // Somebody of another account finds their few by account, or as their own.
        let elsewhere = Scope::only(Reach::Account { account_id: test.env.new_id().into() });
        let scope = JobScope { scope: elsewhere, own: Some(test.env.new_id().into()) };
        assert_eq!(reads_whole(test, &jobs::state_counts(backend, &scope).inlined(), "job", "j").await, None);
    }

    async fn the_latest_run_of_each_place_is_looked_up(test) {
        let accounts = accounts(test).await;
        let (_, id, _, at) = words(test.db.backend() == Backend::Postgres);
        let report = serde_json::to_string(&SyncReport::default()).unwrap();
        let values = format!(
            "{id}, 'eu-central-1', CASE n % 4 WHEN 0 THEN 'sync-usage' ELSE 'sync-workspaces' END, \
             CASE n % 10 WHEN 0 THEN 'failed' ELSE 'whole' END, {at}, '{report}'"
        );
        deal(test, &accounts, "sync_run", "id, region, kind, outcome, started_at, report", &values).await;
        settled(test).await;
        let backend = test.db.get_database_backend();
        for scope in [Scope::Everything, Scope::only(Reach::Account { account_id: accounts[0].account_id })] {
            for whole in [false, true] {
                let sql = sync_runs::latest(backend, &scope, SyncKind::Workspaces, whole).inlined();
                assert_eq!(reads_whole(test, &sql, "sync_run", "r").await, None);
                let lines = plan(&test.db, &sql).await;
                let place = lines.iter().find(|line| line.contains("ix_sync_run_place"));
                // By account, region and kind, from the last one back: not from end to end.
                let leads = place.is_some_and(|line| line.contains("SEARCH s") || line.contains("Backward"));
                assert!(leads, "{sql}\n{}", lines.join("\n"));
            }
        }
    }

    async fn what_budgets_have_spent_is_found_by_account_and_month(test) {
        let accounts = accounts(test).await;
        let (day, at) = if test.db.backend() == Backend::Postgres {
            ("DATE '2026-01-01' + n / 140", "TIMESTAMPTZ '2026-01-01 00:00:00+00'")
        } else {
            ("date('2026-01-01', '+' || (n / 140) || ' days')", "'2026-01-01T00:00:00+00:00'")
        };
        let values = format!("{day}, 'eu-central-1', 'type ' || n, n, n, 'Hrs', 'USD', false, {at}");
        let columns = "day, region, usage_type, amount_e10, quantity_e10, unit, currency, estimated, read_at";
        deal(test, &accounts, "cost_day", columns, &values).await;
        let values = format!("{day}, 'Team', 'team ' || n, n, 'USD', false, {at}");
        let columns = "day, tag_key, tag_value, amount_e10, currency, estimated, read_at";
        deal(test, &accounts, "cost_tag_day", columns, &values).await;
        settled(test).await;
        let backend = test.db.get_database_backend();
        let (from, to) = ("2026-03-01".parse().unwrap(), "2026-04-01".parse().unwrap());
        let all: Vec<_> = accounts.iter().map(|ctx| ctx.account_id).collect();
        let everything = CostFilter { account_ids: all.clone(), regions: Vec::new(), from, to };
        let account = CostFilter { account_ids: all[..1].to_vec(), ..everything.clone() };
        let region = CostFilter { regions: vec!["eu-central-1".to_owned()], ..everything.clone() };
        for filter in [&everything, &account, &region] {
            let sql = cost_sums_sql(backend, &Scope::Everything, filter, CostGroup::Whole).inlined();
            assert_eq!(reads_whole(test, &sql, "cost_day", "c").await, None);
            let sql = cost_tag_sums_sql(backend, &Scope::Everything, filter, "Team").inlined();
            assert_eq!(reads_whole(test, &sql, "cost_tag_day", "c").await, None);
        }
        // How far the bill of an account is final, which a forecast begins from.
        let sql = cost_last_final_sql(backend, all[0]).inlined();
        assert_eq!(reads_whole(test, &sql, "cost_day", "cost_day").await, None);
    }

    async fn what_estimates_are_reckoned_from_is_found_by_workspace(test) {
        let accounts = accounts(test).await;
        fleet(test, &accounts).await;
        let (_, id, json, at) = words(test.db.backend() == Backend::Postgres);
        let columns = "id, region, event_id, at, name, source, read_only, actor, detail";
        let values = format!(
            "{id}, 'eu-central-1', 'event-' || n, {at}, CASE n % 5 WHEN 0 THEN 'ModifyWorkspaceProperties' ELSE 'StartWorkspaces' \
             END, 'workspaces.amazonaws.com', false, 'somebody', {json}"
        );
        deal(test, &accounts, "trail_event", columns, &values).await;
        for insert in [
            "INSERT INTO trail_event_workspace (event_id, at, workspace_id) SELECT e.id, e.at, e.id FROM trail_event e",
            "INSERT INTO usage_coverage (workspace_id, covered_from, covered_to) SELECT w.id, w.first_seen_at, w.changed_at \
             FROM workspace w",
            "INSERT INTO estimate_mark (account_id) SELECT w.account_id FROM workspace w",
        ] {
            test.db.execute_unprepared(insert).await.unwrap();
        }
        settled(test).await;
        let backend = test.db.get_database_backend();
        let some: Vec<_> = (1..=200_u128).map(|n| WorkspaceId(uuid::Uuid::from_u128(n * 200))).collect();
        let (from, to) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap());
        let sql = billing_events_sql(backend, &some, from).inlined();
        assert_eq!(reads_whole(test, &sql, "trail_event_workspace", "l").await, None);
        assert_eq!(reads_whole(test, &sql, "trail_event", "e").await, None);
        let sql = usage_known_sql(backend, &some, from, to).inlined();
        assert_eq!(reads_whole(test, &sql, "usage_coverage", "c").await, None);
        let sql = versions_sql(backend, &[accounts[0].account_id]).inlined();
        assert_eq!(reads_whole(test, &sql, "estimate_mark", "m").await, None);
    }
}
