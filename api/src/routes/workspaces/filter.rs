//! The query string of the list as the service takes it.

use contract::workspaces::{MAX_OFFSET, SORTS, WorkspaceQuery};
use domain::ids::{AccountId, Region};
use services::workspaces::{SortDirection, WorkspaceFilter, WorkspaceListRequest, WorkspaceSort};

use crate::error::ApiError;
use crate::extract::{limit, parsed_list, sort_by, text_list};

/// Most characters of a search text or a tag.
const LONGEST: usize = 400;

/// The request that the query string makes.
///
/// # Errors
/// 400 `invalid_query` with the parameter and, for `sort`, the choices.
pub(crate) fn list_request(query: WorkspaceQuery) -> Result<WorkspaceListRequest, ApiError> {
    let (sort, direction) = sort(query.sort.as_deref())?;
    let filter = WorkspaceFilter {
        accounts: parsed_list::<AccountId>("account", query.account.as_deref(), "an account id")?,
        regions: parsed_list::<Region>("region", query.region.as_deref(), "a region code such as eu-central-1")?,
        directories: text_list("directory", query.directory.as_deref())?,
        bundles: text_list("bundle", query.bundle.as_deref())?,
        // AWS may add values at any time: one that we don't know matches what has it, which may be nothing.
        states: open_list("state", query.state.as_deref())?,
        running_modes: open_list("running_mode", query.running_mode.as_deref())?,
        compute_types: open_list("compute_type", query.compute_type.as_deref())?,
        connections: open_list("connection", query.connection.as_deref())?,
        tag: query.tag.as_deref().map(tag).transpose()?,
        gone: query.gone.unwrap_or(false),
        q: query.q.map(|q| short("q", q)).transpose()?.filter(|q| !q.trim().is_empty()),
        ..WorkspaceFilter::default()
    };
    let (limit, offset) = (limit(query.limit)?, offset(query.offset, query.cursor.as_deref())?);
    Ok(WorkspaceListRequest { filter, sort, direction, limit, cursor: query.cursor, offset })
}

fn offset(rows: Option<u32>, cursor: Option<&str>) -> Result<u32, ApiError> {
    let refused = |code, message: String| Err(ApiError::query("offset", code, message));
    match rows {
        Some(_) if cursor.is_some() => {
            refused("unexpected", "says where the page begins, as `cursor` does: give one of them".to_owned())
        }
        Some(rows) if rows > MAX_OFFSET => refused("out_of_range", format!("must be from 0 to {MAX_OFFSET}")),
        rows => Ok(rows.unwrap_or(0)),
    }
}

fn open_list<T: From<String>>(parameter: &str, text: Option<&str>) -> Result<Vec<T>, ApiError> {
    Ok(text_list(parameter, text)?.into_iter().map(T::from).collect())
}

fn sort(text: Option<&str>) -> Result<(WorkspaceSort, SortDirection), ApiError> {
    let Some(text) = text else { return Ok((WorkspaceSort::default(), SortDirection::Ascending)) };
    let (sort, descending) = sort_by(text, SORTS, WorkspaceSort::from_name)?;
    Ok((sort, if descending { SortDirection::Descending } else { SortDirection::Ascending }))
}

fn tag(text: &str) -> Result<(String, Option<String>), ApiError> {
    let text = short("tag", text.to_owned())?;
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (text.as_str(), None),
    };
    if key.is_empty() {
        return Err(ApiError::query("tag", "invalid", "write it as Key or Key=Value"));
    }
    Ok((key.to_owned(), value))
}

fn short(parameter: &str, text: String) -> Result<String, ApiError> {
    if text.chars().count() > LONGEST {
        return Err(ApiError::query(parameter, "too_long", format!("has at most {LONGEST} characters")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use domain::workspace::{RunningMode, WorkspaceState};

    use super::*;

    #[test]
    fn a_full_query_becomes_a_request() {
        let request = list_request(WorkspaceQuery {
            q: Some("ada berlin".into()),
            region: Some("eu-central-1, us-east-1".into()),
            state: Some("STOPPED,HIBERNATING".into()),
            running_mode: Some("AUTO_STOP".into()),
            tag: Some("team=core=1".into()),
            gone: Some(true),
            sort: Some("-last_connected_at".into()),
            limit: Some(7),
            offset: Some(40),
            ..WorkspaceQuery::default()
        })
        .unwrap();
        assert_eq!(request.filter.regions.len(), 2);
        let hibernating = WorkspaceState::Other("HIBERNATING".into());
        assert_eq!(request.filter.states, [WorkspaceState::Stopped, hibernating]);
        assert_eq!(request.filter.running_modes, [RunningMode::AutoStop]);
        assert_eq!(request.filter.tag, Some(("team".into(), Some("core=1".into()))));
        assert_eq!((request.sort, request.direction), (WorkspaceSort::LastConnectedAt, SortDirection::Descending));
        assert_eq!((request.limit, request.offset, request.filter.gone), (7, 40, true));
    }

    #[test]
    fn every_sort_of_the_contract_is_known() {
        for name in SORTS {
            let query = WorkspaceQuery { sort: Some((*name).into()), ..WorkspaceQuery::default() };
            assert_eq!(list_request(query).unwrap().sort.as_str(), *name);
        }
    }

    #[test]
    fn what_can_t_be_is_refused_by_name() {
        let refused = |query: WorkspaceQuery| list_request(query).unwrap_err().errors()[0].field.clone();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(refused(WorkspaceQuery { sort: some("price"), ..Default::default() }), "sort");
        assert_eq!(refused(WorkspaceQuery { sort: some("--state"), ..Default::default() }), "sort");
        assert_eq!(refused(WorkspaceQuery { region: some("moon"), ..Default::default() }), "region");
        assert_eq!(refused(WorkspaceQuery { account: some("7"), ..Default::default() }), "account");
        assert_eq!(refused(WorkspaceQuery { tag: some("=x"), ..Default::default() }), "tag");
        assert_eq!(refused(WorkspaceQuery { limit: Some(0), ..Default::default() }), "limit");
        assert_eq!(refused(WorkspaceQuery { q: Some("x".repeat(401)), ..Default::default() }), "q");
        assert_eq!(refused(WorkspaceQuery { cursor: some("c"), offset: Some(0), ..Default::default() }), "offset");
        assert_eq!(refused(WorkspaceQuery { offset: Some(MAX_OFFSET + 1), ..Default::default() }), "offset");
    }
}
