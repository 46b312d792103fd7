//! One's own data, all of it and nobody else's; and what is left of somebody who is gone.

use std::collections::BTreeMap;
use std::io::Read as _;

use domain::access::{Actor, Grant, Permission, Role};
use domain::audit::Entry;
use domain::ids::UserId;
use serde_json::Value;
use store::repo::audit::{AuditFilter, AuditQuery, audit_list};
use store::repo::users::user_fetch;

use super::*;
use crate::access::AccessError;
use crate::audit::{Evidence, verify};
use crate::identity::{self, NewUser};
use crate::sessions::{self, NewSession, SessionMeta};
use crate::testing::{FakeFleet, Harness, both_databases};
use crate::{Context, profile};

const PASSWORD: &str = "moth in relay 70";

async fn user(ctx: &Context, email: &str, role: Role) -> UserId {
    let new = NewUser { email: email.into(), grants: vec![Grant::usual(role)], password: PASSWORD.into() };
    identity::create_user(ctx, &Actor::system(), new).await.unwrap()
}

async fn enter(ctx: &Context, email: &str) -> NewSession {
    let meta = SessionMeta { ip: Some("192.0.2.77".parse().unwrap()), ..SessionMeta::default() };
    let session = identity::sign_in(ctx, email, PASSWORD, meta).await.unwrap().done().unwrap();
    session.committed(ctx);
    session
}

fn files(export: &Export) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&export.bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

async fn everything_in_the_log(ctx: &Context) -> String {
    let query = AuditQuery { filter: AuditFilter::default(), limit: 1000, cursor: None };
    format!("{:?}", audit_list(&ctx.db, &query).await.unwrap().rows)
}

async fn whole(ctx: &Context) -> u64 {
    let evidence = Evidence::own(ctx).await.unwrap();
    let report = verify(ctx, &evidence, |_| true).await.unwrap().unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    report.erased_parts
}

both_databases! {
    async fn an_export_has_one_s_own_data_and_nobody_else_s(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let grace = user(ctx, "grace@example.com", Role::Admin).await;
        let linus = user(ctx, "linus@example.org", Role::Viewer).await;
        let (session, other) = (enter(ctx, "grace@example.com").await, enter(ctx, "linus@example.org").await);
        let actor = &session.signed_in.actor;
        profile::change_display_name(ctx, actor, "Rear Admiral", None).await.unwrap();
        profile::change_display_name(ctx, &other.signed_in.actor, "Somebody Else", None).await.unwrap();
        // Each looks at the other, and changes them: two people in one entry.
        crate::access::users::fetch_user(ctx, actor, linus).await.unwrap();
        let change = crate::access::users::UserChange { display_name: Some("Renamed".into()), enabled: None };
        crate::access::users::update_user(ctx, actor, linus, None, change).await.unwrap();

        let export = export_own(ctx, actor).await.unwrap();
        let files = files(&export);
        let json = |name: &str| serde_json::from_str::<Value>(&files[name]).unwrap();
        assert_eq!(json("user.json")["email"], "grace@example.com");
        assert_eq!(json("user.json")["display_name"], "Rear Admiral");
        assert_eq!(json("user.json")["id"], grace.to_string());
        assert_eq!(json("grants.json")[0]["role"], "admin");
        assert_eq!(json("sessions.json").as_array().unwrap().len(), 1);
        assert_eq!(json("sessions.json")[0]["ip_address"], "192.0.2.77");
        let actions: Vec<String> = json("audit-log.json")
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].as_str().unwrap().to_owned())
            .collect();
        assert!(actions.iter().any(|action| action == "user.rename"), "{actions:?}");
        assert!(actions.iter().any(|action| action == "user.export"), "the export itself is there: {actions:?}");
        let named = json("about.json")["files"].as_array().unwrap().len();
        assert_eq!(named + 1, files.len());

        for (name, text) in &files {
            for foreign in ["linus", "Somebody Else", "Renamed"] {
                assert!(!text.contains(foreign), "{foreign} in {name}: {text}");
            }
            for secret in ["$argon2", session.token.as_str(), "token_hash", "secret_hash"] {
                assert!(!text.contains(secret), "{secret} in {name}");
            }
        }
        // The other one's has what was done to them, but not by whom.
        let theirs = self::files(&export_own(ctx, &other.signed_in.actor).await.unwrap());
        assert!(theirs["audit-log.json"].contains("user.change") && theirs["user.json"].contains("Renamed"));
        assert!(!theirs.values().any(|text| text.contains("grace") || text.contains("Rear Admiral")));
    }
}

both_databases! {
    async fn who_is_gone_leaves_a_pseudonym_in_a_chain_that_is_whole(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        user(ctx, "owner@example.com", Role::Owner).await;
        let grace = user(ctx, "grace@example.com", Role::Viewer).await;
        let session = enter(ctx, "grace@example.com").await;
        let actor = &session.signed_in.actor;
        profile::change_display_name(ctx, actor, "Rear Admiral", None).await.unwrap();
        // What others did with her desktop names her without belonging to her.
        let did = [
            Entry::new("workspace.stop", Permission::WorkspaceStop).on("workspace", 1).named("Grace"),
            Entry::new("job.cancel", Permission::JobWrite).on("job", 1).named("Stop the WorkSpace of Grace"),
            Entry::new("workspace.list", Permission::WorkspaceRead).personal(serde_json::json!({ "q": "grace" })),
        ];
        let tx = ctx.db.begin().await.unwrap();
        crate::audit::record_many(&tx, ctx, &Actor::system(), did.to_vec()).await.unwrap();
        tx.commit().await.unwrap();
        let before = everything_in_the_log(ctx).await;
        assert!(before.contains("String(\"Grace\")") && before.contains("WorkSpace of Grace"), "{before}");
        assert!(before.contains("grace@example.com") && before.contains("Rear Admiral") && before.contains("192.0.2.77"));
        let erased = whole(ctx).await;

        remove_own(ctx, actor, None).await.unwrap();
        assert!(user_fetch(&ctx.db, grace).await.unwrap().is_none());
        assert!(sessions::authenticate(ctx, &session.token).await.unwrap().is_none(), "at once");
        let after = everything_in_the_log(ctx).await;
        for personal in ["grace@example.com", "Rear Admiral", "192.0.2.77", "Grace", "String(\"grace\")"] {
            assert!(!after.contains(personal), "{personal} in {after}");
        }
        assert!(after.contains(&grace.to_string()) && after.contains("user.delete"), "the pseudonym stays");
        assert!(whole(ctx).await > erased);
        // The address is free again, for somebody else.
        assert_ne!(user(ctx, "grace@example.com", Role::Viewer).await, grace);
    }
}

both_databases! {
    async fn who_manages_users_removes_them_within_the_rules(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let owner = user(ctx, "owner@example.com", Role::Owner).await;
        user(ctx, "admin@example.com", Role::Admin).await;
        let viewer = user(ctx, "viewer@example.com", Role::Viewer).await;
        let (boss, admin, plain) =
            (enter(ctx, "owner@example.com").await, enter(ctx, "admin@example.com").await, enter(ctx, "viewer@example.com").await);
        let may_not = remove_user(ctx, &plain.signed_in.actor, owner, None).await;
        assert!(matches!(may_not, Err(PrivacyError::Forbidden(_))), "{may_not:?}");
        let above = remove_user(ctx, &admin.signed_in.actor, owner, None).await;
        assert!(matches!(above, Err(PrivacyError::Access(AccessError::OwnersOnly | AccessError::TooMuch { .. }))), "{above:?}");
        let last = remove_own(ctx, &boss.signed_in.actor, None).await;
        assert!(matches!(last, Err(PrivacyError::Access(AccessError::LastOwner))), "{last:?}");
        let version = user_fetch(&ctx.db, viewer).await.unwrap().unwrap().version;
        for stale in [version - 1, version + 1] {
            let changed = remove_user(ctx, &admin.signed_in.actor, viewer, Some(stale)).await;
            assert!(matches!(changed, Err(PrivacyError::Access(AccessError::Changed))), "{changed:?}");
        }
        let changed = remove_own(ctx, &plain.signed_in.actor, Some(version + 1)).await;
        assert!(matches!(changed, Err(PrivacyError::Access(AccessError::Changed))), "{changed:?}");
        remove_user(ctx, &admin.signed_in.actor, viewer, Some(version)).await.unwrap();
        assert!(sessions::authenticate(ctx, &plain.token).await.unwrap().is_none());
        let twice = remove_user(ctx, &admin.signed_in.actor, viewer, None).await;
        assert!(matches!(twice, Err(PrivacyError::NotFound)), "{twice:?}");
        // A proof from long ago is none.
        harness.advance(3000);
        let late = remove_own(ctx, &admin.signed_in.actor, None).await;
        assert!(matches!(late, Err(PrivacyError::StepUp(_) | PrivacyError::Access(AccessError::StepUp(_)))), "{late:?}");
        assert!(whole(ctx).await > 0);
    }
}

both_databases! {
    async fn what_ended_long_ago_is_forgotten_and_what_works_stays(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let grace = user(ctx, "grace@example.com", Role::Operator).await;
        let actor = enter(ctx, "grace@example.com").await.signed_in.actor;
        // Somebody who is gone, and whose last request was still writing.
        let gone = UserId(uuid::Uuid::from_u128(99));
        let late = Entry::open("user.read").on("user", gone).named("late@example.com").about(gone);
        let tx = ctx.db.begin().await.unwrap();
        crate::audit::record(&tx, ctx, &Actor::system(), late).await.unwrap();
        tx.commit().await.unwrap();
        let (at, old) = (ctx.env.now(), chrono::Duration::days(200));
        for (number, expires) in [(1, Some(at - old)), (2, Some(at + old)), (3, None)] {
            let key = store::repo::api_keys::NewApiKey {
                id: domain::ids::ApiKeyId(ctx.env.new_id()),
                user_id: grace,
                name: format!("key {number}"),
                prefix: format!("prefix-{number}"),
                secret_hash: format!("hash {number}"),
                permissions: std::collections::BTreeSet::new(),
                at: at - old - old,
                expires_at: expires,
            };
            store::repo::api_keys::api_key_insert(&ctx.db, &key).await.unwrap();
        }
        for (email, expires) in [("old@example.com", at - old), ("new@example.com", at + old)] {
            let invitation = store::repo::invitations::NewInvitation {
                id: domain::ids::InvitationId(ctx.env.new_id()),
                email: email.to_owned(),
                grants: Vec::new(),
                token_hash: email.to_owned(),
                invited_by: Some(grace),
                at: at - old - old,
                expires_at: expires,
            };
            store::repo::invitations::invitation_insert(&ctx.db, &invitation).await.unwrap();
        }
        assert!(everything_in_the_log(ctx).await.contains("late@example.com"));

        let run = crate::testing::RecordedRun::new(harness.job_id());
        let report = crate::jobs::prune(ctx, &run).await.unwrap();
        assert_eq!((report.api_keys, report.invitations, report.orphaned_parts), (1, 1, 1));
        let log = everything_in_the_log(ctx).await;
        assert!(!log.contains("late@example.com") && log.contains("grace@example.com"));
        let files = files(&export_own(ctx, &actor).await.unwrap());
        assert!(!files["api-keys.json"].contains("key 1"));
        assert!(files["api-keys.json"].contains("key 2") && files["api-keys.json"].contains("key 3"));
        assert!(whole(ctx).await > 0);
    }
}
