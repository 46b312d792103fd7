//! One's own page on both databases.

use domain::access::{Actor, Grant, Role};
use domain::ids::ApiKeyId;
use store::db::Backend;
use uuid::Uuid;

use super::{ProfileError, change_display_name, change_password, fetch_profile};
use crate::identity::{NewUser, create_user, sign_in};
use crate::sessions::{SessionMeta, authenticate};
use crate::testing::{FakeFleet, Harness};

const EMAIL: &str = "grace@example.com";
const PASSWORD: &str = "moth in relay 70";
const NEW_PASSWORD: &str = "bombe and colossus";

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { continue };
        let ctx = &harness.ctx;
        let grants = vec![Grant::usual(Role::Viewer)];
        let new = NewUser { email: EMAIL.to_owned(), grants, password: PASSWORD.to_owned() };
        create_user(ctx, &Actor::system(), new).await.unwrap();
        let enter = async |password: &str| {
            sign_in(ctx, EMAIL, password, SessionMeta::default()).await.map(|signed_in| signed_in.done().unwrap())
        };
        let (mine, other) = (enter(PASSWORD).await.unwrap(), enter(PASSWORD).await.unwrap());
        let me = &mine.signed_in.actor;
        let wrong = change_password(ctx, me, "not the password", NEW_PASSWORD).await;
        assert!(matches!(wrong, Err(ProfileError::WrongPassword)));
        let weak = change_password(ctx, me, PASSWORD, "password123").await;
        assert!(matches!(weak, Err(ProfileError::WeakPassword(_))));
        let mut key = me.clone();
        key.origin.key_id = Some(ApiKeyId(Uuid::from_u128(1)));
        assert!(matches!(change_password(ctx, &key, PASSWORD, NEW_PASSWORD).await, Err(ProfileError::StepUp(_))));
        assert!(authenticate(ctx, &other.token).await.unwrap().is_some(), "nothing is changed yet");

        change_password(ctx, me, PASSWORD, NEW_PASSWORD).await.unwrap();
        assert!(authenticate(ctx, &mine.token).await.unwrap().is_some());
        assert!(authenticate(ctx, &other.token).await.unwrap().is_none());
        assert!(enter(PASSWORD).await.is_err());
        enter(NEW_PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn a_name_is_changed_in_the_version_that_was_seen() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { continue };
        let ctx = &harness.ctx;
        let grants = vec![Grant::usual(Role::Viewer)];
        let new = NewUser { email: EMAIL.to_owned(), grants, password: PASSWORD.to_owned() };
        create_user(ctx, &Actor::system(), new).await.unwrap();
        let signed_in = sign_in(ctx, EMAIL, PASSWORD, SessionMeta::default()).await.unwrap().done().unwrap().signed_in;
        let me = &signed_in.actor;
        let seen = fetch_profile(ctx, me).await.unwrap();
        assert_eq!((seen.user.display_name.as_str(), seen.second_factor), ("grace", false));
        let changed = change_display_name(ctx, me, "Grace Hopper", Some(seen.user.version)).await.unwrap();
        assert_eq!(changed.user.display_name, "Grace Hopper");
        assert!(changed.user.version > seen.user.version);
        let stale = change_display_name(ctx, me, "Ada", Some(seen.user.version)).await;
        assert!(matches!(stale, Err(ProfileError::Changed)));
        change_display_name(ctx, me, "Ada", None).await.unwrap();
        assert!(matches!(fetch_profile(ctx, &Actor::system()).await, Err(ProfileError::NotFound)));
    }
}
