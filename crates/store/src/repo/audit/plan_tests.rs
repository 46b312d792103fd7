//! The plans of the list at 50,000 entries: each page comes out of an index, and none reads the whole log. And how far a search
//! by words looks.

use domain::audit::Outcome;
use domain::ids::UserId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::facets::newest;
use super::find::Find;
use super::query::page;
use super::*;
use crate::cursor::Cursor;
use crate::db::Backend;
use crate::sql::Sql;
use crate::testing::{TestDb, db_test, plan};

const ENTRIES: i64 = 50_000;
const SELDOM: u128 = 7;
const OFTEN: u128 = 8;

/// A log without a chain, a minute between entries: one in a thousand is somebody else's, of another kind, and refused.
async fn fill(test: &TestDb, entries: i64) {
    let postgres = test.db.backend() == Backend::Postgres;
    let (series, at) = if postgres {
        (
            format!("generate_series(1, {entries}) AS s(n)"),
            "TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 minute'",
        )
    } else {
        (
            format!(
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {entries}) SELECT n FROM s)"
            ),
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-01-01', '+' || n || ' minutes')",
        )
    };
    let rows = format!(
        "INSERT INTO audit_entry (seq, at, actor_kind, action, object_kind, object_id, outcome, request_id, body, prev_hash, \
         hash, actor_id) SELECT n, {at}, 'user', CASE WHEN n % 1000 = 0 THEN 'account.create' ELSE 'workspace.read' END, \
         CASE WHEN n % 1000 = 0 THEN 'account' ELSE 'workspace' END, CASE WHEN n % 1000 = 0 THEN 'x' ELSE 'y' || n % 500 END, \
         CASE WHEN n % 1000 = 0 THEN 'refused' ELSE 'done' END, 'r' || n, '{{}}', '', '', CASE WHEN n % 1000 = 0 THEN "
    );
    let sql = Sql::new(&test.db).text(&rows).bind(Uuid::from_u128(SELDOM)).text(" ELSE ").bind(Uuid::from_u128(OFTEN));
    sql.text(&format!(" END FROM {series}")).execute(&test.db).await.unwrap();
    let parts = format!(
        "INSERT INTO audit_personal (seq, subject, salt, body) SELECT n, 'object', '', \
         '{{\"data\":null,\"label\":\"Person ' || n || '\"}}' FROM {series}"
    );
    test.db.execute_unprepared(&parts).await.unwrap();
    test.db.execute_unprepared(&parts.replace("'object'", "'actor'")).await.unwrap();
    test.db.execute_unprepared("ANALYZE").await.unwrap();
}

/// The plan, when it reads a whole table or an index from end to end, or sorts what it found without a reason.
async fn walks(test: &TestDb, sql: &str, may_sort: bool) -> Option<String> {
    let lines = plan(&test.db, sql).await;
    let bad = |line: &String| {
        line.contains("Seq Scan")
            || (line.contains("USE TEMP B-TREE") && !may_sort)
            // SQLite: in the order of the key is no walk when a LIMIT ends it; a second table read whole is.
            || (line.trim_start().starts_with("SCAN") && !line.contains("SCAN e"))
    };
    lines.iter().any(bad).then(|| format!("{sql}\n{}", lines.join("\n")))
}

/// Whether the plan has this index in it, or one that says the same on the other database.
async fn uses(test: &TestDb, sql: &str, index: &str) -> Result<(), String> {
    let lines = plan(&test.db, sql).await;
    if lines.iter().any(|line| line.contains(index)) { Ok(()) } else { Err(format!("{sql}\n{}", lines.join("\n"))) }
}

db_test! {
    async fn pages_of_the_log_come_out_of_an_index(test) {
        fill(test, ENTRIES).await;
        let backend = test.db.get_database_backend();
        let all = AuditFilter::default;
        let (from, to) = ("2026-01-02T00:00:00Z".parse().unwrap(), "2026-01-02T02:00:00Z".parse().unwrap());
        let user = |id| Some(UserId(Uuid::from_u128(id)));
        // Each filter, with the index that leads to what is seldom.
        let filters = [
            (all(), None),
            (AuditFilter { actor: user(SELDOM), ..all() }, Some("ix_audit_entry_actor")),
            (AuditFilter { actor: user(OFTEN), ..all() }, None),
            (AuditFilter { actions: vec!["account.create".into()], ..all() }, Some("ix_audit_entry_action")),
            (AuditFilter { actions: vec!["workspace.read".into()], ..all() }, None),
            (AuditFilter { object_kind: Some("account".into()), ..all() }, Some("ix_audit_entry_kind")),
            (AuditFilter { object_kind: Some("workspace".into()), ..all() }, None),
            (AuditFilter { object_id: Some("x".into()), ..all() }, Some("ix_audit_entry_object_id")),
            (
                AuditFilter { object_kind: Some("workspace".into()), object_id: Some("y7".into()), ..all() },
                Some("ix_audit_entry_object_id"),
            ),
            (AuditFilter { outcomes: vec![Outcome::Refused], ..all() }, Some("ix_audit_entry_outcome")),
            // Which way is shorter, by moments or back from the end, is the planner's to say.
            (AuditFilter { from: Some(from), to: Some(to), ..all() }, None),
            (AuditFilter { from: Some(from), ..all() }, None),
            (AuditFilter { q: Some("r4242".into()), ..all() }, Some("ix_audit_entry_request")),
        ];
        for (filter, index) in &filters {
            let find = Find::of(&test.db, filter, None).await.unwrap();
            // Few entries are sorted sooner than found in order; and so are those between two moments.
            let may_sort = filter.q.is_some() || filter.from.is_some();
            for from in [None, Some(Cursor::new("", find.key(), ENTRIES - 3000))] {
                let sql = page(Sql::of(backend), filter, &find, from.as_ref(), 50).inlined();
                assert_eq!(walks(test, &sql, may_sort).await, None);
                if let (Some(index), None) = (index, &from) {
                    uses(test, &sql, index).await.unwrap();
                }
            }
            // What the menus offer is counted in the newest that a page would show, found the same way.
            let sql = newest(Sql::of(backend), filter, &find).inlined();
            let lines = plan(&test.db, &sql).await;
            assert!(!lines.iter().any(|line| line.contains("Seq Scan")), "{sql}\n{}", lines.join("\n"));
            if let Some(index) = index {
                uses(test, &sql, index).await.unwrap();
            }
        }
        // And the look at the plan does see a table that is read whole.
        let whole = "SELECT * FROM audit_personal WHERE body = 'y' ORDER BY salt";
        assert!(walks(test, whole, false).await.is_some());
    }

    async fn a_search_by_words_says_how_far_it_looked(test) {
        let entries = WORD_WINDOW * 2 + 20_000;
        fill(test, entries).await;
        let words = |q: &str| AuditFilter { q: Some(q.into()), ..AuditFilter::default() };
        let find = async |filter: &AuditFilter| Find::of(&test.db, filter, None).await.unwrap();
        let first = find(&words("Person 7")).await;
        assert_eq!(first.floor(), Some(entries - WORD_WINDOW + 1));
        // Where it stops, the next page goes on, down to the beginning.
        let (mut floors, mut from) = (Vec::new(), None);
        loop {
            let find = Find::of(&test.db, &words("nobody at all"), from.as_ref()).await.unwrap();
            let Some(floor) = find.floor() else { break };
            floors.push(floor);
            from = Some(Cursor::new("", String::new(), floor));
        }
        assert_eq!(floors, [entries + 1 - WORD_WINDOW, entries + 1 - 2 * WORD_WINDOW]);
        // The same places for each page of them.
        let second = Cursor::new("", first.key(), entries - 40_000);
        let again = Find::of(&test.db, &words("Person 7"), Some(&second)).await.unwrap();
        assert_eq!(again, first);
        // Between two moments it looks there, however long ago they are.
        let old = AuditFilter {
            from: Some("2026-01-02T00:00:00Z".parse().unwrap()),
            to: Some("2026-01-03T00:00:00Z".parse().unwrap()),
            ..words("person")
        };
        let Find::Words { floor, ceiling, more, .. } = find(&old).await else { panic!("words") };
        assert!(floor <= 1440 && (2880..10_000).contains(&ceiling) && !more, "{floor} {ceiling}");
        // Ids are found wherever they are.
        assert_eq!(find(&words("R3")).await, Find::Request("r3".into()));
        let query = AuditQuery { filter: words("absent"), limit: 10, cursor: None };
        let page = audit_list(&test.db, &query).await.unwrap();
        assert!(page.rows.is_empty() && page.next.is_some() && page.looked_back_to == first.floor());
        assert_eq!(audit_count(&test.db, &query).await.unwrap(), 0);
        // Of more than are looked at the newest are counted, and that is said.
        let facets = audit_facets(&test.db, &AuditFilter::default()).await.unwrap();
        assert_eq!((facets.looked_at, facets.whole), (FACET_WINDOW.unsigned_abs(), false));
        let seldom = AuditFilter { object_kind: Some("account".into()), outcomes: vec![Outcome::Refused], ..AuditFilter::default() };
        let facets = audit_facets(&test.db, &seldom).await.unwrap();
        let of_all = u64::try_from(entries / 1000).unwrap();
        assert_eq!((facets.actions, facets.object_kinds), (vec![("account.create".into(), of_all)], vec![("account".into(), of_all)]));
        let bad = AuditQuery { cursor: Some("nonsense".into()), ..query };
        assert!(matches!(audit_count(&test.db, &bad).await, Err(crate::StoreError::BadCursor)));
    }
}
