//! The plans of what is asked of usage, events, costs, prices and ticks.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Reach, Scope};
use domain::ids::WorkspaceId;
use sea_orm::{ConnectionTrait as _, QueryTrait as _};
use serde_json::json;

use super::{scopes, walks, whole, words};
use crate::db::Backend;
use crate::repo::inventory::{SyncContext, inventory_apply};
use crate::repo::schedules::LAST_TICKS;
use crate::repo::trail::{TrailFilter, TrailQuery, trail_facets_sql, trail_list, trail_page_sql};
use crate::repo::usage_coverage::DueFor;
use crate::repo::{api_spend, costs, prices, usage, usage_coverage};
use crate::sql::{Sql, time_text};
use crate::testing::{TestDb, db_test, observed, plan};

/// Runs `INSERT INTO table (columns, account_id) SELECT …` for each `n` of a series up to 50,000.
async fn fill(test: &TestDb, ctx: &SyncContext, table: &str, columns: &str, values: &str) {
    let (series, id, json, _) = words(test.db.backend() == Backend::Postgres);
    let values = values.replace("{id}", id).replace("{json}", json);
    let text = format!("INSERT INTO {table} ({columns}, account_id) SELECT {values}, ");
    Sql::new(&test.db)
        .text(&text)
        .bind(ctx.account_id.0)
        .text(&format!(" FROM {series}"))
        .execute(&test.db)
        .await
        .unwrap();
}

/// The second `n` of 2026, and the day `n / 100` of it.
fn times(test: &TestDb) -> (&'static str, &'static str) {
    if test.db.backend() == Backend::Postgres {
        ("TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 second'", "DATE '2026-01-01' + n / 100")
    } else {
        (
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1767225600 + n, 'unixepoch')",
            "date('2026-01-01', '+' || (n / 100) || ' days')",
        )
    }
}

/// Whether what it reaches of the events is found by their WorkSpaces.
fn by_desktop(reach: &Reach) -> bool {
    matches!(reach, Reach::Directory { .. } | Reach::Desktops { .. })
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

db_test! {
    async fn pages_of_events_come_out_of_an_index(test) {
        let ctx = test.account().await;
        let (second, _) = times(test);
        let no = if test.db.backend() == Backend::Postgres { "FALSE" } else { "0" };
        let columns = "id, region, event_id, at, name, source, read_only, actor, error_code, detail";
        let values = format!(
            "{{id}}, CASE n % 2 WHEN 0 THEN 'eu-central-1' ELSE 'us-east-1' END, 'e', {second}, \
             CASE n % 3 WHEN 0 THEN 'StartWorkspaces' ELSE 'DescribeWorkspaces' END, 's', {no}, 'a', \
             CASE n % 50 WHEN 0 THEN 'AccessDenied' END, {{json}}"
        );
        fill(test, &ctx, "trail_event", columns, &values).await;
        let workspace = WorkspaceId::derive(ctx.account_id, &ctx.region, "ws-000000001");
        Sql::new(&test.db)
            .text("INSERT INTO trail_event_workspace (event_id, at, workspace_id) SELECT t.id, t.at, ")
            .bind(workspace.0)
            .text(" FROM trail_event t WHERE t.region = 'us-east-1'")
            .execute(&test.db)
            .await
            .unwrap();
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let base = TrailFilter::default();
        let account = TrailFilter { account_ids: vec![ctx.account_id], ..base.clone() };
        let place = TrailFilter { regions: vec![ctx.region.clone()], ..account.clone() };
        let names = vec!["StartWorkspaces".to_owned()];
        let (from, to) = (Some(at("2026-01-01T01:00:00Z")), Some(at("2026-01-01T09:00:00Z")));
        let filters = [
            base.clone(),
            account.clone(),
            place.clone(),
            TrailFilter { from, to, ..base.clone() },
            TrailFilter { from, to, ..place.clone() },
            TrailFilter { names: names.clone(), ..base.clone() },
            TrailFilter { names: names.clone(), ..account.clone() },
            TrailFilter { names, ..place },
            TrailFilter { refused: Some(true), ..base.clone() },
            TrailFilter { writes_only: true, ..base.clone() },
            TrailFilter { actors: vec!["a".to_owned()], ..base.clone() },
            TrailFilter { workspace_id: Some(workspace), ..base.clone() },
            TrailFilter { workspace_id: Some(workspace), from, to, ..base.clone() },
        ];
        let backend = test.db.get_database_backend();
        // Of several calls or regions each is found along its own stretch of the index, and their newest are put in order; more
        // of them, or several accounts, are found along the moments.
        let calls: Vec<_> = ["StartWorkspaces", "DescribeWorkspaces", "StopWorkspaces"].map(str::to_owned).into();
        let regions = vec![ctx.region.clone(), "us-east-1".parse().unwrap()];
        let many: Vec<_> = (0..9).map(|number| format!("Call{number}")).chain(calls.clone()).collect();
        // Half of all moments are of a region here: Postgres may as well go along them.
        let of_regions = if test.db.backend() == Backend::Postgres { "ix_trail_event_" } else { "ix_trail_event_region" };
        let along = [
            (TrailFilter { names: calls.clone(), ..base.clone() }, "ix_trail_event_name"),
            (TrailFilter { names: calls.clone(), regions: regions.clone(), from, to, ..base.clone() }, "ix_trail_event_name"),
            (TrailFilter { regions: regions.clone(), ..base.clone() }, of_regions),
            (TrailFilter { regions: regions.clone(), actors: vec!["a".to_owned(), "b".to_owned()], ..base.clone() }, of_regions),
            (TrailFilter { regions, ..account }, "ix_trail_event_"),
            (TrailFilter { names: many, ..base.clone() }, "ix_trail_event_"),
            (TrailFilter { names: calls, workspace_id: Some(workspace), ..base.clone() }, "ix_trail_event_workspace"),
            (TrailFilter { account_ids: vec![ctx.account_id, test.env.new_id().into()], ..base }, "ix_trail_event_at"),
        ];
        for (filter, index) in along {
            let facets = trail_facets_sql(backend, &Scope::Everything, &filter, 500).inlined();
            let first = TrailQuery { filter, limit: 50, cursor: None };
            let next = trail_list(&test.db, &Scope::Everything, &first).await.unwrap().next;
            assert!(next.is_some(), "{first:?}");
            let second = TrailQuery { cursor: next, ..first.clone() };
            let page = |query: &TrailQuery| trail_page_sql(backend, &Scope::Everything, query).unwrap().inlined();
            for sql in [facets, page(&first), page(&second)] {
                let lines = plan(&test.db, &sql).await.join("\n");
                let whole = |line: &str| {
                    line.contains("Seq Scan on trail_event")
                        || (line.trim_start().starts_with("SCAN t") && !line.contains("USING INDEX"))
                };
                assert!(lines.contains(index) && !lines.lines().any(whole), "{sql}\n{lines}");
            }
        }
        for filter in filters {
            // Of which the newest are counted: their values are sorted, the events are found in order.
            let facets = trail_facets_sql(backend, &Scope::Everything, &filter, 500).inlined();
            let lines = plan(&test.db, &facets).await;
            let reads_whole = |line: &&String| {
                line.contains("Seq Scan on trail_event")
                    || (line.trim_start().starts_with("SCAN t") && !line.contains("USING INDEX"))
            };
            assert_eq!(lines.iter().find(reads_whole), None, "{facets}\n{}", lines.join("\n"));
            let first = TrailQuery { filter, limit: 50, cursor: None };
            // All links are of one WorkSpace here, so that going through them is as good as looking a desktop's up.
            let by_place = |scope: &Scope| !matches!(scope, Scope::Only(reaches) if reaches.iter().any(by_desktop));
            for scope in scopes(test, ctx.account_id).into_iter().filter(by_place) {
                let sql = |query: &TrailQuery| trail_page_sql(backend, &scope, query).unwrap().inlined();
                assert_eq!(whole(test, &scope, &sql(&first)).await, None);
                let next = trail_list(&test.db, &scope, &first).await.unwrap().next;
                assert!(next.is_some() || !scope.is_everything(), "{first:?}");
                assert_eq!(whole(test, &scope, &sql(&TrailQuery { cursor: next, ..first.clone() })).await, None);
            }
        }
    }

    async fn usage_is_found_by_its_key(test) {
        let ctx = test.account().await;
        let all: Vec<_> = (0..500).map(observed).collect();
        inventory_apply(&test.db, &ctx, &all).await.unwrap();
        let postgres = test.db.backend() == Backend::Postgres;
        let (on, from, to) = if postgres {
            let start = "TIMESTAMPTZ '2026-01-01 00:00:00+00' + s.n * INTERVAL '1 day'";
            ("DATE '2026-01-01' + s.n", start, "+ INTERVAL '1 hour'")
        } else {
            let start = "date('2026-01-01', '+' || s.n || ' days') || 'T08:00:00+00:00'";
            ("date('2026-01-01', '+' || s.n || ' days')", start, "|| ''")
        };
        let series = if postgres {
            "generate_series(1, 100) AS s(n)"
        } else {
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100) SELECT n FROM s) AS s"
        };
        for insert in [
            format!("usage_interval (workspace_id, started_at, ended_at) SELECT w.id, {from}, {from} {to}"),
            format!(
                "usage_day (workspace_id, day, hour_mask, hours, connected_minutes, sessions, first_at, last_at, resolution_secs) \
                 SELECT w.id, {on}, 1, 1, 5, 1, {from}, {from}, 300"
            ),
            format!("metric_day (workspace_id, day, metric, average, maximum) SELECT w.id, {on}, 'cpu', 1, 2"),
        ] {
            let text = format!("INSERT INTO {insert} FROM workspace w, {series}");
            test.db.execute_unprepared(&text).await.unwrap();
        }
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let id = |number: usize| WorkspaceId::derive(ctx.account_id, &ctx.region, &all[number].aws_id);
        let (from, to) = (day("2026-02-01"), day("2026-03-01"));
        let (begin, end) = (at("2026-02-01T00:00:00Z"), at("2026-02-03T00:00:00Z"));
        let everything = Scope::Everything;
        for sql in [
            usage::days_sql(backend, &everything, id(1), from, to),
            usage::metric_days_sql(backend, &everything, id(1), from, to),
            usage::intervals_sql(backend, &everything, id(1), begin, end),
        ] {
            assert_eq!(walks(test, &sql.inlined()).await, None);
        }
        // What the sync asks of many: from each window into the key. The windows themselves are read one after the other.
        let windows: Vec<_> = (0..100)
            .map(|number| json!({ "id": id(number), "first": time_text(begin), "last": time_text(end) }))
            .collect();
        let sql = usage::windows_sql(backend, serde_json::Value::Array(windows).to_string()).inlined();
        let plan = walks(test, &sql).await.unwrap_or_default();
        let tables = plan.lines().skip(1).filter(|line| line.contains("Seq Scan") || line.trim_start().starts_with("SCAN"));
        assert!(tables.clone().all(|line| line.contains("VIRTUAL TABLE")), "{plan}");
        // What is pruned is found by its age.
        for sql in [
            "SELECT workspace_id FROM usage_interval WHERE started_at < '2026-01-03T00:00:00+00:00' ORDER BY started_at LIMIT 500",
            "SELECT workspace_id FROM usage_day WHERE day < '2026-01-03' ORDER BY day LIMIT 500",
            "SELECT workspace_id FROM metric_day WHERE day < '2026-01-03' ORDER BY day LIMIT 500",
        ] {
            assert_eq!(walks(test, sql).await, None);
        }
    }

    async fn what_is_due_of_usage_is_looked_up(test) {
        let ctx = test.account().await;
        let postgres = test.db.backend() == Backend::Postgres;
        let (second, _) = times(test);
        let (yes, no) = if postgres { ("TRUE", "FALSE") } else { ("1", "0") };
        let columns = "id, region, aws_id, directory_id, directory_aws_id, bundle_id, bundle_aws_id, user_name, user_key, state, \
                       state_since, root_volume_encrypted, user_volume_encrypted, first_seen_at, changed_at, gone_at, \
                       fingerprint, tag_text, search";
        let values = format!(
            "{{id}}, CASE n % 2 WHEN 0 THEN 'eu-central-1' ELSE 'us-east-1' END, 'ws-' || n, {{id}}, 'd-1', {{id}}, 'wsb-1', 'u', \
             'u', 'AVAILABLE', {second}, {yes}, {no}, {second}, {second}, CASE n % 100 WHEN 0 THEN {second} END, {{id}}, '', 'u'"
        );
        fill(test, &ctx, "workspace", columns, &values).await;
        // Half of it was read, a part of that up to now.
        let late = "CASE WHEN length(w.aws_id) % 2 = 0 THEN w.changed_at ELSE w.first_seen_at END";
        let covered = format!(
            "INSERT INTO usage_coverage (workspace_id, covered_from, covered_to) SELECT w.id, w.first_seen_at, {late} \
             FROM workspace w WHERE w.aws_id LIKE '%0' OR w.aws_id LIKE '%1'"
        );
        test.db.execute_unprepared(&covered).await.unwrap();
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let of = (ctx.account_id, &ctx.region);
        let (from, to) = (at("2025-12-01T00:00:00Z"), at("2026-01-01T06:00:00Z"));
        let half = Sql::new(&test.db).text("SELECT workspace_id AS id FROM usage_coverage ORDER BY 1 LIMIT 1 OFFSET 5000");
        let half: uuid::Uuid = half.one(&test.db).await.unwrap().unwrap().try_get("", "id").unwrap();
        for due in [DueFor::Connections { from, to }, DueFor::Measures { to: day("2026-01-01") }] {
            for after in [None, Some(WorkspaceId(half))] {
                let sql = usage_coverage::due_sql(backend, of, due, after, 2000).inlined();
                // A place is read from its index and its coverage by key. SQLite sorts what it finds of the place, which is
                // what the sync goes through anyway.
                let plan = walks(test, &sql).await.unwrap_or_default();
                let whole = |line: &&str| line.contains("Seq Scan") || line.starts_with("SCAN");
                assert_eq!(plan.lines().skip(1).map(str::trim_start).find(whole), None, "{plan}");
            }
        }
    }

    async fn costs_prices_and_ticks_are_found_by_their_keys(test) {
        let ctx = test.account().await;
        let (second, on) = times(test);
        let yes = if test.db.backend() == Backend::Postgres { "TRUE" } else { "1" };
        for (table, columns, values) in [
            (
                "cost_day",
                "day, region, usage_type, amount_e10, quantity_e10, unit, currency, estimated, read_at",
                format!("{on}, 'eu-central-1', 'type ' || n, n, n, 'Hrs', 'USD', {yes}, {second}"),
            ),
            (
                "cost_tag_day",
                "day, tag_key, tag_value, amount_e10, currency, estimated, read_at",
                format!("{on}, 'Team', 'team ' || n, n, 'USD', {yes}, {second}"),
            ),
            (
                "price",
                "region, sku, unit, price_e10, currency, read_at",
                format!("CASE n % 50 WHEN 0 THEN 'eu-central-1' ELSE 'r-' || (n % 50) END, 'sku ' || n, 'hour', n, 'USD', {second}"),
            ),
            ("api_spend", "day, service, requests, amount_e10", format!("{on}, 's ' || n, n, n")),
        ] {
            fill(test, &ctx, table, columns, &values).await;
        }
        let (series, ..) = words(test.db.backend() == Backend::Postgres);
        let ticks = format!("INSERT INTO schedule_tick (schedule, tick) SELECT 'schedule ' || (n % 20), {second} FROM {series}");
        test.db.execute_unprepared(&ticks).await.unwrap();
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let (from, to) = (day("2026-02-01"), day("2026-02-08"));
        let account = ctx.account_id;
        for sql in [
            costs::days_select(account, from, to).build(backend).to_string(),
            costs::tag_days_select(account, from, to).build(backend).to_string(),
            prices::selected(account, &ctx.region).build(backend).to_string(),
            api_spend::selected(&Scope::Everything, Some(account), from, to).build(backend).to_string(),
        ] {
            assert_eq!(walks(test, &sql).await, None);
        }
        let plan = walks(test, LAST_TICKS).await.unwrap_or_default();
        let whole = plan.lines().skip(1).map(str::trim_start).find(|line| line.contains("Seq Scan") || line.starts_with("SCAN t"));
        assert_eq!(whole, None, "{plan}");
    }
}
