//! Personal data, URLs that users give and secrets at rest, from outside: over HTTP, and with the command line.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use contract::accounts::ConnectionTestView;
use contract::paths::{ACCOUNT_TEST, ACCOUNTS, PROFILE, PROFILE_EXPORT, SESSION, USER, with_id};
use contract::session::SessionView;
use domain::access::Role;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use services::audit::{Evidence, verify};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::db::{Backend, TestDatabase};
use testkit::outside::needed;
use testkit::process::wheelhouse;

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 5, worker: false, ..TestAppOptions::default() }
}

/// Postgres and SQLite alike, with nothing of this machine or its networks allowed.
fn closed() -> TestAppOptions {
    TestAppOptions { outgoing: Vec::new(), ..quiet() }
}

fn simulated(endpoint: &str) -> Value {
    json!({ "name": format!("At {endpoint}"), "regions": ["us-east-1"], "credentials": "simulated", "endpoint_url": endpoint })
}

async fn log_is_whole(app: &TestApp) -> Result<()> {
    let evidence = Evidence::own(app.context()).await?;
    let report = verify(app.context(), &evidence, |_| true).await?.context("it was not stopped")?;
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    Ok(())
}

app_test! {
    async fn people_take_their_data_along_and_are_forgotten(app: quiet()) {
        app.create_owner().await?;
        let grace = app.create_user_named("grace@example.com", Role::Viewer).await?;
        let view: SessionView = grace.get(SESSION).await?.ok()?;
        app.client().stranger()?.get(PROFILE_EXPORT).await?.refused(401, "unauthenticated")?;

        let export = grace.get(PROFILE_EXPORT).await?;
        assert_eq!((export.status.as_u16(), export.header("content-type")), (200, "application/zip"));
        assert!(export.header("content-disposition").starts_with("attachment; filename=\"wheelhouse-"));
        let text = export.text();
        assert!(text.starts_with("PK") && text.contains("user.json") && text.contains("grace@example.com"));

        let deleted = grace.delete(PROFILE).await?;
        assert_eq!(deleted.status, 204);
        assert!(deleted.header("set-cookie").contains("Max-Age=0"), "{}", deleted.header("set-cookie"));
        grace.set_session(Some(view.user_id.to_string()));
        grace.get(SESSION).await?.refused(401, "unauthenticated")?;
        let log = app.client().get("/api/v1/audit-log?limit=200").await?.text();
        assert!(!log.contains("grace@example.com"), "{log}");
        assert!(log.contains("user.delete") && log.contains(&view.user_id.to_string()));
        app.client().get(&with_id(USER, view.user_id)).await?.refused(404, "not_found")?;
        log_is_whole(app).await
    }
}

app_test! {
    async fn users_are_deleted_by_whoever_may(app: quiet()) {
        let owner: SessionView = app.create_owner().await?;
        let (admin, viewer) = (app.create_user(Role::Admin).await?, app.create_user(Role::Viewer).await?);
        let target: SessionView = viewer.get(SESSION).await?.ok()?;
        viewer.delete(&with_id(USER, owner.user_id)).await?.refused(403, "forbidden")?;
        admin.delete(&with_id(USER, owner.user_id)).await?.refused(403, "forbidden")?;
        app.client().delete(PROFILE).await?.refused(409, "conflict")?;
        assert_eq!(admin.delete(&with_id(USER, target.user_id)).await?.status, 204);
        viewer.get(SESSION).await?.refused(401, "unauthenticated")?;
        admin.delete(&with_id(USER, target.user_id)).await?.refused(404, "not_found")?;
        log_is_whole(app).await
    }
}

app_test! {
    async fn an_endpoint_leads_nowhere_it_should_not(app: closed()) {
        app.create_owner().await?;
        for endpoint in [
            "http://169.254.169.254", "http://2852039166", "http://[::ffff:a9fe:a9fe]", "http://10.0.0.1:8443", "http://192.168.257",
            "http://[fd00::1]", "http://metadata.google.internal", "http://0:80", "http://[64:ff9b::a00:1]",
        ] {
            let refused = app.client().post(ACCOUNTS, &simulated(endpoint)).await?.refused(422, "invalid_body")?;
            assert_eq!((refused.errors[0].field.as_str(), refused.errors[0].code.as_str()), ("endpoint_url", "not_allowed"), "{endpoint}");
        }
        // One that was let in before is refused again by the one who connects.
        let account = app.client().post(ACCOUNTS, &simulated("https://aws.example")).await?.value()?;
        let id = account["id"].as_str().context("an id")?.to_owned();
        let db = sea_orm::Database::connect(app.database_url()).await?;
        let text = "UPDATE account SET endpoint_url = 'http://10.0.0.1:9'".to_owned();
        db.execute_raw(Statement::from_string(db.get_database_backend(), text)).await?;
        db.close().await?;
        let test: ConnectionTestView = app.client().post_empty(&with_id(ACCOUNT_TEST, id)).await?.ok()?;
        assert!(!test.ok);
        let words = test.checks[0].message.clone().unwrap_or_default();
        assert!(words.contains("not a public address"), "{words}");
        Ok(())
    }
}

/// The command line: the key file is made, private, and a second rotation adds a version.
#[tokio::test]
async fn the_command_line_makes_and_rotates_the_master_key() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let database = TestDatabase::migrated(Backend::Sqlite).await?.context("SQLite is always there")?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("keys").join("vault.key");
    let run = async |arguments: &[&str]| -> Result<Value> {
        let mut command = wheelhouse()?;
        command.args(arguments).arg("--json").current_dir(folder.path()).kill_on_drop(true);
        command.env("DATABASE_URL", &database.url).env("REDIS_URL", "").env("WHEELHOUSE_VAULT__KEY_FILE", &file);
        let output = command.output().await?;
        anyhow::ensure!(output.status.success(), "{arguments:?}: {output:?}");
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    let first = run(&["secrets", "rotate"]).await?;
    assert_eq!((&first["version"], &first["added"]), (&json!(1), &json!(true)));
    assert_eq!(std::fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    let second = run(&["secrets", "rotate"]).await?;
    assert_eq!((&second["version"], &second["added"]), (&json!(2), &json!(true)));
    let third = run(&["secrets", "rotate", "--no-new-key", "--drop-old"]).await?;
    assert_eq!((&third["version"], &third["dropped"]), (&json!(2), &json!(1)));
    assert_eq!(run(&["secrets", "status"]).await?["versions"], json!([2]));

    // Others may read it now: nothing is done with it.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644))?;
    let refused = run(&["secrets", "rotate"]).await.unwrap_err().to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
    Ok(())
}
