//! AWS's events on the wire.

use std::collections::HashMap;

use contract::data_sets::DataSetGapView;
use contract::trail::{
    TrailCoverageView, TrailEventDetailView, TrailEventView, TrailFacetValue, TrailFacetsView, TrailPlaceView,
    TrailWorkspaceView,
};
use serde_json::Value;
use services::trail::{
    EventNames, FACET_WINDOW, NamedFacets, PlaceCoverage, TrailCoverage, TrailEventRecord, TrailFilter, TrailValue,
};

/// Most values of a facet that are shown beside those that are chosen.
const MOST_VALUES: usize = 50;

/// A row of the list.
pub(super) fn event(record: TrailEventRecord, names: &EventNames) -> TrailEventView {
    let about = record.workspaces.iter().map(|id| {
        let (aws_id, user_name) = names.workspaces.get(id).cloned().unzip();
        TrailWorkspaceView { id: *id, aws_id, user_name }
    });
    TrailEventView {
        id: record.id,
        at: record.at,
        name: record.name,
        source: record.source,
        read_only: record.read_only,
        actor: Some(record.actor).filter(|actor| !actor.is_empty()),
        address: record.source_ip,
        error_code: record.error_code,
        error_message: record.error_message,
        account: names.accounts.get(&record.account_id).cloned(),
        account_id: record.account_id,
        region: record.region,
        workspaces: about.collect(),
    }
}

/// An event with AWS's record of it.
pub(super) fn detail(found: TrailEventRecord, record: Value, names: &EventNames) -> TrailEventDetailView {
    let part = |name: &str| record.get(name).filter(|part| !part.is_null()).cloned();
    TrailEventDetailView {
        event_id: found.event_id.clone(),
        actor_arn: found.actor_arn.clone(),
        user_agent: found.user_agent.clone(),
        parameters: part("requestParameters"),
        answer: part("responseElements"),
        event: event(found, names),
        record,
    }
}

/// The values to filter by, beside what is chosen of them.
pub(super) fn facets(found: NamedFacets, filter: &TrailFilter) -> TrailFacetsView {
    let NamedFacets { facets, accounts } = found;
    let plain = HashMap::new();
    TrailFacetsView {
        looked_at: facets.looked_at,
        whole: facets.looked_at < u64::from(FACET_WINDOW),
        // An event without a name for its actor can't be asked for by it.
        actor: values(facets.actors.into_iter().filter(|one| !one.value.is_empty()), &plain, &filter.actors),
        name: values(facets.names.into_iter(), &plain, &filter.names),
        account: values(facets.accounts.into_iter(), &accounts, &filter.account_ids),
        region: values(facets.regions.into_iter(), &plain, &filter.regions),
        outcome: values(facets.outcomes.into_iter(), &plain, &Vec::<String>::new()),
    }
}

fn values(
    found: impl Iterator<Item = TrailValue>,
    labels: &HashMap<String, String>,
    chosen: &[impl ToString],
) -> Vec<TrailFacetValue> {
    let chosen: Vec<_> = chosen.iter().map(ToString::to_string).collect();
    let value = |TrailValue { value, count }| {
        let label = labels.get(&value).cloned().unwrap_or_else(|| value.clone());
        TrailFacetValue { value, label, count }
    };
    let shown = found.enumerate().filter(|(at, one)| *at < MOST_VALUES || chosen.contains(&one.value));
    shown.map(|(_, one)| value(one)).collect()
}

/// How far events are known.
pub(super) fn coverage(known: TrailCoverage, places: Vec<PlaceCoverage>) -> TrailCoverageView {
    let TrailCoverage { unread, from, to, .. } = known;
    TrailCoverageView { from, to, unread, places: places.into_iter().map(place).collect() }
}

/// How far the events of a place are known.
pub(crate) fn place(PlaceCoverage { account, set }: PlaceCoverage) -> TrailPlaceView {
    let gaps = set.gaps.into_iter().map(|gap| DataSetGapView { from: gap.from, to: gap.to, reason: gap.reason });
    TrailPlaceView {
        account_id: set.account_id,
        account,
        region: set.region,
        status: set.status.as_str().to_owned(),
        from: set.covered_from,
        to: set.covered_to,
        gaps: gaps.collect(),
        error: set.last_error,
        missing_permission: set.missing_permission,
    }
}
