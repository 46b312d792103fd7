//! The query string of the two lists as the service takes it.

use contract::places::{PLACE_SORTS, PlaceQuery};
use domain::ids::{AccountId, Region};
use services::workspaces::{PlaceFilter, PlaceOrder, PlaceSort};

use crate::error::ApiError;
use crate::extract::{parsed_list, search_text, sort_by};

/// What a list is narrowed to and its order.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn narrowed(query: &PlaceQuery) -> Result<(PlaceFilter, PlaceOrder), ApiError> {
    let filter = PlaceFilter {
        account_ids: parsed_list::<AccountId>("account", query.account.as_deref(), "an account id")?,
        regions: parsed_list::<Region>("region", query.region.as_deref(), "a region code such as eu-central-1")?,
        q: search_text(query.q.clone())?,
    };
    Ok((filter, order(query.sort.as_deref())?))
}

fn order(text: Option<&str>) -> Result<PlaceOrder, ApiError> {
    let named = |name: &str| Some(if name == "workspaces" { PlaceSort::Workspaces } else { PlaceSort::Name });
    let (sort, descending) = sort_by(text.unwrap_or("name"), &PLACE_SORTS, named)?;
    Ok(PlaceOrder { sort, descending })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_full_query_is_read() {
        let query = PlaceQuery {
            q: some(" corp "),
            region: some("eu-central-1, us-east-1"),
            sort: some("-workspaces"),
            ..PlaceQuery::default()
        };
        let (filter, order) = narrowed(&query).unwrap();
        assert_eq!((filter.q.as_deref(), filter.regions.len(), filter.account_ids.len()), (Some("corp"), 2, 0));
        assert_eq!(order, PlaceOrder { sort: PlaceSort::Workspaces, descending: true });
        assert_eq!(narrowed(&PlaceQuery::default()).unwrap().1, PlaceOrder::default());
    }

    #[test]
    fn what_can_t_be_is_refused_by_name() {
        let refused = |query: PlaceQuery| narrowed(&query).unwrap_err().errors()[0].field.clone();
        assert_eq!(refused(PlaceQuery { sort: some("price"), ..PlaceQuery::default() }), "sort");
        assert_eq!(refused(PlaceQuery { sort: some("--name"), ..PlaceQuery::default() }), "sort");
        assert_eq!(refused(PlaceQuery { account: some("7"), ..PlaceQuery::default() }), "account");
        assert_eq!(refused(PlaceQuery { region: some("moon"), ..PlaceQuery::default() }), "region");
        assert_eq!(refused(PlaceQuery { q: Some("x".repeat(201)), ..PlaceQuery::default() }), "q");
    }
}
