//! Questions about costs, forecasts and savings.

use super::expect;

#[test]
fn costs() {
    expect(&[
        ("What did we spend last month?", "cost in=2026-10"),
        ("How much did the WorkSpaces cost in April?", "cost in=2026-04"),
        ("how much was last month", "cost in=2026-10"),
        ("What is our AWS bill so far this month?", "cost in=2026-11"),
        ("cost", "cost"),
        ("How much did we pay yesterday?", "cost in=2026-11-20..2026-11-20"),
        ("Costs between 3 and 10 November", "cost in=2026-11-03..2026-11-10"),
        ("What did we spend in the last 7 days?", "cost in=2026-11-15..2026-11-21"),
        ("spending since September", "cost in=2026-09-01..2026-11-21"),
        ("What was billed in 2025?", "cost in=2025-01-01..2025-12-31"),
        ("costs in September and October", "cost in=2026-09-01..2026-10-31"),
        ("costs in August and October", "-"),
        ("cost per region", "cost by=region"),
        ("What did each account cost last month?", "cost in=2026-10 by=account"),
        ("Show me the costs by region in October", "cost in=2026-10 by=region"),
        ("daily cost this week", "cost in=2026-11-16..2026-11-21 by=day"),
        ("How much do we spend per month this year?", "cost in=2026-01-01..2026-11-21 by=month"),
        ("Cost by team in October 2026", "cost in=2026-10 by=team"),
        ("Which account cost the most last month?", "cost in=2026-10 by=account measure=most top=1"),
        ("which region is the cheapest", "cost by=region measure=least top=1"),
        ("top 5 accounts by cost in October", "cost in=2026-10 by=account measure=most top=5"),
        ("On which day did we spend the most in October?", "cost in=2026-10 by=day measure=most"),
        ("What did Frankfurt cost in October?", "cost region=eu-central-1 in=2026-10"),
        ("What does the Sandbox account cost?", "cost account=Sandbox"),
        ("Compare this month's cost with last month", "cost in=2026-11 against=2026-10"),
        ("How does the cost of October compare to September?", "cost in=2026-10 against=2026-09"),
        ("April vs March costs", "cost in=2026-04 against=2026-03"),
        ("How much more did we spend in October than in September?", "cost in=2026-10 against=2026-09"),
        ("compare the costs of April to those", "-"),
        ("compare October to September cost", "cost in=2026-10 against=2026-09"),
        ("How much did it cost last month?", "cost in=2026-10"),
        ("What did she spend last month?", "-"),
        ("spending from April to now", "cost in=2026-04-01..2026-11-21"),
        ("Which month was the most expensive this year?", "cost in=2026-01-01..2026-11-21 by=month measure=most"),
        ("cost compared with last month", "cost in=2026-11 against=2026-10"),
        ("Which WorkSpaces are the most expensive?", "cost by=workspace measure=most"),
        ("What are the 3 most expensive regions?", "cost by=region measure=most top=3"),
        ("What did the stopped WorkSpaces cost?", "cost state=STOPPED"),
        ("What did the Engineering team cost in October?", "cost tag=Team:Engineering in=2026-10 by=team"),
        ("How much does ws-8f3k2m1qz cost?", "cost words=ws-8f3k2m1qz"),
        ("What will we pay for it in December?", "-"),
    ]);
}

#[test]
fn forecasts() {
    expect(&[
        ("What will this month cost?", "forecast"),
        ("How much will we spend by the end of the month?", "forecast"),
        ("Forecast", "forecast"),
        ("What is the forecast for November?", "forecast"),
        ("projected bill for this month", "forecast"),
        ("How much will it be at month end?", "forecast"),
        ("What is the cost forecast for the Sandbox account?", "forecast account=Sandbox"),
        ("forcast for frankfurt", "forecast region=eu-central-1"),
        ("What is the forecast for next month?", "-"),
        ("forecast for October", "-"),
    ]);
}

#[test]
fn savings() {
    expect(&[
        ("Where can we save money?", "savings"),
        ("How can we reduce our bill?", "savings"),
        ("savings", "savings"),
        ("What could we save in Frankfurt?", "savings region=eu-central-1"),
        ("Which WorkSpaces should be AutoStop?", "savings"),
        ("Which WorkSpaces are in the wrong running mode?", "savings"),
        ("How much money are we wasting on unused desktops?", "savings measure=none"),
        ("Show me the savings potential of the Engineering team", "savings tag=Team:Engineering"),
        ("top 3 savings", "savings measure=most top=3"),
        ("How much can we save this month?", "savings"),
    ]);
}
