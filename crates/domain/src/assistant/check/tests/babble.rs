//! What a model without sense writes: words and figures in any order. Nothing of it is shown unless what it states is so.

use super::fixtures::*;
use crate::assistant::{FactValue, Facts, check};

/// A generator that gives the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(sides).unwrap()).unwrap()
    }
}

const WORDS: &str = "there are is was has the a of in and or with for from to which that have been not no more than only stopped \
    available error WorkSpaces WorkSpace eu-west-1 us-east-1 April 2026 March USD hours sessions connected billed team user \
    bundle maria.lopez john.doe all total together most , , . ; : ( ) % - \" dead waiting running jobs";

/// Figures that are facts of some fixture, and some that are of none.
const FIGURES: &str = "1,204 892 300 12 800 404 71 23 0 112,437.44 101,200.00 11,237.44 11.1 1,619.5 50 120 80.5 60 7 3 19.5 9 \
    9,999 13 1,205 4.2 100 2,000 two twelve hundred";

fn sentence(dice: &mut Dice) -> String {
    let (words, figures): (Vec<_>, Vec<_>) = (WORDS.split_whitespace().collect(), FIGURES.split_whitespace().collect());
    let length = 3 + dice.roll(12);
    let word = |dice: &mut Dice| {
        if dice.roll(4) == 0 { figures[dice.roll(figures.len())] } else { words[dice.roll(words.len())] }
    };
    (0..length).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
}

/// Every figure of the sentence, as digits, is one of what it states, of the context, or of our words.
fn is_borne_out(sentence: &str, stated: &[usize], facts: &Facts) -> bool {
    let shown: Vec<String> = stated.iter().map(|at| facts.facts[*at].value.to_string()).collect();
    let ours =
        shown.iter().chain(&facts.context).chain(facts.facts.iter().flat_map(|fact| &fact.terms)).map(String::as_str);
    let ours = ours.collect::<Vec<_>>().join(" ");
    let figures = sentence.split(' ').filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    figures.into_iter().all(|figure| ours.split(' ').any(|word| word == figure))
}

#[test]
fn babble_is_shown_only_where_it_is_so() {
    let every = every();
    let mut dice = Dice(5);
    let mut shown = 0;
    for round in 0..10_000 {
        let facts = &every[round % every.len()];
        let sentence = sentence(&mut dice);
        let Ok(stated) = check(&sentence, facts) else { continue };
        shown += 1;
        assert!(!stated.is_empty(), "{sentence}");
        assert!(is_borne_out(&sentence, &stated, facts), "{sentence}: {stated:?}");
        let lower = sentence.to_lowercase();
        for at in stated {
            let fact = &facts.facts[at];
            let counts = matches!(fact.value, FactValue::Count(_));
            for term in fact.terms.iter().filter(|term| counts && *term != "all") {
                let said =
                    lower.replace(['-', '_', ' '], "").contains(&term.to_lowercase().replace(['-', '_', ' '], ""));
                assert!(said, "{sentence}: without {term}");
            }
        }
    }
    // That the odd one is true shows that the test would find one that is not.
    assert!((1..200).contains(&shown), "{shown}");
}

#[test]
fn babble_of_tokens_is_never_shown() {
    let mut dice = Dice(7);
    let every = every();
    for round in 0..10_000 {
        let length = 1 + dice.roll(40);
        let letter = |dice: &mut Dice| char::from_u32(32 + u32::try_from(dice.roll(400)).unwrap()).unwrap_or(' ');
        let sentence: String = (0..length).map(|_| letter(&mut dice)).collect();
        assert!(check(&sentence, &every[round % every.len()]).is_err(), "{sentence}");
    }
}
