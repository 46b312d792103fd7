//! API keys on both databases: what they let somebody do and for how long, who sees and ends them, races.

use std::collections::BTreeSet;

use chrono::Duration;
use domain::access::{Actor, Grant, Permission as P, Role, StepUpNeeded};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::*;
use crate::credentials::{Credential, Identified, authenticate};
use crate::identity::{self, NewUser};
use crate::sessions::SessionMeta;
use crate::testing::{FakeFleet, Harness, both_databases};
use crate::{Context, PageRequest};

const PASSWORD: &str = "moth in relay 70";

/// Somebody of that role, as they are right after signing in.
async fn person(ctx: &Context, email: &str, role: Role) -> Actor {
    let new = NewUser { email: email.into(), grants: vec![Grant::usual(role)], password: PASSWORD.into() };
    identity::create_user(ctx, &Actor::system(), new).await.unwrap();
    let session = identity::sign_in(ctx, email, PASSWORD, SessionMeta::default()).await.unwrap().done().unwrap();
    session.signed_in.actor
}

fn new(permissions: &[P]) -> NewKey {
    NewKey { name: " deploy ".into(), permissions: permissions.iter().copied().collect(), lasts: None }
}

async fn made(ctx: &Context, actor: &Actor) -> MadeKey {
    create_key(ctx, actor, new(&[P::WorkspaceRead, P::WorkspaceStop])).await.unwrap()
}

async fn who(ctx: &Context, secret: &str) -> Option<std::sync::Arc<Identified>> {
    authenticate(ctx, &Credential::key(secret).expect("it looks like one"), None).await.unwrap()
}

async fn change(ctx: &Context, sql: &str) {
    let tx = ctx.db.begin().await.unwrap();
    tx.execute_unprepared(sql).await.unwrap();
    tx.commit().await.unwrap();
    ctx.known.forget_all();
}

async fn harness(backend: store::Backend) -> Option<Harness> {
    Harness::on(backend, FakeFleet::default()).await
}

fn all() -> PageRequest {
    PageRequest { limit: 200, cursor: None }
}

both_databases! {
    async fn a_key_is_its_owner_narrowed_at_all_times(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let key = made(ctx, &grace).await;
        assert_eq!((key.item.key.name.as_str(), key.item.owner.as_str()), ("deploy", "grace@example.com"));
        assert!(key.secret.starts_with(&key.item.key.prefix) && key.item.key.prefix.len() == 12);
        let found = who(ctx, &key.secret).await.unwrap();
        assert_eq!(found.principal.key_id(), Some(key.item.key.id));
        assert_eq!(found.actor.origin.key_id, Some(key.item.key.id));
        assert_eq!(found.actor.origin.session_id, None);
        let may: Vec<_> = found.actor.permissions().collect();
        assert_eq!(may, [P::WorkspaceRead, P::WorkspaceStop]);
        let refused = found.actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window);
        assert_eq!(refused, Err(StepUpNeeded::NotByKey));

        // What the owner loses, the key loses; what the owner gains, it does not get.
        change(ctx, "UPDATE role_grant SET role = 'viewer'").await;
        assert_eq!(who(ctx, &key.secret).await.unwrap().actor.permissions().collect::<Vec<_>>(), [P::WorkspaceRead]);
        change(ctx, "UPDATE role_grant SET role = 'owner'").await;
        assert_eq!(who(ctx, &key.secret).await.unwrap().actor.permissions().count(), 2);
        change(ctx, "DELETE FROM role_grant").await;
        assert_eq!(who(ctx, &key.secret).await.unwrap().actor.permissions().count(), 0);
        change(ctx, "UPDATE app_user SET enabled = FALSE").await;
        assert!(who(ctx, &key.secret).await.is_none(), "the owner is disabled");
        change(ctx, "UPDATE app_user SET enabled = TRUE").await;
        assert!(who(ctx, &key.secret).await.is_some());

        let mut guessed = key.secret.clone();
        guessed.pop();
        guessed.push(if key.secret.ends_with('A') { 'B' } else { 'A' });
        assert!(who(ctx, &guessed).await.is_none());
    }

    async fn nobody_makes_a_key_for_more_than_they_have(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let more = create_key(ctx, &grace, new(&[P::WorkspaceRead, P::UserWrite])).await;
        assert!(matches!(more, Err(KeyError::Forbidden(f)) if f.permission == P::UserWrite));
        assert!(matches!(create_key(ctx, &grace, new(&[])).await, Err(KeyError::NoPermissions)));
        let nameless = NewKey { name: " ".into(), ..new(&[P::WorkspaceRead]) };
        assert!(matches!(create_key(ctx, &grace, nameless).await, Err(KeyError::NoName)));
        let viewer = person(ctx, "linus@example.com", Role::Viewer).await;
        assert!(matches!(create_key(ctx, &viewer, new(&[P::WorkspaceRead])).await, Err(KeyError::Forbidden(_))));
        harness.advance(600);
        let late = create_key(ctx, &grace, new(&[P::WorkspaceRead])).await;
        assert!(matches!(late, Err(KeyError::StepUp(StepUpNeeded::Confirm))));
        let none = list_keys(ctx, &grace, &ApiKeyFilter::default(), ApiKeySort::default(), all()).await.unwrap();
        assert_eq!(none.total, 0, "what was refused is not there");

        // From the command line: for all that the person has, or less, never more.
        let system = Actor::system();
        let whole = create_key_for(ctx, &system, " Grace@example.com", new(&[])).await.unwrap();
        let has: BTreeSet<_> = Role::Operator.permissions().into_iter().collect();
        assert_eq!(whole.item.key.permissions, has);
        let more = create_key_for(ctx, &system, "grace@example.com", new(&[P::UserWrite])).await;
        assert!(matches!(more, Err(KeyError::Forbidden(_))));
        assert!(matches!(create_key_for(ctx, &system, "nobody@example.com", new(&[])).await, Err(KeyError::NoSuchUser)));
        assert!(matches!(create_key_for(ctx, &grace, "linus@example.com", new(&[])).await, Err(KeyError::Forbidden(_))));
        // By that key, which may not make others.
        let by_key = who(ctx, &whole.secret).await.unwrap();
        let again = create_key(ctx, &by_key.actor, new(&[P::WorkspaceRead])).await;
        assert!(matches!(again, Err(KeyError::StepUp(StepUpNeeded::NotByKey))));
    }

    async fn keys_end_by_age_and_by_hand(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let lasting = NewKey { lasts: Some(Duration::days(1)), ..new(&[P::WorkspaceRead]) };
        let (day, ever) = (create_key(ctx, &grace, lasting).await.unwrap(), made(ctx, &grace).await);
        harness.advance(86_399);
        assert!(who(ctx, &day.secret).await.is_some());
        // Its copy is fresh by any real clock; its age is asked all the same.
        harness.advance(1);
        assert!(who(ctx, &day.secret).await.is_none());
        assert_eq!(fetch_key(ctx, &grace, day.item.key.id).await.unwrap().state, KeyState::Expired);
        ctx.known.forget_all();
        assert!(who(ctx, &day.secret).await.is_none());
        harness.advance(10 * 365 * 86_400);
        let stale = revoke_key(ctx, &grace, ever.item.key.id, Some(ever.item.key.version + 1)).await;
        assert!(matches!(stale, Err(KeyError::Changed)), "{stale:?}");
        assert!(who(ctx, &ever.secret).await.is_some());
        revoke_key(ctx, &grace, ever.item.key.id, Some(ever.item.key.version)).await.unwrap();
        assert!(who(ctx, &ever.secret).await.is_none(), "at once");
        assert_eq!(fetch_key(ctx, &grace, ever.item.key.id).await.unwrap().state, KeyState::Revoked);
        let first = fetch_key(ctx, &grace, ever.item.key.id).await.unwrap().key.revoked_at;
        harness.advance(60);
        revoke_key(ctx, &grace, ever.item.key.id, None).await.unwrap();
        assert_eq!(fetch_key(ctx, &grace, ever.item.key.id).await.unwrap().key.revoked_at, first);
    }

    async fn after_a_rotation_both_work_and_then_only_the_new_one(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let mut grace = person(ctx, "grace@example.com", Role::Operator).await;
        let lasting = NewKey { lasts: Some(Duration::days(30)), ..new(&[P::WorkspaceRead]) };
        let old = create_key(ctx, &grace, lasting).await.unwrap();
        assert!(who(ctx, &old.secret).await.is_some());
        let new = rotate_key(ctx, &grace, old.item.key.id, Duration::hours(24)).await.unwrap();
        assert_ne!(new.secret, old.secret);
        let copied = |made: &MadeKey| (made.item.key.name.clone(), made.item.key.permissions.clone());
        assert_eq!(copied(&new), copied(&old));
        assert!(who(ctx, &old.secret).await.is_some() && who(ctx, &new.secret).await.is_some());
        let shown = fetch_key(ctx, &grace, old.item.key.id).await.unwrap();
        assert_eq!((shown.state, shown.key.replaced_by), (KeyState::Replaced, Some(new.item.key.id)));
        assert!(matches!(rotate_key(ctx, &grace, old.item.key.id, Duration::zero()).await, Err(KeyError::Ended)));
        harness.advance(86_399);
        assert!(who(ctx, &old.secret).await.is_some());
        harness.advance(1);
        assert!(who(ctx, &old.secret).await.is_none() && who(ctx, &new.secret).await.is_some());

        // The new one lasts as long as the old one did, counted anew.
        harness.advance(29 * 86_400 - 1);
        assert!(who(ctx, &new.secret).await.is_some());
        // Of a chain there are two that work at most, and without overlap one.
        grace.origin.proved_at = Some(ctx.env.now());
        let third = rotate_key(ctx, &grace, new.item.key.id, Duration::days(30)).await.unwrap();
        let fourth = rotate_key(ctx, &grace, third.item.key.id, Duration::zero()).await.unwrap();
        let works = async |made: &MadeKey| who(ctx, &made.secret).await.is_some();
        assert!(!works(&new).await && !works(&third).await && works(&fourth).await);
        // The overlap makes nothing last longer than it would have.
        harness.advance(29 * 86_400);
        grace.origin.proved_at = Some(ctx.env.now());
        let fifth = rotate_key(ctx, &grace, fourth.item.key.id, Duration::days(30)).await.unwrap();
        harness.advance(86_400);
        assert!(!works(&fourth).await && works(&fifth).await);
    }

    async fn others_see_and_end_keys_but_change_none(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let linus = person(ctx, "linus@example.com", Role::Operator).await;
        let admin = person(ctx, "ada@example.com", Role::Admin).await;
        let key = made(ctx, &grace).await;
        let id = key.item.key.id;
        for foreign in [fetch_key(ctx, &linus, id).await.err(), revoke_key(ctx, &linus, id, None).await.err()] {
            assert!(matches!(foreign, Some(KeyError::NotFound)));
        }
        let name = |text: &str| KeyChange { name: text.into(), expected: None };
        assert!(matches!(rename_key(ctx, &linus, id, name("x")).await, Err(KeyError::NotFound)));
        assert!(matches!(rotate_key(ctx, &linus, id, Duration::zero()).await, Err(KeyError::NotFound)));
        assert!(matches!(rename_key(ctx, &admin, id, name("x")).await, Err(KeyError::NotYours)));
        assert!(matches!(rotate_key(ctx, &admin, id, Duration::zero()).await, Err(KeyError::NotYours)));
        assert_eq!(fetch_key(ctx, &admin, id).await.unwrap().owner, "grace@example.com");

        let version = fetch_key(ctx, &grace, id).await.unwrap().key.version;
        let renamed = rename_key(ctx, &grace, id, KeyChange { name: "new".into(), expected: Some(version) }).await.unwrap();
        assert_eq!((renamed.key.name.as_str(), renamed.key.version), ("new", version + 1));
        let stale = rename_key(ctx, &grace, id, KeyChange { name: "late".into(), expected: Some(version) }).await;
        assert!(matches!(stale, Err(KeyError::Changed)));
        assert_eq!(fetch_key(ctx, &grace, id).await.unwrap().key.name, "new");

        // A key sees its owner's keys only if that is what it is for.
        let by_key = who(ctx, &key.secret).await.unwrap();
        assert!(matches!(fetch_key(ctx, &by_key.actor, id).await, Err(KeyError::Forbidden(_))));
        revoke_key(ctx, &admin, id, None).await.unwrap();
        assert!(who(ctx, &key.secret).await.is_none());
    }

    async fn keys_are_found_by_name_and_by_what_they_begin_with(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let admin = person(ctx, "ada@example.com", Role::Admin).await;
        let mut ids = Vec::new();
        for name in ["beta", "Alpha 100%", "gamma_1", "beta"] {
            let new = NewKey { name: name.into(), ..new(&[P::WorkspaceRead]) };
            ids.push(create_key(ctx, &grace, new).await.unwrap().item.key);
            harness.advance(1);
        }
        let hers = create_key(ctx, &admin, new(&[P::WorkspaceRead])).await.unwrap().item.key;
        let list = async |actor: &Actor, filter: ApiKeyFilter, sort: ApiKeySort, limit: u32| {
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let page = PageRequest { limit, cursor };
                let page = list_keys(ctx, actor, &filter, sort, page).await.unwrap();
                found.extend(page.items.into_iter().map(|item| item.key.id));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    assert_eq!(page.total, found.len() as u64);
                    return found;
                }
            }
        };
        let (newest, by_name) =
            (ApiKeySort { by_name: false, descending: true }, ApiKeySort { by_name: true, descending: false });
        let q = |text: &str| ApiKeyFilter { q: Some(text.into()), ..ApiKeyFilter::default() };
        let [b1, a, g, b2] = [ids[0].id, ids[1].id, ids[2].id, ids[3].id];
        for limit in [1, 2, 200] {
            assert_eq!(list(&grace, ApiKeyFilter::default(), newest, limit).await, [b2, g, a, b1]);
            assert_eq!(list(&grace, ApiKeyFilter::default(), by_name, limit).await, [a, b1, b2, g]);
        }
        assert_eq!(list(&grace, q("ALPHA"), newest, 9).await, [a]);
        assert_eq!(list(&grace, q("%"), newest, 9).await, [a]);
        assert_eq!(list(&grace, q("a_1"), newest, 9).await, [g]);
        assert_eq!(list(&grace, q(&ids[2].prefix.to_uppercase()), newest, 9).await, [g]);
        assert_eq!(list(&admin, ApiKeyFilter::default(), newest, 9).await.len(), 5);
        let only = ApiKeyFilter { user_id: grace.user_id, ..ApiKeyFilter::default() };
        assert_eq!(list(&admin, only.clone(), newest, 9).await.len(), 4);
        let foreign = ApiKeyFilter { user_id: Some(hers.user_id), ..ApiKeyFilter::default() };
        assert_eq!(list(&grace, foreign, newest, 9).await, []);
        revoke_key(ctx, &grace, g, None).await.unwrap();
        let working = ApiKeyFilter { working_at: Some(ctx.env.now()), ..ApiKeyFilter::default() };
        assert_eq!(list(&grace, working, newest, 9).await, [b2, a, b1]);
    }

    async fn of_a_hundred_at_once_the_last_place_goes_to_one(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        for _ in 0..24 {
            made(ctx, &grace).await;
        }
        let racers: Vec<_> = (0..100)
            .map(|_| {
                let (ctx, grace) = (ctx.clone(), grace.clone());
                tokio::spawn(async move { create_key(&ctx, &grace, new(&[P::WorkspaceRead])).await })
            })
            .collect();
        let (mut won, mut full) = (0, 0);
        for racer in racers {
            match racer.await.unwrap() {
                Ok(_) => won += 1,
                Err(KeyError::TooMany(25)) => full += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((won, full), (1, 99));
        let listed = list_keys(ctx, &grace, &ApiKeyFilter::default(), ApiKeySort::default(), all()).await.unwrap();
        assert_eq!(listed.total, 25);
        // A rotation takes no place, and one that was revoked gives its own back.
        let id = listed.items[0].key.id;
        let new = rotate_key(ctx, &grace, id, Duration::hours(1)).await.unwrap();
        assert!(matches!(create_key(ctx, &grace, self::new(&[P::WorkspaceRead])).await, Err(KeyError::TooMany(_))));
        revoke_key(ctx, &grace, new.item.key.id, None).await.unwrap();
        made(ctx, &grace).await;
    }

    async fn of_ten_rotations_at_once_one_is_done(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let id = made(ctx, &grace).await.item.key.id;
        let racers: Vec<_> = (0..10)
            .map(|_| {
                let (ctx, grace) = (ctx.clone(), grace.clone());
                tokio::spawn(async move { rotate_key(&ctx, &grace, id, Duration::hours(1)).await.is_ok() })
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            won += u32::from(racer.await.unwrap());
        }
        assert_eq!(won, 1);
        let listed = list_keys(ctx, &grace, &ApiKeyFilter::default(), ApiKeySort::default(), all()).await.unwrap();
        assert_eq!(listed.total, 2);
    }

    async fn no_row_holds_the_secret_and_a_use_is_written_once_a_minute(backend) {
        let Some(harness) = harness(backend).await else { return };
        let ctx = &harness.ctx;
        let grace = person(ctx, "grace@example.com", Role::Operator).await;
        let key = made(ctx, &grace).await;
        let new = rotate_key(ctx, &grace, key.item.key.id, Duration::hours(1)).await.unwrap();
        let rows = everything(ctx).await;
        assert!(rows.contains(&key.item.key.prefix), "the look does see the row");
        for secret in [&key.secret, &new.secret] {
            assert!(!rows.contains(&secret[13..]), "the secret is stored");
            assert!(!format!("{key:?} {new:?}").contains(&secret[13..]));
        }

        let used = async || fetch_key(ctx, &grace, key.item.key.id).await.unwrap().key;
        assert_eq!(used().await.last_used_at, None);
        let credential = Credential::key(&key.secret).unwrap();
        let enter = async |from: &str| {
            authenticate(ctx, &credential, Some(from.parse().unwrap())).await.unwrap().unwrap();
        };
        enter("203.0.113.9").await;
        let first = used().await;
        assert_eq!((first.last_used_at, first.last_used_ip.as_deref()), (Some(ctx.env.now()), Some("203.0.113.9")));
        harness.advance(59);
        enter("203.0.113.10").await;
        ctx.known.forget_all();
        enter("203.0.113.10").await;
        assert_eq!(used().await.last_used_at, first.last_used_at);
        harness.advance(1);
        enter("203.0.113.11").await;
        let second = used().await;
        assert_eq!((second.last_used_at, second.last_used_ip.as_deref()), (Some(ctx.env.now()), Some("203.0.113.11")));
        assert_eq!(second.version, first.version, "a use is no change");
    }
}

/// Every row of the tables that know of keys and of what was done, as text.
async fn everything(ctx: &Context) -> String {
    let (backend, mut text) = (ctx.db.get_database_backend(), String::new());
    for table in ["api_key", "audit_entry", "audit_personal", "event", "app_user", "session"] {
        let sql = if backend == DbBackend::Postgres {
            format!("SELECT CAST(t AS text) AS line FROM {table} t")
        } else {
            let columns =
                format!("SELECT group_concat('quote(' || name || ')', ' || ') AS c FROM pragma_table_info('{table}')");
            let row = ctx.db.query_one_raw(Statement::from_string(backend, columns)).await.unwrap().unwrap();
            format!("SELECT {} AS line FROM {table}", row.try_get::<String>("", "c").unwrap())
        };
        for row in ctx.db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
            text.push_str(&row.try_get::<String>("", "line").unwrap());
            text.push('\n');
        }
    }
    text
}
