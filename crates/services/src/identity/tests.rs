//! First run and sessions on a database.

use domain::access::{Actor, Grant, Role};

use super::{
    IdentityError, NewUser, SetupOffer, create_owner, create_user, issue_setup_link, offer_setup_link, setup_state,
    sign_in,
};
use crate::sessions::{SessionMeta, authenticate, sign_out};
use crate::testing::{FakeFleet, Harness};

const PASSWORD: &str = "moth in relay 70";

async fn harness() -> Harness {
    Harness::new(FakeFleet::default()).await
}

#[tokio::test]
async fn the_one_time_link_makes_one_owner_even_when_raced() {
    let harness = harness().await;
    let ctx = &harness.ctx;
    let old = issue_setup_link(ctx).await.unwrap().unwrap();
    let link = issue_setup_link(ctx).await.unwrap().unwrap();
    let create = |token: String, email: &'static str| async move {
        create_owner(ctx, &token, email, PASSWORD, SessionMeta::default()).await
    };
    for bad in [old, "made-up".to_owned(), String::new()] {
        assert!(matches!(create(bad, "grace@example.com").await, Err(IdentityError::LinkSpent)));
    }
    assert!(setup_state(ctx).await.unwrap().needs_owner);
    let (a, b) = tokio::join!(create(link.clone(), "Grace@Example.com"), create(link.clone(), "linus@example.com"));
    let won: Vec<_> = [a, b].into_iter().filter_map(Result::ok).collect();
    assert_eq!(won.len(), 1, "one of the two");
    assert_eq!(won[0].signed_in.role, "owner");
    assert!(!setup_state(ctx).await.unwrap().needs_owner);
    assert!(issue_setup_link(ctx).await.unwrap().is_none());
    assert!(matches!(create(link, "late@example.com").await, Err(IdentityError::LinkSpent)));
    let session = authenticate(ctx, &won[0].token).await.unwrap().unwrap();
    assert_eq!(session.email, won[0].signed_in.email);
}

#[tokio::test]
async fn of_several_processes_one_offers_a_link_and_it_is_good() {
    let harness = harness().await;
    let ctx = &harness.ctx;
    let (a, b, c) = tokio::join!(offer_setup_link(ctx), offer_setup_link(ctx), offer_setup_link(ctx));
    let offers = [a.unwrap(), b.unwrap(), c.unwrap()];
    let links: Vec<_> = offers.iter().filter(|offer| **offer != SetupOffer::ThereIsOne).collect();
    let [SetupOffer::Made(link)] = links[..] else { panic!("{offers:?}") };
    create_owner(ctx, link, "grace@example.com", PASSWORD, SessionMeta::default()).await.unwrap();
    assert_eq!(offer_setup_link(ctx).await.unwrap(), SetupOffer::NotNeeded);
}

#[tokio::test]
async fn a_link_runs_out_after_a_day() {
    let harness = harness().await;
    let link = issue_setup_link(&harness.ctx).await.unwrap().unwrap();
    harness.advance(24 * 3600 + 1);
    let late = create_owner(&harness.ctx, &link, "grace@example.com", PASSWORD, SessionMeta::default()).await;
    assert!(matches!(late, Err(IdentityError::LinkSpent)));
}

#[tokio::test]
async fn sessions_end_by_sign_out_by_idling_and_at_last_by_age() {
    let harness = harness().await;
    let ctx = &harness.ctx;
    let user = NewUser {
        email: "Grace@example.com".into(),
        grants: vec![Grant::usual(Role::Viewer)],
        password: PASSWORD.into(),
    };
    create_user(ctx, &Actor::system(), user.clone()).await.unwrap();
    assert!(matches!(create_user(ctx, &Actor::system(), user).await, Err(IdentityError::EmailTaken)));
    let enter = async || {
        let signed_in = sign_in(ctx, " GRACE@example.com", PASSWORD, SessionMeta::default()).await.unwrap();
        signed_in.done().unwrap().token
    };
    for (email, password) in [("grace@example.com", "wrong wrong"), ("nobody@example.com", PASSWORD)] {
        let refused = sign_in(ctx, email, password, SessionMeta::default()).await;
        assert!(matches!(refused, Err(IdentityError::BadCredentials)), "{email}");
    }

    let token = enter().await;
    assert!(authenticate(ctx, &token).await.unwrap().is_some());
    sign_out(ctx, &Actor::system(), &token).await.unwrap();
    assert!(authenticate(ctx, &token).await.unwrap().is_none());
    sign_out(ctx, &Actor::system(), &token).await.unwrap();

    let idle = enter().await;
    harness.advance(3599);
    assert!(authenticate(ctx, &idle).await.unwrap().is_some(), "used within the hour");
    harness.advance(3599);
    assert!(authenticate(ctx, &idle).await.unwrap().is_some(), "the hour counts from the last use");
    harness.advance(3601);
    assert!(authenticate(ctx, &idle).await.unwrap().is_none());

    let busy = enter().await;
    let mut alive = 0;
    while authenticate(ctx, &busy).await.unwrap().is_some() {
        harness.advance(3000);
        alive += 3000;
        assert!(alive <= 25 * 3600, "it never ends");
    }
    assert!(alive >= 24 * 3600, "it ended after {alive} s");
    assert!(authenticate(ctx, "").await.unwrap().is_none());
}
