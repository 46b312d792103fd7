//! The checkpoint: what came since the last one is verified, the end of the chain signed into a file outside the database,
//! and a copy kept for people to see.

use chrono::{Duration, SubsecRound as _};
use serde::Serialize;
use serde_json::json;
use store::StoreError;
use store::repo::audit::{self, AuditCheckpointRecord, Tip};

use super::cuts::{beginning, rows_after, write_missing};
use super::error::AuditError;
use super::seal::{LineKind, PublicKey};
use super::verify::{broken, keep_walk};
use super::walk::{Fault, Walk};
use crate::Context;
use crate::run::{JobError, RunHandle};

/// Copies in the database are kept so many days; the files keep everything.
const COPIES_DAYS: i64 = 90;
/// Rows read at a time.
const PORTION: u64 = 1000;

/// What the job says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointReport {
    /// The entry that was signed; `None` when there is none yet.
    pub seq: Option<i64>,
    /// Its hash.
    pub hash: Option<String>,
    /// Entries since the checkpoint before.
    pub entries: u64,
    /// The id of the key.
    pub key: String,
}

impl From<AuditError> for JobError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Store(error) => error.into(),
            broken @ AuditError::Broken(_) => Self::fail(broken.to_string()),
            other => Self::retry(other.to_string()),
        }
    }
}

/// Signs the end of the chain. A chain that does not fit what was signed before is not signed again: the job fails, each time,
/// until somebody has looked.
///
/// # Errors
/// [`JobError::Fail`] when the chain is broken, [`JobError::Retry`] when the folder can't be written to or the database is
/// away.
pub async fn checkpoint(ctx: &Context, run: &dyn RunHandle) -> Result<CheckpointReport, JobError> {
    let files = &ctx.audit.files;
    let seed = ctx.env.random.bytes::<32>();
    let (key, newest) = files
        .with(move |files| {
            let key = files.key_or_make(seed)?;
            let newest = files.newest(key.public(), LineKind::Checkpoint)?;
            Ok((key, newest))
        })
        .await
        .map_err(AuditError::from)?;
    let trusted = [key.public()];
    write_missing(ctx, &trusted).await?;
    let mut walk = from_where(ctx, &trusted, newest.map(|line| line.tip())).await?;
    while walk.findings.is_empty() {
        run.check()?;
        let (rows, parts) = rows_after(ctx, &trusted, &mut walk, PORTION).await?;
        if rows.is_empty() {
            break;
        }
        walk.rows(&rows, &parts);
    }
    if let Some(first) = walk.findings.first() {
        tracing::error!(finding = %json!(first), "the audit log is not as it should be");
        keep_walk(ctx, &walk).await?;
        return Err(AuditError::Broken(broken(first)).into());
    }
    let (at, tip) = (ctx.env.now().trunc_subsecs(6), walk.at.clone());
    let id = key.public().id();
    if tip.seq == 0 {
        return Ok(CheckpointReport { seq: None, hash: None, entries: 0, key: id });
    }
    let first = audit::audit_checkpoint_latest(&ctx.db).await?.is_none()
        && audit::audit_verification_latest(&ctx.db).await?.is_none();
    if first && walk.entries > 0 {
        // The first checkpoint of all has looked at everything there is: people need not wait a day to see that.
        keep_walk(ctx, &walk).await?;
    }
    let line = key.sign(LineKind::Checkpoint, &tip, at);
    let copy = AuditCheckpointRecord { seq: tip.seq, hash: tip.hash.clone(), at, line: line.text() };
    files.with(move |files| files.append(&line)).await.map_err(AuditError::from)?;
    audit::audit_checkpoint_insert(&ctx.db, ctx.env.new_id(), &copy).await?;
    audit::audit_checkpoint_prune(&ctx.db, at - Duration::days(COPIES_DAYS)).await?;
    Ok(CheckpointReport { seq: Some(tip.seq), hash: Some(tip.hash), entries: walk.entries, key: id })
}

/// A walk from the entry that was signed last, which is looked at again: it may have been cut off, or be another one now. Then
/// the walk has found that.
async fn from_where(ctx: &Context, trusted: &[PublicKey], signed: Option<Tip>) -> Result<Walk, StoreError> {
    let start = beginning(ctx, trusted).await?;
    let Some(signed) = signed.filter(|signed| signed.seq > start.seq) else { return Ok(Walk::new(start, None)) };
    let (rows, _) = audit::audit_rows(&ctx.db, signed.seq - 1, 1).await?;
    let now = rows.into_iter().find(|row| row.seq == signed.seq);
    if now.as_ref().is_some_and(|row| row.hash == signed.hash) {
        return Ok(Walk::new(signed, None));
    }
    // It may have been removed, rightly, since the beginning was looked up.
    let start = beginning(ctx, trusted).await?;
    if start.seq >= signed.seq {
        return Ok(Walk::new(start, None));
    }
    let head = audit::audit_head(&ctx.db).await?.unwrap_or_else(|| start.clone());
    let (fault, seq, words) = match (now, head.seq < signed.seq) {
        (Some(_), _) => (Fault::Rewritten, signed.seq, "it is not the entry that a checkpoint signed".to_owned()),
        (None, true) => {
            (Fault::Truncated, head.seq + 1, format!("the log ends here, but entry {} was signed", signed.seq))
        }
        (None, false) => (Fault::Missing, signed.seq, "the entry, which was signed, is missing".to_owned()),
    };
    let mut walk = Walk::new(head, None);
    walk.first = start.seq + 1;
    walk.find(fault, seq, words);
    Ok(walk)
}
