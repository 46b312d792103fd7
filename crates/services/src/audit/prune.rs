//! Removing an old beginning of the log: verified, signed as a cut, noted in the log itself, then removed. By hand alone,
//! and in Postgres only as the owner of the tables: the application's role can't.

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde::Serialize;
use serde_json::json;
use store::repo::audit;

use super::error::AuditError;
use super::seal::LineKind;
use super::verify::{Evidence, broken, verify};
use crate::Context;

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PruneOutcome {
    /// The last entry that was removed; `None` when there was nothing to remove.
    pub cut_seq: Option<i64>,
    /// Entries that were removed now.
    pub removed: u64,
}

/// Removes the entries of the beginning that are from before that moment. A broken log is not touched.
///
/// # Errors
/// [`AuditError::Forbidden`], [`AuditError::Broken`], [`AuditError::Seal`], [`AuditError::Store`].
pub async fn prune_before(
    ctx: &Context,
    actor: &Actor,
    evidence: &Evidence,
    before: DateTime<Utc>,
) -> Result<PruneOutcome, AuditError> {
    actor.require_everywhere(Permission::AuditExport)?;
    let report = verify(ctx, evidence, |_| true).await?;
    if let Some(first) = report.as_ref().and_then(|report| report.findings.first()) {
        return Err(AuditError::Broken(broken(first)));
    }
    // The newest entry always stays: what comes next is chained to something that is there.
    let last = report.map_or(0, |report| report.last_seq);
    let Some(tip) = audit::audit_before(&ctx.db, before).await?.filter(|tip| tip.seq < last) else {
        let removed = rest(ctx).await?;
        return Ok(PruneOutcome { cut_seq: None, removed });
    };
    let (at, seed) = (ctx.env.now().trunc_subsecs(6), ctx.env.random.bytes::<32>());
    let signed = tip.clone();
    let line = ctx
        .audit
        .files
        .with(move |files| {
            let line = files.key_or_make(seed)?.sign(LineKind::Cut, &signed, at);
            files.append(&line)?;
            Ok(line)
        })
        .await?;
    let tx = ctx.db.begin().await?;
    audit::audit_cut_insert(&tx, &tip, at, &line.text()).await?;
    let entry = Entry::new("audit.prune", Permission::AuditExport).on("audit-entry", tip.seq);
    super::record(&tx, ctx, actor, entry.after(json!({ "before": before, "cut_seq": tip.seq }))).await?;
    tx.commit().await?;
    Ok(PruneOutcome { cut_seq: Some(tip.seq), removed: rest(ctx).await? })
}

/// Removes what lies before the newest cut.
async fn rest(ctx: &Context) -> Result<u64, AuditError> {
    let mut removed = 0;
    loop {
        let gone = audit::audit_prune(&ctx.db).await?;
        removed += gone;
        if gone == 0 {
            return Ok(removed);
        }
    }
}
