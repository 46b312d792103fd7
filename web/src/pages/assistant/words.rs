//! Levels, their failures and tokens in words. Pure.

use contract::assistant::{LevelView, QuotaView};
use domain::assistant::{Level, LevelFailure};

use crate::components::ui::Tone;
use crate::format::{sentence, thousands};

/// A level with its number: `Level 2 · Phi-3 on the processor`.
pub fn level_words(level: Level) -> String {
    format!("Level {} · {}", level.number(), sentence(level.words()))
}

/// Why a level did not speak, as the end of a sentence that begins with it.
pub fn failure_words(failure: LevelFailure) -> &'static str {
    match failure {
        LevelFailure::NotConfigured => "is not set up",
        LevelFailure::Unreachable => "could not be reached",
        LevelFailure::Busy => "had too much to do",
        LevelFailure::TooSlow => "took too long",
        LevelFailure::Failed => "answered with an error",
        LevelFailure::Paused => "was left alone for a while: it had failed several times in a row",
        LevelFailure::Refused => "said nothing that the facts bear out",
        LevelFailure::Quota => "was left out: this month's tokens are used up",
    }
}

/// The same in a word or two, for a badge.
pub fn failure_name(failure: LevelFailure) -> &'static str {
    match failure {
        LevelFailure::NotConfigured => "Not set up",
        LevelFailure::Unreachable => "Not reached",
        LevelFailure::Busy => "Busy",
        LevelFailure::TooSlow => "Too slow",
        LevelFailure::Failed => "Error",
        LevelFailure::Paused => "Paused",
        LevelFailure::Refused => "Refused",
        LevelFailure::Quota => "Tokens used up",
    }
}

/// Who would answer now: the best level that can.
pub fn speaker(levels: &[LevelView]) -> Option<Level> {
    levels.iter().find(|level| level.unavailable.is_none()).map(|level| level.level)
}

/// What is to be said about the tokens of somebody; nothing while there are enough.
pub fn quota_words(quota: &QuotaView) -> Option<(Tone, String)> {
    let limit = quota.limit.filter(|limit| *limit > 0)?;
    let whose = if quota.whose == "you" { "Your".to_owned() } else { format!("{}’s", quota.whose) };
    if quota.used >= limit {
        let then = "Until the month ends, answers are written sentences over the same facts.";
        return Some((Tone::Warning, format!("{whose} tokens of this month are used up. {then}")));
    }
    let used = format!("{whose} tokens of this month: {} of {} used.", thousands(quota.used), thousands(limit));
    quota.warning.then_some((Tone::Info, used))
}

/// Longest code that is kept on one line, bytes: a region or an id, and no more than a phone has room for.
const LONGEST_CODE: usize = 24;

/// The pieces of a text, each with whether it is a code such as `eu-central-1`, in which no line may end at a hyphen.
pub fn pieces(text: &str) -> Vec<(String, bool)> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    let mut add = |text: &str, code: bool| match pieces.last_mut() {
        Some((last, false)) if !code => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push((text.to_owned(), code)),
    };
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if bare.contains('-') && bare.len() <= LONGEST_CODE {
            add(bare, true);
            add(&word[bare.len()..], false);
        } else {
            add(word, false);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_spoken_of_when_they_run_out() {
        let quota = |whose: &str, used, limit, warning| QuotaView { whose: whose.into(), used, limit, warning };
        let said = |quota: QuotaView| quota_words(&quota).map(|(_, words)| words);
        assert_eq!(said(quota("you", 10, None, false)), None);
        assert_eq!(said(quota("you", 10, Some(100), false)), None);
        assert_eq!(
            said(quota("you", 8_100, Some(10_000), true)).as_deref(),
            Some("Your tokens of this month: 8,100 of 10,000 used.")
        );
        assert!(
            said(quota("Design", 100, Some(100), true))
                .unwrap()
                .starts_with("Design’s tokens of this month are used up.")
        );
    }

    #[test]
    fn the_best_level_that_can_speaks() {
        let level =
            |level: Level, unavailable| LevelView { level, words: level.words().into(), unavailable, again_at: None };
        let levels = [
            level(Level::Accelerator, Some(LevelFailure::NotConfigured)),
            level(Level::Processor, None),
            level(Level::Template, None),
        ];
        assert_eq!(speaker(&levels), Some(Level::Processor));
        assert_eq!(speaker(&[]), None);
        assert_eq!(level_words(Level::Template), "Level 5 · Written sentences");
    }

    #[test]
    fn codes_are_told_from_the_words_around_them() {
        let found = pieces("By region: 28 in us-east-1 and 12 in eu-central-1.");
        let found: Vec<_> = found.iter().map(|(text, code)| (text.as_str(), *code)).collect();
        let expected =
            [("By region: 28 in ", false), ("us-east-1", true), (" and 12 in ", false), ("eu-central-1.", true)];
        assert_eq!(found, expected);
        for text in ["", " ", "ws-1", "a  b-c ", &format!("{}-x é", "x".repeat(30))] {
            assert_eq!(pieces(text).into_iter().map(|(text, _)| text).collect::<String>(), text);
        }
        assert!(pieces(&format!("{}-x", "x".repeat(30))).iter().all(|(_, code)| !code), "it must break somewhere");
    }

    #[test]
    fn each_failure_has_words_of_its_own() {
        let all = |words: fn(LevelFailure) -> &'static str| {
            LevelFailure::ALL.iter().map(|failure| words(*failure)).collect::<std::collections::BTreeSet<_>>().len()
        };
        for words in [failure_words, failure_name] {
            assert_eq!(all(words), LevelFailure::ALL.len());
        }
    }
}
