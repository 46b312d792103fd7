//! Hides what a free text of an error must not carry: keys, tokens, passwords, queries, e-mail and network addresses.
//!
//! It knows shapes, not secrets, and rather hides too much: any long run of letters and digits goes, ids excepted. It is the
//! second line; the first is that events are made of few fields. To add a shape: a line in [`SHAPES`] and a case in its test.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

/// What stands in place of what was hidden.
pub const HIDDEN: &str = "[hidden]";
/// Longest text of an event, in characters.
const LONGEST: usize = 2_000;
/// A run of this many characters is a word only while no digit is in it.
const LONG_RUN: usize = 20;
/// No word is as long.
const LONGER_THAN_WORDS: usize = 32;

/// What is hidden, in this order, and what is put there.
const SHAPES: &[(&str, &str)] = &[
    // Who signs in where: everything between a scheme and the last @ after it.
    (r"(?i)\b([a-z][a-z0-9+.-]*://)\S*@", "${1}[hidden]@"),
    // What was asked for in a URL.
    (r"\?[^\s=&?]+=\S*", "?[hidden]"),
    (r"(?i)\b(bearer|basic|negotiate|digest)\s+\S+", "${1} [hidden]"),
    (
        r#"(?i)\b([a-z0-9_.-]*(?:password|passwd|passphrase|pwd|secret|token|authorization|api[_-]?key|cookie|credential|signature|otp)[a-z0-9_]*)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)"#,
        "${1}${2}[hidden]",
    ),
    // An API key, whatever follows its mark.
    (r"whk_[A-Za-z0-9_-]*", HIDDEN),
    // A key of AWS, by which others find its secret.
    (r"\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{8,}", HIDDEN),
    (r#"[^\s@\[\]/<>"'`(),;:=]+@[^\s@<>"'`(),;:=]+"#, HIDDEN),
];

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let pattern = |shape: &str| Regex::new(shape).expect("every shape is a pattern; a test uses each");
    SHAPES.iter().map(|(shape, instead)| (pattern(shape), *instead)).collect()
});
static RUNS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/=_~-]{20,}").expect("a run is a pattern; a test uses it"));
static ADDRESSES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9A-Fa-f:.]{3,}").expect("an address is a pattern; a test uses it"));

/// The text, shortened, with what must not be seen hidden.
#[must_use]
pub fn scrub(text: &str) -> String {
    let text: String = text.chars().take(LONGEST).collect();
    let text = PATTERNS.iter().fold(Cow::Owned(text), |text, (pattern, instead)| {
        Cow::Owned(pattern.replace_all(&text, *instead).into_owned())
    });
    let text = RUNS.replace_all(&text, |run: &Captures<'_>| judge(&run[0], is_secret_run(&run[0])));
    let text = ADDRESSES.replace_all(&text, |found: &Captures<'_>| judge(&found[0], is_address(&found[0])));
    text.into_owned()
}

fn judge(found: &str, hide: bool) -> String {
    if hide { HIDDEN.to_owned() } else { found.to_owned() }
}

/// Long and not made of words: it has a digit, or is longer than words are. Ids as we write them stay.
fn is_secret_run(run: &str) -> bool {
    let long = run.split(['/', '_', '-', '=']).any(|part| part.len() >= LONGER_THAN_WORDS);
    let mixed = run.len() >= LONG_RUN && run.bytes().any(|byte| byte.is_ascii_digit());
    (long || mixed) && !is_id(run)
}

/// A UUID with its hyphens.
fn is_id(run: &str) -> bool {
    run.len() == 36 && uuid::Uuid::try_parse(run).is_ok()
}

/// An address of a network, perhaps with a port or a full stop behind it.
fn is_address(found: &str) -> bool {
    let bare = found.trim_end_matches(['.', ':']);
    let host = bare.rsplit_once(':').map_or(bare, |(host, _)| host);
    [bare, host].iter().any(|text| text.parse::<IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_secret_goes_and_what_explains_stays() {
        for (text, left) in [
            ("connect postgres://ann:pa:s/s@w@db:5432/x failed", "connect postgres://[hidden]@db:5432/x failed"),
            ("get https://hooks.example.org/a?token=abc&x=1: 404", "get https://hooks.example.org/a?[hidden] 404"),
            ("authorization: Bearer abc.def", "authorization: [hidden] [hidden]"),
            ("it sent Bearer abc.def", "it sent Bearer [hidden]"),
            ("smtp_password=\"a b\" refused", "smtp_password=[hidden] refused"),
            ("{\"client_secret\": \"hush\"}", "{\"client_secret\": [hidden]}"),
            ("key whk_0123abcd_x is old", "key [hidden] is old"),
            ("AKIAIOSFODNN7EXAMPLE may not", "[hidden] may not"),
            ("mail to ann.lee+x@example.org bounced", "mail to [hidden] bounced"),
            ("peer 10.1.2.3:443 and [2001:db8::1]:8080 left.", "peer [hidden] and [[hidden]]:8080 left."),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "[hidden]"),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[hidden]"),
            ("job 01890a5d-ac96-774b-bcce-b302099a8057 is gone", "job 01890a5d-ac96-774b-bcce-b302099a8057 is gone"),
            (
                "services::identity::sign_in: pool timed out at 12.5",
                "services::identity::sign_in: pool timed out at 12.5",
            ),
            ("no such table: connection_state_history", "no such table: connection_state_history"),
            ("crates/store/src/db.rs:253:9", "crates/store/src/db.rs:253:9"),
        ] {
            assert_eq!(scrub(text), left);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(scrub(&"ü ".repeat(LONGEST)).chars().count(), LONGEST);
    }

    /// Words that an error is made of, without a digit.
    const WORDS: &str = "[a-z ,.()]{0,40}";

    proptest! {
        #[test]
        fn no_secret_is_left_wherever_it_stands(
            before in WORDS, after in WORDS,
            secret in prop_oneof![
                "whk_[a-z0-9]{8}_[A-Za-z0-9_-]{43}",
                "(AKIA|ASIA)[A-Z0-9]{16}",
                "[A-Z2-7]{32}",
                "[0-9a-f]{32}",
                "[A-Za-z0-9_-]{42}[0-9]",
                "[A-Za-z0-9+]{39}[0-9]",
            ],
        ) {
            let left = scrub(&format!("{before} {secret} {after}"));
            prop_assert!(!left.contains(&secret), "{left}");
            let quoted = scrub(&format!("{before}\"{secret}\"{after}"));
            prop_assert!(!quoted.contains(&secret), "{quoted}");
        }

        #[test]
        fn a_named_secret_goes_however_short(name in "(password|token|api_key|secret|Cookie)", value in "[!-~&&[^\"']]{3,30}") {
            let left = scrub(&format!("{name}={value} was refused"));
            prop_assert_eq!(left, format!("{name}=[hidden] was refused"));
        }

        #[test]
        fn nobody_is_named_by_an_address(user in "[a-z][a-z.]{1,12}", host in "[a-z]{2,12}", password in "[!-~&&[^@ ]]{4,20}") {
            let address = format!("{user}@{host}.org");
            let mail = scrub(&format!("no mail for <{address}>, later"));
            prop_assert_eq!(mail, "no mail for <[hidden]>, later");
            let url = scrub(&format!("https://{user}:{password}@{host}.org/x is away"));
            prop_assert!(!url.contains(&password) && url.contains("is away"), "{}", url);
        }

        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            prop_assert!(scrub(&text).chars().count() <= LONGEST * HIDDEN.len());
        }
    }
}
