//! Rotation of the master key while everything runs: a new version is added, then each sealed value's data key is wrapped
//! anew, row by row. Nobody who reads fails meanwhile: every process knows the old versions and finds the new one in the file.
//! A run that dies leaves every row readable, and the next one goes on; two at once wait for each other. Not re-encryption of
//! the values themselves.

use std::time::Duration;

use domain::access::Actor;
use domain::audit::Entry;
use platform::vault::{Place, Turn, VaultError, is_sealed};
use serde::Serialize;
use store::repo::sealed::{SealedColumn, SealedTurn, sealed_batch, sealed_count, sealed_replace, sealed_turn};
use tracing::warn;
use uuid::Uuid;

use super::lost::sealed_values;
use super::{RotateError, SEALED};
use crate::Context;

/// Rows read at once.
const BATCH: u32 = 100;
/// Rows that don't open are named up to this many.
const MOST_NAMED: usize = 20;

/// How to rotate.
#[derive(Debug, Clone, Copy)]
pub struct Rotate {
    /// Whether a new version is added. Not: everything is only brought to the newest one there is. A run that goes on with one
    /// that was interrupted adds none either way.
    pub new_key: bool,
    /// Whether the old versions are taken out of the file at the end. Backups from before then can't be read with it. They stay
    /// when a value does not open.
    pub drop_old: bool,
    /// After the last value was brought over, it looks again after this time, for what a transaction wrote that had begun before.
    pub settle: Duration,
    /// How long it waits for another rotation to end.
    pub patience: Duration,
}

impl Default for Rotate {
    fn default() -> Self {
        let (settle, patience) = (Duration::from_secs(2), Duration::from_secs(10));
        Self { new_key: true, drop_old: false, settle, patience }
    }
}

/// What a rotation did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// The version that everything is sealed under now.
    pub version: u32,
    /// Whether this run added it.
    pub added: bool,
    /// Values that were wrapped anew.
    pub rewrapped: u64,
    /// Values that were there as they had been given, and are sealed now.
    pub sealed: u64,
    /// Values that do not open, under any version: somebody changed them, or their key is lost. They are left as they are, and
    /// no version is taken out of the file while there are any.
    pub refused: u64,
    /// The first of these, as `table.column row`.
    pub refused_rows: Vec<String>,
    /// Old versions that were taken out of the file.
    pub dropped: usize,
}

/// Brings every sealed value to a new master key. `progress` hears after each batch which column is at work, and the sums.
///
/// # Errors
/// [`RotateError`]; the next run goes on where this one ended.
pub async fn rotate(
    ctx: &Context,
    actor: &Actor,
    options: Rotate,
    mut progress: impl FnMut(&str, &Rotated),
) -> Result<Rotated, RotateError> {
    if options.drop_old && ctx.vault.file().is_none() {
        return Err(VaultError::NotAFile.into());
    }
    let _turn = turn(ctx, options.patience).await?;
    let mut done = Rotated::default();
    (done.version, done.added) = newest_version(ctx).await?;
    // What an interrupted run left is brought over first: otherwise each try would add a key. What does not open was left by
    // nobody, and keeps nobody from a new key.
    pass(ctx, &mut done, Which::All, &mut progress).await?;
    if options.new_key && !done.added && done.rewrapped == 0 {
        (done.version, done.added) = (ctx.vault.add_version()?, true);
    }
    loop {
        let moved = pass(ctx, &mut done, Which::All, &mut progress).await?;
        if moved == 0 {
            // Whoever read the key file before the new version was in it may still be about to commit.
            tokio::time::sleep(options.settle).await;
            if pass(ctx, &mut done, Which::All, &mut progress).await? == 0 {
                break;
            }
        }
    }
    let dropped = if options.drop_old { drop_old(ctx, &done).await } else { Ok(0) };
    done.dropped = *dropped.as_ref().unwrap_or(&0);
    note(ctx, actor, &done).await?;
    dropped.map(|_| done)
}

/// Takes the versions away that nothing is sealed under any more; none of them while a value does not open.
async fn drop_old(ctx: &Context, done: &Rotated) -> Result<usize, RotateError> {
    if done.refused > 0 {
        return Ok(0);
    }
    let mut left = 0;
    for version in ctx.vault.versions()?.into_iter().filter(|version| *version < done.version) {
        for at in SEALED {
            left += sealed_count(&ctx.db, at, version).await?.at_version;
        }
    }
    if left > 0 {
        return Err(RotateError::StillNeeded(left));
    }
    // Not all but the newest: another one may have been added since, under which nothing stands yet.
    Ok(ctx.vault.drop_versions_before(done.version)?)
}

/// The turn to rotate: of all processes that share the key's file, and of all that share the database.
async fn turn(ctx: &Context, patience: Duration) -> Result<(Option<Turn>, SealedTurn), RotateError> {
    const ASK_AGAIN: Duration = Duration::from_millis(100);
    let ask = async || -> Result<(Option<Turn>, SealedTurn), RotateError> {
        loop {
            match ctx.vault.turn() {
                Ok(file) => match sealed_turn(&ctx.db).await? {
                    SealedTurn::Taken => drop(file),
                    ours @ SealedTurn::Ours(_) => return Ok((file, ours)),
                },
                Err(VaultError::Busy) => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    };
    tokio::time::timeout(patience, ask()).await.unwrap_or(Err(RotateError::Busy))
}

/// Seals what versions before the vault kept as it was given. Called where the schema is brought up; nothing happens without
/// such values, so that no key is needed for it.
///
/// # Errors
/// [`RotateError`].
pub async fn seal_plain(ctx: &Context, actor: &Actor) -> Result<u64, RotateError> {
    let mut done = Rotated::default();
    while pass(ctx, &mut done, Which::Plain, &mut |_, _| ()).await? > 0 {}
    if done.sealed > 0 {
        done.version = ctx.vault.newest()?;
        note(ctx, actor, &done).await?;
    }
    Ok(done.sealed)
}

/// The newest version there is, and whether it was made now: the first one of all.
async fn newest_version(ctx: &Context) -> Result<(u32, bool), RotateError> {
    match ctx.vault.newest() {
        Ok(newest) => Ok((newest, false)),
        Err(VaultError::NoFile(file)) => {
            let count = sealed_values(ctx).await?;
            if count > 0 {
                return Err(RotateError::KeyLost { count, file });
            }
            let made = ctx.vault.make_file()?;
            Ok((ctx.vault.newest()?, made))
        }
        Err(error) => Err(error.into()),
    }
}

/// Which values a pass takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    Plain,
}

/// Goes once over every column; how many values it brought over.
async fn pass(
    ctx: &Context,
    done: &mut Rotated,
    which: Which,
    progress: &mut impl FnMut(&str, &Rotated),
) -> Result<u64, RotateError> {
    // Only the newest pass knows what does not open.
    (done.refused, done.refused_rows) = (0, Vec::new());
    let before = done.rewrapped + done.sealed;
    for at in SEALED.iter().filter(|at| which == Which::All || at.was_plain) {
        let (name, mut after) = (format!("{}.{}", at.table, at.column), None);
        loop {
            let batch = sealed_batch(&ctx.db, at, done.version, after, BATCH).await?;
            let Some((last, _)) = batch.last() else { break };
            after = Some(*last);
            for (row, text) in batch {
                if which == Which::All || !is_sealed(&text) {
                    bring_over(ctx, at, row, &text, done).await?;
                }
            }
            progress(&name, done);
        }
    }
    Ok(done.rewrapped + done.sealed - before)
}

/// One value, in a statement of its own: no lock is held while others work.
async fn bring_over(
    ctx: &Context,
    at: &SealedColumn,
    row: Uuid,
    text: &str,
    done: &mut Rotated,
) -> Result<(), RotateError> {
    let key = row.to_string();
    let place = Place { table: at.table, row: &key, column: at.column };
    let plain = at.was_plain && !is_sealed(text);
    let new = if plain { ctx.vault.seal(&place, text.as_bytes()).map(Some) } else { ctx.vault.rewrap(&place, text) };
    match new {
        Ok(Some(new)) => {
            // When somebody wrote meanwhile, their value is under the newest key, or the next pass finds it.
            if sealed_replace(&ctx.db, at, row, text, &new).await? {
                *(if plain { &mut done.sealed } else { &mut done.rewrapped }) += 1;
            }
        }
        // A version that another run added after this one began.
        Ok(None) => {}
        Err(VaultError::Refused | VaultError::UnknownVersion(_)) => {
            let name = format!("{}.{} {row}", at.table, at.column);
            warn!(row = %name, "a sealed value does not open");
            done.refused += 1;
            if done.refused_rows.len() < MOST_NAMED {
                done.refused_rows.push(name);
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn note(ctx: &Context, actor: &Actor, done: &Rotated) -> Result<(), RotateError> {
    let tx = ctx.db.begin().await?;
    let entry = Entry::open("secrets.rotate").on("master_key", done.version).after(done);
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}
