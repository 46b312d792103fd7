//! The field of what a report of costs is told apart by: what AWS bills, by tags too, and the month's estimate, as the costs page has them.

use contract::costs::CostQuery;
use domain::access::Permission;
use domain::cost::{CostBy, CostGrouping, EstimateBy, TAG_GROUP, TEAM_TAG};
use leptos::prelude::*;

use super::words::grouping_words;
use crate::api::costs;
use crate::components::ui::choice::Choice;
use crate::components::ui::states::PartNotice;
use crate::state::loader::Loader;
use crate::state::session::use_session;

/// The field.
#[component]
pub fn GroupBy(
    /// What is chosen, as the API names it; empty for nothing.
    by: RwSignal<String>,
    /// Whether the teams could be read: who may see only some people is refused them, and estimates by them.
    teams: Signal<bool>,
) -> impl IntoView {
    let session = use_session();
    let usage = untrack(|| session.may(Permission::UsageRead));
    // Only for the tags that costs are read by.
    let summary = Loader::once(|| async { costs::summary(&CostQuery::default()).await });
    let kept = by.get_untracked();
    let options = Memo::new(move |_| {
        let keys = summary.data.with(|s| s.as_ref().map(|s| s.tag_keys.clone()).unwrap_or_default());
        choices(&keys, &kept, (usage, teams.get()))
    });
    let estimate = move || by.with(|by| by.parse::<CostGrouping>().is_ok_and(|by| by.is_estimate()));
    view! {
        <PartNotice loader=summary what="The tags of costs"/>
        <Choice id="report-by" label="Told apart by" options value=by testid="report-by"/>
        <Show when=estimate>
            <p class="field-hint">"What WorkSpaces are reckoned to cost in the month of the first of these days."</p>
        </Show>
    }
}

/// What can be chosen: value and words of each. `kept` is what the report had before, which may no longer be offered; whoever may read
/// usage is offered estimates, who may see all people that of their teams too.
fn choices(keys: &[String], kept: &str, (usage, people): (bool, bool)) -> Vec<(String, String)> {
    let billed = CostBy::NAMES.iter().map(|name| (*name).to_owned());
    let tags = keys.iter().filter(|key| *key != TEAM_TAG).map(|key| format!("{TAG_GROUP}{key}"));
    let estimates = EstimateBy::ALL.iter().filter(|by| usage && (people || **by != EstimateBy::Team));
    let estimates = estimates.map(|by| CostGrouping::Estimated(*by).to_string());
    let mut names: Vec<String> = billed.chain(tags).chain(estimates).collect();
    if !kept.is_empty() && !names.iter().any(|name| name == kept) {
        names.push(kept.to_owned());
    }
    let words = |name: String| {
        let words = name.parse::<CostGrouping>().map_or_else(|_| name.clone(), |by| grouping_words(&by));
        (name, words)
    };
    let nothing = (String::new(), "Nothing: each line of the bill, day by day".to_owned());
    std::iter::once(nothing).chain(names.into_iter().map(words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(keys: &[&str], kept: &str, may: (bool, bool)) -> Vec<String> {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        choices(&keys, kept, may).into_iter().map(|(value, _)| value).collect()
    }

    #[test]
    fn everything_that_is_offered_is_taken_by_the_api() {
        let all = named(&["Team", "Stage"], "", (true, true));
        assert_eq!(all[0], "");
        assert!(all[1..].iter().all(|name| name.parse::<CostGrouping>().is_ok()), "{all:?}");
        let tags: Vec<_> = all.iter().filter(|name| name.starts_with(TAG_GROUP)).collect();
        assert_eq!(tags, ["tag:Stage"], "a team is a way of its own");
    }

    #[test]
    fn each_is_offered_what_they_may_see_and_what_was_chosen_stays() {
        let has = |all: Vec<String>, name: &str| all.iter().any(|one| one == name);
        assert!(has(named(&[], "", (true, true)), "estimate:team"));
        assert!(!has(named(&[], "", (true, false)), "estimate:team"));
        assert!(!has(named(&[], "", (false, true)), "estimate:bundle"));
        assert!(has(named(&[], "tag:Gone", (false, false)), "tag:Gone"));
    }
}
