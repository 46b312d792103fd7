//! Secrets that travel (session tokens, one-time links, API keys): 32 random bytes in base64url, of which only the SHA-256 is
//! stored. Not for passwords, which are guessable and need a slow hash (`identity::password`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::Context;

/// A new one: 43 characters.
pub(crate) fn new(ctx: &Context) -> String {
    URL_SAFE_NO_PAD.encode(ctx.env.random.bytes::<32>())
}

/// What is stored of it and looked up by.
pub(crate) fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
