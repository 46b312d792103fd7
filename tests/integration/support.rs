//! What several subjects share: reading whole lists, and what stands in the database.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::Result;
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::de::DeserializeOwned;
use store::repo::backups::tables;
use testkit::app::TestApp;
use testkit::client::ApiClient;

/// Every row of a list, page by page, with how many pages it took. Fails when the total changes on the way.
pub async fn whole_list<T: DeserializeOwned>(client: &ApiClient, path: &str, query: &str) -> Result<(Vec<T>, usize)> {
    let (mut rows, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page: Page<T> = client.get(&format!("{path}?{query}{next}")).await?.ok()?;
        pages += 1;
        rows.extend(page.items);
        anyhow::ensure!(rows.len() as u64 <= page.total, "{} rows of {}", rows.len(), page.total);
        cursor = page.next_cursor;
        if cursor.is_none() {
            anyhow::ensure!(rows.len() as u64 == page.total, "{} rows of {}", rows.len(), page.total);
            return Ok((rows, pages));
        }
    }
}

/// Every WorkSpace that matches.
pub async fn workspaces(client: &ApiClient, query: &str) -> Result<Vec<WorkspaceView>> {
    Ok(whole_list(client, paths::WORKSPACES, &format!("limit=200&{query}")).await?.0)
}

/// What the simulated AWS was told to change, by operation. What only asks is left out: a WorkSpace that moves is looked at
/// again on its own, whatever a test does.
pub fn changes_asked_of_aws(app: &TestApp) -> BTreeMap<&'static str, u64> {
    let asks = |operation: &str| ["Describe", "Get", "List", "Lookup"].iter().any(|verb| operation.starts_with(verb));
    app.simulator()
        .counts()
        .into_iter()
        .filter(|(name, _)| !asks(name))
        .map(|(name, count)| (name, count.requests))
        .collect()
}

/// How often what moves was looked at again, a request to AWS each.
pub async fn looks_at_what_moves(app: &TestApp) -> Result<u64> {
    let looks = "SELECT COUNT(*) FROM job WHERE kind = 'watch-workspaces' AND state <> 'queued'";
    Ok(u64::try_from(number(&app.database().await?, looks).await?)?)
}

/// One line for each table of the schema with all its rows: equal only when nothing changed. Without the audit log, which says
/// what was refused and read too.
pub async fn fingerprint(app: &TestApp) -> Result<Vec<String>> {
    let db = app.database().await?;
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let mut lines = Vec::new();
    for table in tables(&db).await? {
        if table.starts_with("audit_") {
            continue;
        }
        let rows = if postgres {
            format!("SELECT t::text AS line FROM \"{table}\" t ORDER BY 1")
        } else {
            let columns = texts(&db, &format!("SELECT name FROM pragma_table_info('{table}')"), "name").await?;
            let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            format!("SELECT {} AS line FROM \"{table}\" ORDER BY 1", quoted.join(" || ',' || "))
        };
        lines.push(format!("{table}: {}", texts(&db, &rows, "line").await?.join("; ")));
    }
    Ok(lines)
}

/// A column of text.
pub async fn texts(db: &impl ConnectionTrait, sql: &str, column: &str) -> Result<Vec<String>> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await?.iter().map(|row| Ok(row.try_get("", column)?)).collect()
}

/// One number.
pub async fn number(db: &impl ConnectionTrait, sql: &str) -> Result<i64> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?.ok_or_else(|| anyhow::anyhow!("no row: {sql}"))?;
    Ok(row.try_get_by_index(0)?)
}

/// Prints a line beside the test's result: figures that people look at.
pub fn say(line: &str) {
    // Nobody listens: the test's result does not depend on it.
    drop(writeln!(std::io::stdout(), "{line}"));
}
