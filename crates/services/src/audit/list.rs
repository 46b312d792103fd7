//! Looking at the log: pages, one entry, how it stands. Each of the first two is in the log too.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;
use store::repo::audit::{self, AuditCheckpointRecord, AuditQuery, AuditVerificationRecord, Tip};

pub use store::repo::audit::{AuditFacets, AuditFilter, AuditRecord};

use super::error::AuditError;
use super::reads::note_read;
use crate::{Context, PageRequest};

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditState {
    /// The last entry.
    pub head: Option<Tip>,
    /// Everything up to this entry was removed on purpose.
    pub cut_seq: Option<i64>,
    /// The newest checkpoint.
    pub checkpoint: Option<AuditCheckpointRecord>,
    /// The newest verification.
    pub verification: Option<AuditVerificationRecord>,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditFound {
    /// The entries, newest first.
    pub items: Vec<AuditRecord>,
    /// Where the next page begins; in a search by words, there may be one behind a page without entries.
    pub next_cursor: Option<String>,
    /// Entries that match; in a search by words, in the places that this page looked at.
    pub total: u64,
    /// The place where a search by words stopped looking; `None` when it came to the beginning.
    pub looked_back_to: Option<i64>,
}

/// The filter as the log keeps it: without the word that was looked for, which may be somebody's name.
fn said(filter: &AuditFilter) -> serde_json::Value {
    json!({
        "actor": filter.actor, "actions": filter.actions, "object_kind": filter.object_kind,
        "object_id": filter.object_id, "outcomes": filter.outcomes, "changes": filter.changes_only, "from": filter.from,
        "to": filter.to,
    })
}

pub(crate) fn reading(action: &str, permission: Permission, filter: &AuditFilter) -> Entry {
    let entry = Entry::new(action, permission).after(said(filter));
    match &filter.q {
        Some(q) => entry.personal(json!({ "q": q })),
        None => entry,
    }
}

/// A page of the log, newest first. A search by words looks at so many places at a time, see [`WORD_WINDOW`].
///
/// [`WORD_WINDOW`]: store::repo::audit::WORD_WINDOW
///
/// # Errors
/// [`AuditError::Forbidden`], [`AuditError::Store`] (with `BadCursor` for a cursor of another filter).
pub async fn list_entries(
    ctx: &Context,
    actor: &Actor,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<AuditFound, AuditError> {
    actor.require_everywhere(Permission::AuditRead)?;
    let query = AuditQuery { filter: filter.clone(), limit: page.limit.into(), cursor: page.cursor };
    let total = audit::audit_count(&ctx.db, &query).await?;
    let found = audit::audit_list(&ctx.db, &query).await?;
    note_read(ctx, actor, reading("audit.list", Permission::AuditRead, filter)).await?;
    let audit::AuditPage { rows, next, looked_back_to } = found;
    Ok(AuditFound { items: rows, next_cursor: next, total, looked_back_to })
}

/// What the newest entries that the filter leaves are about, see [`FACET_WINDOW`]. It names people: it is the same look at the log
/// as the list.
///
/// [`FACET_WINDOW`]: store::repo::audit::FACET_WINDOW
///
/// # Errors
/// [`AuditError::Forbidden`], [`AuditError::Store`].
pub async fn list_values(ctx: &Context, actor: &Actor, filter: &AuditFilter) -> Result<AuditFacets, AuditError> {
    actor.require_everywhere(Permission::AuditRead)?;
    let facets = audit::audit_facets(&ctx.db, filter).await?;
    note_read(ctx, actor, reading("audit.list", Permission::AuditRead, filter)).await?;
    Ok(facets)
}

/// One entry; `None` when there is none, or none any more.
///
/// # Errors
/// [`AuditError::Forbidden`], [`AuditError::Store`].
pub async fn fetch_entry(ctx: &Context, actor: &Actor, seq: i64) -> Result<Option<AuditRecord>, AuditError> {
    actor.require_everywhere(Permission::AuditRead)?;
    let Some(entry) = audit::audit_fetch(&ctx.db, seq).await? else { return Ok(None) };
    note_read(ctx, actor, Entry::new("audit.read", Permission::AuditRead).on("audit-entry", seq)).await?;
    Ok(Some(entry))
}

/// How the log stands. Names nobody, so that it leaves no entry.
///
/// # Errors
/// [`AuditError::Forbidden`], [`AuditError::Store`].
pub async fn fetch_audit_state(ctx: &Context, actor: &Actor) -> Result<AuditState, AuditError> {
    actor.require_everywhere(Permission::AuditRead)?;
    Ok(AuditState {
        head: audit::audit_head(&ctx.db).await?,
        cut_seq: audit::audit_cut_list(&ctx.db).await?.last().map(|cut| cut.seq),
        checkpoint: audit::audit_checkpoint_latest(&ctx.db).await?,
        verification: audit::audit_verification_latest(&ctx.db).await?,
    })
}
