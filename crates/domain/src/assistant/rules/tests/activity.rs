//! Questions about usage, events, the audit log, jobs, freshness, and help.

use super::expect;

#[test]
fn usage() {
    expect(&[
        ("How many hours were used last month?", "usage in=2026-10"),
        ("usage in October by region", "usage in=2026-10 by=region"),
        ("How many connected hours did the Engineering team have in October?", "usage tag=Team:Engineering in=2026-10"),
        ("How many sessions were there yesterday?", "usage in=2026-11-20..2026-11-20"),
        ("Which WorkSpaces were not used last month?", "usage in=2026-10 measure=none"),
        ("Which desktops haven't been used in the last 30 days?", "usage in=2026-10-23..2026-11-21 measure=none"),
        ("How many WorkSpaces are unused?", "usage measure=none"),
        ("idle workspaces in Ireland", "usage region=eu-west-1 measure=none"),
        ("Who never logged in this month?", "usage in=2026-11 measure=none"),
        ("Who used their WorkSpace the most last month?", "usage in=2026-10 by=workspace measure=most"),
        ("top 5 users by hours in October", "usage in=2026-10 by=workspace measure=most top=5"),
        ("Which WorkSpaces are hardly used?", "usage by=workspace measure=least"),
        ("Which team has the most hours this month?", "usage in=2026-11 by=team measure=most top=1"),
        ("Which WorkSpaces were used yesterday?", "usage in=2026-11-20..2026-11-20 by=workspace measure=most"),
        ("hours per day last week", "usage in=2026-11-09..2026-11-15 by=day"),
        ("How many hours did j.smith use in October?", "usage words=j.smith in=2026-10"),
        ("Compare the usage of October with September", "usage in=2026-10 against=2026-09"),
        ("busiest desktops in the last 7 days", "usage in=2026-11-15..2026-11-21 by=workspace measure=most"),
        ("hours of AutoStop desktops by month this year", "usage mode=AUTO_STOP in=2026-01-01..2026-11-21 by=month"),
        ("How many hours did we pay for?", "-"),
    ]);
}

#[test]
fn events_audit_jobs_and_freshness() {
    expect(&[
        ("What happened yesterday?", "events in=2026-11-20..2026-11-20"),
        ("Show me the CloudTrail events of last week", "events in=2026-11-09..2026-11-15"),
        ("Who stopped ws-8f3k2m1qz?", "events workspace=ws-8f3k2m1qz"),
        ("latest 5 events in us-east-1", "events region=us-east-1 top=5"),
        ("What happened in AWS in the last 24 hours?", "events in=2026-11-20..2026-11-21"),
        ("What happened in Wheelhouse today?", "audit in=2026-11-21..2026-11-21"),
        ("Who did what yesterday?", "audit in=2026-11-20..2026-11-20"),
        ("Show me the audit log of this week", "audit in=2026-11-16..2026-11-21"),
        ("last 10 audit entries", "audit top=10"),
        (
            "What did j.smith@corp.example do in Wheelhouse yesterday?",
            "audit words=j.smith@corp.example in=2026-11-20..2026-11-20",
        ),
        ("Who signed in to Wheelhouse yesterday?", "audit in=2026-11-20..2026-11-20"),
        ("Which jobs failed?", "jobs"),
        ("How many jobs are running?", "jobs"),
        ("Is anything stuck in the queue?", "-"),
        ("are there any failed sync jobs", "jobs"),
        ("status of the job queue", "jobs"),
        ("How fresh is the data?", "freshness"),
        ("Is the data up to date?", "freshness"),
        ("When was the last sync?", "freshness"),
        ("When was the cost data last updated?", "freshness"),
        ("How complete is the usage data of the Sandbox account?", "freshness account=Sandbox"),
        ("Did the last sync fail?", "freshness"),
    ]);
}

#[test]
fn help_and_demands() {
    expect(&[
        ("help", "help page=assistant"),
        ("What can you do?", "help page=assistant"),
        ("What can I ask you?", "help page=assistant"),
        ("How do I stop a WorkSpace?", "help page=actions"),
        ("Can I restart my desktop?", "help page=actions"),
        ("How do I connect an AWS account?", "help page=accounts"),
        ("how can I invite a user", "help page=access"),
        ("How do I change my password?", "help page=profile"),
        ("How do I set up a second factor?", "help page=profile"),
        ("Where do I start a sync?", "help page=actions"),
        ("How do I cancel a job?", "help page=jobs"),
        ("How can I verify the audit log?", "help page=audit"),
        ("How are the costs calculated?", "help page=cost"),
        ("Stop all WorkSpaces", "help page=actions"),
        ("Please terminate ws-8f3k2m1qz now", "help page=actions"),
        ("can you reboot j.smith's desktop", "help page=actions"),
        ("Delete everything in the Sandbox account!", "help page=actions"),
        ("Change the running mode of ws-8f3k2m1qz to AutoStop", "help page=actions"),
        ("Retry the failed job", "help page=jobs"),
        ("Create a new user with every role", "help page=access"),
        ("Change my password to hunter2", "help page=profile"),
        ("How do I make a report?", "help page=reports"),
        ("How do I get a cost report every week?", "help page=reports"),
        ("Send me a report of the costs of every account", "help page=reports"),
        ("Export the stopped WorkSpaces", "help page=reports"),
        ("Cost report of October", "cost in=2026-10"),
        ("How can I set a budget for an account?", "help page=budgets"),
        ("Set a budget of 500 USD", "help page=budgets"),
        ("How do I request a new desktop?", "help page=requests"),
        ("Cancel my request", "help page=requests"),
        ("Request another bundle for j.smith", "help page=requests"),
        ("How do I give somebody access to reports?", "help page=access"),
        ("Invite somebody who may see budgets", "help page=access"),
        ("How do I retry a failed report?", "help page=jobs"),
        ("How many WorkSpaces are stopped? Start them.", "fleet state=STOPPED + help page=actions"),
    ]);
}

#[test]
fn several_questions_at_once() {
    expect(&[
        ("How many WorkSpaces do we have and what did they cost last month?", "fleet + cost in=2026-10"),
        ("Hello! How many WorkSpaces are stopped?", "fleet state=STOPPED"),
        (
            "How many are stopped in Ireland and how many are running?",
            "fleet state=STOPPED region=eu-west-1 + fleet state=AVAILABLE",
        ),
        (
            "How many desktops are there? Which are unhealthy? What did we spend last month?",
            "fleet + workspaces state=UNHEALTHY + cost in=2026-10",
        ),
        ("cost. usage. forecast. savings.", "-"),
        ("How many WorkSpaces do we have and what is the weather?", "-"),
    ]);
}
