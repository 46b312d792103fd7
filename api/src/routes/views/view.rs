//! Saved views on the wire.

use contract::views::SavedView;
use domain::ids::UserId;
use services::views::ViewRecord;

/// A view as `asker` sees it.
pub(super) fn view(record: ViewRecord, asker: Option<UserId>) -> SavedView {
    SavedView {
        id: record.id,
        page: record.page,
        name: record.name,
        query: record.query,
        shared: record.shared,
        own: asker == Some(record.owner_id),
        created_at: record.created_at,
        updated_at: record.updated_at,
        version: record.version,
    }
}
