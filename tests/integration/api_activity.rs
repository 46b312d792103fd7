//! Both records in one list over HTTP: the order, pages, who is shown what of which record, what our own log says of the look, the file.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use contract::activity::{ActivityItemView, ActivityView};
use contract::api_keys::MadeApiKeyView;
use contract::audit::{AuditEntryDetailView, AuditEntryView};
use contract::page::Page;
use contract::paths::{
    ACTIVITY, API_KEYS, AUDIT_ENTRY, AUDIT_LOG, EXPORT_ACTIVITY, TEAMS, TRAIL_EVENTS, WORKSPACE, with_id,
};
use contract::trail::TrailEventView;
use contract::workspaces::WorkspaceView;
use domain::access::{Actor, Permission, Reach, Role, Scope};
use domain::activity::ActivitySource;
use domain::audit::{Entry, is_change};
use domain::ids::{Region, TrailEventId};
use serde_json::{Value, json};
use store::repo::trail::{TrailEventRow, trail_append};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use uuid::Uuid;

use crate::support::{whole_list, workspaces};

const REGIONS: [&str; 2] = ["eu-central-1", "us-east-1"];

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 12, seed: 5, ..TestAppOptions::default() }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// AWS tells that these WorkSpaces were stopped.
fn stop(event_id: &str, at: DateTime<Utc>, about: &[&str]) -> TrailEventRow {
    TrailEventRow {
        event_id: event_id.to_owned(),
        at,
        name: "StopWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: "Admin/person@example.com".to_owned(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: None,
        error_message: None,
        detail: json!({}),
        workspaces: about.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// Somebody looks at a WorkSpace of each region and makes teams; AWS tells of ten calls about each, two of them of the very moment of
/// an entry of our own log, one that was refused and one that was a look. Gives the WorkSpaces, and the moment when all of that was over.
async fn happened(app: &TestApp) -> Result<(Vec<WorkspaceView>, String)> {
    app.create_owner().await?;
    let account = app.connect_simulated_and_sync().await?;
    let client = app.client();
    let all = workspaces(client, "").await?;
    let mut about = Vec::new();
    for region in REGIONS {
        let one = all.iter().find(|one| one.region.as_str() == region).context("a WorkSpace there")?;
        client.get(&with_id(WORKSPACE, one.id)).await?.ok::<Value>()?;
        about.push(one.clone());
    }
    for name in ["Night shift", "Day shift"] {
        client.post(TEAMS, &json!({ "name": name })).await?.ok::<Value>()?;
    }
    let log: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?action=team.create")).await?.ok()?;
    let moments: Vec<_> = log.items.iter().map(|entry| entry.at).collect();
    let now = app.context().env.now();
    for one in &about {
        let event = |number: usize| {
            // Two in each moment, the first two together with what was done here.
            let before = || now - TimeDelta::minutes(i64::try_from(number / 2).unwrap_or(0));
            let at = moments.get(number).copied().unwrap_or_else(before);
            TrailEventRow {
                actor: if number == 4 { String::new() } else { "Admin/person@example.com".to_owned() },
                error_code: (number == 3).then(|| "AccessDenied".to_owned()),
                error_message: (number == 3).then(|| "not allowed".to_owned()),
                read_only: Some(number == 5),
                ..stop(&format!("event-{number}"), at, &[one.aws_id.as_str()])
            }
        };
        let events: Vec<_> = (0..10).map(event).collect();
        trail_append(&app.context().db, account.id, &one.region, &events).await?;
    }
    Ok((about, text(app.context().env.now())))
}

/// All of it up to that moment, by pages of that length. What is noted of the look comes later.
async fn activity(client: &ApiClient, limit: usize, query: &str) -> Result<Vec<ActivityItemView>> {
    Ok(whole_list(client, ACTIVITY, &format!("limit={limit}&{query}")).await?.0)
}

fn entries(items: &[ActivityItemView]) -> BTreeSet<i64> {
    items.iter().filter_map(|item| item.audit_seq).collect()
}

fn calls(items: &[ActivityItemView]) -> BTreeSet<TrailEventId> {
    items.iter().filter_map(|item| item.trail_event_id).collect()
}

async fn log_of(client: &ApiClient, query: &str) -> Result<Vec<AuditEntryView>> {
    Ok(whole_list(client, AUDIT_LOG, &format!("limit=200&{query}")).await?.0)
}

async fn trail_of(client: &ApiClient, query: &str) -> Result<Vec<TrailEventView>> {
    Ok(whole_list(client, TRAIL_EVENTS, &format!("limit=200&{query}")).await?.0)
}

/// Holds the list against the two lists that it is made of.
async fn is_both(client: &ApiClient, query: &str, log: &str) -> Result<Vec<ActivityItemView>> {
    let all = activity(client, 200, query).await?;
    let of_log: BTreeSet<_> = log_of(client, log).await?.iter().map(|entry| entry.seq).collect();
    let of_aws: BTreeSet<_> = trail_of(client, query).await?.iter().map(|event| event.id).collect();
    assert_eq!((entries(&all), calls(&all)), (of_log, of_aws), "{query}");
    assert_eq!(all.iter().map(|item| &item.id).collect::<BTreeSet<_>>().len(), all.len(), "each once: {query}");
    assert!(
        all.windows(2).all(|two| (Reverse(two[0].at), two[0].source) <= (Reverse(two[1].at), two[1].source)),
        "{query}"
    );
    for limit in [3, 7] {
        assert_eq!(activity(client, limit, query).await?, all, "{query} by {limit}");
    }
    Ok(all)
}

app_test! {
    async fn both_records_stand_in_one_order(app: fleet()) {
        let (about, end) = happened(app).await?;
        let client = app.client();
        let all = is_both(client, &format!("to={end}"), &format!("to={end}")).await?;
        assert_eq!(calls(&all).len(), 20);
        let ties = all.windows(2).filter(|two| two[0].at == two[1].at && two[0].source != two[1].source).count();
        assert!(ties >= 2, "what happened in the same moment stands side by side: {all:?}");
        let team = all.iter().find(|item| item.what == "team.create").context("a team was made")?;
        assert_eq!((team.source, team.who.as_deref(), team.outcome.as_str()), (ActivitySource::Wheelhouse, Some(OWNER_EMAIL), "done"));
        assert_eq!((team.object_kind.as_deref(), team.actor_kind.as_deref()), (Some("team"), Some("user")));
        let refused = all.iter().find(|item| item.outcome == "refused").context("one was refused")?;
        assert_eq!((refused.what.as_str(), refused.reason.as_deref()), ("StopWorkspaces", Some("not allowed")));
        assert_eq!(refused.who.as_deref(), Some("Admin/person@example.com"));
        let named = about.iter().find(|one| Some(one.id.to_string()) == refused.object_id).context("about one of them")?;
        assert_eq!((refused.object_name.as_deref(), refused.others), (Some(named.user_name.as_str()), 0));
        assert!(all.iter().any(|item| item.source == ActivitySource::Aws && item.who.is_none()), "CloudTrail may not say who");

        let one = about[0].id;
        let (query, log) = (format!("workspace={one}&to={end}"), format!("object_kind=workspace&object_id={one}&to={end}"));
        let of_one = is_both(client, &query, &log).await?;
        assert!(of_one.iter().any(|item| item.what == "workspace.read") && calls(&of_one).len() == 10, "{of_one:?}");
        assert!(of_one.iter().all(|item| item.object_id == Some(one.to_string())));
        let (from, to) = (text(team.at), &end);
        is_both(client, &format!("from={from}&to={to}"), &format!("from={from}&to={to}")).await?;
        assert!(activity(client, 5, &format!("workspace={}&to={end}", Uuid::nil())).await?.is_empty());

        // The look is noted as one at each record, with what it was narrowed to.
        for (action, field) in [("audit.list", "object_id"), ("trail.list", "workspace")] {
            client.get(&format!("{ACTIVITY}?workspace={}&limit=1", about[1].id)).await?.ok::<ActivityView>()?;
            let newest: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?action={action}&limit=1")).await?.ok()?;
            let entry: AuditEntryDetailView = client.get(&with_id(AUDIT_ENTRY, newest.items[0].seq)).await?.ok()?;
            assert_eq!(entry.entry.actor_name.as_deref(), Some(OWNER_EMAIL), "{action}");
            assert_eq!(entry.after.context("what it was narrowed to")?[field], json!(about[1].id), "{action}");
        }
        Ok(())
    }
}

app_test! {
    async fn it_is_narrowed_to_one_record_to_how_things_ended_and_to_changes(app: fleet()) {
        happened(app).await?;
        // What was allowed and did not work: only our own log tells of such.
        let (client, ctx) = (app.client(), app.context());
        let entry = Entry::new("workspace.stop", Permission::WorkspaceStop).on("workspace", Uuid::nil());
        let tx = ctx.db.begin().await?;
        services::audit::record(&tx, ctx, &Actor::system(), entry.failed("no way to AWS")).await?;
        tx.commit().await?;
        let to = format!("to={}", text(ctx.env.now()));
        let all = activity(client, 200, &to).await?;
        let written: BTreeSet<_> = trail_of(client, &format!("changes=true&{to}")).await?.iter().map(|event| event.id).collect();
        assert_eq!(written.len(), 18, "one of each ten was a look");
        let changed = |item: &ActivityItemView| match item.trail_event_id {
            Some(id) => written.contains(&id),
            None => is_change(&item.what),
        };
        let keep = |fits: &dyn Fn(&ActivityItemView) -> bool| -> Vec<ActivityItemView> {
            all.iter().filter(|item| fits(item)).cloned().collect()
        };
        let cases = [
            ("source=aws", keep(&|item| item.source == ActivitySource::Aws)),
            ("source=wheelhouse", keep(&|item| item.source == ActivitySource::Wheelhouse)),
            ("outcome=done", keep(&|item| item.outcome == "done")),
            ("outcome=refused", keep(&|item| item.outcome == "refused")),
            ("outcome=failed", keep(&|item| item.outcome == "failed")),
            ("changes=true", keep(&changed)),
            ("source=wheelhouse&changes=true", keep(&|item| item.audit_seq.is_some() && changed(item))),
        ];
        for (query, expected) in cases {
            assert!(!expected.is_empty() && expected.len() < all.len(), "{query} narrows to some");
            for limit in [3, 200] {
                assert_eq!(activity(client, limit, &format!("{query}&{to}")).await?, expected, "{query} by {limit}");
            }
            let file = client.get(&format!("{EXPORT_ACTIVITY}?format=jsonl&{query}&{to}")).await?.text();
            let rows: Vec<Value> = file.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
            let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap_or_default()).collect();
            assert_eq!(ids, expected.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), "the file of {query}");
        }
        let named = |what: &str| all.iter().any(|item| item.what == what);
        assert!(named("workspace.read") && named("team.create"));
        let changes = activity(client, 200, &format!("changes=true&{to}")).await?;
        assert!(!changes.iter().any(|item| item.what == "workspace.read") && changes.iter().any(|item| item.what == "team.create"));
        let told = async |query: &str| -> Result<Vec<(String, Option<String>)>> {
            let found = activity(client, 200, &format!("{query}&{to}")).await?;
            Ok(found.into_iter().map(|item| (item.what, item.reason)).collect())
        };
        let of = |what: &str, why: &str| (what.to_owned(), Some(why.to_owned()));
        for query in ["outcome=failed", "source=wheelhouse&outcome=failed"] {
            assert_eq!(told(query).await?, [of("workspace.stop", "no way to AWS")], "{query}");
        }
        // AWS does not tell of what failed: its errors are told as what it refused.
        assert_eq!(told("source=aws&outcome=refused").await?, vec![of("StopWorkspaces", "not allowed"); 2]);
        let failed: ActivityView = client.get(&format!("{ACTIVITY}?source=aws&outcome=failed&{to}")).await?.ok()?;
        assert!(failed.items.is_empty() && failed.total == Some(0) && failed.left_out.is_empty());
        Ok(())
    }
}

app_test! {
    async fn of_several_workspaces_it_names_the_one_that_was_asked_for(app: fleet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let client = app.client();
        let all = workspaces(client, "").await?;
        let one = all.first().context("a WorkSpace")?;
        let beside = all.iter().find(|other| other.region == one.region && other.id != one.id).context("another there")?;
        let now = app.context().env.now();
        // Whatever the order of their ids, one of those that nobody knows is likely to be the first.
        let unknown: Vec<_> = (0..9).map(|number| format!("ws-unknown{number}")).collect();
        let mut some = vec![one.aws_id.as_str()];
        some.extend(unknown.iter().map(String::as_str));
        let events = [
            stop("event-of-two", now - TimeDelta::minutes(1), &[one.aws_id.as_str(), beside.aws_id.as_str()]),
            stop("event-of-one", now - TimeDelta::minutes(2), &some),
        ];
        trail_append(&app.context().db, one.account_id, &one.region, &events).await?;

        let stopped = async |query: &str| -> Result<Vec<ActivityItemView>> {
            let found = activity(client, 200, &format!("{query}to={}", text(now))).await?;
            Ok(found.into_iter().filter(|item| item.what == "StopWorkspaces").collect())
        };
        for (asked, others) in [(one, vec![1, 9]), (beside, vec![1])] {
            let found = stopped(&format!("workspace={}&", asked.id)).await?;
            assert_eq!(found.iter().map(|item| item.others).collect::<Vec<_>>(), others, "{found:?}");
            for item in found {
                let named = (item.object_id, item.object_name.as_deref());
                assert_eq!(named, (Some(asked.id.to_string()), Some(asked.user_name.as_str())));
            }
        }
        // Where none was asked for it is one that is known.
        let found = stopped("").await?;
        let of_one = found.iter().find(|item| item.others == 9).context("the event of one")?;
        assert_eq!(of_one.object_id, Some(one.id.to_string()));
        assert_eq!(of_one.object_name.as_ref(), Some(&one.user_name));
        Ok(())
    }
}

app_test! {
    async fn who_may_see_a_part_sees_what_the_two_lists_show_them(app: fleet()) {
        let (about, end) = happened(app).await?;
        let region: Region = REGIONS[0].parse()?;
        let here = Scope::only(Reach::Region { region: region.clone() });
        let auditor = app.create_user_with("auditor@example.com", &[(Role::Auditor, here)]).await?;
        let query = format!("to={end}");
        let page: ActivityView = auditor.get(&format!("{ACTIVITY}?limit=200&{query}")).await?.ok()?;
        let left_out: Vec<_> = page.left_out.iter().map(|out| (out.source, out.needs)).collect();
        assert_eq!(left_out, [(ActivitySource::Wheelhouse, Permission::AuditRead)]);
        let own = trail_of(&auditor, &query).await?;
        assert!(own.len() == 10 && own.iter().all(|event| event.region == region));
        assert_eq!((entries(&page.items).len(), page.total), (0, Some(10)), "nothing of our own log, and it is not counted");
        assert_eq!(calls(&page.items), own.iter().map(|event| event.id).collect::<BTreeSet<_>>());
        auditor.get(AUDIT_LOG).await?.refused(403, "forbidden")?;
        assert_eq!(activity(&auditor, 3, &query).await?, page.items);
        assert!(activity(&auditor, 3, &format!("workspace={}&{query}", about[1].id)).await?.is_empty(), "it lies elsewhere");
        // What was not asked for is not left out.
        let aws: ActivityView = auditor.get(&format!("{ACTIVITY}?source=aws&{query}")).await?.ok()?;
        assert!(aws.left_out.is_empty() && aws.total == Some(10));
        let log: ActivityView = auditor.get(&format!("{ACTIVITY}?source=wheelhouse&{query}")).await?.ok()?;
        assert_eq!((log.left_out.len(), log.items.len(), log.total), (1, 0, Some(0)));
        let client = app.client();
        let noted = async |action: &str| -> Result<u64> {
            let found: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?action={action}&limit=200")).await?.ok()?;
            let theirs = found.items.iter().filter(|entry| entry.actor_name.as_deref() == Some("auditor@example.com"));
            Ok(theirs.count() as u64)
        };
        assert!(noted("trail.list").await? > 0);
        assert_eq!(noted("audit.list").await?, 0, "they did not see it");

        let everywhere = app.create_user(Role::Auditor).await?;
        let whole: ActivityView = everywhere.get(&format!("{ACTIVITY}?limit=200&{query}")).await?.ok()?;
        assert!(whole.left_out.is_empty() && !entries(&whole.items).is_empty());
        assert_eq!(calls(&whole.items).len(), 20);
        app.create_user(Role::Viewer).await?.get(ACTIVITY).await?.refused(403, "forbidden")?;
        Ok(())
    }
}

app_test! {
    async fn it_is_taken_along_as_far_as_both_records_may_be(app: fleet()) {
        let (_, end) = happened(app).await?;
        let client = app.client();
        let all = activity(client, 200, &format!("to={end}")).await?;
        let path = format!("{EXPORT_ACTIVITY}?format=jsonl&to={end}");
        let rows = |text: String| -> Result<Vec<Value>> { Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?) };
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        let file = rows(client.get(&path).await?.text())?;
        assert_eq!(ids(&file), all.iter().map(|item| item.id.clone()).collect::<Vec<_>>());
        for (row, item) in file.iter().zip(&all) {
            let said = (row["source"].as_str(), row["what"].as_str(), row["object_name"].as_str(), row["outcome"].as_str());
            let shown = (item.source.as_str(), item.what.as_str(), item.object_name.as_deref(), item.outcome.as_str());
            assert_eq!(said, (Some(shown.0), Some(shown.1), shown.2, Some(shown.3)), "{row}");
        }
        let newest: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?action=activity.export&limit=1")).await?.ok()?;
        assert_eq!((newest.total, newest.items[0].object_id.as_deref()), (1, Some("jsonl")));
        // By which permission, and whether our own log was in the file.
        let noted = async || -> Result<(u64, Option<String>, Value)> {
            let newest: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?action=activity.export&limit=1")).await?.ok()?;
            let entry: AuditEntryDetailView = client.get(&with_id(AUDIT_ENTRY, newest.items[0].seq)).await?.ok()?;
            Ok((newest.total, entry.entry.permission, entry.after.context("what it was narrowed to")?["log"].clone()))
        };
        assert_eq!(noted().await?, (1, Some("audit:export".to_owned()), json!(true)));

        // Who may read our own log but not take it along has AWS's events alone in the file.
        let key = json!({ "name": "reads", "permissions": ["audit:read"] });
        let made: MadeApiKeyView = client.post(API_KEYS, &key).await?.ok()?;
        let by_key = |path: String| Request::new(Method::GET, path).header("authorization", &format!("Bearer {}", made.secret));
        let nobody = client.stranger()?;
        let page: ActivityView = nobody.send(by_key(format!("{ACTIVITY}?limit=200&to={end}"))).await?.ok()?;
        assert!(page.left_out.is_empty() && !entries(&page.items).is_empty());
        // Where that leaves nothing at all, it is refused rather than empty.
        for of_ours in ["source=wheelhouse", "outcome=failed"] {
            let refused = nobody.send(by_key(format!("{EXPORT_ACTIVITY}?format=jsonl&{of_ours}"))).await?;
            assert_eq!(refused.status.as_u16(), 403, "{of_ours}");
        }
        let file = rows(nobody.send(by_key(path)).await?.text())?;
        assert!(file.len() == 20 && file.iter().all(|row| row["source"] == "aws"), "{file:?}");
        assert_eq!(noted().await?, (2, Some("audit:read".to_owned()), json!(false)));
        Ok(())
    }
}

app_test! {
    async fn what_can_t_be_is_named(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        for (query, field) in [
            ("workspace=7", "workspace"),
            ("source=azure", "source"),
            ("source=", "source"),
            ("outcome=perhaps", "outcome"),
            ("changes=yes", "changes"),
            ("count=perhaps", "count"),
            ("from=never", "from"),
            ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
            ("q=ana", "q"),
        ] {
            for path in [ACTIVITY, EXPORT_ACTIVITY] {
                let problem = client.get(&format!("{path}?{query}")).await?.refused(400, "invalid_query")?;
                assert_eq!(problem.errors[0].field, field, "{path}?{query}");
            }
        }
        for limit in ["0", "201"] {
            client.get(&format!("{ACTIVITY}?limit={limit}")).await?.refused(400, "invalid_query")?;
        }
        client.get(&format!("{ACTIVITY}?cursor=nonsense")).await?.refused(400, "bad_cursor")?;
        // The look is noted, so that there is more than one entry.
        client.get(ACTIVITY).await?.ok::<ActivityView>()?;
        let page: ActivityView = client.get(&format!("{ACTIVITY}?limit=1")).await?.ok()?;
        let cursor = page.next_cursor.context("more than one entry")?;
        client.get(&format!("{ACTIVITY}?limit=1&cursor={cursor}")).await?.ok::<ActivityView>()?;
        // All of it is counted unless that is not wanted, on any page.
        for (counted, told) in [("", true), ("&count=true", true), ("&count=false", false)] {
            for start in [String::new(), format!("&cursor={cursor}")] {
                let page: ActivityView = client.get(&format!("{ACTIVITY}?limit=1{counted}{start}")).await?.ok()?;
                assert_eq!((page.items.len(), page.total.is_some()), (1, told), "{counted}{start}");
            }
        }
        let stray = format!("{ACTIVITY}?cursor={cursor}&workspace={}", Uuid::nil());
        client.get(&stray).await?.refused(400, "bad_cursor")?;
        Ok(())
    }
}
