//! Saved views over HTTP: kept once, changed on a condition by whoever made them, seen by others where they are shared and the page
//! may be seen, and refused where the page would not take them.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::audit::{AuditEntryDetailView, AuditEntryView};
use contract::page::Page;
use contract::paths::{AUDIT_ENTRY, AUDIT_LOG, VIEW, VIEWS, with_id};
use contract::views::SavedView;
use domain::access::Role;
use serde_json::{Value, json};
use testkit::app::TestAppOptions;
use testkit::app_test;
use testkit::client::{ApiClient, Request};

use crate::support::whole_list;

async fn keep(client: &ApiClient, page: &str, name: &str, query: &str, shared: bool) -> Result<SavedView> {
    let body = json!({ "page": page, "name": name, "query": query, "shared": shared });
    client.post(VIEWS, &body).await?.ok()
}

async fn names(client: &ApiClient, query: &str) -> Result<Vec<String>> {
    let found: Vec<SavedView> = whole_list(client, VIEWS, &format!("limit=2&{query}")).await?.0;
    Ok(found.into_iter().map(|view| view.name).collect())
}

fn change(view: &SavedView, etag: &str, body: &Value) -> Request {
    Request::new(Method::PATCH, with_id(VIEW, view.id)).json(body).header("if-match", etag)
}

app_test! {
    async fn a_view_is_kept_once_changed_on_a_condition_and_removed(app: TestAppOptions::default()) {
        app.create_owner().await?;
        let ada = app.create_user_named("ada@example.com", Role::Viewer).await?;
        let body = json!({ "page": "workspaces", "name": "  Off ", "query": "?q=grace&state=STOPPED&tag=&columns=state,bundle" });
        let send = || Request::new(Method::POST, VIEWS).json(&body).header("idempotency-key", "once");
        let answer = ada.send(send()).await?;
        let made: SavedView = answer.ok()?;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (201, with_id(VIEW, made.id).as_str()));
        assert_eq!(answer.header("etag"), "\"1\"");
        let again: SavedView = ada.send(send()).await?.ok()?;
        assert_eq!(again, made, "sent twice, kept once");
        assert_eq!((made.name.as_str(), made.query.as_str()), ("Off", "q=grace&state=STOPPED&columns=state%2Cbundle"));
        assert_eq!((made.own, made.shared, made.version), (true, false, 1));

        let same = json!({ "page": "workspaces", "name": "OFF", "query": "" });
        ada.post(VIEWS, &same).await?.refused(409, "conflict")?;
        keep(&ada, "jobs", "off", "state=dead", false).await?;
        let renamed: SavedView = ada.send(change(&made, "\"1\"", &json!({ "name": "Stopped" }))).await?.ok()?;
        assert_eq!((renamed.name.as_str(), renamed.version, renamed.query), ("Stopped", 2, made.query.clone()));
        ada.send(change(&made, "\"1\"", &json!({ "query": "" }))).await?.refused(412, "precondition_failed")?;
        let plain: SavedView = ada.send(change(&made, "\"2\"", &json!({ "query": "" }))).await?.ok()?;
        assert_eq!((plain.query.as_str(), plain.version), ("", 3));
        let found: SavedView = ada.get(&with_id(VIEW, made.id)).await?.ok()?;
        assert_eq!(found, plain);
        assert_eq!(names(&ada, "").await?, ["off", "Stopped"]);
        assert_eq!(names(&ada, "page=jobs,costs").await?, ["off"]);

        // Another's is not there.
        let grace = app.create_user_named("grace@example.com", Role::Admin).await?;
        assert_eq!(names(&grace, "").await?, Vec::<String>::new());
        grace.get(&with_id(VIEW, made.id)).await?.refused(404, "not_found")?;
        grace.send(change(&made, "\"3\"", &json!({ "name": "x" }))).await?.refused(404, "not_found")?;
        grace.delete(&with_id(VIEW, made.id)).await?.refused(404, "not_found")?;
        assert_eq!(ada.delete(&with_id(VIEW, made.id)).await?.status.as_u16(), 204);
        ada.get(&with_id(VIEW, made.id)).await?.refused(404, "not_found")?;

        // What may name somebody is in the log where it can be erased.
        let page: Page<AuditEntryView> = app.client().get(&format!("{AUDIT_LOG}?object_id={}", made.id)).await?.ok()?;
        let actions: Vec<_> = page.items.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["view.delete", "view.change", "view.change", "view.create"]);
        let first = page.items.last().context("the oldest")?;
        let entry: AuditEntryDetailView = app.client().get(&with_id(AUDIT_ENTRY, first.seq)).await?.ok()?;
        assert_eq!(entry.after.context("after")?["page"], "workspaces");
        assert_eq!(entry.personal.context("personal")?["query"], "q=grace&state=STOPPED&columns=state%2Cbundle");
        assert!(!entry.body.contains("grace") && !entry.body.contains("Off"), "{}", entry.body);
        Ok(())
    }
}

app_test! {
    async fn shared_views_are_seen_by_who_may_see_their_page_and_changed_by_their_maker(app: TestAppOptions::default()) {
        app.create_owner().await?;
        let operator = app.create_user_named("operator@example.com", Role::Operator).await?;
        let other = app.create_user_named("other@example.com", Role::Operator).await?;
        let admin = app.create_user_named("admin@example.com", Role::Admin).await?;
        let viewer = app.create_user_named("viewer@example.com", Role::Viewer).await?;
        let member = app.create_user_named("member@example.com", Role::Member).await?;
        let broken = keep(&operator, "workspaces", "Broken", "state=ERROR", true).await?;
        let dead = keep(&operator, "jobs", "Dead jobs", "state=dead", true).await?;
        keep(&operator, "workspaces", "Mine", "", false).await?;
        keep(&admin, "audit", "Refused", "outcome=refused", true).await?;
        assert_eq!(names(&viewer, "").await?, ["Broken", "Dead jobs"]);
        assert_eq!(names(&member, "").await?, ["Broken"]);
        assert_eq!(names(&admin, "").await?, ["Broken", "Dead jobs", "Refused"]);
        let seen: SavedView = viewer.get(&with_id(VIEW, broken.id)).await?.ok()?;
        assert!(seen.shared && !seen.own);
        member.get(&with_id(VIEW, dead.id)).await?.refused(404, "not_found")?;

        // Sharing is for who may, and only of what one sees.
        let shared = json!({ "page": "workspaces", "name": "Ours", "query": "", "shared": true });
        viewer.post(VIEWS, &shared).await?.refused(403, "forbidden")?;
        let own = keep(&viewer, "workspaces", "Ours", "", false).await?;
        viewer.send(change(&own, "\"1\"", &json!({ "shared": true }))).await?.refused(403, "forbidden")?;
        member.post(VIEWS, &json!({ "page": "costs", "name": "x", "query": "" })).await?.refused(403, "forbidden")?;

        // Only who made it changes it; who manages views removes it.
        for client in [&other, &admin] {
            client.send(change(&broken, "\"1\"", &json!({ "name": "x" }))).await?.refused(403, "forbidden")?;
        }
        other.delete(&with_id(VIEW, broken.id)).await?.refused(403, "forbidden")?;
        assert_eq!(admin.delete(&with_id(VIEW, broken.id)).await?.status.as_u16(), 204);
        // What is no longer shared is no longer seen.
        let taken_back: SavedView = operator.send(change(&dead, "\"1\"", &json!({ "shared": false }))).await?.ok()?;
        assert!(!taken_back.shared);
        assert_eq!(names(&viewer, "").await?, ["Ours"]);
        assert_eq!(names(&operator, "").await?, ["Dead jobs", "Mine"]);
        Ok(())
    }
}

app_test! {
    async fn what_a_page_would_not_take_is_refused_by_name(app: TestAppOptions::default()) {
        app.create_owner().await?;
        let client = app.client();
        for (page, query, field) in [
            ("workspaces", "shoe=9", "query.shoe"),
            ("workspaces", "columns=shoe", "query.columns"),
            ("workspaces", "cursor=abc", "query.cursor"),
            ("jobs", "state=asleep", "query.state"),
            ("usage", "order=odd", "query.order"),
            ("costs", "by=shoe", "query.by"),
            ("shoes", "", "page"),
        ] {
            let body = json!({ "page": page, "name": "x", "query": query });
            let problem = client.post(VIEWS, &body).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, field, "{page} {query}");
        }
        for body in [
            json!({ "page": "jobs", "name": " ", "query": "" }),
            json!({ "page": "jobs", "name": "x".repeat(81), "query": "" }),
        ] {
            let problem = client.post(VIEWS, &body).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, "name");
        }
        client.get(&format!("{VIEWS}?page=shoes")).await?.refused(400, "invalid_query")?;
        let view = keep(client, "jobs", "x", "", false).await?;
        let problem = client.send(change(&view, "\"1\"", &json!({ "query": "shoe=9" }))).await?.refused(422, "invalid_body")?;
        assert_eq!(problem.errors[0].field, "query.shoe");
        // As many as there can be.
        for number in 1..services::views::MOST {
            keep(client, "jobs", &format!("view {number}"), "", false).await?;
        }
        let answer = client.post(VIEWS, &json!({ "page": "jobs", "name": "one more", "query": "" })).await?;
        assert!(answer.refused(409, "conflict")?.detail.contains("100 views"));
        Ok(())
    }
}
