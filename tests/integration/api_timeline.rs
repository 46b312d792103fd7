//! What happened to one WorkSpace, over HTTP: everything in one order, what is left out for whom, bad input, and what our own log
//! says of the look.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use contract::audit::AuditEntryView;
use contract::page::Page;
use contract::paths::{AUDIT_LOG, WORKSPACE_TIMELINE, WORKSPACES_STOP, with_id};
use contract::timeline::{TimelineItemView, TimelineView};
use contract::workspaces::{WorkspaceActionView, WorkspaceView};
use domain::access::{Permission, Reach, Role, Scope};
use domain::timeline::{TimelineKind, TimelineOutcome};
use serde_json::json;
use store::repo::trail::{TrailEventRow, trail_append};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;
use uuid::Uuid;

use crate::support::workspaces;

/// A few WorkSpaces.
pub fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 12, seed: 5, ..TestAppOptions::default() }
}

async fn page(client: &ApiClient, workspace: &WorkspaceView, query: &str) -> Result<TimelineView> {
    client.get(&format!("{}?{query}", with_id(WORKSPACE_TIMELINE, workspace.id))).await?.ok()
}

/// The whole timeline, page by page, each time in full agreement about its length.
async fn whole(client: &ApiClient, workspace: &WorkspaceView, query: &str) -> Result<Vec<TimelineItemView>> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let found = page(client, workspace, &format!("limit=3&{query}{at}")).await?;
        items.extend(found.items);
        cursor = found.next_cursor;
        if cursor.is_none() {
            assert_eq!(found.total, items.len() as u64, "{query}");
            return Ok(items);
        }
    }
}

fn kinds(items: &[TimelineItemView]) -> BTreeSet<TimelineKind> {
    items.iter().map(|item| item.kind).collect()
}

/// Stops one that is available, sees it through, and has AWS tell of seven calls about it. Gives it with the job.
pub async fn stopped(app: &TestApp) -> Result<(WorkspaceView, String)> {
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    let all = workspaces(app.client(), "").await?;
    let one = all.into_iter().find(|one| one.state.as_str() == "AVAILABLE").context("one that runs")?;
    let begun: WorkspaceActionView =
        app.client().post(WORKSPACES_STOP, &json!({ "workspace_ids": [one.id] })).await?.ok()?;
    let job = begun.job_id.context("a job")?;
    app.wait_for_job(job).await?;
    let now = app.context().env.now();
    let event = |number: i64| TrailEventRow {
        event_id: format!("event-{number}"),
        at: now - TimeDelta::minutes(number),
        name: "StopWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: "Admin/person@example.com".to_owned(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: (number == 3).then(|| "AccessDenied".to_owned()),
        error_message: (number == 3).then(|| "not allowed".to_owned()),
        detail: json!({}),
        workspaces: vec![one.aws_id.clone()],
    };
    let events: Vec<_> = (0..7).map(event).collect();
    trail_append(&app.context().db, one.account_id, &one.region, &events).await?;
    Ok((one, job.to_string()))
}

app_test! {
    async fn everything_that_happened_stands_in_one_order(app: fleet()) {
        let (one, job) = stopped(app).await?;
        let all = whole(app.client(), &one, "").await?;
        assert!(all.windows(2).all(|two| two[0].at >= two[1].at), "{all:?}");
        assert_eq!(all.iter().map(|item| &item.id).collect::<BTreeSet<_>>().len(), all.len());
        let of = |kind| all.iter().filter(move |item| item.kind == kind).collect::<Vec<_>>();
        let action = of(TimelineKind::Action);
        assert_eq!(action.len(), 1, "{action:?}");
        assert_eq!((action[0].what.as_str(), action[0].outcome), ("stop", Some(TimelineOutcome::Done)));
        assert!(action[0].who.as_deref().is_some_and(|who| who.contains('@')), "{action:?}");
        assert_eq!(action[0].job_id.map(|id| id.to_string()), Some(job));
        assert!(action[0].audit_seq.is_some());
        let calls = of(TimelineKind::Aws);
        assert_eq!(calls.len(), 7);
        let refused: Vec<_> = calls.iter().filter(|call| call.outcome == Some(TimelineOutcome::Refused)).collect();
        assert_eq!((refused.len(), refused[0].reason.as_deref()), (1, Some("not allowed")));
        assert!(calls.iter().all(|call| call.trail_event_id.is_some() && call.what == "StopWorkspaces"));
        let states = of(TimelineKind::State);
        let first = states.last().context("when it was first seen")?;
        assert_eq!((first.before.as_deref(), first.after.as_deref()), (None, Some("AVAILABLE")));
        assert_eq!(states[states.len() - 2].before.as_deref(), Some("AVAILABLE"));
        for kind in TimelineKind::ALL {
            let some = whole(app.client(), &one, &format!("kind={kind}")).await?;
            assert_eq!(some.iter().collect::<Vec<_>>(), of(*kind), "{kind}");
        }
        let two = whole(app.client(), &one, "kind=aws,action").await?;
        assert_eq!(two.len(), 8);
        let moment = calls[3].at;
        let text = moment.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let since = whole(app.client(), &one, &format!("from={text}")).await?;
        assert_eq!(since, all.iter().filter(|item| item.at >= moment).cloned().collect::<Vec<_>>());
        let before = whole(app.client(), &one, &format!("to={text}")).await?;
        assert_eq!(since.len() + before.len(), all.len());
        let coverage = page(app.client(), &one, "").await?.aws.context("how far CloudTrail is known")?;
        assert_eq!((coverage.account_id, &coverage.region), (one.account_id, &one.region));
        // The look is in the log, and is none of the things that were done with it.
        let log: Page<AuditEntryView> =
            app.client().get(&format!("{AUDIT_LOG}?action=workspace.read&object_id={}", one.id)).await?.ok()?;
        assert!(!log.items.is_empty());
        assert_eq!(whole(app.client(), &one, "kind=action").await?.len(), 1);
        Ok(())
    }
}

app_test! {
    async fn each_sees_what_they_may_see_where_it_comes_from(app: fleet()) {
        let (one, _) = stopped(app).await?;
        let everything: Vec<_> = TimelineKind::ALL.to_vec();
        let elsewhere = Scope::only(Reach::Region { region: "ap-southeast-2".parse()? });
        let here = Scope::only(Reach::Region { region: one.region.clone() });
        let cases = [
            (app.create_user(Role::Auditor).await?, vec![]),
            (app.create_user(Role::Operator).await?, vec![TimelineKind::Aws]),
            (app.create_user_named(&format!("{}@example.com", one.user_name), Role::Member).await?, vec![TimelineKind::Action, TimelineKind::Aws]),
            (app.create_user_with("part@example.com", &[(Role::Auditor, here.clone())]).await?, vec![]),
            // Reads the log, but not of this part of the fleet.
            (app.create_user_with("mixed@example.com", &[(Role::Viewer, here), (Role::Auditor, elsewhere.clone())]).await?, vec![TimelineKind::Aws]),
        ];
        for (client, lacks) in cases {
            let found = page(&client, &one, "limit=200").await?;
            assert_eq!(found.left_out.iter().map(|out| out.kind).collect::<Vec<_>>(), lacks);
            let shown = kinds(&found.items);
            assert!(lacks.iter().all(|kind| !shown.contains(kind)), "{shown:?}");
            assert_eq!(shown.contains(&TimelineKind::Action), !lacks.contains(&TimelineKind::Action));
            assert_eq!(shown.contains(&TimelineKind::Aws), !lacks.contains(&TimelineKind::Aws));
            assert_eq!(found.aws.is_some(), !lacks.contains(&TimelineKind::Aws));
            let asked = page(&client, &one, "kind=aws").await?;
            assert_eq!(asked.items.is_empty(), lacks.contains(&TimelineKind::Aws));
            if let Some(out) = asked.left_out.first() {
                assert_eq!(out.needs, [Permission::AuditRead]);
            }
        }
        let auditor = app.create_user_with("auditor2@example.com", &[(Role::Auditor, Scope::only(Reach::Account { account_id: one.account_id }))]).await?;
        let action = page(&auditor, &one, "kind=action").await?.items;
        assert_eq!(action[0].audit_seq, None, "the log itself is for those who may read all of it");
        assert!(everything.len() > kinds(&action).len());
        let stranger = app.create_user_with("stranger@example.com", &[(Role::Owner, elsewhere)]).await?;
        stranger.get(&with_id(WORKSPACE_TIMELINE, one.id)).await?.refused(404, "not_found")?;
        app.client().get(&with_id(WORKSPACE_TIMELINE, Uuid::nil())).await?.refused(404, "not_found")?;
        Ok(())
    }
}

app_test! {
    async fn what_can_t_be_asked_is_refused_by_name(app: fleet()) {
        let (one, _) = stopped(app).await?;
        let path = with_id(WORKSPACE_TIMELINE, one.id);
        for (query, field) in [
            ("kind=weather", "kind"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
            ("cursor=x", "cursor"),
        ] {
            let answer = app.client().get(&format!("{path}?{query}")).await?;
            let problem = answer.problem()?;
            assert_eq!(answer.status.as_u16(), 400, "{query}");
            assert!(problem.errors.iter().any(|error| error.field == field), "{query}: {problem:?}");
        }
        app.client().get(&format!("{path}?colour=red")).await?.refused(400, "invalid_query")?;
        let next = page(app.client(), &one, "limit=1").await?.next_cursor.context("more")?;
        app.client().get(&format!("{path}?kind=aws&cursor={next}")).await?.refused(400, "bad_cursor")?;
        Ok(())
    }
}
