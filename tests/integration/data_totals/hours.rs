//! Hours and sessions of a month against the simulated AWS's books.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use contract::accounts::AccountView;
use domain::access::Scope;
use domain::usage::billable::billable_hours;
use domain::usage::intervals::clip;
use serde_json::Value;
use store::Db;
use store::repo::usage::{usage_totals, usage_totals_by_workspace};

use super::{Known, april, int, lines, timeout};
use crate::support::say;

/// Connected hours, sessions and billable hours of the month, one by one and in total.
pub(super) async fn usage(
    db: &Db,
    account: &AccountView,
    known: &Known,
    books: &BTreeMap<String, Value>,
) -> Result<()> {
    let month = april();
    let (first, after) = (month.first_day(), month.next().first_day());
    let (from, to) = (month.start().timestamp(), month.end().timestamp());
    let by_id: HashMap<_, _> = usage_totals_by_workspace(db, &Scope::Everything, Some(account.id), None, first, after)
        .await?
        .into_iter()
        .map(|one| (one.workspace_id, one.totals))
        .collect();
    let lines = lines(books)?;
    let mut wrong = Vec::new();
    let (mut hours, mut minutes, mut sessions, mut billable) = (0, 0, 0, 0);
    let mut with_usage = 0;
    for row in &known.rows {
        // One that was made since has no line.
        let Some(line) = lines.get(&row.aws_id) else {
            assert!(!by_id.contains_key(&row.id), "{} did not exist", row.aws_id);
            continue;
        };
        let figures = &line["figures"];
        let totals = by_id.get(&row.id);
        let intervals = known.intervals(row.id);
        let found = [
            totals.map_or(0, |totals| totals.hours as i64),
            totals.map_or(0, |totals| totals.minutes as i64),
            i64::try_from(clip(intervals, from, to).len())?,
            i64::try_from(billable_hours(intervals, timeout(row), from, to))?,
        ];
        let expected = [
            int(&figures["connected_hours"])?,
            int(&figures["connected_slots"])? * 5,
            int(&figures["sessions"])?,
            int(&figures["hours_by_rule"])?,
        ];
        if found != expected {
            wrong.push(format!("{} {}: {found:?} instead of {expected:?}", row.aws_id, row.region));
        }
        with_usage += usize::from(found[0] > 0);
        [&mut hours, &mut minutes, &mut sessions, &mut billable]
            .into_iter()
            .zip(found)
            .for_each(|(sum, one)| *sum += one);
    }
    assert!(with_usage * 2 > known.rows.len(), "{with_usage} with usage: this proves nothing");
    assert!(
        wrong.is_empty(),
        "hours, minutes, sessions, billable hours of {} WorkSpaces:\n{}",
        wrong.len(),
        wrong.join("\n")
    );

    let totals = usage_totals(db, &Scope::Everything, Some(account.id), None, first, after).await?;
    assert_eq!((totals.hours as i64, totals.minutes as i64), (hours, minutes), "the total is that of all");
    // What is gone is on the bill and in the books, and in no inventory.
    let here: BTreeSet<_> = known.rows.iter().map(|row| row.aws_id.as_str()).collect();
    let living: i64 = lines
        .iter()
        .filter(|(id, _)| here.contains(id.as_str()))
        .map(|(_, line)| &line["figures"]["connected_hours"])
        .map(|v| v.as_i64().unwrap_or(0))
        .sum();
    assert_eq!(hours, living);
    for line in lines.iter().filter(|(id, _)| !here.contains(id.as_str())).map(|(_, line)| line) {
        assert!(!line["terminated_at"].is_null(), "{line} is missing");
    }
    say(&format!(
        "April: {hours} connected hours, {sessions} sessions, {billable} billable hours of {with_usage} WorkSpaces"
    ));
    Ok(())
}
