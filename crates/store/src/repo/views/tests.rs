//! Views: seen by whom they concern, walked in order, one of a name, gone with their person; and their plans.

use chrono::Duration;

use super::*;
use crate::db::Backend;
use crate::repo::privacy::person_remove;
use crate::repo::users::{NewUser, user_insert};
use crate::testing::{TestDb, db_test, plan};

async fn person(test: &TestDb, email: &str) -> UserId {
    let id = UserId(test.env.new_id());
    let (email, display_name) = (email.to_owned(), "A Person".to_owned());
    user_insert(&test.db, &NewUser { id, email, display_name, password_hash: None, at: test.now() }).await.unwrap();
    id
}

async fn made(test: &TestDb, owner_id: UserId, page: ViewPage, name: &str, shared: bool) -> ViewRecord {
    let (id, at) = (ViewId(test.env.new_id()), micros(test.now()));
    let (name, query) = (name.to_owned(), "state=STOPPED".to_owned());
    let view = ViewRecord { id, owner_id, page, name, query, shared, version: 1, created_at: at, updated_at: at };
    view_insert(&test.db, &view).await.unwrap();
    view
}

async fn walk(test: &TestDb, scope: &ViewScope, pages: &[ViewPage]) -> Vec<String> {
    let mut query = ViewQuery { pages: pages.to_vec(), cursor: None, limit: 2 };
    let mut found = Vec::new();
    loop {
        let page = view_list(&test.db, scope, &query).await.unwrap();
        found.extend(page.rows.into_iter().map(|row| row.name));
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert_eq!(view_count(&test.db, scope, pages).await.unwrap(), found.len() as u64);
            return found;
        }
    }
}

db_test! {
    async fn each_sees_their_own_and_what_is_shared_of_their_pages(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        made(test, ada, ViewPage::Workspaces, "stopped", false).await;
        made(test, ada, ViewPage::Jobs, "Dead", false).await;
        let hers = made(test, grace, ViewPage::Workspaces, "Broken", true).await;
        let secret = made(test, grace, ViewPage::Workspaces, "Mine", false).await;
        made(test, grace, ViewPage::Costs, "Main", true).await;
        let scope = ViewScope { own: ada, pages: vec![ViewPage::Workspaces, ViewPage::Jobs] };
        assert_eq!(walk(test, &scope, &[]).await, ["Broken", "Dead", "stopped"]);
        assert_eq!(walk(test, &scope, &[ViewPage::Workspaces]).await, ["Broken", "stopped"]);
        assert_eq!(walk(test, &ViewScope { own: ada, pages: Vec::new() }, &[]).await, ["Dead", "stopped"]);
        assert_eq!(view_fetch(&test.db, &scope, hers.id).await.unwrap(), Some(hers.clone()));
        assert_eq!(view_fetch(&test.db, &scope, secret.id).await.unwrap(), None);
        // A page of somebody else's list is refused.
        let query = ViewQuery { pages: Vec::new(), cursor: None, limit: 1 };
        let cursor = view_list(&test.db, &scope, &query).await.unwrap().next;
        let other = ViewScope { own: grace, ..scope.clone() };
        let refused = view_list(&test.db, &other, &ViewQuery { cursor, ..query }).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
        // Views go with whoever made them.
        assert!(person_remove(&test.db, grace, "grace@example.com").await.unwrap());
        assert_eq!(walk(test, &scope, &[]).await, ["Dead", "stopped"]);
    }

    async fn a_view_of_a_page_that_nobody_knows_is_not_seen_and_stays(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        made(test, ada, ViewPage::Workspaces, "Stopped", false).await;
        let own = made(test, ada, ViewPage::Jobs, "Newer", false).await;
        let shared = made(test, grace, ViewPage::Jobs, "Newer too", true).await;
        test.db.execute_unprepared("UPDATE saved_view SET page = 'unknown' WHERE page = 'jobs'").await.unwrap();
        let scope = ViewScope { own: ada, pages: ViewPage::ALL.to_vec() };
        assert_eq!(walk(test, &scope, &[]).await, ["Stopped"]);
        for view in [&own, &shared] {
            assert_eq!(view_fetch(&test.db, &scope, view.id).await.unwrap(), None);
        }
        // The newer release has them again.
        test.db.execute_unprepared("UPDATE saved_view SET page = 'jobs' WHERE page = 'unknown'").await.unwrap();
        assert_eq!(walk(test, &scope, &[]).await, ["Newer", "Newer too", "Stopped"]);
    }

    async fn a_name_is_taken_once_and_a_version_written_once(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        let view = made(test, ada, ViewPage::Workspaces, "Stopped", false).await;
        let again = ViewRecord { id: ViewId(test.env.new_id()), name: "STOPPED".to_owned(), ..view.clone() };
        let taken = view_insert(&test.db, &again).await;
        assert!(taken.is_err_and(|error| error.is_conflict("uq_saved_view_name")));
        made(test, ada, ViewPage::Jobs, "stopped", false).await;
        made(test, grace, ViewPage::Workspaces, "stopped", false).await;
        test.advance(Duration::seconds(5));
        let changed = ViewRecord { name: "Off".to_owned(), shared: true, updated_at: micros(test.now()), ..view.clone() };
        assert!(view_update(&test.db, &changed).await.unwrap());
        assert!(!view_update(&test.db, &changed).await.unwrap(), "once");
        let scope = ViewScope { own: ada, pages: Vec::new() };
        let expected = ViewRecord { version: 2, ..changed };
        assert_eq!(view_fetch(&test.db, &scope, view.id).await.unwrap(), Some(expected));
        assert!(!view_delete(&test.db, view.id, 1).await.unwrap());
        assert!(view_delete(&test.db, view.id, 2).await.unwrap());
        assert_eq!(view_fetch(&test.db, &scope, view.id).await.unwrap(), None);
    }

    async fn a_page_comes_out_of_indexes(test) {
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
        let fill = format!(
            "INSERT INTO saved_view (id, owner_id, page, name, query, shared, version, created_at, updated_at) \
             SELECT {id}, CASE n % 200 WHEN 0 THEN a.id ELSE b.id END, 'jobs', 'view ' || n, '', n % 400 = 1, 1, {at}, {at} \
             FROM {series}, (SELECT id FROM app_user WHERE email = 'ada@example.com') a, \
             (SELECT id FROM app_user WHERE email = 'grace@example.com') b"
        );
        person(test, "grace@example.com").await;
        test.db.execute_unprepared(&fill).await.unwrap();
        test.db.execute_unprepared("ANALYZE").await.unwrap();
        for pages in [Vec::new(), vec![ViewPage::Jobs]] {
            let scope = ViewScope { own: ada, pages };
            let query = ViewQuery { pages: vec![ViewPage::Jobs], cursor: None, limit: 50 };
            let lines = plan(&test.db, &page(&test.db, &scope, &query).unwrap().inlined()).await;
            let whole = |line: &&String| {
                let line = line.trim();
                line.contains("Seq Scan on saved_view") || (line.starts_with("SCAN v") && !line.contains("USING INDEX"))
            };
            assert_eq!(lines.iter().find(whole), None, "{scope:?}\n{}", lines.join("\n"));
        }
    }
}
