//! What the audit log says of backups: an entry for each that was made, whoever made it, and the newest of them. Unlike jobs,
//! entries are not forgotten by themselves.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::{Value, json};
use store::StoreError;
use store::repo::audit::{AuditFilter, AuditQuery, audit_list};

use super::error::BackupError;
use super::make::BackupReport;
use crate::Context;
use crate::audit;

/// What an entry of a backup is called.
const CREATE: &str = "backup.create";

/// The newest backup that was made to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Newest {
    /// When it was whole.
    pub(crate) at: DateTime<Utc>,
    /// Its length.
    pub(crate) bytes: u64,
}

/// Everything was copied out: that is worth an entry.
pub(super) async fn note(ctx: &Context, report: &BackupReport) -> Result<(), BackupError> {
    let tx = ctx.db.begin().await?;
    let entry = Entry::new(CREATE, Permission::AuditExport);
    let told = json!({ "bytes": report.bytes, "rows": report.rows, "files": report.files, "removed": report.removed });
    audit::record(&tx, ctx, &Actor::system(), entry.after(told)).await?;
    Ok(tx.commit().await?)
}

/// The newest one; `None` when none was made.
pub(crate) async fn newest(ctx: &Context) -> Result<Option<Newest>, StoreError> {
    let filter = AuditFilter { actions: vec![CREATE.to_owned()], ..AuditFilter::default() };
    let found = audit_list(&ctx.db, &AuditQuery { filter, limit: 1, cursor: None }).await?;
    Ok(found.rows.into_iter().next().map(|entry| {
        let bytes = entry.record.after.as_ref().and_then(|told| told.get("bytes")).and_then(Value::as_u64);
        Newest { at: entry.at, bytes: bytes.unwrap_or(0) }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeFleet, Harness, both_databases};

    fn empty() -> BackupReport {
        BackupReport {
            file: "/backups/one.tar.gz.age".into(),
            bytes: 0,
            schema: String::new(),
            tables: 0,
            rows: 0,
            files: 0,
            reports_in: None,
            audit_seq: 0,
            read_back: true,
            removed: 0,
        }
    }

    both_databases! {
        async fn the_newest_is_the_last_that_was_made(backend) {
            let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
            assert_eq!(newest(&harness.ctx).await.unwrap(), None);
            for bytes in [1000, 700] {
                harness.advance(60);
                let report = BackupReport { bytes, ..empty() };
                note(&harness.ctx, &report).await.unwrap();
            }
            let now = harness.ctx.env.now();
            harness.advance(60);
            assert_eq!(newest(&harness.ctx).await.unwrap(), Some(Newest { at: now, bytes: 700 }));
        }
    }
}
