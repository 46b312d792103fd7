//! The teams that usage is narrowed to: whose desktops. Only who may see people is told of them. Pure.

use contract::teams::TeamView;

use crate::components::ui::facet_menu::FacetOption;
use crate::components::ui::filter_bar::Chip;

/// The key of the filter, as in the address.
pub const TEAM: &str = "team";

/// The teams to choose from: all that are known, and what is chosen though it is not known.
pub fn options(teams: &[TeamView], chosen: &[String]) -> Vec<FacetOption> {
    let option = |team: &TeamView| FacetOption {
        value: team.id.to_string(),
        label: team.name.clone(),
        count: team.member_count,
    };
    let mut options: Vec<_> = teams.iter().map(option).collect();
    for id in chosen {
        if !options.iter().any(|option| option.value == *id) {
            options.push(FacetOption { value: id.clone(), label: id.clone(), count: 0 });
        }
    }
    options
}

/// A chip for each team that is chosen.
pub fn chips(teams: &[TeamView], chosen: &[String]) -> Vec<Chip> {
    let of = options(teams, chosen).into_iter().filter(|option| chosen.contains(&option.value));
    of.map(|option| Chip { key: TEAM, facet: "Team", value: option.value, label: option.label }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::state::UsageUrl;
    use super::super::{groups, lists};
    use super::*;

    const GONE: &str = "00000000-0000-0000-0000-000000000008";

    fn night() -> TeamView {
        TeamView {
            id: "00000000-0000-0000-0000-000000000007".parse().unwrap(),
            name: "Night".to_owned(),
            description: String::new(),
            member_count: 3,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn a_team_that_is_chosen_can_be_taken_back_though_nobody_knows_it() {
        let (known, id) = (night(), night().id.to_string());
        let offered = options(std::slice::from_ref(&known), &[GONE.to_owned(), id.clone()]);
        let labels: Vec<_> = offered.iter().map(|option| (option.label.as_str(), option.count)).collect();
        assert_eq!(labels, [("Night", 3), (GONE, 0)]);
        let shown = chips(std::slice::from_ref(&known), &[id]);
        assert_eq!(shown.iter().map(|chip| chip.label.as_str()).collect::<Vec<_>>(), ["Night"]);
        assert!(chips(&[known], &[]).is_empty());
    }

    #[test]
    fn every_question_is_about_the_teams_that_are_chosen() {
        let id = night().id;
        let url = UsageUrl::default().toggled(id);
        let today = "2026-01-30".parse().unwrap();
        for team in [
            url.query().team,
            url.summary().team,
            url.trend().team,
            url.daily().team,
            url.hours_query(None).team,
            url.export(today).team,
            groups::question(&url).team,
            lists::ranking(&url).team,
            lists::unused(&url).team,
            url.of_numbers().team(),
        ] {
            assert_eq!(team, Some(id.to_string()));
        }
        assert!(url.filtered());
        assert_eq!(url.clone().toggled(id), UsageUrl::default());
        assert_eq!(url.unfiltered(), UsageUrl::default());
    }

    #[test]
    fn a_team_leads_to_its_own_usage_where_it_is_known_which_it_is() {
        let url = UsageUrl::parse("?by=team").0;
        let to = |key: &str| url.narrowed("team", key, &[], &[night()]).map(|url| url.search());
        assert_eq!(to("Night"), Some(format!("?by=team&team={}", night().id)));
        assert_eq!((to("Day"), to("")), (None, None));
    }
}
