//! The exports of tables that are parts of a page and have no pages themselves: the same rows as there, for the same people.

use std::cmp::Reverse;

use anyhow::Context as _;
use contract::accounts::StartedJobsView;
use contract::paths::{
    ACCOUNTS, ASSISTANT_STATS, AUDIT_LOG, COSTS_WORKSPACES, EXPORT_ACCOUNT_REGIONS, EXPORT_ASSISTANT_LEVELS,
    EXPORT_JOB_ATTEMPTS, EXPORT_JOB_LOG, EXPORT_JOB_PROBLEMS, EXPORT_SETTINGS, EXPORT_USER_GRANTS,
    EXPORT_WORKSPACE_ADVICE, EXPORT_WORKSPACE_CHARGES, EXPORT_WORKSPACE_TAGS, JOB, SCHEDULE_RUN, SETTINGS, USER, USERS,
    WORKSPACE, WORKSPACE_ADVICE, WORKSPACES, with_id,
};
use domain::access::{Reach, Role, Scope};
use domain::assistant::Level;
use serde_json::{Value, json};
use store::repo::assistant::{LevelCount, assistant_level_add};
use testkit::app::TestAppOptions;
use testkit::app_test;
use uuid::Uuid;

use super::rows;
use crate::api_cost_estimates;

fn bare() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

app_test! {
    async fn settings_and_levels_are_taken_along_as_they_are_shown(app: bare()) {
        app.create_owner().await?;
        let owner = app.client();
        let page: Value = owner.get(SETTINGS).await?.ok()?;
        let all = page["settings"].as_array().context("settings")?;
        let settings = format!("{EXPORT_SETTINGS}?format=json");
        assert_eq!(&rows(owner, &settings).await?, all);
        let listen = rows(owner, &format!("{settings}&q=wheelhouse_SERVER__%20listen")).await?;
        assert!(listen.iter().any(|one| one["key"] == "server.listen") && listen.len() < all.len(), "{listen:?}");
        let chosen: Vec<_> = all.iter().filter(|one| one["layer"] != "default").cloned().collect();
        assert_eq!(rows(owner, &format!("{settings}&set=true")).await?, chosen);

        let (db, today) = (app.database().await?, app.context().env.now().date_naive());
        for (outcome, count) in [("answered", 3), ("sentence_refused", 2), ("busy", 1)] {
            let counted = LevelCount { level: Level::Remote, outcome: outcome.to_owned(), count };
            assistant_level_add(&db, today, &counted).await?;
        }
        let page: Value = owner.get(ASSISTANT_STATS).await?.ok()?;
        let levels = rows(owner, &format!("{EXPORT_ASSISTANT_LEVELS}?format=json&days=1")).await?;
        assert_eq!(page["levels"].as_array(), Some(&levels));
        let remote = levels.iter().find(|one| one["level"] == "remote").context("a level")?;
        assert_eq!((&remote["answers"], &remote["refused_sentences"]), (&json!(3), &json!(2)));
        assert_eq!(remote["failures"], json!([{ "reason": "busy", "count": 1 }]));

        // Each is in the log, and who may not see the page is refused.
        for (path, action) in [(EXPORT_SETTINGS, "setting.export"), (EXPORT_ASSISTANT_LEVELS, "assistant-level.export")] {
            let log = || async { owner.get(&format!("{AUDIT_LOG}?action={action}")).await?.ok::<Value>() };
            let before = log().await?["total"].as_u64().context("a total")?;
            owner.get(&format!("{path}?format=xlsx")).await?;
            let after = log().await?;
            assert_eq!((after["total"].as_u64(), &after["items"][0]["object_id"]), (Some(before + 1), &json!("xlsx")));
            let problem = owner.get(&format!("{path}?format=pdf")).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, "format", "{path}");
        }
        for path in [format!("{EXPORT_ASSISTANT_LEVELS}?days=0"), format!("{EXPORT_SETTINGS}?sort=key")] {
            owner.get(&path).await?.refused(400, "invalid_query")?;
        }
        let operator = app.create_user(Role::Operator).await?;
        for path in [EXPORT_SETTINGS, EXPORT_ASSISTANT_LEVELS] {
            operator.get(path).await?.refused(403, "forbidden")?;
        }
        Ok(())
    }
}

/// A text of an answer; nothing where there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

app_test! {
    async fn what_a_workspace_costs_and_should_be_is_taken_along(app: api_cost_estimates::may()) {
        let fleet = api_cost_estimates::begin(app).await?;
        let owner = app.client();
        let (mut charged, mut gone) = (0, 0);
        for which in ["", "&gone=true"] {
            let list: Value = owner.get(&format!("{COSTS_WORKSPACES}?month=2026-04&limit=10{which}")).await?.ok()?;
            for one in list["items"].as_array().context("a list")? {
                let mut lines = vec!["charge,usage_type,quantity,amount,currency".to_owned()];
                for charge in one["charges"].as_array().context("charges")? {
                    let (name, usage_type, quantity) = (&charge["charge"], &charge["usage_type"], &charge["quantity"]);
                    let (amount, currency) = (&charge["amount"]["amount"], &charge["amount"]["currency"]);
                    lines.push([name, usage_type, quantity, amount, currency].map(text).join(","));
                }
                charged += lines.len() - 1;
                gone += usize::from(text(&one["id"]) == fleet.all[0].id.to_string());
                let file = format!("{}?month=2026-04", with_id(EXPORT_WORKSPACE_CHARGES, text(&one["id"])));
                assert_eq!(owner.get(&file).await?.text().lines().collect::<Vec<_>>(), lines, "{file}");
            }
        }
        assert!(charged > 0 && gone == 1, "{charged} charges, {gone} of the one that is gone");

        let mut compared = 0;
        for id in &fleet.active {
            let found: Value = owner.get(&with_id(WORKSPACE_ADVICE, id)).await?.ok()?;
            let (month, saving) = (&found["compared"], &found["saving"]["amount"]);
            let mut lines = vec!["month,running_mode,current,amount,currency,hours,unused,advice,saving".to_owned()];
            if month.is_object() {
                compared += 1;
                for (mode, stops, money) in [("AUTO_STOP", true, "auto_stop"), ("ALWAYS_ON", false, "always_on")] {
                    let (current, amount) = (month["stops"] == stops, &month[money]);
                    let amount = [&amount["amount"], &amount["currency"]].map(text).join(",");
                    let (of, hours, unused) = (text(&found["month"]), &month["hours"], &month["unused"]);
                    let none = Value::Null;
                    let (advice, saving) = if current { (&found["advice"], saving) } else { (&none, &none) };
                    let advice = [advice, saving].map(text).join(",");
                    lines.push(format!("{of},{mode},{current},{amount},{hours},{unused},{advice}"));
                }
            }
            let file = owner.get(&with_id(EXPORT_WORKSPACE_ADVICE, id)).await?.text();
            assert_eq!(file.lines().collect::<Vec<_>>(), lines, "{id}");
        }
        assert!(compared > 0, "none of {} could be compared", fleet.active.len());

        // As on the page: costs are of whole accounts, and nobody sees those of a WorkSpace that is not there for them.
        let (one, nobody) = (&fleet.all[1], Uuid::nil());
        let member = app.create_user(Role::Member).await?;
        let region = Scope::only(Reach::Region { region: one.region.clone() });
        let part = app.create_user_with("part@example.com", &[(Role::Viewer, region)]).await?;
        for path in [EXPORT_WORKSPACE_CHARGES, EXPORT_WORKSPACE_ADVICE] {
            member.get(&with_id(path, one.id)).await?.refused(403, "forbidden")?;
            part.get(&with_id(path, one.id)).await?.refused(404, "not_found")?;
            owner.get(&with_id(path, nobody)).await?.refused(404, "not_found")?;
        }
        let ahead = format!("{}?month=2026-06", with_id(EXPORT_WORKSPACE_CHARGES, one.id));
        assert_eq!(owner.get(&ahead).await?.refused(400, "invalid_query")?.errors[0].field, "month");
        for action in ["workspace-charge.export", "workspace-advice.export"] {
            let log: Value = owner.get(&format!("{AUDIT_LOG}?action={action}")).await?.ok()?;
            assert_eq!((log["total"].as_u64() > Some(0), &log["items"][0]["object_id"]), (true, &json!("csv")));
        }
        Ok(())
    }
}

app_test! {
    async fn the_parts_of_a_job_are_taken_along(app: TestAppOptions { simulated_workspaces: 8, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        app.faults(&["deny:DescribeTags", "deny:DescribeWorkspacesConnectionStatus"])?;
        let (owner, member) = (app.client(), app.create_user(Role::Member).await?);
        let (mut attempts, mut logged, mut lacking) = (0, 0, 0);
        for job in app.start_sync(account.id).await? {
            app.wait_for_job(job).await?;
            let detail: Value = owner.get(&with_id(JOB, job)).await?.ok()?;
            let list = |of: &Value| of.as_array().cloned().with_context(|| format!("no list in {detail}"));
            let mut problems = list(&detail["result"]["report"]["problems"])?;
            problems.sort_by_key(|one| (one["missing_permission"].is_null(), Reverse(one["count"].as_u64())));
            attempts += list(&detail["attempts"])?.len();
            logged += list(&detail["log"])?.len();
            lacking += problems.iter().filter(|one| one["missing_permission"].is_string()).count();
            for (path, shown) in [
                (EXPORT_JOB_ATTEMPTS, list(&detail["attempts"])?),
                (EXPORT_JOB_LOG, list(&detail["log"])?),
                (EXPORT_JOB_PROBLEMS, problems),
            ] {
                assert_eq!(rows(owner, &format!("{}?format=json", with_id(path, job))).await?, shown, "{path}");
                member.get(&with_id(path, job)).await?.refused(403, "forbidden")?;
            }
        }
        app.faults(&[])?;
        assert!(attempts > 0 && logged > 0 && lacking > 1, "{attempts} attempts, {logged} lines, {lacking} problems");

        // A job of another kind has no problems to tell of, and one that is not there has nothing.
        let run: StartedJobsView = owner.post_empty(&with_id(SCHEDULE_RUN, "audit-checkpoint")).await?.ok()?;
        let other = *run.job_ids.first().context("a job")?;
        app.wait_for_job(other).await?;
        let file = owner.get(&with_id(EXPORT_JOB_PROBLEMS, other)).await?.text();
        assert_eq!(file, "operation,code,message,missing_permission,count\r\n");
        for path in [EXPORT_JOB_ATTEMPTS, EXPORT_JOB_LOG, EXPORT_JOB_PROBLEMS] {
            owner.get(&with_id(path, Uuid::nil())).await?.refused(404, "not_found")?;
        }
        for (action, count) in [("job-attempt.export", 1), ("job-log.export", 1), ("job-problem.export", 2)] {
            let log: Value = owner.get(&format!("{AUDIT_LOG}?action={action}")).await?.ok()?;
            assert!(log["total"].as_u64() >= Some(count), "{log}");
        }
        Ok(())
    }
}

app_test! {
    async fn the_regions_of_accounts_are_taken_along(app: TestAppOptions { simulated_workspaces: 8, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let synced = app.connect_simulated_and_sync().await?;
        app.connect_named_in("Unread", &["us-east-1"]).await?;
        let owner = app.client();
        let file = format!("{EXPORT_ACCOUNT_REGIONS}?format=json");
        // As the cards of the accounts have them.
        let page: Value = owner.get(ACCOUNTS).await?.ok()?;
        let mut shown = Vec::new();
        for account in page["items"].as_array().context("accounts")? {
            for region in account["regions"].as_array().context("regions")? {
                let run = &region["last_run"];
                shown.push(json!({
                    "account_id": account["id"], "account": account["name"], "region": region["region"], "outcome": run["outcome"],
                    "started_at": run["started_at"], "finished_at": run["finished_at"], "seen": run["report"]["seen"],
                    "job_id": run["job_id"], "problems": run["report"]["problems"], "last_whole_at": region["last_whole_at"],
                }));
            }
        }
        assert_eq!(rows(owner, &file).await?, shown);
        let whole = shown.iter().filter(|row| row["outcome"] == "whole").count();
        assert_eq!((whole, shown.len()), (synced.regions.len(), synced.regions.len() + 1), "{shown:?}");

        // Of an account, whoever sees a part of it is told of that part.
        let region = Scope::only(Reach::Region { region: "us-east-1".parse()? });
        let part = app.create_user_with("part@example.com", &[(Role::Viewer, region)]).await?;
        let told = rows(&part, &file).await?;
        assert!(told.len() == 2 && told.iter().all(|row| row["region"] == "us-east-1"), "{told:?}");
        let member = app.create_user(Role::Member).await?;
        member.get(EXPORT_ACCOUNT_REGIONS).await?.refused(403, "forbidden")?;
        let problem = owner.get(&format!("{EXPORT_ACCOUNT_REGIONS}?format=pdf")).await?.refused(400, "invalid_query")?;
        assert_eq!(problem.errors[0].field, "format");
        let log: Value = owner.get(&format!("{AUDIT_LOG}?action=account-region.export")).await?.ok()?;
        assert_eq!(log["total"], 2, "{log}");
        Ok(())
    }
}

app_test! {
    async fn what_somebody_holds_is_taken_along(app: bare()) {
        app.create_owner().await?;
        app.leave_open_jobs();
        let owner = app.client();
        let account = Scope::only(Reach::Account { account_id: app.connect_named("Demo").await?.id });
        let region = Scope::only(Reach::Region { region: "us-east-1".parse()? });
        let held = [(Role::Operator, account), (Role::Viewer, region), (Role::Approver, Scope::Everything)];
        let ana = app.create_user_with("ana@example.com", &held).await?;
        let found: Value = owner.get(&format!("{USERS}?q=ana%40example.com")).await?.ok()?;
        let id = text(&found["items"][0]["id"]);
        let person: Value = owner.get(&with_id(USER, id)).await?.ok()?;
        let mut shown = Vec::new();
        for one in person["grants"].as_array().context("grants")? {
            let grant = &one["grant"];
            let reached = ["account_id", "region", "directory_id", "team_id"].map(|name| &grant[name]);
            let reached = json!(reached.into_iter().find(|id| !id.is_null()));
            let names = [&one["role_name"], &grant["role_id"], &grant["reach"], &reached, &one["reach_name"]];
            shown.push(names.map(Value::clone));
        }
        assert_eq!(shown.len(), 3, "{person}");
        let file = with_id(EXPORT_USER_GRANTS, id);
        let told = rows(owner, &format!("{file}?format=json")).await?;
        let columns = ["role_name", "role_id", "reach", "reach_id", "reach_name"];
        assert_eq!(told.iter().map(|row| columns.map(|name| row[name].clone())).collect::<Vec<_>>(), shown);
        assert!(told.iter().all(|row| row["created_at"].is_string()), "{told:?}");

        // Who may not see people can't, not even themselves; of nobody there is no file.
        ana.get(&file).await?.refused(403, "forbidden")?;
        owner.get(&with_id(EXPORT_USER_GRANTS, Uuid::nil())).await?.refused(404, "not_found")?;
        let problem = owner.get(&format!("{file}?format=pdf")).await?.refused(400, "invalid_query")?;
        assert_eq!(problem.errors[0].field, "format");
        let log: Value = owner.get(&format!("{AUDIT_LOG}?action=user-grant.export")).await?.ok()?;
        assert_eq!(log["total"], 1, "{log}");
        Ok(())
    }
}

app_test! {
    async fn the_tags_of_a_workspace_are_taken_along(app: TestAppOptions { simulated_workspaces: 8, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let owner = app.client();
        let list: Value = owner.get(WORKSPACES).await?.ok()?;
        let all = list["items"].as_array().context("WorkSpaces")?;
        let (mut tags, mut of_one) = (0, String::new());
        for one in all {
            let id = text(&one["id"]);
            let detail: Value = owner.get(&with_id(WORKSPACE, id)).await?.ok()?;
            let shown: Vec<_> = detail["tags"].as_object().context("tags")?.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
            of_one = with_id(EXPORT_WORKSPACE_TAGS, id);
            assert_eq!(rows(owner, &format!("{of_one}?format=json")).await?, shown, "{id}");
            tags += shown.len();
        }
        assert!(tags > 0 && all.len() == 8, "{tags} tags of {}", all.len());
        let log: Value = owner.get(&format!("{AUDIT_LOG}?action=workspace-tag.export")).await?.ok()?;
        assert_eq!(log["total"], 8, "{log}");

        // Not there for somebody, not there to take along.
        let member = app.create_user(Role::Member).await?;
        member.get(&of_one).await?.refused(404, "not_found")?;
        owner.get(&with_id(EXPORT_WORKSPACE_TAGS, Uuid::nil())).await?.refused(404, "not_found")?;
        let problem = owner.get(&format!("{of_one}?sort=key")).await?.refused(400, "invalid_query")?;
        assert_eq!(problem.errors[0].field, "sort");
        Ok(())
    }
}
