//! Mailed codes, new passwords by mail, and hashes that are replaced, on both databases.

use std::time::Duration;

use domain::access::{Actor, Grant, Role};
use domain::env::Random;
use futures::future::join_all;
use platform::mail::{Mail, Mailer};
use store::db::Backend;
use store::repo::users;

use super::{
    IdentityError, NewUser, PasswordHasher, Proof, SignIn, begin_totp, confirm_password_reset, confirm_totp,
    create_user, prove, request_email_code, request_password_reset, sign_in, verify_email_code,
};
use crate::Context;
use crate::sessions::{SessionMeta, authenticate};
use crate::testing::{FakeFleet, Harness};

const EMAIL: &str = "grace@example.com";
const PASSWORD: &str = "moth in relay 70";
const NEW_PASSWORD: &str = "bombe and colossus";
/// No mail takes longer to get into memory.
const PATIENCE: Duration = Duration::from_secs(30);

async fn harnesses() -> Vec<Harness> {
    let mut harnesses = Vec::new();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { continue };
        let new = NewUser {
            email: EMAIL.to_owned(),
            grants: vec![Grant::usual(Role::Viewer)],
            password: PASSWORD.to_owned(),
        };
        create_user(&harness.ctx, &Actor::system(), new).await.unwrap();
        harnesses.push(harness);
    }
    harnesses
}

fn meta() -> SessionMeta {
    SessionMeta::default()
}

/// The mail that `ask` leads to.
async fn mailed(ctx: &Context, ask: impl FnOnce(&Context)) -> Mail {
    // What was asked for before is not what this leads to.
    ctx.mail.idle().await;
    let known = ctx.mail.kept().len();
    ask(ctx);
    tokio::time::timeout(PATIENCE, ctx.mail.next_to(EMAIL, known)).await.expect("no mail came")
}

/// A code to sign in with, as it is in the mail.
async fn code(ctx: &Context) -> String {
    let mail = mailed(ctx, |ctx| request_email_code(ctx, " GRACE@example.com").unwrap()).await;
    assert!(mail.text.contains(&ctx.policy.now().base_url) && !mail.text.contains(PASSWORD));
    let line = mail.text.lines().find(|line| line.starts_with("Your code: ")).unwrap();
    let code = line.trim_start_matches("Your code: ").to_owned();
    assert_eq!(code.chars().filter(char::is_ascii_digit).count(), 8, "{code}");
    assert!(!mail.subject.contains(&code), "a subject is shown where nobody is signed in");
    code
}

/// The token of a link to a new password.
async fn token(ctx: &Context) -> String {
    let mail = mailed(ctx, |ctx| request_password_reset(ctx, EMAIL).unwrap()).await;
    let link = mail.text.lines().find(|line| line.contains("://")).unwrap();
    let token = link.strip_prefix(&format!("{}/reset-password#token=", ctx.policy.now().base_url)).unwrap();
    token.to_owned()
}

async fn enter(ctx: &Context, code: &str) -> Result<SignIn, IdentityError> {
    verify_email_code(ctx, "Grace@Example.com ", code, meta()).await
}

fn wrong(code: &str) -> String {
    let number: u64 = code.replace(' ', "").parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

#[tokio::test]
async fn a_mailed_code_signs_in_once() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let first = code(ctx).await;
        assert!(matches!(enter(ctx, &wrong(&first)).await, Err(IdentityError::BadCode)));
        let session = enter(ctx, &first).await.unwrap().done().unwrap();
        assert!(authenticate(ctx, &session.token).await.unwrap().is_some());
        assert!(matches!(enter(ctx, &first).await, Err(IdentityError::BadCode)), "used");

        let replaced = code(ctx).await;
        let second = code(ctx).await;
        assert!(matches!(enter(ctx, &replaced).await, Err(IdentityError::BadCode)), "replaced");
        let tries = join_all((0..4).map(|_| enter(ctx, &second))).await;
        assert_eq!(tries.into_iter().filter(Result::is_ok).count(), 1, "of several at once one gets in");

        let third = code(ctx).await;
        harness.advance(10 * 60);
        assert!(matches!(enter(ctx, &third).await, Err(IdentityError::BadCode)), "expired");

        let fourth = code(ctx).await;
        for _ in 0..5 {
            assert!(matches!(enter(ctx, &wrong(&fourth)).await, Err(IdentityError::BadCode)));
        }
        assert!(matches!(enter(ctx, &fourth).await, Err(IdentityError::BadCode)), "five tries and no more");
    }
}

#[tokio::test]
async fn a_mailed_code_proves_who_is_there_once() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let session = sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap().done().unwrap();
        let now = async || authenticate(ctx, &session.token).await.unwrap().unwrap().actor;
        let fresh = async || now().await.require_proof(ctx.env.now(), ctx.policy.now().proof_window).is_ok();
        harness.advance(600);
        let (me, first) = (now().await, code(ctx).await);
        let prove = async |code: &str| prove(ctx, &me, &Proof::EmailCode(code.to_owned())).await;
        assert!(matches!(prove(&wrong(&first)).await, Err(IdentityError::BadCode)) && !fresh().await);
        prove(&first).await.unwrap();
        assert!(fresh().await, "that session, at once");
        harness.advance(600);
        assert!(matches!(prove(&first).await, Err(IdentityError::BadCode)) && !fresh().await, "used");
        assert!(matches!(enter(ctx, &first).await, Err(IdentityError::BadCode)), "for signing in too");
        // Who has a second factor is asked for that.
        prove(&code(ctx).await).await.unwrap();
        let setup = begin_totp(ctx, &now().await).await.unwrap();
        let app = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&setup.secret).unwrap());
        let shown = app.build().unwrap().generate(u64::try_from(ctx.env.now().timestamp()).unwrap()).to_string();
        confirm_totp(ctx, &now().await, &shown).await.unwrap();
        assert!(matches!(prove(&code(ctx).await).await, Err(IdentityError::BadCode)));
    }
}

#[tokio::test]
async fn strangers_get_no_mail_and_people_not_more_than_a_few() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        for _ in 0..8 {
            request_email_code(ctx, "nobody@example.com").unwrap();
            request_password_reset(ctx, "nobody@example.com").unwrap();
            request_email_code(ctx, EMAIL).unwrap();
            request_password_reset(ctx, EMAIL).unwrap();
        }
        ctx.mail.idle().await;
        let sent = ctx.mail.kept();
        assert!(sent.iter().all(|mail| mail.to == EMAIL));
        assert_eq!(sent.iter().filter(|mail| mail.text.contains("Your code")).count(), 5);
        assert_eq!(sent.iter().filter(|mail| mail.text.contains("#token=")).count(), 5);
        for email in ["nobody@example.com", "", "x"] {
            let refused = verify_email_code(ctx, email, "12345678", meta()).await;
            assert!(matches!(refused, Err(IdentityError::BadCode)));
        }
        harness.advance(76 * 60);
        code(ctx).await;
    }
}

#[tokio::test]
async fn a_mailbox_is_one_factor_only() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let me = sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap().done().unwrap().signed_in.actor;
        let setup = begin_totp(ctx, &me).await.unwrap();
        let app = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&setup.secret).unwrap());
        let shown = app.build().unwrap().generate(u64::try_from(ctx.env.now().timestamp()).unwrap()).to_string();
        confirm_totp(ctx, &me, &shown).await.unwrap();
        let code = code(ctx).await;
        assert!(matches!(enter(ctx, &code).await.unwrap(), SignIn::SecondFactor(_)));
        // A new password by mail leaves it in place too.
        confirm_password_reset(ctx, &token(ctx).await, NEW_PASSWORD, &meta()).await.unwrap();
        let signed_in = sign_in(ctx, EMAIL, NEW_PASSWORD, meta()).await.unwrap();
        assert!(matches!(signed_in, SignIn::SecondFactor(_)));
    }
}

#[tokio::test]
async fn a_link_sets_a_new_password_once_and_ends_all_sessions() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap().done().unwrap());
        }
        let code = code(ctx).await;
        let replaced = token(ctx).await;
        let link = token(ctx).await;
        let reset = async |token: &str, password: &str| confirm_password_reset(ctx, token, password, &meta()).await;
        for bad in [replaced.as_str(), "", "made up"] {
            assert!(matches!(reset(bad, NEW_PASSWORD).await, Err(IdentityError::ResetSpent)), "{bad:?}");
        }
        for weak in ["short", "password1", EMAIL, "iloveyou!"] {
            assert!(matches!(reset(&link, weak).await, Err(IdentityError::WeakPassword(_))), "{weak}");
        }
        for session in &sessions {
            assert!(authenticate(ctx, &session.token).await.unwrap().is_some(), "nothing is changed yet");
        }
        let known = ctx.mail.kept().len();
        let tries = join_all((0..4).map(|_| reset(&link, NEW_PASSWORD))).await;
        assert_eq!(tries.into_iter().filter(Result::is_ok).count(), 1);
        for session in &sessions {
            assert!(authenticate(ctx, &session.token).await.unwrap().is_none());
        }
        assert!(matches!(sign_in(ctx, EMAIL, PASSWORD, meta()).await, Err(IdentityError::BadCredentials)));
        sign_in(ctx, EMAIL, NEW_PASSWORD, meta()).await.unwrap();
        assert!(matches!(enter(ctx, &code).await, Err(IdentityError::BadCode)), "codes from before are void");
        assert!(matches!(reset(&link, PASSWORD).await, Err(IdentityError::ResetSpent)));
        let told = tokio::time::timeout(PATIENCE, ctx.mail.next_to(EMAIL, known)).await.expect("they are told");
        assert!(told.subject.contains("changed") && !told.text.contains(NEW_PASSWORD));

        let late = token(ctx).await;
        harness.advance(60 * 60);
        assert!(matches!(reset(&late, NEW_PASSWORD).await, Err(IdentityError::ResetSpent)), "expired");
        ctx.mail.idle().await;
        for mail in ctx.mail.kept() {
            assert!(!mail.text.contains(PASSWORD) && !mail.text.contains(NEW_PASSWORD));
            assert!(mail.text.match_indices("://").count() == 1 && mail.text.contains(&ctx.policy.now().base_url));
        }
    }
}

#[tokio::test]
async fn without_a_mail_server_it_is_said() {
    let mut harness = Harness::new(FakeFleet::default()).await;
    harness.ctx.mail = Mailer::off();
    assert!(matches!(request_email_code(&harness.ctx, EMAIL), Err(IdentityError::MailOff)));
    assert!(matches!(request_password_reset(&harness.ctx, EMAIL), Err(IdentityError::MailOff)));
}

#[tokio::test]
async fn a_weaker_hash_is_replaced_at_sign_in() {
    for mut harness in harnesses().await {
        let hash = async |ctx: &Context| {
            users::user_fetch_by_email(&ctx.db, EMAIL).await.unwrap().unwrap().password_hash.unwrap()
        };
        let old = hash(&harness.ctx).await;
        assert!(old.contains("m=64,"), "{old}");
        harness.ctx.passwords = PasswordHasher::with_memory(Random::new(|bytes| bytes.fill(9)), 128).unwrap();
        let ctx = &harness.ctx;
        assert!(sign_in(ctx, EMAIL, "not the password", meta()).await.is_err());
        assert_eq!(hash(ctx).await, old, "only who knows the password replaces its hash");
        sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap();
        let new = hash(ctx).await;
        assert!(new.contains("m=128,"), "{new}");
        sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap();
        assert_eq!(hash(ctx).await, new, "once");
    }
}
