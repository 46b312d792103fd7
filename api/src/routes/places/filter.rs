//! The query string of the lists as the service takes it.

use contract::places::{PLACE_SORTS, PlaceQuery, QUOTA_SORTS, QuotaQuery, USED_FROM_MAX};
use domain::ids::{AccountId, Region};
use services::workspaces::{PlaceFilter, PlaceOrder, PlaceSort};

use crate::error::ApiError;
use crate::extract::{parsed_list, search_text, sort_by};

/// What a list of directories, bundles or images is narrowed to and its order.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn narrowed(query: &PlaceQuery) -> Result<(PlaceFilter, PlaceOrder), ApiError> {
    let filter = filter(query.account.as_deref(), query.region.as_deref(), query.q.clone())?;
    Ok((filter, order(query.sort.as_deref(), &PLACE_SORTS)?))
}

/// What the list of quotas is narrowed to and its order.
///
/// # Errors
/// As [`narrowed`].
pub(crate) fn narrowed_quotas(query: &QuotaQuery) -> Result<(PlaceFilter, PlaceOrder), ApiError> {
    let at_least = used_from(query.used_from)?;
    let filter = filter(query.account.as_deref(), query.region.as_deref(), query.q.clone())?;
    Ok((PlaceFilter { at_least, ..filter }, order(query.sort.as_deref(), &QUOTA_SORTS)?))
}

fn filter(account: Option<&str>, region: Option<&str>, q: Option<String>) -> Result<PlaceFilter, ApiError> {
    Ok(PlaceFilter {
        account_ids: parsed_list::<AccountId>("account", account, "an account id")?,
        regions: parsed_list::<Region>("region", region, "a region code such as eu-central-1")?,
        q: search_text(q)?,
        at_least: None,
    })
}

fn used_from(percent: Option<u32>) -> Result<Option<u64>, ApiError> {
    if percent.is_some_and(|percent| percent > USED_FROM_MAX) {
        return Err(ApiError::query("used_from", "out_of_range", format!("must be 0 to {USED_FROM_MAX}")));
    }
    Ok(percent.map(u64::from))
}

fn order(text: Option<&str>, sorts: &[&str; 2]) -> Result<PlaceOrder, ApiError> {
    let named = |name: &str| Some(if name == "name" { PlaceSort::Name } else { PlaceSort::Workspaces });
    let (sort, descending) = sort_by(text.unwrap_or("name"), sorts, named)?;
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
    fn quotas_are_sorted_by_what_is_used() {
        let by = |sort: &str| narrowed_quotas(&QuotaQuery { sort: some(sort), ..QuotaQuery::default() });
        assert_eq!(by("-used").unwrap().1, PlaceOrder { sort: PlaceSort::Workspaces, descending: true });
        let of_others = narrowed(&PlaceQuery { sort: some("used"), ..PlaceQuery::default() });
        assert!(by("workspaces").is_err() && of_others.is_err());
    }

    #[test]
    fn quotas_are_narrowed_to_a_share() {
        let from = |used_from| narrowed_quotas(&QuotaQuery { used_from, q: some("desk"), ..QuotaQuery::default() });
        let least = |used_from| from(used_from).unwrap().0.at_least;
        assert_eq!([None, Some(0), Some(80), Some(1_000)].map(least), [None, Some(0), Some(80), Some(1_000)]);
        assert_eq!(from(Some(80)).unwrap().0.q.as_deref(), Some("desk"));
        assert_eq!(from(Some(1_001)).unwrap_err().errors()[0].field, "used_from");
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
