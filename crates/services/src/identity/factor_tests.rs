//! Second factors on both databases.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::access::{Actor, Grant, Role};
use domain::ids::ApiKeyId;
use futures::future::join_all;
use store::db::Backend;
use store::repo::second_factors;
use totp_rs::{Builder, Secret};
use uuid::Uuid;

use super::second_factor::RECOVERY_CODES;
use super::{
    Challenge, IdentityError, NewUser, Proof, SignIn, begin_totp, confirm_totp, create_user, finish_sign_in,
    new_recovery_codes, prove, remove_totp, sign_in,
};
use crate::Context;
use crate::sessions::{SessionMeta, authenticate};
use crate::testing::{FakeFleet, Harness};

const EMAIL: &str = "grace@example.com";
const PASSWORD: &str = "moth in relay 70";

/// The harness on each database there is, with a user.
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

async fn actor(ctx: &Context) -> Actor {
    sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap().done().unwrap().signed_in.actor
}

async fn challenge(ctx: &Context) -> Challenge {
    match sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap() {
        SignIn::SecondFactor(challenge) => challenge,
        SignIn::Done(_) => panic!("no second factor was asked for"),
    }
}

/// What the app shows `steps` from now.
fn code(ctx: &Context, secret: &str, steps: i64) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    app.generate(u64::try_from(ctx.env.now().timestamp() + 30 * steps).unwrap()).to_string()
}

/// A code that is wrong now and was and will be for a step.
fn wrong(ctx: &Context, secret: &str) -> String {
    let near: BTreeSet<_> = (-2..=2).map(|step| code(ctx, secret, step)).collect();
    (0..1_000_000).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).unwrap()
}

/// Turns codes on: the actor, the secret, the recovery codes. The step of now is spent.
async fn enrol(ctx: &Context) -> (Actor, String, Vec<String>) {
    let actor = actor(ctx).await;
    let setup = begin_totp(ctx, &actor).await.unwrap();
    let codes = confirm_totp(ctx, &actor, &code(ctx, &setup.secret, 0)).await.unwrap();
    (actor, setup.secret, codes)
}

#[tokio::test]
async fn a_code_is_asked_for_and_taken_once() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let me = actor(ctx).await;
        let setup = begin_totp(ctx, &me).await.unwrap();
        assert!(sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap().done().is_some(), "nothing is confirmed yet");
        let bad = confirm_totp(ctx, &me, &wrong(ctx, &setup.secret)).await;
        assert!(matches!(bad, Err(IdentityError::BadCode)));
        confirm_totp(ctx, &me, &code(ctx, &setup.secret, 0)).await.unwrap();
        assert!(matches!(begin_totp(ctx, &me).await, Err(IdentityError::SecondFactorOn)), "it is not replaced unseen");

        let waiting = challenge(ctx).await;
        assert!(waiting.recovery && waiting.expires_at > ctx.env.now());
        assert!(authenticate(ctx, &waiting.token).await.unwrap().is_none(), "a challenge is no session");
        // The code that confirmed it is spent, and so is every one before.
        for steps in [-1, 0] {
            let spent = finish_sign_in(ctx, &waiting.token, &code(ctx, &setup.secret, steps), meta()).await;
            assert!(matches!(spent, Err(IdentityError::BadCode)), "{steps}");
        }
        harness.advance(30);
        let shown = code(ctx, &setup.secret, 0);
        let spaced = format!("{} {}", &shown[..3], &shown[3..]);
        let session = finish_sign_in(ctx, &waiting.token, &spaced, meta()).await.unwrap();
        assert_eq!(session.signed_in.email, EMAIL);
        assert!(authenticate(ctx, &session.token).await.unwrap().is_some());
        let over = finish_sign_in(ctx, &waiting.token, &code(ctx, &setup.secret, 1), meta()).await;
        assert!(matches!(over, Err(IdentityError::ChallengeOver)), "one challenge, one session");
        let again = finish_sign_in(ctx, &challenge(ctx).await.token, &shown, meta()).await;
        assert!(matches!(again, Err(IdentityError::BadCode)), "a code is not taken twice");
        // Within a step of the clock, in both directions, and no further.
        let next = challenge(ctx).await;
        let far = finish_sign_in(ctx, &next.token, &code(ctx, &setup.secret, 2), meta()).await;
        assert!(matches!(far, Err(IdentityError::BadCode)));
        finish_sign_in(ctx, &next.token, &code(ctx, &setup.secret, 1), meta()).await.unwrap();
        harness.advance(90);
        let late = challenge(ctx).await;
        finish_sign_in(ctx, &late.token, &code(ctx, &setup.secret, -1), meta()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_with_the_same_code_one_gets_in() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (me, secret, recovery) = enrol(ctx).await;
        let user = me.user_id.unwrap();
        harness.advance(30);
        let step = ctx.env.now().timestamp() / 30;
        let taken = join_all((0..20).map(|_| second_factors::totp_step_take(&ctx.db, user, step + 5))).await;
        assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);

        harness.advance(30 * 10);
        let mut waiting = Vec::new();
        for _ in 0..20 {
            waiting.push(challenge(ctx).await);
        }
        for code in [code(ctx, &secret, 0), recovery[0].clone()] {
            let tries = waiting.iter().map(|waiting| finish_sign_in(ctx, &waiting.token, &code, meta()));
            let won = join_all(tries).await.into_iter().filter(Result::is_ok).count();
            assert_eq!(won, 1, "{code}");
            harness.advance(3601);
            waiting.clear();
            for _ in 0..20 {
                waiting.push(challenge(ctx).await);
            }
        }
        // One challenge, two right codes at once: one session.
        let one = &waiting[0];
        let codes = [recovery[1].clone(), recovery[2].clone()];
        let tries = codes.iter().map(|code| finish_sign_in(ctx, &one.token, code, meta()));
        assert_eq!(join_all(tries).await.into_iter().filter(Result::is_ok).count(), 1);
    }
}

#[tokio::test]
async fn recovery_codes_hold_120_bits_and_those_of_before_still_work() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (me, _, codes) = enrol(ctx).await;
        for code in &codes {
            let groups: Vec<_> = code.split('-').map(str::len).collect();
            assert_eq!(groups, [6; 4], "{code}");
        }
        let before = "abcd-efgh-jkmn-pqrs";
        let hash = crate::token::digest(&before.replace('-', ""));
        second_factors::recovery_codes_replace(&ctx.db, me.user_id.unwrap(), &[hash]).await.unwrap();
        let cut = &codes[0][..18];
        let bad = finish_sign_in(ctx, &challenge(ctx).await.token, cut, meta()).await;
        assert!(matches!(bad, Err(IdentityError::BadCode)));
        finish_sign_in(ctx, &challenge(ctx).await.token, before, meta()).await.unwrap();
    }
}

#[tokio::test]
async fn recovery_codes_work_once_each() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (me, _, codes) = enrol(ctx).await;
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), RECOVERY_CODES);
        let typed = codes[0].to_uppercase().replace('-', " ");
        finish_sign_in(ctx, &challenge(ctx).await.token, &typed, meta()).await.unwrap();
        let again = finish_sign_in(ctx, &challenge(ctx).await.token, &codes[0], meta()).await;
        assert!(matches!(again, Err(IdentityError::BadCode)));
        let left = second_factors::recovery_codes_left(&ctx.db, me.user_id.unwrap()).await.unwrap();
        assert_eq!(left, RECOVERY_CODES as u64 - 1);

        let fresh = new_recovery_codes(ctx, &me).await.unwrap();
        assert!(fresh.iter().all(|code| !codes.contains(code)));
        let old = finish_sign_in(ctx, &challenge(ctx).await.token, &codes[1], meta()).await;
        assert!(matches!(old, Err(IdentityError::BadCode)), "new ones replace the old");
        finish_sign_in(ctx, &challenge(ctx).await.token, &fresh[9], meta()).await.unwrap();
    }
}

#[tokio::test]
async fn a_sign_in_waits_for_a_while_and_a_few_tries() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (_, secret, _) = enrol(ctx).await;
        harness.advance(30);
        let waiting = challenge(ctx).await;
        for _ in 0..5 {
            let bad = finish_sign_in(ctx, &waiting.token, &wrong(ctx, &secret), meta()).await;
            assert!(matches!(bad, Err(IdentityError::BadCode)));
        }
        let right = code(ctx, &secret, 0);
        let over = finish_sign_in(ctx, &waiting.token, &right, meta()).await;
        assert!(matches!(over, Err(IdentityError::ChallengeOver)), "even with the right code");
        let waiting = challenge(ctx).await;
        harness.advance(5 * 60);
        let late = finish_sign_in(ctx, &waiting.token, &code(ctx, &secret, 0), meta()).await;
        assert!(matches!(late, Err(IdentityError::ChallengeOver)));
        for made_up in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let unknown = finish_sign_in(ctx, made_up, &right, meta()).await;
            assert!(matches!(unknown, Err(IdentityError::ChallengeOver)));
        }
    }
}

#[tokio::test]
async fn wrong_codes_are_counted_for_the_person_whatever_the_door() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (me, secret, recovery) = enrol(ctx).await;
        harness.advance(30);
        let bad = wrong(ctx, &secret);
        for door in 0..10 {
            let refused = if door % 2 == 0 {
                finish_sign_in(ctx, &challenge(ctx).await.token, &bad, meta()).await.map(drop)
            } else {
                prove(ctx, &me, &Proof::Code(bad.clone())).await
            };
            assert!(matches!(refused, Err(IdentityError::BadCode)), "{door}");
        }
        for right in [code(ctx, &secret, 0), recovery[0].clone()] {
            let refused = finish_sign_in(ctx, &challenge(ctx).await.token, &right, meta()).await;
            let Err(IdentityError::TooManyTries { wait }) = refused else { panic!("{refused:?}") };
            assert!(wait > Duration::from_secs(3000) && wait <= Duration::from_secs(3600), "{wait:?}");
        }
        harness.advance(3601);
        finish_sign_in(ctx, &challenge(ctx).await.token, &code(ctx, &secret, 0), meta()).await.unwrap();
        // A right one begins the count anew.
        let bad = wrong(ctx, &secret);
        let waiting = challenge(ctx).await;
        assert!(matches!(finish_sign_in(ctx, &waiting.token, &bad, meta()).await, Err(IdentityError::BadCode)));
        harness.advance(30);
        finish_sign_in(ctx, &waiting.token, &code(ctx, &secret, 0), meta()).await.unwrap();
    }
}

#[tokio::test]
async fn changes_need_a_fresh_proof_of_a_person() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (me, secret, recovery) = enrol(ctx).await;
        let mut key = me.clone();
        key.origin.key_id = Some(ApiKeyId(Uuid::from_u128(1)));
        for actor in [key] {
            assert!(matches!(begin_totp(ctx, &actor).await, Err(IdentityError::StepUp(_))));
            assert!(matches!(confirm_totp(ctx, &actor, "123456").await, Err(IdentityError::StepUp(_))));
            assert!(matches!(remove_totp(ctx, &actor).await, Err(IdentityError::StepUp(_))));
            assert!(matches!(new_recovery_codes(ctx, &actor).await, Err(IdentityError::StepUp(_))));
            let proof = Proof::Code(recovery[0].clone());
            assert!(matches!(prove(ctx, &actor, &proof).await, Err(IdentityError::StepUp(_))));
        }
        harness.advance(601);
        assert!(matches!(remove_totp(ctx, &me).await, Err(IdentityError::StepUp(_))));
        assert!(matches!(new_recovery_codes(ctx, &me).await, Err(IdentityError::StepUp(_))));

        // A code is a proof, and spent by it.
        let waiting = challenge(ctx).await;
        let session = finish_sign_in(ctx, &waiting.token, &recovery[0], meta()).await.unwrap();
        harness.advance(601);
        let before = authenticate(ctx, &session.token).await.unwrap().unwrap().actor;
        assert!(before.require_proof(ctx.env.now(), ctx.policy.now().proof_window).is_err());
        let bad = prove(ctx, &before, &Proof::Password("not the password".to_owned())).await;
        assert!(matches!(bad, Err(IdentityError::WrongPassword)));
        let shown = code(ctx, &secret, 0);
        prove(ctx, &before, &Proof::Code(shown.clone())).await.unwrap();
        assert!(matches!(prove(ctx, &before, &Proof::Code(shown)).await, Err(IdentityError::BadCode)));
        let after = authenticate(ctx, &session.token).await.unwrap().unwrap().actor;
        remove_totp(ctx, &after).await.unwrap();
        assert!(matches!(remove_totp(ctx, &after).await, Err(IdentityError::NoSecondFactor)));
        assert!(sign_in(ctx, EMAIL, PASSWORD, meta()).await.unwrap().done().is_some());
        assert!(matches!(new_recovery_codes(ctx, &after).await, Err(IdentityError::NoSecondFactor)));
    }
}

#[tokio::test]
async fn the_secret_is_stored_sealed_and_codes_as_hashes() {
    for harness in harnesses().await {
        let ctx = &harness.ctx;
        let (me, secret, recovery) = enrol(ctx).await;
        let kept = second_factors::totp_fetch(&ctx.db, me.user_id.unwrap()).await.unwrap().unwrap();
        assert!(platform::vault::is_sealed(&kept.secret), "{}", kept.secret);
        assert!(!kept.secret.contains(&secret));
        let rows = sea_orm::ConnectionTrait::query_all_raw(
            &ctx.db,
            sea_orm::Statement::from_string(
                sea_orm::ConnectionTrait::get_database_backend(&ctx.db),
                "SELECT code_hash FROM recovery_code",
            ),
        );
        let rows = rows.await.unwrap();
        assert_eq!(rows.len(), RECOVERY_CODES);
        for row in rows {
            let hash: String = row.try_get("", "code_hash").unwrap();
            assert!(recovery.iter().all(|code| !hash.contains(&code[..4]) || hash.len() == 43), "{hash}");
            assert_eq!(hash.len(), 43);
        }
    }
}
