//! First run, signing in and out.

use anyhow::Result;
use contract::paths::{SESSION, SETUP, WORKSPACES};
use contract::session::{SessionView, SetupView};
use serde_json::json;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request, SESSION_COOKIE};

use crate::support::number;

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

/// The token of a new one-time link.
async fn token(app: &TestApp) -> Result<String> {
    let link = app.setup_link().await?;
    anyhow::ensure!(link.starts_with(app.url()), "{link}");
    Ok(link.rsplit(['=', '/', '#']).next().unwrap_or_default().to_owned())
}

fn owner(token: &str, email: &str) -> serde_json::Value {
    json!({ "token": token, "email": email, "password": OWNER_PASSWORD })
}

app_test! {
    async fn the_one_time_link_makes_the_owner_once(app: quiet()) {
        let client = app.client();
        let before: SetupView = client.get(SETUP).await?.ok()?;
        assert!(before.needs_owner);
        client.post(SETUP, &owner("not-the-token", OWNER_EMAIL)).await?.refused(410, "link_spent")?;

        let replaced = token(app).await?;
        let token = token(app).await?;
        client.post(SETUP, &owner(&replaced, OWNER_EMAIL)).await?.refused(410, "link_spent")?;
        let weak = json!({ "token": token, "email": OWNER_EMAIL, "password": "short" });
        let problem = client.post(SETUP, &weak).await?.refused(422, "invalid_body")?;
        assert_eq!(problem.errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["password"]);
        let nobody = json!({ "token": token, "email": "nobody", "password": OWNER_PASSWORD });
        let problem = client.post(SETUP, &nobody).await?.refused(422, "invalid_body")?;
        assert_eq!(problem.errors[0].field, "email");
        assert!(client.get(SETUP).await?.ok::<SetupView>()?.needs_owner, "a refused try spends nothing");

        let made: SessionView = client.post(SETUP, &owner(&token, "Owner@Example.com ".trim())).await?.ok()?;
        assert_eq!((made.email.as_str(), made.role.as_str()), ("owner@example.com", "owner"));
        assert!(made.permissions.iter().any(|p| p == "user:write"), "{:?}", made.permissions);
        let me: SessionView = client.get(SESSION).await?.ok()?;
        assert_eq!(me, made, "the owner is signed in at once");

        assert!(!client.get(SETUP).await?.ok::<SetupView>()?.needs_owner);
        let again = client.stranger()?.post(SETUP, &owner(&token, "second@example.com")).await?;
        again.refused(410, "link_spent")?;
        assert_eq!(number(&app.database().await?, "SELECT COUNT(*) FROM app_user").await?, 1);
        Ok(())
    }
}

app_test! {
    async fn of_two_at_once_one_becomes_owner(app: quiet()) {
        let token = token(app).await?;
        let (first, second) = (app.client().stranger()?, app.client().stranger()?);
        let bodies = [owner(&token, "first@example.com"), owner(&token, "second@example.com")];
        let (a, b) = tokio::join!(first.post(SETUP, &bodies[0]), second.post(SETUP, &bodies[1]));
        let (a, b) = (a?, b?);
        let (good, bad) = if a.status.is_success() { (a, b) } else { (b, a) };
        good.ok::<SessionView>()?;
        bad.refused(410, "link_spent")?;
        let db = app.database().await?;
        assert_eq!(number(&db, "SELECT COUNT(*) FROM app_user").await?, 1);
        assert_eq!(number(&db, "SELECT COUNT(*) FROM session").await?, 1);
        Ok(())
    }
}

app_test! {
    async fn signing_in_and_out(app: quiet()) {
        app.create_owner().await?;
        let client = app.client().stranger()?;
        client.get(SESSION).await?.refused(401, "unauthenticated")?;

        let right = json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        let answer = client.post(SESSION, &right).await?;
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.starts_with(&format!("{SESSION_COOKIE}=")), "{cookie}");
        for flag in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.split("; ").any(|part| part == flag), "{flag} in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let view: SessionView = answer.ok()?;
        assert_eq!(view.email, OWNER_EMAIL);

        // What is stored can't be used to sign in.
        let secret = client.session().expect("signed in");
        let stored = crate::support::texts(&app.database().await?, "SELECT token_hash FROM session", "token_hash").await?;
        assert!(!stored.is_empty() && stored.iter().all(|hash| !hash.contains(&secret)));

        // Signing out ends this session and no other, for whoever still has its cookie too.
        let answer = client.delete(SESSION).await?;
        assert!(answer.status.is_success(), "{}", answer.text());
        assert_eq!(client.session(), None, "the cookie is cleared");
        client.set_session(Some(secret));
        client.get(SESSION).await?.refused(401, "unauthenticated")?;
        client.get(WORKSPACES).await?.refused(401, "unauthenticated")?;
        assert_eq!(app.client().get(SESSION).await?.status, 200);
        Ok(())
    }
}

app_test! {
    async fn wrong_passwords_and_unknown_users_look_the_same_and_are_limited(app: quiet()) {
        app.create_owner().await?;
        let client = app.client().stranger()?;
        let attempt = async |client: &ApiClient, email: &str, password: &str| {
            client.post(SESSION, &json!({ "email": email, "password": password })).await
        };
        let wrong = attempt(&client, OWNER_EMAIL, "not the password").await?.refused(401, "bad_credentials")?;
        let unknown = attempt(&client, "nobody@example.com", "not the password").await?.refused(401, "bad_credentials")?;
        assert_eq!((&wrong.title, &wrong.detail), (&unknown.title, &unknown.detail));
        assert_eq!(client.session(), None);

        let limited = loop {
            let answer = attempt(&client, OWNER_EMAIL, "not the password").await?;
            if answer.status == 429 {
                break answer;
            }
            answer.refused(401, "bad_credentials")?;
        };
        limited.refused(429, "rate_limited")?;
        let wait: u64 = limited.header("retry-after").parse()?;
        assert!((1..=60).contains(&wait), "{wait}");
        // The limit is no oracle either: the right password is not tried while it lasts. Who is signed in stays so.
        attempt(&client, OWNER_EMAIL, OWNER_PASSWORD).await?.refused(429, "rate_limited")?;
        assert_eq!(app.client().get(SESSION).await?.status, 200);
        Ok(())
    }
}

app_test! {
    async fn other_sites_change_nothing(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")];
        for (name, value) in foreign {
            let delete = Request::new(axum::http::Method::DELETE, SESSION).header(name, value);
            client.send(delete).await?.refused(403, "cross_site")?;
        }
        assert_eq!(client.get(SESSION).await?.status, 200, "still signed in");
        let own = Request::new(axum::http::Method::DELETE, SESSION)
            .header("origin", app.url())
            .header("sec-fetch-site", "same-origin");
        assert!(client.send(own).await?.status.is_success());
        Ok(())
    }
}

app_test! {
    async fn forged_sessions_are_nobodys(app: quiet()) {
        app.create_owner().await?;
        let client = app.client().stranger()?;
        for forged in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"a".repeat(4000), "a%00b", "'; DROP TABLE session"] {
            client.set_session(Some(forged.to_owned()));
            client.get(SESSION).await?.refused(401, "unauthenticated")?;
        }
        Ok(())
    }
}
