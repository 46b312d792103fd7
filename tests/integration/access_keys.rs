//! API keys over HTTP and from the command line: what they open, how they are refused, and that they are shown once.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::TimeDelta;
use contract::api_keys::{ApiKeyView, MadeApiKeyView};
use contract::page::Page;
use contract::paths::{
    ACCOUNTS, API_KEY, API_KEY_ROTATE, API_KEYS, EVENTS, OPENAPI, SESSION, WORKSPACES, WORKSPACES_STOP, with_id,
};
use domain::access::{Permission, Role};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request, SESSION_COOKIE};
use testkit::db::{Backend, TestDatabase};
use testkit::outside::needed;
use testkit::process::wheelhouse;
use testkit::sse::EventStream;
use uuid::Uuid;

/// After so long every replica has noticed.
const EVERYWHERE: Duration = Duration::from_secs(1);

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

async fn make(client: &ApiClient, permissions: &[&str]) -> Result<MadeApiKeyView> {
    client.post(API_KEYS, &json!({ "name": "deploy", "permissions": permissions })).await?.ok()
}

fn with_key(request: Request, secret: &str) -> Request {
    request.header("authorization", &format!("Bearer {secret}"))
}

/// A GET by key alone.
async fn get(app: &TestApp, secret: &str, path: &str) -> Result<Answer> {
    app.client().stranger()?.send(with_key(Request::new(Method::GET, path), secret)).await
}

app_test! {
    async fn a_key_opens_what_it_was_made_for_and_no_more(app: quiet()) {
        app.create_owner().await?;
        let made = make(app.client(), &["workspace:read", "workspace:stop"]).await?;
        assert_eq!((made.key.state.as_str(), made.key.owner.as_str()), ("active", testkit::app::OWNER_EMAIL));
        assert_eq!(get(app, &made.secret, WORKSPACES).await?.status, 200);
        get(app, &made.secret, ACCOUNTS).await?.refused(403, "forbidden")?;
        // What belongs to a person in a browser, and what needs a proof.
        get(app, &made.secret, SESSION).await?.refused(403, "forbidden")?;
        let program = app.client().stranger()?;
        let body = json!({ "name": "more", "permissions": ["workspace:read"] });
        let more = with_key(Request::new(Method::POST, API_KEYS), &made.secret).json(&body);
        program.send(more).await?.refused(403, "forbidden")?;

        // Programs are no browsers: what another site asks for can't carry a key.
        let stop = json!({ "workspace_ids": [Uuid::from_u128(7)], "dry_run": true });
        let stop = with_key(Request::new(Method::POST, WORKSPACES_STOP), &made.secret).json(&stop).plain();
        assert_eq!(program.send(stop.header("origin", "https://tools.example")).await?.status, 200);

        let used: ApiKeyView = app.client().get(&with_id(API_KEY, made.key.id)).await?.ok()?;
        assert!(used.last_used_at.is_some());
        assert_eq!(used.last_used_ip.as_deref(), Some("127.0.0.1"));
        for wrong in [json!(["workspace:fly"]), json!([]), json!([7])] {
            let body = json!({ "name": "x", "permissions": wrong });
            app.client().post(API_KEYS, &body).await?.refused(422, "invalid_body")?;
        }
        let operator = app.create_user(Role::Operator).await?;
        let more = json!({ "name": "x", "permissions": ["workspace:read", "user:write"] });
        operator.post(API_KEYS, &more).await?.refused(403, "forbidden")?;
        Ok(())
    }
}

app_test! {
    async fn a_key_that_is_no_good_is_refused_with_a_challenge(app: quiet()) {
        app.create_owner().await?;
        let made = make(app.client(), &["workspace:read"]).await?;
        let program = app.client().stranger()?;
        let mut altered = made.secret.clone();
        altered.pop();
        let twice = format!("Bearer {0}, Bearer {0}", made.secret);
        let guess = format!("Bearer whk_00000000_{}", "A".repeat(43));
        let values = [
            "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", &altered, &twice, &guess, "Digest username=x", "Bearer whk_",
            &format!("Bearer {altered}"), &format!("Bearer {}", made.key.prefix), &format!("Token {}", made.secret),
            &format!("Bearer {}", "a".repeat(5000)), "Bearer \u{fc}",
        ];
        for value in values {
            let answer = program.send(Request::new(Method::GET, WORKSPACES).header("authorization", value)).await?;
            answer.refused(401, "unauthenticated")?;
            let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().filter_map(|v| v.to_str().ok()).collect();
            assert!(challenges.iter().any(|c| c.starts_with("Bearer ") && c.contains("error=\"invalid_token\"")), "{value:?}: {challenges:?}");
        }
        let several = with_key(with_key(Request::new(Method::GET, WORKSPACES), &made.secret), &made.secret);
        program.send(several).await?.refused(401, "unauthenticated")?;
        let none = program.get(WORKSPACES).await?;
        none.refused(401, "unauthenticated")?;
        assert!(none.headers.get_all("www-authenticate").iter().all(|c| !c.to_str().unwrap_or("error").contains("error")));

        // Both a session and a key: it would not be clear who asks. Good or not makes no difference.
        for (cookie, key) in [(app.client().session().context("signed in")?, made.secret.clone()), ("x".into(), guess)] {
            let both = with_key(Request::new(Method::GET, WORKSPACES), &key).header("cookie", &format!("{SESSION_COOKIE}={cookie}"));
            let problem = program.send(both).await?.refused(401, "unauthenticated")?;
            assert!(problem.detail.contains("not both"), "{}", problem.detail);
        }
        assert_eq!(get(app, &made.secret, WORKSPACES).await?.status, 200);
        Ok(())
    }
}

app_test! {
    async fn what_ends_a_key_ends_it_everywhere_within_a_second(app: quiet()) {
        app.create_owner().await?;
        let replica = app.replica().await?;
        let there = async |secret: &str| {
            let answer = replica.send(with_key(Request::new(Method::GET, WORKSPACES), secret)).await?;
            anyhow::Ok(answer.status.as_u16())
        };
        let here = async |secret: &str| anyhow::Ok(get(app, secret, WORKSPACES).await?.status.as_u16());
        let made = make(app.client(), &["workspace:read"]).await?;
        assert_eq!((here(&made.secret).await?, there(&made.secret).await?), (200, 200));
        let url = format!("{}{EVENTS}", replica.base());
        let stream = platform::http::builder(Duration::from_secs(600)).build()?.get(url).bearer_auth(&made.secret).send().await?;
        assert_eq!(stream.status(), 200);
        let mut stream = EventStream::new(stream);
        assert_eq!(app.client().delete(&with_id(API_KEY, made.key.id)).await?.status, 204);
        assert_eq!(here(&made.secret).await?, 401, "at once");
        tokio::time::sleep(EVERYWHERE).await;
        assert_eq!(there(&made.secret).await?, 401);
        let broken = async { while stream.next(Duration::from_secs(20)).await.is_ok() {} };
        tokio::time::timeout(Duration::from_secs(20), broken).await.context("the live stream goes on")?;

        // By age, whatever copies there are.
        let body = json!({ "name": "short", "permissions": ["workspace:read"], "expires_in_days": 1 });
        let short: MadeApiKeyView = app.client().post(API_KEYS, &body).await?.ok()?;
        assert_eq!((here(&short.secret).await?, there(&short.secret).await?), (200, 200));
        app.clock().advance(TimeDelta::days(1));
        assert_eq!((here(&short.secret).await?, there(&short.secret).await?), (401, 401));

        // With its owner.
        let operator = app.create_user(Role::Operator).await?;
        let theirs = make(&operator, &["workspace:read", "job:read"]).await?;
        assert_eq!((here(&theirs.secret).await?, there(&theirs.secret).await?), (200, 200));
        let db = app.database().await?;
        db.execute_unprepared("UPDATE role_grant SET role = 'member' WHERE role = 'operator'").await?;
        tokio::time::sleep(EVERYWHERE).await;
        get(app, &theirs.secret, contract::paths::JOBS).await?.refused(403, "forbidden")?;
        assert_eq!(here(&theirs.secret).await?, 200);
        db.execute_unprepared("UPDATE app_user SET enabled = FALSE WHERE email LIKE 'operator%'").await?;
        tokio::time::sleep(EVERYWHERE).await;
        assert_eq!((here(&theirs.secret).await?, there(&theirs.secret).await?), (401, 401));
        Ok(())
    }
}

app_test! {
    async fn a_key_is_shown_once_and_rotated_with_an_overlap(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let old = make(client, &["workspace:read"]).await?;
        let rotate = with_id(API_KEY_ROTATE, old.key.id);
        let answer = client.post(&rotate, &json!({ "overlap_hours": 1 })).await?;
        let new: MadeApiKeyView = answer.ok()?;
        assert_eq!(answer.header("location"), with_id(API_KEY, new.key.id));
        assert_eq!(get(app, &old.secret, WORKSPACES).await?.status, 200);
        assert_eq!(get(app, &new.secret, WORKSPACES).await?.status, 200);
        client.post(&rotate, &json!({})).await?.refused(409, "conflict")?;

        let mut told = String::new();
        for path in [API_KEYS, &with_id(API_KEY, old.key.id), &with_id(API_KEY, new.key.id), "/api/v1/audit-log?limit=200", SESSION] {
            told.push_str(&client.get(path).await?.text());
        }
        let renamed = Request::new(Method::PATCH, with_id(API_KEY, new.key.id)).json(&json!({ "name": "renamed" }));
        let renamed = client.send(renamed).await?;
        assert_eq!(renamed.ok::<ApiKeyView>()?.name, "renamed");
        told.push_str(&renamed.text());
        let rows = crate::support::fingerprint(app).await?.join("\n");
        assert!(told.contains(&old.key.prefix) && rows.contains(&old.key.prefix), "the look does see them");
        for secret in [&old.secret, &new.secret] {
            assert!(!told.contains(&secret[13..]) && !rows.contains(&secret[13..]), "it is told again");
        }
        let page: Page<ApiKeyView> = client.get(&format!("{API_KEYS}?q={}&working=true", new.key.prefix)).await?.ok()?;
        assert_eq!(page.items.iter().map(|key| key.id).collect::<Vec<_>>(), [new.key.id]);
        client.get(&format!("{API_KEYS}?sort=secret")).await?.refused(400, "invalid_query")?;

        app.clock().advance(TimeDelta::hours(1));
        assert_eq!(get(app, &old.secret, WORKSPACES).await?.status, 401);
        assert_eq!(get(app, &new.secret, WORKSPACES).await?.status, 200);
        Ok(())
    }
}

app_test! {
    async fn an_edit_can_name_the_version_it_means(app: quiet()) {
        app.create_owner().await?;
        let made = make(app.client(), &["workspace:read"]).await?;
        let path = with_id(API_KEY, made.key.id);
        let tag = app.client().get(&path).await?.header("etag").to_owned();
        let rename = |name: &str| Request::new(Method::PATCH, path.as_str()).header("if-match", &tag).json(&json!({ "name": name }));
        let first = app.client().send(rename("first")).await?;
        assert_eq!(first.status, 200);
        assert_ne!(first.header("etag"), tag);
        app.client().send(rename("second")).await?.refused(412, "precondition_failed")?;
        assert_eq!(app.client().get(&path).await?.ok::<ApiKeyView>()?.name, "first");
        Ok(())
    }
}

app_test! {
    async fn the_document_says_what_takes_a_key(app: quiet()) {
        app.create_owner().await?;
        let all: Vec<_> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
        let made = make(app.client(), &all).await?;
        let document: Value = app.client().get(OPENAPI).await?.ok()?;
        let program = app.client().stranger()?;
        let (mut open, mut closed, mut wrong) = (0, 0, Vec::new());
        for (path, item) in document["paths"].as_object().context("no paths")? {
            for (method, operation) in item.as_object().context("no item")? {
                let Some(schemes) = operation["security"].as_array() else { continue };
                let takes = |name: &str| schemes.iter().any(|scheme| scheme.get(name).is_some());
                assert!(takes("session"), "{method} {path}");
                if path == EVENTS {
                    continue;
                }
                let mut address = path.clone();
                while let (Some(open), Some(close)) = (address.find('{'), address.find('}')) {
                    address.replace_range(open..=close, &Uuid::from_u128(7).to_string());
                }
                let request = Request::new(method.to_uppercase().parse()?, address);
                let request = if method == "get" { request } else { request.json(&json!({})) };
                let answer = program.send(with_key(request, &made.secret)).await?;
                let refused = matches!(answer.status.as_u16(), 401 | 403);
                if refused == takes("key") {
                    wrong.push(format!("{method} {path}: {}", answer.text()));
                }
                *(if refused { &mut closed } else { &mut open }) += 1;
            }
        }
        assert!(wrong.is_empty(), "the document says otherwise of: {wrong:#?}");
        assert!(open > 20 && closed > 4, "{open} {closed}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_made_from_the_command_line() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let database = TestDatabase::migrated(Backend::Sqlite).await?.context("SQLite is always there")?;
    let options = TestAppOptions::default();
    let config = testkit::compose::config(&options, &database.url, ([127, 0, 0, 1], 0).into())?;
    let context = testkit::compose::context(&config, None).await?;
    let grants = vec![domain::access::Grant::usual(Role::Operator)];
    let password = testkit::app::OWNER_PASSWORD.to_owned();
    let user = services::identity::NewUser { email: "grace@example.com".to_owned(), grants, password };
    services::identity::create_user(&context, &domain::access::Actor::system(), user).await?;
    let folder = tempfile::tempdir()?;
    let run = async |arguments: &[&str]| {
        let mut command = wheelhouse()?;
        command.args(["admin", "create-key", "--email", "grace@example.com", "--name", "ci"]).args(arguments);
        command.current_dir(folder.path()).kill_on_drop(true);
        command.env("DATABASE_URL", &database.url).env("REDIS_URL", "").env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn");
        anyhow::Ok(command.output().await?)
    };
    let made = run(&["--scopes", "workspace:read,job:read", "--expires-days", "30"]).await?;
    assert!(made.status.success(), "{made:?}");
    let secret = String::from_utf8(made.stdout)?;
    let credential =
        services::credentials::Credential::key(secret.trim()).context("it prints a key and nothing else")?;
    let found = services::credentials::authenticate(&context, &credential, None).await?.context("the key works")?;
    let may: Vec<_> = found.actor.permissions().collect();
    assert_eq!(may, [Permission::WorkspaceRead, Permission::JobRead]);
    for refused in [&["--scopes", "user:write"][..], &["--scopes", "moon:fly"], &["--expires-days", "0"]] {
        let output = run(refused).await?;
        assert!(!output.status.success() && output.stdout.is_empty(), "{refused:?}: {output:?}");
    }
    Ok(())
}
