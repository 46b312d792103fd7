//! AWS's events as an auditor reads them: how far they are known, filters in the address, one event in a drawer; our own log; both in
//! one list; and who may not.

use anyhow::Result;
use chrono::TimeDelta;
use contract::page::Page;
use contract::paths;
use contract::session::SessionView;
use contract::workspaces::WorkspaceView;
use domain::access::{Reach, Role, Scope};
use domain::ids::AccountId;
use domain::sync::{DataSetStatus, Gap, SyncKind};
use serde_json::json;
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use store::repo::trail::{TrailEventRow, trail_append};
use testkit::app::{OWNER_EMAIL, TestApp};

use crate::begun::fleet;
use crate::pages::{AuditPage, shown, shown_in_both, signed_in};

async fn app() -> Result<TestApp> {
    let app = fleet(20).await?;
    let account = app.accounts().await?.remove(0);
    happened(&app, account.id).await?;
    Ok(app)
}

/// Thirty events of a region, every fifth refused; known for a week, with a gap that has its reason.
async fn happened(app: &TestApp, account: AccountId) -> Result<()> {
    let (db, now) = (&app.context().db, app.context().env.now());
    let region = "eu-central-1".parse()?;
    let page: Page<WorkspaceView> =
        app.client().get(&format!("{}?region=eu-central-1", paths::WORKSPACES)).await?.ok()?;
    let event = |number: usize| {
        let about = &page.items[number % page.items.len()].aws_id;
        TrailEventRow {
            event_id: format!("event-{number}"),
            at: now - TimeDelta::hours(i64::try_from(number).unwrap_or(0)),
            name: ["StopWorkspaces", "RebootWorkspaces", "ModifyWorkspaceProperties"][number % 3].to_owned(),
            source: "workspaces.amazonaws.com".to_owned(),
            read_only: Some(false),
            actor: ["Admin/ada@example.com", "Admin/grace@example.com"][number % 2].to_owned(),
            actor_arn: Some("arn:aws:sts::123456789012:assumed-role/Admin/ada@example.com".to_owned()),
            source_ip: Some("203.0.113.7".to_owned()),
            user_agent: Some("aws-cli/2.15".to_owned()),
            error_code: number.is_multiple_of(5).then(|| "AccessDenied".to_owned()),
            error_message: number.is_multiple_of(5).then(|| "User is not authorized".to_owned()),
            detail: json!({ "requestParameters": { "stopWorkspaceRequests": [{ "workspaceId": about }] } }),
            workspaces: vec![about.clone()],
        }
    };
    trail_append(db, account, &region, &(0..30).map(event).collect::<Vec<_>>()).await?;
    let reason = "the permission cloudtrail:LookupEvents was missing".to_owned();
    let gap = Gap { from: now - TimeDelta::days(4), to: now - TimeDelta::days(3), reason };
    let update = DataSetUpdate {
        account_id: account,
        region,
        kind: SyncKind::CloudTrail,
        status: DataSetStatus::Partial,
        fresh_at: Some(now),
        covered_from: Some(now - TimeDelta::days(7)),
        covered_to: Some(now),
        gaps: Some(vec![gap]),
        last_run_id: None,
        last_error: None,
        missing_permission: Some("cloudtrail:LookupEvents".to_owned()),
        at: now,
    };
    Ok(data_set_put(db, &update).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_narrowed_and_read_one_by_one() -> Result<()> {
    let app = app().await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/sign-in", (1440, 900, false)).await?;
    let audit = AuditPage(&browser);
    audit.open().await?;
    browser.until("all are there", || async { Ok((audit.calls().await?.len() == 30).then_some(())) }).await?;
    assert!(browser.text("trail-coverage").await?.contains("LookupEvents"), "what is missing has its reason");
    shown(&browser, "60-audit-aws").await?;
    audit.choose("name", "StopWorkspaces").await?;
    browser.until("one call is left", || async { Ok((audit.calls().await?.len() == 10).then_some(())) }).await?;
    audit.choose("outcome", "refused").await?;
    let left = browser
        .until("the refused ones are left", || async {
            Ok(Some(audit.calls().await?).filter(|calls| calls.len() == 2))
        })
        .await?;
    assert!(left.iter().all(|call| call == "StopWorkspaces"));
    // The address alone carries it.
    let address = browser.client().current_url().await?;
    assert!(
        address.query().is_some_and(|query| query.contains("name=StopWorkspaces") && query.contains("outcome=refused"))
    );
    browser.goto(address.as_str()).await?;
    browser.until("the same two", || async { Ok((audit.calls().await? == left).then_some(())) }).await?;
    browser.click("trail-open").await?;
    browser.find_css("[data-testid='trail-drawer'] .changes").await?;
    let told = browser.text("trail-drawer").await?;
    assert!(
        told.contains("User is not authorized") && told.contains("203.0.113.7") && told.contains("workspaceId"),
        "{told}"
    );
    shown_in_both(&browser, "61-audit-event").await?;
    browser.close().await?;
    // The log is where it was said to be before, too.
    let phone = signed_in(&app, OWNER_EMAIL, "/sign-in", (390, 844, true)).await?;
    phone.find("nav-audit").await?;
    phone.goto(&format!("{}/admin/audit?outcome=done", app.url())).await?;
    phone.find_css("[data-tab='log'][aria-current='page']").await?;
    phone.find_css("[data-testid='audit-row']").await?;
    AuditPage(&phone).open().await?;
    phone.find_css("[data-testid='trail-row']").await?;
    shown(&phone, "62-audit-phone").await?;
    phone.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_log_is_narrowed_to_who_and_what() -> Result<()> {
    let app = app().await?;
    app.create_user_named("ada@example.com", Role::Viewer).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/sign-in", (1440, 900, false)).await?;
    let audit = AuditPage(&browser);
    audit.open_log().await?;
    for action in ["account.create", "session.create"] {
        audit.choose("action", action).await?;
    }
    let only = |left: Vec<String>, actions: &[&str]| {
        (!left.is_empty() && actions.iter().all(|one| left.iter().any(|is| is == one)))
            .then_some(left.iter().all(|is| actions.contains(&is.as_str())))
            .filter(|only| *only)
    };
    let both = || async { Ok(only(audit.actions().await?, &["account.create", "session.create"])) };
    browser.until("both are left", both).await?;
    let owner = app.client().get(paths::SESSION).await?.ok::<SessionView>()?.user_id;
    audit.choose("actor", &owner.to_string()).await?;
    browser.find_css("[data-testid='facet-actor'] .facet-count").await?;
    audit.choose("action", "session.create").await?;
    let one = || async { Ok(only(audit.actions().await?, &["account.create"])) };
    browser.until("what the owner connected is left", one).await?;
    // The kinds of objects are those of what is left.
    browser.click("facet-object_kind").await?;
    browser.find_css("[data-testid='facet-option-account'] input").await?;
    let others = || async { Ok((browser.count("[data-testid='facet-option-session']").await? == 0).then_some(())) };
    browser.until("no other kind is offered", others).await?;
    shown_in_both(&browser, "64-audit-facet").await?;
    browser.click("facet-object_kind").await?;
    audit.choose("object_kind", "account").await?;
    audit.choose("outcome", "done").await?;
    browser.until("the same is left", one).await?;
    shown(&browser, "64-audit-log-narrowed").await?;
    let address = browser.client().current_url().await?;
    assert!(address.query().is_some_and(|query| query.contains("actor=") && query.contains("action=account.create")));
    assert!(
        address.query().is_some_and(|query| query.contains("object_kind=account") && query.contains("outcome=done"))
    );
    // The address alone carries it.
    browser.goto(address.as_str()).await?;
    browser.until("the same is left", one).await?;
    let chips = browser.find_css("main .chips").await?.text().await?;
    assert!(chips.contains(OWNER_EMAIL) && chips.contains("Account: create"), "{chips}");
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_stands_in_one_list_whose_rows_lead_to_their_own() -> Result<()> {
    let app = app().await?;
    let here = Scope::only(Reach::Region { region: "eu-central-1".parse()? });
    app.create_user_with("auditor@example.com", &[(Role::Auditor, here)]).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/sign-in", (1440, 900, false)).await?;
    let audit = AuditPage(&browser);
    audit.open_all().await?;
    browser.goto(&format!("{}/audit/all?limit=200", app.url())).await?;
    let both = || async {
        let sources = audit.sources().await?;
        Ok(["aws", "wheelhouse"].iter().all(|one| sources.iter().any(|source| source == one)).then_some(()))
    };
    browser.until("both are there", both).await?;
    browser.find("audit-standing").await?;
    shown(&browser, "65-audit-all").await?;
    for (source, drawer) in [("aws", "trail-drawer"), ("wheelhouse", "audit-drawer")] {
        browser.find_css(&format!("[data-testid='all-row'][data-source='{source}'] a")).await?.click().await?;
        browser.find_css(&format!("dialog[open][data-testid='{drawer}']")).await?;
        browser.client().back().await?;
        browser.find_css("[data-tab='all'][aria-current='page']").await?;
        browser.until("both are there again", both).await?;
    }
    // One of the two, and what only looked left out.
    browser.goto(&format!("{}/audit/all?source=wheelhouse&changes=true&limit=200", app.url())).await?;
    let own = || async {
        let sources = audit.sources().await?;
        Ok((!sources.is_empty() && sources.iter().all(|source| source == "wheelhouse")).then_some(()))
    };
    browser.until("our own changes alone are there", own).await?;
    let looks = "[data-testid='all-row'][data-what$='.list'], [data-testid='all-row'][data-what$='.read']";
    assert_eq!(browser.count(looks).await?, 0);
    browser.close().await?;
    // Of our own log nothing is a part's: who may read a part of the fleet is told that it is missing.
    let phone = signed_in(&app, "auditor@example.com", "/sign-in", (390, 844, true)).await?;
    phone.find("nav-audit").await?;
    phone.goto(&format!("{}/audit/all?limit=200", app.url())).await?;
    let told = phone.text("all-left-out").await?;
    assert!(told.contains("audit:read on everything"), "{told}");
    let audit = AuditPage(&phone);
    let only = || async {
        let sources = audit.sources().await?;
        Ok((sources.len() == 30 && sources.iter().all(|source| source == "aws")).then_some(()))
    };
    phone.until("AWS's events are there, and nothing else", only).await?;
    assert_eq!(phone.count("[data-testid='audit-standing']").await?, 0, "how that log stands is not for them");
    shown(&phone, "66-audit-all-phone").await?;
    phone.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_read_events_is_told_so() -> Result<()> {
    let app = app().await?;
    app.create_user_named("viewer@example.com", Role::Viewer).await?;
    let browser = signed_in(&app, "viewer@example.com", "/sign-in", (1440, 900, false)).await?;
    browser.find("nav-workspaces").await?;
    assert_eq!(browser.count("[data-testid='nav-audit']").await?, 0);
    browser.goto(&format!("{}/audit", app.url())).await?;
    let told =
        || async { Ok(browser.find_css("main").await?.text().await?.contains("You may not see this").then_some(())) };
    browser.until("they are told", told).await?;
    shown(&browser, "63-audit-forbidden").await?;
    browser.close().await?;
    app.stop().await
}
