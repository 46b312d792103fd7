//! Reports over HTTP: made, run by the worker, taken along, linked, removed; what is refused.

use anyhow::{Context as _, Result};
use contract::page::Page;
use contract::paths::{
    JOB_CANCEL, REPORT, REPORT_DRAFT, REPORT_FILE, REPORT_LINK, REPORT_PREVIEW, REPORT_RUN, REPORT_RUNS, REPORTS, TEAM,
    TEAMS, with_id,
};
use contract::reports::{ReportLinkView, ReportPreviewView, ReportRunView, ReportView};
use contract::teams::TeamDetailView;
use domain::access::Role;
use domain::ids::ReportId;
use domain::reports::ReportRunState;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::app::TestAppOptions;
use testkit::app_test;
use testkit::client::{ApiClient, Request};

fn wanted() -> Value {
    json!({
        "name": "The fleet, each Monday", "template": "inventory", "filter": { "running_modes": ["AUTO_STOP"] },
        "span": "last-7-days", "format": "csv", "frequency": "weekly", "zone": "Europe/Berlin", "hour": 7, "day": 1,
        "keep_runs": 3, "enabled": true,
    })
}

async fn runs(client: &ApiClient, report: ReportId) -> Result<Vec<ReportRunView>> {
    Ok(client.get(&with_id(REPORT_RUNS, report)).await?.ok::<Page<ReportRunView>>()?.items)
}

app_test! {
    async fn a_report_from_its_making_to_its_end(app: TestAppOptions { simulated_workspaces: 40, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        for id in app.start_sync(account.id).await? {
            app.wait_for_job(id).await?;
        }
        let client = app.client();
        let answer = client.post(REPORTS, &wanted()).await?;
        let report: ReportView = answer.ok()?;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (201, with_id(REPORT, report.id).as_str()));
        assert!(report.next_run_at.is_some_and(|next| next > app.context().env.now()));
        let preview: ReportPreviewView = client.get(&with_id(REPORT_PREVIEW, report.id)).await?.ok()?;
        assert!(!preview.rows.is_empty() && preview.rows.iter().all(|row| row.len() == preview.columns.len()));
        // The same before it is kept, and nothing is kept for it.
        let draft = json!({
            "template": "inventory", "filter": { "running_modes": ["AUTO_STOP"] }, "span": "last-7-days", "zone": "Europe/Berlin",
        });
        let looked: ReportPreviewView = client.post(REPORT_DRAFT, &draft).await?.ok()?;
        let ids = |preview: &ReportPreviewView| preview.rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>();
        assert_eq!((&looked.columns, ids(&looked)), (&preview.columns, ids(&preview)));
        assert_eq!(client.get(REPORTS).await?.ok::<Page<ReportView>>()?.total, 1);

        let started: ReportRunView = client.post_empty(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
        app.wait_for_job(started.job_id.context("a job makes it")?).await?;
        let done = runs(client, report.id).await?.remove(0);
        assert_eq!((done.id, done.state, done.by_hand), (started.id, ReportRunState::Done, true));
        let file = client.get(&with_id(REPORT_FILE, done.id)).await?;
        let text = file.text();
        assert_eq!((Some(text.len() as u64), text.lines().count() as u64), (done.bytes, done.rows + 1));
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"inventory-20"));
        assert!(text.lines().skip(1).all(|line| line.contains("AUTO_STOP")), "{text}");

        // Whoever has the link needs not sign in; nobody else's report is there for others.
        let link: ReportLinkView = client.post_empty(&with_id(REPORT_LINK, done.id)).await?.ok()?;
        let path = link.url.find("/api/").map(|at| &link.url[at..]).context("an address")?;
        let stranger = client.stranger()?;
        assert_eq!(stranger.get(path).await?.text(), text);
        stranger.get(&path[..path.len() - 1]).await?.refused(404, "not_found")?;
        stranger.get(&with_id(REPORT_FILE, done.id)).await?.refused(401, "unauthenticated")?;
        let viewer = app.create_user(Role::Viewer).await?;
        // Taken back it opens nothing; the file may have another.
        viewer.delete(&with_id(REPORT_LINK, done.id)).await?.refused(403, "forbidden")?;
        assert_eq!(stranger.get(path).await?.text(), text);
        assert_eq!(client.delete(&with_id(REPORT_LINK, done.id)).await?.status.as_u16(), 204);
        stranger.get(path).await?.refused(404, "not_found")?;
        let unlinked = runs(client, report.id).await?.remove(0);
        assert_eq!((unlinked.link_expires_at, unlinked.links_until, unlinked.bytes), (None, None, done.bytes));
        let link: ReportLinkView = client.post_empty(&with_id(REPORT_LINK, done.id)).await?.ok()?;
        let path = link.url.find("/api/").map(|at| &link.url[at..]).context("an address")?;
        assert_eq!(stranger.get(path).await?.text(), text);
        viewer.get(&with_id(REPORT, report.id)).await?.refused(404, "not_found")?;
        viewer.get(&with_id(REPORT_FILE, done.id)).await?.refused(404, "not_found")?;
        viewer.post(REPORTS, &wanted()).await?.refused(403, "forbidden")?;

        let mut change = wanted();
        change["enabled"] = json!(false);
        let changed: ReportView = client.send(Request::new(Method::PUT, with_id(REPORT, report.id)).json(&change)).await?.ok()?;
        assert_eq!((changed.next_run_at, changed.version), (None, report.version + 1));
        client.delete(&with_id(REPORT_RUN, done.id)).await?;
        stranger.get(path).await?.refused(404, "not_found")?;
        client.delete(&with_id(REPORT, report.id)).await?;
        client.get(&with_id(REPORT, report.id)).await?.refused(404, "not_found")?;
        Ok(())
    }
}

app_test! {
    async fn what_can_t_be_a_report_is_refused_by_name(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        for (field, value) in [
            ("name", json!("")),
            ("zone", json!("Moon/Crater")),
            ("hour", json!(24)),
            ("day", json!(8)),
            ("keep_runs", json!(0)),
        ] {
            let mut bad = wanted();
            bad[field] = value;
            let problem = app.client().post(REPORTS, &bad).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, field);
        }
        let mut bad = wanted();
        bad["filter"] = json!({ "regions": ["eu-central-1", "moon"] });
        let problem = app.client().post(REPORTS, &bad).await?.refused(422, "invalid_body")?;
        assert_eq!(problem.errors[0].field, "filter.regions[1]");
        bad["filter"] = json!({ "teams": [ReportId(uuid::Uuid::from_u128(404))] });
        let problem = app.client().post(REPORTS, &bad).await?.refused(422, "invalid_body")?;
        assert_eq!(problem.errors[0].field, "filter.teams");
        let page: Page<ReportView> = app.client().get(REPORTS).await?.ok()?;
        assert_eq!(page.total, 0);
        for (draft, field) in [
            (json!({ "template": "cost", "span": "yesterday", "zone": "Moon/Crater" }), "zone"),
            (json!({ "template": "cost", "span": "yesterday", "zone": "" }), "zone"),
            (json!({ "template": "cost", "span": "yesterday", "zone": "UTC", "filter": { "regions": ["moon"] } }), "filter.regions[0]"),
        ] {
            let problem = app.client().post(REPORT_DRAFT, &draft).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, field);
        }
        let viewer = app.create_user(Role::Viewer).await?;
        let draft = json!({ "template": "inventory", "span": "yesterday", "zone": "UTC" });
        viewer.post(REPORT_DRAFT, &draft).await?.refused(403, "forbidden")?;
        Ok(())
    }
}

app_test! {
    async fn runs_are_turned_over_to_the_last_and_cancelled(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        let report: ReportView = client.post(REPORTS, &wanted()).await?.ok()?;
        let path = with_id(REPORT_RUNS, report.id);
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(client.post_empty(&path).await?.ok::<ReportRunView>()?.id);
        }
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page: Page<ReportRunView> = client.get(&format!("{path}?limit=2{cursor}")).await?.ok()?;
            assert_eq!((page.total, page.items.len()), (5, if page.next_cursor.is_some() { 2 } else { 1 }));
            found.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
        let mut ids: Vec<_> = found.iter().map(|run| run.id).collect();
        ids.sort_unstable();
        made.sort_unstable();
        assert_eq!(ids, made, "each once");

        for run in &found {
            let path = with_id(JOB_CANCEL, run.job_id.context("a job makes it")?);
            assert!(client.post_empty(&path).await?.status.is_success());
        }
        let ended = runs(client, report.id).await?;
        assert!(ended.iter().all(|run| run.state == ReportRunState::Cancelled), "{ended:?}");
        Ok(())
    }
}

app_test! {
    async fn what_is_gone_keeps_no_report_from_being_paused(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        let team: TeamDetailView = client.post(TEAMS, &json!({ "name": "Lab" })).await?.ok()?;
        let mut report = wanted();
        report["filter"] = json!({ "teams": [team.team.id] });
        let made: ReportView = client.post(REPORTS, &report).await?.ok()?;
        assert_eq!(client.delete(&with_id(TEAM, team.team.id)).await?.status, 204);

        let path = with_id(REPORT, made.id);
        let put = async |body: &Value| client.send(Request::new(Method::PUT, path.as_str()).json(body)).await;
        // Where the same team is named as before, another name is no matter of the team's.
        report["name"] = json!("The lab, each Monday");
        assert_eq!(put(&report).await?.ok::<ReportView>()?.name, "The lab, each Monday");
        report["enabled"] = json!(false);
        let paused: ReportView = put(&report).await?.ok()?;
        assert_eq!((paused.enabled, paused.next_run_at, &paused.filter), (false, None, &made.filter));

        // It does not go on as it is, nor with something else that can't be.
        let nobody = json!({ "teams": [ReportId(uuid::Uuid::from_u128(404))] });
        for (enabled, filter) in [(true, report["filter"].clone()), (true, nobody.clone()), (false, nobody)] {
            let mut bad = report.clone();
            bad["enabled"] = json!(enabled);
            bad["filter"] = filter;
            let problem = put(&bad).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, "filter.teams", "{bad}");
        }
        report["enabled"] = json!(true);
        report["filter"] = json!({});
        let again: ReportView = put(&report).await?.ok()?;
        assert!(again.enabled && again.next_run_at.is_some());
        Ok(())
    }
}
