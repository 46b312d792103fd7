//! The checkpoint: what came since the last one is verified, the end of the chain signed into a file outside the database,
//! and a copy kept for people to see.

use chrono::{Duration, SubsecRound as _};
use serde::Serialize;
use store::repo::audit::{self, AuditCheckpointRecord, GENESIS, Tip};

use super::error::AuditError;
use super::seal::LineKind;
use super::verify::{broken, keep_finding};
use super::walk::Walk;
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
            let newest = files.newest(key.public())?;
            Ok((key, newest))
        })
        .await
        .map_err(AuditError::from)?;
    let cut = audit::audit_cut_list(&ctx.db).await?.pop().map(|cut| Tip { seq: cut.seq, hash: cut.hash });
    let newest = newest.map(|line| line.tip());
    let start = [newest.clone(), cut].into_iter().flatten().max_by_key(|tip| tip.seq);
    let start = start.unwrap_or_else(|| Tip { seq: 0, hash: GENESIS.to_owned() });
    let first_seq = start.seq + 1;
    // The entry that was signed last is looked at again: it may have been cut off, or be another one now.
    let mut walk = Walk::new(start.clone(), None);
    if let Some(signed) = newest.filter(|signed| signed.seq == start.seq) {
        let (rows, _) = audit::audit_rows(&ctx.db, signed.seq - 1, 1).await?;
        let now = rows.first().filter(|row| row.seq == signed.seq);
        if now.is_none_or(|row| row.hash != signed.hash) && !cut_there(ctx, &signed).await? {
            let words = format!("entry {}, which was signed, is gone or another one now", signed.seq);
            return Err(AuditError::Broken(words).into());
        }
    }
    loop {
        run.check()?;
        let (rows, parts) = audit::audit_rows(&ctx.db, walk.at.seq, PORTION).await?;
        if rows.is_empty() {
            break;
        }
        walk.rows(&rows, &parts);
    }
    if let Some(first) = walk.findings.first() {
        keep_finding(ctx, &walk, first_seq).await?;
        return Err(AuditError::Broken(broken(first)).into());
    }
    let (at, tip) = (ctx.env.now().trunc_subsecs(6), walk.at);
    let id = key.public().id();
    if tip.seq == 0 {
        return Ok(CheckpointReport { seq: None, hash: None, entries: 0, key: id });
    }
    let line = key.sign(LineKind::Checkpoint, &tip, at);
    let copy = AuditCheckpointRecord { seq: tip.seq, hash: tip.hash.clone(), at, line: line.text() };
    files.with(move |files| files.append(&line)).await.map_err(AuditError::from)?;
    audit::audit_checkpoint_insert(&ctx.db, ctx.env.new_id(), &copy).await?;
    audit::audit_checkpoint_prune(&ctx.db, at - Duration::days(COPIES_DAYS)).await?;
    Ok(CheckpointReport { seq: Some(tip.seq), hash: Some(tip.hash), entries: walk.entries, key: id })
}

/// Whether that entry is the last one that a cut removed.
async fn cut_there(ctx: &Context, tip: &Tip) -> Result<bool, JobError> {
    let cuts = audit::audit_cut_list(&ctx.db).await?;
    Ok(cuts.iter().any(|cut| cut.seq == tip.seq && cut.hash == tip.hash))
}
