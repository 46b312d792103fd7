//! How a key is written: `whk_`, eight characters to recognise it by, `_`, and the secret, 32 random bytes in base64url.

use crate::{Context, token};

/// What every key begins with, so that scanners of leaked secrets find it.
pub(super) const MARK: &str = "whk_";
/// Letters and digits that are not taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const NAME_CHARS: usize = 8;
const SECRET_CHARS: usize = 43;

/// A key that was just made.
pub(super) struct KeyText {
    /// What it begins with, mark included; no secret.
    pub(super) prefix: String,
    /// The whole of it.
    pub(super) text: String,
}

/// A new one.
pub(super) fn new(ctx: &Context) -> KeyText {
    let bits = u64::from_be_bytes(ctx.env.random.bytes::<8>());
    let name = (0..NAME_CHARS).map(|at| char::from(ALPHABET[((bits >> (5 * at)) & 31) as usize]));
    let prefix: String = MARK.chars().chain(name).collect();
    let text = format!("{prefix}_{}", token::new(ctx));
    KeyText { prefix, text }
}

/// Whether that can be a key: anything else needs no look into the database.
pub(crate) fn is_key(text: &str) -> bool {
    let Some((name, secret)) = text.strip_prefix(MARK).and_then(|rest| rest.split_at_checked(NAME_CHARS)) else {
        return false;
    };
    let Some(secret) = secret.strip_prefix('_') else { return false };
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    name.bytes().all(|byte| ALPHABET.contains(&byte)) && secret.len() == SECRET_CHARS && secret.bytes().all(base64url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_is_a_key() {
        let secret = "a-_Z9".repeat(9)[..SECRET_CHARS].to_owned();
        assert!(is_key(&format!("whk_0123abcd_{secret}")));
        for bad in [
            String::new(),
            "whk_".to_owned(),
            "whk_0123abcd".to_owned(),
            format!("whk_0123abcd_{secret}x"),
            format!("whk_0123abcd_{}", &secret[1..]),
            format!("whk_0123abcl_{secret}"),
            format!("whk_0123ABCD_{secret}"),
            format!("WHK_0123abcd_{secret}"),
            format!("whk_0123abcd-{secret}"),
            format!("whk_0123abcd_{}=", &secret[1..]),
            format!("whk_0123ab\u{e9}_{secret}"),
            format!(" whk_0123abcd_{secret}"),
        ] {
            assert!(!is_key(&bad), "{bad:?}");
        }
    }
}
