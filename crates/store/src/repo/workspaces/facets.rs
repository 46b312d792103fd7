//! The fleet in numbers: how many WorkSpaces there are of each kind. One statement that reads an index; the rest is added up
//! here. Not labels: those belong to whoever shows them.

use std::collections::BTreeMap;

use domain::access::Scope;
use domain::ids::{AccountId, BundleId, DirectoryId};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;

use super::query::{WorkspaceFilter, conditions};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::sql::Sql;

/// A value and how many WorkSpaces have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet<T> {
    /// The value.
    pub value: T,
    /// How many have it.
    pub count: u64,
}

/// How many WorkSpaces there are of each kind, the most frequent first. An absent value is not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceFacets {
    /// All of them.
    pub total: u64,
    /// By state.
    pub states: Vec<Facet<String>>,
    /// By running mode.
    pub running_modes: Vec<Facet<String>>,
    /// By compute type.
    pub compute_types: Vec<Facet<String>>,
    /// By region.
    pub regions: Vec<Facet<String>>,
    /// By connection state.
    pub connections: Vec<Facet<String>>,
    /// By directory.
    pub directories: Vec<Facet<DirectoryId>>,
    /// By bundle.
    pub bundles: Vec<Facet<BundleId>>,
    /// By account.
    pub accounts: Vec<Facet<AccountId>>,
}

/// What they are told apart by: the columns of `ix_workspace_counts`.
const COLUMNS: &str = "w.account_id, w.region, w.state, w.running_mode, w.compute_type, w.connection_state, \
                       w.directory_id, w.bundle_id";

#[derive(FromQueryResult)]
struct Row {
    account_id: Uuid,
    region: String,
    state: String,
    running_mode: Option<String>,
    compute_type: Option<String>,
    connection_state: Option<String>,
    directory_id: Uuid,
    bundle_id: Uuid,
    n: i64,
}

/// Counts what the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_facets(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
) -> Result<WorkspaceFacets, StoreError> {
    let mut facets = WorkspaceFacets::default();
    let (mut states, mut modes, mut computes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut regions, mut connections) = (BTreeMap::new(), BTreeMap::new());
    let (mut directories, mut bundles, mut accounts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for row in facets_sql(conn.get_database_backend(), scope, filter).all_as::<Row>(conn).await? {
        let n = u64::try_from(row.n).unwrap_or(0);
        facets.total += n;
        add(&mut states, Some(row.state), n);
        add(&mut modes, row.running_mode, n);
        add(&mut computes, row.compute_type, n);
        add(&mut regions, Some(row.region), n);
        add(&mut connections, row.connection_state, n);
        add(&mut directories, Some(DirectoryId(row.directory_id)), n);
        add(&mut bundles, Some(BundleId(row.bundle_id)), n);
        add(&mut accounts, Some(AccountId(row.account_id)), n);
    }
    facets.states = listed(states);
    facets.running_modes = listed(modes);
    facets.compute_types = listed(computes);
    facets.regions = listed(regions);
    facets.connections = listed(connections);
    facets.directories = listed(directories);
    facets.bundles = listed(bundles);
    facets.accounts = listed(accounts);
    Ok(facets)
}

/// The statement of [`workspace_facets`].
pub(crate) fn facets_sql(backend: DbBackend, scope: &Scope, filter: &WorkspaceFilter) -> Sql {
    let sql = Sql::of(backend).text(&format!("SELECT {COLUMNS}, count(*) AS n FROM workspace w"));
    conditions(sql, Purpose::All, scope, filter).text(" GROUP BY ").text(COLUMNS)
}

fn add<T: Ord>(counts: &mut BTreeMap<T, u64>, value: Option<T>, n: u64) {
    if let Some(value) = value {
        *counts.entry(value).or_default() += n;
    }
}

fn listed<T>(counts: BTreeMap<T, u64>) -> Vec<Facet<T>> {
    let mut facets: Vec<_> = counts.into_iter().map(|(value, count)| Facet { value, count }).collect();
    facets.sort_by_key(|facet| std::cmp::Reverse(facet.count));
    facets
}
