//! What a query narrows the events to.

use contract::trail::{OUTCOMES, TrailQuery};
use domain::ids::{AccountId, Region};
use services::trail::TrailFilter;

use crate::error::ApiError;
use crate::extract::{closed_list, in_order, name_list, parsed_list, search_text};

/// Most characters of a call or an actor.
const LONGEST: usize = 500;

/// The filter of a query.
pub(crate) fn of(query: &TrailQuery) -> Result<TrailFilter, ApiError> {
    in_order(query.from, query.to)?;
    let outcomes = closed_list("outcome", query.outcome.as_deref(), &OUTCOMES)?;
    Ok(TrailFilter {
        account_ids: parsed_list::<AccountId>("account", query.account.as_deref(), "an account id")?,
        regions: parsed_list::<Region>("region", query.region.as_deref(), "a region code such as eu-central-1")?,
        workspace_id: query.workspace,
        names: exact("name", query.name.as_deref())?,
        actors: exact("actor", query.actor.as_deref())?,
        q: search_text(query.q.clone())?,
        from: query.from,
        to: query.to,
        // Both of them are every one.
        refused: match (outcomes.contains(&"done"), outcomes.contains(&"refused")) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            _ => None,
        },
        writes_only: query.changes.unwrap_or_default(),
    })
}

/// Texts of which one must be the whole of it.
fn exact(parameter: &str, text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let values = name_list(parameter, text)?;
    if values.iter().any(|value| value.chars().count() > LONGEST) {
        return Err(ApiError::query(parameter, "too_long", format!("takes at most {LONGEST} characters for a value")));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &TrailQuery) -> String {
        of(query).unwrap_err().errors()[0].field.clone()
    }

    #[test]
    fn what_can_t_be_is_named() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(refused(&TrailQuery { region: text("Frankfurt"), ..TrailQuery::default() }), "region");
        assert_eq!(refused(&TrailQuery { region: text("eu-west-1,moon"), ..TrailQuery::default() }), "region");
        assert_eq!(refused(&TrailQuery { account: text("7"), ..TrailQuery::default() }), "account");
        assert_eq!(refused(&TrailQuery { outcome: text("failed"), ..TrailQuery::default() }), "outcome");
        assert_eq!(refused(&TrailQuery { outcome: text("done,failed"), ..TrailQuery::default() }), "outcome");
        assert_eq!(refused(&TrailQuery { name: Some("x".repeat(501)), ..TrailQuery::default() }), "name");
        let many: Vec<_> = (0..101).map(|number| format!("person{number}")).collect();
        assert_eq!(refused(&TrailQuery { actor: Some(many.join(",")), ..TrailQuery::default() }), "actor");
        let moment = |second| chrono::DateTime::from_timestamp(second, 0);
        assert_eq!(refused(&TrailQuery { from: moment(2), to: moment(1), ..TrailQuery::default() }), "to");
        let found = of(&TrailQuery { outcome: text("done"), actor: text("  "), ..TrailQuery::default() }).unwrap();
        assert_eq!(found, TrailFilter { refused: Some(false), ..TrailFilter::default() });
    }

    #[test]
    fn several_values_stand_beside_each_other_and_one_is_a_list_of_one() {
        let text = |text: &str| Some(text.to_owned());
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let one = of(&TrailQuery { account: text(id), actor: text("CORP\\ada"), ..TrailQuery::default() }).unwrap();
        assert_eq!((one.account_ids, one.actors), (vec![id.parse().unwrap()], vec!["CORP\\ada".to_owned()]));
        let several = of(&TrailQuery {
            name: text("StopWorkspaces, StartWorkspaces"),
            actor: text("last\\, first,bob"),
            region: text("eu-west-1,us-east-1"),
            outcome: text("refused,done"),
            ..TrailQuery::default()
        });
        let expected = TrailFilter {
            names: vec!["StopWorkspaces".to_owned(), "StartWorkspaces".to_owned()],
            actors: vec!["last, first".to_owned(), "bob".to_owned()],
            regions: vec!["eu-west-1".parse().unwrap(), "us-east-1".parse().unwrap()],
            ..TrailFilter::default()
        };
        assert_eq!(several.unwrap(), expected);
    }
}
