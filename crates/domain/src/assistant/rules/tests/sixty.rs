//! Sixty questions of the kind that a fleet's people ask, in conversations: what the simulator's ledger is asked as well.

use super::converse;

#[test]
fn sixty_questions() {
    converse(CONVERSATIONS);
    assert_eq!(CONVERSATIONS.iter().map(|conversation| conversation.len()).sum::<usize>(), 60);
}

const CONVERSATIONS: &[&[(&str, &str)]] = &[
    // The fleet.
    &[
        ("How many WorkSpaces do we have?", "fleet"),
        ("And how many of them are stopped?", "fleet state=STOPPED"),
        ("Which ones?", "workspaces state=STOPPED"),
        ("How many are there per region?", "fleet state=STOPPED by=region"),
    ],
    &[
        ("How many WorkSpaces are running?", "fleet state=AVAILABLE"),
        ("and in eu-central-1?", "fleet state=AVAILABLE region=eu-central-1"),
    ],
    &[
        ("WorkSpaces by state", "fleet by=state"),
        ("by running mode?", "fleet by=running_mode"),
        ("in us-east-1?", "fleet region=us-east-1 by=running_mode"),
    ],
    &[("How many WorkSpaces are there per bundle?", "fleet by=bundle")],
    &[("How many desktops does each team have?", "fleet by=team")],
    &[("Which region has the most WorkSpaces?", "fleet by=region measure=most top=1")],
    &[("Which team has the fewest WorkSpaces?", "fleet by=team measure=least top=1")],
    &[("How many AutoStop WorkSpaces are in Frankfurt?", "fleet mode=AUTO_STOP region=eu-central-1")],
    &[("How many always on desktops do we have?", "fleet mode=ALWAYS_ON"), ("and auto stop?", "fleet mode=AUTO_STOP")],
    &[("How many Power WorkSpaces are there?", "fleet compute=POWER")],
    &[("Are there any unhealthy WorkSpaces?", "fleet state=UNHEALTHY")],
    &[("How many people are connected right now?", "fleet connection=CONNECTED")],
    &[("List the stopped WorkSpaces of the Engineering team", "workspaces state=STOPPED tag=Team:Engineering")],
    &[("Show me the first 3 WorkSpaces in N. Virginia", "workspaces region=us-east-1 top=3")],
    &[("fleet by compute type", "fleet by=compute_type")],
    &[("WorkSpaces per directory", "fleet by=directory")],
    &[("How is the fleet doing?", "fleet by=state")],
    &[("How many WorkSpaces are in Paris?", "fleet region=eu-west-3")],
    // One WorkSpace.
    &[
        ("Who has ws-8f3k2m1qz?", "workspace workspace=ws-8f3k2m1qz"),
        ("How many hours was ws-8f3k2m1qz used last month?", "usage words=ws-8f3k2m1qz in=2026-10"),
    ],
    &[
        ("Tell me about j.smith's WorkSpace", "workspace workspace=j.smith"),
        ("and last month?", "workspace in=2026-10 workspace=j.smith"),
    ],
    // Usage.
    &[
        ("How many hours were the WorkSpaces used last month?", "usage in=2026-10"),
        ("and this month?", "usage in=2026-11"),
        ("compared with last month?", "usage in=2026-11 against=2026-10"),
    ],
    &[("Usage per region in October", "usage in=2026-10 by=region")],
    &[("How many hours did each team use last month?", "usage in=2026-10 by=team")],
    &[("Who used their WorkSpace the most last month?", "usage in=2026-10 by=workspace measure=most")],
    &[("top 5 users by hours last month", "usage in=2026-10 by=workspace measure=most top=5")],
    &[
        ("Which WorkSpaces were never used last month?", "usage in=2026-10 measure=none"),
        ("and in Frankfurt?", "usage region=eu-central-1 in=2026-10 measure=none"),
    ],
    &[("How many sessions were there yesterday?", "usage in=2026-11-20..2026-11-20")],
    &[("connected hours per day last week", "usage in=2026-11-09..2026-11-15 by=day")],
    // Cost.
    &[
        ("What did we spend last month?", "cost in=2026-10"),
        ("by region?", "cost in=2026-10 by=region"),
        ("and in September?", "cost in=2026-09 by=region"),
    ],
    &[("How much have we spent so far this month?", "cost in=2026-11")],
    &[("Compare the cost of October with September", "cost in=2026-10 against=2026-09")],
    &[("What did Frankfurt cost in October?", "cost region=eu-central-1 in=2026-10")],
    &[("Which account cost the most last month?", "cost in=2026-10 by=account measure=most top=1")],
    &[("costs per day between 1 and 7 November", "cost in=2026-11-01..2026-11-07 by=day")],
    &[("Cost by team in October", "cost in=2026-10 by=team")],
    &[("What did we pay in the last 3 months per month?", "cost in=2026-09-01..2026-11-21 by=month")],
    // What is ahead, and what could be saved.
    &[("What will this month cost?", "forecast")],
    &[("Where can we save money?", "savings")],
    &[("Which WorkSpaces should be AutoStop?", "savings")],
    // What happened.
    &[
        ("What happened in AWS yesterday?", "events in=2026-11-20..2026-11-20"),
        ("and in eu-central-1?", "events region=eu-central-1 in=2026-11-20..2026-11-20"),
    ],
    &[("Who did what in Wheelhouse this week?", "audit in=2026-11-16..2026-11-21")],
    &[("Which jobs failed?", "jobs")],
    &[("How fresh is the data?", "freshness")],
    // How it is done.
    &[("What can I ask you?", "help page=assistant")],
    &[("Stop all WorkSpaces in Frankfurt", "help page=actions")],
];
