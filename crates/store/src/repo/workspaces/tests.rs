//! The list: each row once and in order whatever the sort, filter and page, and never by reading the whole table.

use std::collections::HashSet;

use chrono::Duration;
use domain::access::{Reach, Scope};
use domain::workspace::{ConnectionState, ObservedConnection, RunningMode, WorkspaceState};
use sea_orm::ConnectionTrait as _;

use super::*;
use crate::repo::inventory::{SyncContext, connections_apply, inventory_apply, mark_gone};
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, observed, plan};

/// 137 WorkSpaces with many equal and absent values, seven of them gone.
async fn fleet(test: &TestDb) -> SyncContext {
    let ctx = test.account().await;
    let mut all: Vec<_> = (0..137).map(observed).collect();
    for (number, one) in all.iter_mut().enumerate() {
        one.user_name = format!("{}{}", if number % 2 == 0 { "user" } else { "USER" }, number % 23);
        one.state = WorkspaceState::KNOWN[number % 5].clone();
        one.running_mode = RunningMode::KNOWN.get(number % 4).cloned();
        one.compute_type = (number % 3 != 0).then(|| format!("TYPE_{}", number % 3).into());
    }
    inventory_apply(&test.db, &ctx, &all).await.unwrap();
    let connections: Vec<_> = (0..137)
        .filter(|n| n % 3 == 0)
        .map(|number| ObservedConnection {
            aws_id: observed(number).aws_id,
            state: if number % 2 == 0 { ConnectionState::Connected } else { ConnectionState::Disconnected },
            checked_at: None,
            last_connected_at: (number % 2 == 0)
                .then(|| ctx.at - Duration::microseconds(i64::try_from(number % 7).unwrap())),
        })
        .collect();
    connections_apply(&test.db, &ctx, &connections).await.unwrap();
    test.advance(Duration::minutes(1));
    let later = SyncContext { run: Some(domain::ids::SyncRunId(test.env.new_id())), at: test.now(), ..ctx };
    inventory_apply(&test.db, &later, &all[..130]).await.unwrap();
    mark_gone(&test.db, later.account_id, &later.region, later.run.unwrap(), test.now()).await.unwrap();
    later
}

/// What a row is sorted by, absent before present, as text that sorts the same way.
fn key(sort: WorkspaceSort, row: &WorkspaceRecord) -> (Option<String>, Uuid) {
    let key = match sort {
        WorkspaceSort::UserName => Some(row.user_name.to_lowercase()),
        WorkspaceSort::State => Some(row.state.to_string()),
        WorkspaceSort::RunningMode => row.running_mode.as_ref().map(ToString::to_string),
        WorkspaceSort::ComputeType => row.compute_type.as_ref().map(ToString::to_string),
        WorkspaceSort::Region => Some(row.region.to_string()),
        WorkspaceSort::LastConnectedAt => row.last_connected_at.map(|at| at.timestamp_micros().to_string()),
        WorkspaceSort::StateSince => Some(row.state_since.timestamp_micros().to_string()),
        WorkspaceSort::ChangedAt => Some(row.changed_at.timestamp_micros().to_string()),
        WorkspaceSort::AwsId => Some(row.aws_id.clone()),
    };
    (key, row.id.0)
}

fn filters(ctx: &SyncContext) -> Vec<WorkspaceFilter> {
    let all = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
    vec![
        WorkspaceFilter::default(),
        all.clone(),
        WorkspaceFilter { gone: GoneFilter::Gone, ..all.clone() },
        WorkspaceFilter { states: vec![WorkspaceState::Available, WorkspaceState::Impaired], ..all.clone() },
        WorkspaceFilter { running_modes: vec![RunningMode::AlwaysOn], ..all.clone() },
        WorkspaceFilter { compute_types: vec!["TYPE_1".into()], ..all.clone() },
        WorkspaceFilter { connections: vec![ConnectionState::Connected], ..all.clone() },
        WorkspaceFilter { account_ids: vec![ctx.account_id], regions: vec![ctx.region.clone()], ..all.clone() },
        WorkspaceFilter { q: Some("USER1 wsamzn".to_owned()), ..all },
    ]
}

async fn walk(test: &TestDb, scope: &Scope, mut query: WorkspaceQuery) -> Vec<WorkspaceRecord> {
    let mut rows = Vec::new();
    loop {
        let page = workspace_list(&test.db, scope, &query).await.unwrap();
        assert!(page.rows.len() <= query.limit_rows());
        assert!(page.next.is_none() || page.rows.len() == query.limit_rows());
        rows.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return rows;
        }
    }
}

db_test! {
    async fn every_sort_and_filter_gives_each_row_once_and_in_order(test) {
        let ctx = fleet(test).await;
        for filter in filters(&ctx) {
            let total = workspace_count(&test.db, &Scope::Everything, &filter).await.unwrap();
            assert!(total > 0, "{filter:?}");
            for sort in WorkspaceSort::ALL {
                for direction in [SortDirection::Ascending, SortDirection::Descending] {
                    let query = WorkspaceQuery { filter: filter.clone(), sort: *sort, direction, cursor: None, limit: 11 };
                    let rows = walk(test, &Scope::Everything, query).await;
                    let ids: HashSet<_> = rows.iter().map(|row| row.id).collect();
                    let counted = (u64::try_from(rows.len()).unwrap(), ids.len());
                    assert_eq!(counted, (total, rows.len()), "{sort:?} {direction:?} {filter:?}");
                    let keys: Vec<_> = rows.iter().map(|row| key(*sort, row)).collect();
                    let mut sorted = keys.clone();
                    sorted.sort();
                    if direction == SortDirection::Descending {
                        sorted.reverse();
                    }
                    assert_eq!(keys, sorted, "{sort:?} {direction:?} {filter:?}");
                }
            }
        }
    }

    async fn a_leap_lands_where_turning_pages_leads(test) {
        let ctx = fleet(test).await;
        for filter in filters(&ctx) {
            for sort in WorkspaceSort::ALL {
                for direction in [SortDirection::Ascending, SortDirection::Descending] {
                    let query = WorkspaceQuery { filter: filter.clone(), sort: *sort, direction, cursor: None, limit: 7 };
                    let rows = walk(test, &Scope::Everything, query.clone()).await;
                    for at in [1, rows.len() / 2, rows.len() - 1].into_iter().filter(|at| *at > 0) {
                        let after = u32::try_from(at).unwrap();
                        let cursor = workspace_cursor_after(&test.db, &Scope::Everything, &query, after).await.unwrap();
                        assert!(cursor.is_some(), "{query:?}");
                        let there = WorkspaceQuery { cursor, ..query.clone() };
                        let page = workspace_list(&test.db, &Scope::Everything, &there).await.unwrap();
                        assert_eq!(page.rows[..], rows[at..(at + 7).min(rows.len())], "{at} of {query:?}");
                    }
                    let beyond = u32::try_from(rows.len()).unwrap() + 1;
                    let none = workspace_cursor_after(&test.db, &Scope::Everything, &query, beyond).await.unwrap();
                    assert_eq!(none, None);
                }
            }
        }
        let own = Scope::desktops(["User7"]);
        let seen = walk(test, &own, WorkspaceQuery { limit: 5, ..WorkspaceQuery::default() }).await.len();
        let beyond = u32::try_from(seen).unwrap() + 1;
        let none = workspace_cursor_after(&test.db, &own, &WorkspaceQuery::default(), beyond).await.unwrap();
        assert_eq!(none, None, "what one may not see is not counted");
    }

    async fn the_scope_hides_what_is_not_ones_own(test) {
        fleet(test).await;
        let own = Scope::desktops(["User7"]);
        let rows = walk(test, &own, WorkspaceQuery { limit: 2, ..WorkspaceQuery::default() }).await;
        assert!(!rows.is_empty() && rows.iter().all(|row| row.user_name.eq_ignore_ascii_case("user7")));
        let everything = walk(test, &Scope::Everything, WorkspaceQuery { limit: 500, ..WorkspaceQuery::default() }).await;
        let foreign = everything.iter().find(|row| !row.user_name.eq_ignore_ascii_case("user7")).unwrap();
        assert_eq!(workspace_fetch(&test.db, &own, foreign.id).await.unwrap(), None);
        assert_eq!(workspace_history(&test.db, &own, foreign.id, 9).await.unwrap(), []);
        assert!(workspace_tags(&test.db, &own, foreign.id).await.unwrap().is_empty());
        let many: Vec<_> = everything.iter().map(|row| row.id).collect();
        assert_eq!(workspaces_fetch_many(&test.db, &own, &many).await.unwrap().len(), rows.len());
        let facets = workspace_facets(&test.db, &own, &WorkspaceFilter::default()).await.unwrap();
        assert_eq!(facets.total, u64::try_from(rows.len()).unwrap());
    }

    async fn facets_add_up(test) {
        let ctx = fleet(test).await;
        let facets = workspace_facets(&test.db, &Scope::Everything, &WorkspaceFilter::default()).await.unwrap();
        assert_eq!(facets.total, 130);
        assert_eq!(facets.states.iter().map(|facet| facet.count).sum::<u64>(), 130);
        assert_eq!(facets.regions, [Facet { value: ctx.region.to_string(), count: 130 }]);
        assert!(facets.states.windows(2).all(|two| two[0].count >= two[1].count));
        assert_eq!(workspace_account_counts(&test.db, &Scope::Everything).await.unwrap(), [(ctx.account_id, 130)]);
    }

    async fn a_cursor_of_another_list_is_refused(test) {
        fleet(test).await;
        let query = WorkspaceQuery { limit: 5, ..WorkspaceQuery::default() };
        let next = workspace_list(&test.db, &Scope::Everything, &query).await.unwrap().next;
        let good = WorkspaceQuery { cursor: next.clone(), ..query.clone() };
        assert!(workspace_list(&test.db, &Scope::Everything, &good).await.is_ok());
        let own = Scope::desktops(["user7"]);
        for (scope, bad) in [
            (&Scope::Everything, WorkspaceQuery { sort: WorkspaceSort::State, ..good.clone() }),
            (&Scope::Everything, WorkspaceQuery { direction: SortDirection::Descending, ..good.clone() }),
            (&Scope::Everything, WorkspaceQuery { cursor: Some("no cursor".to_owned()), ..good.clone() }),
            (&own, good),
        ] {
            let refused = workspace_list(&test.db, scope, &bad).await;
            assert!(matches!(refused, Err(StoreError::BadCursor)), "{bad:?}");
        }
    }

    async fn no_page_of_50_000_reads_the_whole_table(test) {
        let ctx = test.account().await;
        fill(test, &ctx, 50_000).await;
        let base = WorkspaceFilter::default();
        let filters = [
            base.clone(),
            WorkspaceFilter { states: vec![WorkspaceState::Stopped], ..base.clone() },
            WorkspaceFilter { running_modes: vec![RunningMode::AlwaysOn], ..base.clone() },
            WorkspaceFilter { compute_types: vec!["POWER".into()], ..base.clone() },
            WorkspaceFilter { connections: vec![ConnectionState::Connected], ..base.clone() },
            WorkspaceFilter { regions: vec![ctx.region.clone()], account_ids: vec![ctx.account_id], ..base.clone() },
            WorkspaceFilter { directory_ids: vec![test.env.new_id().into()], ..base.clone() },
            WorkspaceFilter { bundle_ids: vec![test.env.new_id().into()], ..base.clone() },
            WorkspaceFilter { tags: vec![("team".to_owned(), Some("t7".to_owned()))], ..base.clone() },
            WorkspaceFilter { gone: GoneFilter::Gone, ..base.clone() },
            WorkspaceFilter { gone: GoneFilter::Any, ..base.clone() },
            WorkspaceFilter { q: Some("user00042".to_owned()), ..base },
        ];
        let own = Scope::desktops(["user00042"]);
        let account = Scope::only(Reach::Account { account_id: ctx.account_id });
        let elsewhere = Scope::only(Reach::Account { account_id: test.env.new_id().into() });
        let region = Scope::only(Reach::Region { region: ctx.region.clone() });
        let directory = Scope::only(Reach::Directory { directory_id: test.env.new_id().into() });
        let mixed = own.clone().union(account.clone()).union(elsewhere.clone()).union(directory.clone());
        for scope in [&Scope::Everything, &own, &account, &elsewhere, &region, &directory, &mixed] {
            for filter in &filters {
                for sort in WorkspaceSort::ALL {
                    for direction in [SortDirection::Ascending, SortDirection::Descending] {
                        let first =
                            WorkspaceQuery { filter: filter.clone(), sort: *sort, direction, cursor: None, limit: 50 };
                        assert_eq!(whole_table(&test.db, scope, &first).await, None);
                        if let Some(next) = workspace_list(&test.db, scope, &first).await.unwrap().next {
                            let second = WorkspaceQuery { cursor: Some(next), ..first };
                            assert_eq!(whole_table(&test.db, scope, &second).await, None);
                        }
                    }
                }
            }
        }
        // A leap counts along the index of the sort; it does not sort 50,000 rows first.
        for sort in WorkspaceSort::ALL {
            let query = WorkspaceQuery { sort: *sort, ..WorkspaceQuery::default() };
            let sql = query::nth_id(test.db.get_database_backend(), &Scope::Everything, &query, 10_000).inlined();
            let lines = plan(&test.db, &sql).await;
            let sorts = |line: &String| line.contains("Sort Key") || line.contains("USE TEMP B-TREE");
            assert!(!lines.iter().any(sorts), "{sql}\n{}", lines.join("\n"));
        }
        // And the look at the plan does see it when an index is missing.
        test.db.execute_unprepared("DROP INDEX ix_workspace_user").await.unwrap();
        // (On a new connection: SQLite's EXPLAIN does not notice that a schema it has read is out of date.)
        let fresh = test.another().await;
        assert!(whole_table(&fresh, &Scope::Everything, &WorkspaceQuery::default()).await.is_some());
        fresh.close().await.unwrap();
    }
}

/// The statement and its plan, when that reads the whole table.
async fn whole_table(db: &crate::Db, scope: &Scope, query: &WorkspaceQuery) -> Option<String> {
    let backend = db.backend();
    let sql = workspace_list_sql(backend, scope, query).unwrap();
    let lines = plan(db, &sql).await;
    // SQLite: "SCAN w" is the whole table, "SCAN w USING INDEX …" goes in order of the index unless a sort follows; and an
    // index that begins with the account or the region leads to nearly every row.
    let sorts = lines.iter().any(|line| line.contains("USE TEMP B-TREE FOR ORDER BY"));
    let wide = ["uq_workspace_aws", "ix_workspace_counts", "ix_workspace_tags_due", "ix_workspace_region"];
    // A page further on has to begin at its cursor, not walk there.
    let walks = query.cursor.is_some() && lines.iter().any(|line| line.starts_with("SCAN w USING INDEX"));
    let whole = walks
        || lines.iter().any(|line| {
            line.contains("Seq Scan on workspace w")
                || line.trim() == "SCAN w"
                || (sorts && (line.contains("SCAN w") || wide.iter().any(|index| line.contains(index))))
        });
    whole.then(|| format!("{sql}\n{}", lines.join("\n")))
}

/// Fills the fleet without going through Rust.
async fn fill(test: &TestDb, ctx: &SyncContext, count: u32) {
    let sql = Sql::new(&test.db);
    let postgres = sql.is_postgres();
    let (id, time, series) = if postgres {
        ("gen_random_uuid()", "TIMESTAMPTZ '2026-01-01 00:00:00+00' - n * INTERVAL '1 minute'", "generate_series(1, ")
    } else {
        (
            "randomblob(16)",
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-01-01', '-' || n || ' minutes')",
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ",
        )
    };
    let number = if postgres { "lpad(n::text, 5, '0')" } else { "printf('%05d', n)" };
    let sql = sql
        .text(&format!(
            "INSERT INTO workspace (id, account_id, region, aws_id, directory_id, directory_aws_id, bundle_id, bundle_aws_id, \
             user_name, user_key, state, state_since, running_mode, compute_type, root_volume_encrypted, \
             user_volume_encrypted, connection_state, last_connected_at, first_seen_at, changed_at, gone_at, fingerprint, \
             tag_text, search) SELECT {id}, "
        ))
        .bind(ctx.account_id.0)
        .text(", ")
        .bind(ctx.region.as_str())
        .text(&format!(
            ", 'ws-' || n, {id}, 'd-' || (n % 7), {id}, 'wsb-' || (n % 20), 'User' || {number}, 'user' || {number}, \
             CASE n % 50 WHEN 0 THEN 'STOPPED' ELSE 'AVAILABLE' END, {time}, \
             CASE n % 10 WHEN 0 THEN 'ALWAYS_ON' WHEN 1 THEN NULL ELSE 'AUTO_STOP' END, \
             CASE n % 10 WHEN 0 THEN 'POWER' ELSE 'STANDARD' END, true, false, \
             CASE n % 20 WHEN 0 THEN 'CONNECTED' WHEN 1 THEN NULL ELSE 'DISCONNECTED' END, \
             CASE n % 3 WHEN 0 THEN NULL ELSE {time} END, {time}, {time}, CASE n % 100 WHEN 0 THEN {time} END, {id}, '', \
             'user' || {number} || ' ws-' || n FROM {series}"
        ));
    let sql = if postgres {
        sql.text(&format!("{count}) AS n"))
    } else {
        sql.text(&format!("{count}) SELECT n FROM s) AS s"))
    };
    sql.execute(&test.db).await.unwrap();
    let tags = "INSERT INTO workspace_tag (workspace_id, key, value) SELECT id, 'team', 't' || (length(user_key) % 3) || \
                substr(user_key, 9, 1) FROM workspace";
    test.db.execute_unprepared(tags).await.unwrap();
    test.db.execute_unprepared("ANALYZE").await.unwrap();
}
