//! Time and randomness of the operating system, for composition roots only: everything else takes a `domain::env::Env`
//! made from these two (invariant 5). Not for use inside a feature.

use chrono::{DateTime, Utc};

/// The present moment, UTC.
#[expect(clippy::disallowed_methods, reason = "the one place where the real clock enters")]
#[must_use]
pub fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

/// Fills the slice with bytes fit for secrets.
///
/// # Panics
/// The operating system gives no random bytes; nothing safe can be done without.
#[expect(clippy::disallowed_methods, reason = "the one place where real randomness enters")]
pub fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
