//! One's own page on the wire.

use contract::profile::{JoinedView, ProfileView};
use services::profile::Profile;

use crate::extract::{Etag, Json, etag};

/// The page with its version.
#[must_use]
pub fn view(profile: Profile) -> (Etag, Json<ProfileView>) {
    let Profile { user, second_factor, recovery_codes_left, identity } = profile;
    let view = ProfileView {
        user_id: user.id,
        has_password: user.password_hash.is_some(),
        email: user.email,
        display_name: user.display_name,
        second_factor,
        recovery_codes_left,
        single_sign_on: identity.map(|known| JoinedView {
            issuer: known.issuer,
            since: known.created_at,
            last_sign_in_at: known.last_sign_in_at,
        }),
        created_at: user.created_at,
        last_sign_in_at: user.last_sign_in_at,
    };
    (etag(user.version), Json(view))
}
