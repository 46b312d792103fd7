//! One wrong, missing, doubled or swapped letter in a long word of the trade. The first letter must be right, and no two
//! words may be meant. Short words, names and ids are never mended.

use super::names::Names;
use super::text::Word;
use super::{dates, vocabulary};

/// Shorter words are left as they are.
const SHORTEST: usize = 5;

/// Mends the words that nobody knows.
pub(super) fn mend(words: &mut [Word], names: &Names) {
    for word in words {
        let text = word.text.as_str();
        let plain = text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_lowercase());
        if plain
            && !vocabulary::is_word(text)
            && !names.has_word(text)
            && let Some(meant) = meant(text)
        {
            word.text = meant.to_owned();
        }
    }
}

fn meant(word: &str) -> Option<&'static str> {
    let mut found: Option<&'static str> = None;
    for known in vocabulary::long_words().chain(dates::long_words()) {
        if known == word {
            return None;
        }
        if known.as_bytes().first() != word.as_bytes().first() || !one_apart(known.as_bytes(), word.as_bytes()) {
            continue;
        }
        match found {
            // One and many are the same word.
            Some(other) if other.trim_end_matches('s') != known.trim_end_matches('s') => return None,
            _ => found = Some(known),
        }
    }
    found
}

/// Whether two words differ by one letter that is wrong, missing or too many, or by two that are swapped.
fn one_apart(a: &[u8], b: &[u8]) -> bool {
    let ahead = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[ahead..], &b[ahead..]);
    let behind = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - behind], &b[..b.len() - behind]) {
        ([], [_]) | ([_], []) | ([_], [_]) => true,
        ([x, y], [u, v]) => (x, y) == (v, u),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::rules::text::words;

    fn mended(text: &str) -> String {
        let mut words = words(text).unwrap();
        mend(&mut words, &Names::default());
        words[0].text.clone()
    }

    #[test]
    fn one_letter_is_forgiven_in_long_words() {
        for (wrong, right) in [
            ("worksapces", "workspaces"),
            ("workspces", "workspaces"),
            ("stoped", "stopped"),
            ("runing", "running"),
            ("regoin", "region"),
            ("acount", "account"),
            ("forcast", "forecast"),
            ("savngs", "savings"),
            ("septmber", "september"),
            ("febuary", "february"),
            ("yesterdy", "yesterday"),
        ] {
            assert_eq!(mended(wrong), right);
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in
            ["hosts", "speed", "mailed", "filling", "charger", "elephant", "workspaces", "wrkspcs", "j.smyth", "cst"]
        {
            assert_eq!(mended(word), word);
        }
    }
}
