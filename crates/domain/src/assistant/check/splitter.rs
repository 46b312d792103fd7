//! Sentences from a text that comes piece by piece.
//!
//! A sentence ends at `.`, `!` or `?` before a blank, and at the end of a line. Marks of lists, headings and emphasis are taken
//! away, because models write them unasked. However the text is cut into pieces, the sentences are the same.

/// Most bytes that are held back for the end of a sentence. What is longer is no sentence, and goes on as it is to be refused.
const HELD_MAX: usize = 4096;

/// Words whose full stop ends no sentence, in lower case, without it.
const ABBREVIATIONS: &[&str] =
    &["e.g", "i.e", "vs", "approx", "incl", "resp", "cf", "no", "nr", "st", "mr", "mrs", "ms", "dr", "jr", "sr"];

/// Collects pieces of a text and gives its sentences.
#[derive(Debug, Default)]
pub struct Splitter {
    held: String,
    /// How far of `held` was looked at without finding an end.
    seen: usize,
}

impl Splitter {
    /// One that holds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a piece more; the sentences that are whole by now.
    pub fn push(&mut self, piece: &str) -> Vec<String> {
        self.held.push_str(piece);
        let mut sentences = Vec::new();
        while let Some(end) = self.end() {
            let rest = self.held.split_off(end);
            let sentence = std::mem::replace(&mut self.held, rest);
            self.seen = 0;
            sentences.extend(clean(&sentence));
        }
        sentences
    }

    /// The text has ended: what is left of it, at most one sentence.
    pub fn finish(&mut self) -> Vec<String> {
        self.seen = 0;
        clean(&std::mem::take(&mut self.held)).into_iter().collect()
    }

    /// Where the first sentence ends, once that is certain.
    fn end(&mut self) -> Option<usize> {
        for (at, byte) in self.held.bytes().enumerate().skip(self.seen) {
            match byte {
                b'\n' | b'\r' => return Some(at + 1),
                b'.' | b'!' | b'?' => {
                    // Closing marks go with the sentence; what follows them decides.
                    let closing =
                        self.held[at + 1..].chars().take_while(|c| is_closing(*c)).map(char::len_utf8).sum::<usize>();
                    match self.held[at + 1 + closing..].chars().next() {
                        // What comes next is not there yet.
                        None => {
                            self.seen = at;
                            return self.overlong();
                        }
                        Some(next) if next.is_whitespace() && !self.is_inside(at) => return Some(at + 1 + closing),
                        Some(_) => {}
                    }
                }
                _ => {}
            }
        }
        self.seen = self.held.len();
        self.overlong()
    }

    /// Whether the full stop belongs to an abbreviation or to the number of a list's line.
    fn is_inside(&self, at: usize) -> bool {
        if self.held.as_bytes()[at] != b'.' {
            return false;
        }
        let before = &self.held[..at];
        let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_lowercase();
        let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        let bullet = before.trim().len() <= 3
            && !before.trim().is_empty()
            && before.trim().bytes().all(|byte| byte.is_ascii_digit());
        initial || bullet || ABBREVIATIONS.contains(&word.as_str())
    }

    fn overlong(&self) -> Option<usize> {
        (self.held.len() > HELD_MAX).then_some(self.held.len())
    }
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']' | '*' | '_' | '`' | '\u{201d}' | '\u{2019}')
}

/// The sentence without marks of lists, headings and emphasis; `None` when nothing is left.
fn clean(text: &str) -> Option<String> {
    let mut text = text.trim();
    text = text.trim_start_matches(['#', '>']).trim_start();
    for bullet in ["- ", "* ", "+ ", "\u{2022} ", "\u{2013} "] {
        text = text.strip_prefix(bullet).unwrap_or(text).trim_start();
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) {
        for end in [". ", ") "] {
            text = text[digits..].strip_prefix(end).map_or(text, str::trim_start);
        }
    }
    let text = text.replace("**", "").replace("__", "").replace('`', "");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().any(char::is_alphanumeric).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<String> {
        let mut splitter = Splitter::new();
        let mut sentences = splitter.push(text);
        sentences.extend(splitter.finish());
        sentences
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let text = "There are 1,204.5 hours in ws-0a1b. e.g. ws-2 has 3.5 (i.e. little). In April, 12 USD! Why? \
            \"He said so.\" On 2026-04-30 at 14:05 UTC it ended. 12 are left";
        assert_eq!(
            split(text),
            [
                "There are 1,204.5 hours in ws-0a1b.",
                "e.g. ws-2 has 3.5 (i.e. little).",
                "In April, 12 USD!",
                "Why?",
                "\"He said so.\"",
                "On 2026-04-30 at 14:05 UTC it ended.",
                "12 are left",
            ]
        );
    }

    #[test]
    fn marks_of_lists_and_emphasis_are_taken_away() {
        let text = "## Answer\n\n- **12** are `stopped`.\n* 5 are available\n1. One\n2) Two\n> so\n---\n\n\u{2022} AUTO_STOP: 3.";
        assert_eq!(split(text), ["Answer", "12 are stopped.", "5 are available", "One", "Two", "so", "AUTO_STOP: 3."]);
    }

    #[test]
    fn nothing_waits_longer_than_it_must() {
        let mut splitter = Splitter::new();
        assert!(splitter.push("12 are stopped.").is_empty());
        assert_eq!(splitter.push(" 5"), ["12 are stopped."]);
        assert_eq!(splitter.push(".5 hours.\n"), ["5.5 hours."]);
        assert!(splitter.finish().is_empty());
        let long = "a".repeat(HELD_MAX + 1);
        assert_eq!(splitter.push(&long), std::slice::from_ref(&long));
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_sentences_are_the_same(
            text in "([a-z]{1,4}|[0-9,.]{1,5}|[.!?]|[ \n]|\\*|`|\"|é|- ){0,60}",
            cuts in proptest::collection::vec(0usize..200, 0..12),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|at| *at <= text.len() && text.is_char_boundary(*at)).collect();
            cuts.sort_unstable();
            let mut splitter = Splitter::new();
            let mut sentences = Vec::new();
            let mut at = 0;
            for cut in cuts {
                sentences.extend(splitter.push(&text[at..cut]));
                at = cut;
            }
            sentences.extend(splitter.push(&text[at..]));
            sentences.extend(splitter.finish());
            prop_assert_eq!(sentences, split(&text));
        }
    }
}
