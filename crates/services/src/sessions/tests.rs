//! Sessions on both databases: rotation, lists, ending, proofs, the copies that a process keeps.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use domain::access::{Actor, Grant, Role};
use domain::ids::UserId;
use store::repo::sessions::session_fetch_by_token;

use super::*;
use crate::credentials::{Credential, Known, Principal, authenticate as recognise};
use crate::identity::{self, NewUser};
use crate::testing::{FakeFleet, Harness, both_databases};
use crate::{Context, PageRequest, token};

const PASSWORD: &str = "moth in relay 70";

async fn user(ctx: &Context, email: &str, role: Role) -> UserId {
    let new = NewUser { email: email.into(), grants: vec![Grant::usual(role)], password: PASSWORD.into() };
    identity::create_user(ctx, &Actor::system(), new).await.unwrap()
}

async fn enter(ctx: &Context, email: &str, meta: SessionMeta) -> NewSession {
    let session = identity::sign_in(ctx, email, PASSWORD, meta).await.unwrap().done().unwrap();
    session.committed(ctx);
    session
}

async fn good(ctx: &Context, session: &NewSession) -> bool {
    authenticate(ctx, &session.token).await.unwrap().is_some()
}

/// The same installation seen from another process.
fn replica(ctx: &Context) -> Context {
    Context { known: Known::default(), ..ctx.clone() }
}

fn first_page() -> PageRequest {
    PageRequest { limit: 50, cursor: None }
}

both_databases! {
    async fn a_sign_in_ends_the_session_that_the_browser_had_and_no_other(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        user(ctx, "grace@example.com", Role::Viewer).await;
        let (old, elsewhere) = (
            enter(ctx, "grace@example.com", SessionMeta::default()).await,
            enter(ctx, "grace@example.com", SessionMeta::default()).await,
        );
        assert!(good(ctx, &old).await && good(ctx, &elsewhere).await);
        let meta = SessionMeta { replaces: Some(token_digest(&old.token)), ..SessionMeta::default() };
        let new = enter(ctx, "grace@example.com", meta).await;
        assert_ne!(new.token, old.token);
        assert!(!good(ctx, &old).await, "at once");
        assert!(good(ctx, &new).await && good(ctx, &elsewhere).await);
        // What somebody slipped into the browser is nothing to keep, either.
        let meta = SessionMeta { replaces: Some(token_digest("slipped in")), ..SessionMeta::default() };
        assert!(good(ctx, &enter(ctx, "grace@example.com", meta).await).await);
    }
}

both_databases! {
    async fn sessions_are_listed_by_whoever_manages_users_and_ended_by_their_person(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let grace = user(ctx, "grace@example.com", Role::Viewer).await;
        user(ctx, "linus@example.com", Role::Viewer).await;
        let mut entered = Vec::new();
        for _ in 0..3 {
            entered.push(enter(ctx, "grace@example.com", SessionMeta::default()).await);
            harness.advance(1);
        }
        let [one, two, three] = &entered[..] else { panic!("three") };
        let linus = enter(ctx, "linus@example.com", SessionMeta::default()).await;
        let actor = &one.signed_in.actor;
        let listed = list_own_sessions(ctx, actor, first_page()).await.unwrap();
        let ids: Vec<_> = listed.items.iter().map(|item| (item.session.id, item.current)).collect();
        let id = |session: &NewSession| session.signed_in.session_id;
        assert_eq!((listed.total, ids), (3, vec![(id(three), false), (id(two), false), (id(one), true)]));

        // Page by page, and with a cursor of one's own list only.
        let small = |cursor| PageRequest { limit: 2, cursor };
        let page = list_own_sessions(ctx, actor, small(None)).await.unwrap();
        assert_eq!((page.items.len(), page.total), (2, 3));
        let next = page.next_cursor.clone();
        assert_eq!(list_own_sessions(ctx, actor, small(next.clone())).await.unwrap().items.len(), 1);
        assert!(list_own_sessions(ctx, &linus.signed_in.actor, small(next)).await.is_err());

        // Another's is not there.
        let foreign = end_own_session(ctx, &linus.signed_in.actor, id(two)).await;
        assert!(matches!(foreign, Err(SessionError::NotFound)));
        assert!(good(ctx, two).await);
        end_own_session(ctx, actor, id(two)).await.unwrap();
        assert!(!good(ctx, two).await, "at once");
        assert!(matches!(end_own_session(ctx, actor, id(two)).await, Err(SessionError::NotFound)));
        assert_eq!(end_other_sessions(ctx, actor).await.unwrap(), 1);
        assert!(good(ctx, one).await && !good(ctx, three).await && good(ctx, &linus).await);

        let nobody = Actor::user(UserId(ctx.env.new_id()), "a@example.com", Role::Viewer);
        assert!(matches!(list_user_sessions(ctx, &nobody, grace, first_page()).await, Err(SessionError::Forbidden(_))));
        let admin = Actor::user(UserId(ctx.env.new_id()), "b@example.com", Role::Admin);
        assert_eq!(list_user_sessions(ctx, &admin, grace, first_page()).await.unwrap().total, 1);
        assert!(good(ctx, one).await && good(ctx, &linus).await);
        let missing = list_user_sessions(ctx, &admin, UserId(ctx.env.new_id()), first_page()).await;
        assert!(matches!(missing, Err(SessionError::NoSuchUser)));

        // One that has idled is no longer among them.
        harness.advance(3601);
        assert_eq!(list_own_sessions(ctx, &linus.signed_in.actor, first_page()).await.unwrap().total, 0);
    }
}

both_databases! {
    async fn a_proof_holds_for_a_while_and_is_of_the_session_that_gave_it(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        user(ctx, "grace@example.com", Role::Admin).await;
        let (here, there) = (
            enter(ctx, "grace@example.com", SessionMeta::default()).await,
            enter(ctx, "grace@example.com", SessionMeta::default()).await,
        );
        let proven = async |session: &NewSession| {
            let actor = authenticate(ctx, &session.token).await.unwrap().unwrap().actor;
            actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window).is_ok()
        };
        assert!(proven(&here).await, "signing in is a proof");
        harness.advance(599);
        assert!(proven(&here).await);
        harness.advance(1);
        assert!(!proven(&here).await && !proven(&there).await);

        let actor = authenticate(ctx, &here.token).await.unwrap().unwrap().actor;
        let before = hashes(ctx);
        assert!(matches!(prove_by_password(ctx, &actor, "wrong wrong").await, Err(SessionError::NotProved)));
        assert_eq!(hashes(ctx), before + 1);
        assert!(!proven(&here).await);
        prove_by_password(ctx, &actor, PASSWORD).await.unwrap();
        assert!(proven(&here).await && !proven(&there).await);
        harness.advance(600);
        assert!(!proven(&here).await);

        // A session that was ended meanwhile proves nothing, and who asks by none can't.
        end_own_session(ctx, &actor, here.signed_in.session_id).await.unwrap();
        assert!(matches!(prove_by_password(ctx, &actor, PASSWORD).await, Err(SessionError::NotFound)));
        assert!(matches!(prove_by_password(ctx, &Actor::system(), PASSWORD).await, Err(SessionError::NotFound)));
    }
}

fn hashes(ctx: &Context) -> u64 {
    ctx.passwords.hashes()
}

both_databases! {
    async fn an_unknown_user_costs_as_many_hashes_as_a_known_one(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        user(ctx, "grace@example.com", Role::Viewer).await;
        let mut costs = Vec::new();
        for (email, password) in [
            ("grace@example.com", PASSWORD),
            ("grace@example.com", "wrong wrong"),
            ("nobody@example.com", PASSWORD),
            ("not an address", ""),
        ] {
            let before = hashes(ctx);
            identity::sign_in(ctx, email, password, SessionMeta::default()).await.ok();
            costs.push(hashes(ctx) - before);
        }
        assert_eq!(costs, [1, 1, 1, 1]);
    }
}

async fn last_seen(ctx: &Context, session: &NewSession) -> DateTime<Utc> {
    let digest = token::digest(&session.token);
    session_fetch_by_token(&ctx.db, &digest, ctx.env.now()).await.unwrap().unwrap().0.last_seen_at
}

both_databases! {
    async fn a_use_is_written_once_a_minute_by_one_of_many(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let (ctx, other) = (&harness.ctx, &replica(&harness.ctx));
        user(ctx, "grace@example.com", Role::Viewer).await;
        let session = enter(ctx, "grace@example.com", SessionMeta::default()).await;
        let begun = ctx.env.now();
        harness.advance(59);
        assert!(good(ctx, &session).await && good(other, &session).await);
        assert_eq!(last_seen(ctx, &session).await, begun);
        harness.advance(1);
        assert!(good(ctx, &session).await);
        let noted = last_seen(ctx, &session).await;
        assert_eq!(noted, begun + Duration::seconds(60));
        // The other process still has its copy of before, and its condition finds the note there.
        harness.advance(10);
        assert!(good(other, &session).await && good(ctx, &session).await);
        assert_eq!(last_seen(ctx, &session).await, noted);
    }
}

both_databases! {
    async fn a_copy_knows_the_time_and_who_is_disabled(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let grace = user(ctx, "grace@example.com", Role::Viewer).await;
        let session = enter(ctx, "grace@example.com", SessionMeta::default()).await;
        assert!(good(ctx, &session).await);
        // By its copy, which is fresh by any real clock.
        harness.advance(3601);
        assert!(!good(ctx, &session).await, "idle");

        let session = enter(ctx, "grace@example.com", SessionMeta::default()).await;
        let from: IpAddr = "203.0.113.9".parse().unwrap();
        let found = recognise(ctx, &Credential::session(&session.token), Some(from)).await.unwrap().unwrap();
        let session_id = session.signed_in.session_id;
        assert_eq!(found.principal, Principal::Session { user_id: grace, session_id });
        assert_eq!(found.actor.origin.session_id, Some(session_id));
        assert_eq!((found.actor.origin.key_id, &found.actor.origin.address), (None, &None), "nothing of one request");
        let tx = ctx.db.begin().await.unwrap();
        let off = "UPDATE app_user SET enabled = FALSE";
        sea_orm::ConnectionTrait::execute_unprepared(&tx, off).await.unwrap();
        tx.commit().await.unwrap();
        ctx.known.forget_user(grace);
        assert!(!good(ctx, &session).await);
    }
}
