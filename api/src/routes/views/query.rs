//! The query of a view: what the address of its page takes, checked by the very code that reads the page's lists. A view is no
//! place in a list, so that it has no `cursor`, and no number of a page or a row.
//! To add a page: an arm in [`check`]; to add a parameter that only the portal reads: its name there.

use chrono::{DateTime, Utc};
use contract::activity::ActivityQuery;
use contract::audit::AuditQuery;
use contract::costs::{CostDaysQuery, ESTIMATE_GROUPS, WorkspaceCostQuery};
use contract::jobs::JobQuery;
use contract::problem::code;
use contract::trail::TrailQuery;
use contract::usage::{MEASURES, ORDERS, UsageSummaryQuery};
use contract::workspaces::COLUMNS;
use domain::ids::AccountId;
use domain::jobs::JobState;
use domain::usage::{Comparison, Month};
use domain::views::ViewPage;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::extract::{closed_list, closed_value, limit, parse_query, text_list};
use crate::routes::{activity, audit, costs, trail, usage, workspaces};

type Pair = (String, String);

/// The query as it is kept: without what says nothing, in the order in which it came.
///
/// # Errors
/// 422 `invalid_body` that names the parameter, such as `query.state`.
pub(super) fn checked(page: ViewPage, query: &str, now: DateTime<Utc>) -> Result<String, ApiError> {
    let pairs = pairs(query).map_err(|error| of_body(&error))?;
    check(page, &pairs, now).map_err(|error| of_body(&error))?;
    Ok(written(&pairs))
}

/// What the text says.
fn pairs(query: &str) -> Result<Vec<Pair>, ApiError> {
    let mut pairs: Vec<Pair> = parse_query(query.trim_start_matches('?'))?;
    pairs.retain(|(_, value)| !value.trim().is_empty());
    for (at, (name, _)) in pairs.iter().enumerate() {
        if ["cursor", "offset", "page", "row"].contains(&name.as_str()) {
            return Err(ApiError::query(name, "unexpected", "is a place in the list, which a view does not keep"));
        }
        if pairs[..at].iter().any(|(other, _)| other == name) {
            return Err(ApiError::query(name, "duplicate", "must be there once"));
        }
    }
    Ok(pairs)
}

fn written(pairs: &[Pair]) -> String {
    // Texts always serialise.
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// What reads a page's query says of these parameters.
fn read<Q: DeserializeOwned>(pairs: &[Pair]) -> Result<Q, ApiError> {
    parse_query(&written(pairs))
}

/// The parameters that only the portal reads, and the others.
fn apart<const N: usize>(pairs: &[Pair], names: [&str; N]) -> ([Option<String>; N], Vec<Pair>) {
    let value = |name| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    let rest = pairs.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect();
    (names.map(value), rest)
}

fn check(page: ViewPage, pairs: &[Pair], now: DateTime<Utc>) -> Result<(), ApiError> {
    match page {
        ViewPage::Workspaces => {
            let ([columns], rest) = apart(pairs, ["columns"]);
            closed_list("columns", columns.as_deref(), COLUMNS)?;
            workspaces::filter::list_request(read(&rest)?)?;
        }
        ViewPage::Audit => {
            let query: AuditQuery = read(pairs)?;
            limit(query.limit)?;
            audit::filter::of(&query)?;
        }
        ViewPage::Trail => {
            let query: TrailQuery = read(pairs)?;
            limit(query.limit)?;
            trail::filter::of(&query)?;
        }
        ViewPage::Activity => {
            let query: ActivityQuery = read(pairs)?;
            limit(query.limit)?;
            if query.count.is_some() {
                return Err(ApiError::query(
                    "count",
                    "unexpected",
                    "says how much is told, which a view does not keep",
                ));
            }
            activity::filter::of(&query)?;
        }
        ViewPage::Jobs => {
            let query: JobQuery = read(pairs)?;
            limit(query.limit)?;
            text_list("kind", query.kind.as_deref())?;
            closed_list("state", query.state.as_deref(), JobState::ALL)?;
        }
        ViewPage::Usage => {
            let ([compare, by, order, measure, split], rest) =
                apart(pairs, ["compare", "by", "order", "measure", "split"]);
            closed_value("compare", compare.as_deref(), Comparison::ALL)?;
            closed_value("order", order.as_deref(), ORDERS)?;
            closed_value("measure", measure.as_deref(), MEASURES)?;
            usage::ask::day_group("split", split.as_deref())?;
            usage::ask::group(by.as_deref())?;
            let query: UsageSummaryQuery = read(&rest)?;
            usage::period::of(query.from, query.to, now)?;
            usage::ask::teams(query.team.as_deref())?;
            workspaces::filter::list_request(query.workspaces())?;
        }
        ViewPage::Costs => {
            let ([month, estimate, reckoned, compared], rest) =
                apart(pairs, ["month", "estimate", "reckoned", "compared"]);
            let month = month.map(|text| text.parse::<Month>()).transpose();
            let month = month.map_err(|error| ApiError::query("month", "invalid", error.to_string()))?;
            let running = Month::of(now);
            costs::ask::month(month, running, running)?;
            closed_value("estimate", estimate.as_deref(), ESTIMATE_GROUPS)?;
            let query: CostDaysQuery = read(&rest)?;
            usage::period::of(query.from, query.to, now)?;
            costs::ask::place(query.account.as_deref(), query.region.as_deref())?;
            costs::ask::by(query.by.as_deref())?;
            let compared = compared.map(|text| text.parse::<AccountId>()).transpose();
            let compared = compared.map_err(|error| ApiError::query("compared", "invalid", error.to_string()))?;
            if compared.is_some() && query.account.is_some() {
                return Err(ApiError::query("compared", "unexpected", "does not go with `account`, which is compared"));
            }
            // Of WorkSpaces too, whose regions are codes.
            let place =
                WorkspaceCostQuery { account: query.account, region: query.region, ..WorkspaceCostQuery::default() };
            costs::ask::counted(&WorkspaceCostQuery { reckoned, ..place.clone() })?;
            workspaces::filter::list_request(place.workspaces())?;
        }
    }
    Ok(())
}

/// An error about the query of a page as one about the field `query`.
fn of_body(error: &ApiError) -> ApiError {
    let problem = ApiError::new(code::INVALID_BODY, "The page does not take this query; `errors` names what is wrong.");
    error
        .errors()
        .iter()
        .fold(problem, |problem, one| problem.field(&format!("query.{}", one.field), &one.code, one.message.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000007";

    fn of(page: ViewPage, query: &str) -> Result<String, (String, String)> {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        checked(page, query, now).map_err(|error| {
            assert_eq!(error.code(), code::INVALID_BODY);
            (error.errors()[0].field.clone(), error.errors()[0].code.clone())
        })
    }

    #[test]
    fn what_each_page_takes_is_kept_as_it_came() {
        for (page, query) in [
            (
                ViewPage::Workspaces,
                "q=ana+%26+co&state=STOPPED%2CERROR&gone=true&sort=-state_since&limit=100&columns=state%2Cbundle",
            ),
            (ViewPage::Audit, "outcome=refused&action=user.change&from=2026-11-01T00%3A00%3A00Z&limit=25"),
            (ViewPage::Trail, "actor=ada&changes=true&outcome=done"),
            (ViewPage::Trail, "name=StopWorkspaces%2CStartWorkspaces&actor=ada%2Cbob&outcome=done%2Crefused"),
            (ViewPage::Activity, &format!("workspace={ID}&from=2026-11-01T00%3A00%3A00Z&limit=25")),
            (ViewPage::Jobs, "state=queued%2Crunning&kind=prune&limit=7"),
            (
                ViewPage::Usage,
                "from=2026-11-01&to=2026-12-01&compare=previous&by=tag%3ATeam&order=least&measure=sessions&q=ana&region=eu-west-1",
            ),
            (ViewPage::Usage, "compare=year&split=region"),
            (ViewPage::Usage, "split=team"),
            (ViewPage::Usage, "split=tag%3ACost+centre&measure=workspaces"),
            (ViewPage::Usage, &format!("by=team&team={ID}")),
            (ViewPage::Costs, &format!("from=2026-11-01&to=2026-12-01&account={ID}&by=region&month=2026-10")),
            (ViewPage::Costs, "by=region&estimate=person&month=2026-10"),
            (ViewPage::Costs, &format!("month=2026-10&compared={ID}")),
            (ViewPage::Costs, &format!("account={ID}&region=eu-west-1&month=2026-10&reckoned=uncertain")),
            (ViewPage::Workspaces, ""),
        ] {
            assert_eq!(of(page, query).as_deref(), Ok(query));
        }
        assert_eq!(of(ViewPage::Jobs, "?state=&kind=prune").as_deref(), Ok("kind=prune"));
    }

    #[test]
    fn what_a_page_does_not_take_is_named() {
        let all = ViewPage::ALL.iter().copied();
        let strangers =
            all.flat_map(|page| [(page, "shoe=9", "shoe", "unknown"), (page, "cursor=x", "cursor", "unexpected")]);
        for (page, query, field, code) in strangers.chain([
            (ViewPage::Workspaces, "page=2", "page", "unexpected"),
            (ViewPage::Workspaces, "columns=state%2Cshoe", "columns", "unknown_value"),
            (ViewPage::Workspaces, "sort=shoe", "sort", "unknown_value"),
            (ViewPage::Workspaces, "region=moon", "region", "invalid"),
            (ViewPage::Workspaces, "gone=maybe", "gone", "invalid"),
            (ViewPage::Workspaces, "state=STOPPED&state=ERROR", "state", "duplicate"),
            (ViewPage::Workspaces, "q=%00", "q", "nul"),
            (ViewPage::Audit, "outcome=odd", "outcome", "unknown_value"),
            (ViewPage::Audit, "limit=0", "limit", "out_of_range"),
            (ViewPage::Trail, "outcome=failed", "outcome", "unknown_value"),
            (ViewPage::Trail, "account=7", "account", "invalid"),
            (ViewPage::Activity, "workspace=7", "workspace", "invalid"),
            (ViewPage::Activity, "count=false", "count", "unexpected"),
            (ViewPage::Jobs, "state=asleep", "state", "unknown_value"),
            (ViewPage::Usage, "compare=all", "compare", "unknown_value"),
            (ViewPage::Usage, "order=some", "order", "unknown_value"),
            (ViewPage::Usage, "measure=shoes", "measure", "unknown_value"),
            (ViewPage::Usage, "by=shoe", "by", "unknown_value"),
            (ViewPage::Usage, "team=Night", "team", "invalid"),
            (ViewPage::Usage, "split=state", "split", "unknown_value"),
            (ViewPage::Usage, "split=tag%3A", "split", "invalid"),
            (ViewPage::Usage, "sort=state", "sort", "unknown"),
            (ViewPage::Usage, "from=2026-12-01&to=2026-11-01", "to", "out_of_range"),
            (ViewPage::Costs, "region=moon", "region", "invalid"),
            (ViewPage::Costs, "reckoned=shoe", "reckoned", "unknown_value"),
            (ViewPage::Costs, "reckoned=uncertain", "account", "missing"),
            (ViewPage::Costs, "month=2026-13", "month", "invalid"),
            (ViewPage::Costs, "by=day", "by", "unknown_value"),
            (ViewPage::Costs, "estimate=day", "estimate", "unknown_value"),
            (ViewPage::Costs, "account=7", "account", "invalid"),
            (ViewPage::Costs, "compared=7", "compared", "invalid"),
            (ViewPage::Costs, &format!("account={ID}&compared={ID}"), "compared", "unexpected"),
        ]) {
            assert_eq!(of(page, query), Err((format!("query.{field}"), code.to_owned())), "{page} {query}");
        }
    }
}
