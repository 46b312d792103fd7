//! What the log is narrowed to: what there is to choose from, what is chosen, and how that is told. One person and one kind of
//! object, several actions and outcomes. Pure.

use contract::audit::{AuditFacetValue, AuditFacetsView, AuditQuery};

use super::words::{action_words, kind_words};
use crate::components::ui::facet_menu::FacetOption;
use crate::format::sentence;
use crate::pages::audit::short::short_id;

/// The query of which the values are counted: the list's, wherever its page begins.
pub fn unpaged(query: &AuditQuery) -> AuditQuery {
    AuditQuery { limit: None, cursor: None, ..query.clone() }
}

/// The values of a list in the query.
fn listed(text: Option<&str>) -> Vec<String> {
    let all = text.unwrap_or_default().split(',').map(str::trim);
    all.filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// The list with a value beside the others, or without it.
fn toggled(text: Option<&str>, value: &str) -> Option<String> {
    let mut all = listed(text);
    match all.iter().position(|one| one == value) {
        Some(at) => drop(all.remove(at)),
        None => all.push(value.to_owned()),
    }
    Some(all.join(",")).filter(|all| !all.is_empty())
}

/// The actions chosen.
pub fn actions(query: &AuditQuery) -> Vec<String> {
    listed(query.action.as_deref())
}

/// The outcomes chosen.
pub fn outcomes(query: &AuditQuery) -> Vec<String> {
    listed(query.outcome.as_deref())
}

/// The person chosen.
pub fn actor(query: &AuditQuery) -> Option<String> {
    query.actor.map(|id| id.to_string())
}

/// Chooses an action beside the others, or takes it back.
pub fn toggle_action(query: &mut AuditQuery, value: &str) {
    query.action = toggled(query.action.as_deref(), value);
}

/// Chooses an outcome beside the others, or takes it back.
pub fn toggle_outcome(query: &mut AuditQuery, value: &str) {
    query.outcome = toggled(query.outcome.as_deref(), value);
}

/// Chooses a kind of object in place of another, or takes it back.
pub fn toggle_kind(query: &mut AuditQuery, value: &str) {
    query.object_kind = Some(value.to_owned()).filter(|wanted| query.object_kind.as_ref() != Some(wanted));
}

/// Chooses a person in place of another, or takes them back.
pub fn toggle_actor(query: &mut AuditQuery, value: &str) {
    query.actor = if actor(query).as_deref() == Some(value) { None } else { value.parse().ok() };
}

/// What a person is called; the beginning of an id that has no name.
pub fn actor_words(known: &AuditFacetsView, id: &str) -> String {
    let named = known.actor.iter().find(|one| one.value == id && one.label != id);
    named.map_or_else(|| short_id(id), |one| one.label.clone())
}

/// The actions to choose from.
pub fn action_options(known: &AuditFacetsView, query: &AuditQuery) -> Vec<FacetOption> {
    options(&known.action, actions(query), action_words)
}

/// The people to choose from.
pub fn actor_options(known: &AuditFacetsView, query: &AuditQuery) -> Vec<FacetOption> {
    options(&known.actor, actor(query).into_iter().collect(), |id| actor_words(known, id))
}

/// The kinds of objects to choose from.
pub fn kind_options(known: &AuditFacetsView, query: &AuditQuery) -> Vec<FacetOption> {
    options(&known.object_kind, query.object_kind.clone().into_iter().collect(), kind_words)
}

/// The outcomes to choose from.
pub fn outcome_options(known: &AuditFacetsView, query: &AuditQuery) -> Vec<FacetOption> {
    options(&known.outcome, outcomes(query), sentence)
}

/// What there is, and what is chosen though none of the newest entries has it.
fn options(known: &[AuditFacetValue], chosen: Vec<String>, words: impl Fn(&str) -> String) -> Vec<FacetOption> {
    let missing = chosen.into_iter().filter(|chosen| !known.iter().any(|one| one.value == *chosen));
    let all = known.iter().map(|one| (one.value.clone(), one.count)).chain(missing.map(|one| (one, 0)));
    all.map(|(value, count)| FacetOption { label: words(&value), value, count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "0190b6a0-0000-7000-8000-000000000000";

    #[test]
    fn several_actions_are_chosen_and_taken_back() {
        let mut query = AuditQuery::default();
        for action in ["team.create", "team.update", "team.delete", "team.update"] {
            toggle_action(&mut query, action);
        }
        assert_eq!(query.action.as_deref(), Some("team.create,team.delete"));
        let known = AuditFacetValue { value: "team.delete".into(), label: "team.delete".into(), count: 3 };
        let known = AuditFacetsView { action: vec![known], ..AuditFacetsView::default() };
        let options = action_options(&known, &query);
        let options: Vec<_> = options.iter().map(|one| (one.label.as_str(), one.count)).collect();
        assert_eq!(options, [("Team: delete", 3), ("Team: create", 0)]);
        toggle_action(&mut query, "team.create");
        toggle_action(&mut query, "team.delete");
        assert_eq!(query, AuditQuery::default());
    }

    #[test]
    fn one_kind_is_chosen_and_several_outcomes() {
        let mut query = AuditQuery { limit: Some(20), cursor: Some("x".into()), ..AuditQuery::default() };
        for kind in ["team", "api-key"] {
            toggle_kind(&mut query, kind);
        }
        for outcome in ["refused", "failed"] {
            toggle_outcome(&mut query, outcome);
        }
        let counted = unpaged(&query);
        assert_eq!(
            (counted.object_kind.as_deref(), counted.outcome.as_deref()),
            (Some("api-key"), Some("refused,failed"))
        );
        assert_eq!((counted.limit, counted.cursor), (None, None));
        let value = |value: &str, count| AuditFacetValue { value: value.into(), label: value.into(), count };
        let known = AuditFacetsView {
            object_kind: vec![value("team", 4)],
            outcome: vec![value("done", 9), value("failed", 2)],
            ..AuditFacetsView::default()
        };
        let told = |options: Vec<FacetOption>| -> Vec<String> {
            options.into_iter().map(|one| format!("{} {}", one.label, one.count)).collect()
        };
        assert_eq!(told(kind_options(&known, &query)), ["Team 4", "API key 0"]);
        assert_eq!(told(outcome_options(&known, &query)), ["Done 9", "Failed 2", "Refused 0"]);
        toggle_kind(&mut query, "api-key");
        toggle_outcome(&mut query, "refused");
        assert_eq!((query.object_kind, query.outcome.as_deref()), (None, Some("failed")));
    }

    #[test]
    fn one_person_is_chosen_by_name() {
        let mut query = AuditQuery::default();
        toggle_actor(&mut query, ADA);
        assert_eq!(actor(&query).as_deref(), Some(ADA));
        let known = |label: &str| AuditFacetsView {
            actor: vec![AuditFacetValue { value: ADA.into(), label: label.into(), count: 2 }],
            ..AuditFacetsView::default()
        };
        let words = |known: &AuditFacetsView| actor_options(known, &query)[0].label.clone();
        assert_eq!(words(&known("ada@example.com")), "ada@example.com");
        assert_eq!(words(&known(ADA)), "0190b6a0", "whose name was erased");
        assert_eq!(words(&AuditFacetsView::default()), "0190b6a0");
        toggle_actor(&mut query, ADA);
        assert_eq!(query, AuditQuery::default());
    }
}
