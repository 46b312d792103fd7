//! What a report is narrowed to: the part of its form that depends on what it is about. What does not apply is neither shown nor
//! sent. To add a filter: its field in [`Narrowed`], in `take` and in [`Filters`].

use contract::reports::{ReportFilterBody, TAG_MAX, VALUES_MAX};
use contract::workspaces::{FacetValue, WorkspaceFacetsView};
use domain::reports::ReportTemplate;
use leptos::prelude::*;

use crate::api::workspaces;
use crate::components::ui::choice::Choices;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules::{self, Rule};
use crate::components::ui::states::PartNotice;
use crate::state::loader::Loader;

/// What is chosen and typed.
#[derive(Debug, Clone, Copy)]
pub struct Narrowed {
    accounts: RwSignal<Vec<String>>,
    directories: RwSignal<Vec<String>>,
    modes: RwSignal<Vec<String>>,
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

    /// As the API takes it, if nothing that is shown is wrong.
    pub fn take(self, template: ReportTemplate) -> Option<ReportFilterBody> {
        let typed = |shown: bool, state, rule| if shown { rules::take(state, rule) } else { Some(String::new()) };
        let regions = typed(template.by_place(), self.regions, self.placed);
        let tag = typed(template.by_desktop(), self.tag, self.tagged);
        let chosen = |shown: bool, all: RwSignal<Vec<String>>| if shown { all.get_untracked() } else { Vec::new() };
        let accounts = chosen(template.by_place(), self.accounts);
        Some(ReportFilterBody {
            accounts: accounts.iter().filter_map(|id| id.parse().ok()).collect(),
            regions: rules::listed(&regions?),
            directories: chosen(template.by_desktop(), self.directories),
            running_modes: chosen(template.by_desktop(), self.modes),
            tag: Some(tag?).filter(|tag| !tag.is_empty()),
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
fn options(known: &[FacetValue], kept: &[String]) -> Vec<(String, String)> {
    let gone = kept.iter().filter(|kept| !known.iter().any(|known| known.value == **kept));
    let known = known.iter().map(|known| (known.value.clone(), known.label.clone()));
    known.chain(gone.map(|gone| (gone.clone(), format!("{gone} (no longer there)")))).collect()
}

/// The fields.
#[component]
pub fn Filters(
    /// What is chosen and typed.
    narrowed: Narrowed,
    /// What the report is about.
    template: Memo<ReportTemplate>,
) -> impl IntoView {
    let facets = Loader::once(workspaces::facets);
    let choices = move |of: fn(&WorkspaceFacetsView) -> &[FacetValue], chosen: RwSignal<Vec<String>>| {
        let kept = chosen.get_untracked();
        let unnamed = move |kept: &[String]| kept.iter().map(|kept| (kept.clone(), kept.clone())).collect();
        Memo::new(move |_| {
            facets
                .data
                .with(|facets| facets.as_ref().map_or_else(|| unnamed(&kept), |facets| options(of(facets), &kept)))
        })
    };
    let accounts = choices(|facets| facets.account.as_slice(), narrowed.accounts);
    let directories = choices(|facets| facets.directory.as_slice(), narrowed.directories);
    let modes = choices(|facets| facets.running_mode.as_slice(), narrowed.modes);
    let some = |all: Memo<Vec<(String, String)>>| move || all.with(|all| !all.is_empty());
    view! {
        <PartNotice loader=facets what="What can be chosen"/>
        <Show when=move || template.get().by_place()>
            <Show when=some(accounts)>
                <Choices label="Accounts: all of them when none is chosen" options=accounts chosen=narrowed.accounts/>
            </Show>
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
        let all = options(&known, &["ALWAYS_ON".to_owned(), "MANUAL".to_owned()]);
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
