//! Requests: made once, taken back once, seen by whom they concern, paged in order, gone with their person; and their plans.

use std::collections::HashSet;

use chrono::Duration;
use domain::access::Reach;
use sea_orm::ConnectionTrait as _;

use super::*;
use crate::db::Backend;
use crate::repo::inventory::inventory_apply;
use crate::repo::privacy::person_remove;
use crate::repo::users::{NewUser, user_insert};
use crate::testing::{TestDb, db_test, observed, plan};

async fn person(test: &TestDb, email: &str) -> UserId {
    let id = UserId(test.env.new_id());
    let (email, display_name) = (email.to_owned(), "A Person".to_owned());
    user_insert(&test.db, &NewUser { id, email, display_name, password_hash: None, at: test.now() }).await.unwrap();
    id
}

async fn made(test: &TestDb, user: UserId, key: &str, kind: RequestKind, desktop: Option<RequestPlace>) -> RequestId {
    test.advance(Duration::seconds(1));
    let id = RequestId(test.env.new_id());
    let (user_key, note) = (key.to_owned(), "please".to_owned());
    let new = NewRequest { id, user_id: user, user_key, kind, desktop, bundle: None, note, at: test.now() };
    request_insert(&test.db, &new, test.env.new_id()).await.unwrap();
    id
}

fn seen(scope: Scope, own: Option<UserId>) -> RequestScope {
    RequestScope { scope, own }
}

async fn walk(test: &TestDb, scope: &RequestScope, filter: &RequestFilter) -> Vec<RequestId> {
    let mut query = RequestQuery { filter: filter.clone(), cursor: None, limit: 2 };
    let mut found = Vec::new();
    loop {
        let page = request_list(&test.db, scope, &query).await.unwrap();
        found.extend(page.rows.into_iter().map(|row| row.id));
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert!(found.windows(2).all(|pair| pair[0].0 > pair[1].0), "newest first");
            assert_eq!(request_count(&test.db, scope, filter).await.unwrap(), found.len() as u64);
            return found;
        }
    }
}

db_test! {
    async fn a_request_is_taken_back_once_by_whoever_made_it(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        let id = made(test, ada, "ada", RequestKind::NewDesktop, None).await;
        assert_eq!(request_count_open(&test.db, ada).await.unwrap(), 1);
        test.advance(Duration::seconds(5));
        let now = test.now();
        assert!(!request_withdraw(&test.db, grace, id, test.env.new_id(), now).await.unwrap(), "hers it is not");
        assert!(request_withdraw(&test.db, ada, id, test.env.new_id(), now).await.unwrap());
        assert!(!request_withdraw(&test.db, ada, id, test.env.new_id(), now).await.unwrap(), "once");
        let all = seen(Scope::Everything, None);
        let record = request_fetch(&test.db, &all, id).await.unwrap().unwrap();
        assert_eq!((record.status, record.version, record.updated_at), (RequestStatus::Withdrawn, 2, now));
        assert_eq!((record.email.as_str(), record.note.as_str(), record.desktop), ("ada@example.com", "please", None));
        let steps = request_steps(&test.db, id).await.unwrap();
        let stood: Vec<_> = steps.iter().map(|step| (step.status, step.email.as_deref())).collect();
        let by = Some("ada@example.com");
        assert_eq!(stood, [(RequestStatus::Open, by), (RequestStatus::Withdrawn, by)]);
        assert_eq!(request_count_open(&test.db, ada).await.unwrap(), 0);
    }

    async fn a_request_is_seen_by_whoever_made_it_and_by_those_within_whose_reach_it_lies(test) {
        let ctx = test.account().await;
        inventory_apply(&test.db, &ctx, &[observed(1)]).await.unwrap();
        let aws_id = observed(1).aws_id;
        let place = RequestPlace {
            workspace_id: WorkspaceId::derive(ctx.account_id, &ctx.region, &aws_id),
            account_id: ctx.account_id,
            region: ctx.region.clone(),
            directory_id: DirectoryId::derive(ctx.account_id, &ctx.region, "d-906700001"),
        };
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        let wish = made(test, ada, "ada", RequestKind::NewDesktop, None).await;
        let rebuild = made(test, ada, "ada", RequestKind::Rebuild, Some(place.clone())).await;
        let hers = made(test, grace, "grace", RequestKind::Other, None).await;
        let elsewhere: Region = "us-east-1".parse().unwrap();
        for (scope, own, expected) in [
            (Scope::Everything, None, vec![hers, rebuild, wish]),
            (Scope::nothing(), Some(ada), vec![rebuild, wish]),
            (Scope::nothing(), None, vec![]),
            (Scope::only(Reach::Account { account_id: ctx.account_id }), None, vec![rebuild]),
            (Scope::only(Reach::Region { region: ctx.region.clone() }), Some(grace), vec![hers, rebuild]),
            (Scope::only(Reach::Region { region: elsewhere }), None, vec![]),
            (Scope::only(Reach::Directory { directory_id: place.directory_id }), None, vec![rebuild]),
            // A team of which Grace is a member.
            (Scope::desktops(["Grace"]), None, vec![hers]),
        ] {
            let scope = seen(scope, own);
            assert_eq!(walk(test, &scope, &RequestFilter::default()).await, expected, "{scope:?}");
            for id in [wish, rebuild, hers] {
                let found = request_fetch(&test.db, &scope, id).await.unwrap();
                assert_eq!(found.is_some(), expected.contains(&id), "{scope:?}");
            }
        }
        let all = seen(Scope::Everything, None);
        let only = |kind| RequestFilter { kinds: vec![kind], ..RequestFilter::default() };
        assert_eq!(walk(test, &all, &only(RequestKind::Rebuild)).await, [rebuild]);
        let of_ada = RequestFilter { user_id: Some(ada), ..RequestFilter::default() };
        assert_eq!(walk(test, &all, &of_ada).await, [rebuild, wish]);
        let record = request_fetch(&test.db, &all, rebuild).await.unwrap().unwrap();
        assert_eq!(record.desktop.and_then(|desktop| desktop.aws_id), Some(aws_id));
        // A page of somebody else's list is refused.
        let query = RequestQuery { limit: 1, ..RequestQuery::default() };
        let cursor = request_list(&test.db, &all, &query).await.unwrap().next;
        let other = RequestQuery { cursor, ..query };
        let refused = request_list(&test.db, &seen(Scope::nothing(), Some(ada)), &other).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
        // What somebody asked goes with them.
        assert!(person_remove(&test.db, ada, "ada@example.com").await.unwrap());
        let left: HashSet<_> = walk(test, &all, &RequestFilter::default()).await.into_iter().collect();
        assert_eq!(left, HashSet::from([hers]));
        assert_eq!(request_steps(&test.db, rebuild).await.unwrap(), []);
    }

    async fn pages_come_out_of_an_index(test) {
        let ada = person(test, "ada@example.com").await;
        let (series, id, at) = if test.db.backend() == Backend::Postgres {
            ("generate_series(1, 20000) AS s(n)", "lpad(to_hex(n), 32, '0')::uuid", "TIMESTAMPTZ '2026-01-01 00:00:00+00'")
        } else {
            (
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) SELECT n FROM s)",
                "unhex(printf('%032x', n))",
                "'2026-01-01T00:00:00+00:00'",
            )
        };
        let insert = format!(
            "INSERT INTO desktop_request (id, user_key, kind, status, note, version, created_at, updated_at, user_id) \
             SELECT {id}, 'user' || (n % 500), 'other', CASE n % 50 WHEN 0 THEN 'open' ELSE 'withdrawn' END, 'x', 1, {at}, {at}, "
        );
        let fill = Sql::new(&test.db).text(&insert).bind(ada.0).text(&format!(" FROM {series}"));
        fill.execute(&test.db).await.unwrap();
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        let backend = test.db.get_database_backend();
        let open = RequestFilter { statuses: vec![RequestStatus::Open], ..RequestFilter::default() };
        for filter in [RequestFilter::default(), open] {
            for scope in [seen(Scope::Everything, None), seen(Scope::desktops(["user7"]), None)] {
                let query = RequestQuery { filter: filter.clone(), cursor: None, limit: 50 };
                let sql = query::page(backend, &scope, &query).unwrap().inlined();
                let lines = plan(&test.db, &sql).await;
                let whole = |line: &&String| {
                    let line = line.trim();
                    line.contains("Seq Scan on desktop_request")
                        || (line.starts_with("SCAN r") && !line.contains("USING INDEX"))
                };
                assert_eq!(lines.iter().find(whole), None, "{scope:?}\n{}", lines.join("\n"));
            }
        }
    }
}
