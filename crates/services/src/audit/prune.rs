//! Removing an old beginning of the log: verified, then taken away piece by piece. A piece goes in one transaction with its signed
//! cut and the entry that tells of it, so that a cut counts exactly when what lies before it is gone; its line is written to the
//! files when that is lasting. By hand alone, and in Postgres only as the owner of the tables: the application's role can't.

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde::Serialize;
use serde_json::json;
use store::repo::audit::{self, Tip};

use super::cuts::write_missing;
use super::error::AuditError;
use super::seal::{LineKind, SigningKey};
use super::verify::{Evidence, broken, verify};
use crate::Context;

/// Entries that go in one transaction: others wait for it on SQLite.
const PIECE: i64 = 10_000;

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PruneOutcome {
    /// The last entry that was removed; `None` when there was nothing to remove.
    pub cut_seq: Option<i64>,
    /// Entries that were removed now.
    pub removed: u64,
}

/// Removes the entries of the beginning that are from before that moment. A broken log is not touched. Interrupted, it leaves a
/// whole log behind the last piece that went, and goes on when it is called again.
///
/// # Errors
/// [`AuditError::Forbidden`], [`AuditError::Broken`], [`AuditError::Seal`], [`AuditError::Store`].
pub async fn prune_before(
    ctx: &Context,
    actor: &Actor,
    evidence: &Evidence,
    before: DateTime<Utc>,
) -> Result<PruneOutcome, AuditError> {
    prune_in_pieces(ctx, actor, evidence, before, PIECE).await
}

pub(super) async fn prune_in_pieces(
    ctx: &Context,
    actor: &Actor,
    evidence: &Evidence,
    before: DateTime<Utc>,
    piece: i64,
) -> Result<PruneOutcome, AuditError> {
    actor.require_everywhere(Permission::AuditExport)?;
    let report = verify(ctx, evidence, |_| true).await?;
    if let Some(first) = report.as_ref().and_then(|report| report.findings.first()) {
        return Err(AuditError::Broken(broken(first)));
    }
    // The newest entry that was verified always stays: what comes next is chained to something that is there.
    let last = report.map_or(0, |report| report.last_seq);
    let mut outcome = PruneOutcome { cut_seq: None, removed: 0 };
    while let Some(tip) = audit::audit_before(&ctx.db, before, last, piece).await? {
        let seed = ctx.env.random.bytes::<32>();
        let key = ctx.audit.files.with(move |files| files.key_or_make(seed)).await?;
        outcome.removed += remove(ctx, actor, &key, before, &tip).await?;
        outcome.cut_seq = Some(tip.seq);
        write_missing(ctx, &[key.public()]).await?;
    }
    Ok(outcome)
}

/// One piece. The signature leaves this process in the transaction alone: one that fails leaves no cut that anybody believes.
async fn remove(
    ctx: &Context,
    actor: &Actor,
    key: &SigningKey,
    before: DateTime<Utc>,
    tip: &Tip,
) -> Result<u64, AuditError> {
    let at = ctx.env.now().trunc_subsecs(6);
    let line = key.sign(LineKind::Cut, tip, at);
    let tx = ctx.db.begin().await?;
    let removed = audit::audit_cut(&tx, tip, at, &line.text()).await?;
    let entry = Entry::new("audit.prune", Permission::AuditExport).on("audit-entry", tip.seq);
    let entry = entry.after(json!({ "before": before, "cut_seq": tip.seq, "removed": removed }));
    super::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    Ok(removed)
}
