//! The exports of lists: the same rows as all pages of the list, for whoever asks and with its filters; what is refused, by name.

use anyhow::{Context as _, Result};
use contract::paths::{
    ACCOUNTS, API_KEYS, AUDIT_LOG, BUDGETS, COSTS_GROUPS, COSTS_RECONCILIATION, COSTS_WORKSPACES, EXPORT_ACCOUNTS,
    EXPORT_API_KEYS, EXPORT_BUDGETS, EXPORT_COST_GROUPS, EXPORT_INVITATIONS, EXPORT_JOB_ITEMS, EXPORT_RECONCILIATION,
    EXPORT_RECONCILIATION_ACCOUNTS, EXPORT_REPORT_RUNS, EXPORT_REPORTS, EXPORT_REQUESTS, EXPORT_ROLES,
    EXPORT_SCHEDULES, EXPORT_TEAMS, EXPORT_USAGE_GROUPS, EXPORT_USAGE_RANKING, EXPORT_USAGE_UNUSED,
    EXPORT_WORKSPACE_COSTS, EXPORT_WORKSPACE_TIMELINE, INVITATIONS, JOB, JOBS, REPORT_RUNS, REPORTS, REQUESTS, ROLES,
    SCHEDULES, TEAMS, USAGE_GROUPS, USAGE_RANKING, USAGE_UNUSED, WORKSPACE_TIMELINE, with_id,
};
use domain::access::{Reach, Role, Scope};
use serde_json::{Value, json};
use testkit::app::TestAppOptions;
use testkit::app_test;
use testkit::client::ApiClient;
use uuid::Uuid;

use super::rows;
use crate::{api_costs, api_timeline, api_usage};

/// What stands somewhere, whatever it is there: amounts are texts in lists and numbers in files.
fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The rows of all pages of a list.
async fn listed(client: &ApiClient, path: &str) -> Result<Vec<Value>> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Value = client.get(&format!("{path}{cursor}")).await?.ok()?;
        rows.extend(page["items"].as_array().with_context(|| format!("{path} is no list"))?.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(rows),
        }
    }
}

/// Holds a file against its list: the same rows in the same order, by what both call these: where it stands in a row of the list,
/// and the file's column. Gives how many rows there are.
async fn same(client: &ApiClient, list: &str, export: &str, names: &[(&str, &str)]) -> Result<usize> {
    let list = listed(client, list).await?;
    let file = rows(client, export).await?;
    for (_, column) in names {
        assert!(file.iter().all(|row| row.get(column).is_some()), "{export} has no {column}: {file:?}");
    }
    let of_list = |row: &Value| names.iter().map(|(at, _)| words(row.pointer(at))).collect::<Vec<_>>();
    let of_file = |row: &Value| names.iter().map(|(_, column)| words(row.get(column))).collect::<Vec<_>>();
    let (list, file): (Vec<_>, Vec<_>) = (list.iter().map(of_list).collect(), file.iter().map(of_file).collect());
    assert_eq!(file, list, "{export}");
    Ok(list.len())
}

const GROUP: &[(&str, &str)] =
    &[("/key", "key"), ("/amount/amount", "amount"), ("/amount/currency", "currency"), ("/estimated", "estimated")];
const WORKSPACE_COST: &[(&str, &str)] = &[
    ("/id", "id"),
    ("/aws_id", "aws_id"),
    ("/user_name", "user_name"),
    ("/account", "account"),
    ("/running_mode", "running_mode"),
    ("/hours", "hours"),
    ("/hours_known", "hours_known"),
    ("/total/currency", "currency"),
    ("/not_reckoned", "not_reckoned"),
];
const BUDGET: &[(&str, &str)] = &[
    ("/id", "id"),
    ("/name", "name"),
    ("/reach", "reach"),
    ("/account_id", "account_id"),
    ("/account", "account"),
    ("/amount/amount", "amount"),
    ("/thresholds", "thresholds"),
    ("/month", "month"),
    ("/spent/amount", "spent"),
    ("/updated_at", "updated_at"),
];

app_test! {
    async fn costs_are_taken_along_as_they_are_listed(app: api_costs::may()) {
        let account = api_costs::begin(app).await?;
        let client = app.client();
        let days = "from=2026-05-01&to=2026-05-11";
        for (by, count) in [("usage_type", 9), ("region", 2), ("team", 2)] {
            let (list, file) = (format!("{COSTS_GROUPS}?limit=4&{days}&by={by}"), format!("{EXPORT_COST_GROUPS}?format=json&{days}&by={by}"));
            assert_eq!(same(client, &list, &file, GROUP).await?, count, "{by}");
        }
        let (list, file) = (format!("{COSTS_WORKSPACES}?limit=7&month=2026-05&sort=-aws_id"), format!("{EXPORT_WORKSPACE_COSTS}?format=json&month=2026-05&sort=-aws_id"));
        assert!(same(client, &list, &file, WORKSPACE_COST).await? > 7);

        for body in [
            json!({ "name": "Desktops", "reach": "everything", "amount": "500", "currency": "USD", "thresholds": [50, 80] }),
            json!({ "name": "One", "reach": "account", "account_id": account.id, "amount": "10.5", "currency": "USD", "thresholds": [100] }),
        ] {
            client.post(BUDGETS, &body).await?.ok::<Value>()?;
        }
        let (list, file) = (format!("{BUDGETS}?limit=1"), format!("{EXPORT_BUDGETS}?format=json"));
        assert_eq!(same(client, &list, &file, BUDGET).await?, 2);

        // Each line of the comparison, once for each reason of its difference, to the last digit.
        let of_month = format!("account={}&month=2026-04", account.id);
        let compared: Value = client.get(&format!("{COSTS_RECONCILIATION}?{of_month}")).await?.ok()?;
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let columns = "reason,region,usage_type,amount,currency,billed,estimated,unit,billed_quantity,estimated_quantity,billed_price,list_price";
        let mut lines = vec![columns.to_owned()];
        for line in list(&compared, "currencies").iter().flat_map(|one| list(one, "lines")) {
            let mut reasons = list(&line, "reasons");
            if reasons.is_empty() {
                reasons.push(json!({ "reason": "", "amount": line["difference"] }));
            }
            for reason in reasons {
                let cells = [
                    &reason["reason"],
                    &line["region"],
                    &line["usage_type"],
                    &reason["amount"]["amount"],
                    &reason["amount"]["currency"],
                    &line["billed"]["amount"],
                    &line["estimated"]["amount"],
                    &line["unit"],
                    &line["billed_quantity"],
                    &line["estimated_quantity"],
                    &line["billed_price"]["amount"],
                    &line["list_price"]["amount"],
                ];
                lines.push(cells.map(|cell| words(Some(cell))).join(","));
            }
        }
        let file = client.get(&format!("{EXPORT_RECONCILIATION}?{of_month}")).await?.text();
        assert_eq!(file.lines().collect::<Vec<_>>(), lines);
        assert!(lines.len() > 9, "each usage type differs: {lines:?}");

        // Who sees one account sees its budget alone; who sees a region sees no costs, since a bill is of a whole account.
        let mine = Scope::only(Reach::Account { account_id: account.id });
        let within = app.create_user_with("within@example.com", &[(Role::Viewer, mine)]).await?;
        assert_eq!(same(&within, &format!("{BUDGETS}?limit=1"), &format!("{EXPORT_BUDGETS}?format=json"), BUDGET).await?, 1);
        let region = Scope::only(Reach::Region { region: "us-east-1".parse()? });
        let part = app.create_user_with("part@example.com", &[(Role::Viewer, region)]).await?;
        for path in [format!("{EXPORT_COST_GROUPS}?format=json&{days}"), format!("{EXPORT_WORKSPACE_COSTS}?format=json&month=2026-05")] {
            assert!(rows(&part, &path).await?.is_empty(), "{path}");
        }
        part.get(&format!("{EXPORT_RECONCILIATION}?{of_month}")).await?.refused(404, "not_found")?;
        Ok(())
    }
}

const RANKED: &[(&str, &str)] = &[
    ("/workspace/id", "id"),
    ("/workspace/user_name", "user_name"),
    ("/workspace/region", "region"),
    ("/workspace/bundle", "bundle"),
    ("/workspace/last_connected_at", "last_connected_at"),
    ("/totals/connected_minutes", "connected_minutes"),
    ("/totals/billed_hours", "billed_hours"),
    ("/totals/sessions", "sessions"),
    ("/totals/days", "days"),
];
const USED: &[(&str, &str)] = &[
    ("/key", "key"),
    ("/label", "label"),
    ("/totals/workspaces", "workspaces"),
    ("/totals/connected_minutes", "connected_minutes"),
    ("/totals/days", "days"),
];
const UNUSED: &[(&str, &str)] = &[
    ("/id", "id"),
    ("/aws_id", "aws_id"),
    ("/user_name", "user_name"),
    ("/account_name", "account_name"),
    ("/region", "region"),
    ("/bundle", "bundle"),
    ("/running_mode", "running_mode"),
];

app_test! {
    async fn usage_is_taken_along_as_it_is_listed(app: api_usage::fleet()) {
        let all = api_usage::begin(app).await?;
        let week = api_usage::WEEK;
        let owner = app.client();
        let region = all[0].region.clone();
        let narrow = format!("{week}&order=least&region={region}");
        let ranking = async |client: &ApiClient, query: &str| {
            same(client, &format!("{USAGE_RANKING}?limit=7&{query}"), &format!("{EXPORT_USAGE_RANKING}?format=json&{query}"), RANKED).await
        };
        let unused = async |client: &ApiClient, query: &str| {
            same(client, &format!("{USAGE_UNUSED}?limit=7&{query}"), &format!("{EXPORT_USAGE_UNUSED}?format=json&{query}"), UNUSED).await
        };
        assert_eq!((ranking(owner, week).await?, unused(owner, week).await?), (20, 20));
        let compared = [USED, &[("/previous/connected_minutes", "previous_connected_minutes")]].concat();
        for by in ["bundle", "region", "team"] {
            let (list, file) = (format!("{USAGE_GROUPS}?limit=2&{week}&by={by}"), format!("{EXPORT_USAGE_GROUPS}?format=json&{week}&by={by}"));
            assert!(same(owner, &list, &file, USED).await? > 0, "{by}");
            let (list, file) = (format!("{list}&compare=previous"), format!("{file}&compare=previous"));
            assert!(same(owner, &list, &file, &compared).await? > 0, "{by}");
            // An hour of each before; what was not asked for, or is not known, is nothing.
            for (file, known) in [(&file, true), (&format!("{file}&compare=year").replace("&compare=previous", ""), false)] {
                let rows = rows(owner, file).await?;
                let said = |column: &str| rows.iter().all(|row| row[column].is_number() == known);
                assert!(said("previous_connected_minutes") && said("connected_change_percent"), "{file}: {rows:?}");
            }
        }
        let least = ranking(owner, &narrow).await?;
        assert!((1..20).contains(&least), "{least}");

        let here = Scope::only(Reach::Region { region });
        let viewer = app.create_user_with("viewer@example.com", &[(Role::Viewer, here)]).await?;
        assert_eq!(ranking(&viewer, week).await?, least, "only what is theirs");
        assert!(unused(&viewer, week).await? < 20);
        let member = app.create_user_named(&format!("{}@example.com", all[6].user_name), Role::Member).await?;
        assert_eq!((ranking(&member, week).await?, unused(&member, week).await?), (1, 0));
        member.get(&format!("{EXPORT_USAGE_GROUPS}?{week}&by=team")).await?.refused(403, "forbidden")?;
        Ok(())
    }
}

const HAPPENED: &[(&str, &str)] = &[
    ("/id", "id"),
    ("/at", "at"),
    ("/kind", "kind"),
    ("/what", "what"),
    ("/before", "before"),
    ("/after", "after"),
    ("/who", "who"),
    ("/outcome", "outcome"),
    ("/reason", "reason"),
    ("/job_id", "job_id"),
    ("/audit_seq", "audit_seq"),
    ("/trail_event_id", "trail_event_id"),
];

app_test! {
    async fn a_timeline_and_the_items_of_a_job_are_taken_along(app: TestAppOptions { transition_seconds: Some(1), ..api_timeline::fleet() }) {
        let (one, job) = api_timeline::stopped(app).await?;
        app.wait_for_state(one.id, "STOPPED").await?;
        let (list, file) = (with_id(WORKSPACE_TIMELINE, one.id), with_id(EXPORT_WORKSPACE_TIMELINE, one.id));
        let owner = app.client();
        let timeline = async |client: &ApiClient, query: &str| {
            same(client, &format!("{list}?limit=3&{query}"), &format!("{file}?format=json&{query}"), HAPPENED).await
        };
        let all = timeline(owner, "").await?;
        assert_eq!(timeline(owner, "kind=aws").await?, 7);
        assert!(all > 8, "states, what was asked for, seven calls: {all}");
        let viewer = app.create_user(Role::Viewer).await?;
        assert_eq!(timeline(&viewer, "kind=aws").await?, 0, "events of AWS are for who may read them");
        assert!(timeline(&viewer, "").await? < all);

        let detail: Value = owner.get(&with_id(JOB, &job)).await?.ok()?;
        let items = detail["result"]["items"].as_array().context("an action has items")?;
        let exported = rows(owner, &format!("{}?format=json", with_id(EXPORT_JOB_ITEMS, &job))).await?;
        let mut with_users = items.clone();
        with_users.iter_mut().for_each(|item| item["user_name"] = Value::from(one.user_name.as_str()));
        assert_eq!((items.len(), &exported), (1, &with_users));
        // A job of another kind has none.
        let jobs: Value = owner.get(&format!("{JOBS}?kind=sync-workspaces&limit=1")).await?.ok()?;
        let sync = jobs["items"][0]["id"].as_str().context("a sync")?;
        let file = owner.get(&with_id(EXPORT_JOB_ITEMS, sync)).await?;
        assert_eq!((file.status.as_u16(), file.text().as_str()), (200, "id,aws_id,ok,code,message,user_name\r\n"));

        // Another's desktop and job are not there.
        let member = app.create_user_named("somebody.else@example.com", Role::Member).await?;
        member.get(&with_id(EXPORT_WORKSPACE_TIMELINE, one.id)).await?.refused(404, "not_found")?;
        member.get(&with_id(EXPORT_JOB_ITEMS, &job)).await?.refused(403, "forbidden")?;
        let elsewhere = Scope::only(Reach::Region { region: "ap-south-1".parse()? });
        let elsewhere = app.create_user_with("elsewhere@example.com", &[(Role::Viewer, elsewhere)]).await?;
        elsewhere.get(&with_id(EXPORT_JOB_ITEMS, &job)).await?.refused(404, "not_found")?;
        Ok(())
    }
}

fn report() -> Value {
    json!({
        "name": "The fleet", "template": "inventory", "span": "yesterday", "format": "csv", "frequency": "daily", "zone": "UTC",
        "hour": 6, "day": 1, "keep_runs": 3, "enabled": false,
    })
}

fn bare() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

app_test! {
    async fn what_the_administration_lists_is_taken_along(app: bare()) {
        app.create_owner().await?;
        app.leave_open_jobs();
        let owner = app.client();
        for name in ["Demo", "Other"] {
            app.connect_named(name).await?;
        }
        for n in 0..4 {
            owner.post(TEAMS, &json!({ "name": format!("Team {n}"), "description": "who runs it" })).await?.ok::<Value>()?;
            let grants = json!([{ "role": "viewer", "reach": "everything" }]);
            owner.post(INVITATIONS, &json!({ "email": format!("new{n}@example.com"), "grants": grants })).await?.ok::<Value>()?;
        }
        owner.post(ROLES, &json!({ "name": "Night watch", "permissions": ["workspace:read", "job:read"] })).await?.ok::<Value>()?;

        let stamps = [("/id", "id"), ("/created_at", "created_at")];
        let with = |more: &[(&'static str, &'static str)]| [&stamps[..], more].concat();
        for (list, file, names, count) in [
            (format!("{ACCOUNTS}?limit=1"), EXPORT_ACCOUNTS, with(&[("/name", "name"), ("/credentials", "credentials"), ("/workspaces", "workspaces"), ("/endpoint_url", "endpoint_url")]), 2),
            (format!("{TEAMS}?limit=3"), EXPORT_TEAMS, with(&[("/name", "name"), ("/description", "description"), ("/member_count", "member_count")]), 4),
            (format!("{INVITATIONS}?limit=3"), EXPORT_INVITATIONS, with(&[("/email", "email"), ("/state", "state"), ("/expires_at", "expires_at"), ("/invited_by_email", "invited_by_email")]), 4),
            (ROLES.to_owned(), EXPORT_ROLES, with(&[("/name", "name"), ("/built_in", "built_in"), ("/description", "description"), ("/holders", "holders")]), Role::ALL.len() + 1),
        ] {
            assert_eq!(same(owner, &list, &format!("{file}?format=json"), &names).await?, count, "{file}");
        }
        let schedule = [("/name", "name"), ("/period_secs", "period_secs"), ("/paused", "paused"), ("/places", "places")];
        assert!(same(owner, SCHEDULES, &format!("{EXPORT_SCHEDULES}?format=json"), &schedule).await? > 5);
        let roles = rows(owner, &format!("{EXPORT_ROLES}?format=json")).await?;
        let watch = roles.iter().find(|row| row["name"] == "Night watch").context("the one made")?;
        let mut may: Vec<_> = words(watch.get("permissions")).split("; ").map(str::to_owned).collect();
        may.sort();
        assert_eq!(may, ["job:read", "workspace:read"]);
        let narrowed = rows(owner, &format!("{EXPORT_TEAMS}?format=json&q=Team%203")).await?;
        assert_eq!(narrowed.iter().map(|row| words(row.get("name"))).collect::<Vec<_>>(), ["Team 3"]);
        assert!(rows(owner, &format!("{EXPORT_INVITATIONS}?format=json&state=revoked")).await?.is_empty());

        // Who may not see people is refused as on the page.
        let operator = app.create_user(Role::Operator).await?;
        for path in [EXPORT_TEAMS, EXPORT_ROLES, EXPORT_INVITATIONS] {
            operator.get(path).await?.refused(403, "forbidden")?;
        }
        Ok(())
    }
}

const KEY: &[(&str, &str)] =
    &[("/id", "id"), ("/owner", "owner"), ("/name", "name"), ("/prefix", "prefix"), ("/state", "state")];
const REQUEST: &[(&str, &str)] =
    &[("/id", "id"), ("/email", "email"), ("/kind", "kind"), ("/status", "status"), ("/note", "note")];
const REPORT: &[(&str, &str)] =
    &[("/id", "id"), ("/owner", "owner"), ("/name", "name"), ("/template", "template"), ("/hour", "hour")];
const RUN: &[(&str, &str)] =
    &[("/id", "id"), ("/report_id", "report_id"), ("/state", "state"), ("/by_hand", "by_hand"), ("/job_id", "job_id")];

app_test! {
    async fn what_is_one_s_own_is_taken_along_by_its_owner_alone(app: bare()) {
        app.create_owner().await?;
        app.leave_open_jobs();
        let owner = app.client();
        let (operator, member) = (app.create_user(Role::Operator).await?, app.create_user(Role::Member).await?);
        let mut secrets = Vec::new();
        for client in [owner, owner, owner, &operator] {
            let made: Value = client.post(API_KEYS, &json!({ "name": "deploy", "permissions": ["workspace:read"] })).await?.ok()?;
            secrets.push(words(made.get("secret")));
        }
        for (client, note) in [(owner, "one"), (&member, "two"), (&operator, "=three"), (owner, "four")] {
            client.post(REQUESTS, &json!({ "kind": "other", "note": note })).await?.ok::<Value>()?;
        }
        let mine: Value = owner.post(REPORTS, &report()).await?.ok()?;
        operator.post(REPORTS, &report()).await?.ok::<Value>()?;
        for (list, file, names, all, own) in [
            (API_KEYS, EXPORT_API_KEYS, KEY, 4, 1),
            // Who may do all that a report needs sees everybody's.
            (REPORTS, EXPORT_REPORTS, REPORT, 2, 2),
        ] {
            let (list, file) = (format!("{list}?limit=1"), format!("{file}?format=json"));
            assert_eq!((same(owner, &list, &file, names).await?, same(&operator, &list, &file, names).await?), (all, own), "{file}");
        }
        let (list, file) = (format!("{REQUESTS}?limit=1"), format!("{EXPORT_REQUESTS}?format=json"));
        assert_eq!((same(owner, &list, &file, REQUEST).await?, same(&member, &list, &file, REQUEST).await?), (4, 1));
        assert_eq!(same(owner, &format!("{list}&own=true"), &format!("{file}&own=true"), REQUEST).await?, 2);

        let mine = words(mine.get("id"));
        for _ in 0..2 {
            owner.post_empty(&with_id(REPORT_RUNS, &mine)).await?.ok::<Value>()?;
        }
        let (list, file) = (with_id(REPORT_RUNS, &mine), with_id(EXPORT_REPORT_RUNS, &mine));
        assert_eq!(same(owner, &format!("{list}?limit=1"), &format!("{file}?format=json"), RUN).await?, 2);
        member.get(&file).await?.refused(403, "forbidden")?;
        member.get(EXPORT_REPORTS).await?.refused(403, "forbidden")?;

        let keys = owner.get(&format!("{EXPORT_API_KEYS}?format=jsonl")).await?.text();
        assert!(secrets.iter().all(|secret| !secret.is_empty() && !keys.contains(secret.as_str())), "a secret is in the file");
        Ok(())
    }
}

app_test! {
    async fn what_lists_refuse_their_exports_refuse_by_name(app: bare()) {
        app.create_owner().await?;
        let (client, nobody) = (app.client(), Uuid::nil());
        let of_nobody = [EXPORT_JOB_ITEMS, EXPORT_WORKSPACE_TIMELINE, EXPORT_REPORT_RUNS].map(|path| with_id(path, nobody));
        let plain = [
            EXPORT_COST_GROUPS, EXPORT_WORKSPACE_COSTS, EXPORT_RECONCILIATION, EXPORT_BUDGETS, EXPORT_USAGE_GROUPS, EXPORT_USAGE_RANKING,
            EXPORT_USAGE_UNUSED, EXPORT_SCHEDULES, EXPORT_REQUESTS, EXPORT_ACCOUNTS, EXPORT_TEAMS, EXPORT_ROLES,
            EXPORT_INVITATIONS, EXPORT_API_KEYS, EXPORT_REPORTS, EXPORT_RECONCILIATION_ACCOUNTS,
        ];
        let formats = plain.iter().map(|path| (*path).to_owned()).chain(of_nobody.clone());
        let formats = formats.map(|path| (format!("{path}?format=pdf"), "format"));
        let named = [
            (format!("{EXPORT_COST_GROUPS}?by=shoe"), "by"),
            (format!("{EXPORT_WORKSPACE_COSTS}?sort=price"), "sort"),
            (format!("{EXPORT_WORKSPACE_COSTS}?month=2999-01"), "month"),
            (EXPORT_RECONCILIATION.to_owned(), "account"),
            (format!("{EXPORT_USAGE_GROUPS}?by=shoe"), "by"),
            (format!("{EXPORT_USAGE_GROUPS}?compare=all"), "compare"),
            (format!("{EXPORT_USAGE_RANKING}?order=up"), "order"),
            (format!("{EXPORT_USAGE_UNUSED}?from=soon"), "from"),
            (format!("{EXPORT_REQUESTS}?status=lost"), "status"),
            (format!("{EXPORT_INVITATIONS}?state=lost"), "state"),
            (format!("{EXPORT_API_KEYS}?sort=age"), "sort"),
            (format!("{}?kind=moon", of_nobody[1]), "kind"),
            (format!("{EXPORT_ROLES}?q=x"), "q"),
            (format!("{EXPORT_BUDGETS}?limit=5"), "limit"),
            (format!("{EXPORT_TEAMS}?cursor=x"), "cursor"),
        ];
        for (path, field) in formats.chain(named) {
            let problem = client.get(&path).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, field, "{path}");
        }
        for path in of_nobody.into_iter().chain([format!("{EXPORT_RECONCILIATION}?account={nobody}")]) {
            client.get(&path).await?.refused(404, "not_found")?;
        }
        // Nothing was taken along, and the log does not say that anything was.
        let log: Value = client.get(&format!("{AUDIT_LOG}?action=job-item.export,timeline.export,report-run.export,reconciliation.export")).await?.ok()?;
        assert_eq!(log["total"], 0, "{log}");
        client.get(EXPORT_TEAMS).await?;
        let log: Value = client.get(&format!("{AUDIT_LOG}?action=team.export")).await?.ok()?;
        assert_eq!((&log["total"], &log["items"][0]["object_id"]), (&json!(1), &json!("csv")));
        Ok(())
    }
}
