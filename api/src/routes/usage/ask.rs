//! What every query has, as the service takes it.

use chrono::NaiveDate;
use contract::usage::{DAY_GROUPS, GROUPS, TAG_GROUP};
use contract::workspaces::WorkspaceQuery;
use domain::ids::TeamId;
use services::usage::{UsageDayGroup, UsageGroup, UsageQuestion, WorkspaceGroup, Zone};
use services::workspaces::WorkspaceFilter;

use super::period;
use crate::error::ApiError;
use crate::extract::parsed_list;
use crate::routes::workspaces::filter::list_request;
use crate::state::AppState;

/// What usage is told apart by when nothing is said.
pub(super) const USUAL: &str = "bundle";
/// Most characters of a tag's key.
const LONGEST: usize = 200;

/// The question of a query.
///
/// # Errors
/// 400 `invalid_query` with the parameter.
pub(crate) fn question(
    state: &AppState,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    team: Option<&str>,
    filters: WorkspaceQuery,
) -> Result<UsageQuestion, ApiError> {
    let (from, to) = period::of(from, to, state.context().env.now())?;
    let filter = WorkspaceFilter { teams: teams(team)?, ..list_request(filters)?.filter };
    Ok(UsageQuestion { filter, from, to })
}

/// Whose desktops: of the people in these teams. Whether who asks may know them is for the service.
///
/// # Errors
/// 400 `invalid_query` unless they are ids.
pub(crate) fn teams(text: Option<&str>) -> Result<Vec<TeamId>, ApiError> {
    parsed_list("team", text, "a team's id")
}

/// The time zone of the hours; UTC when nothing is said.
///
/// # Errors
/// 400 `invalid_query` unless it is a name of the time zone database.
pub(super) fn zone(name: Option<&str>) -> Result<Zone, ApiError> {
    let words = "is not a time zone such as Europe/Berlin or UTC";
    name.map_or(Ok(Zone::UTC), str::parse).map_err(|_| ApiError::query("zone", "unknown_value", words))
}

/// What usage is told apart by; bundles when nothing is said.
///
/// # Errors
/// 400 `invalid_query` that names the choices.
pub(crate) fn group(by: Option<&str>) -> Result<UsageGroup, ApiError> {
    told("by", by.unwrap_or(USUAL), GROUPS)
}

/// What each day of usage is told apart by, as a parameter of that name says; bundles when nothing is said.
///
/// # Errors
/// 400 `invalid_query` that names the choices.
pub(crate) fn day_group(parameter: &str, by: Option<&str>) -> Result<UsageDayGroup, ApiError> {
    let by = by.unwrap_or(USUAL);
    match told(parameter, by, DAY_GROUPS)? {
        UsageGroup::Of(group) => Ok(UsageDayGroup::Of(group)),
        UsageGroup::Team => Ok(UsageDayGroup::Team),
        UsageGroup::Day | UsageGroup::Month => Err(unknown(parameter, by, DAY_GROUPS)),
    }
}

/// One of these ways to tell apart, or by a tag.
fn told(parameter: &str, by: &str, names: &[&str]) -> Result<UsageGroup, ApiError> {
    if let Some(key) = by.strip_prefix(TAG_GROUP) {
        if key.is_empty() || key.chars().count() > LONGEST {
            let message = format!("write a tag's key of 1 to {LONGEST} characters");
            return Err(ApiError::query(parameter, "invalid", message));
        }
        return Ok(UsageGroup::Of(WorkspaceGroup::Tag(key.to_owned())));
    }
    let group = match by {
        _ if !names.contains(&by) => return Err(unknown(parameter, by, names)),
        "account" => WorkspaceGroup::Account,
        "region" => WorkspaceGroup::Region,
        "directory" => WorkspaceGroup::Directory,
        "bundle" => WorkspaceGroup::Bundle,
        "running_mode" => WorkspaceGroup::RunningMode,
        "compute_type" => WorkspaceGroup::ComputeType,
        "state" => WorkspaceGroup::State,
        "team" => return Ok(UsageGroup::Team),
        _ => return Err(unknown(parameter, by, names)),
    };
    Ok(UsageGroup::Of(group))
}

fn unknown(parameter: &str, by: &str, names: &[&str]) -> ApiError {
    let message = format!("{by:?} is not one of: {}, {TAG_GROUP}KEY", names.join(", "));
    ApiError::query(parameter, "unknown_value", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_names() {
        assert_eq!(zone(None).unwrap(), Zone::UTC);
        assert_eq!(zone(Some("Asia/Kolkata")).unwrap().name(), "Asia/Kolkata");
        for wrong in ["", "Berlin", "Europe/Atlantis", "+01:00"] {
            assert_eq!(zone(Some(wrong)).unwrap_err().errors()[0].field, "zone", "{wrong}");
        }
    }

    #[test]
    fn teams_are_ids() {
        let id = "00000000-0000-0000-0000-000000000007";
        assert_eq!(teams(Some(id)).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(), [id]);
        assert!(teams(None).unwrap().is_empty());
        for wrong in ["Night", "7"] {
            assert_eq!(teams(Some(wrong)).unwrap_err().errors()[0].field, "team", "{wrong}");
        }
    }

    #[test]
    fn every_group_of_the_contract_is_known() {
        for name in GROUPS {
            assert!(group(Some(name)).is_ok(), "{name}");
        }
        assert_eq!(group(Some("tag:Team")).unwrap(), UsageGroup::Of(WorkspaceGroup::Tag("Team".into())));
        for name in DAY_GROUPS.iter().chain(&["tag:Team"]) {
            let of: UsageGroup = day_group("by", Some(name)).unwrap().into();
            assert_eq!(of, group(Some(name)).unwrap(), "{name}");
        }
        assert_eq!(day_group("by", None).unwrap(), UsageDayGroup::Of(WorkspaceGroup::Bundle));
        for wrong in ["", "state", "tag", "tag:", "day", "Team"] {
            assert_eq!(day_group("split", Some(wrong)).unwrap_err().errors()[0].field, "split", "{wrong}");
        }
        for wrong in ["", "user", "tag", "tag:", "day", "Bundle"] {
            assert_eq!(group(Some(wrong)).unwrap_err().errors()[0].field, "by", "{wrong}");
        }
    }
}
