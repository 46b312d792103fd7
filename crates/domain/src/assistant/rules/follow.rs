//! Questions that go on from the one before: `and in Ireland?`, `what about last month?`, `by region?`, `and the cost?`.
//! What is said anew replaces what was said of the same kind; the rest stays.

use chrono::NaiveDate;

use super::decide::{dimension, periods, settle};
use super::reading::Reading;
use super::vocabulary::{Sign, Topic};
use crate::assistant::{Call, Dimension, Filters, Measure, Tool};

/// The same question, narrowed or told apart otherwise. `None` when nothing new is said.
pub(super) fn same_tool(previous: &Call, reading: &Reading, today: NaiveDate) -> Option<Call> {
    let mut call = previous.clone();
    let asks_list = [Sign::Which, Sign::Show, Sign::Who].iter().any(|sign| reading.says(sign));
    let by = dimension(reading).ok()?;
    match previous.tool {
        Tool::Help => return None,
        // "Which ones?" after a count.
        Tool::Fleet if asks_list && by.is_none() => {
            call = Call { tool: Tool::Workspaces, by: None, measure: Measure::All, ..call }
        }
        Tool::Workspaces if by.is_some() || reading.says(&Sign::Count) => call.tool = Tool::Fleet,
        // What was asked of one WorkSpace says nothing of others.
        Tool::Workspace if reading.workspaces.is_empty() && reading.periods.is_empty() => return None,
        _ => {}
    }
    let asked_anew = call.tool != previous.tool;
    change(&mut call, by, reading, today)?;
    let call = settle(call, reading, today)?;
    (asked_anew || call != *previous).then_some(call)
}

/// Another question about the same things.
pub(super) fn with_tool(previous: &Call, tool: Tool, reading: &Reading, today: NaiveDate) -> Option<Call> {
    let mut tool = tool;
    // "And how many are stopped?" after a question about others than the fleet speaks of the same WorkSpaces.
    if tool == Tool::Workspaces
        && previous.tool == Tool::Fleet
        && !reading.topic(Topic::Workspaces)
        && !reading.says(&Sign::Which)
    {
        tool = Tool::Fleet;
    }
    let keeps = |tool: Tool| matches!(tool, Tool::Usage | Tool::Cost | Tool::Events | Tool::Audit);
    let same = tool == previous.tool;
    let mut call = Call {
        filters: previous.filters.clone(),
        workspace: previous.workspace.clone(),
        period: previous.period.filter(|_| keeps(tool) && keeps(previous.tool)),
        by: previous.by.filter(|_| same),
        ..Call::of(tool)
    };
    change(&mut call, dimension(reading).ok()?, reading, today)?;
    settle(call, reading, today)
}

fn change(call: &mut Call, by: Option<Dimension>, reading: &Reading, today: NaiveDate) -> Option<()> {
    narrow(&mut call.filters, &reading.filters);
    if by.is_some() {
        call.by = by;
        call.measure = Measure::All;
        call.top = 0;
    }
    if let Some(measure) = reading.measure().ok()? {
        call.measure = measure;
    }
    if reading.top > 0 {
        call.top = reading.top;
    }
    if !reading.periods.is_empty() {
        let usual = call.period;
        (call.period, call.compared_with) = periods(reading, today)?;
        if reading.says(&Sign::Compare) && reading.periods.len() == 1 && usual.is_some() {
            call.period = usual;
        }
    }
    match reading.workspaces.as_slice() {
        [] => {}
        [one] => call.workspace = Some(one.clone()),
        _ => return None,
    }
    Some(())
}

fn narrow(filters: &mut Filters, anew: &Filters) {
    fn replace<T: Clone>(old: &mut Vec<T>, new: &[T]) {
        if !new.is_empty() {
            *old = new.to_vec();
        }
    }
    replace(&mut filters.states, &anew.states);
    replace(&mut filters.running_modes, &anew.running_modes);
    replace(&mut filters.compute_types, &anew.compute_types);
    replace(&mut filters.connections, &anew.connections);
    replace(&mut filters.regions, &anew.regions);
    replace(&mut filters.accounts, &anew.accounts);
    replace(&mut filters.bundles, &anew.bundles);
    replace(&mut filters.directories, &anew.directories);
    if anew.words.is_some() {
        filters.words.clone_from(&anew.words);
    }
    if anew.tag.is_some() {
        filters.tag.clone_from(&anew.tag);
    }
}
