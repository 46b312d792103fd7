//! How something is done in Wheelhouse: written pages, the only sentences that state no fact.

use domain::assistant::{Call, Facts, Help, Sentence};

use super::say::source;

/// Sentences, and the pages where it is done.
type Page = (&'static [&'static str], &'static [(&'static str, &'static str)]);

pub(super) fn help(call: &Call) -> Facts {
    let (sentences, pages) = page(call.help.unwrap_or(Help::Assistant));
    let mut facts = Facts::default();
    facts.sentences.extend(sentences.iter().map(|sentence| Sentence::new().words(*sentence)));
    facts.sources.extend(pages.iter().map(|(label, path)| source(*label, path, &[], None)));
    facts
}

fn page(help: Help) -> Page {
    match help {
        Help::Assistant => (
            &[
                "You can ask me what is known of your fleet, and I answer only from that.",
                "For example: how many WorkSpaces are stopped in a region, whose WorkSpace is in an error, who was connected \
                 most last month, who was not connected at all, what AWS billed by account, what this month will come to, what \
                 could be saved, what happened in AWS, which jobs failed, and how fresh all that is.",
                "I see what your roles let you see, and I change nothing.",
            ],
            &[("Overview", "/"), ("WorkSpaces", "/workspaces")],
        ),
        Help::Actions => (
            &[
                "Starting, stopping and rebooting is done in the list of WorkSpaces: choose some, then the action.",
                "Before anything happens you see what will be done to which of them, and why some can't take part.",
                "Each action is a job whose progress you can follow; I start none myself.",
            ],
            &[("WorkSpaces", "/workspaces"), ("Jobs", "/jobs")],
        ),
        Help::Accounts => (
            &[
                "AWS accounts are connected on the page Accounts, each with its regions and the way in which Wheelhouse gets \
                 access to it.",
                "The test of a connection there says which permissions are missing, and the policy that gives them.",
            ],
            &[("Accounts", "/accounts")],
        ),
        Help::Access => (
            &[
                "Users, roles, teams and invitations are in the administration.",
                "A role is given over a part of the fleet: everything, an account, a region, a directory, or the desktops of a \
                 user.",
                "Nobody can give away more than they have.",
            ],
            &[("Users", "/admin/users"), ("Roles", "/admin/roles"), ("Teams", "/admin/teams")],
        ),
        Help::Profile => (
            &[
                "Your password, your second factor, your sessions and your API keys are on your profile.",
                "A session that you don't know can be ended there at once.",
            ],
            &[("Profile", "/profile")],
        ),
        Help::Syncs => (
            &[
                "What is known comes in by syncs, each on a schedule that can be changed or paused.",
                "The data sets say for each account and region how fresh and how complete it is, and which permission is missing \
                 where something is not.",
                "A sync can be started by hand on the page of accounts.",
            ],
            &[("Schedules", "/jobs/schedules"), ("Data sets", "/jobs/data-sets"), ("Accounts", "/accounts")],
        ),
        Help::Jobs => (
            &[
                "A job that failed for a passing reason is tried again by itself, each time after a longer while.",
                "One that is dead can be retried by hand, and one that waits or runs can be cancelled; both are done on its page, \
                 beside its attempts and its log.",
            ],
            &[("Jobs", "/jobs"), ("Jobs, dead", "/jobs?state=dead")],
        ),
        Help::Audit => (
            &[
                "The audit log says who did what, from where, and how it ended; reading personal data is in it too.",
                "Its entries are chained and its end is signed into files outside the database, so that what was changed, removed \
                 or cut off is found when it is verified.",
            ],
            &[("Audit log", "/audit/log")],
        ),
        Help::Cost => (
            &[
                "Connected time comes from CloudWatch, by five minutes; hours are reckoned as AWS bills AUTO_STOP: from the \
                 connection until the time-out after the disconnection, each session rounded up to whole hours.",
                "What was billed comes from Cost Explorer, by day, region, usage type and tag; the newest days are AWS's estimates \
                 and may still change.",
                "Prices come from AWS's Price List, and amounts of two currencies are never added.",
            ],
            &[("Data sets", "/jobs/data-sets")],
        ),
        Help::Budgets => (
            &[
                "A budget is an amount a month, for all accounts, an account, a region or the value of a tag.",
                "It is made on the page of costs, with the percentages at which somebody should hear of it.",
                "A percentage that is crossed is noted on the overview and in the audit log; where mail is set up, a letter goes \
                 to those who may change the budget.",
            ],
            &[("Costs", "/costs")],
        ),
        Help::Reports => (
            &[
                "Each list can be had as a file, with the filters that are set: Export stands beside it.",
                "A report is such a table again and again: you choose what it is about, which days, the format, how often it is \
                 made, and who gets a link to it.",
                "It holds what its owner may see on that day; I make none myself.",
            ],
            &[("Reports", "/reports")],
        ),
        Help::Requests => (
            &[
                "A new desktop, another bundle, a rebuild or anything else is asked for under My desktop, where you see what \
                 became of it, and can withdraw it.",
                "Those who run the fleet see what was asked for under Requests, and answer outside of Wheelhouse.",
            ],
            &[("My desktop", "/desktop"), ("Requests", "/requests")],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::assistant::Tool;

    #[test]
    fn every_page_says_something_without_figures_and_leads_somewhere() {
        for help in Help::ALL {
            let facts = super::help(&Call { help: Some(*help), ..Call::of(Tool::Help) });
            assert!(!facts.sentences.is_empty() && !facts.sources.is_empty(), "{help}");
            for sentence in &facts.sentences {
                let text = sentence.render(&facts);
                assert!(text.ends_with('.') && !text.contains("  "), "{text}");
                assert!(!text.contains(|sign: char| sign.is_ascii_digit()), "{text}");
            }
            assert!(facts.sources.iter().all(|source| source.href.starts_with('/')), "{help}");
        }
    }
}
