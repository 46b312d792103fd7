//! Sessions: ended here and everywhere, by hand, by time and by a new sign-in; what needs a fresh proof of who is there.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::TimeDelta;
use contract::page::Page;
use contract::paths::{
    API_KEYS, PROFILE_SESSION, PROFILE_SESSIONS, SESSION, SESSION_PROOF, USER_SESSIONS, WORKSPACES, with_id,
};
use contract::session::{EndedSessionsView, SessionItemView, SessionView};
use domain::access::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use services::sessions::SessionMeta;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};

/// After so long every replica has noticed.
const EVERYWHERE: Duration = Duration::from_secs(1);

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

/// A client with a new session of that person, begun without the limit of sign-ins.
async fn signed_in(app: &TestApp, email: &str) -> Result<ApiClient> {
    let session = services::identity::sign_in(app.context(), email, OWNER_PASSWORD, SessionMeta::default()).await?;
    let client = app.client().stranger()?;
    client.set_session(Some(session.done().context("no second factor")?.token));
    Ok(client)
}

async fn status(client: &ApiClient) -> Result<u16> {
    Ok(client.get(SESSION).await?.status.as_u16())
}

app_test! {
    async fn what_is_ended_is_refused_here_at_once_and_everywhere_within_a_second(app: quiet()) {
        app.create_owner().await?;
        let replica = app.replica().await?;
        let victim = app.create_user(Role::Viewer).await?;
        let view: SessionView = victim.get(SESSION).await?.ok()?;
        replica.set_session(victim.session());
        assert_eq!((status(&victim).await?, status(&replica).await?), (200, 200), "the replica has its copy");
        let mut stream = replica.events(None).await?;

        let ended: EndedSessionsView = app.client().delete(&with_id(USER_SESSIONS, view.user_id)).await?.ok()?;
        assert_eq!(ended.ended, 1);
        victim.get(SESSION).await?.refused(401, "unauthenticated")?;
        // Being used all the time keeps no copy alive.
        let noticed = tokio::time::Instant::now() + EVERYWHERE;
        while tokio::time::Instant::now() < noticed {
            status(&replica).await?;
        }
        replica.get(SESSION).await?.refused(401, "unauthenticated")?;
        let broken = async {
            loop {
                if stream.next(Duration::from_secs(20)).await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), broken).await.context("the live stream goes on")?;

        // Signing out of one is noticed by the other way round, too.
        let there = signed_in(app, OWNER_EMAIL).await?;
        replica.set_session(there.session());
        assert_eq!((status(&replica).await?, status(&there).await?), (200, 200));
        assert!(replica.delete(SESSION).await?.status.is_success());
        tokio::time::sleep(EVERYWHERE).await;
        assert_eq!(status(&there).await?, 401);
        Ok(())
    }
}

app_test! {
    async fn who_is_disabled_is_refused_everywhere_within_a_second(app: quiet()) {
        app.create_owner().await?;
        let viewer = app.create_user(Role::Viewer).await?;
        let view: SessionView = viewer.get(SESSION).await?.ok()?;
        assert_eq!(viewer.get(WORKSPACES).await?.status, 200);
        let db = app.database().await?;
        db.execute_unprepared(&format!("UPDATE app_user SET enabled = FALSE WHERE email = '{}'", view.email)).await?;
        tokio::time::sleep(EVERYWHERE).await;
        viewer.get(SESSION).await?.refused(401, "unauthenticated")?;
        db.execute_unprepared("UPDATE app_user SET enabled = TRUE").await?;
        db.execute_unprepared(&format!("DELETE FROM role_grant WHERE user_id IN (SELECT id FROM app_user WHERE email = '{}')", view.email)).await?;
        tokio::time::sleep(EVERYWHERE).await;
        assert_eq!(status(&viewer).await?, 200, "nobody ended the session");
        viewer.get(WORKSPACES).await?.refused(403, "forbidden")?;
        Ok(())
    }
}

app_test! {
    async fn sessions_end_by_idling_and_by_age(app: quiet()) {
        app.create_owner().await?;
        let (idle, busy) = (app.create_user(Role::Viewer).await?, app.create_user(Role::Viewer).await?);
        let policy = app.context().policy.now();
        let almost = TimeDelta::from_std(policy.session_idle)? - TimeDelta::minutes(2);
        assert_eq!((status(&idle).await?, status(&busy).await?), (200, 200));
        app.clock().advance(almost);
        assert_eq!(status(&busy).await?, 200);
        app.clock().advance(TimeDelta::minutes(3));
        assert_eq!((status(&idle).await?, status(&busy).await?), (401, 200));

        let view: SessionView = busy.get(SESSION).await?.ok()?;
        while app.clock().now() + almost < view.expires_at {
            app.clock().advance(almost);
            assert_eq!(status(&busy).await?, 200, "used often enough, and not too old");
        }
        let left = view.expires_at - app.clock().now();
        app.clock().advance(left);
        assert_eq!(status(&busy).await?, 401, "whatever happens");
        Ok(())
    }
}

app_test! {
    async fn signing_in_ends_the_session_that_the_browser_had(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let old = client.session().context("signed in")?;
        let right = json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        assert_eq!(client.post(SESSION, &right).await?.status, 200);
        let new = client.session().context("signed in")?;
        assert_ne!(new, old);
        let thief = client.stranger()?;
        thief.set_session(Some(old));
        assert_eq!((status(&thief).await?, status(client).await?), (401, 200));
        // A refused sign-in ends nothing.
        let wrong = json!({ "email": OWNER_EMAIL, "password": "not the password" });
        client.post(SESSION, &wrong).await?.refused(401, "bad_credentials")?;
        assert_eq!(status(client).await?, 200);
        Ok(())
    }
}

app_test! {
    async fn people_see_and_end_their_own_sessions(app: quiet()) {
        app.create_owner().await?;
        let first = Request::new(Method::POST, SESSION)
            .header("user-agent", "Teletype 33")
            .json(&json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD }));
        let teletype = app.client().stranger()?;
        assert_eq!(teletype.send(first).await?.status, 200);
        let stranger = app.create_user(Role::Viewer).await?;
        let page: Page<SessionItemView> = app.client().get(PROFILE_SESSIONS).await?.ok()?;
        let named: Vec<_> = page.items.iter().map(|s| (s.current, s.user_agent.as_deref(), s.ip_address.as_deref())).collect();
        assert_eq!(page.total, 2);
        assert_eq!(named[0], (false, Some("Teletype 33"), Some("127.0.0.1")));
        assert!(named[1].0, "{named:?}");
        let text = app.client().get(PROFILE_SESSIONS).await?.text();
        for secret in [app.client().session(), teletype.session()].into_iter().flatten() {
            assert!(!text.contains(&secret));
        }
        let id = page.items[0].id;
        stranger.delete(&with_id(PROFILE_SESSION, id)).await?.refused(404, "not_found")?;
        assert_eq!(status(&teletype).await?, 200);
        assert_eq!(app.client().delete(&with_id(PROFILE_SESSION, id)).await?.status, 204);
        assert_eq!(status(&teletype).await?, 401);
        app.client().delete(&with_id(PROFILE_SESSION, id)).await?.refused(404, "not_found")?;
        app.client().delete(&with_id(PROFILE_SESSION, "one")).await?.refused(400, "invalid_path")?;

        let (one, two) = (signed_in(app, OWNER_EMAIL).await?, signed_in(app, OWNER_EMAIL).await?);
        let ended: EndedSessionsView = app.client().delete(PROFILE_SESSIONS).await?.ok()?;
        assert_eq!(ended.ended, 2);
        let left = (status(app.client()).await?, status(&one).await?, status(&two).await?, status(&stranger).await?);
        assert_eq!(left, (200, 401, 401, 200));
        Ok(())
    }
}

app_test! {
    async fn what_is_dangerous_needs_a_fresh_proof(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let key = json!({ "name": "deploy", "permissions": ["workspace:read"] });
        assert_eq!(client.post(API_KEYS, &key).await?.status, 201, "signing in is a proof");
        app.clock().advance(TimeDelta::minutes(10));
        let refused = client.post(API_KEYS, &key).await?.refused(403, "step_up_required")?;
        assert!(refused.detail.contains(SESSION_PROOF), "{}", refused.detail);

        let wrong = client.post(SESSION_PROOF, &json!({ "password": "not the password" })).await?;
        assert!(wrong.refused(422, "invalid_body")?.errors.iter().any(|error| error.field == "password"));
        for neither in [json!({}), json!({ "password": "a", "code": "1" })] {
            client.post(SESSION_PROOF, &neither).await?.refused(422, "invalid_body")?;
        }
        client.post(API_KEYS, &key).await?.refused(403, "step_up_required")?;
        client.stranger()?.post(SESSION_PROOF, &json!({ "password": OWNER_PASSWORD })).await?.refused(401, "unauthenticated")?;
        assert_eq!(client.post(SESSION_PROOF, &json!({ "password": OWNER_PASSWORD })).await?.status, 204);
        assert_eq!(client.post(API_KEYS, &key).await?.status, 201);
        let elsewhere = signed_in(app, OWNER_EMAIL).await?;
        app.clock().advance(TimeDelta::minutes(10));
        elsewhere.post(API_KEYS, &key).await?.refused(403, "step_up_required")?;

        // Guessing is limited as signing in is, and a proof may be wrong as often as that.
        let limited = loop {
            let answer = elsewhere.post(SESSION_PROOF, &json!({ "password": "not the password" })).await?;
            if answer.status == 429 {
                break answer;
            }
            answer.refused(422, "invalid_body")?;
        };
        limited.refused(429, "rate_limited")?;
        elsewhere.post(SESSION_PROOF, &json!({ "password": OWNER_PASSWORD })).await?.refused(429, "rate_limited")?;
        Ok(())
    }
}
