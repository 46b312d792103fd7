//! What never gets into the log: secrets. And what would make one entry too long.

use serde_json::Value;

/// What stands where a secret was.
pub const REDACTED: &str = "***";

/// Words that make a field's name that of a secret, wherever they stand in it.
const SECRET_WORDS: &[&str] = &[
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "secrets",
    "token",
    "tokens",
    "totp",
    "otp",
];
/// Words that do so at the end of the name: `api_key` holds one, `key_id` does not.
const SECRET_ENDS: &[&str] = &["key", "keys", "code", "codes", "hash", "signature"];
/// Names that hold a secret though no word says so, and names that hold none though a word does.
const SECRET_NAMES: &[&str] = &["external_id", "pin"];
const PLAIN_NAMES: &[&str] = &["unique_key", "error_code", "status_code", "country_code"];

/// Longest text, characters; what is longer is cut.
const MAX_TEXT: usize = 4_000;
/// Most members of a list; the rest is counted.
const MAX_ITEMS: usize = 1_000;

/// The value with the content of every field that is called like a secret blanked, whatever its depth, and with very long
/// texts and lists cut. Yes, no and nothing are left: that somebody has a password is no secret.
#[must_use]
pub fn redact(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let blank = !matches!(value, Value::Bool(_) | Value::Null) && is_secret(&name);
                let value = if blank { Value::from(REDACTED) } else { redact(value) };
                (clean(&name, MAX_TEXT), value)
            });
            Value::Object(fields.collect())
        }
        Value::Array(mut items) => {
            let more = items.len().saturating_sub(MAX_ITEMS);
            items.truncate(MAX_ITEMS);
            let mut items: Vec<_> = items.into_iter().map(redact).collect();
            if more > 0 {
                items.push(Value::from(format!("and {more} more")));
            }
            Value::Array(items)
        }
        Value::String(text) => Value::String(clean(&text, MAX_TEXT)),
        plain => plain,
    }
}

/// The text without NUL, which Postgres does not keep, cut to that many characters.
pub(super) fn clean(text: &str, max: usize) -> String {
    let mut kept: String = text.chars().filter(|letter| *letter != '\0').take(max + 1).collect();
    if let Some((cut, _)) = kept.char_indices().nth(max) {
        kept.truncate(cut);
        kept.push('…');
    }
    kept
}

fn is_secret(name: &str) -> bool {
    let words = words(name);
    let joined = words.join("_");
    if PLAIN_NAMES.contains(&joined.as_str()) {
        return false;
    }
    SECRET_NAMES.contains(&joined.as_str())
        || words.iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
        || words.last().is_some_and(|word| SECRET_ENDS.contains(&word.as_str()))
}

/// The words of a field's name: `apiKey`, `API-Key` and `api_key` are the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for letter in name.chars() {
        let begins = letter.is_uppercase() && lower_before;
        if (begins || !letter.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        lower_before = letter.is_lowercase() || letter.is_numeric();
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_called_like_a_secret_is_blanked_at_any_depth() {
        let given = json!({
            "name": "Prod", "password": "a", "newPassword": "b", "API-Key": "c", "key_id": 7, "role_arn": "arn",
            "external_id": "d", "nested": [{ "client_secret": { "deep": "e" } }], "has_password": true, "token": null,
            "unique_key": "sync:1", "error_code": "Throttled", "recovery_codes": ["f"], "password_hash": "$argon2id$g",
            "totp_secret": "h", "tokens": ["i"], "Set-Cookie": "j", "tokenizer": "bpe",
        });
        let blank = redact(given);
        let expected = json!({
            "name": "Prod", "password": "***", "newPassword": "***", "API-Key": "***", "key_id": 7, "role_arn": "arn",
            "external_id": "***", "nested": [{ "client_secret": "***" }], "has_password": true, "token": null,
            "unique_key": "sync:1", "error_code": "Throttled", "recovery_codes": "***", "password_hash": "***",
            "totp_secret": "***", "tokens": "***", "Set-Cookie": "***", "tokenizer": "bpe",
        });
        assert_eq!(blank, expected);
    }

    #[test]
    fn long_texts_and_lists_are_cut_and_nul_goes() {
        let cut = redact(json!({ "text": "é".repeat(5_000), "list": vec![1; 1_002], "nul": "a\0b" }));
        assert_eq!(cut["text"].as_str().unwrap().chars().count(), MAX_TEXT + 1);
        assert_eq!(cut["list"].as_array().unwrap().len(), MAX_ITEMS + 1);
        assert_eq!(cut["list"][MAX_ITEMS], "and 2 more");
        assert_eq!(cut["nul"], "ab");
    }

    proptest! {
        #[test]
        fn no_secret_survives_under_any_wrapping(
            prefix in "[a-z]{0,8}",
            name in prop::sample::select(vec!["password", "secret", "api_key", "accessKey", "token", "Authorization"]),
            depth in 0_usize..6,
        ) {
            let field = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") };
            let mut value = json!({ field: "hunter2hunter2" });
            for level in 0..depth {
                value = if level % 2 == 0 { json!([value]) } else { json!({ "inner": value }) };
            }
            prop_assert!(!redact(value).to_string().contains("hunter2"));
        }
    }
}
