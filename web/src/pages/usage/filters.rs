//! The filter bar: the same facets as those of the list of WorkSpaces, without those that only say how things are now.

use contract::teams::TeamView;
use contract::workspaces::WorkspaceFacetsView;
use domain::ids::TeamId;
use leptos::prelude::*;

use super::state::UsageUrl;
use super::teams::{self, TEAM};
use crate::components::ui::facet_menu::FacetMenu;
use crate::components::ui::filter_bar::{Chip, Chips, SearchBox};
use crate::components::ui::states::PartNotice;
use crate::pages::workspaces::{Facet, chips, without};
use crate::state::loader::Loader;

/// The facets that usage is narrowed by.
const FACETS: [Facet; 6] =
    [Facet::Region, Facet::Directory, Facet::Bundle, Facet::RunningMode, Facet::Compute, Facet::Account];

/// What narrows the page, in words.
pub fn narrowed_words(url: &UsageUrl, facets: Option<&WorkspaceFacetsView>, known: &[TeamView]) -> Vec<String> {
    let none = WorkspaceFacetsView::default();
    let searched = url.filters.query.q.as_ref().map(|words| format!("Search: {words}"));
    let chips = chips(&url.filters, facets.unwrap_or(&none)).into_iter().chain(teams::chips(known, &chosen(url)));
    searched.into_iter().chain(chips.map(|chip| format!("{}: {}", chip.facet, chip.label))).collect()
}

/// The teams that are chosen.
fn chosen(url: &UsageUrl) -> Vec<String> {
    url.teams.iter().map(ToString::to_string).collect()
}

/// The filter bar.
#[component]
pub fn Filters(
    /// Where the reader is.
    url: Memo<UsageUrl>,
    /// The values to choose from.
    facets: Loader<WorkspaceFacetsView>,
    /// The teams to choose from; none for who may not see people.
    teams: Memo<Vec<TeamView>>,
    /// Goes there.
    on_change: Callback<UsageUrl>,
) -> impl IntoView {
    let change = move |change: &dyn Fn(UsageUrl) -> UsageUrl| on_change.run(change(url.get_untracked()));
    let menus = FACETS
        .iter()
        .map(|&facet| {
            let options = Signal::derive(move || {
                url.with(|u| {
                    facets.data.with(|f| f.as_ref().map(|f| facet.options(f, &u.filters.query)).unwrap_or_default())
                })
            });
            view! {
                <FacetMenu
                    key=facet.key()
                    label=facet.label()
                    options
                    chosen=Signal::derive(move || url.with(|u| facet.values(&u.filters.query)))
                    on_toggle=move |value: String| {
                        change(&|u| UsageUrl { filters: u.filters.clone().toggled(facet, &value), ..u });
                    }
                />
            }
        })
        .collect_view();
    let of_teams = Signal::derive(move || url.with(chosen));
    let offered = Signal::derive(move || teams.with(|known| teams::options(known, &of_teams.get())));
    let any = Memo::new(move |_| offered.with(|offered| !offered.is_empty()));
    let shown = Signal::derive(move || {
        let of_facets = |u: &UsageUrl| {
            facets.data.with(|f| chips(&u.filters, f.as_ref().unwrap_or(&WorkspaceFacetsView::default())))
        };
        let of_teams = teams.with(|known| teams::chips(known, &of_teams.get()));
        url.with(of_facets).into_iter().chain(of_teams).collect::<Vec<_>>()
    });
    let team_menu = move || {
        any.get().then(|| {
            view! {
                <FacetMenu
                    key=TEAM
                    label="Team"
                    options=offered
                    chosen=of_teams
                    on_toggle=move |value: String| {
                        if let Ok(team) = value.parse::<TeamId>() {
                            change(&|u| u.toggled(team));
                        }
                    }
                />
            }
        })
    };
    view! {
        <section class="filters" aria-label="Filters">
            <SearchBox
                label="Search user, computer, id, address or tag"
                testid="usage-search"
                value=Signal::derive(move || url.with(|u| u.filters.query.q.clone().unwrap_or_default()))
                on_search=move |words: String| change(&|u| UsageUrl { filters: u.filters.clone().searching(&words), ..u })
            />
            <div class="facets">{menus}{team_menu}</div>
            <PartNotice loader=facets what="What the menus offer"/>
            <Chips
                chips=shown
                on_remove=move |chip: Chip| match (chip.key, chip.value.parse::<TeamId>()) {
                    (TEAM, Ok(team)) => change(&|u| u.toggled(team)),
                    _ => change(&|u| UsageUrl { filters: without(u.filters.clone(), &chip), ..u }),
                }
                on_clear=move |()| change(&UsageUrl::unfiltered)
            />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_narrows_the_page_is_said_in_words() {
        let said = |search: &str| narrowed_words(&UsageUrl::parse(search).0, None, &[]);
        assert_eq!(said("?from=2026-11-01&to=2026-12-01&by=region"), Vec::<String>::new());
        assert_eq!(
            said("?q=ana&region=eu-west-1&running_mode=AUTO_STOP&tag=Team%3DR%26D"),
            ["Search: ana", "Running mode: AutoStop", "Region: eu-west-1", "Tag: Team=R&D"]
        );
        let team = "00000000-0000-0000-0000-000000000007";
        assert_eq!(said(&format!("?team={team}")), [format!("Team: {team}")], "whose name is not known");
    }
}
