//! Every table as a file: its rows are those of its list, in each format; who may; what is refused; that it is in the log.

mod lists;
mod parts;

use anyhow::Result;
use contract::audit::AuditEntryView;
use contract::page::Page;
use contract::paths::{
    AUDIT_LOG, EXPORT_COSTS, EXPORT_DATA_SETS, EXPORT_JOBS, EXPORT_SYNC_RUNS, EXPORT_TRAIL, EXPORT_USAGE, EXPORT_USERS,
    EXPORT_WORKSPACES, JOBS, WORKSPACES,
};
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use serde_json::Value;
use testkit::app::TestAppOptions;
use testkit::app_test;
use testkit::client::ApiClient;

async fn rows(client: &ApiClient, path: &str) -> Result<Vec<Value>> {
    let answer = client.get(path).await?;
    anyhow::ensure!(answer.status.as_u16() == 200, "{path}: {} {}", answer.status, answer.text());
    Ok(serde_json::from_str(&answer.text())?)
}

app_test! {
    async fn exports_hold_what_the_lists_hold(app: TestAppOptions { simulated_workspaces: 60, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        for id in app.start_sync(account.id).await? {
            app.wait_for_job(id).await?;
        }
        let client = app.client();
        let list: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?limit=200&sort=-aws_id")).await?.ok()?;
        assert!(list.total >= 50);
        let exported = rows(client, &format!("{EXPORT_WORKSPACES}?format=json&sort=-aws_id")).await?;
        let ids = |rows: &[Value]| rows.iter().map(|row| row["aws_id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&exported), list.items.iter().map(|row| row.aws_id.clone()).collect::<Vec<_>>());
        assert_eq!(exported[0]["user_name"], list.items[0].user_name.as_str());

        // A filter leaves in the file what it leaves in the list.
        let narrowed: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?state=STOPPED")).await?.ok()?;
        let answer = client.get(&format!("{EXPORT_WORKSPACES}?state=STOPPED")).await?;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        let name = answer.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"workspaces-20") && name.ends_with(".csv\""), "{name}");
        assert_eq!(answer.text().lines().count() as u64, 1 + narrowed.total);

        // Each of the other tables is a file too, whose rows have the names of its columns.
        let days = "from=2026-01-01&to=2026-02-01";
        for (path, column) in [
            (format!("{EXPORT_USAGE}?format=json&{days}"), "connected_minutes"),
            (format!("{EXPORT_JOBS}?format=json"), "kind"),
            (format!("{EXPORT_SYNC_RUNS}?format=json"), "outcome"),
            (format!("{EXPORT_DATA_SETS}?format=json&account={}", account.id), "fresh_at"),
            (format!("{EXPORT_USERS}?format=json"), "grants"),
        ] {
            let rows = rows(client, &path).await?;
            assert!(!rows.is_empty() && rows.iter().all(|row| row.get(column).is_some()), "{path}: {rows:?}");
        }
        for path in [format!("{EXPORT_COSTS}?format=json&{days}"), format!("{EXPORT_TRAIL}?format=json")] {
            rows(client, &path).await?;
        }
        let workbook = client.get(&format!("{EXPORT_WORKSPACES}?format=xlsx")).await?;
        assert_eq!(workbook.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        assert!(workbook.header("content-encoding").is_empty(), "it is compressed already");

        let log: Page<AuditEntryView> = client.get(&format!("{AUDIT_LOG}?action=workspace.export")).await?.ok()?;
        assert_eq!(log.total, 3);
        assert_eq!(log.items[0].object_id.as_deref(), Some("xlsx"));
        Ok(())
    }
}

app_test! {
    async fn what_can_t_be_exported_is_refused_by_name(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let client = app.client();
        for (path, field) in [
            (format!("{EXPORT_WORKSPACES}?format=pdf"), "format"),
            (format!("{EXPORT_WORKSPACES}?limit=5"), "limit"),
            (format!("{EXPORT_WORKSPACES}?region=moon"), "region"),
            (format!("{EXPORT_WORKSPACES}?sort=price"), "sort"),
            (format!("{EXPORT_JOBS}?state=asleep"), "state"),
            (format!("{EXPORT_USERS}?role=king"), "role"),
            (format!("{EXPORT_USAGE}?from=2026-01-01"), "to"),
            (format!("{EXPORT_USAGE}?from=2026-01-02&to=2026-01-01"), "to"),
            (format!("{EXPORT_COSTS}?from=2024-01-01&to=2026-01-01"), "to"),
            (format!("{EXPORT_COSTS}?from=soon&to=2026-01-01"), "from"),
        ] {
            let problem = client.get(&path).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, field, "{path}");
        }
        let member = app.create_user(Role::Member).await?;
        for path in [EXPORT_JOBS, EXPORT_USERS, EXPORT_TRAIL, EXPORT_SYNC_RUNS, JOBS] {
            member.get(path).await?.refused(403, "forbidden")?;
        }
        // Their own part of the fleet is theirs to take along: here nothing but the names of the columns.
        assert_eq!(member.get(EXPORT_WORKSPACES).await?.text().lines().count(), 1);
        app.client().stranger()?.get(EXPORT_WORKSPACES).await?.refused(401, "unauthenticated")?;
        Ok(())
    }
}
