//! Sentences that are not shown, and why.

use super::fixtures::*;
use crate::assistant::{Facts, Refusal, check};

fn refusal(sentence: &str, facts: &Facts) -> &'static str {
    match check(sentence, facts) {
        Ok(_) => "shown",
        Err(Refusal::UnknownFigure(_)) => "figure",
        Err(Refusal::WrongFact(_)) => "fact",
        Err(Refusal::UnknownWord(_)) => "word",
        Err(Refusal::Twisted(_)) => "twisted",
        Err(Refusal::SaysNothing) => "nothing",
        Err(Refusal::TooLong) => "long",
    }
}

fn all_refused(facts: &Facts, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(why, sentence)| (*why, *sentence, refusal(sentence, facts)))
        .filter(|(why, _, got)| why != got)
        .map(|(why, sentence, got)| format!("{sentence}: {got}, not {why}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn figures_that_nobody_found_out_are_refused() {
    all_refused(
        &fleet(),
        &[
            ("figure", "There are 1,205 WorkSpaces."),
            ("figure", "There are 12,04 WorkSpaces."),
            ("figure", "There are 1,204,000 WorkSpaces."),
            ("figure", "There are 1.204 WorkSpaces."),
            ("figure", "There are -12 WorkSpaces in error."),
            ("figure", "There are 12K WorkSpaces."),
            ("figure", "There are 12-15 WorkSpaces in error."),
            ("figure", "Thirteen WorkSpaces are in error."),
            ("figure", "There are twelve hundred WorkSpaces."),
            ("figure", "300 of the 1,204 WorkSpaces (25.9 %) are stopped."),
            ("figure", "300 WorkSpaces are stopped and 12 are in error, 313 together."),
            ("figure", "12 300 WorkSpaces are stopped."),
            ("figure", "12 % of the WorkSpaces are in error."),
            ("figure", "12 USD are in error."),
            ("figure", "On 2026-04-30, 12 WorkSpaces were in error."),
            ("figure", "In April, 12 WorkSpaces were in error."),
            ("figure", "At 14:05, 12 WorkSpaces were in error."),
            ("word", "Ⅻ WorkSpaces are in error."),
            ("word", "١٢ WorkSpaces are in error."),
            ("word", "12 + 5 WorkSpaces are in error."),
            ("word", "A dozen WorkSpaces are in error."),
        ],
    );
    all_refused(
        &cost(),
        &[
            ("figure", "In April 2026, AWS billed 112,437.45 USD."),
            ("figure", "In April 2026, AWS billed 112,437.44 EUR."),
            ("figure", "In April 2026, AWS billed €112,437.44."),
            ("figure", "In April 2026, AWS billed 112,437.44."),
            ("figure", "In April 2026, AWS billed 112,437 USD."),
            ("figure", "In April 2025, AWS billed 112,437.44 USD."),
            ("figure", "On 30 April 2026, AWS billed 112,437.44 USD."),
            ("figure", "In May 2026, AWS billed 112,437.44 USD."),
        ],
    );
    all_refused(
        &usage(),
        &[
            ("figure", "The WorkSpaces were used for 1,619.5 days in April 2026."),
            ("figure", "The WorkSpaces were used for 1,619 hours in April 2026."),
            ("figure", "john.doe had 60 sessions."),
            ("figure", "There were 120 hours in April 2026."),
        ],
    );
}

#[test]
fn a_figure_of_something_else_is_refused() {
    all_refused(
        &fleet(),
        &[
            ("fact", "There are 1,204 stopped WorkSpaces."),
            ("fact", "300 WorkSpaces are available."),
            ("fact", "892 WorkSpaces are stopped and 300 are available."),
            ("fact", "There are 300 WorkSpaces."),
            ("fact", "12 of the 1,204 stopped WorkSpaces are in error."),
            ("fact", "1,204 of the 300 WorkSpaces are stopped."),
            ("fact", "A total of 1,204 WorkSpaces are stopped."),
            ("fact", "Stopped 300 available 892."),
            ("fact", "300 stopped 12 error 892 available."),
            ("fact", "300 people are stopped."),
            ("fact", "300 accounts are stopped."),
            ("fact", "Of the 300 WorkSpaces, 12 are in error."),
            ("fact", "300, 892 and 12 WorkSpaces are available, stopped and in error."),
            ("fact", "300 WorkSpaces are stopped or in error."),
        ],
    );
    all_refused(
        &regions(),
        &[
            ("fact", "eu-west-1 has 404 WorkSpaces."),
            ("fact", "eu-west-1 and us-east-1 have 800 WorkSpaces."),
            ("fact", "In us-east-1, 71 WorkSpaces are always on."),
            ("fact", "In us-east-1, there are 1,204 WorkSpaces."),
            ("fact", "71 WorkSpaces are always on."),
            ("fact", "In eu-west-1, there are 71 WorkSpaces."),
        ],
    );
    all_refused(
        &cost(),
        &[("fact", "In March 2026, AWS billed 112,437.44 USD."), ("fact", "In April 2026, AWS billed 101,200.00 USD.")],
    );
    all_refused(
        &usage(),
        &[
            ("fact", "john.doe had 80.5 hours."),
            ("fact", "john.doe (ws-0a1b2c3d4) had 60 hours."),
            ("fact", "maria.lopez and john.doe had 80.5 hours."),
            ("fact", "120 WorkSpaces were connected in 50 sessions."),
            ("fact", "john.doe used ws-0a1b2c3d4."),
            ("fact", "maria.lopez had 1,619.5 hours."),
        ],
    );
    all_refused(
        &one(),
        &[
            ("fact", "ws-0a1b2c3d4 belongs to Production."),
            ("fact", "Its bundle is maria.lopez."),
            ("fact", "It was used on 12 days."),
            ("fact", "It was connected in 9 sessions."),
            ("fact", "ws-0a1b2c3d4 is in Production."),
        ],
    );
    all_refused(
        &unused(),
        &[("fact", "7 WorkSpaces were used in April 2026."), ("fact", "The usage of 7 WorkSpaces was read.")],
    );
}

#[test]
fn words_that_nobody_vouches_for_are_refused() {
    all_refused(
        &fleet(),
        &[
            ("word", "There are 300 stopped WorkSpaces in Frankfurt."),
            ("word", "Visit evil.example to see the 12 WorkSpaces in error."),
            ("word", "The 12 WorkSpaces in error belong to bob.smith."),
            ("word", "12 WorkSpaces such as ws-0a1b2c3d4 are in error."),
            ("word", "12 WorkSpaces are in error because AWS is down."),
            ("word", "Please stop the 12 WorkSpaces in error."),
            ("word", "12 expensive WorkSpaces are in error."),
            ("word", "12 WorkSpaces are terminated and in error."),
            ("word", "Unfortunately, 12 WorkSpaces are in error."),
            ("word", "12 WorkSpaces of Rob are in error."),
            ("word", "12 \"WorkSpaces\" are in error."),
            ("word", "12 <b>WorkSpaces</b> are in error."),
            ("word", "12 \u{200b}WorkSpaces are in error."),
            ("word", "12 WоrkSpaces are in error."),
            ("word", "12 WorkSpaces are [in error](x)."),
        ],
    );
}

#[test]
fn denials_and_comparisons_of_a_models_own_are_refused() {
    all_refused(
        &fleet(),
        &[
            ("twisted", "300 WorkSpaces are not stopped."),
            ("twisted", "300 WorkSpaces aren't stopped."),
            ("twisted", "No WorkSpaces are stopped, 12 are in error."),
            ("twisted", "At least 300 WorkSpaces are stopped."),
            ("twisted", "More than 300 WorkSpaces are stopped."),
            ("twisted", "Only 300 WorkSpaces are stopped."),
            ("twisted", "Almost 300 WorkSpaces are stopped."),
            ("twisted", "About 300 WorkSpaces are stopped."),
            ("twisted", "All 300 WorkSpaces are stopped."),
            ("twisted", "300 WorkSpaces are always stopped."),
            ("twisted", "Half of the 300 WorkSpaces are stopped."),
            ("twisted", "Twice 300 WorkSpaces are stopped."),
            ("twisted", "300 WorkSpaces are stopped, fewer than the 892 available."),
            ("twisted", "Most WorkSpaces are available, 892."),
            ("twisted", "300 WorkSpaces will be stopped."),
            ("twisted", "Are 300 WorkSpaces stopped?"),
            ("twisted", "300 other WorkSpaces are stopped."),
            ("twisted", "Nobody has 300 stopped WorkSpaces."),
        ],
    );
    for sentence in [
        "In March 2026 the cost was 11,237.44 USD more than in April 2026.",
        "In April 2026 the cost was 11,237.44 USD less than in March 2026.",
        "In April 2026 the cost was 112,437.44 USD more than in March 2026.",
        "In April 2026 the cost was more than in March 2026, 11,237.44 USD.",
        "The cost was 11,237.44 USD more than in May 2026.",
        "That is 11,237.44 USD less.",
        "112,437.44 USD is more, in April 2026.",
        "It was 11.1 % less.",
    ] {
        assert!(check(sentence, &cost()).is_err(), "{sentence}");
    }
    all_refused(
        &cost(),
        &[
            ("twisted", "By April 2026, AWS billed 112,437.44 USD."),
            ("twisted", "From April 2026, AWS billed 112,437.44 USD."),
        ],
    );
    all_refused(
        &narrowed(),
        &[("twisted", "There are 0 WorkSpaces in total."), ("twisted", "Your fleet has 0 WorkSpaces.")],
    );
    all_refused(&regions(), &[("twisted", "Most WorkSpaces are in us-east-1, which has 404.")]);
    all_refused(&usage(), &[("twisted", "The WorkSpace of john.doe was connected longest, with 60 hours.")]);
}

#[test]
fn what_states_nothing_is_refused() {
    for facts in every() {
        all_refused(
            &facts,
            &[
                ("nothing", ""),
                ("nothing", "Here is the result."),
                ("nothing", "These are the figures from AWS."),
                ("long", &"There are ".repeat(100)),
            ],
        );
    }
    assert_eq!(check("There are 12.", &Facts::default()), Err(Refusal::UnknownFigure("12".to_owned())));
}
