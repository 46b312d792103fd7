//! Whether a tool has a use for all that a call says, or says itself that it has none (bills are not narrowed to states).
//! What a tool ignores would be answered as if it had not been said.

use crate::assistant::plan::MOST_CALLS;
use crate::assistant::{Call, Dimension, Filters, Measure, Plan, Tool};

/// Most rows of an answer.
const MOST_ROWS: u8 = 10;
/// Most values of one filter.
const MOST_VALUES: usize = 20;
/// Most characters of a name or a word that is looked for.
const LONGEST_WORDS: usize = 256;

/// Whether a plan can be asked as it is, whoever made it: its size, its periods, and every call to a tool that can use it.
#[must_use]
pub fn plan_fits(plan: &Plan) -> bool {
    (1..=MOST_CALLS).contains(&plan.calls.len()) && plan.calls.iter().all(fits)
}

/// Whether the tool has a use for all of it.
pub(super) fn fits(call: &Call) -> bool {
    sane(call) && used(call)
}

fn sane(call: &Call) -> bool {
    let Filters {
        states,
        running_modes,
        compute_types,
        connections,
        regions,
        accounts,
        bundles,
        directories,
        words,
        tag,
    } = &call.filters;
    let few = |count: usize| count <= MOST_VALUES;
    let short = |text: &String| !text.trim().is_empty() && text.chars().count() <= LONGEST_WORDS;
    let periods = || call.period.iter().chain(&call.compared_with).map(|period| super::dates::days(*period));
    call.top <= MOST_ROWS
        && [states.len(), running_modes.len(), compute_types.len(), connections.len()].into_iter().all(few)
        && [regions, accounts, bundles, directories]
            .into_iter()
            .all(|names| few(names.len()) && names.iter().all(short))
        && words.iter().chain(&call.workspace).all(short)
        && tag.iter().all(|(key, value)| short(key) && value.iter().all(short))
        && periods().all(|(from, to)| from <= to)
        && (call.compared_with.is_none() || call.period.is_some() && call.compared_with != call.period)
}

fn used(call: &Call) -> bool {
    use Dimension::{Day, Month, Workspace};
    let filters = &call.filters;
    let places = Filters { regions: filters.regions.clone(), accounts: filters.accounts.clone(), ..Filters::default() };
    let words = Filters { words: filters.words.clone(), ..Filters::default() };
    let uncompared = call.compared_with.is_none();
    let timeless = call.period.is_none() && uncompared;
    let plain = call.by.is_none() && call.measure == Measure::All;
    let nobody = call.workspace.is_none();
    match call.tool {
        Tool::Fleet => {
            let ordered = call.measure == Measure::All || call.measure != Measure::None && call.by.is_some();
            uncompared && nobody && ordered && !matches!(call.by, Some(Day | Month | Workspace))
        }
        Tool::Workspaces => timeless && nobody && call.by.is_none(),
        Tool::Workspace => !nobody && plain && uncompared && *filters == Filters::default(),
        Tool::Usage => nobody && (uncompared || plain) && (call.measure != Measure::None || call.by.is_none()),
        Tool::Cost => nobody && (uncompared || plain) && call.measure != Measure::None,
        Tool::Forecast => nobody && timeless && plain,
        Tool::Savings => nobody && timeless && call.by.is_none(),
        Tool::Events => {
            let one_place = filters.regions.len() <= 1 && filters.accounts.len() <= 1;
            let narrowed = Filters { words: filters.words.clone(), ..places };
            plain && uncompared && one_place && *filters == narrowed && (nobody || filters.words.is_none())
        }
        Tool::Audit => plain && uncompared && nobody && *filters == words,
        Tool::Jobs => plain && timeless && nobody && *filters == Filters::default(),
        Tool::Freshness => plain && timeless && nobody && *filters == places,
        Tool::Help => call.help.is_some() && plain && timeless && nobody && *filters == Filters::default(),
    }
}
