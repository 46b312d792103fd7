//! AWS's events over HTTP: the list with its filters, one event, the values to filter by, how far they are known; who sees what,
//! and what our own log says of the look.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use contract::accounts::StartedJobsView;
use contract::audit::{AuditEntryDetailView, AuditEntryView};
use contract::page::Page;
use contract::paths::{
    AUDIT_ENTRY, AUDIT_LOG, EXPORT_TRAIL, SCHEDULE_RUN, SESSION, TRAIL_COVERAGE, TRAIL_EVENT, TRAIL_EVENTS,
    TRAIL_FACETS, with_id,
};
use contract::session::SessionView;
use contract::trail::{TrailCoverageView, TrailEventDetailView, TrailEventView, TrailFacetValue, TrailFacetsView};
use domain::access::{Reach, Role, Scope};
use domain::ids::{AccountId, Region, TrailEventId};
use serde_json::json;
use store::repo::trail::{TrailEventRow, trail_append};
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;
use uuid::Uuid;

use crate::support::{whole_list, workspaces};

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 12, seed: 5, ..TestAppOptions::default() }
}

/// Sixty events of each of two regions: three calls by four people, every fifth refused, about a WorkSpace of the region each.
async fn happened(app: &TestApp, account: AccountId) -> Result<()> {
    let all = workspaces(app.client(), "").await?;
    for region in ["eu-central-1", "us-east-1"] {
        let about: Vec<_> = all.iter().filter(|one| one.region.as_str() == region).map(|one| &one.aws_id).collect();
        let region: Region = region.parse()?;
        let now = app.context().env.now();
        let event = |number: usize| TrailEventRow {
            event_id: format!("event-{number}"),
            at: now - TimeDelta::minutes(i64::try_from(number).unwrap_or(0)),
            name: ["StopWorkspaces", "DescribeWorkspaces", "RebootWorkspaces"][number % 3].to_owned(),
            source: "workspaces.amazonaws.com".to_owned(),
            read_only: Some(number % 3 == 1),
            actor: format!("Admin/person{}@example.com", number % 4),
            actor_arn: Some("arn:aws:sts::123456789012:assumed-role/Admin/x".to_owned()),
            source_ip: Some("203.0.113.7".to_owned()),
            user_agent: Some("aws-cli/2".to_owned()),
            error_code: number.is_multiple_of(5).then(|| "AccessDenied".to_owned()),
            error_message: number.is_multiple_of(5).then(|| "not allowed".to_owned()),
            detail: json!({
                "requestParameters": { "workspaceId": about[number % about.len()] }, "responseElements": null, "number": number,
            }),
            workspaces: vec![about[number % about.len()].clone()],
        };
        let events: Vec<_> = (0..60).map(event).collect();
        trail_append(&app.context().db, account, &region, &events).await?;
    }
    Ok(())
}

async fn events(client: &ApiClient, query: &str) -> Result<Vec<TrailEventView>> {
    Ok(whole_list(client, TRAIL_EVENTS, &format!("limit=25&{query}")).await?.0)
}

fn told(values: &[TrailFacetValue]) -> BTreeSet<(String, u64)> {
    values.iter().map(|value| (value.value.clone(), value.count)).collect()
}

app_test! {
    async fn filters_narrow_the_events_and_facets_count_them(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        happened(app, account.id).await?;
        let client = app.client();
        let all = events(client, "").await?;
        assert_eq!(all.len(), 120);
        assert!(all.windows(2).all(|pair| pair[0].at >= pair[1].at), "newest first");
        assert_eq!(all.iter().map(|event| event.id).collect::<BTreeSet<_>>().len(), 120, "each once");
        assert!(all.iter().all(|event| event.account.as_deref() == Some("Demo")));
        assert!(all.iter().all(|event| event.workspaces.len() == 1 && event.workspaces[0].user_name.is_some()));
        let one = &all[0];
        let about = &one.workspaces[0];
        let is_about = |event: &TrailEventView| event.workspaces[0].id == about.id;
        type Fits<'a> = Box<dyn Fn(&TrailEventView) -> bool + 'a>;
        let cases: Vec<(String, Fits<'_>)> = vec![
            ("name=StopWorkspaces".into(), Box::new(|e| e.name == "StopWorkspaces")),
            ("actor=Admin%2Fperson1%40example.com".into(), Box::new(|e| e.actor.as_deref() == Some("Admin/person1@example.com"))),
            ("name=StopWorkspaces,RebootWorkspaces".into(), Box::new(|e| e.name != "DescribeWorkspaces")),
            (
                "actor=Admin%2Fperson1%40example.com,Admin%2Fperson2%40example.com&region=us-east-1".into(),
                Box::new(|e| {
                    let who = e.actor.as_deref().unwrap_or_default();
                    e.region.as_str() == "us-east-1" && ["Admin/person1@example.com", "Admin/person2@example.com"].contains(&who)
                }),
            ),
            ("region=us-east-1,eu-central-1,us-east-1".into(), Box::new(|_| true)),
            ("outcome=done,refused".into(), Box::new(|_| true)),
            ("outcome=refused".into(), Box::new(|e| e.error_code.is_some())),
            ("outcome=done".into(), Box::new(|e| e.error_code.is_none())),
            ("changes=true".into(), Box::new(|e| e.read_only != Some(true))),
            ("region=eu-central-1&name=RebootWorkspaces".into(), Box::new(|e| e.region.as_str() == "eu-central-1" && e.name == "RebootWorkspaces")),
            (format!("account={}", account.id), Box::new(|_| true)),
            (format!("account={}", Uuid::nil()), Box::new(|_| false)),
            (format!("account={},{}", Uuid::nil(), account.id), Box::new(|_| true)),
            (format!("workspace={}", about.id), Box::new(is_about)),
            (format!("q={}", about.aws_id.as_deref().unwrap_or_default()), Box::new(is_about)),
            ("q=person2%20stop".into(), Box::new(|e| e.name == "StopWorkspaces" && e.actor.as_deref().is_some_and(|a| a.contains("person2")))),
        ];
        for (query, fits) in cases {
            let found: BTreeSet<_> = events(client, &query).await?.into_iter().map(|event| event.id).collect();
            let expected: BTreeSet<_> = all.iter().filter(|event| fits(event)).map(|event| event.id).collect();
            assert_eq!(found, expected, "{query}");
            let facets: TrailFacetsView = client.get(&format!("{TRAIL_FACETS}?{query}")).await?.ok()?;
            assert!(facets.whole && facets.looked_at >= expected.len() as u64, "{query}");
            // What is chosen narrows the other kinds, and not its own.
            let kinds = [
                ("name=", &facets.name),
                ("actor=", &facets.actor),
                ("region=", &facets.region),
                ("account=", &facets.account),
                ("outcome=", &facets.outcome),
            ];
            for (kind, values) in kinds.into_iter().filter(|(kind, _)| !query.contains(kind)) {
                assert_eq!(values.iter().map(|value| value.count).sum::<u64>(), expected.len() as u64, "{kind} {query}");
            }
        }
        let beside: TrailFacetsView =
            client.get(&format!("{TRAIL_FACETS}?name=StopWorkspaces&outcome=refused")).await?.ok()?;
        let refused = |name: &str| all.iter().filter(|e| e.name == name && e.error_code.is_some()).count() as u64;
        let calls = ["DescribeWorkspaces", "RebootWorkspaces", "StopWorkspaces"];
        assert_eq!(told(&beside.name), calls.map(|name| (name.to_owned(), refused(name))).into());
        let stopped = |done: bool| {
            all.iter().filter(|e| e.name == "StopWorkspaces" && e.error_code.is_none() == done).count() as u64
        };
        assert_eq!(told(&beside.outcome), [("done".to_owned(), stopped(true)), ("refused".to_owned(), stopped(false))].into());
        // A file has the same.
        let file = client.get(&format!("{EXPORT_TRAIL}?format=csv&name=StopWorkspaces,RebootWorkspaces&outcome=refused")).await?;
        let rows = refused("StopWorkspaces") + refused("RebootWorkspaces");
        assert_eq!(file.text().lines().count() as u64, rows + 1);
        let facets: TrailFacetsView = client.get(TRAIL_FACETS).await?.ok()?;
        let calls = ["DescribeWorkspaces", "RebootWorkspaces", "StopWorkspaces"].map(|name| (name.to_owned(), 40));
        assert_eq!(told(&facets.name), calls.into());
        assert_eq!(told(&facets.outcome), [("done".to_owned(), 96), ("refused".to_owned(), 24)].into());
        assert_eq!(facets.account.iter().map(|value| value.label.as_str()).collect::<Vec<_>>(), ["Demo"]);
        assert_eq!(facets.actor.len(), 4);

        let detail: TrailEventDetailView = client.get(&with_id(TRAIL_EVENT, one.id)).await?.ok()?;
        assert_eq!(detail.event, *one);
        assert_eq!(detail.parameters.context("what was asked for")?["workspaceId"], json!(about.aws_id));
        assert_eq!((detail.answer, detail.user_agent.as_deref()), (None, Some("aws-cli/2")));
        Ok(())
    }
}

app_test! {
    async fn what_can_t_be_is_named(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        for (query, field) in [
            ("region=Frankfurt", "region"),
            ("outcome=failed", "outcome"),
            ("region=us-east-1,moon", "region"),
            ("outcome=done,failed", "outcome"),
            ("account=7", "account"),
            ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("sort=name", "sort"),
            ("changes=yes", "changes"),
        ] {
            for path in [TRAIL_EVENTS, TRAIL_FACETS] {
                let problem = client.get(&format!("{path}?{query}")).await?.refused(400, "invalid_query")?;
                assert_eq!(problem.errors[0].field, field, "{path}?{query}");
            }
        }
        let long = "x".repeat(201);
        client.get(&format!("{TRAIL_EVENTS}?q={long}")).await?.refused(400, "invalid_query")?;
        client.get(&format!("{TRAIL_EVENTS}?cursor=nonsense")).await?.refused(400, "bad_cursor")?;
        client.get(&with_id(TRAIL_EVENT, "7")).await?.refused(400, "invalid_path")?;
        client.get(&with_id(TRAIL_EVENT, Uuid::nil())).await?.refused(404, "not_found")?;
        let empty: TrailFacetsView = client.get(TRAIL_FACETS).await?.ok()?;
        assert!(empty.whole && empty.name.is_empty());
        Ok(())
    }
}

app_test! {
    async fn an_auditor_of_one_region_sees_its_events_alone_and_the_look_is_noted(app: fleet()) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        happened(app, account.id).await?;
        let region: Region = "eu-central-1".parse()?;
        let scope = Scope::only(Reach::Region { region: region.clone() });
        let auditor = app.create_user_with("auditor@example.com", &[(Role::Auditor, scope)]).await?;
        // The portal is told what they may do with a part alone, and offers them nothing of our own log.
        let who: SessionView = auditor.get(SESSION).await?.ok()?;
        assert!(who.in_parts.iter().any(|permission| permission == "audit:read"), "{who:?}");
        assert_eq!(who.in_parts, who.permissions);
        let owner: SessionView = app.client().get(SESSION).await?.ok()?;
        assert!(owner.in_parts.is_empty(), "{owner:?}");
        let seen = events(&auditor, "").await?;
        assert_eq!(seen.len(), 60);
        assert!(seen.iter().all(|event| event.region == region));
        let facets: TrailFacetsView = auditor.get(TRAIL_FACETS).await?.ok()?;
        assert_eq!(told(&facets.region), [(region.to_string(), 60)].into());
        let foreign = TrailEventId::derive(account.id, &"us-east-1".parse()?, "event-1");
        auditor.get(&with_id(TRAIL_EVENT, foreign)).await?.refused(404, "not_found")?;
        let own = TrailEventId::derive(account.id, &region, "event-1");
        auditor.get(&with_id(TRAIL_EVENT, own)).await?.ok::<TrailEventDetailView>()?;
        let coverage: TrailCoverageView = auditor.get(TRAIL_COVERAGE).await?.ok()?;
        assert!(coverage.places.iter().all(|place| place.region == region), "{coverage:?}");
        auditor.get(AUDIT_LOG).await?.refused(403, "forbidden")?;

        // The words that were looked for may be a name: they can be erased.
        events(&auditor, "q=person3&outcome=refused").await?;
        let page: Page<AuditEntryView> = app.client().get(&format!("{AUDIT_LOG}?action=trail.list&limit=1")).await?.ok()?;
        let entry: AuditEntryDetailView = app.client().get(&with_id(AUDIT_ENTRY, page.items[0].seq)).await?.ok()?;
        assert_eq!(entry.entry.actor_name.as_deref(), Some("auditor@example.com"));
        assert_eq!(entry.after.context("what it was narrowed to")?["refused"], json!(true));
        assert_eq!(entry.personal.context("the words")?["q"], json!("person3"));
        assert!(!entry.body.contains("person3"));
        let page: Page<AuditEntryView> = app.client().get(&format!("{AUDIT_LOG}?action=trail.read&limit=1")).await?.ok()?;
        assert_eq!(page.items[0].object_id, Some(own.to_string()));
        Ok(())
    }
}

app_test! {
    async fn what_a_sync_brought_in_is_listed_and_covered(app: fleet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let before: TrailCoverageView = app.client().get(TRAIL_COVERAGE).await?.ok()?;
        assert_eq!((before.from, before.to, before.unread), (None, None, before.places.len() as u64));
        let jobs: StartedJobsView =
            app.client().post_empty(&with_id(SCHEDULE_RUN, "sync-cloudtrail")).await?.ok()?;
        for job in jobs.job_ids {
            app.wait_for_job(job).await?;
        }
        let after: TrailCoverageView = app.client().get(TRAIL_COVERAGE).await?.ok()?;
        assert_eq!(after.unread, 0, "{after:?}");
        let (from, to) = (after.from.context("a beginning")?, after.to.context("an end")?);
        assert!(from < to);
        assert!(after.places.iter().all(|place| place.account.as_deref() == Some("Demo") && place.status == "ok"), "{after:?}");
        let page: Page<TrailEventView> = app.client().get(&format!("{TRAIL_EVENTS}?changes=true")).await?.ok()?;
        assert!(!page.items.is_empty() && page.items.iter().all(|event| (from..=to).contains(&event.at)));
        Ok(())
    }
}
