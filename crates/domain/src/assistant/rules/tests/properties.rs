//! What holds for every text.

use proptest::prelude::*;

use super::super::{phrases, plan_fits, text, vocabulary};
use super::{lexicon, plan, today};
use crate::assistant::rules::Lexicon;

/// Texts that are like questions: words of the trade, names, dates and rubbish in any order.
fn babble() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "how",
        "many",
        "workspaces",
        "stopped",
        "cost",
        "and",
        "by",
        "region",
        "last",
        "month",
        "between",
        "3",
        "november",
        "compared",
        "with",
        "ireland",
        "eu-west-1",
        "j.smith",
        "ws-8f3k2m1qz",
        "top",
        "5",
        "most",
        "unused",
        "what",
        "about",
        "team",
        "data",
        "power",
        "account",
        "not",
        "will",
        "?",
        ".",
        "stop",
        "them",
        "since",
        "may",
        "2026",
        "-",
        "é",
        "💥",
        "31",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_planned_or_not(text in "\\PC{0,300}") {
        if let Some(plan) = plan(&text, &lexicon(), today(), None) {
            prop_assert!(plan_fits(&plan));
        }
    }

    #[test]
    fn every_plan_is_one_that_its_tools_can_use(first in babble(), second in babble()) {
        let lexicon = lexicon();
        let before = plan(&first, &lexicon, today(), None);
        let after = plan(&second, &lexicon, today(), before.as_ref());
        for plan in before.iter().chain(&after) {
            prop_assert!(plan_fits(plan), "{first} / {second}: {plan:?}");
        }
    }

    #[test]
    fn case_and_politeness_change_nothing(question in prop::sample::select(vec![
        "how many workspaces are stopped in ireland", "what did we spend last month", "which region has the most workspaces",
    ])) {
        let lexicon = lexicon();
        let plain = plan(question, &lexicon, today(), None);
        prop_assert!(plain.is_some());
        let polite = format!("Please, {}?!", question.to_uppercase());
        prop_assert_eq!(plain, plan(&polite, &lexicon, today(), None));
    }
}

#[test]
fn the_names_of_a_hostile_installation_break_nothing() {
    let odd =
        ["", " ", "?", "how many", "the", "stopped", "💥", "a".repeat(3_000).as_str(), "in in in in in", "2026-11-21"]
            .map(ToOwned::to_owned);
    let pairs: Vec<(String, String)> = odd.iter().map(|name| (name.clone(), name.clone())).collect();
    let lexicon = Lexicon {
        accounts: odd.to_vec(),
        regions: odd.to_vec(),
        bundles: pairs.clone(),
        directories: pairs.clone(),
        states: odd.to_vec(),
        running_modes: odd.to_vec(),
        compute_types: odd.to_vec(),
        tags: pairs,
    };
    let plain = |question| plan(question, &Lexicon::default(), today(), None);
    for question in ["What did we spend last month?", "how many desktops are running?", "in in in in in in in in"] {
        assert_eq!(plan(question, &lexicon, today(), None), plain(question), "{question}");
    }
}

#[test]
fn a_long_question_takes_steps_in_proportion_to_its_length() {
    // No clock: the worst of a text is its words, and there is an end to these.
    for text in
        ["a ".repeat(1_000), "how many ".repeat(222), "workspacez ".repeat(181), "$".repeat(2_000), "-".repeat(2_000)]
    {
        assert!(text::words(&text).is_none_or(|words| words.len() <= 400));
        let _ = plan(&text, &lexicon(), today(), None);
    }
}

#[test]
fn every_phrase_can_be_read() {
    for (signs, phrases) in phrases::TABLE {
        for phrase in phrases.split('|') {
            assert!(phrase.split(' ').count() <= vocabulary::LONGEST, "{phrase}");
            assert_eq!(phrase.trim(), phrase);
            assert_eq!(vocabulary::signs(phrase), Some(*signs), "{phrase} is in two lines");
        }
    }
}
