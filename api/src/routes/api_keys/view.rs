//! API keys on the wire.

use contract::api_keys::{ApiKeyView, MadeApiKeyView};
use contract::paths;
use http::StatusCode;
use services::idempotency::Answer;
use services::keys::{KeyItem, MadeKey};

use crate::extract::json_answer;

pub(super) fn key(item: KeyItem) -> ApiKeyView {
    let KeyItem { key, owner, state } = item;
    ApiKeyView {
        id: key.id,
        user_id: key.user_id,
        owner,
        name: key.name,
        prefix: key.prefix,
        permissions: key.permissions.iter().map(ToString::to_string).collect(),
        state: state.as_str().to_owned(),
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        last_used_ip: key.last_used_ip,
        revoked_at: key.revoked_at,
        replaced_by: key.replaced_by,
        good_until: key.good_until,
    }
}

/// The answer that shows a key this once.
pub(super) fn answer(new: &MadeKey) -> Answer {
    let location = paths::with_id(paths::API_KEY, new.item.key.id);
    json_answer(StatusCode::CREATED, &made(new.clone())).header("location", location).secret()
}

fn made(made: MadeKey) -> MadeApiKeyView {
    MadeApiKeyView { secret: made.secret, key: key(made.item) }
}
