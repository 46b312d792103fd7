//! Our own audit log over HTTP: every operation that changes something leaves an entry that says who, by which permission, with
//! what, how it ended, in which request and from where; reads of personal data too; refusals; export; and the command line.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::accounts::StartedJobsView;
use contract::audit::{AuditEntryDetailView, AuditEntryView, AuditFacetValue, AuditFacetsView, AuditStateView};
use contract::jobs::JobView;
use contract::page::Page;
use contract::paths::{
    ACCOUNT_SYNC, ACCOUNT_TEST, ACCOUNTS, AUDIT_ENTRY, AUDIT_EXPORT, AUDIT_FACETS, AUDIT_LOG, AUDIT_STATE, JOB_CANCEL,
    JOB_RETRY, SCHEDULE, SCHEDULE_RUN, SESSION, WORKSPACE, WORKSPACES, WORKSPACES_STOP, with_id,
};
use contract::session::SessionView;
use domain::access::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request};
use testkit::outside::needed;
use testkit::process::wheelhouse;
use uuid::Uuid;

/// The newest entry about that.
async fn newest(client: &ApiClient, query: &str) -> Result<AuditEntryView> {
    let page: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?limit=1&{query}")).await?.ok()?;
    page.items.into_iter().next().with_context(|| format!("no entry: {query}"))
}

/// What the newest entry of that name must say; gives it in full.
async fn left(
    client: &ApiClient,
    answer: &Answer,
    action: &str,
    permission: Option<&str>,
    object: (&str, Option<&str>),
) -> Result<AuditEntryDetailView> {
    anyhow::ensure!(answer.status.is_success(), "{action}: {}", answer.text());
    let entry = newest(client, &format!("action={action}")).await?;
    let me: SessionView = client.get(SESSION).await?.ok()?;
    let said = (entry.actor_kind.as_str(), entry.actor_name.as_deref(), entry.permission.as_deref());
    assert_eq!(said, ("user", Some(me.email.as_str()), permission), "{action}");
    assert!(entry.actor_id.is_some() && entry.session_id.is_some() && entry.key_id.is_none(), "{entry:?}");
    assert_eq!(entry.object_kind.as_deref(), Some(object.0), "{action}");
    if let Some(id) = object.1 {
        assert_eq!(entry.object_id.as_deref(), Some(id), "{action}");
    }
    assert_eq!((entry.outcome.as_str(), &entry.reason), ("done", &None), "{action}");
    assert_eq!(entry.request_id.as_deref(), Some(answer.header("x-request-id")), "{action}");
    assert_eq!(entry.address.as_deref(), Some("127.0.0.1"), "{action}");
    let full: AuditEntryDetailView = client.get(&with_id(AUDIT_ENTRY, entry.seq)).await?.ok()?;
    assert_eq!(full.entry, entry);
    Ok(full)
}

app_test! {
    async fn what_changes_something_leaves_an_entry(app: TestAppOptions { simulated_workspaces: 10, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        let me: SessionView = client.get(SESSION).await?.ok()?;
        let first = newest(client, "action=user.create_owner").await?;
        assert_eq!((first.object_name.as_deref(), first.permission), (Some(OWNER_EMAIL), None));

        let body = json!({ "name": "Demo", "regions": ["us-east-1"], "credentials": "simulated", "endpoint_url": app.simulator_url() });
        let answer = client.post(ACCOUNTS, &body).await?;
        let account = answer.value()?["id"].as_str().context("an id")?.to_owned();
        let write = Some("account:write");
        let entry = left(client, &answer, "account.create", write, ("account", Some(&account))).await?;
        assert_eq!(entry.entry.object_name.as_deref(), Some("Demo"));
        assert_eq!(entry.after.context("after")?["regions"], json!(["us-east-1"]));
        let answer = client.post_empty(&with_id(ACCOUNT_TEST, &account)).await?;
        left(client, &answer, "account.test", write, ("account", Some(&account))).await?;

        let answer = client.post(&with_id(ACCOUNT_SYNC, &account), &json!({ "kinds": ["sync-workspaces"] })).await?;
        let entry = left(client, &answer, "account.sync", Some("sync:run"), ("account", Some(&account))).await?;
        let jobs: StartedJobsView = answer.ok()?;
        assert_eq!(entry.after.context("after")?["jobs"], json!(jobs.job_ids));
        for id in jobs.job_ids {
            app.wait_for_job(id).await?;
        }

        let answer = client.get(&format!("{WORKSPACES}?limit=1&q=user&state=STOPPED")).await?;
        let entry = newest(client, "action=workspace.list").await?;
        assert_eq!((&entry.object_kind, entry.actor_id), (&None, Some(me.user_id)), "a list is about no single object");
        assert_eq!(entry.request_id.as_deref(), Some(answer.header("x-request-id")));
        let full: AuditEntryDetailView = client.get(&with_id(AUDIT_ENTRY, entry.seq)).await?.ok()?;
        assert_eq!(full.after.context("after")?["states"], json!(["STOPPED"]));
        assert_eq!(full.personal.context("personal")?["q"], "user");
        assert!(!full.body.contains("\"user\"}"), "what was looked for is not in the chain");

        let listed = client.get(&format!("{WORKSPACES}?limit=1&state=AVAILABLE&running_mode=AUTO_STOP")).await?.value()?["items"][0].clone();
        let id = listed["id"].as_str().context("a WorkSpace")?.to_owned();
        let answer = client.get(&with_id(WORKSPACE, &id)).await?;
        let entry = left(client, &answer, "workspace.read", Some("workspace:read"), ("workspace", Some(&id))).await?;
        assert_eq!(entry.entry.object_name.as_deref(), listed["user_name"].as_str());
        let answer = client.post(WORKSPACES_STOP, &json!({ "workspace_ids": [id], "dry_run": true })).await?;
        anyhow::ensure!(answer.status.is_success());
        assert!(newest(client, "action=workspace.stop").await.is_err(), "a dry run changes nothing");
        let answer = client.post(WORKSPACES_STOP, &json!({ "workspace_ids": [id] })).await?;
        let entry = left(client, &answer, "workspace.stop", Some("workspace:stop"), ("workspace", Some(&id))).await?;
        let job: Value = answer.value()?["job_id"].clone();
        assert_eq!(entry.after.context("after")?["job_id"], job);
        app.wait_for_job(job.as_str().context("a job")?.parse()?).await?;

        let patch = Request::new(Method::PATCH, with_id(SCHEDULE, "sync-usage")).json(&json!({ "paused": true }));
        let answer = client.send(patch).await?;
        let entry = left(client, &answer, "schedule.update", Some("schedule:write"), ("schedule", Some("sync-usage"))).await?;
        assert_eq!((&entry.before.context("before")?["paused"], &entry.after.context("after")?["paused"]), (&json!(false), &json!(true)));
        let answer = client.post_empty(&with_id(SCHEDULE_RUN, "sync-directories")).await?;
        left(client, &answer, "schedule.run", Some("sync:run"), ("schedule", Some("sync-directories"))).await?;
        for id in answer.ok::<StartedJobsView>()?.job_ids {
            app.wait_for_job(id).await?;
        }

        // Signing in and out, and a wrong password: nobody is signed in then.
        let other = client.stranger()?;
        let wrong = other.post(SESSION, &json!({ "email": OWNER_EMAIL, "password": "not the password" })).await?;
        wrong.refused(401, "bad_credentials")?;
        let refused = newest(client, "action=session.create&outcome=refused").await?;
        assert_eq!((refused.actor_kind.as_str(), refused.actor_id), ("nobody", None));
        assert_eq!((refused.object_id, refused.address.as_deref()), (Some(me.user_id.to_string()), Some("127.0.0.1")));
        assert_eq!(refused.request_id.as_deref(), Some(wrong.header("x-request-id")));
        let answer = other.post(SESSION, &json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD })).await?;
        left(client, &answer, "session.create", None, ("session", None)).await?;
        other.delete(SESSION).await?;
        let ended = newest(client, "object_kind=session").await?;
        assert_eq!((ended.action.as_str(), ended.outcome.as_str()), ("session.end", "done"));

        // Nothing of this could be tried out or read elsewhere.
        let all = client.get(&format!("{AUDIT_EXPORT}?format=jsonl")).await?.text();
        for secret in [OWNER_PASSWORD, "not the password"] {
            assert!(!all.contains(secret));
        }
        Ok(())
    }
}

app_test! {
    async fn jobs_that_people_stop_and_repeat(app: TestAppOptions { worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        let client = app.client();
        let id = app.start_sync(account.id).await?[0];
        let answer = client.post_empty(&with_id(JOB_CANCEL, id)).await?;
        let job: JobView = answer.ok()?;
        let entry = left(client, &answer, "job.cancel", Some("job:write"), ("job", Some(&id.to_string()))).await?;
        assert_eq!(entry.entry.object_name, Some(job.subject));
        let answer = client.post_empty(&with_id(JOB_RETRY, id)).await?;
        left(client, &answer, "job.retry", Some("job:write"), ("job", Some(&id.to_string()))).await?;
        // What was refused because of its state changed nothing, and left nothing.
        let before = newest(client, "object_kind=job").await?.seq;
        client.post_empty(&with_id(JOB_RETRY, id)).await?.refused(409, "conflict")?;
        client.post_empty(&with_id(JOB_CANCEL, Uuid::nil())).await?.refused(404, "not_found")?;
        assert_eq!(newest(client, "object_kind=job").await?.seq, before);
        app.leave_open_jobs();
        Ok(())
    }
}

app_test! {
    async fn changes_that_were_not_allowed(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let viewer = app.create_user(Role::Viewer).await?;
        let answer = viewer.post(ACCOUNTS, &json!({ "name": "x", "regions": ["us-east-1"], "credentials": "chain" })).await?;
        answer.refused(403, "forbidden")?;
        let entry = newest(app.client(), "outcome=refused").await?;
        assert_eq!((entry.action.as_str(), entry.object_id.as_deref()), ("request.refuse", Some("POST /api/v1/accounts")));
        assert_eq!((entry.reason.as_deref(), entry.request_id.as_deref()), (Some("forbidden"), Some(answer.header("x-request-id"))));
        let me: SessionView = viewer.get(SESSION).await?.ok()?;
        assert_eq!(entry.actor_id, Some(me.user_id));
        // Looking is refused as well, and leaves nothing: nothing was tried.
        viewer.get(AUDIT_LOG).await?.refused(403, "forbidden")?;
        viewer.get(AUDIT_EXPORT).await?.refused(403, "forbidden")?;
        viewer.get(AUDIT_FACETS).await?.refused(403, "forbidden")?;
        assert_eq!(newest(app.client(), "outcome=refused").await?.seq, entry.seq);
        Ok(())
    }
}

app_test! {
    async fn exports_are_harmless_and_whole(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        for name in ["=HYPERLINK(\"http://evil.example\",\"click\")", "@SUM(A1)", "-2+3", "+1", "plain, with a comma"] {
            app.connect_named(name).await?;
        }
        let answer = client.get(&format!("{AUDIT_EXPORT}?action=account.create")).await?;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert!(answer.header("content-disposition").contains("attachment"));
        let text = answer.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        assert!(lines[0].starts_with("seq,at,actor_kind"), "{text}");
        for cell in [
            ",\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"click\"\")\",", ",'@SUM(A1),", ",'-2+3,", ",'+1,",
            ",\"plain, with a comma\",",
        ] {
            assert!(text.contains(cell), "{cell} in {text}");
        }
        let lines = client.get(&format!("{AUDIT_EXPORT}?format=jsonl&action=account.create")).await?.text();
        let entries: Vec<AuditEntryDetailView> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        assert_eq!(entries.len(), 5);
        assert!(entries.windows(2).all(|pair| pair[0].entry.seq > pair[1].entry.seq), "newest first");
        // What there is to filter by leads to what it counts.
        let facets: AuditFacetsView = client.get(AUDIT_FACETS).await?.ok()?;
        let created = facets.action.iter().find(|one| one.value == "account.create").context("accounts were connected")?;
        assert_eq!((created.count, facets.whole), (5, true));
        // And is counted in what the filters leave, but for what is chosen of the same menu.
        let narrowed: AuditFacetsView = client.get(&format!("{AUDIT_FACETS}?action=account.create")).await?.ok()?;
        let told = |values: &[AuditFacetValue]| -> Vec<(String, u64)> {
            values.iter().map(|one| (one.value.clone(), one.count)).collect()
        };
        assert_eq!(told(&narrowed.object_kind), [("account".to_owned(), 5)]);
        assert_eq!(told(&narrowed.outcome), [("done".to_owned(), 5)]);
        assert!(narrowed.action.len() > 1, "another can be chosen beside it: {:?}", narrowed.action);
        let narrowed: AuditFacetsView = client.get(&format!("{AUDIT_FACETS}?object_kind=account")).await?.ok()?;
        assert!(narrowed.object_kind.len() > 1, "{:?}", narrowed.object_kind);
        assert!(told(&narrowed.action).contains(&("account.create".to_owned(), 5)), "{:?}", narrowed.action);
        assert!(!narrowed.action.iter().any(|one| one.value == "audit.export"), "{:?}", narrowed.action);
        client.get(&format!("{AUDIT_FACETS}?outcome=well")).await?.refused(400, "invalid_query")?;
        let owner = facets.actor.iter().find(|one| one.label == OWNER_EMAIL).context("the owner acted")?;
        let page: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?actor={}&action=account.create", owner.value)).await?.ok()?;
        assert_eq!(page.total, 5);
        let export = newest(client, "action=audit.export").await?;
        assert_eq!((export.object_id.as_deref(), export.permission.as_deref()), (Some("jsonl"), Some("audit:export")));

        client.get(&format!("{AUDIT_EXPORT}?format=pdf")).await?.refused(400, "invalid_query")?;
        client.get(&format!("{AUDIT_LOG}?outcome=well")).await?.refused(400, "invalid_query")?;
        client.get(&format!("{AUDIT_LOG}?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z")).await?.refused(400, "invalid_query")?;
        client.get(&format!("{AUDIT_LOG}?cursor=nonsense")).await?.refused(400, "bad_cursor")?;
        client.get(&with_id(AUDIT_ENTRY, "seven")).await?.refused(400, "invalid_path")?;
        client.get(&with_id(AUDIT_ENTRY, 999_999)).await?.refused(404, "not_found")?;
        let page: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?q=plain,%20with&limit=5")).await?.ok()?;
        assert_eq!((page.items.len(), page.total), (1, 1));
        Ok(())
    }
}

/// Runs `wheelhouse audit …` on the application's database: the exit status and what it prints.
async fn audit(app: &TestApp, arguments: &[&str]) -> Result<(bool, Value)> {
    let mut command = wheelhouse()?;
    for (name, value) in crate::worker_process::environment(app.database_url()) {
        command.env(name, value);
    }
    let output = command.arg("audit").args(arguments).arg("--json").output().await?;
    let printed = String::from_utf8(output.stdout)?;
    let value = serde_json::from_str(&printed)
        .with_context(|| format!("{printed} {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok((output.status.success(), value))
}

app_test! {
    async fn the_command_line_finds_what_was_changed(app: TestAppOptions::default()) {
        if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
            return Ok(());
        }
        app.create_owner().await?;
        let client = app.client();
        // The worker makes its first checkpoint by itself, and then one each five minutes.
        let run = client.post_empty(&with_id(SCHEDULE_RUN, "audit-checkpoint")).await?.ok::<StartedJobsView>()?;
        for id in run.job_ids {
            app.wait_for_job(id).await?;
        }
        let state: AuditStateView = client.get(AUDIT_STATE).await?.ok()?;
        let signed = state.checkpoint.context("a checkpoint")?.seq;
        let (whole, said) = audit(app, &["verify"]).await?;
        assert!(whole, "{said}");
        assert_eq!(said["report"]["whole"], true);
        assert!(said["report"]["checkpoints"].as_u64() > Some(0), "{said}");
        assert!(said["public_keys"][0]["key"].as_str().is_some_and(|key| key.starts_with("MCowBQYDK2VwAyEA")), "{said}");

        // Somebody with all rights cuts the end off.
        let db = app.database().await?;
        for statement in match db.backend() {
            store::Backend::Sqlite => vec!["DROP TRIGGER audit_entry_delete".to_owned()],
            store::Backend::Postgres => vec!["ALTER TABLE audit_entry DISABLE TRIGGER USER".to_owned()],
        } {
            db.execute_unprepared(&statement).await?;
        }
        db.execute_unprepared(&format!("DELETE FROM audit_entry WHERE seq >= {signed}")).await?;
        let (whole, said) = audit(app, &["verify"]).await?;
        assert!(!whole, "{said}");
        assert_eq!(said["report"]["findings"][0]["fault"], "truncated");
        assert_eq!(said["report"]["findings"][0]["seq"], signed);
        let state: AuditStateView = client.get(AUDIT_STATE).await?.ok()?;
        assert!(!state.verification.context("a verification")?.whole);
        Ok(())
    }
}
