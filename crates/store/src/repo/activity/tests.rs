//! One list out of two records: in order, each row once however it is paged, each record within what may be seen of it.

use std::collections::BTreeSet;

use chrono::Duration;
use domain::access::{Actor, Permission, Reach, Scope};
use domain::audit::{Entry, Outcome, Record};
use domain::ids::{Region, WorkspaceId};
use serde_json::json;

use super::*;
use crate::repo::audit::{NewEntry, audit_append};
use crate::repo::inventory::{SyncContext, inventory_apply};
use crate::repo::trail::{TrailEventRow, trail_append};
use crate::testing::{TestDb, db_test, observed};

const ROUNDS: usize = 6;

fn everything() -> ActivityQuery {
    ActivityQuery { log: true, aws: Some(Scope::Everything), limit: 200, ..ActivityQuery::default() }
}

/// The whole list, by pages of that length.
async fn walk(test: &TestDb, query: &ActivityQuery, limit: u32) -> Vec<ActivityRecord> {
    let mut query = ActivityQuery { limit, ..query.clone() };
    let mut rows = Vec::new();
    loop {
        let page = activity_page(&test.db, &query).await.unwrap();
        assert!(page.rows.len() <= usize::try_from(limit).unwrap());
        rows.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert_eq!(activity_count(&test.db, &query).await.unwrap(), rows.len() as u64, "{query:?}");
            return rows;
        }
    }
}

fn event(id: &str, at: DateTime<Utc>, workspaces: Vec<String>) -> TrailEventRow {
    TrailEventRow {
        event_id: id.to_owned(),
        at,
        name: "StopWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: "Admin".to_owned(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: None,
        error_message: None,
        detail: json!({}),
        workspaces,
    }
}

async fn noted(test: &TestDb, action: &str, kind: &str, object: &str) {
    let entry = Entry::new(action, Permission::WorkspaceStop).on(kind, object);
    let entry = if kind == "team" { entry.refused("not allowed") } else { entry };
    let (record, personal) = Record::of(entry, &Actor::system(), test.env.new_id(), test.now());
    let tx = test.db.begin().await.unwrap();
    audit_append(&tx, vec![NewEntry { record, personal, at: test.now(), salts: vec![] }]).await.unwrap();
    tx.commit().await.unwrap();
}

fn elsewhere() -> Region {
    "us-east-1".parse().unwrap()
}

/// Rounds of two calls about a WorkSpace, of which one is a look, one in another region that is refused, two entries about the WorkSpace,
/// of which one is a look, and one about a team that is refused; two rounds in each moment.
async fn lived(test: &TestDb) -> (SyncContext, WorkspaceId) {
    let ctx = test.account().await;
    inventory_apply(&test.db, &ctx, &[observed(0)]).await.unwrap();
    let workspace = WorkspaceId::derive(ctx.account_id, &ctx.region, &observed(0).aws_id);
    for round in 0..ROUNDS {
        if round % 2 == 0 {
            test.advance(Duration::minutes(5));
        }
        let here = |more: usize| TrailEventRow {
            read_only: Some(more == 1),
            ..event(&format!("e-{round}-{more}"), test.now(), vec![observed(0).aws_id])
        };
        let here: Vec<_> = (0..2).map(here).collect();
        trail_append(&test.db, ctx.account_id, &ctx.region, &here).await.unwrap();
        let refused = Some("AccessDenied".to_owned());
        let there = TrailEventRow { error_code: refused, ..event(&format!("e-{round}"), test.now(), Vec::new()) };
        trail_append(&test.db, ctx.account_id, &elsewhere(), &[there]).await.unwrap();
        noted(test, "workspace.stop", "workspace", &workspace.to_string()).await;
        noted(test, "workspace.read", "workspace", &workspace.to_string()).await;
        noted(test, "team.create", "team", &format!("team-{round}")).await;
    }
    (ctx, workspace)
}

fn of(rows: &[ActivityRecord], source: ActivitySource) -> usize {
    rows.iter().filter(|row| row.source() == source).count()
}

db_test! {
    async fn pages_of_any_length_hold_each_thing_once_in_order(test) {
        let (_, workspace) = lived(test).await;
        let query = everything();
        let all = walk(test, &query, 1000).await;
        assert_eq!((of(&all, ActivitySource::Wheelhouse), of(&all, ActivitySource::Aws)), (3 * ROUNDS, 3 * ROUNDS));
        let ids: BTreeSet<_> = all.iter().map(|row| (row.source(), row.id())).collect();
        assert_eq!(ids.len(), all.len(), "each once");
        // By moment, record and row, the newest first.
        let number = |row: &ActivityRecord| match row {
            ActivityRecord::Entry(entry) => u128::try_from(entry.seq).unwrap(),
            ActivityRecord::Event(event) => event.id.0.as_u128(),
        };
        let place = |row: &ActivityRecord| (Reverse(row.at()), row.source(), Reverse(number(row)));
        assert!(all.windows(2).all(|two| place(&two[0]) < place(&two[1])), "{all:?}");
        let moments: BTreeSet<_> = all.iter().map(ActivityRecord::at).collect();
        assert_eq!(moments.len(), ROUNDS / 2, "much happened in the same moment");
        let lengths = [1, 2, 3, 5, 7, 35, 36, 37];
        for limit in lengths {
            assert_eq!(walk(test, &query, limit).await, all, "{limit}");
        }

        let narrowed = async |filter: ActivityFilter, fits: &dyn Fn(&ActivityRecord) -> bool| {
            let query = ActivityQuery { filter, ..everything() };
            let expected: Vec<_> = all.iter().filter(|row| fits(row)).cloned().collect();
            for limit in lengths {
                assert_eq!(walk(test, &query, limit).await, expected, "{query:?} by {limit}");
            }
            expected.len()
        };
        let about = |row: &ActivityRecord| match row {
            ActivityRecord::Entry(entry) => {
                entry.record.object.as_ref().is_some_and(|object| object.id == workspace.to_string())
            }
            ActivityRecord::Event(event) => event.workspaces.contains(&workspace),
        };
        let filter = ActivityFilter { workspace: Some(workspace), ..ActivityFilter::default() };
        assert_eq!(narrowed(filter.clone(), &about).await, 4 * ROUNDS, "looks at it are among it");
        let (from, to) = (test.now() - Duration::minutes(5), test.now());
        let between = |row: &ActivityRecord| from <= row.at() && row.at() < to;
        let moments = ActivityFilter { from: Some(from), to: Some(to), ..ActivityFilter::default() };
        assert_eq!(narrowed(moments.clone(), &between).await, 12);
        let both = ActivityFilter { workspace: Some(workspace), ..moments };
        assert_eq!(narrowed(both, &|row: &ActivityRecord| about(row) && between(row)).await, 8);
        for source in [ActivitySource::Wheelhouse, ActivitySource::Aws] {
            let of_one = ActivityFilter { source: Some(source), ..ActivityFilter::default() };
            assert_eq!(narrowed(of_one, &|row: &ActivityRecord| row.source() == source).await, 3 * ROUNDS);
        }
        let change = |row: &ActivityRecord| match row {
            ActivityRecord::Entry(entry) => entry.record.action != "workspace.read",
            ActivityRecord::Event(event) => event.read_only != Some(true),
        };
        let changes = ActivityFilter { changes_only: true, ..ActivityFilter::default() };
        assert_eq!(narrowed(changes, &change).await, 4 * ROUNDS);
        let outcome = |row: &ActivityRecord| match row {
            ActivityRecord::Entry(entry) => entry.record.outcome.clone(),
            ActivityRecord::Event(event) => if event.error_code.is_some() { "refused" } else { "done" }.to_owned(),
        };
        for (ended, count) in [(Outcome::Done, 4 * ROUNDS), (Outcome::Refused, 2 * ROUNDS), (Outcome::Failed, 0)] {
            let so = ActivityFilter { outcome: Some(ended), ..ActivityFilter::default() };
            assert_eq!(narrowed(so, &|row: &ActivityRecord| outcome(row) == ended.as_str()).await, count);
        }
        let all_at_once = ActivityFilter {
            source: Some(ActivitySource::Wheelhouse),
            outcome: Some(Outcome::Done),
            changes_only: true,
            ..filter.clone()
        };
        let stopped = |row: &ActivityRecord| row.source() == ActivitySource::Wheelhouse && about(row) && change(row);
        assert_eq!(narrowed(all_at_once, &stopped).await, ROUNDS);

        // A cursor leads on in its own list alone.
        let cursor = activity_page(&test.db, &ActivityQuery { limit: 5, ..query }).await.unwrap().next;
        assert!(cursor.is_some());
        for stray in [
            ActivityQuery { cursor: cursor.clone(), filter, ..everything() },
            ActivityQuery { cursor: cursor.clone(), log: false, ..everything() },
            ActivityQuery { cursor, aws: Some(Scope::nothing()), ..everything() },
        ] {
            assert!(matches!(activity_page(&test.db, &stray).await, Err(StoreError::BadCursor)), "{stray:?}");
        }
    }

    async fn each_record_is_read_as_far_as_it_may_be_seen(test) {
        let (ctx, _) = lived(test).await;
        let region = |region: Region| Some(Scope::only(Reach::Region { region }));
        for (log, aws, entries, events) in [
            (false, region(ctx.region.clone()), 0, 2 * ROUNDS),
            (false, region(elsewhere()), 0, ROUNDS),
            (true, region(elsewhere()), 3 * ROUNDS, ROUNDS),
            (true, None, 3 * ROUNDS, 0),
            (false, Some(Scope::nothing()), 0, 0),
            (false, None, 0, 0),
        ] {
            let query = ActivityQuery { log, aws, ..everything() };
            let seen = walk(test, &query, 4).await;
            let found = (of(&seen, ActivitySource::Wheelhouse), of(&seen, ActivitySource::Aws));
            assert_eq!(found, (entries, events), "{query:?}");
        }
    }
}
