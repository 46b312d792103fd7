//! Lists of sessions on the wire.

use contract::page::Page;
use contract::session::SessionItemView;
use services::sessions::SessionItem;

pub(super) fn page(found: services::Page<SessionItem>) -> Page<SessionItemView> {
    Page { items: found.items.into_iter().map(view).collect(), next_cursor: found.next_cursor, total: found.total }
}

fn view(item: SessionItem) -> SessionItemView {
    let SessionItem { session, current } = item;
    SessionItemView {
        id: session.id,
        current,
        method: session.method,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        ip_address: session.ip_address,
        user_agent: session.user_agent,
    }
}
