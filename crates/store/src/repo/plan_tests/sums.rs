//! The plans of sums: usage of a period is found by the weeks of its two ends, usage of days by its days or its WorkSpaces, bills by
//! accounts and days. Sums sort what they found.

use domain::access::{Reach, Scope};
use domain::ids::WorkspaceId;
use domain::money::Currency;
use domain::workspace::RunningMode;
use sea_orm::ConnectionTrait as _;

use super::words;
use crate::db::Backend;
use crate::repo::costs::{
    CostDayGroup, CostDayKey, CostFilter, CostGroup, cost_daily_sql, cost_lines_sql, cost_sums_sql, cost_tag_sums_sql,
};
use crate::repo::exports;
use crate::repo::usage::rollups::tests::sums_made_anew;
use crate::repo::usage::{
    UsageDayGroup, UsageGroup, UsageSeries, fleet_week_sql, usage_by_sql, usage_daily_sql, usage_groups_sql,
    usage_hours_sql, usage_months_mend, usage_people_sql, usage_ranking_sql, usage_unused_sql, usage_week_sql,
    usage_weekly_sql,
};
use crate::repo::workspaces::{GoneFilter, SortDirection, WorkspaceFilter, WorkspaceGroup};
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, plan};

/// The line of the plan that reads all of that table.
pub(super) async fn reads_whole(test: &TestDb, sql: &str, table: &str, alias: &str) -> Option<String> {
    let lines = plan(&test.db, sql).await;
    let whole = |line: &&String| {
        let line = line.trim();
        line.contains(&format!("Seq Scan on {table}"))
            || (line.starts_with(&format!("SCAN {alias}")) && !line.contains("USING INDEX"))
    };
    lines.iter().find(whole).map(|line| format!("{line}\n{sql}\n{}", lines.join("\n")))
}

db_test! {
    async fn sums_of_bills_are_found_by_account_and_day(test) {
        let ctx = test.account().await;
        let postgres = test.db.backend() == Backend::Postgres;
        let (series, ..) = words(postgres);
        let (day, at, yes) = if postgres {
            ("DATE '2026-01-01' + n / 100", "TIMESTAMPTZ '2026-01-01 00:00:00+00'", "TRUE")
        } else {
            ("date('2026-01-01', '+' || (n / 100) || ' days')", "'2026-01-01T00:00:00+00:00'", "1")
        };
        for (table, columns, values) in [
            (
                "cost_day",
                "day, region, usage_type, amount_e10, quantity_e10, unit, currency, estimated, read_at",
                format!("{day}, 'eu-central-1', 'type ' || n, n, n, 'Hrs', 'USD', {yes}, {at}"),
            ),
            (
                "cost_tag_day",
                "day, tag_key, tag_value, amount_e10, currency, estimated, read_at",
                format!("{day}, 'Team', 'team ' || n, n, 'USD', {yes}, {at}"),
            ),
        ] {
            let text = format!("INSERT INTO {table} ({columns}, account_id) SELECT {values}, ");
            let sql = Sql::new(&test.db).text(&text).bind(ctx.account_id.0).text(&format!(" FROM {series}"));
            sql.execute(&test.db).await.unwrap();
        }
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let (from, to) = ("2026-02-01".parse().unwrap(), "2026-02-08".parse().unwrap());
        let filter = CostFilter { account_ids: vec![ctx.account_id], regions: Vec::new(), from, to };
        for group in [CostGroup::Whole, CostGroup::Account, CostGroup::Region, CostGroup::Day, CostGroup::Month] {
            let sql = cost_sums_sql(backend, &Scope::Everything, &filter, group).inlined();
            assert_eq!(reads_whole(test, &sql, "cost_day", "c").await, None);
        }
        let sql = cost_tag_sums_sql(backend, &Scope::Everything, &filter, "Team").inlined();
        assert_eq!(reads_whole(test, &sql, "cost_tag_day", "c").await, None);
        for (group, table) in [
            (CostDayGroup::Column(CostGroup::Whole), "cost_day"),
            (CostDayGroup::Column(CostGroup::UsageType), "cost_day"),
            (CostDayGroup::Column(CostGroup::Account), "cost_day"),
            (CostDayGroup::Tag("Team".to_owned()), "cost_tag_day"),
        ] {
            let keys = [CostDayKey { key: "type 3200".to_owned(), currency: Currency::USD, series: 0 }];
            let sql = cost_daily_sql(backend, &Scope::Everything, &filter, &group, &keys).inlined();
            assert_eq!(reads_whole(test, &sql, table, "c").await, None);
        }
        let sql = cost_lines_sql(backend, ctx.account_id, from, to).inlined();
        assert_eq!(reads_whole(test, &sql, "cost_day", "c").await, None);
        let place = (ctx.account_id.0, from, "eu-central-1".to_owned(), "type 3200".to_owned());
        for after in [None, Some(place)] {
            let sql = exports::cost_sql(backend, &Scope::Everything, &filter, after, 1000).inlined();
            assert_eq!(reads_whole(test, &sql, "cost_day", "c").await, None);
        }
    }

    async fn sums_of_usage_are_found_by_day_or_workspace(test) {
        let ctx = test.account().await;
        let postgres = test.db.backend() == Backend::Postgres;
        let (series, id, ..) = words(postgres);
        let (at, day, yes) = if postgres {
            ("TIMESTAMPTZ '2026-01-01 00:00:00+00'", "DATE '2026-01-01' + n", "TRUE")
        } else {
            ("'2026-01-01T00:00:00+00:00'", "date('2026-01-01', '+' || n || ' days')", "1")
        };
        let columns = "id, region, aws_id, directory_id, directory_aws_id, bundle_id, bundle_aws_id, user_name, user_key, state, \
                       state_since, root_volume_encrypted, user_volume_encrypted, first_seen_at, changed_at, fingerprint, \
                       tag_text, search, account_id";
        let values = format!(
            "{id}, 'eu-central-1', 'ws-' || n, {id}, 'd-1', {id}, 'wsb-1', 'u', 'u', 'AVAILABLE', {at}, {yes}, {yes}, {at}, {at}, \
             {id}, '', 'u', "
        );
        let text = format!("INSERT INTO workspace ({columns}) SELECT {values}");
        let sql = Sql::new(&test.db).text(&text).bind(ctx.account_id.0).text(&format!(" FROM {series} WHERE n <= 500"));
        sql.execute(&test.db).await.unwrap();
        // A hundred days of each.
        let days = format!(
            "INSERT INTO usage_day (workspace_id, day, hour_mask, hours, connected_minutes, sessions, first_at, last_at, \
             resolution_secs) SELECT w.id, {day}, 1, 1, 60, 1, {at}, {at}, 300 FROM workspace w CROSS JOIN {series} WHERE n <= 100"
        );
        test.db.execute_unprepared(&days).await.unwrap();
        let covered = format!(
            "INSERT INTO usage_coverage (workspace_id, covered_from, covered_to) SELECT w.id, {at}, {at} FROM workspace w"
        );
        test.db.execute_unprepared(&covered).await.unwrap();
        sums_made_anew(test).await;
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let (scope, filter) = (Scope::Everything, WorkspaceFilter::default());
        let week = ("2026-02-01".parse().unwrap(), "2026-02-08".parse().unwrap());
        for group in [UsageGroup::Day, UsageGroup::Month] {
            let sql = usage_by_sql(backend, &scope, &filter, week, &group).inlined();
            assert_eq!(reads_whole(test, &sql, "usage_day", "d").await, None);
        }
        let sql = usage_week_sql(backend, &scope, &filter, week).inlined();
        assert_eq!(reads_whole(test, &sql, "usage_day", "d").await, None);
        let by = |group| UsageSeries { group, keys: vec!["Ops".to_owned()] };
        let tag = by(UsageDayGroup::Of(WorkspaceGroup::Tag("Team".to_owned())));
        let teams = by(UsageDayGroup::Team);
        for series in [None, Some(&tag), Some(&teams)] {
            let sql = usage_weekly_sql(backend, &scope, &filter, week, series).inlined();
            assert_eq!(reads_whole(test, &sql, "usage_week", "k").await, None);
        }
        for series in [&tag, &teams] {
            let sql = usage_daily_sql(backend, &scope, &filter, week, series).inlined();
            assert_eq!(reads_whole(test, &sql, "usage_day", "d").await, None);
        }
        let some: Vec<_> = (1..20_u128).map(|n| WorkspaceId(uuid::Uuid::from_u128(n))).collect();
        let sql = exports::usage_sql(backend, &some, week).inlined();
        assert_eq!(reads_whole(test, &sql, "usage_day", "d").await, None);
        // However long the period is, each WorkSpace is two weeks and its total.
        let year = ("2025-02-01".parse().unwrap(), "2026-02-08".parse().unwrap());
        let known_to = "2026-02-08T00:00:00Z".parse().unwrap();
        let any = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
        let (state, tag) = (WorkspaceGroup::State, WorkspaceGroup::Tag("Team".to_owned()));
        for days in [week, year] {
            for sql in [
                usage_by_sql(backend, &scope, &filter, days, &UsageGroup::Of(state.clone())),
                usage_by_sql(backend, &scope, &filter, days, &UsageGroup::Of(tag.clone())),
                usage_by_sql(backend, &scope, &filter, days, &UsageGroup::Team),
                usage_ranking_sql(backend, &scope, &filter, days, SortDirection::Descending, 50, None),
                usage_groups_sql(backend, &scope, &filter, days, &UsageGroup::Of(state.clone()), 50, None),
                usage_hours_sql(backend, &scope, &filter, days),
                usage_unused_sql(backend, "count(*)", &scope, &filter, days, known_to),
                usage_people_sql(backend, &scope, &any, days),
            ] {
                let sql = sql.inlined();
                assert!(!sql.contains(" usage_day "), "{sql}");
                for alias in ["a", "b", "k"] {
                    assert_eq!(reads_whole(test, &sql, "usage_week", alias).await, None);
                }
            }
        }
        if postgres {
            // Whether the weeks that a period up to now can do without are read is decided once, before they are looked for.
            for (sql, weeks) in [
                (usage_hours_sql(backend, &scope, &filter, year), 1),
                (usage_unused_sql(backend, "count(*)", &scope, &filter, year, known_to), 2),
            ] {
                let lines = plan(&test.db, &sql.inlined()).await;
                let gates = lines.iter().filter(|line| line.contains("One-Time Filter")).count();
                assert_eq!(gates, weeks, "{}", lines.join("\n"));
            }
        }
    }

    async fn days_of_the_fleet_are_found_by_day(test) {
        let ctx = test.account().await;
        let postgres = test.db.backend() == Backend::Postgres;
        let (series, id, ..) = words(postgres);
        let day = if postgres { "DATE '2025-01-01' + n / 100" } else { "date('2025-01-01', '+' || (n / 100) || ' days')" };
        let names: Vec<_> = (0..24).map(|hour| format!("hour_{hour}")).collect();
        let hours = vec!["1"; 24].join(", ");
        let text = format!(
            "INSERT INTO usage_fleet_day (day, region, directory_id, bundle_id, running_mode, compute_type, days, minutes, hours, \
             sessions, {}, account_id) SELECT {day}, 'eu-central-1', {id}, {id}, 'AUTO_STOP', 'POWER', 1, 60, 1, 1, {hours}, ",
            names.join(", ")
        );
        let sql = Sql::new(&test.db).text(&text).bind(ctx.account_id.0).text(&format!(" FROM {series}"));
        sql.execute(&test.db).await.unwrap();
        assert!(usage_months_mend(&test.db).await.unwrap() > 12);
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let any = WorkspaceFilter { gone: GoneFilter::Any, ..WorkspaceFilter::default() };
        let month = ("2026-01-10".parse().unwrap(), "2026-02-08".parse().unwrap());
        let quarter = ("2025-11-20".parse().unwrap(), "2026-02-08".parse().unwrap());
        for filter in [any.clone(), WorkspaceFilter { running_modes: vec![RunningMode::AutoStop], ..any }] {
            for scope in [Scope::Everything, Scope::only(Reach::Account { account_id: ctx.account_id })] {
                let sql = usage_by_sql(backend, &scope, &filter, month, &UsageGroup::Day).inlined();
                assert!(!sql.contains(" usage_day "), "{sql}");
                assert_eq!(reads_whole(test, &sql, "usage_fleet_day", "w").await, None);
                for group in [WorkspaceGroup::Region, WorkspaceGroup::Account, WorkspaceGroup::Bundle] {
                    let keys = vec!["one".to_owned(), "other".to_owned()];
                    let series = UsageSeries { group: UsageDayGroup::Of(group), keys };
                    let sql = usage_daily_sql(backend, &scope, &filter, month, &series).inlined();
                    assert!(!sql.contains(" usage_day ") && !sql.contains(" usage_week "), "{sql}");
                    assert_eq!(reads_whole(test, &sql, "usage_fleet_day", "w").await, None);
                }
                for days in [month, quarter] {
                    let sql = fleet_week_sql(backend, &scope, &filter, days).inlined();
                    assert_eq!(sql.contains(" usage_fleet_month "), days == quarter, "{sql}");
                    for table in ["usage_fleet_day", "usage_fleet_month"] {
                        assert_eq!(reads_whole(test, &sql, table, "w").await, None);
                    }
                }
            }
        }
    }
}
