//! The query string of the lists as the service takes it.

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
    narrowed_by(query, &PLACE_SORTS)
}

/// [`narrowed`] of a list with sorts of its own: the name, and then how much there is.
///
/// # Errors
/// As [`narrowed`].
pub(crate) fn narrowed_by(query: &PlaceQuery, sorts: &[&str; 2]) -> Result<(PlaceFilter, PlaceOrder), ApiError> {
    let filter = PlaceFilter {
        account_ids: parsed_list::<AccountId>("account", query.account.as_deref(), "an account id")?,
        regions: parsed_list::<Region>("region", query.region.as_deref(), "a region code such as eu-central-1")?,
        q: search_text(query.q.clone())?,
    };
    Ok((filter, order(query.sort.as_deref(), sorts)?))
}

fn order(text: Option<&str>, sorts: &[&str; 2]) -> Result<PlaceOrder, ApiError> {
    let named = |name: &str| Some(if name == "name" { PlaceSort::Name } else { PlaceSort::Workspaces });
    let (sort, descending) = sort_by(text.unwrap_or("name"), sorts, named)?;
    Ok(PlaceOrder { sort, descending })
}

#[cfg(test)]
mod tests {
    use contract::places::QUOTA_SORTS;

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
    fn quotas_are_sorted_by_what_is_used() {
        let by = |sort: &str| PlaceQuery { sort: some(sort), ..PlaceQuery::default() };
        let order = narrowed_by(&by("-used"), &QUOTA_SORTS).unwrap().1;
        assert_eq!(order, PlaceOrder { sort: PlaceSort::Workspaces, descending: true });
        assert!(narrowed_by(&by("workspaces"), &QUOTA_SORTS).is_err() && narrowed(&by("used")).is_err());
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
