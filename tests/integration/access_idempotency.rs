//! Creating something once, however often it is asked: `Idempotency-Key` over HTTP.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::accounts::{AccountView, StartedJobsView};
use contract::page::Page;
use contract::paths::{
    ACCOUNT_SYNC, ACCOUNTS, API_KEYS, INVITATIONS, ROLES, SCHEDULE_RUN, SESSION, TEAMS, WORKSPACES, WORKSPACES_START,
    with_id,
};
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request, SESSION_COOKIE};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{fingerprint, number, texts};

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 60, worker: false, ..TestAppOptions::default() }
}

fn named(app: &TestApp, name: &str) -> Value {
    json!({ "name": name, "regions": ["us-east-1"], "credentials": "simulated", "endpoint_url": app.simulator_url() })
}

async fn post(client: &ApiClient, path: &str, key: &str, body: Option<&Value>) -> Result<Answer> {
    let request = Request::new(Method::POST, path).header("idempotency-key", key);
    client.send(body.map_or(request.clone(), |body| request.json(body))).await
}

/// What must be the same each time: everything but what belongs to the one request.
fn lasting(answer: &Answer) -> (u16, Vec<u8>, Vec<(String, String)>) {
    let passing = ["date", "x-request-id", "idempotency-replayed"];
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !passing.contains(&name.as_str()) && !name.as_str().starts_with("ratelimit"))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    (answer.status.as_u16(), answer.body.clone(), headers)
}

fn replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

async fn accounts(app: &TestApp) -> Result<i64> {
    number(&app.database().await?, "SELECT COUNT(*) FROM account").await
}

app_test! {
    async fn a_hundred_at_once_make_one(app: quiet()) {
        app.create_owner().await?;
        let body = named(app, "Production");
        let answers = join_all((0..100).map(|_| post(app.client(), ACCOUNTS, "one-of-a-hundred", Some(&body)))).await;
        let mut made = Vec::new();
        for answer in answers {
            let answer = answer?;
            if answer.status == 409 {
                answer.refused(409, "idempotency_in_progress")?;
                anyhow::ensure!(!answer.header("retry-after").is_empty(), "when to come back");
            } else {
                made.push(answer);
            }
        }
        anyhow::ensure!(made.iter().filter(|answer| !replayed(answer)).count() == 1, "one request did it");
        let first = lasting(&made[0]);
        assert_eq!(first.0, 201);
        assert!(made.iter().all(|answer| lasting(answer) == first), "all the same");
        assert_eq!(accounts(app).await?, 1);
        for _ in 0..20 {
            let again = post(app.client(), ACCOUNTS, "one-of-a-hundred", Some(&body)).await?;
            assert!(replayed(&again) && lasting(&again) == first, "{}", again.text());
        }
        assert_eq!(accounts(app).await?, 1);
        Ok(())
    }
}

app_test! {
    async fn whoever_lost_the_answer_gets_it_again(app: quiet()) {
        app.create_owner().await?;
        let text = named(app, "Production").to_string();
        let host = app.url().trim_start_matches("http://").to_owned();
        let mut connection = TcpStream::connect(&host).await?;
        let token = app.client().session().context("signed in")?;
        let request = format!(
            "POST {ACCOUNTS} HTTP/1.1\r\nhost: {host}\r\ncookie: {SESSION_COOKIE}={token}\r\nx-wheelhouse: 1\r\n\
             idempotency-key: lost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len(),
        );
        connection.write_all(request.as_bytes()).await?;
        // The change is committed, and nobody has read the answer.
        while accounts(app).await? == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        drop(connection);
        let again = post(app.client(), ACCOUNTS, "lost", Some(&named(app, "Production"))).await?;
        assert!(replayed(&again), "{}", again.text());
        let view: AccountView = again.ok()?;
        assert_eq!((view.name.as_str(), again.status.as_u16()), ("Production", 201));
        assert_eq!(again.header("location"), format!("/api/v1/accounts/{}", view.id));
        assert_eq!(accounts(app).await?, 1);
        Ok(())
    }
}

app_test! {
    async fn clients_that_leave_at_once_make_one_at_most_and_can_ask_again(app: quiet()) {
        app.create_owner().await?;
        let host = app.url().trim_start_matches("http://").to_owned();
        let token = app.client().session().context("signed in")?;
        for round in 0..20 {
            let (name, key) = (format!("Account {round}"), format!("key-{round}"));
            let text = named(app, &name).to_string();
            let request = format!(
                "POST {ACCOUNTS} HTTP/1.1\r\nhost: {host}\r\ncookie: {SESSION_COOKIE}={token}\r\nx-wheelhouse: 1\r\n\
                 idempotency-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
                text.len(),
            );
            let mut connection = TcpStream::connect(&host).await?;
            connection.write_all(request.as_bytes()).await?;
            tokio::time::sleep(std::time::Duration::from_millis(round)).await;
            drop(connection);
            let answer = loop {
                let answer = post(app.client(), ACCOUNTS, &key, Some(&named(app, &name))).await?;
                if answer.status != 409 {
                    break answer;
                }
                answer.refused(409, "idempotency_in_progress")?;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            };
            assert_eq!(answer.status.as_u16(), 201, "{}", answer.text());
        }
        assert_eq!(accounts(app).await?, 20);
        Ok(())
    }
}

app_test! {
    async fn a_key_is_for_one_request_of_one_person(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let first = post(client, ACCOUNTS, "k", Some(&named(app, "First"))).await?;
        assert_eq!(first.status, 201);
        post(client, ACCOUNTS, "k", Some(&named(app, "Second"))).await?.refused(422, "idempotency_mismatch")?;
        let sync = with_id(ACCOUNT_SYNC, first.ok::<AccountView>()?.id);
        post(client, &sync, "k", None).await?.refused(422, "idempotency_mismatch")?;
        // Fields in another order are the same request.
        let swapped = format!(
            "{{\"endpoint_url\":\"{}\",\"credentials\":\"simulated\",\"regions\":[\"us-east-1\"],\"name\":\"First\"}}",
            app.simulator_url()
        );
        let request = Request::new(Method::POST, ACCOUNTS).header("idempotency-key", "k");
        assert!(replayed(&client.send(request.body("application/json", swapped)).await?));

        let other = app.create_user(Role::Admin).await?;
        let theirs = post(&other, ACCOUNTS, "k", Some(&named(app, "Second"))).await?;
        assert!(theirs.status == 201 && !replayed(&theirs), "{}", theirs.text());
        assert_eq!(accounts(app).await?, 2);
        // Who may not do it gets nothing from a key either, not even whether it was used.
        let viewer = app.create_user(Role::Viewer).await?;
        post(&viewer, ACCOUNTS, "k", Some(&named(app, "First"))).await?.refused(403, "forbidden")?;
        post(&client.stranger()?, ACCOUNTS, "k", Some(&named(app, "First"))).await?.refused(401, "unauthenticated")?;
        for bad in ["", "a b", &"k".repeat(256)] {
            post(client, ACCOUNTS, bad, Some(&named(app, "Third"))).await?.refused(400, "invalid_header")?;
        }
        Ok(())
    }
}

app_test! {
    async fn a_secret_is_told_again_to_the_session_that_got_it(app: quiet()) {
        app.create_owner().await?;
        let body = json!({ "name": "deploy", "permissions": ["workspace:read"] });
        let first = post(app.client(), API_KEYS, "k", Some(&body)).await?;
        assert_eq!(first.status, 201);
        let again = post(app.client(), API_KEYS, "k", Some(&body)).await?;
        assert!(replayed(&again) && lasting(&again) == lasting(&first));
        // Another session of the same person, as fresh.
        let there = app.client().stranger()?;
        let sign_in = json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        assert_eq!(there.post(SESSION, &sign_in).await?.status, 200);
        post(&there, API_KEYS, "k", Some(&body)).await?.refused(409, "conflict")?;
        let keys: Value = there.get(API_KEYS).await?.ok()?;
        assert_eq!(keys["total"], 1, "and it is not done again");
        Ok(())
    }
}

app_test! {
    async fn what_was_refused_keeps_nothing(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        client.post(ACCOUNTS, &named(app, "First")).await?.ok::<AccountView>()?;
        post(client, ACCOUNTS, "k", Some(&named(app, "First"))).await?.refused(409, "conflict")?;
        post(client, ACCOUNTS, "k", Some(&named(app, ""))).await?.refused(422, "invalid_body")?;
        assert_eq!(number(&app.database().await?, "SELECT COUNT(*) FROM idempotency_key").await?, 0);
        let made = post(client, ACCOUNTS, "k", Some(&named(app, "Second"))).await?;
        assert!(made.status == 201 && !replayed(&made));
        let stored = texts(&app.database().await?, "SELECT answer AS line FROM idempotency_key", "line").await?;
        assert!(stored.len() == 1 && stored[0].starts_with("v1.") && !stored[0].contains("Second"), "{stored:?}");
        // Without the header nothing is remembered.
        client.post(ACCOUNTS, &named(app, "Third")).await?.ok::<AccountView>()?;
        client.post(ACCOUNTS, &named(app, "Third")).await?.refused(409, "conflict")?;
        Ok(())
    }
}

app_test! {
    async fn people_s_things_are_made_once(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let cases = [
            (ROLES, "custom role", json!({ "name": "Helpers", "description": "", "permissions": ["workspace:read"] })),
            (TEAMS, "team", json!({ "name": "Support", "description": "" })),
            (INVITATIONS, "invitation", json!({ "email": "grace@example.com", "grants": [{ "role": "viewer", "reach": "everything" }] })),
            (API_KEYS, "key", json!({ "name": "Script", "permissions": ["workspace:read"] })),
        ];
        for (path, what, body) in &cases {
            let first = post(client, path, path, Some(body)).await?;
            assert!(first.status == 201 && !replayed(&first), "{what}: {}", first.text());
            let again = post(client, path, path, Some(body)).await?;
            assert!(replayed(&again) && lasting(&again) == lasting(&first), "{what}: {}", again.text());
        }
        let db = app.database().await?;
        for table in ["role", "team", "invitation", "api_key"] {
            assert_eq!(number(&db, &format!("SELECT COUNT(*) FROM {table}")).await?, 1, "{table}");
        }
        // What is shown once is shown again to nobody but whoever asked, who proves again who they are; it is stored sealed.
        let key = post(client, API_KEYS, API_KEYS, Some(&cases[3].2)).await?;
        let secret = key.value()?["secret"].as_str().context("the key")?.to_owned();
        // What comes after `whk_` and the part that is shown; it may hold underscores itself.
        let hidden = secret.splitn(3, '_').nth(2).context("three parts")?;
        assert!(hidden.len() > 40 && !fingerprint(app).await?.join("\n").contains(hidden));
        app.clock().advance(chrono::TimeDelta::minutes(11));
        post(client, API_KEYS, API_KEYS, Some(&cases[3].2)).await?.refused(403, "step_up_required")?;
        Ok(())
    }
}

app_test! {
    async fn jobs_are_asked_for_once(app: TestAppOptions { simulated_workspaces: 60, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        let client = app.client();
        let stopped: Page<WorkspaceView> =
            client.get(&format!("{WORKSPACES}?state=STOPPED&limit=1")).await?.ok()?;
        let start = json!({ "workspace_ids": [stopped.items.first().context("one is stopped")?.id] });
        let cases = [
            (with_id(ACCOUNT_SYNC, account.id), None),
            (with_id(SCHEDULE_RUN, "sync-directories"), None),
            (WORKSPACES_START.to_owned(), Some(start)),
        ];
        for (path, body) in cases {
            let first = post(client, &path, &path, body.as_ref()).await?;
            assert!(first.status == 202 && !replayed(&first), "{path}: {}", first.text());
            let again = post(client, &path, &path, body.as_ref()).await?;
            assert!(replayed(&again) && lasting(&again) == lasting(&first), "{path}: {}", again.text());
            let ids = match body {
                None => first.ok::<StartedJobsView>()?.job_ids,
                Some(_) => vec![serde_json::from_value(first.value()?["job_id"].clone())?],
            };
            for id in ids {
                app.wait_for_job(id).await?;
            }
            // The jobs are done by now: without the key there would be new ones.
            assert_eq!(lasting(&post(client, &path, &path, body.as_ref()).await?), lasting(&first), "{path}");
        }
        // A dry run is an answer like any other.
        let dry = json!({ "workspace_ids": [stopped.items[0].id], "dry_run": true });
        let first = post(client, WORKSPACES_START, "dry", Some(&dry)).await?;
        let again = post(client, WORKSPACES_START, "dry", Some(&dry)).await?;
        assert!(first.status == 200 && replayed(&again) && lasting(&first) == lasting(&again));
        app.leave_open_jobs();
        Ok(())
    }
}
