//! From what a clause says to the tool that is asked, and for what.

use chrono::NaiveDate;

use super::fits::fits;
use super::names::is_team;
use super::reading::{Noun, Reading};
use super::vocabulary::{Sign, Topic};
use super::{dates, follow};
use crate::assistant::{Call, Dimension, Filters, Help, Measure, Period, Tool};
use crate::usage::Month;

/// What a clause asks; `previous` are the calls that it may go on from. `None`: it is not understood.
pub(super) fn calls(reading: &Reading, previous: &[Call], today: NaiveDate) -> Option<Vec<Call>> {
    if let Some(page) = help_page(reading) {
        return Some(vec![Call { help: Some(page), ..Call::of(Tool::Help) }]);
    }
    if reading.unknown
        || reading.of_help
        || reading.says(&Sign::Not)
        || reading.says(&Sign::HelpMe)
        || reading.says(&Sign::HowTo)
    {
        return None;
    }
    if reading.says(&Sign::Tag) && reading.filters.tag.is_none() {
        return None;
    }
    let asked = asked(reading)?;
    let of_one = |call: &Call| call.workspace.is_some() || call.filters.words.is_some();
    let goes_on = [Sign::Opener, Sign::Pronoun].iter().any(|sign| reading.says(sign))
        || reading.said.first() == Some(&Sign::And)
        || reading.says(&Sign::It) && previous.last().is_some_and(of_one);
    let found = match asked {
        Some(tool) if !goes_on => vec![standalone(tool, reading, today)?],
        _ if previous.is_empty() => match asked {
            Some(tool) if !reading.says(&Sign::Pronoun) => vec![standalone(tool, reading, today)?],
            _ => return None,
        },
        Some(tool) => vec![follow::with_tool(previous.last()?, tool, reading, today)?],
        // "How many regions are there?" is not about what was counted before.
        None if reading.says(&Sign::Count) && !reading.nouns.is_empty() && reading.by.is_empty() => return None,
        None => previous.iter().map(|call| follow::same_tool(call, reading, today)).collect::<Option<_>>()?,
    };
    found.iter().all(fits).then_some(found)
}

/// Whether a page is meant rather than the one that was named first, as it is about something that is of others: a report of costs, a
/// budget of an account, the cancelling of a request.
fn is_of(page: Help, first: Help) -> bool {
    match first {
        Help::Cost | Help::Accounts => matches!(page, Help::Budgets | Help::Reports | Help::Requests),
        Help::Jobs => page == Help::Requests,
        _ => false,
    }
}

/// The page that tells how something is done, when that is asked, or when something is to be done.
fn help_page(reading: &Reading) -> Option<Help> {
    let page = || {
        let first = reading.pages().next()?;
        Some(reading.pages().find(|page| is_of(*page, first)).unwrap_or(first))
    };
    if reading.says(&Sign::Reckoned) && (reading.says(&Sign::HowIs) || reading.says(&Sign::HowTo)) {
        return Some(Help::Cost);
    }
    if reading.says(&Sign::HowTo) && !reading.topic(Topic::Savings) {
        return page();
    }
    let first =
        reading.said.iter().find(|sign| !matches!(sign, Sign::And | Sign::Opener | Sign::Pronoun | Sign::HelpMe));
    if first == Some(&Sign::Demand) {
        let of_desktops = reading.topic(Topic::Workspaces) || !reading.workspaces.is_empty() || reading.narrows();
        return page().or(of_desktops.then_some(Help::Actions));
    }
    if reading.says(&Sign::HelpMe) {
        return page().or((!reading.unknown).then_some(Help::Assistant));
    }
    None
}

/// The tool that the clause names; `Some(None)`: none, it may go on from another. `None`: it contradicts itself.
fn asked(reading: &Reading) -> Option<Option<Tool>> {
    use Topic::{Audit, Cost, Events, Forecast, Freshness, Jobs, Savings, Usage};
    let all = [Forecast, Savings, Cost, Usage, Events, Audit, Jobs, Freshness];
    let Filters { bundles, directories, running_modes, compute_types, .. } = &reading.filters;
    let bare = bundles.is_empty() && directories.is_empty() && running_modes.is_empty() && compute_types.is_empty();
    let used = reading.says(&Sign::Use) && bare;
    let topics: Vec<Topic> = all.into_iter().filter(|topic| reading.topic(*topic) || *topic == Usage && used).collect();
    let among = |allowed: &[Topic]| topics.iter().all(|topic| allowed.contains(topic));
    if reading.says(&Sign::Ahead) && !reading.topic(Forecast) {
        return (topics == [Cost] || topics.is_empty() && reading.says(&Sign::HowMuch)).then_some(Some(Tool::Forecast));
    }
    let tool = match topics.first() {
        _ if reading.says(&Sign::JobState) && !reading.topic(Jobs) && !reading.topic(Freshness) => return None,
        None if reading.says(&Sign::HowMuch) && reading.workspaces.is_empty() => Tool::Cost,
        None => return Some(of_fleet(reading)),
        Some(_) if reading.topic(Freshness) && among(&[Freshness, Cost, Usage, Events]) => Tool::Freshness,
        Some(Forecast) if among(&[Forecast, Cost]) => Tool::Forecast,
        Some(Savings) if among(&[Savings, Cost, Usage]) => Tool::Savings,
        Some(Events) if among(&[Events, Audit]) && reading.topic(Audit) => Tool::Audit,
        Some(Jobs) if among(&[Jobs, Freshness]) => Tool::Jobs,
        Some(_) if topics.len() > 1 => return None,
        Some(Cost) => Tool::Cost,
        Some(Usage) => Tool::Usage,
        Some(Events) => Tool::Events,
        Some(Audit) => Tool::Audit,
        Some(_) => return None,
    };
    Some(Some(tool))
}

/// Which of the tools of the fleet, if any: the one WorkSpace, the list, or the count.
fn of_fleet(reading: &Reading) -> Option<Tool> {
    if !reading.workspaces.is_empty() {
        return Some(Tool::Workspace);
    }
    if reading.says(&Sign::Standing) || reading.says(&Sign::HowIs) && reading.topic(Topic::Workspaces) {
        return Some(Tool::Fleet);
    }
    let asks = [Sign::Count, Sign::Which, Sign::Show, Sign::Who].iter().any(|sign| reading.says(sign));
    let of_desktops = reading.topic(Topic::Workspaces) || asks && reading.narrows();
    if !of_desktops {
        return None;
    }
    let told_apart = !reading.by.is_empty() || !reading.nouns.is_empty();
    let listed = [Sign::Which, Sign::Show, Sign::Who].iter().any(|sign| reading.says(sign));
    let counted = reading.says(&Sign::Count) || told_apart || !listed && !reading.narrows();
    Some(if counted { Tool::Fleet } else { Tool::Workspaces })
}

/// A question that stands by itself.
fn standalone(tool: Tool, reading: &Reading, today: NaiveDate) -> Option<Call> {
    let mut call = Call { filters: reading.filters.clone(), top: reading.top, ..Call::of(tool) };
    call.by = dimension(reading).ok()?;
    call.measure = reading.measure().ok()?.unwrap_or(Measure::All);
    (call.period, call.compared_with) = periods(reading, today)?;
    match reading.workspaces.as_slice() {
        [] => {}
        [one] => call.workspace = Some(one.clone()),
        _ => return None,
    }
    settle(call, reading, today)
}

/// What goes without saying: the ways of each tool.
pub(super) fn settle(mut call: Call, reading: &Reading, today: NaiveDate) -> Option<Call> {
    let present = |period: Option<Period>| period.filter(|period| *period != Period::Days(today, today));
    // These look for one among many by its words.
    if !matches!(call.tool, Tool::Workspace | Tool::Events) && call.workspace.is_some() {
        call.filters.words = call.workspace.take();
    }
    let running = |period: Option<Period>| period.filter(|period| *period != Period::Month(Month::of_day(today)));
    match call.tool {
        Tool::Fleet | Tool::Workspaces => {
            if call.tool == Tool::Workspaces && call.measure != Measure::All {
                return None;
            }
            call.period = present(call.period);
            if call.tool == Tool::Fleet
                && call.by.is_none()
                && (reading.says(&Sign::Standing) || reading.says(&Sign::HowIs))
            {
                call.by = Some(Dimension::State);
            }
        }
        Tool::Workspace => {
            // What is asked of one WorkSpace is told of it anyway: its state, its region, whether somebody is connected.
            call.filters = Filters::default();
            call.by = None;
            call.period = present(call.period);
        }
        Tool::Usage | Tool::Cost => {
            // An order without a dimension is one of WorkSpaces; so is a list of those that were used.
            let listed = reading.says(&Sign::Which) && reading.topic(Topic::Workspaces) || reading.says(&Sign::Who);
            if call.tool == Tool::Cost
                && call.by.is_none()
                && call.filters.tag.as_ref().is_some_and(|(key, _)| is_team(key))
            {
                call.by = Some(Dimension::Team);
            }
            if call.by.is_none() && call.filters.words.is_none() {
                let ordered = matches!(call.measure, Measure::Most | Measure::Least);
                if ordered || call.tool == Tool::Usage && listed && call.measure == Measure::All {
                    call.by = Some(Dimension::Workspace);
                }
                if call.by.is_some() && call.measure == Measure::All {
                    call.measure = Measure::Most;
                }
            }
            if call.measure == Measure::None {
                call.by = call.by.filter(|by| *by != Dimension::Workspace);
            }
        }
        Tool::Forecast | Tool::Savings => call.period = running(call.period),
        Tool::Jobs => {
            // Every state is told; `running` is one of a job here.
            call.filters.states.clear();
            call.by = call.by.filter(|by| *by != Dimension::State);
        }
        Tool::Freshness | Tool::Events | Tool::Audit | Tool::Help => {}
    }
    let one =
        reading.says(&Sign::Which) && matches!(reading.nouns.as_slice(), [noun] if noun.one) && reading.by.is_empty();
    if one && call.top == 0 && matches!(call.measure, Measure::Most | Measure::Least) {
        call.top = 1;
    }
    Some(call)
}

/// What figures are to be told apart by; `Err` for two things at once.
pub(super) fn dimension(reading: &Reading) -> Result<Option<Dimension>, ()> {
    let measured = reading.measure()?.is_some() || !reading.workspaces.is_empty();
    // "In my account" names one, and not which.
    let vague = |noun: &Noun| noun.one && !noun.asked && !measured && noun.dimension != Dimension::State;
    if reading.nouns.iter().any(vague) {
        return Err(());
    }
    let mut nouns: Vec<Dimension> = reading.nouns.iter().map(|noun| noun.dimension).collect();
    nouns.dedup();
    match (reading.by.as_slice(), nouns.as_slice()) {
        ([one], []) | ([], [one]) => Ok(Some(*one)),
        ([one], [other]) if one == other => Ok(Some(*one)),
        ([], []) => Ok(None),
        _ => Err(()),
    }
}

/// The period and the one it is compared with; `None` where there are too many.
pub(super) fn periods(reading: &Reading, today: NaiveDate) -> Option<(Option<Period>, Option<Period>)> {
    match (reading.periods.as_slice(), reading.says(&Sign::Compare)) {
        ([], false) => Some((None, None)),
        ([one], false) => Some((Some(*one), None)),
        ([one], true) => Some((Some(Period::Month(Month::of_day(today))), Some(*one))),
        ([one, two], true) if one != two => Some((Some(*one), Some(*two))),
        ([one, two], false) => Some((Some(dates::joined(*one, *two)?), None)),
        _ => None,
    }
}
