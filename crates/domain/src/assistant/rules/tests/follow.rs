//! Questions that go on from the one before.

use super::{converse, expect};

#[test]
fn conversations() {
    converse(&[
        &[
            ("How many WorkSpaces do we have?", "fleet"),
            ("And in Ireland?", "fleet region=eu-west-1"),
            ("by state?", "fleet region=eu-west-1 by=state"),
            ("What about Frankfurt?", "fleet region=eu-central-1 by=state"),
            ("What is the meaning of life?", "-"),
            ("only the stopped ones", "fleet state=STOPPED region=eu-central-1 by=state"),
        ],
        &[
            ("How many desktops are stopped?", "fleet state=STOPPED"),
            ("Which ones?", "workspaces state=STOPPED"),
            ("and in us-west-2?", "workspaces state=STOPPED region=us-west-2"),
            ("per account", "fleet state=STOPPED region=us-west-2 by=account"),
        ],
        &[
            ("What did we spend in October?", "cost in=2026-10"),
            ("and in September?", "cost in=2026-09"),
            ("What about last week?", "cost in=2026-11-09..2026-11-15"),
            ("by region?", "cost in=2026-11-09..2026-11-15 by=region"),
            ("and the usage?", "usage in=2026-11-09..2026-11-15"),
        ],
        &[
            ("What did the Sandbox account cost in October?", "cost account=Sandbox in=2026-10"),
            ("compared with September?", "cost account=Sandbox in=2026-10 against=2026-09"),
            ("and for Northwind Production?", "cost account=Northwind Production in=2026-10 against=2026-09"),
        ],
        &[
            ("Who used their desktop the most last month?", "usage in=2026-10 by=workspace measure=most"),
            ("and the least?", "usage in=2026-10 by=workspace measure=least"),
            ("top 3", "usage in=2026-10 by=workspace measure=most top=3"),
        ],
        &[
            ("Tell me about j.smith", "workspace workspace=j.smith"),
            ("And a.jones?", "workspace workspace=a.jones"),
            ("How many hours did they use last month?", "usage words=a.jones in=2026-10"),
            ("Tell me about a.jones", "workspace workspace=a.jones"),
            ("How many hours was it used last month?", "usage words=a.jones in=2026-10"),
            ("Tell me about a.jones", "workspace workspace=a.jones"),
            ("and in Ireland?", "-"),
            ("by region?", "-"),
        ],
        &[
            ("How many WorkSpaces are in Frankfurt?", "fleet region=eu-central-1"),
            ("What did they cost last month?", "cost region=eu-central-1 in=2026-10"),
            ("What about the forecast?", "forecast region=eu-central-1"),
        ],
        &[
            ("Which WorkSpaces are stopped?", "workspaces state=STOPPED"),
            ("What did they cost?", "cost state=STOPPED"),
            ("How many hours were they used last month?", "usage state=STOPPED in=2026-10"),
        ],
        &[
            ("How many WorkSpaces do we have?", "fleet"),
            ("and last month?", "fleet in=2026-10"),
            ("And?", "-"),
            ("thanks!", "-"),
        ],
    ]);
}

#[test]
fn there_is_nothing_to_go_on_from() {
    expect(&[
        ("and in Ireland?", "-"),
        ("by region?", "-"),
        ("what about last month?", "-"),
        ("in Frankfurt", "-"),
        ("stopped", "-"),
        ("which ones?", "-"),
        ("yesterday", "-"),
    ]);
}

#[test]
fn a_question_of_its_own_takes_nothing_along() {
    converse(&[
        &[
            ("How many stopped WorkSpaces are in Ireland?", "fleet state=STOPPED region=eu-west-1"),
            ("How many WorkSpaces do we have?", "fleet"),
            ("What did we spend last month?", "cost in=2026-10"),
            ("How many WorkSpaces are in Frankfurt?", "fleet region=eu-central-1"),
        ],
        &[("How do I stop a WorkSpace?", "help page=actions"), ("and in Ireland?", "-")],
    ]);
}
