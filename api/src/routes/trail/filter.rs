//! What a query narrows the events to.

use contract::trail::{OUTCOMES, TrailQuery};
use domain::ids::Region;
use services::trail::TrailFilter;

use crate::error::ApiError;
use crate::extract::{closed_value, in_order, search_text};

/// Most characters of a call or an actor.
const LONGEST: usize = 500;

/// The filter of a query.
pub(crate) fn of(query: &TrailQuery) -> Result<TrailFilter, ApiError> {
    in_order(query.from, query.to)?;
    let region = given("region", query.region.as_deref())?.map(|code| code.parse::<Region>()).transpose();
    let refused = closed_value("outcome", query.outcome.as_deref(), &OUTCOMES)?.map(|outcome| outcome == "refused");
    Ok(TrailFilter {
        account_id: query.account,
        region: region.map_err(|error| ApiError::query("region", "invalid", error.to_string()))?,
        workspace_id: query.workspace,
        name: given("name", query.name.as_deref())?,
        actor: given("actor", query.actor.as_deref())?,
        q: search_text(query.q.clone())?,
        from: query.from,
        to: query.to,
        refused,
        writes_only: query.changes.unwrap_or_default(),
    })
}

/// A text that is not empty.
fn given(parameter: &str, text: Option<&str>) -> Result<Option<String>, ApiError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(ApiError::query(parameter, "too_long", format!("takes at most {LONGEST} characters")));
    }
    Ok(text.map(str::to_owned))
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
        assert_eq!(refused(&TrailQuery { outcome: text("failed"), ..TrailQuery::default() }), "outcome");
        assert_eq!(refused(&TrailQuery { outcome: text(""), ..TrailQuery::default() }), "outcome");
        assert_eq!(refused(&TrailQuery { name: Some("x".repeat(501)), ..TrailQuery::default() }), "name");
        let moment = |second| chrono::DateTime::from_timestamp(second, 0);
        assert_eq!(refused(&TrailQuery { from: moment(2), to: moment(1), ..TrailQuery::default() }), "to");
        let found = of(&TrailQuery { outcome: text("done"), actor: text("  "), ..TrailQuery::default() }).unwrap();
        assert_eq!(found, TrailFilter { refused: Some(false), ..TrailFilter::default() });
    }
}
