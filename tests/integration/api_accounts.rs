//! Connecting accounts and testing the connection.

use contract::accounts::{AccountView, ConnectionTestView, StartedJobsView};
use contract::page::Page;
use contract::paths::{ACCOUNT, ACCOUNT_SYNC, ACCOUNT_TEST, ACCOUNTS, with_id};
use serde_json::{Value, json};
use testkit::app::TestAppOptions;
use testkit::app_test;
use uuid::Uuid;

use crate::support::fingerprint;

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 60, worker: false, ..TestAppOptions::default() }
}

fn simulated(name: &str, endpoint: &str) -> Value {
    json!({ "name": name, "regions": ["us-east-1", "eu-central-1"], "credentials": "simulated", "endpoint_url": endpoint })
}

app_test! {
    async fn connecting_listing_and_fetching(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let role = json!({
            "name": "Production", "regions": ["eu-west-1"], "credentials": "role",
            "role_arn": "arn:aws:iam::123456789012:role/WheelhouseRole", "external_id": "a-very-secret-external-id",
        });
        let answer = client.post(ACCOUNTS, &role).await?;
        assert_eq!(answer.status, 201);
        assert!(!answer.text().contains("a-very-secret-external-id"), "the external id stays inside");
        let production: AccountView = answer.ok()?;
        assert_eq!(production.role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/WheelhouseRole"));
        let demo: AccountView = client.post(ACCOUNTS, &simulated("Demo", app.simulator_url())).await?.ok()?;
        assert_eq!(demo.regions.iter().map(|r| r.region.as_str()).collect::<Vec<_>>().len(), 2);
        assert!(demo.regions.iter().all(|r| r.last_run.is_none()));

        let page: Page<AccountView> = client.get(ACCOUNTS).await?.ok()?;
        let mut names: Vec<_> = page.items.iter().map(|a| a.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!((names, page.total), (vec!["Demo", "Production"], 2));
        let one: AccountView = client.get(&with_id(ACCOUNT, demo.id)).await?.ok()?;
        assert_eq!(one, demo);

        client.post(ACCOUNTS, &simulated("dEMO", app.simulator_url())).await?.refused(409, "conflict")?;
        client.get(&with_id(ACCOUNT, Uuid::nil())).await?.refused(404, "not_found")?;
        client.get(&with_id(ACCOUNT, "seven")).await?.refused(400, "invalid_path")?;
        Ok(())
    }
}

app_test! {
    async fn what_is_wrong_is_named_field_by_field(app: quiet()) {
        app.create_owner().await?;
        let endpoint = app.simulator_url();
        let with = |field: &str, value: Value| {
            let mut body = simulated("Demo", endpoint);
            body[field] = value;
            body
        };
        let role = |arn: Value, external_id: Value| {
            json!({ "name": "R", "regions": ["us-east-1"], "credentials": "role", "role_arn": arn, "external_id": external_id })
        };
        let cases = [
            ("name", with("name", json!(""))),
            ("name", with("name", json!("   "))),
            ("name", with("name", json!("x".repeat(81)))),
            ("name", with("name", json!(7))),
            ("name", with("name", Value::Null)),
            ("name", with("name", json!("a\u{0}b"))),
            ("regions", with("regions", json!([]))),
            ("regions", with("regions", json!(["us-east-1", "us-east-1"]))),
            ("regions[1]", with("regions", json!(["us-east-1", "the moon"]))),
            ("credentials", with("credentials", json!("guess"))),
            ("endpoint_url", with("endpoint_url", json!("ftp://example.com"))),
            ("endpoint_url", with("endpoint_url", json!("example.com"))),
            ("endpoint_url", with("endpoint_url", Value::Null)),
            ("role_arn", with("role_arn", json!("arn:aws:iam::123456789012:role/R"))),
            ("role_arn", role(Value::Null, json!("secret"))),
            ("role_arn", role(json!("not an arn"), json!("secret"))),
            ("external_id", role(json!("arn:aws:iam::123456789012:role/R"), json!("x"))),
            ("colour", with("colour", json!("red"))),
        ];
        let before = fingerprint(app).await?;
        for (field, body) in cases {
            let problem = app.client().post(ACCOUNTS, &body).await?.refused(422, "invalid_body")?;
            let fields: Vec<_> = problem.errors.iter().map(|e| e.field.as_str()).collect();
            assert!(fields.contains(&field), "{field} in {fields:?} for {body}");
            assert!(problem.errors.iter().all(|e| !e.code.is_empty() && !e.message.is_empty()), "{problem:?}");
        }
        assert_eq!(fingerprint(app).await?, before, "nothing was written");
        Ok(())
    }
}

app_test! {
    async fn testing_a_connection_names_the_missing_permission(app: quiet()) {
        app.create_owner().await?;
        let account: AccountView = app.client().post(ACCOUNTS, &simulated("Demo", app.simulator_url())).await?.ok()?;
        let path = with_id(ACCOUNT_TEST, account.id);
        let good: ConnectionTestView = app.client().post_empty(&path).await?.ok()?;
        assert!(good.ok, "{good:?}");
        assert_eq!(good.aws_account_id.as_deref(), Some(aws_sim::DEFAULT_ACCOUNT));
        let operations: Vec<_> =
            good.checks.iter().filter(|c| c.region.as_str() == "us-east-1").map(|c| c.operation.as_str()).collect();
        for wanted in ["sts:GetCallerIdentity", "workspaces:DescribeWorkspaces", "workspaces:DescribeTags"] {
            assert!(operations.contains(&wanted), "{wanted} in {operations:?}");
        }
        let known: AccountView = app.client().get(&with_id(ACCOUNT, account.id)).await?.ok()?;
        assert_eq!(known.aws_account_id.as_deref(), Some(aws_sim::DEFAULT_ACCOUNT), "what was learnt is kept");

        app.faults(&["deny:DescribeTags", "deny:DescribeWorkspaceDirectories"])?;
        let poor: ConnectionTestView = app.client().post_empty(&path).await?.ok()?;
        assert!(!poor.ok);
        let mut missing: Vec<_> = poor.checks.iter().filter_map(|c| c.missing_permission.as_deref()).collect();
        missing.sort_unstable();
        missing.dedup();
        assert_eq!(missing, ["workspaces:DescribeTags", "workspaces:DescribeWorkspaceDirectories"]);
        assert!(poor.checks.iter().all(|c| c.ok == c.missing_permission.is_none()), "{poor:?}");
        assert!(poor.checks.iter().filter(|c| !c.ok).all(|c| c.code.as_deref() == Some("denied")));
        app.client().post_empty(&with_id(ACCOUNT_TEST, Uuid::nil())).await?.refused(404, "not_found")?;
        Ok(())
    }
}

app_test! {
    async fn an_endpoint_where_nobody_listens_is_a_failed_test_and_no_crash(app: quiet()) {
        app.create_owner().await?;
        let port = testkit::process::free_port()?;
        let body = simulated("Away", &format!("http://127.0.0.1:{port}"));
        let account: AccountView = app.client().post(ACCOUNTS, &body).await?.ok()?;
        let test: ConnectionTestView = app.client().post_empty(&with_id(ACCOUNT_TEST, account.id)).await?.ok()?;
        assert!(!test.ok && test.aws_account_id.is_none());
        assert!(test.checks.iter().all(|c| c.code.as_deref() == Some("unavailable")), "{test:?}");
        Ok(())
    }
}

app_test! {
    async fn asking_for_a_sync_twice_gives_the_same_jobs(app: quiet()) {
        app.create_owner().await?;
        let account: AccountView = app.client().post(ACCOUNTS, &simulated("Demo", app.simulator_url())).await?.ok()?;
        let path = with_id(ACCOUNT_SYNC, account.id);
        let (a, b) = tokio::join!(app.client().post_empty(&path), app.client().post_empty(&path));
        let (a, b) = (a?, b?);
        assert_eq!((a.status, b.status), (axum::http::StatusCode::ACCEPTED, axum::http::StatusCode::ACCEPTED));
        let (mut a, mut b) = (a.ok::<StartedJobsView>()?.job_ids, b.ok::<StartedJobsView>()?.job_ids);
        a.sort_unstable();
        b.sort_unstable();
        assert_eq!(a, b);
        assert_eq!(a.len(), 2, "one per region");
        app.client().post_empty(&with_id(ACCOUNT_SYNC, Uuid::nil())).await?.refused(404, "not_found")?;
        app.leave_open_jobs();
        Ok(())
    }
}
