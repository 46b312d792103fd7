//! The chain on both databases: order and wholeness under concurrency, what the triggers refuse, erasing, pruning, lists.

use std::sync::Arc;

use domain::access::{Actor, Origin, Permission, Role};
use domain::audit::{Entry, Outcome, Record};
use domain::ids::UserId;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::db::Backend;
use crate::testing::{TestDb, db_test};

fn actor(number: u128) -> Actor {
    let mut actor = Actor::user(UserId(Uuid::from_u128(number)), &format!("user{number}@example.com"), Role::Owner);
    actor.origin = Origin {
        address: Some([192, 0, 2, 7].into()),
        request_id: Some(format!("request-{number}")),
        ..Origin::default()
    };
    actor
}

fn entry(action: &str, object: &str) -> Entry {
    Entry::new(action, Permission::UserWrite)
        .on("user", object)
        .named("Grace Hopper")
        .after(json!({ "role": "viewer" }))
}

fn new(test: &TestDb, actor: &Actor, entry: Entry) -> NewEntry {
    let (record, personal) = Record::of(entry, actor, test.env.new_id(), test.now());
    let salts = personal.iter().map(|_| test.env.new_id().simple().to_string()).collect();
    NewEntry { record, personal, at: test.now(), salts }
}

async fn append(test: &TestDb, entries: Vec<NewEntry>) {
    let tx = test.db.begin().await.unwrap();
    audit_append(&tx, entries).await.unwrap();
    tx.commit().await.unwrap();
}

async fn cut(test: &TestDb, tip: &Tip) {
    let tx = test.db.begin().await.unwrap();
    audit_cut(&tx, tip, test.now(), "signed").await.unwrap();
    tx.commit().await.unwrap();
}

/// The whole chain, each row held against the one before it. Gives the number of rows.
async fn whole(test: &TestDb) -> usize {
    let (rows, _) = audit_rows(&test.db, 0, 100_000).await.unwrap();
    let mut prev = GENESIS.to_owned();
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!(row.seq, seq, "no gap");
        assert_eq!(row.prev_hash, prev);
        assert_eq!(row.hash, link(&prev, &row.body));
        prev.clone_from(&row.hash);
    }
    rows.len()
}

db_test! {
    async fn a_hundred_at_once_make_one_unbroken_chain(test) {
        let another = Arc::new(test.another().await);
        let mut tasks = Vec::new();
        for number in 0..100 {
            let entries: Vec<_> =
                (0..=number % 3).map(|part| new(test, &actor(number), entry("user.create", &format!("{number}-{part}")))).collect();
            let db = if number % 2 == 0 { test.db.clone() } else { (*another).clone() };
            tasks.push(tokio::spawn(async move {
                // Two processes on SQLite wait for each other by a time-out; who lost tries again, as a use case's caller does.
                for _ in 0..50 {
                    let tried = async {
                        let tx = db.begin().await?;
                        audit_append(&tx, entries.clone()).await?;
                        // One in five changes its mind: nothing of it stays, and no gap.
                        if number % 5 == 0 { tx.rollback().await } else { tx.commit().await }
                    };
                    match tried.await {
                        Err(error) if error.retryable() => {}
                        ended => return ended,
                    }
                }
                panic!("it never got its turn");
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let expected: u128 = (0..100).filter(|number| number % 5 != 0).map(|number| number % 3 + 1).sum();
        assert_eq!(whole(test).await as u128, expected);
        another.close().await.unwrap();
    }

    async fn what_is_rolled_back_leaves_nothing(test) {
        append(test, vec![new(test, &actor(1), entry("user.create", "1"))]).await;
        let tx = test.db.begin().await.unwrap();
        audit_append(&tx, vec![new(test, &actor(1), entry("user.create", "2"))]).await.unwrap();
        tx.rollback().await.unwrap();
        append(test, vec![new(test, &actor(1), entry("user.create", "3"))]).await;
        assert_eq!(whole(test).await, 2);
        let rows = audit_rows(&test.db, 0, 10).await.unwrap().0;
        assert_eq!(rows.iter().map(|row| row.object_id.clone().unwrap()).collect::<Vec<_>>(), ["1", "3"]);
    }

    async fn nothing_can_be_changed_or_removed(test) {
        for number in 1..=3 {
            append(test, vec![new(test, &actor(number), entry("user.create", "1"))]).await;
        }
        let replaced = "INSERT OR REPLACE INTO audit_entry (seq, at, actor_kind, action, outcome, body, prev_hash, hash) \
            VALUES (2, '2026-01-01', 'user', 'a', 'done', '{}', '', '')";
        let mut refused = vec![
            "UPDATE audit_entry SET body = '{}' WHERE seq = 2",
            "UPDATE audit_entry SET hash = hash",
            "DELETE FROM audit_entry WHERE seq = 3",
            "DELETE FROM audit_entry",
            "UPDATE audit_personal SET body = '{}'",
        ];
        match test.db.backend() {
            Backend::Sqlite => refused.extend([
                replaced,
                "INSERT OR REPLACE INTO audit_personal (seq, subject, salt, body) VALUES (1, 'actor', '', '{}')",
            ]),
            Backend::Postgres => refused.extend(["TRUNCATE audit_entry CASCADE", "TRUNCATE audit_cut"]),
        }
        for statement in refused {
            assert!(test.db.execute_unprepared(statement).await.is_err(), "{statement}");
        }
        assert_eq!(whole(test).await, 3);
        let (_, parts) = audit_rows(&test.db, 0, 10).await.unwrap();
        assert_eq!(parts.len(), 6);
    }

    async fn erasing_takes_the_personal_parts_and_leaves_the_chain(test) {
        let (grace, ada) = (actor(1), actor(2));
        let invited = entry("user.invite", "i").personal(json!({ "email": "user1@example.com" }));
        let about = entry("user.update", "u").about(grace.user_id.unwrap());
        append(test, vec![new(test, &grace, entry("user.create", "x")), new(test, &ada, invited), new(test, &ada, about)])
            .await;
        let called = Called { email: "user1@example.com", display_name: "Grace", user_name: "user1" };
        let erased = audit_erase(&test.db, grace.user_id.unwrap(), Some(&called)).await.unwrap();
        // What grace did (who, from where), the invitation to her, and what was done to her.
        assert_eq!(erased, 3);
        assert_eq!(whole(test).await, 3);
        let (rows, parts) = audit_rows(&test.db, 0, 10).await.unwrap();
        for text in rows.iter().map(|row| &row.body).chain(parts.iter().map(|part| &part.body)) {
            assert!(!text.contains("user1@example.com"), "{text}");
        }
        assert_eq!(rows[0].actor_id, grace.user_id.map(|id| id.0), "the pseudonym stays");
        let left: Vec<_> = parts.iter().map(|part| (part.seq, part.subject.unwrap().as_str())).collect();
        assert_eq!(left, [(1, "object"), (2, "actor"), (3, "actor")]);
    }

    async fn erasing_finds_what_names_a_person_without_belonging_to_them(test) {
        let desktop = |name: &str| Entry::new("workspace.stop", Permission::WorkspaceStop).on("workspace", 1).named(name);
        let job = |name: &str| {
            let subject = format!("Stop the WorkSpace of {name}");
            Entry::new("job.cancel", Permission::JobWrite).on("job", 1).named(&subject)
        };
        let search = |q: &str| Entry::new("workspace.list", Permission::WorkspaceRead).personal(json!({ "q": q, "tag": null }));
        let named = [
            desktop("Zo\u{eb}_M"), desktop("zo\u{eb}_m"), job("Zo\u{eb}_M"), search("zo\u{eb}_m"), search("Zo\u{eb} M\u{e9}ndez"),
            search("zo\u{eb}_m@example.com"),
        ];
        let others = [
            desktop("zo\u{eb}xm"), desktop("azo\u{eb}_m"), job("zo\u{eb}_mm"), search("zo"), entry("user.create", "1"),
            Entry::new("team.create", Permission::TeamWrite).on("team", 1).named("zo\u{eb}_m"),
            search("\"label\":\"zo\u{eb}_m\""),
        ];
        let nobody = Actor::system();
        for entry in named.iter().chain(&others) {
            append(test, vec![new(test, &nobody, entry.clone())]).await;
        }
        let called =
            Called { email: "zo\u{eb}_m@example.com", display_name: "Zo\u{eb} M\u{e9}ndez", user_name: "zo\u{eb}_m" };
        let erased = audit_erase(&test.db, UserId(Uuid::from_u128(1)), Some(&called)).await.unwrap();
        let (_, parts) = audit_rows(&test.db, 0, 100).await.unwrap();
        let left: Vec<i64> = parts.iter().map(|part| part.seq).collect();
        assert_eq!((erased, left), (6, (7..=13).collect()));
        assert_eq!(whole(test).await, 13);
    }

    async fn a_cut_lets_the_beginning_go_and_no_more(test) {
        for number in 1..=5 {
            append(test, vec![new(test, &actor(number), entry("user.create", "1"))]).await;
        }
        let tip = Tip { seq: 3, hash: audit_rows(&test.db, 2, 1).await.unwrap().0[0].hash.clone() };
        // Given up before its end, it leaves everything as it was.
        let tx = test.db.begin().await.unwrap();
        assert_eq!(audit_cut(&tx, &tip, test.now(), "signed").await.unwrap(), 3);
        tx.rollback().await.unwrap();
        assert_eq!((whole(test).await, audit_cut_list(&test.db).await.unwrap()), (5, vec![]));
        cut(test, &tip).await;
        assert!(test.db.execute_unprepared("DELETE FROM audit_cut").await.is_err());
        assert!(test.db.execute_unprepared("DELETE FROM audit_entry WHERE seq = 4").await.is_err());
        let (rows, parts) = audit_rows(&test.db, 0, 10).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(rows[0].prev_hash, tip.hash);
        assert!(parts.iter().all(|part| part.seq > 3), "personal parts go with their entries");
        append(test, vec![new(test, &actor(6), entry("user.create", "1"))]).await;
        let last = audit_head(&test.db).await.unwrap().unwrap();
        assert_eq!(last.seq, 6);
    }

    async fn a_beginning_is_taken_in_pieces(test) {
        for number in 1..=6 {
            append(test, vec![new(test, &actor(number), entry("user.create", "1"))]).await;
            test.advance(chrono::Duration::minutes(1));
        }
        let before = test.now() - chrono::Duration::minutes(2);
        for (last, most, seq) in [(6, 1, 1), (6, 3, 3), (6, 4, 4), (6, 100, 4), (3, 100, 2)] {
            let tip = audit_before(&test.db, before, last, most).await.unwrap();
            assert_eq!(tip.map(|tip| tip.seq), Some(seq), "{last} {most}");
        }
        let tip = audit_before(&test.db, before, 6, 3).await.unwrap().unwrap();
        cut(test, &tip).await;
        assert_eq!(audit_before(&test.db, before, 6, 3).await.unwrap().map(|tip| tip.seq), Some(4));
        assert_eq!(audit_before(&test.db, before - chrono::Duration::days(1), 6, 3).await.unwrap(), None);
    }

    async fn an_emptied_log_goes_on_behind_its_cut(test) {
        append(test, vec![new(test, &actor(1), entry("user.create", "1"))]).await;
        let tip = audit_head(&test.db).await.unwrap().unwrap();
        cut(test, &tip).await;
        assert_eq!(audit_head(&test.db).await.unwrap(), Some(tip.clone()));
        append(test, vec![new(test, &actor(1), entry("user.create", "2"))]).await;
        let row = audit_rows(&test.db, 0, 10).await.unwrap().0.remove(0);
        assert_eq!((row.seq, row.prev_hash), (2, tip.hash));
    }

    async fn what_the_newest_entries_are_about_is_counted(test) {
        let facets = async |filter: AuditFilter| audit_facets(&test.db, &filter).await.unwrap();
        let nothing = facets(AuditFilter::default()).await;
        assert_eq!((nothing.looked_at, nothing.whole, nothing.actions, nothing.actors), (0, true, vec![], vec![]));
        for number in 1..=7 {
            let one = entry(if number % 3 == 0 { "user.create" } else { "user.update" }, &format!("object-{number}"));
            append(test, vec![new(test, &actor(if number == 5 { 2 } else { 1 }), one)]).await;
        }
        append(test, vec![new(test, &Actor::system(), entry("audit.checkpoint", "8"))]).await;
        let refused = Entry::new("team.delete", Permission::TeamWrite).on("team", "9").refused("not allowed");
        append(test, vec![new(test, &actor(2), refused)]).await;
        let found = facets(AuditFilter::default()).await;
        let told = |values: &[(String, u64)]| -> Vec<String> {
            values.iter().map(|(value, count)| format!("{value} {count}")).collect()
        };
        let actions = ["user.update 5", "user.create 2", "audit.checkpoint 1", "team.delete 1"];
        assert_eq!((found.looked_at, found.whole), (9, true));
        assert_eq!(told(&found.actions), actions);
        assert_eq!(told(&found.object_kinds), ["user 8", "team 1"]);
        assert_eq!(told(&found.outcomes), ["done 8", "refused 1"]);
        let user = |id: u128, count| (UserId(Uuid::from_u128(id)), Some(format!("user{id}@example.com")), count);
        assert_eq!(found.actors, [user(1, 6), user(2, 2)], "the system is nobody to filter by");
        // What the filter leaves is counted, but for what is chosen of the kind itself.
        let of_update = AuditFilter { actions: vec!["user.update".into()], ..AuditFilter::default() };
        let found = facets(of_update.clone()).await;
        assert_eq!((told(&found.actions), found.looked_at), (actions.map(str::to_owned).to_vec(), 9));
        assert_eq!((told(&found.object_kinds), told(&found.outcomes)), (vec!["user 5".into()], vec!["done 5".into()]));
        assert_eq!(found.actors, [user(1, 4), user(2, 1)]);
        let of_both = AuditFilter { object_kind: Some("team".into()), ..of_update };
        let found = facets(of_both).await;
        assert_eq!((told(&found.actions), told(&found.object_kinds)), (vec!["team.delete 1".into()], vec!["user 5".into()]));
        assert_eq!((found.outcomes, found.actors), (vec![], vec![]));
        let of_ada = AuditFilter { actor: Some(UserId(Uuid::from_u128(2))), ..AuditFilter::default() };
        let found = facets(of_ada.clone()).await;
        assert_eq!(found.actors, [user(1, 6), user(2, 2)]);
        assert_eq!(told(&found.actions), ["team.delete 1", "user.update 1"]);
        // Who is chosen is told by name, though nothing of theirs is left.
        let of_neither = AuditFilter { actions: vec!["user.create".into()], ..of_ada };
        assert_eq!(facets(of_neither).await.actors, [user(1, 2), user(2, 0)]);
    }

    async fn lists_are_narrowed_and_paged(test) {
        for number in 1..=7 {
            let one = entry(if number % 2 == 0 { "user.create" } else { "user.update" }, &format!("object-{number}"));
            let one = if number == 3 { one.refused("not allowed") } else { one };
            append(test, vec![new(test, &actor(number % 2), one)]).await;
            test.advance(chrono::Duration::minutes(1));
        }
        let seqs = |filter: AuditFilter| async move {
            let query = AuditQuery { filter: filter.clone(), limit: 50, cursor: None };
            let found: Vec<_> = audit_list(&test.db, &query).await.unwrap().rows.iter().map(|row| row.seq).collect();
            assert_eq!(audit_count(&test.db, &query).await.unwrap(), found.len() as u64);
            found
        };
        let all = AuditFilter::default;
        assert_eq!(seqs(all()).await, [7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(seqs(AuditFilter { actor: Some(UserId(Uuid::from_u128(0))), ..all() }).await, [6, 4, 2]);
        assert_eq!(seqs(AuditFilter { actions: vec!["user.create".into(), "x".into()], ..all() }).await, [6, 4, 2]);
        assert_eq!(seqs(AuditFilter { outcomes: vec![Outcome::Refused], ..all() }).await, [3]);
        assert_eq!(seqs(AuditFilter { object_kind: Some("team".into()), ..all() }).await, [0_i64; 0]);
        assert_eq!(seqs(AuditFilter { object_id: Some("object-5".into()), ..all() }).await, [5]);
        let (from, to) = (test.now() - chrono::Duration::minutes(3), test.now() - chrono::Duration::minutes(1));
        assert_eq!(seqs(AuditFilter { from: Some(from), to: Some(to), ..all() }).await, [6, 5]);
        assert_eq!(seqs(AuditFilter { q: Some("REQUEST-1".into()), ..all() }).await, [7, 5, 3, 1]);
        assert_eq!(seqs(AuditFilter { q: Some("hopper".into()), ..all() }).await.len(), 7);
        assert_eq!(seqs(AuditFilter { q: Some("%".into()), ..all() }).await, [0_i64; 0], "wildcards are taken literally");

        let mut query = AuditQuery { filter: all(), limit: 3, cursor: None };
        let mut read = Vec::new();
        loop {
            let page = audit_list(&test.db, &query).await.unwrap();
            read.extend(page.rows.iter().map(|row| row.seq));
            // What is added while somebody reads is not in later pages.
            append(test, vec![new(test, &actor(9), entry("user.update", "later"))]).await;
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
        }
        assert_eq!(read, [7, 6, 5, 4, 3, 2, 1]);
        query.filter.outcomes.push(Outcome::Done);
        assert!(matches!(audit_list(&test.db, &query).await, Err(crate::StoreError::BadCursor)));
        let one = audit_fetch(&test.db, 3).await.unwrap().unwrap();
        assert_eq!(one.record.reason.as_deref(), Some("not allowed"));
        assert_eq!(one.actor.unwrap()["address"], "192.0.2.7");
        assert_eq!(one.object.unwrap()["label"], "Grace Hopper");
        assert!(audit_fetch(&test.db, 99).await.unwrap().is_none());
    }
}

/// A role of its own in Postgres, dropped with the test.
async fn role(test: &TestDb) -> String {
    let name = format!("app \"{}", test.env.new_id().simple());
    test.db.execute_unprepared(&format!("CREATE ROLE {} LOGIN", quoted(&name))).await.unwrap();
    name
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_applications_role_can_only_add() {
    let Some(test) = TestDb::migrated(Backend::Postgres).await else { return };
    append(&test, vec![new(&test, &actor(1), entry("user.create", "1"))]).await;
    assert!(audit_app_role_problem(&test.db, "nobody at all").await.unwrap().is_some());
    assert!(audit_app_role_problem(&test.db, "postgres").await.unwrap().is_some(), "a superuser is refused");
    let name = role(&test).await;
    assert_eq!(audit_app_role_problem(&test.db, &name).await.unwrap(), None);
    for _ in 0..2 {
        audit_app_role(&test.db, &name).await.unwrap();
    }

    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared(&format!("SET LOCAL ROLE {}", quoted(&name))).await.unwrap();
    let refused = [
        "UPDATE audit_entry SET body = '{}'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_guard",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_entry_guard ON audit_entry",
        "DROP TABLE audit_personal",
        "UPDATE audit_personal SET body = '{}'",
        "INSERT INTO audit_cut (seq, hash, at, line) VALUES (1, '', now(), '')",
        "DELETE FROM audit_cut",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        "INSERT INTO audit_entry SELECT seq, at, actor_kind, actor_id, session_id, key_id, permission, action, \
         object_kind, object_id, outcome, request_id, 'x', prev_hash, hash FROM audit_entry \
         ON CONFLICT (seq) DO UPDATE SET body = EXCLUDED.body",
    ];
    for statement in refused {
        tx.execute_unprepared("SAVEPOINT before").await.unwrap();
        let answer = tx.execute_unprepared(statement).await;
        let words = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(words.contains("permission denied") || words.contains("must be owner"), "{statement}: {words}");
        tx.execute_unprepared("ROLLBACK TO SAVEPOINT before").await.unwrap();
    }
    // And what the application does, it can do.
    audit_append(&tx, vec![new(&test, &actor(2), entry("user.create", "2"))]).await.unwrap();
    assert_eq!(audit_erase(&tx, UserId(Uuid::from_u128(2)), None).await.unwrap(), 1);
    assert_eq!(audit_list(&tx, &AuditQuery { limit: 10, ..AuditQuery::default() }).await.unwrap().rows.len(), 2);
    crate::repo::events::events_append(&tx, test.now(), &[domain::event::Event::Schedule { name: "x".into() }])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(whole(&test).await, 2);
    for statement in ["DROP OWNED BY", "DROP ROLE"] {
        test.db.execute_unprepared(&format!("{statement} {}", quoted(&name))).await.unwrap();
    }
    test.close().await;
}
