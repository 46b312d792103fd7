//! What holds for every sentence: a figure that was changed, swapped or twisted is not shown.

use proptest::prelude::*;

use super::accepted;
use super::fixtures::*;
use crate::assistant::{FactValue, Facts, Sentence, check};

#[test]
fn any_digit_changed_is_refused() {
    let all = accepted::sentences();
    let mut changed = 0;
    for (facts, sentence, _) in &all {
        for (at, digit) in sentence.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            for other in ('0'..='9').filter(|other| *other != digit) {
                let mut wrong = (*sentence).to_owned();
                wrong.replace_range(at..=at, &other.to_string());
                assert!(check(&wrong, facts).is_err(), "{sentence} -> {wrong}");
                changed += 1;
            }
        }
    }
    assert!(changed > 3_000, "{changed}");
}

#[test]
fn any_two_figures_swapped_are_refused() {
    let all = accepted::sentences();
    let mut swapped = 0;
    for (facts, sentence, _) in &all {
        let words: Vec<&str> = sentence.split(' ').collect();
        let figure = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).to_owned();
        for one in 0..words.len() {
            for other in one + 1..words.len() {
                let (first, second) = (figure(words[one]), figure(words[other]));
                // A time before its day is the same moment.
                if first.is_empty()
                    || second.is_empty()
                    || first == second
                    || first.contains(':')
                    || second.contains(':')
                {
                    continue;
                }
                let mut wrong = words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
                wrong[one] = wrong[one].replace(&first, &second);
                wrong[other] = wrong[other].replace(&second, &first);
                let wrong = wrong.join(" ");
                assert!(check(&wrong, facts).is_err(), "{sentence} -> {wrong}");
                swapped += 1;
            }
        }
    }
    assert!(swapped > 40, "{swapped}");
}

#[test]
fn any_word_that_twists_is_refused_wherever_it_is_put() {
    const TWISTS: &[&str] = &[
        "not",
        "never",
        "no",
        "without",
        "more than",
        "less than",
        "at least",
        "up to",
        "over",
        "under",
        "only",
        "almost",
        "about",
        "nearly",
        "most",
        "all",
        "every",
        "half",
        "twice",
        "several",
        "other",
        "except",
        "hardly",
        "another",
        "dozens of",
        "nobody",
        "none of",
        "some",
        "many",
        "few",
        "fewer",
        "below",
        "might",
        "would",
        "if",
        "unless",
        "formerly",
        "fake",
    ];
    let mut put = 0;
    for (facts, sentence, _) in &accepted::sentences() {
        // Our own words may be said again.
        let rendered = facts.sentences.iter().map(|written| written.render(facts).to_lowercase());
        let ours: Vec<String> = rendered.chain(facts.facts.iter().map(|fact| fact.about.to_lowercase())).collect();
        let words: Vec<&str> = sentence.split(' ').collect();
        for twist in TWISTS.iter().filter(|twist| !ours.iter().any(|ours| ours.contains(**twist))) {
            for at in 0..=words.len() {
                let mut wrong = words.clone();
                wrong.insert(at, twist);
                let wrong = wrong.join(" ");
                // `in all` says no more than the total does.
                if wrong.contains("in all ") || wrong.ends_with("in all") {
                    continue;
                }
                assert!(check(&wrong, facts).is_err(), "{sentence} -> {wrong}");
                put += 1;
            }
        }
    }
    assert!(put > 10_000, "{put}");
}

/// Facts of every kind with any values, and a written sentence that states some of them in any order.
fn any_facts() -> impl Strategy<Value = Facts> {
    let value = prop_oneof![
        any::<u64>().prop_map(FactValue::Count),
        Just(FactValue::Count(0)),
        (-1_000_000_000i64..1_000_000_000).prop_map(|cents| usd(&format!("{}.{:02}", cents / 100, cents.abs() % 100))),
        (0u32..1_000_000).prop_map(|tenths| hours(&format!("{}.{}", tenths / 10, tenths % 10))),
        (0u32..1_000).prop_map(|tenths| percent(&format!("{}.{}", tenths / 10, tenths % 10))),
        (2000i32..2100, 1u32..13).prop_map(|(year, number)| month(year, number)),
        (1u32..13, 1u32..29).prop_map(|(month, number)| day(&format!("2026-{month:02}-{number:02}"))),
        (0u32..24, 0u32..60).prop_map(|(hour, minute)| at(&format!("2026-04-30T{hour:02}:{minute:02}:07Z"))),
        "\\PC{1,40}".prop_map(FactValue::Text),
    ];
    let words = "[a-zA-Z ,;:.%()0-9-]{0,20}";
    (
        proptest::collection::vec((value, proptest::collection::vec("[a-z_]{1,10}", 0..3)), 1..8),
        proptest::collection::vec((words, any::<prop::sample::Index>(), any::<bool>()), 1..6),
        proptest::collection::vec("[a-z0-9-]{1,10}", 0..3),
    )
        .prop_map(|(values, parts, context)| {
            let mut facts = Facts { context, ..Facts::default() };
            for (at, (value, terms)) in values.into_iter().enumerate() {
                let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
                facts.add(format!("fact {at}"), &terms, value);
            }
            let mut sentence = Sentence::new();
            for (words, at, or_no) in parts {
                let (begun, at) = (sentence.words(words), at.index(facts.facts.len()));
                sentence = if or_no { begun.fact_or_no(at) } else { begun.fact(at) };
            }
            facts.sentences.push(sentence);
            facts
        })
}

proptest! {
    #[test]
    fn every_written_sentence_is_shown(facts in any_facts()) {
        for sentence in &facts.sentences {
            let stated = check(&sentence.render(&facts), &facts);
            prop_assert!(stated.is_ok(), "{:?}: {:?}", sentence.render(&facts), stated);
        }
    }

    #[test]
    fn no_text_and_no_facts_make_it_fail(facts in any_facts(), sentence in "\\PC{0,200}") {
        if let Ok(stated) = check(&sentence, &facts) {
            prop_assert!(stated.iter().all(|at| *at < facts.facts.len()));
        }
    }

    #[test]
    fn a_count_is_shown_as_what_it_is_and_as_nothing_else(all in 2u64..2_000_000, part in 1u64..1_000_000, other in any::<u64>()) {
        prop_assume!(part < all && other != all && other != part);
        let mut facts = Facts::default();
        let total = facts.add("WorkSpaces", &[], count(all));
        let stopped = facts.add("WorkSpaces in state STOPPED", &["stopped"], count(part));
        let (all, part) = (facts.facts[total].value.to_string(), facts.facts[stopped].value.to_string());
        let sentence = |part: &str, all: &str| format!("{part} of the {all} WorkSpaces are stopped.");
        prop_assert_eq!(check(&sentence(&part, &all), &facts), Ok(vec![stopped, total]));
        let other = other.to_string();
        prop_assert!(check(&sentence(&other, &all), &facts).is_err());
        prop_assert!(check(&sentence(&part, &other), &facts).is_err());
        prop_assert!(check(&sentence(&all, &part), &facts).is_err());
    }

    #[test]
    fn an_amount_is_shown_to_the_last_decimal(cents in 1i64..100_000_000_000, off in 1i64..1_000_000) {
        let amount = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let mut facts = Facts::default();
        facts.add("billed in all", &[], usd(&amount(cents)));
        let sentence = |amount: &str| format!("The bill is {amount} USD.");
        prop_assert_eq!(check(&sentence(&amount(cents)), &facts), Ok(vec![0]));
        prop_assert!(check(&sentence(&amount(cents + off)), &facts).is_err());
    }
}
