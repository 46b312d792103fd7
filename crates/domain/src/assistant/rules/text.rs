//! A question as words: lower case, without punctuation, contractions undone. Not their meaning.

/// More words than this no question of ours has.
const MOST_WORDS: usize = 400;

/// A word of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, for comparing.
    pub(super) text: String,
    /// As it was written, for what is passed on.
    pub(super) raw: String,
    /// Whether a sentence ends after it.
    pub(super) ends: bool,
}

/// The words of a text. A symbol that is no punctuation is a word of its own, so that it is not overlooked. `None`: too many.
pub(super) fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        match letter {
            '’' | '‘' | '`' => word.push('\''),
            '-' | '.' | '_' | '@' | '\'' | '&' => word.push(letter),
            '–' | '—' => {
                finish(&mut word, &mut words);
                push("-", &mut words);
            }
            _ if letter.is_alphanumeric() => word.push(letter),
            _ => {
                finish(&mut word, &mut words);
                if matches!(letter, '?' | '!' | ';') {
                    end(&mut words);
                } else if !letter.is_whitespace() && !r#",:()[]{}"“”„«»/=*#"#.contains(letter) {
                    push(letter.encode_utf8(&mut [0; 4]), &mut words);
                }
            }
        }
        if words.len() > MOST_WORDS {
            return None;
        }
    }
    finish(&mut word, &mut words);
    end(&mut words);
    (words.len() <= MOST_WORDS).then_some(words)
}

/// The words of a name, to be found among those of a question.
pub(super) fn plain_words(name: &str) -> Vec<String> {
    words(name).unwrap_or_default().into_iter().map(|word| word.text).collect()
}

fn end(words: &mut [Word]) {
    if let Some(last) = words.last_mut() {
        last.ends = true;
    }
}

fn push(raw: &str, words: &mut Vec<Word>) {
    if !raw.is_empty() {
        words.push(Word { text: raw.to_lowercase(), raw: raw.to_owned(), ends: false });
    }
}

/// Takes the word that was gathered, without the punctuation around it.
fn finish(word: &mut String, words: &mut Vec<Word>) {
    let whole = std::mem::take(word);
    if whole == "-" || whole == "&" {
        push(&whole, words);
        return;
    }
    let bare = whole.trim_matches(['-', '.', '_', '@', '\'', '&']);
    match bare.rsplit_once('\'') {
        _ if bare.eq_ignore_ascii_case("can't") => push_all(&[bare.get(..3).unwrap_or_default(), "not"], words),
        _ if bare.eq_ignore_ascii_case("won't") => push_all(&["will", "not"], words),
        Some((head, "t" | "T")) if head.ends_with(['n', 'N']) => push_all(&[&head[..head.len() - 1], "not"], words),
        Some((head, "ll")) => push_all(&[head, "will"], words),
        Some((head, "s" | "S" | "re" | "ve" | "d" | "m")) => push(head, words),
        _ => push(bare, words),
    }
    if whole.ends_with('.') && !bare.is_empty() && bare.len() > 1 {
        end(words);
    }
}

fn push_all(parts: &[&str], words: &mut Vec<Word>) {
    for part in parts {
        push(part, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        words(text).unwrap().into_iter().map(|word| if word.ends { word.text + "|" } else { word.text }).collect()
    }

    #[test]
    fn words_lose_case_and_punctuation_and_nothing_else() {
        assert_eq!(split("What's J.Smith’s cost, in us-east-1?"), ["what", "j.smith", "cost", "in", "us-east-1|"]);
        assert_eq!(
            split("Aren't they? They can't, won't."),
            ["are", "not", "they|", "they", "can", "not", "will", "not|"]
        );
        assert_eq!(split("N. Virginia (\"Demo\")"), ["n", "virginia", "demo|"]);
        assert_eq!(
            split("Project=atlas a@b.org 2026-11-03 3 – 5"),
            ["project", "atlas", "a@b.org", "2026-11-03", "3", "-", "5|"]
        );
        assert_eq!(split("O'Brien's 5 € 100%"), ["o'brien", "5", "€", "100", "%|"]);
        assert_eq!(split("work\u{200b}spaces"), ["work", "\u{200b}", "spaces|"]);
        assert_eq!(split("...?! '' --"), Vec::<String>::new());
    }

    #[test]
    fn a_flood_of_words_is_no_question() {
        assert_eq!(words(&"a ".repeat(MOST_WORDS + 1)), None);
        assert_eq!(words(&"$".repeat(2_000)), None);
        assert!(words(&"a ".repeat(MOST_WORDS)).is_some());
    }
}
