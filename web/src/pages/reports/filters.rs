//! What a report is narrowed to, and what its costs are told apart by: the part of its form that depends on what it is about. What does
//! not apply is neither shown nor sent. To add a filter: its field in [`Narrowed`], in `take` and in [`Filters`].

use contract::reports::{ReportFilterBody, TAG_MAX, VALUES_MAX};
use contract::teams::TeamView;
use contract::workspaces::{FacetValue, WorkspaceFacetsView};
use domain::access::Permission;
use domain::cost::CostGrouping;
use domain::reports::ReportTemplate;
use leptos::prelude::*;

use super::grouping::GroupBy;
use crate::api::{teams, workspaces};
use crate::components::ui::choice::Choices;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules::{self, Rule};
use crate::components::ui::states::PartNotice;
use crate::state::loader::Loader;
use crate::state::session::use_session;

/// What is chosen and typed.
#[derive(Debug, Clone, Copy)]
pub struct Narrowed {
    accounts: RwSignal<Vec<String>>,
    directories: RwSignal<Vec<String>>,
    modes: RwSignal<Vec<String>>,
    teams: RwSignal<Vec<String>>,
    /// What costs are told apart by; empty for nothing.
    by: RwSignal<String>,
    regions: FieldState,
    tag: FieldState,
    placed: Rule,
    tagged: Rule,
}

impl Narrowed {
    /// As a report has it.
    pub fn new(filter: &ReportFilterBody) -> Self {
        let regions = FieldState::new(filter.regions.join(", "));
        let tag = FieldState::new(filter.tag.clone().unwrap_or_default());
        Self {
            accounts: RwSignal::new(filter.accounts.iter().map(ToString::to_string).collect()),
            directories: RwSignal::new(filter.directories.clone()),
            modes: RwSignal::new(filter.running_modes.clone()),
            teams: RwSignal::new(filter.teams.iter().map(ToString::to_string).collect()),
            by: RwSignal::new(filter.by.as_ref().map(ToString::to_string).unwrap_or_default()),
            regions,
            tag,
            placed: rules::judged(regions, |typed| rules::each(typed, VALUES_MAX, rules::region)),
            tagged: rules::judged(tag, tag_wrong),
        }
    }

    /// The two that are typed, by the API's names.
    pub fn fields(self) -> [(&'static str, FieldState); 2] {
        [("filter.regions", self.regions), ("filter.tag", self.tag)]
    }

    /// What a report of that template is told apart by.
    fn grouping(self, template: ReportTemplate) -> Option<CostGrouping> {
        self.by.with(|by| by.parse::<CostGrouping>().ok()).filter(|_| template == ReportTemplate::Cost)
    }

    /// Whether it can be narrowed to regions: bills by tag know none.
    fn regional(self, template: ReportTemplate) -> bool {
        template.by_place() && !self.grouping(template).is_some_and(|by| by.by_tag())
    }

    /// As the API takes it, if nothing that is shown is wrong.
    pub fn take(self, template: ReportTemplate) -> Option<ReportFilterBody> {
        let typed = |shown: bool, state, rule| if shown { rules::take(state, rule) } else { Some(String::new()) };
        let (by, regional) = untrack(|| (self.grouping(template), self.regional(template)));
        let regions = typed(regional, self.regions, self.placed);
        let tag = typed(template.by_desktop(), self.tag, self.tagged);
        let chosen = |shown: bool, all: RwSignal<Vec<String>>| if shown { all.get_untracked() } else { Vec::new() };
        let (accounts, teams) = (chosen(template.by_place(), self.accounts), chosen(template.by_desktop(), self.teams));
        Some(ReportFilterBody {
            accounts: accounts.iter().filter_map(|id| id.parse().ok()).collect(),
            regions: rules::listed(&regions?),
            directories: chosen(template.by_desktop(), self.directories),
            running_modes: chosen(template.by_desktop(), self.modes),
            tag: Some(tag?).filter(|tag| !tag.is_empty()),
            teams: teams.iter().filter_map(|id| id.parse().ok()).collect(),
            by,
        })
    }
}

fn tag_wrong(typed: &str) -> Option<String> {
    if typed.starts_with('=') {
        return Some("Write it as Key or Key=Value.".to_owned());
    }
    rules::length(typed, &(0..=TAG_MAX))
}

/// What can be chosen: what there is, and what was chosen before and is no longer there.
fn options(known: impl Iterator<Item = (String, String)>, kept: &[String]) -> Options {
    let mut all: Options = known.collect();
    let gone = kept.iter().filter(|kept| !all.iter().any(|(value, _)| value == *kept));
    let gone: Options = gone.map(|gone| (gone.clone(), format!("{gone} (no longer there)"))).collect();
    all.extend(gone);
    all
}

/// A facet's values, and what each is called.
fn named(facet: &[FacetValue]) -> impl Iterator<Item = (String, String)> {
    facet.iter().map(|known| (known.value.clone(), known.label.clone()))
}

/// Value and words of each.
type Options = Vec<(String, String)>;

/// The fields.
#[component]
pub fn Filters(
    /// What is chosen and typed.
    narrowed: Narrowed,
    /// What the report is about.
    template: Memo<ReportTemplate>,
) -> impl IntoView {
    let facets = Loader::once(workspaces::facets);
    let unnamed = |kept: &[String]| kept.iter().map(|kept| (kept.clone(), kept.clone())).collect::<Options>();
    let choices = move |of: fn(&WorkspaceFacetsView) -> &[FacetValue], chosen: RwSignal<Vec<String>>| {
        let kept = chosen.get_untracked();
        Memo::new(move |_| {
            let there = |facets: &WorkspaceFacetsView| options(named(of(facets)), &kept);
            facets.data.with(|facets| facets.as_ref().map_or_else(|| unnamed(&kept), there))
        })
    };
    let accounts = choices(|facets| facets.account.as_slice(), narrowed.accounts);
    let directories = choices(|facets| facets.directory.as_slice(), narrowed.directories);
    let modes = choices(|facets| facets.running_mode.as_slice(), narrowed.modes);
    // Who may not see people, or only some, has no teams to choose from; what somebody else chose can still be taken back.
    let session = use_session();
    let people = untrack(|| session.may(Permission::UserRead)).then(|| Loader::once(teams::all));
    let readable = Signal::derive(move || people.is_some_and(|teams| teams.data.with(Option::is_some)));
    let missed = move |teams: Loader<Vec<TeamView>>| template.get().by_desktop() && teams.missed();
    let kept = narrowed.teams.get_untracked();
    let teams = Memo::new(move |_| {
        let there = people.and_then(|teams| {
            let named = |all: &Vec<TeamView>| options(all.iter().map(|t| (t.id.to_string(), t.name.clone())), &kept);
            teams.data.with(|all| all.as_ref().map(named))
        });
        there.unwrap_or_else(|| unnamed(&kept))
    });
    let some = |all: Memo<Options>| move || all.with(|all| !all.is_empty());
    view! {
        <PartNotice loader=facets what="What can be chosen"/>
        {people.map(|loader| view! { <Show when=move || missed(loader)><PartNotice loader what="The teams"/></Show> })}
        <Show when=move || template.get() == ReportTemplate::Cost><GroupBy by=narrowed.by teams=readable/></Show>
        <Show when=move || template.get().by_place()>
            <Show when=some(accounts)>
                <Choices label="Accounts: all of them when none is chosen" options=accounts chosen=narrowed.accounts/>
            </Show>
        </Show>
        <Show when=move || narrowed.regional(template.get())>
            <TextField
                id="report-regions" label="Regions" state=narrowed.regions rule=narrowed.placed testid="report-regions"
                placeholder="eu-central-1, us-east-1" hint="Separated by commas; all of them when empty.".to_owned()
            />
        </Show>
        <Show when=move || template.get().by_desktop()>
            <Show when=some(directories)>
                <Choices label="Directories: all of them when none is chosen" options=directories chosen=narrowed.directories/>
            </Show>
            <Show when=some(modes)>
                <Choices label="Running modes: all of them when none is chosen" options=modes chosen=narrowed.modes/>
            </Show>
            <Show when=some(teams)>
                <Choices label="Teams: everybody's desktops when none is chosen" options=teams chosen=narrowed.teams/>
            </Show>
            <TextField
                id="report-tag" label="Tag" state=narrowed.tag rule=narrowed.tagged testid="report-tag"
                placeholder="Team=Blue" hint="Key or Key=Value; desktops with any tags when empty.".to_owned()
            />
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_can_be_taken_back_when_it_is_gone() {
        let known = ["AUTO_STOP", "ALWAYS_ON"].map(|value| FacetValue {
            value: value.to_owned(),
            label: value.to_lowercase(),
            count: 1,
            directory_id: None,
        });
        let all = options(named(&known), &["ALWAYS_ON".to_owned(), "MANUAL".to_owned()]);
        let all: Vec<_> = all.iter().map(|(value, words)| (value.as_str(), words.as_str())).collect();
        let gone = ("MANUAL", "MANUAL (no longer there)");
        assert_eq!(all, [("AUTO_STOP", "auto_stop"), ("ALWAYS_ON", "always_on"), gone]);
    }

    #[test]
    fn a_tag_is_a_key_with_or_without_a_value() {
        assert_eq!((tag_wrong(""), tag_wrong("Team"), tag_wrong("Team=Blue")), (None, None, None));
        assert!(tag_wrong("=Blue").is_some() && tag_wrong(&"x".repeat(TAG_MAX + 1)).is_some());
    }
}
