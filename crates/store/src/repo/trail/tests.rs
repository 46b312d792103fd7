//! Events: taken in once, linked to their WorkSpaces, listed in order and in scope, pruned in batches.

use std::collections::HashSet;

use chrono::Duration;
use serde_json::json;

use super::*;
use crate::repo::inventory::{SyncContext, inventory_apply};
use crate::testing::{TestDb, db_test, observed};

fn event(test: &TestDb, number: usize) -> TrailEventRow {
    TrailEventRow {
        event_id: format!("event-{number:05}"),
        // Three events in each microsecond: the id must break ties.
        at: test.now() - Duration::days(1) + Duration::microseconds(i64::try_from(number / 3).unwrap()),
        name: ["DescribeWorkspaces", "StartWorkspaces", "TerminateWorkspaces"][number % 3].to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: [Some(true), Some(false), None][number % 3],
        actor: format!("Person{}", number % 4),
        actor_arn: Some("arn:aws:iam::1:user/x".to_owned()),
        source_ip: number.is_multiple_of(2).then(|| format!("10.0.0.{}", number % 7)),
        user_agent: None,
        error_code: number.is_multiple_of(5).then(|| "AccessDenied".to_owned()),
        error_message: number.is_multiple_of(5).then(|| "100% refused".to_owned()),
        detail: json!({ "eventVersion": "1.08", "number": number, "odd": "a\u{0}b" }),
        workspaces: (0..number % 4).map(|one| observed(one).aws_id).collect(),
    }
}

async fn taken_in(test: &TestDb, count: usize) -> SyncContext {
    let ctx = test.account().await;
    // The third is read after its events.
    inventory_apply(&test.db, &ctx, &[observed(0), observed(1)]).await.unwrap();
    let events: Vec<_> = (0..count).map(|number| event(test, number)).collect();
    assert_eq!(trail_append(&test.db, ctx.account_id, &ctx.region, &events).await.unwrap(), count as u64);
    inventory_apply(&test.db, &ctx, &[observed(2)]).await.unwrap();
    ctx
}

async fn walk(test: &TestDb, scope: &Scope, filter: &TrailFilter) -> Vec<TrailEventRecord> {
    let mut query = TrailQuery { filter: filter.clone(), cursor: None, limit: 7 };
    let mut rows = Vec::new();
    loop {
        let page = trail_list(&test.db, scope, &query).await.unwrap();
        rows.extend(page.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            let keys: Vec<_> = rows.iter().map(|row| (row.at, row.id.0)).collect();
            let mut sorted = keys.clone();
            sorted.sort_by(|a, b| b.cmp(a));
            sorted.dedup();
            assert_eq!(keys, sorted, "{filter:?}");
            assert_eq!(trail_count(&test.db, scope, filter).await.unwrap(), rows.len() as u64, "{filter:?}");
            return rows;
        }
    }
}

db_test! {
    async fn events_are_taken_in_once(test) {
        let ctx = taken_in(test, 40).await;
        // A window that is read again with a few new ones, one of them twice.
        let again: Vec<_> = (30..45).chain([44]).map(|number| event(test, number)).collect();
        assert_eq!(trail_append(&test.db, ctx.account_id, &ctx.region, &again).await.unwrap(), 5);
        assert_eq!(trail_append(&test.db, ctx.account_id, &ctx.region, &[]).await.unwrap(), 0);
        // The same ids in another region are other events.
        let elsewhere: Region = "us-east-1".parse().unwrap();
        assert_eq!(trail_append(&test.db, ctx.account_id, &elsewhere, &again).await.unwrap(), 15);
        let id = TrailEventId::derive(ctx.account_id, &ctx.region, "event-00035");
        let (record, detail) = trail_fetch(&test.db, &Scope::Everything, id).await.unwrap().unwrap();
        let given = event(test, 35);
        assert_eq!(detail, json!({ "eventVersion": "1.08", "number": 35, "odd": "ab" }));
        let mut links: Vec<_> =
            given.workspaces.iter().map(|aws_id| WorkspaceId::derive(ctx.account_id, &ctx.region, aws_id)).collect();
        links.sort();
        let expected = TrailEventRecord {
            id, account_id: ctx.account_id, region: ctx.region.clone(), event_id: given.event_id, at: given.at, name: given.name,
            source: given.source, read_only: given.read_only, actor: given.actor, actor_arn: given.actor_arn,
            source_ip: given.source_ip, user_agent: given.user_agent, error_code: given.error_code,
            error_message: given.error_message, workspaces: links,
        };
        assert_eq!(record, expected);
        assert_eq!(record.workspaces.len(), 3);
        let nobody = trail_append(&test.db, AccountId(test.env.new_id()), &ctx.region, &again).await;
        assert!(matches!(nobody, Err(StoreError::Missing { .. })), "{nobody:?}");
    }

    async fn an_event_of_a_day_beyond_the_calendar_does_not_keep_the_others_out(test) {
        let ctx = test.account().await;
        let mut events: Vec<_> = (0..3).map(|number| event(test, number)).collect();
        (events[0].at, events[1].at) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert_eq!(trail_append(&test.db, ctx.account_id, &ctx.region, &events).await.unwrap(), 3);
        let rows = walk(test, &Scope::Everything, &TrailFilter::default()).await;
        let names: Vec<_> = rows.iter().map(|row| row.event_id.as_str()).collect();
        assert_eq!(names, ["event-00001", "event-00002", "event-00000"], "in order of time");
    }

    async fn every_filter_gives_each_event_once_and_in_order(test) {
        let ctx = taken_in(test, 100).await;
        let all: Vec<_> = (0..100).map(|number| event(test, number)).collect();
        let third = WorkspaceId::derive(ctx.account_id, &ctx.region, &observed(2).aws_id);
        let (from, to) = (all[10].at, all[60].at);
        let base = TrailFilter::default();
        let elsewhere: Region = "us-east-1".parse().unwrap();
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        // More than have a stretch of the index each.
        let many = (0..9).map(|number| format!("Call{number}")).chain(texts(&["StartWorkspaces", "TerminateWorkspaces"])).collect();
        type Fits<'a> = Box<dyn Fn(&TrailEventRow) -> bool + 'a>;
        let cases: Vec<(TrailFilter, Fits<'_>)> = vec![
            (base.clone(), Box::new(|_| true)),
            (TrailFilter { account_ids: vec![ctx.account_id], ..base.clone() }, Box::new(|_| true)),
            (TrailFilter { account_ids: vec![ctx.account_id], regions: vec![ctx.region.clone()], ..base.clone() }, Box::new(|_| true)),
            (TrailFilter { account_ids: vec![ctx.account_id, AccountId(test.env.new_id())], ..base.clone() }, Box::new(|_| true)),
            (TrailFilter { regions: vec![elsewhere.clone()], ..base.clone() }, Box::new(|_| false)),
            (TrailFilter { regions: vec![elsewhere.clone(), ctx.region.clone(), elsewhere], ..base.clone() }, Box::new(|_| true)),
            (TrailFilter { workspace_id: Some(third), ..base.clone() }, Box::new(|e| e.workspaces.len() > 2)),
            (
                TrailFilter { workspace_id: Some(third), from: Some(from), to: Some(to), refused: Some(true), ..base.clone() },
                Box::new(move |e| e.workspaces.len() > 2 && e.error_code.is_some() && (from..to).contains(&e.at)),
            ),
            (TrailFilter { names: texts(&["StartWorkspaces"]), ..base.clone() }, Box::new(|e| e.name == "StartWorkspaces")),
            (
                TrailFilter { names: texts(&["StartWorkspaces", "TerminateWorkspaces", "StartWorkspaces"]), ..base.clone() },
                Box::new(|e| e.name != "DescribeWorkspaces"),
            ),
            (TrailFilter { names: many, ..base.clone() }, Box::new(|e| e.name != "DescribeWorkspaces")),
            (
                TrailFilter {
                    names: texts(&["StartWorkspaces", "DescribeWorkspaces"]),
                    actors: texts(&["Person1", "Person3"]),
                    regions: vec![ctx.region.clone()],
                    from: Some(from),
                    ..base.clone()
                },
                Box::new(move |e| e.name != "TerminateWorkspaces" && ["Person1", "Person3"].contains(&e.actor.as_str()) && e.at >= from),
            ),
            (
                TrailFilter { workspace_id: Some(third), names: texts(&["StartWorkspaces", "DescribeWorkspaces"]), ..base.clone() },
                Box::new(|e| e.workspaces.len() > 2 && e.name != "TerminateWorkspaces"),
            ),
            (TrailFilter { actors: texts(&["Person3"]), ..base.clone() }, Box::new(|e| e.actor == "Person3")),
            (TrailFilter { from: Some(from), to: Some(to), ..base.clone() }, Box::new(move |e| (from..to).contains(&e.at))),
            (TrailFilter { refused: Some(true), ..base.clone() }, Box::new(|e| e.error_code.is_some())),
            (TrailFilter { refused: Some(false), ..base.clone() }, Box::new(|e| e.error_code.is_none())),
            (TrailFilter { writes_only: true, ..base.clone() }, Box::new(|e| e.read_only != Some(true))),
            (
                TrailFilter { q: Some("person1 TERMINATE".to_owned()), ..base.clone() },
                Box::new(|e| e.actor == "Person1" && e.name == "TerminateWorkspaces"),
            ),
            (TrailFilter { q: Some("100%".to_owned()), ..base.clone() }, Box::new(|e| e.error_code.is_some())),
            (TrailFilter { q: Some(format!("{} 10.0.0.2", observed(1).aws_id)), ..base }, Box::new(|e| {
                e.workspaces.len() > 1 && e.source_ip.as_deref() == Some("10.0.0.2")
            })),
        ];
        for (filter, fits) in cases {
            let found: HashSet<_> = walk(test, &Scope::Everything, &filter).await.into_iter().map(|row| row.event_id).collect();
            let expected: HashSet<_> = all.iter().filter(|e| fits(e)).map(|e| e.event_id.clone()).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
    }

    async fn facets_count_the_newest_events_within_the_scope(test) {
        let ctx = taken_in(test, 60).await;
        let found = trail_facets(&test.db, &Scope::Everything, &TrailFilter::default(), 1000).await.unwrap();
        let of = |values: &[TrailValue]| values.iter().map(|v| (v.value.clone(), v.count)).collect::<HashMap<_, _>>();
        assert_eq!(found.looked_at, 60);
        assert_eq!(of(&found.names), ["DescribeWorkspaces", "StartWorkspaces", "TerminateWorkspaces"].map(|n| (n.to_owned(), 20)).into());
        assert_eq!(of(&found.actors), (0..4).map(|n| (format!("Person{n}"), 15)).collect());
        assert_eq!(of(&found.regions), [(ctx.region.to_string(), 60)].into());
        assert_eq!(of(&found.accounts), [(ctx.account_id.to_string(), 60)].into());
        assert_eq!(of(&found.outcomes), [("done".to_owned(), 48), ("refused".to_owned(), 12)].into());
        assert!(found.names.windows(2).all(|pair| pair[0].count >= pair[1].count));
        // The newest only, of what the filter and the scope leave.
        let newest = trail_facets(&test.db, &Scope::Everything, &TrailFilter::default(), 6).await.unwrap();
        assert_eq!((newest.looked_at, newest.names.len()), (6, 3));
        let own = Scope::desktops([observed(2).user_name]);
        let filter = TrailFilter { names: vec!["StartWorkspaces".to_owned()], ..TrailFilter::default() };
        let mine = trail_facets(&test.db, &own, &filter, 1000).await.unwrap();
        let expected = (0..60).filter(|number| number % 4 == 3 && number % 3 == 1).count() as u64;
        // What is chosen narrows the others, and not what is beside it.
        assert_eq!(of(&mine.actors), [("Person3".to_owned(), expected)].into());
        assert_eq!(of(&mine.names), ["DescribeWorkspaces", "StartWorkspaces", "TerminateWorkspaces"].map(|n| (n.to_owned(), 5)).into());
        assert_eq!(mine.looked_at, 15);
        let several = TrailFilter {
            names: vec!["StartWorkspaces".to_owned(), "TerminateWorkspaces".to_owned()],
            actors: vec!["Person0".to_owned()],
            refused: Some(true),
            ..TrailFilter::default()
        };
        let several = trail_facets(&test.db, &Scope::Everything, &several, 1000).await.unwrap();
        let count = |calls: &[usize], people: &[usize], refused: bool| {
            let fits = |n: &usize| calls.contains(&(n % 3)) && people.contains(&(n % 4)) && n.is_multiple_of(5) == refused;
            (0..60).filter(fits).count() as u64
        };
        let names = ["DescribeWorkspaces", "StartWorkspaces", "TerminateWorkspaces"];
        let names = names.into_iter().enumerate().map(|(call, name)| (name.to_owned(), count(&[call], &[0], true)));
        assert_eq!(of(&several.names), names.collect());
        let people = (0..4).map(|who| (format!("Person{who}"), count(&[1, 2], &[who], true)));
        assert_eq!(of(&several.actors), people.collect());
        let outcomes = [("done", false), ("refused", true)].map(|(name, refused)| (name.to_owned(), count(&[1, 2], &[0], refused)));
        assert_eq!(of(&several.outcomes), outcomes.into());
        assert_eq!(of(&several.regions), [(ctx.region.to_string(), count(&[1, 2], &[0], true))].into());
        let nothing = trail_facets(&test.db, &Scope::nothing(), &TrailFilter::default(), 1000).await.unwrap();
        assert_eq!(nothing, TrailFacets::default());
    }

    async fn a_person_with_a_desktop_sees_what_is_about_it(test) {
        let ctx = taken_in(test, 50).await;
        let own = Scope::desktops([observed(2).user_name.to_uppercase()]);
        let rows = walk(test, &own, &TrailFilter::default()).await;
        assert_eq!(rows.len(), (0..50).filter(|number| number % 4 == 3).count());
        let foreign = TrailEventId::derive(ctx.account_id, &ctx.region, "event-00001");
        assert!(trail_fetch(&test.db, &Scope::Everything, foreign).await.unwrap().is_some());
        assert_eq!(trail_fetch(&test.db, &own, foreign).await.unwrap(), None);
        let own_one = TrailEventId::derive(ctx.account_id, &ctx.region, "event-00003");
        assert!(trail_fetch(&test.db, &own, own_one).await.unwrap().is_some());
        // A page of somebody else's list is refused.
        let query = TrailQuery { limit: 3, ..TrailQuery::default() };
        let next = trail_list(&test.db, &Scope::Everything, &query).await.unwrap().next;
        assert!(next.is_some());
        let refused = trail_list(&test.db, &own, &TrailQuery { cursor: next, ..query }).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
    }

    async fn old_events_go_in_batches_and_take_their_links_along(test) {
        taken_in(test, 60).await;
        let before = event(test, 30).at;
        let mut gone = Vec::new();
        loop {
            let batch = trail_prune(&test.db, before, 12).await.unwrap();
            gone.push(batch);
            if batch == 0 {
                break;
            }
        }
        assert_eq!(gone, [12, 12, 6, 0]);
        assert_eq!(trail_count(&test.db, &Scope::Everything, &TrailFilter::default()).await.unwrap(), 30);
        let left = Sql::new(&test.db).text("SELECT count(*) FROM trail_event_workspace").count(&test.db).await.unwrap();
        let expected: usize = (30..60).map(|number| event(test, number).workspaces.len()).sum();
        assert_eq!(left, expected as u64);
    }
}
