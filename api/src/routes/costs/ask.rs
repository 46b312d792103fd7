//! The query strings as the services take them.

use chrono::{Datelike as _, NaiveDate};
use contract::costs::WorkspaceCostQuery;
use domain::ids::AccountId;
use domain::usage::Month;
use services::cost::{CostBy, CostQuestion, ReckonedAs};

use crate::error::ApiError;
use crate::extract::{closed_value, parsed_list, text_list};

/// Most characters of a region.
const LONGEST: usize = 128;

/// Of which accounts and regions.
///
/// # Errors
/// 400 `invalid_query`.
pub(crate) fn place(account: Option<&str>, region: Option<&str>) -> Result<CostQuestion, ApiError> {
    let regions = text_list("region", region)?;
    if let Some(long) = regions.iter().find(|region| region.chars().count() > LONGEST) {
        return Err(ApiError::query("region", "too_long", format!("{long:?} is longer than {LONGEST} characters")));
    }
    let accounts = parsed_list::<AccountId>("account", account, "an account id")?;
    Ok(CostQuestion { accounts, regions, ..CostQuestion::default() })
}

/// The same, of some days.
///
/// # Errors
/// As [`place`].
pub(crate) fn days(asked: CostQuestion, (from, to): (NaiveDate, NaiveDate)) -> CostQuestion {
    CostQuestion { from, to, ..asked }
}

/// What they are told apart by, with its name.
///
/// # Errors
/// 400 `invalid_query` that names the choices.
pub(crate) fn by(text: Option<&str>) -> Result<(CostBy, String), ApiError> {
    let text = text.unwrap_or("usage_type");
    let by = text.parse::<CostBy>().map_err(|error| ApiError::query("by", "unknown_value", error.to_string()))?;
    Ok((by, text.to_owned()))
}

/// A month that can be looked at: of this century, and not behind `latest`.
///
/// # Errors
/// 400 `invalid_query`.
pub(crate) fn month(asked: Option<Month>, otherwise: Month, latest: Month) -> Result<Month, ApiError> {
    let month = asked.unwrap_or(otherwise);
    if month.first_day().year() < 2000 || month > latest {
        let message = format!("must be a month from 2000-01 to {latest}, the running one");
        return Err(ApiError::query("month", "out_of_range", message));
    }
    Ok(month)
}

/// How the comparison counts those WorkSpaces that alone are asked for. It is of one account, gone or not, in an order of its own.
///
/// # Errors
/// 400 `invalid_query`.
pub(crate) fn counted(query: &WorkspaceCostQuery) -> Result<Option<ReckonedAs>, ApiError> {
    let counted = closed_value("reckoned", query.reckoned.as_deref(), ReckonedAs::ALL)?;
    if counted.is_none() {
        return Ok(None);
    }
    let accounts = parsed_list::<AccountId>("account", query.account.as_deref(), "an account id")?;
    if accounts.len() != 1 {
        return Err(ApiError::query("account", "missing", "name one account: `reckoned` is of its comparison"));
    }
    for (parameter, given) in [("sort", query.sort.is_some()), ("gone", query.gone.is_some())] {
        if given {
            return Err(ApiError::query(parameter, "unexpected", "does not go with `reckoned`"));
        }
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use contract::costs::GROUPS;

    use super::*;

    #[test]
    fn groups_are_those_of_the_contract() {
        for name in GROUPS {
            assert!(by(Some(name)).is_ok(), "{name}");
        }
        assert_eq!(by(None).unwrap(), (CostBy::UsageType, "usage_type".to_owned()));
        assert_eq!(by(Some("tag:Cost Center")).unwrap().0, CostBy::Tag("Cost Center".to_owned()));
        for wrong in ["", "day", "tag:", "Tag:x"] {
            assert_eq!(by(Some(wrong)).unwrap_err().errors()[0].field, "by", "{wrong}");
        }
    }

    #[test]
    fn months_ahead_are_refused_by_name() {
        let at = |text: &str| text.parse::<Month>().unwrap();
        let running = at("2026-05");
        assert_eq!(month(None, at("2026-04"), running).unwrap(), at("2026-04"));
        assert_eq!(month(Some(running), running, running).unwrap(), running);
        for wrong in ["2026-06", "1999-12", "9999-12"] {
            assert_eq!(month(Some(at(wrong)), running, running).unwrap_err().errors()[0].field, "month");
        }
    }

    #[test]
    fn what_is_counted_is_of_one_account_in_its_own_order() {
        let names: Vec<_> = ReckonedAs::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names, contract::costs::RECKONED);
        let some = |text: &str| Some(text.to_owned());
        let one = WorkspaceCostQuery {
            reckoned: some("hours_unknown"),
            account: some("00000000-0000-0000-0000-000000000007"),
            ..WorkspaceCostQuery::default()
        };
        assert_eq!(counted(&one).unwrap(), Some(ReckonedAs::HoursUnknown));
        assert_eq!(counted(&WorkspaceCostQuery { gone: Some(true), ..WorkspaceCostQuery::default() }).unwrap(), None);
        let refused = |query: WorkspaceCostQuery| counted(&query).unwrap_err().errors()[0].field.clone();
        assert_eq!(refused(WorkspaceCostQuery { reckoned: some("shoe"), ..one.clone() }), "reckoned");
        assert_eq!(refused(WorkspaceCostQuery { account: None, ..one.clone() }), "account");
        assert_eq!(refused(WorkspaceCostQuery { sort: some("state"), ..one.clone() }), "sort");
        assert_eq!(refused(WorkspaceCostQuery { gone: Some(false), ..one }), "gone");
    }

    #[test]
    fn places_are_lists() {
        assert_eq!(place(None, Some("eu-central-1, NoRegion")).unwrap().regions, ["eu-central-1", "NoRegion"]);
        assert_eq!(place(Some("7"), None).unwrap_err().errors()[0].field, "account");
    }
}
