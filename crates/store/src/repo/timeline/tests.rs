//! One timeline out of four tables: in order, each once however it is paged, within scope; and the plans of its queries.

use chrono::Duration;
use domain::access::{Actor, Permission, Reach};
use domain::audit::Entry;
use domain::ids::{SyncRunId, WorkspaceId};
use domain::jobs::JobState;
use domain::workspace::Tags;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::*;
use crate::db::Backend;
use crate::queue::{NewJob, enqueue};
use crate::repo::audit::{NewEntry, audit_append};
use crate::repo::inventory::{SyncContext, inventory_apply, tags_apply, workspaces_state_set};
use crate::repo::scope::JobScope;
use crate::repo::trail::{TrailEventRow, trail_append};
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, observed, plan};

fn everything(workspace: WorkspaceId) -> TimelineQuery {
    let source = |kind: &TimelineKind| TimelineSource { kind: *kind, scope: Scope::Everything };
    let sources = TimelineKind::ALL.iter().map(source).collect();
    TimelineQuery { workspace, sources, from: None, to: None, cursor: None, limit: 200 }
}

async fn walk(test: &TestDb, query: &TimelineQuery, limit: u32) -> Vec<TimelineRecord> {
    let mut query = TimelineQuery { limit, ..query.clone() };
    let mut rows = Vec::new();
    loop {
        let page = timeline_page(&test.db, &query).await.unwrap();
        rows.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert_eq!(timeline_count(&test.db, &query).await.unwrap(), rows.len() as u64);
            return rows;
        }
    }
}

fn event(number: usize, at: DateTime<Utc>, workspace: &str) -> TrailEventRow {
    TrailEventRow {
        event_id: format!("e-{number}"),
        at,
        name: "StopWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: "Admin".to_owned(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: number.is_multiple_of(3).then(|| "AccessDenied".to_owned()),
        error_message: None,
        detail: json!({}),
        workspaces: vec![workspace.to_owned()],
    }
}

async fn noted(test: &TestDb, action: &str, workspace: WorkspaceId, job: Option<JobId>) {
    let entry = Entry::new(action, Permission::WorkspaceStop).on("workspace", workspace);
    let entry = entry.after(json!({ "job_id": job }));
    let (record, personal) = Record::of(entry, &Actor::system(), test.env.new_id(), test.now());
    let tx = test.db.begin().await.unwrap();
    audit_append(&tx, vec![NewEntry { record, personal, at: test.now(), salts: vec![] }]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Two WorkSpaces to which much happened in the same microsecond, the first of them much more.
async fn lived(test: &TestDb) -> (SyncContext, WorkspaceId, WorkspaceId) {
    let mut ctx = test.account().await;
    let mut fleet: Vec<_> = (0..2).map(observed).collect();
    inventory_apply(&test.db, &ctx, &fleet).await.unwrap();
    let id = |number: usize| WorkspaceId::derive(ctx.account_id, &ctx.region, &observed(number).aws_id);
    let (one, other) = (id(0), id(1));
    let read = |value: &str| vec![(one, Tags::from([("Team".to_owned(), value.to_owned())]))];
    tags_apply(&test.db, &read("core"), test.now()).await.unwrap();
    let states =
        [WorkspaceState::Stopping, WorkspaceState::Stopped, WorkspaceState::Starting, WorkspaceState::Available];
    for (number, state) in states.iter().cycle().take(12).enumerate() {
        // Three rounds in each moment.
        if number % 3 == 0 {
            test.advance(Duration::minutes(5));
        }
        ctx = SyncContext { at: test.now(), run: Some(SyncRunId(test.env.new_id())), ..ctx };
        workspaces_state_set(&test.db, &[one, other], state, ctx.at).await.unwrap();
        fleet[0].state = state.clone();
        fleet[0].root_volume_gib = Some(90 + 10 * i32::try_from(number).unwrap());
        inventory_apply(&test.db, &ctx, &fleet[..1]).await.unwrap();
        let events: Vec<_> = (0..2).map(|more| event(2 * number + more, ctx.at, &observed(0).aws_id)).collect();
        trail_append(&test.db, ctx.account_id, &ctx.region, &events).await.unwrap();
        noted(test, "workspace.stop", one, None).await;
        noted(test, "workspace.read", one, None).await;
        tags_apply(&test.db, &read(&format!("team {}", number / 6)), ctx.at).await.unwrap();
    }
    (ctx, one, other)
}

db_test! {
    async fn pages_of_any_length_hold_each_thing_once_in_order(test) {
        let (ctx, one, other) = lived(test).await;
        let query = everything(one);
        let all = walk(test, &query, 1000).await;
        let count = |kind| all.iter().filter(|row| row.fact.kind() == kind).count();
        // Twelve states and the first look; twelve volumes and two tags (the first read of tags is no change); no reads.
        let counts = TimelineKind::ALL.iter().map(|kind| count(*kind)).collect::<Vec<_>>();
        assert_eq!(counts, [13, 14, 12, 24]);
        assert!(all.windows(2).all(|two| two[0].at >= two[1].at));
        let ids: std::collections::BTreeSet<_> = all.iter().map(|row| (row.fact.kind(), row.fact.id())).collect();
        assert_eq!(ids.len(), all.len());
        for limit in [1, 2, 3, 7, 62, 63, 64] {
            assert_eq!(walk(test, &query, limit).await, all, "{limit}");
        }
        let first = TimelineFact::State { id: 0, before: None, after: WorkspaceState::Available };
        assert_eq!(all.last().unwrap().fact, first);
        let tags = all.iter().filter_map(|row| match &row.fact {
            TimelineFact::Configuration { field: ConfigurationField::Tag, name, before, after, .. } =>
                Some((name.as_deref().unwrap(), before.as_deref().unwrap(), after.as_deref().unwrap())),
            _ => None,
        });
        assert_eq!(tags.collect::<Vec<_>>(), [("Team", "team 0", "team 1"), ("Team", "core", "team 0")]);
        // Between two moments, and of some kinds.
        let (from, to) = (ctx.at - Duration::minutes(10), ctx.at);
        let between = TimelineQuery { from: Some(from), to: Some(to), ..query.clone() };
        let expected: Vec<_> = all.iter().filter(|row| row.at >= from && row.at < to).cloned().collect();
        assert_eq!(walk(test, &between, 5).await, expected);
        let mut calls = query.clone();
        calls.sources.retain(|source| source.kind == TimelineKind::Aws);
        assert_eq!(walk(test, &calls, 5).await.len(), 24);
        assert_eq!(walk(test, &everything(other), 4).await.len(), 13);
        // A cursor leads on in its own timeline alone.
        let cursor = timeline_page(&test.db, &TimelineQuery { limit: 5, ..query }).await.unwrap().next;
        for stray in [TimelineQuery { cursor: cursor.clone(), ..everything(other) }, TimelineQuery { cursor, ..calls }] {
            assert!(matches!(timeline_page(&test.db, &stray).await, Err(StoreError::BadCursor)));
        }
    }

    async fn a_source_is_read_within_its_own_scope(test) {
        let (ctx, one, _) = lived(test).await;
        let elsewhere = Scope::only(Reach::Region { region: "us-east-1".parse().unwrap() });
        let here = Scope::only(Reach::Region { region: ctx.region.clone() });
        let mut query = everything(one);
        for source in &mut query.sources {
            source.scope = if source.kind == TimelineKind::Aws { here.clone() } else { elsewhere.clone() };
        }
        let seen = walk(test, &query, 10).await;
        assert_eq!(seen.len(), 24);
        assert!(seen.iter().all(|row| row.fact.kind() == TimelineKind::Aws));
    }

    async fn what_aws_leaves_unsaid_is_no_change(test) {
        let mut ctx = test.account().await;
        let mut one = observed(0);
        inventory_apply(&test.db, &ctx, std::slice::from_ref(&one)).await.unwrap();
        let id = WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id);
        for (name, mode) in [(None, "AUTO_STOP"), (Some("WSAMZN-00000"), "ALWAYS_ON"), (Some("WSAMZN-7"), "ALWAYS_ON")] {
            test.advance(Duration::minutes(1));
            ctx = SyncContext { at: test.now(), run: None, ..ctx };
            one.computer_name = name.map(str::to_owned);
            one.running_mode = Some(mode.into());
            inventory_apply(&test.db, &ctx, std::slice::from_ref(&one)).await.unwrap();
        }
        let mut query = everything(id);
        query.sources.retain(|source| source.kind == TimelineKind::Configuration);
        let told: Vec<_> = walk(test, &query, 10).await.into_iter().map(|row| match row.fact {
            TimelineFact::Configuration { field, before, after, .. } => (field, before.unwrap(), after.unwrap()),
            other => panic!("{other:?}"),
        }).collect();
        let mode = (ConfigurationField::RunningMode, "AUTO_STOP".to_owned(), "ALWAYS_ON".to_owned());
        let name = (ConfigurationField::ComputerName, "WSAMZN-00000".to_owned(), "WSAMZN-7".to_owned());
        assert_eq!(told, [name, mode]);
    }

    async fn a_job_tells_what_became_of_one_of_many(test) {
        let (ctx, one, other) = lived(test).await;
        let job = async |result: Value| {
            let tx = test.db.begin().await.unwrap();
            let mut new = NewJob::new("workspace-action", "x".to_owned(), json!({}));
            new.account_id = Some(ctx.account_id);
            let id = enqueue(&tx, &test.env, new).await.unwrap().id();
            tx.commit().await.unwrap();
            let sql = Sql::new(&test.db).text("UPDATE job SET result = ").bind(result).text(" WHERE id = ").bind(id.0);
            sql.execute(&test.db).await.unwrap();
            id
        };
        let items = json!([{ "id": other, "ok": true }, { "id": one, "ok": false, "message": "no" }]);
        let (whole, odd, none) =
            (job(json!({ "items": items })).await, job(json!({ "items": 7 })).await, job(json!("x")).await);
        let ids = [whole, odd, none, JobId(test.env.new_id())];
        let nobody = JobScope { scope: Scope::nothing(), own: None };
        for scope in [JobScope::everything(), nobody.clone()] {
            let found = timeline_job_outcomes(&test.db, &scope, one, &ids).await.unwrap();
            assert_eq!(found.len(), 3);
            assert_eq!(found[&whole].item.as_ref().unwrap()["message"], "no");
            assert_eq!((&found[&odd].item, &found[&none].item), (&None, &None));
            assert!(found.values().all(|job| job.visible == (scope != nobody) && job.state == JobState::Queued));
        }
    }

    async fn each_source_is_read_along_its_index(test) {
        let (ctx, one, _) = lived(test).await;
        let postgres = test.db.backend() == Backend::Postgres;
        let (series, at) = if postgres {
            ("generate_series(1, 50000) AS s(n)", "TIMESTAMPTZ '2025-01-01 00:00:00+00' + n * INTERVAL '1 second'")
        } else {
            (
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 50000) SELECT n FROM s)",
                "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1735689600 + n, 'unixepoch')",
            )
        };
        for into in ["workspace_state_history (at, \"before\", \"after\", workspace_id) SELECT {at}, 'STOPPED', 'AVAILABLE', ",
            "workspace_change (at, field, \"before\", \"after\", workspace_id) SELECT {at}, 'root_volume_gib', '1', '2', "] {
            let text = format!("INSERT INTO {}", into.replace("{at}", at));
            Sql::new(&test.db).text(&text).bind(one.0).text(&format!(" FROM {series}")).execute(&test.db).await.unwrap();
        }
        let entries = format!(
            "INSERT INTO audit_entry (seq, at, actor_kind, action, object_kind, outcome, body, prev_hash, hash, object_id) \
             SELECT n + 1000, {at}, 'user', CASE WHEN n % 50 = 0 THEN 'workspace.stop' ELSE 'workspace.read' END, 'workspace', \
             'done', '{{}}', '', '', "
        );
        let sql = Sql::new(&test.db).text(&entries).bind(one.to_string());
        sql.text(&format!(" FROM {series}")).execute(&test.db).await.unwrap();
        let events: Vec<_> = (1000..6000)
            .map(|number| event(number, ctx.at - Duration::seconds(i64::try_from(number).unwrap()), &observed(0).aws_id))
            .collect();
        trail_append(&test.db, ctx.account_id, &ctx.region, &events).await.unwrap();
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let first = everything(one);
        let moment = Some(ctx.at - Duration::minutes(7));
        for query in [first.clone(), TimelineQuery { from: moment, ..first.clone() }, TimelineQuery { to: moment, ..first }] {
            let page = timeline_page(&test.db, &TimelineQuery { limit: 3, ..query.clone() }).await.unwrap();
            let next = TimelineQuery { limit: 3, cursor: page.next, ..query };
            let start = next.start().unwrap();
            for (source, (table, index)) in next.sources.iter().zip([
                (&STATES, "ix_workspace_history"),
                (&CHANGES, "ix_workspace_change"),
                (&ACTIONS, "ix_audit_entry_workspace"),
                (&EVENTS, "ix_trail_event_workspace"),
            ]) {
                for start in [None, start.as_ref()] {
                    let sql = query::page(backend, &next, source, table, start).unwrap().inlined();
                    let lines = plan(&test.db, &sql).await;
                    let whole = lines.join("\n");
                    assert!(whole.contains(index), "{sql}\n{whole}");
                    let bad = |line: &&String| {
                        line.contains("Seq Scan on workspace_") || line.contains("Seq Scan on audit_entry")
                            || line.contains("Seq Scan on trail_event") || line.contains("Sort")
                            || line.contains("USE TEMP B-TREE") || line.trim_start().starts_with("SCAN")
                    };
                    assert_eq!(lines.iter().find(bad), None, "{sql}\n{whole}");
                }
            }
        }
    }
}
