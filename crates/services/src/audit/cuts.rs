//! Cuts that count, and walking on while a beginning is being removed.
//!
//! A cut is removed entries and a signed row, made in one transaction. So a cut counts when its row is there, is signed by a key
//! that counts, and nothing is left before it; a signed line by itself, in a file or elsewhere, removes nothing. The files get
//! the line afterwards, from the row: by whoever removed the entries, or by the next checkpoint when that one died.

use store::StoreError;
use store::repo::audit::{self, ChainRow, GENESIS, PersonalRow, Tip};

use super::error::AuditError;
use super::seal::{Line, LineKind, PublicKey};
use super::walk::Walk;
use crate::Context;

/// The cuts of the database that one of these keys signed, oldest first.
async fn signed(ctx: &Context, trusted: &[PublicKey]) -> Result<Vec<Line>, StoreError> {
    let cuts = audit::audit_cut_list(&ctx.db).await?;
    let lines = cuts.into_iter().filter_map(|cut| {
        let line = Line::checked(&cut.line, trusted).ok()?;
        (line.kind == LineKind::Cut && line.seq == cut.seq && line.hash == cut.hash).then_some(line)
    });
    Ok(lines.collect())
}

/// The newest cut that counts before the place `end`.
async fn newest(ctx: &Context, trusted: &[PublicKey], end: i64) -> Result<Option<Tip>, StoreError> {
    let cuts = signed(ctx, trusted).await?;
    // Read after the cuts: what was removed with them is gone.
    let left = audit::audit_rows(&ctx.db, 0, 1).await?.0.first().map_or(i64::MAX, |row| row.seq);
    let cut = cuts.iter().filter(|cut| cut.seq < end && cut.seq < left).max_by_key(|cut| cut.seq);
    Ok(cut.map(Line::tip))
}

/// What the first entry that is there is chained to: the newest cut that counts, or the beginning of everything.
pub(super) async fn beginning(ctx: &Context, trusted: &[PublicKey]) -> Result<Tip, StoreError> {
    let cut = newest(ctx, trusted, i64::MAX).await?;
    Ok(cut.unwrap_or_else(|| Tip { seq: 0, hash: GENESIS.to_owned() }))
}

/// The next rows of a walk, in order, with their personal parts. When the ones that should come next were removed behind a cut
/// meanwhile, the walk goes on behind it.
pub(super) async fn rows_after(
    ctx: &Context,
    trusted: &[PublicKey],
    walk: &mut Walk,
    most: u64,
) -> Result<(Vec<ChainRow>, Vec<PersonalRow>), StoreError> {
    let found = audit::audit_rows(&ctx.db, walk.at.seq, most).await?;
    let next = found.0.first().map_or(i64::MAX, |row| row.seq);
    if next > walk.at.seq + 1
        && let Some(cut) = newest(ctx, trusted, next).await?.filter(|cut| cut.seq > walk.at.seq)
    {
        walk.go_on_behind(cut);
    }
    Ok(found)
}

/// Writes the lines of cuts to the files that are not in them.
pub(super) async fn write_missing(ctx: &Context, trusted: &[PublicKey]) -> Result<(), AuditError> {
    let lines = signed(ctx, trusted).await?;
    if !lines.is_empty() {
        ctx.audit.files.with(move |files| files.append_missing(&lines)).await?;
    }
    Ok(())
}
