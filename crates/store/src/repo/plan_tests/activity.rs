//! The plans of a page over both records of what happened: each is read along an index of its moments, and what is about one
//! WorkSpace by that.

use chrono::{DateTime, Utc};
use domain::access::{Reach, Scope};
use domain::audit::Outcome;
use domain::ids::{AccountId, WorkspaceId};
use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

use super::{walks, whole, words};
use crate::cursor::Behind;
use crate::db::Backend;
use crate::repo::activity::ActivityFilter;
use crate::repo::audit::audit_behind_sql;
use crate::repo::trail::trail_behind_sql;
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, plan};

/// A second between events and between entries; one event in fifty and one entry in five hundred are about the WorkSpace, and one entry
/// in a thousand was refused.
async fn fill(test: &TestDb, account: AccountId, workspace: WorkspaceId) {
    let postgres = test.db.backend() == Backend::Postgres;
    let (series, id, json, _) = words(postgres);
    let (at, no) = if postgres {
        ("TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 second'", "FALSE")
    } else {
        ("strftime('%Y-%m-%dT%H:%M:%S+00:00', 1767225600 + n, 'unixepoch')", "0")
    };
    let events = format!(
        "INSERT INTO trail_event (id, region, event_id, at, name, source, read_only, actor, error_code, detail, account_id) \
         SELECT {id}, 'eu-central-1', 'e', {at}, 'StartWorkspaces', 's', {no}, 'a', \
         CASE n % 50 WHEN 0 THEN 'AccessDenied' END, {json}, "
    );
    let from = format!(" FROM {series}");
    Sql::new(&test.db).text(&events).bind(account.0).text(&from).execute(&test.db).await.unwrap();
    let links = Sql::new(&test.db)
        .text("INSERT INTO trail_event_workspace (event_id, at, workspace_id) SELECT t.id, t.at, ")
        .bind(workspace.0)
        .text(" FROM trail_event t WHERE t.error_code IS NOT NULL");
    links.execute(&test.db).await.unwrap();
    let entries = format!(
        "INSERT INTO audit_entry (seq, at, actor_kind, action, object_kind, object_id, outcome, request_id, body, prev_hash, hash) \
         SELECT n, {at}, 'user', 'workspace.read', 'workspace', CASE n % 500 WHEN 0 THEN '{workspace}' ELSE 'y' || (n % 500) END, \
         CASE n % 1000 WHEN 0 THEN 'refused' ELSE 'done' END, 'r' || n, '{{}}', '', ''{from}"
    );
    test.db.execute_unprepared(&entries).await.unwrap();
    for subject in ["actor", "object"] {
        let parts = format!(
            "INSERT INTO audit_personal (seq, subject, salt, body) SELECT n, '{subject}', '', '{{\"name\":\"Person ' || n || '\"}}'{from}"
        );
        test.db.execute_unprepared(&parts).await.unwrap();
    }
    test.db.execute_unprepared("ANALYZE").await.unwrap();
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Each way in which a record goes on behind a row of the list.
fn ways<I>(id: I) -> [Behind<I>; 4] {
    let moment = at("2026-01-01T08:00:00Z");
    [Behind::Nothing, Behind::Before(moment), Behind::UpTo(moment), Behind::Row(moment, id)]
}

db_test! {
    async fn pages_over_both_records_come_out_of_indexes(test) {
        let ctx = test.account().await;
        let workspace = WorkspaceId::derive(ctx.account_id, &ctx.region, "ws-000000001");
        fill(test, ctx.account_id, workspace).await;
        let backend = test.db.get_database_backend();
        let (from, to) = (Some(at("2026-01-01T01:00:00Z")), Some(at("2026-01-01T09:00:00Z")));
        let base = ActivityFilter::default();
        let account = Scope::only(Reach::Account { account_id: ctx.account_id });
        for filter in [
            base.clone(),
            ActivityFilter { from, to, ..base.clone() },
            ActivityFilter { from, ..base.clone() },
            ActivityFilter { changes_only: true, ..base.clone() },
            ActivityFilter { outcome: Some(Outcome::Done), ..base.clone() },
        ] {
            for way in ways(28_800) {
                let sql = audit_behind_sql(Sql::of(backend), &filter.of_log(), way, 51).inlined();
                assert_eq!(walks(test, &sql).await, None);
                let lines = plan(&test.db, &sql).await.join("\n");
                assert!(lines.contains("ix_audit_entry_at") && !lines.contains("Sort"), "{sql}\n{lines}");
            }
            for scope in [Scope::Everything, account.clone()] {
                for way in ways(Uuid::from_u128(28_800)) {
                    let sql = trail_behind_sql(backend, &scope, &filter.of_aws(), &way, 51).inlined();
                    assert_eq!(whole(test, &scope, &sql).await, None);
                }
            }
        }
        let refused = ActivityFilter { outcome: Some(Outcome::Refused), ..base.clone() };
        for way in ways(28_800) {
            // They are few: found by how they ended and sorted, or found along the moments.
            let sql = audit_behind_sql(Sql::of(backend), &refused.of_log(), way, 51).inlined();
            let lines = plan(&test.db, &sql).await.join("\n");
            assert!(lines.contains("ix_audit_entry_") && !lines.contains("Seq Scan"), "{sql}\n{lines}");
        }
        for way in ways(Uuid::from_u128(28_800)) {
            let sql = trail_behind_sql(backend, &Scope::Everything, &refused.of_aws(), &way, 51).inlined();
            assert_eq!(whole(test, &Scope::Everything, &sql).await, None);
        }
        for filter in [
            ActivityFilter { workspace: Some(workspace), ..base.clone() },
            ActivityFilter { workspace: Some(workspace), from, to, ..base.clone() },
        ] {
            for way in ways(28_800) {
                // The entries about one are few, and sorted.
                let sql = audit_behind_sql(Sql::of(backend), &filter.of_log(), way, 51).inlined();
                let lines = plan(&test.db, &sql).await.join("\n");
                assert!(lines.contains("ix_audit_entry_object_id") && !lines.contains("Seq Scan"), "{sql}\n{lines}");
            }
            for way in ways(Uuid::from_u128(28_800)) {
                let sql = trail_behind_sql(backend, &Scope::Everything, &filter.of_aws(), &way, 51).inlined();
                assert_eq!(whole(test, &Scope::Everything, &sql).await, None);
                let lines = plan(&test.db, &sql).await.join("\n");
                assert!(lines.contains("ix_trail_event_workspace"), "{sql}\n{lines}");
            }
        }
    }
}
