//! Whom the files of a report are sent to.

use std::collections::HashMap;

use domain::ids::{ReportId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::Sql;

/// Somebody whom the files of a report are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRecord {
    /// Who.
    pub user_id: UserId,
    /// Their e-mail address, as it is now.
    pub email: String,
}

#[derive(FromQueryResult)]
struct Row {
    report_id: Uuid,
    user_id: Uuid,
    email: String,
}

/// The recipients of these reports, by address.
///
/// # Errors
/// [`StoreError`].
pub async fn recipients_of(
    conn: &impl ConnectionTrait,
    reports: impl IntoIterator<Item = ReportId>,
) -> Result<HashMap<ReportId, Vec<RecipientRecord>>, StoreError> {
    let reports: Vec<Uuid> = reports.into_iter().map(|report| report.0).collect();
    let mut found: HashMap<ReportId, Vec<RecipientRecord>> = HashMap::new();
    if reports.is_empty() {
        return Ok(found);
    }
    let sql = Sql::new(conn)
        .text(
            "SELECT c.report_id, c.user_id, u.email FROM report_recipient c JOIN app_user u ON u.id = c.user_id \
             WHERE ",
        )
        .bind_in("c.report_id", reports);
    let rows: Vec<Row> = sql.text(" ORDER BY u.email, c.user_id").all_as(conn).await?;
    for row in rows {
        let recipient = RecipientRecord { user_id: row.user_id.into(), email: row.email };
        found.entry(row.report_id.into()).or_default().push(recipient);
    }
    Ok(found)
}

/// Makes these people, and no others, the recipients of a report.
///
/// # Errors
/// [`StoreError`].
pub async fn recipients_set(
    conn: &impl ConnectionTrait,
    report: ReportId,
    people: &[UserId],
) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM report_recipient WHERE report_id = ").bind(report.0).execute(conn).await?;
    if people.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(conn).text("INSERT INTO report_recipient (report_id, user_id) VALUES ");
    for (at, person) in people.iter().enumerate() {
        let before = if at == 0 { "(" } else { ", (" };
        sql = sql.text(before).bind(report.0).text(", ").bind(person.0).text(")");
    }
    sql.execute(conn).await?;
    Ok(())
}
