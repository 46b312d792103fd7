//! My desktop and requests over HTTP: one's own desktops in plain words, what can be done with them, asking for something,
//! taking it back, and who sees what was asked.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::audit::{AuditEntryDetailView, AuditEntryView};
use contract::desktop::{MyDesktopView, MyDesktopsView};
use contract::page::Page;
use contract::paths::{AUDIT_ENTRY, AUDIT_LOG, DESKTOP, REQUEST, REQUESTS, WORKSPACES_START, with_id};
use contract::requests::{RequestDetailView, RequestView};
use contract::workspaces::{WorkspaceActionView, WorkspaceView};
use domain::access::{Reach, Role, Scope};
use domain::requests::{RequestKind, RequestStatus};
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use uuid::Uuid;

use crate::support::{whole_list, workspaces};

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 40, seed: 3, ..TestAppOptions::default() }
}

/// A member who works on that WorkSpace.
async fn member(app: &TestApp, workspace: &WorkspaceView) -> Result<ApiClient> {
    app.create_user_named(&format!("{}@example.com", workspace.user_name), Role::Member).await
}

async fn mine(client: &ApiClient) -> Result<MyDesktopsView> {
    client.get(DESKTOP).await?.ok()
}

/// The reasons by action: empty where it can be done.
fn reasons(desktop: &MyDesktopView) -> Vec<(&str, &str)> {
    desktop.actions.iter().map(|one| (one.action.as_str(), one.reason.as_deref().unwrap_or_default())).collect()
}

async fn ask(client: &ApiClient, body: &Value) -> Result<RequestDetailView> {
    client.post(REQUESTS, body).await?.ok()
}

async fn listed(client: &ApiClient, query: &str) -> Result<Vec<RequestView>> {
    Ok(whole_list(client, REQUESTS, &format!("limit=2&{query}")).await?.0)
}

app_test! {
    async fn a_member_sees_their_own_desktop_in_plain_words_and_starts_it(app: fleet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let all = workspaces(app.client(), "").await?;
        let stopped = all.iter().find(|one| one.state.as_str() == "STOPPED").context("a stopped one")?;
        let ada = member(app, stopped).await?;
        let page = mine(&ada).await?;
        let own = |one: &&WorkspaceView| one.user_name.to_lowercase() == stopped.user_name.to_lowercase();
        assert_eq!(page.desktops.len(), all.iter().filter(own).count());
        assert_eq!(page.user_name, stopped.user_name.to_lowercase());
        let desktop = page.desktops.iter().find(|one| one.workspace.id == stopped.id).context("hers")?;
        assert_eq!(desktop.headline, "Stopped");
        assert!(desktop.meaning.contains("to save money"), "{}", desktop.meaning);
        assert!(desktop.next.as_deref().is_some_and(|next| next.contains("a minute or two")), "{desktop:?}");
        assert_eq!(
            reasons(desktop),
            [("start", ""), ("stop", "It is stopped already."), ("reboot", "It is stopped: start it instead.")]
        );
        assert_eq!((desktop.hours, desktop.minutes), (Some(0), Some(0)));
        assert_eq!(page.usage_known_to, None, "usage was not read yet");
        let begun: WorkspaceActionView =
            ada.post(WORKSPACES_START, &json!({ "workspace_ids": [stopped.id] })).await?.ok()?;
        assert_eq!((begun.accepted, begun.refused), (1, 0));
        app.wait_for_job(begun.job_id.context("a job")?).await?;
        let moved = mine(&ada).await?;
        let moved = moved.desktops.iter().find(|one| one.workspace.id == stopped.id).context("hers")?;
        assert!(["Starting", "Ready to use", "In use"].contains(&moved.headline.as_str()), "{moved:?}");
        Ok(())
    }
}

app_test! {
    async fn whoever_sees_the_fleet_sees_here_what_carries_their_name(app: fleet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let all = workspaces(app.client(), "").await?;
        assert_eq!(mine(app.client()).await?.desktops, [], "the owner has no desktop");
        let (one, elsewhere) = (&all[0], all.iter().find(|one| one.region != all[0].region).context("another region")?);
        // A viewer of a region in which their own is not.
        let region = Scope::only(Reach::Region { region: elsewhere.region.clone() });
        let viewer = app.create_user_with(&format!("{}@example.com", one.user_name), &[(Role::Viewer, region)]).await?;
        assert!(mine(&viewer).await?.desktops.iter().all(|own| own.workspace.region == elsewhere.region));
        let operator = app.create_user_named(&format!("{}@example.org", elsewhere.user_name), Role::Operator).await?;
        let seen = mine(&operator).await?.desktops;
        assert!(seen.iter().any(|own| own.workspace.id == elsewhere.id), "{seen:?}");
        assert!(seen.iter().all(|own| own.workspace.user_name == elsewhere.user_name), "{seen:?}");
        Ok(())
    }
}

app_test! {
    async fn a_request_is_made_once_seen_by_those_it_concerns_and_withdrawn(app: fleet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let all = workspaces(app.client(), "").await?;
        let (desktop, other) = (&all[0], all.iter().find(|one| one.region != all[0].region).context("another region")?);
        let (ada, grace) = (member(app, desktop).await?, member(app, other).await?);
        let body = json!({ "kind": "other_bundle", "workspace_id": desktop.id, "bundle": "Performance", "note": "builds are slow" });
        let send = || Request::new(Method::POST, REQUESTS).json(&body).header("idempotency-key", "once");
        let answer = ada.send(send()).await?;
        let made: RequestDetailView = answer.ok()?;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (201, with_id(REQUEST, made.request.id).as_str()));
        let again: RequestDetailView = ada.send(send()).await?.ok()?;
        assert_eq!(again, made, "sent twice, made once");
        let request = &made.request;
        assert_eq!((request.kind, request.status, request.own), (RequestKind::OtherBundle, RequestStatus::Open, true));
        assert_eq!((request.bundle.as_deref(), request.note.as_str()), (Some("Performance"), "builds are slow"));
        assert_eq!(request.desktop.as_ref().and_then(|of| of.aws_id.clone()), Some(desktop.aws_id.clone()));
        let wish = ask(&ada, &json!({ "kind": "new_desktop" })).await?;
        ask(&grace, &json!({ "kind": "other", "note": "a second screen" })).await?;

        // Ada sees hers, an approver of her region what is about her desktop there, one of everything all.
        let ids = |found: Vec<RequestView>| found.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(listed(&ada, "").await?), [wish.request.id, request.id]);
        let region = Scope::only(Reach::Region { region: desktop.region.clone() });
        let approver = app.create_user_with("approver@example.com", &[(Role::Approver, region)]).await?;
        assert_eq!(ids(listed(&approver, "").await?), [request.id]);
        approver.get(&with_id(REQUEST, wish.request.id)).await?.refused(404, "not_found")?;
        let seen: RequestDetailView = approver.get(&with_id(REQUEST, request.id)).await?.ok()?;
        assert!(!seen.request.own && seen.request.email.starts_with(&desktop.user_name));
        let all_of_them = listed(app.client(), "").await?;
        assert_eq!(all_of_them.len(), 3);
        assert_eq!(listed(app.client(), "own=true").await?, []);
        assert_eq!(ids(listed(app.client(), "kind=new_desktop,rebuild").await?), [wish.request.id]);
        let viewer = app.create_user(Role::Viewer).await?;
        viewer.get(REQUESTS).await?.refused(403, "forbidden")?;

        // Nobody takes back another's, and nobody twice.
        grace.delete(&with_id(REQUEST, request.id)).await?.refused(404, "not_found")?;
        app.client().delete(&with_id(REQUEST, request.id)).await?.refused(404, "not_found")?;
        assert_eq!(ada.delete(&with_id(REQUEST, request.id)).await?.status.as_u16(), 204);
        ada.delete(&with_id(REQUEST, request.id)).await?.refused(409, "conflict")?;
        let ended: RequestDetailView = ada.get(&with_id(REQUEST, request.id)).await?.ok()?;
        assert_eq!(ended.steps.iter().map(|step| step.status).collect::<Vec<_>>(), [RequestStatus::Open, RequestStatus::Withdrawn]);
        assert_eq!(ids(listed(&ada, "status=open").await?), [wish.request.id]);

        // What was asked is in the log where it can be erased.
        let page: Page<AuditEntryView> = app.client().get(&format!("{AUDIT_LOG}?action=request.create&object_id={}", request.id)).await?.ok()?;
        let entry: AuditEntryDetailView = app.client().get(&with_id(AUDIT_ENTRY, page.items[0].seq)).await?.ok()?;
        assert_eq!(entry.after.context("after")?["kind"], "other_bundle");
        assert_eq!(entry.personal.context("personal")?["note"], "builds are slow");
        assert!(!entry.body.contains("builds are slow"));
        Ok(())
    }
}

app_test! {
    async fn requests_that_can_t_be_are_refused_field_by_field(app: fleet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let all = workspaces(app.client(), "").await?;
        let (desktop, other) =
            (&all[0], all.iter().find(|one| one.user_name != all[0].user_name).context("somebody else's")?);
        let ada = member(app, desktop).await?;
        let long = "x".repeat(1001);
        for (body, fields) in [
            (json!({ "kind": "other_bundle" }), vec!["workspace_id", "bundle"]),
            (json!({ "kind": "rebuild" }), vec!["workspace_id"]),
            (json!({ "kind": "rebuild", "workspace_id": other.id }), vec!["workspace_id"]),
            (json!({ "kind": "rebuild", "workspace_id": Uuid::nil() }), vec!["workspace_id"]),
            (json!({ "kind": "new_desktop", "workspace_id": desktop.id }), vec!["workspace_id"]),
            (json!({ "kind": "other", "note": "   " }), vec!["note"]),
            (json!({ "kind": "other", "note": long }), vec!["note"]),
            (json!({ "kind": "other", "note": "x", "bundle": "Power" }), vec!["bundle"]),
            (json!({ "kind": "new_desktop", "bundle": "a\nb" }), vec!["bundle"]),
            (json!({ "kind": "a holiday" }), vec!["kind"]),
            (json!({ "kind": "other", "note": "x", "urgent": true }), vec!["urgent"]),
        ] {
            let problem = ada.post(REQUESTS, &body).await?.refused(422, "invalid_body")?;
            let found: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(found, fields, "{body}");
        }
        for (query, field) in [("status=approved", "status"), ("kind=holiday", "kind"), ("own=1", "own"), ("limit=0", "limit")] {
            let problem = ada.get(&format!("{REQUESTS}?{query}")).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, field);
        }
        ada.get(&format!("{REQUESTS}?cursor=x")).await?.refused(400, "bad_cursor")?;
        // As many as there can be, and room again when one is taken back.
        let mut newest = None;
        for _ in 0..services::requests::MOST_OPEN {
            newest = Some(ask(&ada, &json!({ "kind": "other", "note": "once more" })).await?.request.id);
        }
        ada.post(REQUESTS, &json!({ "kind": "other", "note": "too much" })).await?.refused(409, "conflict")?;
        ada.delete(&with_id(REQUEST, newest.context("one")?)).await?;
        ask(&ada, &json!({ "kind": "other", "note": "fits again" })).await?;
        Ok(())
    }
}
