//! Sentences that a good model writes from the facts, and which facts each states.

use super::fixtures::*;
use crate::assistant::{Facts, check};

/// Each with the values that it states, as they are shown.
pub(super) fn sentences() -> Vec<(Facts, &'static str, &'static [&'static str])> {
    let mut all = Vec::new();
    let mut of = |facts: fn() -> Facts, sentences: &[(&'static str, &'static [&'static str])]| {
        all.extend(sentences.iter().map(|(sentence, stated)| (facts(), *sentence, *stated)));
    };
    of(
        fleet,
        &[
            ("There are 1,204 WorkSpaces.", &["1,204"]),
            ("You have 1204 WorkSpaces in total.", &["1,204"]),
            ("In total, there are 1,204 WorkSpaces in your fleet.", &["1,204"]),
            ("Of the 1,204 WorkSpaces, 300 are stopped.", &["1,204", "300"]),
            ("300 of the 1,204 WorkSpaces are stopped.", &["300", "1,204"]),
            ("Three hundred WorkSpaces are stopped.", &["300"]),
            ("892 WorkSpaces are available, 300 are stopped and 12 are in error.", &["892", "300", "12"]),
            ("Twelve WorkSpaces are in the ERROR state.", &["12"]),
            ("Currently, 300 desktops are stopped.", &["300"]),
            (
                "Your fleet has 1,204 WorkSpaces: 892 available, 300 stopped, and 12 in error.",
                &["1,204", "892", "300", "12"],
            ),
            ("There are 1,204 WorkSpaces, of which 300 are stopped.", &["1,204", "300"]),
            ("300 of the 1,204 WorkSpaces (24.9 %) are stopped.", &["300", "1,204"]),
            ("300 WorkSpaces are stopped and 12 are in error, 312 together.", &["300", "12"]),
            ("The number of stopped WorkSpaces is 300.", &["300"]),
            ("By state, there are 892 available, 300 stopped and 12 error WorkSpaces.", &["892", "300", "12"]),
            ("There are 300 WorkSpaces in state STOPPED.", &["300"]),
            ("The number of WorkSpaces in state STOPPED is 300.", &["300"]),
            ("There are 300 WorkSpaces in state STOPPED and 12 WorkSpaces in state ERROR.", &["300", "12"]),
            ("Stopped: 300; available: 892.", &["300", "892"]),
        ],
    );
    of(
        regions,
        &[
            ("There are 1,204 WorkSpaces in all.", &["1,204"]),
            ("There are 1,204 WorkSpaces in total.", &["1,204"]),
            ("eu-west-1 has 800 WorkSpaces and us-east-1 has 404.", &["800", "404"]),
            ("In eu-west-1, there are 800 WorkSpaces.", &["800"]),
            ("Most WorkSpaces are in eu-west-1, which has 800.", &["800"]),
            ("In eu-west-1, 71 WorkSpaces are always on.", &["71"]),
            ("There are 71 AlwaysOn WorkSpaces in eu-west-1 and 23 in us-east-1.", &["71", "23"]),
            ("800 of the 1,204 WorkSpaces are in eu-west-1.", &["800", "1,204"]),
        ],
    );
    of(
        narrowed,
        &[
            ("No WorkSpaces are in error in eu-west-1.", &["0"]),
            ("There are no WorkSpaces in state ERROR.", &["0"]),
            ("In total, no WorkSpaces are in error in eu-west-1.", &["0"]),
            ("0 WorkSpaces are in error in eu-west-1.", &["0"]),
            ("None of the WorkSpaces in eu-west-1 is in error.", &["0"]),
        ],
    );
    of(
        cost,
        &[
            ("In April 2026, AWS billed 112,437.44 USD.", &["April 2026", "112,437.44 USD"]),
            ("The month asked about is April 2026.", &["April 2026"]),
            ("Billed in all: 112,437.44 USD.", &["112,437.44 USD"]),
            ("The bill for April 2026 was $112,437.44.", &["April 2026", "112,437.44 USD"]),
            ("April's bill came to 112,437.44 USD.", &["April 2026", "112,437.44 USD"]),
            ("You spent $101,200.00 in March 2026.", &["101,200.00 USD", "March 2026"]),
            (
                "In April 2026 the cost was 112,437.44 USD, compared with 101,200.00 USD in March 2026.",
                &["April 2026", "112,437.44 USD", "101,200.00 USD", "March 2026"],
            ),
            (
                "In April 2026 the cost was 11,237.44 USD more than in March 2026.",
                &["April 2026", "11,237.44 USD", "March 2026"],
            ),
            (
                "In April 2026 you spent 112,437.44 USD, 11,237.44 USD (11.1 %) more than in March 2026.",
                &["April 2026", "112,437.44 USD", "11,237.44 USD", "11.1 %", "March 2026"],
            ),
            ("That is 11,237.44 USD more, which is 11.1% more.", &["11,237.44 USD", "11.1 %"]),
        ],
    );
    of(
        teams,
        &[
            ("The team Marketing was billed 4,100.50 USD in April 2026.", &["Marketing", "4,100.50 USD"]),
            (
                "In April 2026, Marketing cost $4,100.50 and Research and Development cost $812.",
                &["Marketing", "4,100.50 USD", "Research and Development", "812.00 USD"],
            ),
            ("The team \"stopped\" was billed 77.25 USD.", &["stopped", "77.25 USD"]),
        ],
    );
    of(
        usage,
        &[
            (
                "In April 2026, 50 WorkSpaces were connected for 1,619.5 hours in 120 sessions.",
                &["April 2026", "50", "1,619.5 hours", "120"],
            ),
            ("The WorkSpaces were used for 1,619.5 hours in April 2026.", &["1,619.5 hours", "April 2026"]),
            ("The connected time was 1,619.5 hours.", &["1,619.5 hours"]),
            ("50 WorkSpaces were connected.", &["50"]),
            ("The number of sessions was 120.", &["120"]),
            ("There were 120 sessions in April 2026.", &["120", "April 2026"]),
            (
                "maria.lopez (ws-0a1b2c3d4) was connected for 80.5 hours in April 2026.",
                &["maria.lopez", "ws-0a1b2c3d4", "80.5 hours", "April 2026"],
            ),
            ("john.doe had 60 hours.", &["john.doe", "60 hours"]),
            ("john.doe used ws-9f8e7d6c5 for 60 hours.", &["john.doe", "ws-9f8e7d6c5", "60 hours"]),
            (
                "maria.lopez was connected for 80.5 hours and john.doe for 60 hours.",
                &["maria.lopez", "80.5 hours", "john.doe", "60 hours"],
            ),
            ("The WorkSpace of maria.lopez was connected longest, with 80.5 hours.", &["maria.lopez", "80.5 hours"]),
        ],
    );
    of(
        unused,
        &[
            ("In April 2026, nobody was connected to 7 WorkSpaces.", &["April 2026", "7"]),
            ("7 WorkSpaces were not used in April 2026.", &["7", "April 2026"]),
            ("Seven WorkSpaces haven't been used in April 2026.", &["7", "April 2026"]),
            ("The usage of 3 WorkSpaces was never read.", &["3"]),
        ],
    );
    of(
        one,
        &[
            ("ws-0a1b2c3d4 belongs to maria.lopez.", &["ws-0a1b2c3d4", "maria.lopez"]),
            (
                "The WorkSpace ws-0a1b2c3d4 belongs to the user maria.lopez and is stopped.",
                &["ws-0a1b2c3d4", "maria.lopez", "STOPPED"],
            ),
            ("It has been in state STOPPED since 2026-04-28 09:12 UTC.", &["STOPPED", "2026-04-28 09:12 UTC"]),
            ("It has been stopped since April 28, 2026 at 09:12 UTC.", &["STOPPED", "2026-04-28 09:12 UTC"]),
            ("ws-0a1b2c3d4 is in eu-west-1.", &["ws-0a1b2c3d4", "eu-west-1"]),
            ("Its user is maria.lopez.", &["maria.lopez"]),
            ("The id of the WorkSpace is \"ws-0a1b2c3d4\".", &["ws-0a1b2c3d4"]),
            ("Its state is STOPPED.", &["STOPPED"]),
            ("Its account is \"Production\".", &["Production"]),
            ("Its bundle is \"Standard with Windows 10\".", &["Standard with Windows 10"]),
            ("Its running mode is AutoStop.", &["AUTO_STOP"]),
            ("It is in the account Production.", &["Production"]),
            ("It is made from the bundle \"Standard with Windows 10\".", &["Standard with Windows 10"]),
            ("In April 2026, it was connected for 19.5 hours in 12 sessions.", &["April 2026", "19.5 hours", "12"]),
            ("It was used on nine days in April 2026.", &["9", "April 2026"]),
        ],
    );
    of(
        forecast,
        &[
            ("November 2026 will come to about 98,000.00 USD.", &["November 2026", "98,000.00 USD"]),
            ("61,250.10 USD is final up to 2026-11-19.", &["61,250.10 USD", "2026-11-19"]),
        ],
    );
    of(
        jobs,
        &[
            ("There are 2 dead jobs.", &["2"]),
            ("There are 2 jobs that are dead.", &["2"]),
            ("One job is running and three are waiting.", &["1", "3"]),
            (
                "The newest dead job is sync-workspaces, which ended at 2026-11-20 04:05 UTC.",
                &["sync-workspaces", "2026-11-20 04:05 UTC"],
            ),
        ],
    );
    all
}

#[test]
fn sentences_that_a_good_model_writes_are_shown() {
    let all = sentences();
    assert!(all.len() >= 60, "{}", all.len());
    let mut wrong = Vec::new();
    for (facts, sentence, stated) in all {
        match check(sentence, &facts) {
            Ok(places) => {
                let values: Vec<String> = places.iter().map(|at| facts.facts[*at].value.to_string()).collect();
                if values != stated {
                    wrong.push(format!("{sentence}: states {values:?}"));
                }
            }
            Err(refusal) => wrong.push(format!("{sentence}: {refusal:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn written_sentences_are_shown_word_for_word() {
    for facts in every() {
        for sentence in &facts.sentences {
            let mut stated: Vec<usize> = sentence.states().collect();
            stated.dedup();
            assert_eq!(check(&sentence.render(&facts), &facts), Ok(stated), "{}", sentence.render(&facts));
        }
    }
}
